"""Use cases: load, decide, save. Whether the caller may touch this very lesson is asked here, inside the decision."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, BinaryIO, LiteralString
from uuid import UUID, uuid5

from services.lessons import calendars, csv_import, domain, homework, templates, views
from services.lessons.csv_import import GroupKnown, Known, Read, Rhythm
from services.lessons.domain import Calendars, Differs, NoSuchLesson, Place, Plan, Target
from services.lessons.templates import Templates
from shared import access, timetable
from shared.clock import Calendar
from shared.contracts import Event, seal
from shared.contracts.lessons import BellsSet, CalendarShared, HolidaysSet, TimetableSet, lesson_id
from shared.contracts.timetable import Lesson, holiday_on
from shared.errors import NotAllowed, NotFound, Refused
from shared.eventstore import Answer, Change, Intent, Ledger
from shared.postgres import Conn, Pool, scoped
from shared.web.auth import Caller


@dataclass(frozen=True)
class Asked:
    """Who asks for a change, once, and by which calendar the schools live."""

    by: Caller
    intent: Intent
    calendar: Calendar


@dataclass(frozen=True)
class At:
    """A lesson as the caller names it: its place in the timetable."""

    group_id: UUID
    on: date
    number: int


Decide = Callable[[Conn, Differs, Place, Lesson], Sequence[Event]]


May = Callable[[Conn, Place, Lesson], bool]


def _change(ledger: Ledger, asked: Asked, at: At, may: May, decide: Decide) -> Answer:
    """Decide about one lesson that the timetable has. Raises NotFound, NoSuchLesson, NotAllowed."""
    return ledger.change(_stream(at), Differs(), domain.differs, _inside(at, may, decide), asked.intent)


def _stream(at: At) -> UUID:
    return lesson_id(at.group_id, at.on, at.number)


def _inside(at: At, may: May, decide: Decide) -> Callable[[Differs, Conn], Sequence[Event]]:
    def inside(state: Differs, conn: Conn) -> Sequence[Event]:
        school = access.school_of_group(conn, at.group_id)
        if school is None:
            raise NotFound()
        lesson = timetable.lesson(conn, at.group_id, at.on, at.number)
        place = Place(lesson_id(at.group_id, at.on, at.number), school, at.group_id, at.on, at.number)
        if lesson is None:
            raise NoSuchLesson()
        if not may(conn, place, lesson):
            raise NotAllowed()
        return decide(conn, state, place, lesson)

    return inside


def _teaches_or_runs(asked: Asked) -> Callable[[Conn, Place, Lesson], bool]:
    """The group's teacher on the lesson's day, its substitute, the school's office."""

    def may(conn: Conn, place: Place, lesson: Lesson) -> bool:
        person = asked.by.person_id
        return (
            lesson.teacher_id == person
            or access.teaches(conn, person, place.group_id, place.on)
            or _runs(asked)(conn, place, lesson)
        )

    return may


def _runs(asked: Asked) -> Callable[[Conn, Place, Lesson], bool]:
    def may(conn: Conn, place: Place, lesson: Lesson) -> bool:
        today = asked.calendar.today(access.zone_of(conn, place.school_id))
        return access.may_see_school(conn, asked.by.person_id, place.school_id, today)

    return may


def _may_restore(asked: Asked) -> Callable[[Conn, Place, Lesson], bool]:
    def may(conn: Conn, place: Place, lesson: Lesson) -> bool:
        return (_runs if lesson.substituted else _teaches_or_runs)(asked)(conn, place, lesson)

    return may


def write_topic(ledger: Ledger, asked: Asked, at: At, topic: str) -> Answer:
    """What the lesson is about. For its teacher, its substitute, the office."""
    return _change(ledger, asked, at, _teaches_or_runs(asked), _topic(topic))


def _topic(topic: str) -> Decide:
    def decide(conn: Conn, state: Differs, place: Place, lesson: Lesson) -> Sequence[Event]:
        known = views.topic(conn, place.lesson_id)
        return domain.write_topic(state, place, known, seal(place.school_id, topic))

    return decide


