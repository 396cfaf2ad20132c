"""What lies before a pupil: work that is owed, tests that come, topics that are weak (B-12, G-12)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from services.reporting import learning, pages
from shared.contracts.averages import average
from shared.postgres import Conn

Row = dict[str, Any]

COMING = timedelta(days=60)
TESTS = ("quiz", "test", "exam", "project")
"""Kinds of work that one prepares for."""

WEAK = {"five": Decimal("3.5"), "hundred": Decimal(60), "letters": Decimal(2)}
"""A topic whose average is below this is weak; by pass and fail none is."""
MOST_WEAK = 10

OWED = """
SELECT m.pupil_id, m.work_id, w.group_id, w.on_date AS "on", w.kind, w.title, m.due, m.at
FROM diary_marks m JOIN diary_works w USING (work_id)
WHERE {whose} AND 'missing' = ANY (m.given) AND NOT w.removed AND w.on_date BETWEEN %(first)s AND %(last)s
ORDER BY m.due NULLS LAST, w.on_date, m.work_id LIMIT 1000
"""
OF_PUPIL = OWED.replace("{whose}", "m.pupil_id = %(whose)s")
OF_GROUP = OWED.replace("{whose}", "w.group_id = %(whose)s")


def debts_of(conn: Conn, pupil: UUID, first: date, last: date, today: date) -> list[Row]:
    """What the pupil owes of works of these days, the nearest day of handing in first."""
    return _debts(conn, OF_PUPIL, pupil, first, last, today)


def debts_in(conn: Conn, group: UUID, first: date, last: date, today: date) -> list[Row]:
    """The same of all pupils of a group."""
    return _debts(conn, OF_GROUP, group, first, last, today)


def _debts(conn: Conn, query: str, whose: UUID, first: date, last: date, today: date) -> list[Row]:
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(query.encode(), {"whose": whose, "first": first, "last": last}).fetchall()
    subjects = learning.subjects(conn, {row["group_id"] for row in rows})
    return [
        {**row, "subject": subjects.get(row["group_id"], ""), "overdue": row["due"] is not None and row["due"] < today}
        for row in rows
    ]


PLANNED = """
SELECT w.work_id, w.group_id, w.on_date AS "on", w.number, w.kind, w.weight, w.title, t.topic
FROM diary_works w LEFT JOIN diary_topics t USING (lesson_id)
WHERE w.group_id = ANY (%s) AND w.on_date BETWEEN %s AND %s AND w.kind = ANY (%s) AND NOT w.removed AND NOT w.draft
  AND NOT EXISTS (SELECT FROM diary_marks m WHERE m.work_id = w.work_id AND m.given <> '{}')
ORDER BY w.on_date, w.number, w.work_id LIMIT 100
"""


def coming(conn: Conn, pupil: UUID, today: date) -> list[Row]:
    """Works from today on that the pupil prepares for, the next first."""
    until = today + COMING
    learnt = {member.group_id: member for member in learning.memberships(conn, pupil, today, until)}
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(PLANNED, [list(learnt), today, until, list(TESTS)]).fetchall()
    return [
        {**row, "subject": learnt[row["group_id"]].subject}
        for row in rows
        if learnt[row["group_id"]].starts <= row["on"] <= learnt[row["group_id"]].ends
    ]


def weak(conn: Conn, pupil: UUID, first: date, last: date) -> list[Row]:
    """Topics of lessons whose marks of these days have a low average, the lowest first."""
    marks = pages.marks(conn, pupil, first, last)
    topics = pages.topics_of(conn, {row["lesson_id"] for row in marks})
    subjects = learning.subjects(conn, {row["group_id"] for row in marks})
    by_topic: defaultdict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in marks:
        if topic := topics.get(row["lesson_id"]):
            by_topic[subjects.get(row["group_id"], ""), topic, row["scale"]].append(row)
    found = [_topic(*named, rows) for named, rows in by_topic.items()]
    low = [row for row in found if row["average"] is not None and row["average"] < WEAK.get(row["scale"], 0)]
    return sorted(low, key=lambda row: (row["average"] / WEAK[row["scale"]], row["subject"], row["topic"]))[:MOST_WEAK]


def _topic(subject: str, topic: str, scale: str, rows: Sequence[Row]) -> Row:
    counted = average(scale, [(value, str(row["weight"])) for row in rows for value in row["values"]])  # type: ignore[arg-type]
    made = {"average": counted.average, "count": len(counted.terms)}
    return {"subject": subject, "topic": topic, "scale": scale, "on": rows[-1]["on"], **made}
