"""Use cases: load, decide, save. Whether the caller may touch this very lesson is asked here, inside the decision's
transaction: a repeated command gets its first answer before any of it is looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from services.attendance import domain, views
from services.attendance.domain import Day, Roll, Said, Taken, TakeRoll
from shared import access, timetable
from shared.clock import Calendar
from shared.contracts import Event
from shared.contracts.lessons import lesson_id
from shared.contracts.timetable import Lesson
from shared.eventstore import Answer, ConcurrentChange, Intent, Ledger
from shared.postgres import Conn, Pool, scoped
from shared.web.auth import Caller


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for a change, once, and by which calendar the school lives."""

    by: Caller
    intent: Intent
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class Place:
    """A lesson as the timetable names it, or as it stands now: its group, day and number."""

    group_id: UUID
    on: date
    number: int


def take_roll(ledger: Ledger, pool: Pool, asked: Asked, place: Place, entries: tuple[Said, ...]) -> Answer:
    """Take the roll of a lesson. Raises what domain.take_roll raises, and NotFound for the group."""
    stream = _stream(pool, asked, place)

    def decide(roll: Roll, conn: Conn) -> Sequence[Event]:
        school, day = _day(conn, asked, place, stream)
        command = TakeRoll(school, place.group_id, place.on, place.number, entries)
        return domain.take_roll(roll, command, day)

    return ledger.change(stream, Roll(), domain.evolve, decide, asked.intent)


def correct_presence(ledger: Ledger, pool: Pool, asked: Asked, place: Place, said: Said, note: str) -> Answer:
    """Put another entry in the place of one that stands in a roll."""
    stream = _stream(pool, asked, place)

    def decide(roll: Roll, conn: Conn) -> Sequence[Event]:
        _, day = _day(conn, asked, place, stream)
        return domain.correct_presence(roll, said, note, day)

    return ledger.change(stream, Roll(), domain.evolve, decide, asked.intent)


def _stream(pool: Pool, asked: Asked, place: Place) -> UUID:
    """The lesson's id, which is its roll's stream. A lesson that is not there has its derived id: decided later."""
    with pool.connection() as conn, scoped(conn, asked.intent.scope):
        lesson = _lesson(conn, place)
    return lesson.id if lesson else lesson_id(place.group_id, place.on, place.number)


def _day(conn: Conn, asked: Asked, place: Place, stream: UUID) -> tuple[UUID, Day]:
    """The school and what is known of the lesson. Raises NotFound, and ConcurrentChange if it was just moved."""
    lesson = _lesson(conn, place)
    if lesson is not None and lesson.id != stream:
        raise ConcurrentChange(version=0)
    held = lesson.on if lesson else place.on
    known = access.group_day(conn, asked.by.person_id, place.group_id, held)
    day = Day(
        today=asked.calendar.today(known.time_zone),
        on=held,
        lesson=lesson,
        may_write=known.teaches or _may_write(asked.by, known.school_id, lesson),
        pupils=known.members,
        taken=_taken(conn, stream, known.time_zone),
    )
    return known.school_id, day


def _taken(conn: Conn, lesson: UUID, zone: str) -> Taken | None:
    found = views.taken(conn, lesson)
    return Taken(found[0], found[1].astimezone(ZoneInfo(zone))) if found else None


def _lesson(conn: Conn, place: Place) -> Lesson | None:
    return timetable.held(conn, place.group_id, place.on, place.number)


def _may_write(by: Caller, school: UUID, lesson: Lesson | None) -> bool:
    """Beside the group's teacher: who stands in for him in the lesson, the school's office."""
    stands_in = lesson is not None and lesson.substituted and lesson.teacher_id == by.person_id
    return stands_in or by.operator or school in by.schools_as("office", "administrator")
