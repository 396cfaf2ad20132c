"""What is missing in a school's journals over a period, by teacher (B-07): rolls, marks of works, topics, homework.

Of lessons that are over and were not cancelled. Teachers stand by name, never by their figures (B-25).
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from services.reporting import learning, lessons, pages
from services.reporting.lessons import Moment
from shared import timetable
from shared.contracts.words import sort_key
from shared.postgres import Conn

Row = dict[str, Any]

COUNTED = ("lessons", "rolls", "works", "topics", "homework")
GROUPS = "SELECT group_id FROM access_groups WHERE school_id = %s AND starts <= %s AND ends >= %s"


def board(conn: Conn, school: UUID, now: Moment, first: date, last: date) -> Row:
    """Counts of the lessons that are over, and of those of them that lack something.

    Without a roll; with unmarked works; without a topic; without a word on homework.
    """
    groups = [group for (group,) in conn.execute(GROUPS, [school, last, first])]
    planned = {one.id: one for one in timetable.lessons(conn, groups, first, min(last, now.today))}
    taught = learning.teaching(conn, set(groups))
    by_teacher: defaultdict[UUID | None, list[Row]] = defaultdict(list)
    for row in lessons.states(conn, list(planned.values()), {school: now}):
        if row["held"] and not row["cancelled"]:
            lesson = planned[row["lesson_id"]]
            by_teacher[lesson.teacher_id or learning.responsible(taught, lesson)].append(row)
    names = pages.names(conn, (teacher for teacher in by_teacher if teacher))
    teachers = [
        {"teacher_id": teacher, "name": names.get(teacher) if teacher else None, **_counted(rows)}
        for teacher, rows in by_teacher.items()
    ]
    total = {kind: sum(row[kind] for row in teachers) for kind in COUNTED}
    return {**total, "teachers": sorted(teachers, key=lambda row: (row["name"] is None, sort_key(row["name"] or "")))}


def _counted(rows: Iterable[Row]) -> Row:
    counted = list(rows)
    return {
        "lessons": len(counted),
        "rolls": sum(1 for row in counted if row["roll"] is None),
        "works": sum(1 for row in counted if row["works"] and not row["marks"]),
        "topics": sum(1 for row in counted if not row["topic"]),
        "homework": sum(1 for row in counted if row["homework"] is None),
    }
