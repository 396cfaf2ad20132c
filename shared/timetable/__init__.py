"""Lessons as a service knows them from the lessons service's events: its tables, its reaction, its questions.

Used by every service whose records hang on lessons; the rule itself is `shared.contracts.timetable`. The lessons
service uses the same tables as its own view.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from shared.contracts import Event, decode
from shared.contracts.envelope import Received
from shared.contracts.lessons import (
    Bell,
    BellsSet,
    CalendarShared,
    CalendarWithdrawn,
    Holiday,
    HolidaysSet,
    HomeworkSet,
    LessonCancelled,
    LessonMoved,
    LessonRestored,
    LessonSubstituted,
    Slot,
    TemplateKept,
    TemplateRemoved,
    TimetableSet,
    TopicWritten,
)
from shared.contracts.timetable import (
    Bells,
    Exception_,
    Lesson,
    as_changed,
    day_of,
    in_force,
    lessons_between,
    week_of,
)
from shared.postgres import Conn
from shared.stream import Projection

MIGRATIONS = Path(__file__).parent / "migrations"

TABLES = (
    "timetables",
    "timetable_slots",
    "timetable_bells",
    "timetable_day_bells",
    "timetable_holidays",
    "timetable_exceptions",
)

HANDLES: frozenset[type[Event]] = frozenset(
    {BellsSet, TimetableSet, HolidaysSet, LessonCancelled, LessonMoved, LessonSubstituted, LessonRestored}
)

LEAVES: frozenset[type[Event]] = frozenset(
    {TopicWritten, HomeworkSet, CalendarShared, CalendarWithdrawn, TemplateKept, TemplateRemoved}
)


def projection(service: str) -> Projection:
    """What a service adds to its projections to know lessons."""
    return Projection(f"{service}.timetable.1", ("diary.lessons",), apply, HANDLES, LEAVES, tables=TABLES)


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """Bring the tables up to the batch. Types other than `HANDLES` are read past, so a wider view may call it too."""
    for kind, run in groupby(received, key=lambda r: type(r.event)):
        if kind in HANDLERS:
            for one in run:
                HANDLERS[kind](conn, one)
        elif kind in HANDLES:
            _except(conn, list(run))


def lessons(conn: Conn, groups: Iterable[UUID], first: date, last: date) -> list[Lesson]:
    """Lessons of the groups from `first` to `last`, both included, cancelled ones too, in order of time."""
    range_ = {"first": first, "last": last, "weekdays": _weekdays(first, last)}
    asked = {"groups": list(groups), "moment": None, **range_}
    with conn.pipeline():
        differing, slots = conn.execute(EXCEPTIONS, asked), conn.execute(SLOTS, asked)
        free = conn.execute(HOLIDAYS_OF, asked)
    excepted = _read_exceptions(differing)
    free_days: dict[UUID, list[Holiday]] = {}
    for school, *holiday in free:
        free_days.setdefault(school, []).append(_holiday(holiday))
    found: list[Lesson] = []
    for school, timetables in _read_timetables(slots).items():
        found += lessons_between(timetables, free_days.get(school, []), excepted, first, last)
    return sorted(found, key=lambda lesson: (lesson.on, lesson.number, lesson.group_id))


def lesson(conn: Conn, group: UUID, on: date, number: int) -> Lesson | None:
    """The group's lesson that the timetable has on that day with that number, as it stands now (moved, cancelled …)."""
    wanted = [group]
    for school, timetables in _timetables(conn, wanted, on, on).items():
        excepted = [e for e in exceptions(conn, wanted, on, on) if (e.on, e.number) == (on, number)]
        day = lessons_between(timetables, free(conn, school, timetables, on, on), [], on, on)
        planned = next((one for one in day if one.group_id == group and one.number == number), None)
        return as_changed(planned, excepted) if planned else None
    return None


def held(conn: Conn, group: UUID, on: date, number: int) -> Lesson | None:
    """The lesson that takes place then; or the one the timetable had then, wherever it was moved."""
    day = lessons(conn, [group], on, on)
    now = next((one for one in day if one.number == number and not one.cancelled), None)
    return now or lesson(conn, group, on, number)


RHYTHMS = """
SELECT t.starts, t.ends, t.anchor, t.cycle, EXISTS (
    SELECT FROM timetable_slots s
    WHERE s.school_id = t.school_id AND s.timetable_starts = t.starts AND s.week <> 'every')
FROM timetables t WHERE t.school_id = %s AND t.starts <= %s AND t.ends >= %s ORDER BY t.starts
"""


@dataclass(frozen=True)
class Beat:
    """What a day is by the timetable in force: of a week A or B, or which day of a cycle, where it goes by one."""

    school_id: UUID
    on: date
    week: str | None
    day: int | None


