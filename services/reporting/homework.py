"""Homework as pages show it: to pupils by the lesson by which it is due, to staff by that after which it was set."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from services.reporting.learning import Membership
from shared.contracts.envelope import Received
from shared.contracts.lessons import HomeworkSet, lesson_id
from shared.postgres import Conn

Row = dict[str, Any]

TABLES = ("diary_homework",)
LONGEST = timedelta(days=120)
"""How long before its day homework may have been set: as far ahead as the lessons service sets it."""

SET = """
INSERT INTO diary_homework
    (lesson_id, school_id, group_id, on_date, number, task, due_lesson_id, due_on, due_number, minutes,
     written_on, written_at, late, by_id)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (lesson_id) DO UPDATE SET
    task = excluded.task, due_lesson_id = excluded.due_lesson_id, due_on = excluded.due_on,
    due_number = excluded.due_number, minutes = excluded.minutes, written_on = excluded.written_on,
    written_at = excluded.written_at, late = excluded.late, by_id = excluded.by_id
"""


def written(conn: Conn, run: list[Received]) -> None:
    """Keep what was said last of each lesson."""
    rows = []
    for one in run:
        said = one.event
        assert isinstance(said, HomeworkSet)
        place = (said.lesson_id, said.school_id, said.group_id, said.on, said.number)
        due = None
        if said.due_on is not None and said.due_number is not None:
            due = lesson_id(said.group_id, said.due_on, said.due_number)
        task = said.task and (said.task.text or "")
        words = (said.minutes, said.written_on, said.written_at, said.late, one.envelope.actor)
        rows.append((*place, task, due, said.due_on, said.due_number, *words))
    conn.cursor().executemany(SET, rows)


DUE = """
SELECT lesson_id, group_id, on_date AS set_on, due_lesson_id, due_on, due_number, task, minutes, written_on,
       written_at, late, by_id AS by
FROM diary_homework
WHERE group_id = ANY (%(groups)s) AND task IS NOT NULL
  AND (due_on BETWEEN %(first)s AND %(last)s OR due_lesson_id = ANY (%(lessons)s))
ORDER BY due_on, due_number, lesson_id
"""
# the newest word of each lesson by the moment; its day may have been another then than now
DUE_THEN = """
SELECT DISTINCT ON (d.lesson_id) d.lesson_id, d.group_id, d.on_date AS set_on, h.after, h.by_id AS by
FROM diary_homework d JOIN history_entries h ON h.object_id = d.lesson_id
WHERE d.group_id = ANY (%(groups)s) AND d.on_date BETWEEN %(since)s AND %(last)s
  AND h.type = 'diary.lessons.homework-set.v1' AND h.at <= %(moment)s
ORDER BY d.lesson_id, split_part(h.event_id, ':', 2)::int DESC
"""


def due(
    conn: Conn,
    learnt: Collection[Membership],
    first: date,
    last: date,
    lessons: Collection[UUID] = (),
    moment: datetime | None = None,
) -> list[Row]:
    """What is due in the range, in groups in which the pupil learns on that day.

    `lessons`: what is due by one of these besides, moved into the range as they are.
    """
    asked = {"groups": [member.group_id for member in learnt], "first": first, "last": last, "lessons": list(lessons)}
    with conn.cursor(row_factory=dict_row) as cursor:
        if moment is None:
            rows = cursor.execute(DUE, asked).fetchall()
        else:
            found = cursor.execute(DUE_THEN, {**asked, "since": first - LONGEST, "moment": moment}).fetchall()
            rows = [row for one in found if (row := _then(one, first, last, lessons))]
    rows = [row for row in rows if any(_learns(member, row) for member in learnt)]
    return sorted(rows, key=lambda row: (row["due_on"], row["due_number"], row["set_on"]))


def _learns(member: Membership, row: Row) -> bool:
    return bool(member.group_id == row["group_id"] and member.starts <= row["due_on"] <= member.ends)


def _then(one: Row, first: date, last: date, lessons: Collection[UUID]) -> Row | None:
    said = one.pop("after")
    if said["task"] is None:
        return None
    on, number = date.fromisoformat(said["due_on"]), said["due_number"]
    id_ = lesson_id(one["group_id"], on, number)
    if not first <= on <= last and id_ not in lessons:
        return None
    written_on = date.fromisoformat(said["written_on"])
    return {**one, **said, "due_lesson_id": id_, "due_on": on, "written_on": written_on}


def by_lesson(rows: Iterable[Row]) -> dict[UUID, list[Row]]:
    """By the lesson by which it is due."""
    found: defaultdict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["due_lesson_id"]].append(row)
    return found


SAID = "SELECT lesson_id, task FROM diary_homework WHERE lesson_id = ANY (%s)"


def said_of(conn: Conn, lessons: Collection[UUID]) -> dict[UUID, str]:
    """Of which of these lessons something was said: the task, or nothing («») where nothing is to be done."""
    return {lesson: task or "" for lesson, task in conn.execute(SAID, [list(lessons)])}
