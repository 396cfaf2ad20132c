"""What a pupil's pages showed at an earlier moment, from the audit journal: the log has it (B-28).

Each function answers as its namesake in pages.py does for now. The moment is compared with the events' own times.
Works keep their place in the timetable for ever, and a mark that was ever given keeps its row, so both are found by
what stands now; what was said of them then is in `history_entries`.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from services.reporting.criteria import by_criteria
from shared.contracts.attendance import PresenceCorrected
from shared.contracts.grades import MarksGiven
from shared.postgres import Conn

Row = dict[str, Any]

MARKS = """
SELECT w.work_id, w.lesson_id, w.group_id, w.on_date AS "on", w.number, w.scale, w.criteria,
       h.type, h.pupil_id, h.by_id, h.at, h.before, h.after, h.reason
FROM diary_marks m JOIN diary_works w USING (work_id) JOIN history_entries h ON h.object_id = w.work_id
WHERE m.pupil_id = %(pupil)s AND w.on_date BETWEEN %(first)s AND %(last)s AND h.service = 'grades'
  AND h.at <= %(moment)s AND (h.pupil_id = %(pupil)s OR h.pupil_id IS NULL)
  AND h.type NOT IN ('diary.grades.marks-drafted.v1', 'diary.grades.work-published.v1',
                     'diary.grades.publication-planned.v1')
ORDER BY w.on_date, w.number, w.work_id, split_part(h.event_id, ':', 2)::int
"""


def marks(conn: Conn, pupil: UUID, first: date, last: date, moment: datetime) -> list[Row]:
    """Marks of works of the range that had been given by the moment, with what was corrected until then."""
    found = []
    for _, entries in groupby(_rows(conn, MARKS, pupil, first, last, moment), key=lambda row: row["work_id"]):
        if mark := _mark(list(entries)):
            found.append(by_criteria(mark))
    return sorted(found, key=lambda mark: (mark["on"], mark["number"], mark["first_at"]))


def _mark(entries: list[Row]) -> Row | None:
    """None: the work had been removed, or the pupil had no mark in it yet."""
    column: Row | None = None
    mark: Row | None = None
    for entry in entries:
        if entry["pupil_id"] is None:
            column = entry["after"]
        else:
            mark = _after(mark, entry)
    if column is None or mark is None:
        return None
    place = {name: entries[0][name] for name in ("work_id", "lesson_id", "group_id", "on", "number", "scale")}
    named = {"kind": column["kind"], "weight": Decimal(column["weight"]), "title": column["title"]}
    return {**place, **named, "criteria": entries[0]["criteria"], **mark}


def _after(mark: Row | None, entry: Row) -> Row:
    now = entry["after"] or {"values": []}
    said = {"values": now["values"], "points": now.get("criteria", []), "by": entry["by_id"], "at": entry["at"]}
    said["due"] = now.get("due")
    if entry["type"] == MarksGiven.TYPE or mark is None:
        told = mark or {"first_at": entry["at"], "was": []}
        return {**told, **said, "comment": now.get("comment"), "recommendation": now.get("recommendation")}
    before = entry["before"]
    was = {"values": before["values"], "points": before.get("criteria", []), **_why(entry)}
    was["retake"] = now.get("retake", [])
    return {**mark, **said, "was": [*mark["was"], was]}


def _why(entry: Row) -> Row:
    return {"reason": entry["reason"], "by": entry["by_id"], "at": entry["at"]}


PRESENCES = """
SELECT p.lesson_id, p.group_id, p.on_date AS "on", p.number, h.type, h.by_id, h.at, h.before, h.after,
       h.reason
FROM diary_presences p JOIN history_entries h ON h.object_id = p.lesson_id
WHERE p.pupil_id = %(pupil)s AND p.on_date BETWEEN %(first)s AND %(last)s AND h.service = 'attendance'
  AND h.at <= %(moment)s AND h.pupil_id = %(pupil)s
ORDER BY p.on_date, p.number, p.lesson_id, split_part(h.event_id, ':', 2)::int
"""


def presences(conn: Conn, pupil: UUID, first: date, last: date, moment: datetime) -> list[Row]:
    """What the rolls of the range said of the pupil at the moment."""
    rows = _rows(conn, PRESENCES, pupil, first, last, moment)
    return [_presence(list(entries)) for _, entries in groupby(rows, key=lambda row: row["lesson_id"])]


def _presence(entries: list[Row]) -> Row:
    now = entries[-1]
    place = {name: now[name] for name in ("lesson_id", "group_id", "on", "number")}
    corrections = [one for one in entries if one["type"] == PresenceCorrected.TYPE]
    was = [{**(one["before"] or {"state": None}), **_why(one)} for one in corrections]
    stands = {"state": None, "minutes": None, "reason": None, **now["after"]}
    return {**place, **stands, "was": was, "by": now["by_id"], "at": now["at"]}


TOPICS = """
SELECT DISTINCT ON (object_id) object_id, after ->> 'topic' FROM history_entries
WHERE object_id = ANY (%s) AND after ? 'topic' AND at <= %s
ORDER BY object_id, split_part(event_id, ':', 2)::int DESC
"""


def topics_of(conn: Conn, ids: Iterable[UUID], moment: datetime) -> dict[UUID, str]:
    """Topics of lessons as they were written by then."""
    return dict(conn.execute(TOPICS, [list(ids), moment]).fetchall())


def _rows(conn: Conn, query: str, pupil: UUID, first: date, last: date, moment: datetime) -> list[Row]:
    asked = {"pupil": pupil, "first": first, "last": last, "moment": moment}
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query.encode(), asked).fetchall()