def rhythm(conn: Conn, school: UUID, first: date, last: date) -> list[Beat]:
    """The days of the range of which there is something to say; none where every week is alike."""
    rows = conn.execute(RHYTHMS, [school, last, first]).fetchall()
    if not any(cycle or alternates for *_, cycle, alternates in rows):
        return []
    timetables = [
        TimetableSet(school_id=school, starts=starts, ends=ends, anchor=anchor, cycle=cycle, slots=())
        for starts, ends, anchor, cycle, _ in rows
    ]
    alternating = {starts for starts, *_, alternates in rows if alternates}
    off = free(conn, school, timetables, first, last)
    found = []
    for n in range((last - first).days + 1):
        on = first + timedelta(days=n)
        if (held := in_force(timetables, on)) is None:
            continue
        if held.cycle and (day := day_of(held.cycle, held.anchor, off, on)):
            found.append(Beat(school, on, None, day))
        elif not held.cycle and held.starts in alternating:
            found.append(Beat(school, on, week_of(held.anchor, on), None))
    return found


BELLS = """
SELECT NULL::date AS on_date, number, starts, ends FROM timetable_bells WHERE school_id = %(school)s
UNION ALL SELECT on_date, number, starts, ends FROM timetable_day_bells WHERE school_id = %(school)s
"""


def bells(conn: Conn, school: UUID) -> Bells:
    """The school's bell plan."""
    every_day: dict[int, Bell] = {}
    days: dict[date, dict[int, Bell]] = {}
    for on, number, starts, ends in conn.execute(BELLS, {"school": school}):
        bell = Bell(number=number, starts=starts, ends=ends)
        (every_day if on is None else days.setdefault(on, {}))[number] = bell
    return Bells(every_day, days)


HOLIDAYS = """
SELECT starts, ends, title, groups FROM timetable_holidays
WHERE school_id = %s AND starts <= %s AND ends >= %s ORDER BY starts
"""


def holidays(conn: Conn, school: UUID, first: date, last: date) -> list[Holiday]:
    """Holidays of the school that touch the range, those of some groups only too."""
    return [_holiday(row) for row in conn.execute(HOLIDAYS, [school, last, first])]


def free(conn: Conn, school: UUID, timetables: Iterable[TimetableSet], first: date, last: date) -> list[Holiday]:
    """What the rule asks for: holidays of the range; of a timetable with a cycle all between it and the anchor."""
    anchors = [one.anchor for one in timetables if one.cycle]
    return holidays(conn, school, min([first, *anchors]), max([last, *anchors]))


def _holiday(row: Sequence[Any]) -> Holiday:
    starts, ends, title, groups = row
    return Holiday(starts=starts, ends=ends, title=title, groups=tuple(groups))


# of timetables with a cycle all holidays count
HOLIDAYS_OF = """
SELECT h.school_id, h.starts, h.ends, h.title, h.groups FROM timetable_holidays h
WHERE h.school_id IN (SELECT school_id FROM timetable_slots WHERE group_id = ANY (%(groups)s))
  AND (h.starts <= %(last)s AND h.ends >= %(first)s
       OR EXISTS (SELECT FROM timetables t WHERE t.school_id = h.school_id AND t.cycle IS NOT NULL))
ORDER BY h.starts
"""

# a weekday from which a lesson was moved into the range counts too
SLOTS = """
SELECT t.school_id, t.starts, t.ends, t.anchor, t.cycle,
       s.group_id, s.weekday, s.number, s.week, s.room, s.teacher_id, s.starts, s.ends, s.day
FROM timetables t
LEFT JOIN timetable_slots s
    ON s.school_id = t.school_id AND s.timetable_starts = t.starts AND s.group_id = ANY (%(groups)s)
    AND (t.cycle IS NOT NULL OR s.weekday = ANY (%(weekdays)s) OR s.weekday IN (
        SELECT extract(isodow FROM on_date) FROM timetable_exceptions
        WHERE group_id = ANY (%(groups)s) AND to_date BETWEEN %(first)s AND %(last)s))
WHERE t.starts <= %(last)s AND t.ends >= %(first)s
  AND t.school_id IN (SELECT school_id FROM timetable_slots WHERE group_id = ANY (%(groups)s))
ORDER BY t.school_id, t.starts
"""
EVERY_DAY = list(range(1, 8))


def _weekdays(first: date, last: date) -> list[int]:
    """Those that the range has: one day is a fifth of a school's."""
    return sorted((first + timedelta(days=n)).isoweekday() for n in range(min((last - first).days + 1, 7)))


def _timetables(conn: Conn, groups: list[UUID], first: date, last: date) -> dict[UUID, list[TimetableSet]]:
    """Timetables by school, each with the slots of these groups only."""
    asked = {"groups": groups, "first": first, "last": last, "weekdays": EVERY_DAY}
    return _read_timetables(conn.execute(SLOTS, asked))


def _read_timetables(rows: Iterable[Sequence[Any]]) -> dict[UUID, list[TimetableSet]]:
    schools: dict[UUID, list[TimetableSet]] = {}
    for (school, starts, ends, anchor), run in groupby(rows, key=lambda row: tuple(row[:4])):
        of_it = list(run)
        slots = tuple(slot_of(row[5:]) for row in of_it if row[5] is not None)
        span = {"school_id": school, "starts": starts, "ends": ends, "anchor": anchor}
        timetable = TimetableSet(**span, cycle=of_it[0][4], slots=slots)
        schools.setdefault(school, []).append(timetable)
    return schools