def write_topics(ledger: Ledger, asked: Asked, written: Sequence[tuple[At, str]]) -> Answer:
    """What many lessons are about, all or nothing; a refusal names the place in the list."""
    may = _teaches_or_runs(asked)

    def named(number: int, at: At, topic: str) -> Callable[[Differs, Conn], Sequence[Event]]:
        inside = _inside(at, may, _topic(topic))

        def decide(state: Differs, conn: Conn) -> Sequence[Event]:
            try:
                return inside(state, conn)
            except Refused as refused:
                refused.at = f"/topics/{number}{refused.at}"
                raise

        return decide

    changes = [
        Change(_stream(at), Differs(), domain.differs, named(number, at, topic))
        for number, (at, topic) in enumerate(written)
    ]
    return ledger.change_many(changes, asked.intent)


def set_homework(ledger: Ledger, asked: Asked, at: At, wanted: homework.Wanted) -> Answer:
    """What is to be done after the lesson. For its teacher, its substitute, the office."""

    def decide(conn: Conn, state: Differs, place: Place, lesson: Lesson) -> Sequence[Event]:
        known = homework.of_lessons(conn, [place.lesson_id]).get(place.lesson_id)
        now = asked.calendar.at(access.zone_of(conn, place.school_id)).replace(tzinfo=None)
        if wanted.task is None:
            return homework.set_none(place, state.cancelled, known, now)
        later = timetable.lessons(conn, [place.group_id], place.on, place.on + homework.AHEAD)
        due = homework.due_of(place, wanted, later)
        day = homework.day_of(conn, place, due[0]) if wanted.minutes else (homework.Load(), homework.MOST)
        return homework.set_task(place, state.cancelled, known, wanted, due, day, now)

    return _change(ledger, asked, at, _teaches_or_runs(asked), decide)


def keep_template(ledger: Ledger, asked: Asked, template: UUID, title: str, topics: Sequence[str]) -> Answer:
    """For the caller himself. Raises what the decision raises."""
    person = asked.by.person_id

    def decide(state: Templates, conn: Conn) -> Sequence[Event]:
        return templates.keep(state, person, template, title, topics)

    return ledger.change(person, Templates(), templates.evolved, decide, asked.intent)


def remove_template(ledger: Ledger, asked: Asked, template: UUID) -> Answer:
    """Raises NotFound."""
    person = asked.by.person_id

    def decide(state: Templates, conn: Conn) -> Sequence[Event]:
        return templates.remove(state, person, template)

    return ledger.change(person, Templates(), templates.evolved, decide, asked.intent)


def cancel(ledger: Ledger, asked: Asked, at: At, reason: str | None) -> Answer:
    """The lesson does not take place."""

    def decide(conn: Conn, state: Differs, place: Place, lesson: Lesson) -> Sequence[Event]:
        return domain.cancel(state, place, seal(place.school_id, reason) if reason else None)

    return _change(ledger, asked, at, _teaches_or_runs(asked), decide)


def move(ledger: Ledger, asked: Asked, at: At, to_date: date, to_number: int, room: str | None) -> Answer:
    """The lesson takes place at another time or in another room."""

    def decide(conn: Conn, state: Differs, place: Place, lesson: Lesson) -> Sequence[Event]:
        return domain.move(state, place, _target(conn, place, to_date, to_number, room))

    return _change(ledger, asked, at, _teaches_or_runs(asked), decide)


def restore(ledger: Ledger, asked: Asked, at: At) -> Answer:
    """The lesson takes place as the timetable has it. For those who may change it; a substitution is the office's."""

    def decide(conn: Conn, state: Differs, place: Place, lesson: Lesson) -> Sequence[Event]:
        target = _target(conn, place, place.on, place.number, None)
        return domain.restore(state, place, target.taken)

    return _change(ledger, asked, at, _may_restore(asked), decide)


def share_calendar(ledger: Ledger, asked: Asked, calendar_id: UUID, about: UUID, secret: str) -> Answer:
    """A secret address at which his calendar application reads these lessons.

    Raises NotFound and what the decision raises.
    """
    person = asked.by.person_id
    wanted = CalendarShared(
        calendar_id=calendar_id, person_id=person, about_id=about, secret_hash=calendars.hashed(secret)
    )

    def inside(state: Calendars, conn: Conn) -> Sequence[Event]:
        calendars.may_share(conn, asked.by, asked.calendar, about)
        return domain.share_calendar(state, wanted)

    return ledger.change(person, Calendars(), domain.calendars_evolved, inside, asked.intent)


