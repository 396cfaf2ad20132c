"""Pages of announced absences: a pupil's for his family, a group's for its roll, those that wait for a school."""

import base64
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.attendance import views
from services.attendance.views import AbsenceRow
from shared import access
from shared.clock import Calendar
from shared.contracts import Sealed
from shared.contracts.attendance import AbsenceAnnounced
from shared.errors import NotFound
from shared.eventstore import Ledger
from shared.postgres import Conn, Pool, scoped
from shared.sealed import KeyRing, NoAnswer, open_text
from shared.sealed.boxes import text_of
from shared.web.auth import Caller


class Announced(BaseModel):
    """What a roll needs of it; what the family wrote is not in it."""

    absence_id: UUID
    pupil_id: UUID
    first: date
    last: date
    lessons: list[int] = Field(description="numbers of lessons of that one day; none: whole days")
    reason: str
    state: Literal["announced", "accepted", "declined", "withdrawn"]


class Absence(Announced):
    words: str | None = Field(description="the family's; none if erased, or its key is out of reach")
    by: UUID
    at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    answer: str | None = Field(description="the school's")
    paper: str | None = Field(description="what is attached (its media type): GET /absences/{absence_id}/paper")


class Absences(BaseModel):
    absences: list[Absence]


class OfGroup(BaseModel):
    absences: list[Announced]


def of_pupil(
    pool: Pool, ring: KeyRing, by: Caller, calendar: Calendar, pupil: UUID, first: date, last: date
) -> Absences:
    """For who may see the pupil. Raises NotFound."""
    with pool.connection() as conn, scoped(conn, by.scope):
        if not access.may_see_pupil(conn, by.person_id, pupil, calendar.today("UTC")):
            raise NotFound()
        rows = views.absences_of_pupil(conn, pupil, first, last)
    return Absences(absences=_opened(ring, rows))


def waiting(pool: Pool, ring: KeyRing, by: Caller) -> Absences:
    """What the caller's schools have to decide about, where he runs them."""
    with pool.connection() as conn, scoped(conn, by.scope):
        rows = views.absences_waiting(conn, by.schools_as("office", "administrator"))
    return Absences(absences=_opened(ring, rows))


def paper(
    pool: Pool, ring: KeyRing, ledger: Ledger, by: Caller, calendar: Calendar, absence_id: UUID
) -> tuple[str, bytes]:
    """What the attached paper is, and its bytes: for the family, who leads the pupil's class, who runs his school.

    Raises NotFound; NoAnswer while the key ring is away.
    """
    history = ledger.history(absence_id, by.scope)
    told = history[0].event if history else None
    if not isinstance(told, AbsenceAnnounced) or told.paper is None:
        raise NotFound()
    with pool.connection() as conn, scoped(conn, by.scope):
        today = calendar.today(access.zone_of(conn, told.school_id))
        if not _may_read_paper(conn, by.person_id, told.pupil_id, today):
            raise NotFound()
    text = open_text(ring, told.paper.content, history[0].id, "paper/content")
    if text is None:
        raise NotFound()
    return told.paper.media, base64.b64decode(text)


def _may_read_paper(conn: Conn, person: UUID, pupil: UUID, today: date) -> bool:
    family = person == pupil or any(tie.person_id == pupil for tie in access.children_of(conn, person))
    return family or access.runs_school_of(conn, person, pupil, today) or person in access.tutors_of(conn, pupil, today)


def _opened(ring: KeyRing, rows: Sequence[AbsenceRow]) -> list[Absence]:
    """With their words, by one look-up of keys."""
    try:
        keys = ring.keys({row.pupil_id for row in rows if row.words_box or row.answer_box}, create=False)
    except NoAnswer:
        keys = {}

    def text(pupil: UUID, box: str | None, event: str | None) -> str | None:
        if box is None or event is None or pupil not in keys:
            return None
        return text_of(keys, Sealed(owner_id=pupil, box=box), event, "words")

    return [
        Absence(
            absence_id=row.absence_id, pupil_id=row.pupil_id, first=row.first, last=row.last, lessons=row.lessons,
            reason=row.reason, state=row.state, words=text(row.pupil_id, row.words_box, row.words_event), by=row.by,
            at=row.at, decided_by=row.decided_by, decided_at=row.decided_at,
            answer=text(row.pupil_id, row.answer_box, row.answer_event), paper=row.paper,
        )
        for row in rows
    ]  # fmt: skip


def bare(rows: Iterable[AbsenceRow]) -> OfGroup:
    """Without anybody's words."""
    fields = Announced.model_fields
    return OfGroup(absences=[Announced(**{name: getattr(row, name) for name in fields}) for row in rows])