def slot_of(row: Sequence[Any]) -> Slot:
    """A row of `timetable_slots` in the order of its event's fields."""
    names = ("group_id", "weekday", "number", "week", "room", "teacher_id", "starts", "ends", "day")
    return Slot.model_construct(**dict(zip(names, row, strict=True)))  # rows were validated when they were events


EXCEPTIONS = """
SELECT type, data FROM timetable_exceptions
WHERE group_id = ANY (%(groups)s)
  AND (on_date BETWEEN %(first)s AND %(last)s OR to_date BETWEEN %(first)s AND %(last)s)
  AND (%(moment)s::timestamptz IS NULL OR at <= %(moment)s)
ORDER BY at, lesson_id, version
"""


def exceptions(
    conn: Conn, groups: Iterable[UUID], first: date, last: date, moment: datetime | None = None
) -> list[Exception_]:
    """What differs from the timetable on the days, in the order in which it is applied; as decided by the moment."""
    asked = {"groups": list(groups), "first": first, "last": last, "moment": moment}
    return _read_exceptions(conn.execute(EXCEPTIONS, asked))


def _read_exceptions(rows: Iterable[Sequence[Any]]) -> list[Exception_]:
    return [decode(type_, data) for type_, data in rows]  # type: ignore[misc]  # only exceptions are in the table


SET_DAY_BELLS = """
INSERT INTO timetable_day_bells (school_id, on_date, number, starts, ends) VALUES (%s, %s, %s, %s, %s)
"""
SET_BELLS = "INSERT INTO timetable_bells (school_id, number, starts, ends) VALUES (%s, %s, %s, %s)"


def _set_bells(conn: Conn, received: Received) -> None:
    plan = received.event
    assert isinstance(plan, BellsSet)
    conn.execute("DELETE FROM timetable_bells WHERE school_id = %s", [plan.school_id])
    conn.cursor().executemany(SET_BELLS, [(plan.school_id, b.number, b.starts, b.ends) for b in plan.bells])
    conn.execute("DELETE FROM timetable_day_bells WHERE school_id = %s", [plan.school_id])
    of_days = [(plan.school_id, day.on, b.number, b.starts, b.ends) for day in plan.days for b in day.bells]
    conn.cursor().executemany(SET_DAY_BELLS, of_days)


SET_HOLIDAY = "INSERT INTO timetable_holidays (school_id, starts, ends, title, groups) VALUES (%s, %s, %s, %s, %s)"


def _set_holidays(conn: Conn, received: Received) -> None:
    year = received.event
    assert isinstance(year, HolidaysSet)
    conn.execute("DELETE FROM timetable_holidays WHERE school_id = %s", [year.school_id])
    rows = [(year.school_id, h.starts, h.ends, h.title, list(h.groups)) for h in year.holidays]
    conn.cursor().executemany(SET_HOLIDAY, rows)


SET_TIMETABLE = """
INSERT INTO timetables (school_id, starts, ends, anchor, cycle) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (school_id, starts) DO UPDATE SET
    ends = excluded.ends, anchor = excluded.anchor, cycle = excluded.cycle
"""
CLEAR_SLOTS = "DELETE FROM timetable_slots WHERE school_id = %s AND timetable_starts = %s"
ADD_SLOT = """
INSERT INTO timetable_slots
    (school_id, timetable_starts, group_id, weekday, number, week, room, teacher_id, starts, ends, day)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def _set_timetable(conn: Conn, received: Received) -> None:
    new = received.event
    assert isinstance(new, TimetableSet)
    cycle = Jsonb(new.cycle.model_dump()) if new.cycle else None
    conn.execute(SET_TIMETABLE, [new.school_id, new.starts, new.ends, new.anchor, cycle])
    conn.execute(CLEAR_SLOTS, [new.school_id, new.starts])
    rows = [
        (
            new.school_id, new.starts, s.group_id, s.weekday, s.number, s.week, s.room, s.teacher_id, s.starts, s.ends,
            s.day,
        )
        for s in new.slots
    ]  # fmt: skip
    conn.cursor().executemany(ADD_SLOT, rows)  # COPY FROM is not allowed on a table with row-level security


EXCEPT = """
INSERT INTO timetable_exceptions
    (event_id, school_id, lesson_id, group_id, on_date, to_date, at, version, type, data)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (event_id) DO NOTHING
"""


def _except(conn: Conn, run: list[Received]) -> None:
    rows = []
    for one in run:
        change = one.event
        assert isinstance(change, LessonCancelled | LessonMoved | LessonSubstituted | LessonRestored)
        to = change.to_date if isinstance(change, LessonMoved) else None
        data = Jsonb(change.model_dump(mode="json", exclude_none=True))
        place = (change.school_id, change.lesson_id, change.group_id, change.on, to)
        rows.append((one.id, *place, one.time, one.envelope.version, type(change).TYPE, data))
    conn.cursor().executemany(EXCEPT, rows)


HANDLERS: dict[type[Event], Callable[[Conn, Received], None]] = {
    BellsSet: _set_bells,
    HolidaysSet: _set_holidays,
    TimetableSet: _set_timetable,
}