def withdraw_calendar(ledger: Ledger, asked: Asked, calendar_id: UUID) -> Answer:
    """Nothing is read at his address any more. Raises NotFound."""
    person = asked.by.person_id
    return ledger.change(
        person,
        Calendars(),
        domain.calendars_evolved,
        lambda state, conn: domain.withdraw_calendar(state, person, calendar_id),
        asked.intent,
    )


IN_FORCE = "SELECT 1 FROM timetables WHERE school_id = %s AND %s BETWEEN starts AND ends"


def _target(conn: Conn, place: Place, on: date, number: int, room: str | None) -> Target:
    there = timetable.lessons(conn, [place.group_id], on, on)
    free = holiday_on(timetable.holidays(conn, place.school_id, on, on), on, [place.group_id])
    taken = any(one.number == number and not one.cancelled and one.id != place.lesson_id for one in there)
    return Target(
        on=on,
        number=number,
        room=room,
        taken=taken,
        holiday=free,
        in_force=conn.execute(IN_FORCE, [place.school_id, on]).fetchone() is not None,
        bell=timetable.bells(conn, place.school_id).at(on, number) is not None,
    )


TEACHER = """
SELECT 1 FROM access_roles WHERE person_id = %s AND school_id = %s AND role = 'teacher' AND %s BETWEEN starts AND ends
"""


def substitute(ledger: Ledger, asked: Asked, at: At, teacher_id: UUID) -> Answer:
    """Another teacher of the school gives the lesson. For the office."""

    def decide(conn: Conn, state: Differs, place: Place, lesson: Lesson) -> Sequence[Event]:
        is_teacher = conn.execute(TEACHER, [teacher_id, place.school_id, lesson.on]).fetchone() is not None
        return domain.substitute(state, place, teacher_id, is_teacher)

    return _change(ledger, asked, at, _runs(asked), decide)


GROUPS: LiteralString = """
SELECT g.group_id, g.school_id, g.title,
       ARRAY(SELECT DISTINCT t.person_id FROM access_teaching t WHERE t.group_id = g.group_id) AS teachers
FROM access_groups g JOIN access_schools s USING (school_id)
WHERE (g.school_id = ANY (%(runs)s) OR s.district_id = ANY (%(districts)s)) AND g.closed_on IS NULL
"""
SCHOOLS: LiteralString = """
SELECT school_id, time_zone FROM access_schools
WHERE kind = 'school' AND (school_id = ANY (%(runs)s) OR district_id = ANY (%(districts)s))
"""
STAFF: LiteralString = (
    "SELECT person_id, school_id FROM access_roles WHERE role = 'teacher' AND school_id = ANY (%(schools)s)"
)
BELLS: LiteralString = "SELECT school_id, number FROM timetable_bells WHERE school_id = ANY (%(schools)s)"


def _known(conn: Conn, by: Caller) -> tuple[Known, dict[UUID, str]]:
    """What the roster says of the schools that the caller runs, and their time zones."""
    facts: dict[str, Any] = {"runs": list(by.schools_as("office", "administrator"))}
    facts["districts"] = list(by.schools_as("officer"))
    groups = [
        GroupKnown(group, school, title, tuple(teachers))
        for group, school, title, teachers in conn.execute(GROUPS, facts)
    ]
    zones: dict[UUID, str] = dict(conn.execute(SCHOOLS, facts).fetchall())
    facts["schools"] = list(zones)
    staff = set(conn.execute(STAFF, facts).fetchall())
    bells: dict[UUID, set[int]] = {}
    for school, number in conn.execute(BELLS, facts):
        bells.setdefault(school, set()).add(number)
    known = Known(
        {group.group_id: group for group in groups},
        frozenset(zones),
        lambda person, school: (person, school) in staff,
        {school: frozenset(numbers) for school, numbers in bells.items()},
    )
    return known, zones


