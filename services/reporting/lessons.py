"""Lessons as a school's staff sees them: what stands in the journal of each, and what is missing."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from services.reporting import homework, pages
from shared import timetable
from shared.contracts.timetable import Bells, Lesson
from shared.postgres import Conn

Row = dict[str, Any]
Taught = dict[UUID, list[tuple[UUID, date, date]]]


@dataclass(frozen=True)
class Moment:
    """What day and time it is at the school."""

    today: date
    time: str

    @staticmethod
    def of(at: datetime) -> "Moment":
        return Moment(at.date(), at.strftime("%H:%M"))

    def held(self, lesson: Lesson, bells: Bells) -> bool:
        """Whether the lesson is over. One of today that the bell plan does not know is over tomorrow."""
        if lesson.on != self.today:
            return lesson.on < self.today
        bell = bells.at(lesson.on, lesson.number)
        return bell is not None and bell.ends <= self.time


TEACHERS = """
SELECT group_id, person_id, starts, ends FROM access_teaching WHERE group_id = ANY (%s)
ORDER BY group_id, is_primary DESC, starts DESC, person_id
"""


def taught(conn: Conn, groups: Iterable[UUID]) -> Taught:
    """Who teaches each group, with dates, the responsible teacher first."""
    found: Taught = {}
    for group, person, starts, ends in conn.execute(TEACHERS, [list(groups)]):
        found.setdefault(group, []).append((person, starts, ends))
    return found


def teachers(by_group: Taught, lesson: Lesson) -> list[UUID]:
    """Whose group it is on the lesson's day."""
    return [person for person, starts, ends in by_group.get(lesson.group_id, []) if starts <= lesson.on <= ends]


OF_TEACHER = """
SELECT group_id FROM access_teaching
WHERE person_id = %(person)s AND school_id = ANY (%(schools)s) AND starts <= %(last)s AND ends >= %(first)s
UNION SELECT group_id FROM timetable_slots WHERE school_id = ANY (%(schools)s) AND teacher_id = %(person)s
UNION SELECT group_id FROM timetable_exceptions
WHERE school_id = ANY (%(schools)s) AND data->>'teacher_id' = %(person)s::text
  AND (on_date BETWEEN %(first)s AND %(last)s OR to_date BETWEEN %(first)s AND %(last)s)
"""


def given(conn: Conn, teacher: UUID, schools: Collection[UUID], first: date, last: date) -> list[Lesson]:
    """Lessons that the teacher gives at these schools, also as a substitute; not those that another gives for him."""
    asked = {"person": teacher, "schools": list(schools), "first": first, "last": last}
    groups = [row[0] for row in conn.execute(OF_TEACHER, asked)]
    by_group = taught(conn, groups)
    found = timetable.lessons(conn, groups, first, last)
    return [
        one for one in found if teacher == one.teacher_id or (not one.teacher_id and teacher in teachers(by_group, one))
    ]


ROLLS = "SELECT lesson_id, present, absent, late, at FROM diary_rolls WHERE lesson_id = ANY (%s)"
MARKS = """
SELECT w.lesson_id, count(DISTINCT w.work_id) AS works, count(m.pupil_id) AS marks
FROM diary_works w LEFT JOIN diary_marks m ON m.work_id = w.work_id AND m.given <> '{}'
WHERE w.lesson_id = ANY (%(lessons)s) AND w.group_id = ANY (%(groups)s)
  AND w.on_date BETWEEN %(first)s AND %(last)s AND NOT w.removed
GROUP BY w.lesson_id
"""
GROUPS = "SELECT group_id, school_id, title, subject FROM access_groups WHERE group_id = ANY (%s)"


def states(conn: Conn, found: list[Lesson], moments: dict[UUID, Moment]) -> list[Row]:
    """The lessons, each with its roll, marks, topic and homework. `moments`: what time it is at each school."""
    ids, groups = [one.id for one in found], list({one.group_id for one in found})
    with conn.cursor(row_factory=dict_row) as cursor:
        known = {row["group_id"]: row for row in cursor.execute(GROUPS, [groups])}
        rolls = {row["lesson_id"]: row for row in cursor.execute(ROLLS, [ids])}
        marks = {row["lesson_id"]: row for row in cursor.execute(MARKS, _asked(found))}
    bells = {school: timetable.bells(conn, school) for school in {row["school_id"] for row in known.values()}}
    topics, tasks = pages.topics_of(conn, set(ids)), homework.said_of(conn, ids)
    return [
        {
            **_place(one, known[one.group_id], bells),
            "held": moments[known[one.group_id]["school_id"]].held(one, bells[known[one.group_id]["school_id"]]),
            "roll": rolls.get(one.id),
            "works": marks.get(one.id, {}).get("works", 0),
            "marks": marks.get(one.id, {}).get("marks", 0),
            "topic": topics.get(one.id),
            "homework": tasks.get(one.id),
        }
        for one in found
        if one.group_id in known
    ]


def _asked(found: list[Lesson]) -> Row:
    days = [one.on for one in found] + [one.moved_from[0] for one in found if one.moved_from]
    return {
        "lessons": [one.id for one in found],
        "groups": list({one.group_id for one in found}),
        "first": min(days, default=date.min),
        "last": max(days, default=date.min),
    }


def _place(one: Lesson, group: Row, bells: dict[UUID, Bells]) -> Row:
    bell = bells[group["school_id"]].at(one.on, one.number)
    return {
        **group,
        "lesson_id": one.id,
        "on": one.on,
        "number": one.number,
        "starts": bell and bell.starts,
        "ends": bell and bell.ends,
        "room": one.room,
        "cancelled": one.cancelled,
        "substituted": one.substituted,
        "moved_from": one.moved_from and {"on": one.moved_from[0], "number": one.moved_from[1]},
    }
