"""The journal's pages: rolls with what stood before, counts per pupil; and who may see them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from pydantic import BaseModel, Field

from services.attendance import views
from services.attendance.announced import OfGroup, bare
from services.attendance.views import ChangeRow, CountRow, PresenceRow, RollRow
from shared import access, readings, timetable
from shared.clock import Calendar
from shared.contracts import Sealed
from shared.contracts.attendance import State
from shared.errors import NotAllowed, NotFound, Refused
from shared.postgres import Conn, Pool, scoped
from shared.sealed import KeyRing, NoAnswer
from shared.sealed.boxes import text_of
from shared.web.auth import Caller

LONGEST = 400
"""Days of one page at most."""

FOR_SUBSTITUTES = 31
"""Days of a page that a substitute may see: it must hold a lesson that he gives instead."""


class RangeWrong(Refused):
    """The last day must not be before the first, nor more than {most} days after it."""

    code = "attendance.range-wrong"
    ru = "Последний день не может быть раньше первого и дальше него, чем на {most} дней."


class Was(BaseModel):
    state: State
    minutes: int | None
    reason: str | None
    note: str | None = Field(description="why it was corrected; none if erased, or its key is out of reach")
    by: UUID = Field(description="who corrected it")
    at: datetime


class EntryOut(BaseModel):
    pupil_id: UUID
    state: State
    minutes: int | None
    reason: str | None
    by: UUID = Field(description="who said so")
    at: datetime
    was: list[Was] = Field(description="what stood before, oldest first")


class RollOut(BaseModel):
    lesson_id: UUID
    on: date
    number: int
    version: int
    by: UUID = Field(description="who took it")
    at: datetime
    entries: list[EntryOut]


class Journal(BaseModel):
    rolls: list[RollOut]
    texts: bool = Field(description="false: the key ring does not answer, so notes are left out")


class Count(BaseModel):
    lessons: int = Field(description="lesson hours: those whose roll was taken")
    absences: int
    unexcused: int = Field(description="absences without a reason, or with the reason `unexcused`")
    lates: int
    attended: str = Field(description="share of lessons attended in per cent, rounded half up to 0.1")


class PupilCount(Count):
    pupil_id: UUID


class Counts(BaseModel):
    pupils: list[PupilCount]
    total: Count


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants to see which group from when to when, both days included."""

    by: Caller
    calendar: Calendar
    group: UUID
    first: date
    last: date


def attended_share(missed: int, held: int) -> Decimal:
    """Share of lessons attended, in per cent from 0.0 to 100.0, rounded half up to 0.1.

    `held` counts lessons whose roll was taken. Raises ValueError if `missed` is greater than `held`. Nothing held is
    100.0: nobody has missed anything.

    >>> attended_share(1, 3)
    Decimal('66.7')
    """
    if not 0 <= missed <= held:
        raise ValueError(f"{missed} missed of {held}")
    if held == 0:
        return Decimal("100.0")
    return (Decimal(100 * (held - missed)) / held).quantize(Decimal("0.1"), ROUND_HALF_UP)


def journal(pool: Pool, ring: KeyRing, asked: Asked) -> Journal:
    """The group's rolls. Raises RangeWrong, NotFound, NotAllowed."""
    with _seen(pool, asked) as conn:
        found = views.rolls(conn, asked.group, asked.first, asked.last)
    notes = _notes(ring, found.notes())
    entries: defaultdict[UUID, list[PresenceRow]] = defaultdict(list)
    changes: defaultdict[tuple[UUID, UUID], list[ChangeRow]] = defaultdict(list)
    for presence in found.presences:
        entries[presence.lesson_id].append(presence)
    for change in found.changes:
        changes[change.lesson_id, change.pupil_id].append(change)
    rolls = [
        _roll(roll, [_entry(e, changes[e.lesson_id, e.pupil_id], notes or {}) for e in entries[roll.lesson_id]])
        for roll in found.rolls
    ]
    return Journal(rolls=rolls, texts=notes is not None)


def counts(pool: Pool, asked: Asked) -> Counts:
    """Lesson hours, absences, lates and the share attended of each pupil. Raises as `journal` does."""
    with _seen(pool, asked) as conn:
        found = views.counts(conn, asked.group, asked.first, asked.last)
    pupils = [PupilCount(pupil_id=row.pupil_id, **_count([row]).model_dump()) for row in found]
    return Counts(pupils=pupils, total=_count(found))


def announced(pool: Pool, asked: Asked) -> OfGroup:
    """Absences announced of those who learn in the group. Raises as `journal` does."""
    with _seen(pool, asked) as conn:
        return bare(views.absences_of_group(conn, asked.group, asked.first, asked.last))


@contextmanager
def _seen(pool: Pool, asked: Asked) -> Iterator[Conn]:
    if not 0 <= (asked.last - asked.first).days <= LONGEST:
        raise RangeWrong("last", most=LONGEST)
    with pool.connection() as conn, scoped(conn, asked.by.scope):
        school = access.school_of_group(conn, asked.group)
        if school is None:
            raise NotFound("group_id")
        today = asked.calendar.today(access.zone_of(conn, school))
        if not _may_read(conn, asked, today):
            raise NotAllowed
        readings.record(conn, asked.by, asked.group, school, today)
        yield conn


def _may_read(conn: Conn, asked: Asked, today: date) -> bool:
    """The school's staff, who teaches the group now or then, who stands in for its teacher in one of the lessons."""
    person, group = asked.by.person_id, asked.group
    if any(access.may_see_group(conn, person, group, day) for day in sorted({today, asked.first, asked.last})):
        return True
    if (asked.last - asked.first).days > FOR_SUBSTITUTES:
        return False
    lessons = timetable.lessons(conn, [group], asked.first, asked.last)
    return any(lesson.substituted and lesson.teacher_id == person for lesson in lessons)


Notes = dict[str, str | None]


def _notes(ring: KeyRing, changes: Iterable[ChangeRow]) -> Notes | None:
    """Notes by event, opened with one look-up of keys; None when the ring does not answer."""
    wanted = list(changes)
    try:
        keys = ring.keys({change.pupil_id for change in wanted}, create=False) if wanted else {}
        return {
            c.note_event: text_of(keys, Sealed(owner_id=c.pupil_id, box=c.note_box or ""), c.note_event, "note")
            for c in wanted
        }
    except NoAnswer:
        return None


def _roll(roll: RollRow, entries: list[EntryOut]) -> RollOut:
    return RollOut(
        lesson_id=roll.lesson_id, on=roll.on, number=roll.number, version=roll.version, by=roll.by, at=roll.at,
        entries=entries,
    )  # fmt: skip


def _entry(entry: PresenceRow, changes: list[ChangeRow], notes: Notes) -> EntryOut:
    was = [
        Was(state=c.state, minutes=c.minutes, reason=c.reason, note=notes.get(c.note_event), by=c.by, at=c.at)
        for c in changes
    ]
    return EntryOut(
        pupil_id=entry.pupil_id, state=entry.state, minutes=entry.minutes, reason=entry.reason, by=entry.by,
        at=entry.at, was=was,
    )  # fmt: skip


def _count(rows: list[CountRow]) -> Count:
    lessons, absences = sum(row.lessons for row in rows), sum(row.absences for row in rows)
    unexcused, lates = sum(row.unexcused for row in rows), sum(row.lates for row in rows)
    share = str(attended_share(absences, lessons))
    return Count(lessons=lessons, absences=absences, unexcused=unexcused, lates=lates, attended=share)
