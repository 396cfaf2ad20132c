"""Use cases: load, decide, save. Whether the caller may touch this very lesson is asked here, inside the decision's
transaction: a repeated command gets its first answer before any of it is looked at.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.attendance import views
from services.attendance.domain import absences, papers, rolls
from services.attendance.domain.absences import Absence, Announce
from services.attendance.domain.rolls import Day, Roll, Said, Taken, TakeRoll
from shared import access, timetable
from shared.clock import Calendar
from shared.contracts import Event
from shared.contracts.attendance import AbsenceAnnounced, Presence
from shared.contracts.lessons import lesson_id
from shared.contracts.timetable import Lesson
from shared.errors import NotFound
from shared.eventstore import Answer, Change, ConcurrentChange, Intent, Ledger
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
    """Take the roll of a lesson. Raises what rolls.take_roll raises, and NotFound for the group."""
    stream = _stream(pool, asked, place)

    def decide(roll: Roll, conn: Conn) -> Sequence[Event]:
        school, day = _day(conn, asked, place, stream)
        command = TakeRoll(school, place.group_id, place.on, place.number, entries)
        return rolls.take_roll(roll, command, day)

    return ledger.change(stream, Roll(), rolls.evolve, decide, asked.intent)


def correct_presence(
    ledger: Ledger, pool: Pool, asked: Asked, place: Place, said: Said, note: str, seen: Presence | None
) -> Answer:
    """Put another entry in the place of one that stands in a roll; `seen` is what it was to replace."""
    stream = _stream(pool, asked, place)

    def decide(roll: Roll, conn: Conn) -> Sequence[Event]:
        _, day = _day(conn, asked, place, stream)
        return rolls.correct_presence(roll, said, note, day, seen)

    return ledger.change(stream, Roll(), rolls.evolve, decide, asked.intent)


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


@dataclass(frozen=True, slots=True)
class Away:
    """What a family says of a child's absence."""

    absence_id: UUID
    pupil_id: UUID
    first: date
    last: date
    lessons: tuple[int, ...]
    reason: str
    words: str
    paper: tuple[papers.Media, str] | None = None
    """What it is, and its bytes in base64."""


def announce_absence(ledger: Ledger, asked: Asked, away: Away) -> Answer:
    """For who may act for the pupil, and for the school that was rung up. Raises NotFound, and as `announce` does."""

    def decide(state: Absence, conn: Conn) -> Sequence[Event]:
        school, today = _school(conn, asked, away.pupil_id)
        if not _speaks_for(conn, asked, away.pupil_id, today):
            raise NotFound()
        paper = papers.paper(away.pupil_id, *away.paper) if away.paper else None
        said = (away.first, away.last, away.lessons, away.reason, away.words, paper)
        return absences.announce(state, Announce(away.absence_id, school, away.pupil_id, *said), today)

    return ledger.change(away.absence_id, Absence(), absences.evolve, decide, asked.intent)


def withdraw_absence(ledger: Ledger, asked: Asked, absence_id: UUID) -> Answer:
    """For those who might have announced it. Raises NotFound."""

    def decide(state: Absence, conn: Conn) -> Sequence[Event]:
        if state.announced is None:
            raise NotFound()
        _, today = _school(conn, asked, state.announced.pupil_id)
        if not _speaks_for(conn, asked, state.announced.pupil_id, today):
            raise NotFound()
        return absences.withdraw(state)

    return ledger.change(absence_id, Absence(), absences.evolve, decide, asked.intent)


def decide_absence(ledger: Ledger, pool: Pool, asked: Asked, absence_id: UUID, accepted: bool, words: str) -> Answer:
    """For who teaches the pupil and for his school. Accepted, it explains what rolls have without a reason, at once.

    Raises NotFound, and as `decide` does.
    """
    announced = _announced(ledger, asked, absence_id)

    def decide(state: Absence, conn: Conn) -> Sequence[Event]:
        _, today = _school(conn, asked, announced.pupil_id)
        if not _is_schools(conn, asked, announced.pupil_id, today):
            raise NotFound()
        return absences.decide(state, accepted, words)

    changes: list[Change[Any]] = [Change(absence_id, Absence(), absences.evolve, decide)]
    if accepted:
        with pool.connection() as conn, scoped(conn, asked.intent.scope):
            lessons = views.unexplained(conn, announced)
        changes += [Change(lesson, Roll(), rolls.evolve, _excused(announced)) for lesson in lessons]
    return ledger.change_many(changes, asked.intent)


def _excused(announced: AbsenceAnnounced) -> Callable[[Roll, Conn], Sequence[Event]]:
    return lambda roll, conn: absences.excuse(roll, announced)


def _announced(ledger: Ledger, asked: Asked, absence_id: UUID) -> AbsenceAnnounced:
    """Raises NotFound."""
    history = ledger.history(absence_id, asked.intent.scope)
    if not history or not isinstance(history[0].event, AbsenceAnnounced):
        raise NotFound()
    return history[0].event


def _school(conn: Conn, asked: Asked, pupil: UUID) -> tuple[UUID, date]:
    """Where the pupil learns, as far as the caller may see it, and the day there. Raises NotFound."""
    for school in access.schools_of_pupil(conn, pupil, asked.calendar.today("UTC")):
        if school in asked.intent.scope:
            return school, asked.calendar.today(access.zone_of(conn, school))
    raise NotFound()


def _speaks_for(conn: Conn, asked: Asked, pupil: UUID, today: date) -> bool:
    person = asked.by.person_id
    return access.may_see_pupil(conn, person, pupil, today, "act") or access.runs_school_of(conn, person, pupil, today)


def _is_schools(conn: Conn, asked: Asked, pupil: UUID, today: date) -> bool:
    """Nobody decides about his own child."""
    person = asked.by.person_id
    if any(tie.person_id == pupil for tie in access.children_of(conn, person)):
        return False
    return access.runs_school_of(conn, person, pupil, today) or access.is_near(conn, person, pupil, today)