@dataclass(frozen=True)
class Report:
    """What an import found and did; `changed` counts events by kind."""

    import_id: UUID
    state: str
    dry_run: bool
    found: Read
    counts: dict[str, int]
    changed: dict[str, int]


KINDS: dict[type[Event], str] = {TimetableSet: "timetables", BellsSet: "bells", HolidaysSet: "holidays"}


def import_files(
    pool: Pool,
    ledger: Ledger,
    asked: Asked,
    district: str,
    files: Mapping[str, BinaryIO],
    starts: date | None,
    rhythm: Rhythm,
    dry: bool,
) -> Report:
    """Read timetable, bells and holidays; save them whole unless something is wrong. The same files change nothing.

    Raises domain.TooEarly and what the ledger raises.
    """
    intent = replace(asked.intent, fingerprint=_fingerprint(asked.intent.fingerprint, files))
    import_id = uuid5(intent.actor, f"import/{intent.key}")
    with pool.connection() as conn, scoped(conn, asked.by.scope):
        known, zones = _known(conn, asked.by)
    found = csv_import.read(district, files, known, rhythm)
    counts = {"timetables": len(found.timetables), "bells": len(found.bells), "holidays": len(found.holidays)}
    counts["slots"] = sum(len(one.slots) for one in found.timetables.values())
    if found.faults:
        return Report(import_id, "refused", dry, found, counts, {})
    when = When({school: asked.calendar.today(zone) for school, zone in zones.items()}, starts, bool(rhythm.anchor))
    if dry:
        made = _rehearsed(ledger, asked, found, when)
        return Report(import_id, "checked" if made else "unchanged", dry, found, counts, _counted(made))
    changes = [_plan_change(school, found, when) for school in _schools(found)]
    made = _made(ledger, asked, _schools(found), ledger.change_many(changes, intent))
    return Report(import_id, "applied" if made else "unchanged", dry, found, counts, _counted(made))


def _made(ledger: Ledger, asked: Asked, schools: Iterable[UUID], answer: Answer) -> list[Event]:
    """The events that an answer names: the same at every repeat of the command."""
    named = set(json.loads(answer.body)["events"])
    return [one.event for school in schools for one in ledger.history(school, asked.by.scope) if one.id in named]


def _fingerprint(request: bytes, files: Mapping[str, BinaryIO]) -> bytes:
    whole = hashlib.sha256(request)
    for name in sorted(files):
        files[name].seek(0)
        whole.update(name.encode() + hashlib.file_digest(files[name], "sha256").digest())  # type: ignore[arg-type]
        files[name].seek(0)
    return whole.digest()


def _schools(found: Read) -> list[UUID]:
    return sorted({*found.timetables, *found.bells, *found.holidays})


@dataclass(frozen=True)
class When:
    """What day it is at each school, when a change is wished to begin, and whether the school said its anchor."""

    today: Mapping[UUID, date]
    starts: date | None
    anchored: bool


def _plan_change(school: UUID, found: Read, when: When) -> Change[Plan]:
    return Change(school, Plan(), domain.plan_evolved, lambda plan, conn: _decided(plan, school, found, when))


def _decided(plan: Plan, school: UUID, found: Read, when: When) -> list[Event]:
    events: list[Event] = []
    if bells := found.bells.get(school):
        events += domain.set_bells(plan, bells)
    if holidays := found.holidays.get(school):
        events += domain.set_holidays(plan, holidays)
    if wanted := found.timetables.get(school):
        events += domain.set_timetable(plan, wanted, when.today[school], when.starts, when.anchored)
    return events


def _rehearsed(ledger: Ledger, asked: Asked, found: Read, when: When) -> list[Event]:
    """The events that the import would make now; nothing is saved."""
    events: list[Event] = []
    for school in _schools(found):
        plan = Plan()
        for one in ledger.history(school, asked.by.scope):
            plan = domain.plan_evolved(plan, one.event)
        events += _decided(plan, school, found, when)
    return events


def _counted(events: Iterable[Event]) -> dict[str, int]:
    counted = dict.fromkeys(KINDS.values(), 0)
    for event in events:
        counted[KINDS[type(event)]] += 1
    return counted
