"""Writing beside a record of a child: who may, and who is told of it."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.messaging import remarks_views
from services.messaging.domain import comments
from services.messaging.domain.comments import Record, Thread, Write
from shared import access
from shared.clock import Calendar
from shared.contracts import Event
from shared.contracts.messaging import Author
from shared.errors import NotFound
from shared.eventstore import Answer, Intent, Ledger
from shared.postgres import Conn
from shared.web.auth import Caller


@dataclass(frozen=True, slots=True)
class Said:
    """A comment as it was sent."""

    record: Record
    comment_id: UUID
    text: str


def write(ledger: Ledger, calendar: Calendar, by: Caller, said: Said, intent: Intent) -> Answer:
    """A guardian who may act for the child, the group's teachers, the tutor, who runs the school. Raises NotFound."""

    def decide(thread: Thread, conn: Conn) -> list[Event]:
        record = _known(conn, by, thread.record or said.record)
        school, today = school_of(conn, calendar, by, record.pupil_id)
        author = _author(conn, by, record, school, today)
        if author is None:
            raise NotFound
        told = _told(conn, record, author, today)
        command = Write(school, record, said.comment_id, by.person_id, author, told, said.text)
        return comments.write(replace(thread, record=record), command)

    return ledger.change(said.record.thread, Thread(), comments.evolve, decide, intent)


def _known(conn: Conn, by: Caller, record: Record) -> Record:
    """The record as this service knows it; works and lessons are not its own, and only their group is asked."""
    if record.about == "remark":
        remark = remarks_views.one(conn, record.object_id)
        if remark is None or remark["pupil_id"] != record.pupil_id:
            raise NotFound
        return replace(record, group_id=remark["group_id"], on=remark["on"])
    if record.group_id is None or not any(
        member.person_id == record.pupil_id for member in access.members(conn, record.group_id, record.on)
    ):
        raise NotFound
    return record


def _author(conn: Conn, by: Caller, record: Record, school: UUID, today: date) -> Author | None:
    if any(tie.person_id == by.person_id for tie in access.guardians_of(conn, record.pupil_id, "act")):
        return "guardian"
    return "staff" if concerns(conn, by, record, school, today) else None


def concerns(conn: Conn, by: Caller, record: Record, school: UUID, today: date) -> bool:
    """Whether the record is his as staff: who leads the class or runs the school, the group's teacher, its author."""
    if leads(conn, by, record.pupil_id, school, today):
        return True
    if record.about == "remark" and remarks_views.is_authors(conn, record.object_id, by.person_id):
        return True
    days = {record.on, today}
    return record.group_id is not None and any(access.teaches(conn, by.person_id, record.group_id, day) for day in days)


def leads(conn: Conn, by: Caller, pupil: UUID, school: UUID, today: date) -> bool:
    """Whether he runs the school, or leads the pupil's class."""
    runs = school in by.schools_as("office", "administrator")
    return runs or by.person_id in access.tutors_of(conn, pupil, today)


def _told(conn: Conn, record: Record, author: Author, today: date) -> frozenset[UUID]:
    """The other side: what staff writes goes to the guardians, what a guardian writes to the teachers."""
    if author == "staff":
        return frozenset(tie.person_id for tie in access.guardians_of(conn, record.pupil_id, "notices"))
    if record.about == "remark":
        remark = remarks_views.one(conn, record.object_id)
        return frozenset({remark["author_id"]} if remark else ())
    return frozenset(access.teachers_of(conn, record.group_id, today) if record.group_id else ())


def school_of(conn: Conn, calendar: Calendar, by: Caller, pupil: UUID) -> tuple[UUID, date]:
    """Where the pupil learns, as far as the caller may see it, and the day there. Raises NotFound."""
    for school in access.schools_of_pupil(conn, pupil, calendar.today("UTC")):
        if school in by.scope:
            return school, calendar.today(access.zone_of(conn, school))
    raise NotFound
