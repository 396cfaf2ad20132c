"""Writing down how a child behaved, wording it for the family, taking it back: who may."""

from datetime import date
from uuid import UUID

from services.messaging.comments_commands import leads, school_of
from services.messaging.domain import remarks
from services.messaging.domain.remarks import Make, Remark
from shared import access
from shared.clock import Calendar
from shared.contracts import Event
from shared.contracts.messaging import KindOfRemark, RemarkMade
from shared.errors import NotFound
from shared.eventstore import Answer, Intent, Ledger
from shared.postgres import Conn
from shared.web.auth import Caller


def make(
    ledger: Ledger,
    calendar: Calendar,
    by: Caller,
    intent: Intent,
    *,
    remark_id: UUID,
    pupil_id: UUID,
    kind: KindOfRemark,
    on: date,
    group_id: UUID | None,
    shown: bool,
    text: str,
) -> Answer:
    """For who teaches the pupil or runs his school; of a lesson, for its group's teacher. Raises NotFound."""

    def decide(remark: Remark, conn: Conn) -> list[Event]:
        school, today = school_of(conn, calendar, by, pupil_id)
        if not _may_make(conn, by, pupil_id, school, today):
            raise NotFound
        if group_id is not None and not _learns(conn, pupil_id, group_id, on):
            raise NotFound("/group_id")
        command = Make(remark_id, school, pupil_id, kind, on, group_id, by.person_id, shown, text)
        return remarks.make(remark, command, today)

    return ledger.change(remark_id, Remark(), remarks.evolve, decide, intent)


def reword(ledger: Ledger, by: Caller, intent: Intent, remark_id: UUID, words: str) -> Answer:
    """For its author. Raises NotFound."""

    def decide(remark: Remark, conn: Conn) -> list[Event]:
        if remark.stands.author_id != by.person_id:
            raise NotFound
        return remarks.reword(remark, words)

    return ledger.change(remark_id, Remark(), remarks.evolve, decide, intent)


def show(ledger: Ledger, calendar: Calendar, by: Caller, intent: Intent, remark_id: UUID, words: str) -> Answer:
    """For the pupil's tutor and who runs the school. Raises NotFound."""

    def decide(remark: Remark, conn: Conn) -> list[Event]:
        made = remark.stands
        if not may_word(conn, calendar, by, made.pupil_id):
            raise NotFound
        return remarks.show(remark, words)

    return ledger.change(remark_id, Remark(), remarks.evolve, decide, intent)


def withdraw(ledger: Ledger, calendar: Calendar, by: Caller, intent: Intent, remark_id: UUID, reason: str) -> Answer:
    """For its author, the pupil's tutor and who runs the school. Raises NotFound."""

    def decide(remark: Remark, conn: Conn) -> list[Event]:
        if not _may_withdraw(conn, calendar, by, remark.stands):
            raise NotFound
        return remarks.withdraw(remark, reason)

    return ledger.change(remark_id, Remark(), remarks.evolve, decide, intent)


def _may_make(conn: Conn, by: Caller, pupil: UUID, school: UUID, today: date) -> bool:
    """Nobody writes of his own child."""
    if is_family(conn, by, pupil):
        return False
    runs = school in by.schools_as("office", "administrator")
    return runs or access.is_near(conn, by.person_id, pupil, today)


def may_word(conn: Conn, calendar: Calendar, by: Caller, pupil: UUID) -> bool:
    """Whether he reads what the family does not read yet, and words it."""
    if is_family(conn, by, pupil):
        return False
    school, today = school_of(conn, calendar, by, pupil)
    return leads(conn, by, pupil, school, today)


def _may_withdraw(conn: Conn, calendar: Calendar, by: Caller, made: RemarkMade) -> bool:
    return made.author_id == by.person_id or may_word(conn, calendar, by, made.pupil_id)


def is_family(conn: Conn, by: Caller, pupil: UUID) -> bool:
    """Himself, or a child of his."""
    return by.person_id == pupil or any(tie.person_id == pupil for tie in access.children_of(conn, by.person_id))


def _learns(conn: Conn, pupil: UUID, group: UUID, on: date) -> bool:
    return any(member.person_id == pupil for member in access.members(conn, group, on))
