"""All lessons of one school on one day, read by the school: its groups are some six hundred."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from shared.contracts import decode
from shared.contracts.lessons import LessonMoved, Slot, TimetableSet
from shared.contracts.timetable import Exception_, Lesson, lessons_between
from shared.postgres import Conn
from shared.timetable import holidays

EXCEPTIONS = """
SELECT type, data FROM timetable_exceptions
WHERE school_id = %(school)s AND (on_date = %(on)s OR to_date = %(on)s) ORDER BY at, lesson_id, version
"""
# a timetable without a slot on the day is in force all the same, and puts an earlier one out of it
SLOTS = """
SELECT t.starts, t.ends, t.anchor, s.group_id, s.weekday, s.number, s.week, s.room, s.teacher_id, s.starts, s.ends
FROM timetables t
LEFT JOIN timetable_slots s
    ON s.school_id = t.school_id AND s.timetable_starts = t.starts AND s.weekday = ANY (%(weekdays)s)
WHERE t.school_id = %(school)s AND t.starts <= %(last)s AND t.ends >= %(first)s
"""


def lessons_on(conn: Conn, school: UUID, on: date) -> list[Lesson]:
    """Lessons of every group of the school, cancelled ones too, in order of number and group."""
    rows = conn.execute(EXCEPTIONS, {"school": school, "on": on})
    changes: list[Exception_] = [decode(type_, data) for type_, data in rows]  # type: ignore[misc]  # no others there
    days = {on, *(change.on for change in changes if isinstance(change, LessonMoved))}
    asked = {"school": school, "first": min(days), "last": max(days), "weekdays": [day.isoweekday() for day in days]}
    free = holidays(conn, school, min(days), max(days))
    return lessons_between(_timetables(conn, school, asked), free, changes, on, on)


def _timetables(conn: Conn, school: UUID, asked: dict[str, Any]) -> list[TimetableSet]:
    slots: dict[tuple[date, date, date], list[Slot]] = {}
    for row in conn.execute(SLOTS, asked):
        of_it = slots.setdefault((row[0], row[1], row[2]), [])
        if row[3] is not None:
            of_it.append(_slot(row[3:]))
    return [
        TimetableSet(school_id=school, starts=starts, ends=ends, anchor=anchor, slots=tuple(of_it))
        for (starts, ends, anchor), of_it in sorted(slots.items())
    ]


def _slot(row: Sequence[Any]) -> Slot:
    names = ("group_id", "weekday", "number", "week", "room", "teacher_id", "starts", "ends")
    return Slot.model_construct(**dict(zip(names, row, strict=True)))  # rows were validated when they were events
