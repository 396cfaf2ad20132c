"""Discipline of a school over a period (B-24): praise, remarks and incidents, lates and absences without a reason.

By class and pupil, of those who have any; classes stand in their own order, pupils by name, never by their figures.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from services.reporting import pages
from services.reporting.forms import forms_of, in_order
from shared.contracts.envelope import Received
from shared.contracts.messaging import (
    CommentWritten,
    ConversationOpened,
    MessageSent,
    MessagesSeen,
    RemarkMade,
    RemarkReworded,
    RemarkShown,
    RemarkWithdrawn,
    WeekSigned,
)
from shared.contracts.words import sort_key
from shared.postgres import Conn
from shared.stream import Projection
from shared.web.language import Language

Row = dict[str, Any]

MADE = """
INSERT INTO discipline_remarks (remark_id, school_id, pupil_id, kind, on_date, shown) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (remark_id) DO NOTHING
"""
SHOWN = "UPDATE discipline_remarks SET shown = true WHERE remark_id = %s"
WITHDRAWN = "UPDATE discipline_remarks SET withdrawn = true WHERE remark_id = %s"


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """Keep what counts, without a word of what was written."""
    for one in received:
        match one.event:
            case RemarkMade() as e:
                conn.execute(MADE, [e.remark_id, e.school_id, e.pupil_id, e.kind, e.on, e.shown])
            case RemarkShown(remark_id=remark):
                conn.execute(SHOWN, [remark])
            case RemarkWithdrawn(remark_id=remark):
                conn.execute(WITHDRAWN, [remark])


PROJECTION = Projection(
    name="reporting.discipline.1",
    topics=("diary.messaging",),
    apply=apply,
    handles=frozenset({RemarkMade, RemarkShown, RemarkWithdrawn}),
    leaves=frozenset({CommentWritten, ConversationOpened, MessageSent, MessagesSeen, RemarkReworded, WeekSigned}),
    tables=("discipline_remarks",),
)

COUNTED = ("praise", "remark", "incident", "late", "unexcused")
COUNTS = """
SELECT pupil_id, sum(praise)::int AS praise, sum(remark)::int AS remark, sum(incident)::int AS incident,
       sum(late)::int AS late, sum(unexcused)::int AS unexcused
FROM (
    SELECT pupil_id, count(*) FILTER (WHERE kind = 'praise') AS praise,
        count(*) FILTER (WHERE kind = 'remark') AS remark, count(*) FILTER (WHERE kind = 'incident') AS incident,
        0 AS late, 0 AS unexcused
    FROM discipline_remarks
    WHERE school_id = %(school)s AND on_date BETWEEN %(first)s AND %(last)s AND shown AND NOT withdrawn
    GROUP BY pupil_id
    UNION ALL
    SELECT pupil_id, 0, 0, 0, count(*) FILTER (WHERE state = 'late'),
        count(*) FILTER (WHERE state = 'absent' AND coalesce(reason, 'unexcused') = 'unexcused')
    FROM diary_presences
    WHERE school_id = %(school)s AND on_date BETWEEN %(first)s AND %(last)s AND state <> 'present'
    GROUP BY pupil_id
) AS counted
GROUP BY pupil_id HAVING sum(praise + remark + incident + late + unexcused) > 0
"""
WORDS: dict[Language, dict[str, str]] = {
    "ru": {
        "title": "Дисциплина", "class": "Класс", "pupil": "Ученик", "praise": "Похвал", "remark": "Замечаний",
        "incident": "Происшествий", "late": "Опозданий", "unexcused": "Пропусков без причины", "whole": "Всего",
    },
    "en": {
        "title": "Discipline", "class": "Class", "pupil": "Pupil", "praise": "Praise", "remark": "Remarks",
        "incident": "Incidents", "late": "Late", "unexcused": "Unexcused absences", "whole": "Total",
    },
}  # fmt: skip


def report(conn: Conn, school: UUID, first: date, last: date) -> Row:
    """What families were shown and was not taken back; an absence counts without a good reason, lesson by lesson."""
    with conn.cursor(row_factory=dict_row) as cursor:
        counts = cursor.execute(COUNTS, {"school": school, "first": first, "last": last}).fetchall()
    forms = forms_of(conn, school, first, last)
    names = pages.names(conn, (row["pupil_id"] for row in counts))
    by_class: defaultdict[str, list[Row]] = defaultdict(list)
    for row in counts:
        by_class[forms.get(row["pupil_id"], "")].append({**row, "name": names.get(row["pupil_id"])})
    classes = [
        {"name": name, **_total(rows), "pupils": sorted(rows, key=lambda row: sort_key(row["name"] or ""))}
        for name, rows in sorted(by_class.items(), key=lambda one: in_order(one[0]))
    ]
    return {"classes": classes, **_total(counts)}


def _total(rows: Sequence[Row]) -> Row:
    return {kind: sum(row[kind] for row in rows) for kind in COUNTED}


def rows(found: Row, language: Language) -> Iterator[Sequence[str]]:
    """The heading, the whole school, then of each class itself and its pupils."""
    words = WORDS[language]
    yield words["class"], words["pupil"], *(words[kind] for kind in COUNTED)
    yield words["whole"], "", *_said(found)
    for one in found["classes"]:
        yield one["name"], words["whole"], *_said(one)
        for pupil in one["pupils"]:
            yield one["name"], pupil["name"] or "…", *_said(pupil)


def _said(row: Row) -> list[str]:
    return [str(row[kind]) for kind in COUNTED]
