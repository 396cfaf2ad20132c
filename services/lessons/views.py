"""The read model: the shared timetable tables, topics, and the week that is read from them."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from services.lessons import homework, templates
from shared import timetable
from shared.contracts.envelope import Received
from shared.contracts.lessons import CalendarShared, CalendarWithdrawn, TopicWritten
from shared.contracts.timetable import Bells, Lesson
from shared.postgres import Conn

TABLES = (*timetable.TABLES, "topics", "homework", "calendars", "templates")

TOPIC = """
INSERT INTO topics (lesson_id, school_id, group_id, on_date, number, topic, by, at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (lesson_id) DO UPDATE SET topic = excluded.topic, by = excluded.by, at = excluded.at
"""

SHARE = """
INSERT INTO calendars (calendar_id, person_id, about_id, secret_hash, shared_at) VALUES (%s, %s, %s, %s, %s)
"""
WITHDRAW = "DELETE FROM calendars WHERE calendar_id = %s"


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """Bring the tables up to the events, which come opened and in the transaction that stores them."""
    timetable.apply(conn, received)
    for one in received:
        match one.event:
            case TopicWritten() as t:
                place = (t.lesson_id, t.school_id, t.group_id, t.on, t.number)
                conn.execute(TOPIC, [*place, t.topic.text or "", one.envelope.actor, one.time])
            case CalendarShared() as c:
                conn.execute(SHARE, [c.calendar_id, c.person_id, c.about_id, c.secret_hash, one.time])
            case CalendarWithdrawn() as c:
                conn.execute(WITHDRAW, [c.calendar_id])
    homework.apply(conn, received)
    templates.apply(conn, received)


def topic(conn: Conn, lesson_id: UUID) -> str | None:
    row = conn.execute("SELECT topic FROM topics WHERE lesson_id = %s", [lesson_id]).fetchone()
    return row[0] if row else None


GROUP = "SELECT group_id, school_id, title, subject FROM access_groups WHERE group_id = ANY (%s)"
TAUGHT = """
SELECT group_id FROM access_teaching WHERE person_id = %(person)s AND starts <= %(last)s AND ends >= %(first)s
UNION SELECT group_id FROM timetable_slots WHERE teacher_id = %(person)s
UNION SELECT group_id FROM timetable_exceptions WHERE data->>'teacher_id' = %(person)s::text
  AND (on_date BETWEEN %(first)s AND %(last)s OR to_date BETWEEN %(first)s AND %(last)s)
"""
LEARNT = """
SELECT group_id, starts, ends FROM access_members
WHERE person_id = %(person)s AND starts <= %(last)s AND ends >= %(first)s
"""
OF_SCHOOL = "SELECT DISTINCT group_id FROM timetable_slots WHERE school_id = %s"
TEACHERS = """
SELECT group_id, person_id, starts, ends FROM access_teaching
WHERE group_id = ANY (%s) ORDER BY group_id, is_primary DESC, starts DESC, person_id
"""
TOPICS = "SELECT lesson_id, topic FROM topics WHERE lesson_id = ANY (%s)"

Taught = dict[UUID, list[tuple[UUID, date, date]]]


def of_group(conn: Conn, group: UUID, first: date, last: date) -> list[Lesson]:
    return timetable.lessons(conn, [group], first, last)


def of_pupil(conn: Conn, pupil: UUID, first: date, last: date) -> list[Lesson]:
    """Lessons of the groups the pupil is in, each while he is in it."""
    spans: dict[UUID, list[tuple[date, date]]] = {}
    for group, starts, ends in conn.execute(LEARNT, {"person": pupil, "first": first, "last": last}):
        spans.setdefault(group, []).append((starts, ends))
    found = timetable.lessons(conn, spans, first, last)
    return [one for one in found if any(starts <= one.on <= ends for starts, ends in spans[one.group_id])]


def of_teacher(conn: Conn, teacher: UUID, first: date, last: date) -> list[Lesson]:
    """Lessons of the teacher: those he gives, also as a substitute, and those that another gives in his place."""
    rows = conn.execute(TAUGHT, {"person": teacher, "first": first, "last": last})
    groups = [row[0] for row in rows]
    taught = teaching(conn, groups)
    found = timetable.lessons(conn, groups, first, last)
    return [one for one in found if one.teacher_id == teacher or teacher in _teachers(taught, one)]


def of_school(conn: Conn, school: UUID, first: date, last: date) -> list[Lesson]:
    groups = [row[0] for row in conn.execute(OF_SCHOOL, [school])]
    return timetable.lessons(conn, groups, first, last)


def teaching(conn: Conn, groups: Iterable[UUID]) -> Taught:
    """Who teaches each group, with dates, the responsible teacher first."""
    found: Taught = {}
    for group, person, starts, ends in conn.execute(TEACHERS, [list(groups)]):
        found.setdefault(group, []).append((person, starts, ends))
    return found


def _teachers(taught: Taught, lesson: Lesson) -> list[UUID]:
    return [person for person, starts, ends in taught.get(lesson.group_id, []) if starts <= lesson.on <= ends]


Shown = dict[str, Any]


def shown(conn: Conn, lessons: Sequence[Lesson]) -> list[Shown]:
    """The lessons with what people look for: class, subject, bells, teacher, topic, homework."""
    groups = sorted({one.group_id for one in lessons})
    with conn.cursor(row_factory=dict_row) as cursor:
        known = {row["group_id"]: row for row in cursor.execute(GROUP, [groups])}
    bells = {school: timetable.bells(conn, school) for school in {row["school_id"] for row in known.values()}}
    taught = teaching(conn, groups)
    topics: dict[UUID, str] = dict(conn.execute(TOPICS, [[one.id for one in lessons]]).fetchall())
    tasks = homework.of_lessons(conn, [one.id for one in lessons])
    return [
        {**_shown(one, known[one.group_id], bells, taught), "topic": topics.get(one.id), "homework": tasks.get(one.id)}
        for one in lessons
        if one.group_id in known
    ]


def _shown(one: Lesson, group: Shown, bells: dict[UUID, Bells], taught: Taught) -> Shown:
    bell = bells[group["school_id"]].at(one.on, one.number)
    teacher = one.teacher_id or next(iter(_teachers(taught, one)), None)
    usual = one.instead_of or next(iter(_teachers(taught, one)), None)
    moved = {"on": one.moved_from[0], "number": one.moved_from[1]} if one.moved_from else None
    return {
        **group,
        "lesson_id": one.id,
        "on": one.on,
        "number": one.number,
        "starts": bell and bell.starts,
        "ends": bell and bell.ends,
        "room": one.room,
        "teacher_id": teacher,
        "cancelled": one.cancelled,
        "moved_from": moved,
        "substituted": one.substituted,
        "instead_of": usual if one.substituted else None,
        "room_was": one.room_was,
    }


EVERY_HOLIDAY = """
SELECT DISTINCT starts, ends, title FROM timetable_holidays
WHERE school_id = ANY (%s) AND starts <= %s AND ends >= %s AND groups = '{}' ORDER BY starts, title
"""


def holidays(conn: Conn, schools: Iterable[UUID], first: date, last: date) -> list[Shown]:
    """Holidays of these whole schools that touch the range."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(EVERY_HOLIDAY, [list(schools), last, first]).fetchall()


def schools_of(conn: Conn, groups: Iterable[UUID]) -> set[UUID]:
    rows = conn.execute("SELECT DISTINCT school_id FROM access_groups WHERE group_id = ANY (%s)", [list(groups)])
    return {row[0] for row in rows}


def schools_of_person(conn: Conn, person: UUID) -> set[UUID]:
    """Where the person has a role, as far as the scope shows it."""
    return {
        row[0] for row in conn.execute("SELECT DISTINCT school_id FROM access_roles WHERE person_id = %s", [person])
    }
