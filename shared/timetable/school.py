"""All lessons of one school on one day, read by the school: its groups are some six hundred."""

from datetime import date
from typing import Any
from uuid import UUID

from shared.contracts import decode
from shared.contracts.lessons import LessonMoved, Slot, TimetableSet
from shared.contracts.timetable import Exception_, Lesson, lessons_between
from shared.postgres import Conn
from shared.timetable import free, slot_of

EXCEPTIONS = """
SELECT type, data FROM timetable_exceptions
WHERE school_id = %(school)s AND (on_date = %(on)s OR to_date = %(on)s) ORDER BY at, lesson_id, version
"""
# a timetable without a slot on the day is in force all the same, and puts an earlier one out of it
SLOTS = """
SELECT t.starts, t.ends, t.anchor, t.cycle,
       s.group_id, s.weekday, s.number, s.week, s.room, s.teacher_id, s.starts, s.ends, s.day
FROM timetables t
LEFT JOIN timetable_slots s
    ON s.school_id = t.school_id AND s.timetable_starts = t.starts 
    AND (t.cycle IS NOT NULL OR s.weekday = ANY (%(weekdays)s))
WHERE t.school_id = %(school)s AND t.starts <= %(last)s AND t.ends >= %(first)s
"""


def lessons_on(conn: Conn, school: UUID, on: date) -> list[Lesson]:
    """Lessons of every group of the school, cancelled ones too, in order of number and group."""
    rows = conn.execute(EXCEPTIONS, {"school": school, "on": on})
    changes: list[Exception_] = [decode(type_, data) for type_, data in rows]  # type: ignore[misc]  # no others there
    days = {on, *(change.on for change in changes if isinstance(change, LessonMoved))}
    asked = {"school": school, "first": min(days), "last": max(days), "weekdays": [day.isoweekday() for day in days]}
    timetables = _timetables(conn, school, asked)
    holidays = free(conn, school, timetables, min(days), max(days))
    return lessons_between(timetables, holidays, changes, on, on)


def _timetables(conn: Conn, school: UUID, asked: dict[str, Any]) -> list[TimetableSet]:
    found: dict[date, TimetableSet] = {}
    slots: dict[date, list[Slot]] = {}
    for starts, ends, anchor, cycle, *slot in conn.execute(SLOTS, asked):
        span = {"school_id": school, "starts": starts, "ends": ends, "anchor": anchor, "cycle": cycle}
        found.setdefault(starts, TimetableSet(**span, slots=()))
        of_it = slots.setdefault(starts, [])
        if slot[0] is not None:
            of_it.append(slot_of(slot))
    return [found[starts].model_copy(update={"slots": tuple(slots[starts])}) for starts in sorted(found)]
