"""Pages of announced absences: a pupil's for his family, a group's for its roll, those that wait for a school."""

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
from shared.errors import NotFound
from shared.postgres import Pool, scoped
from shared.sealed import KeyRing, NoAnswer
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
            answer=text(row.pupil_id, row.answer_box, row.answer_event),
        )
        for row in rows
    ]  # fmt: skip


def bare(rows: Iterable[AbsenceRow]) -> OfGroup:
    """Without anybody's words."""
    fields = Announced.model_fields
    return OfGroup(absences=[Announced(**{name: getattr(row, name) for name in fields}) for row in rows])
