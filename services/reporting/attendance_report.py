"""Attendance of a school over a period, by class and pupil: what the academic office reports (A-04).

Classes stand in their own order, pupils by name, never by their figures (B-25).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from services.reporting import pages
from services.reporting.forms import forms_of, in_order
from services.reporting.school import share
from shared.contracts.words import sort_key
from shared.postgres import Conn
from shared.web.language import Language

Row = dict[str, Any]

COUNTED = ("lessons", "absent", "unexcused", "late")
COUNTS = """
SELECT p.pupil_id, count(*) AS lessons, count(*) FILTER (WHERE state = 'absent') AS absent,
       count(*) FILTER (WHERE state = 'absent' AND coalesce(reason, 'unexcused') = 'unexcused') AS unexcused,
       count(*) FILTER (WHERE state = 'late') AS late
FROM diary_rolls r JOIN diary_presences p USING (lesson_id)
WHERE r.school_id = %s AND r.on_date BETWEEN %s AND %s GROUP BY p.pupil_id
"""
WORDS: dict[Language, dict[str, str]] = {
    "ru": {
        "title": "Посещаемость", "class": "Класс", "pupil": "Ученик",
        "lessons": "Уроков", "absent": "Пропущено", "unexcused": "Без причины", "late": "Опозданий",
        "share": "Посещаемость, %", "whole": "Всего",
    },
    "en": {
        "title": "Attendance", "class": "Class", "pupil": "Pupil",
        "lessons": "Lessons", "absent": "Missed", "unexcused": "Unexcused", "late": "Late",
        "share": "Attendance, %", "whole": "Total",
    },
}  # fmt: skip


def report(conn: Conn, school: UUID, first: date, last: date) -> Row:
    """Lesson hours are those whose roll was taken; an absence is unexcused without a good reason."""
    with conn.cursor(row_factory=dict_row) as cursor:
        counts = cursor.execute(COUNTS, [school, first, last]).fetchall()
    forms = forms_of(conn, school, first, last)
    names = pages.names(conn, (row["pupil_id"] for row in counts))
    by_class: defaultdict[str, list[Row]] = defaultdict(list)
    for row in counts:
        by_class[forms.get(row["pupil_id"], "")].append({**_counted([row]), **_who(row["pupil_id"], names)})
    classes = [
        {"name": name, **_counted(rows), "pupils": sorted(rows, key=lambda row: sort_key(row["name"] or ""))}
        for name, rows in sorted(by_class.items(), key=lambda one: in_order(one[0]))
    ]
    return {"classes": classes, **_counted(counts)}


def _who(pupil: UUID, names: dict[UUID, str]) -> Row:
    return {"pupil_id": pupil, "name": names.get(pupil)}


def _counted(rows: Iterable[Row]) -> Row:
    counted = list(rows)
    total = {kind: sum(row[kind] for row in counted) for kind in COUNTED}
    came = total["lessons"] - total["absent"] - total["late"]
    return {**total, "share": share(came, total["late"], total["absent"])}


def rows(found: Row, language: Language) -> Iterator[Sequence[str]]:
    """The heading, the whole school, then of each class itself and its pupils."""
    words = WORDS[language]
    yield words["class"], words["pupil"], *(words[kind] for kind in (*COUNTED, "share"))
    yield words["whole"], "", *_said(found, language)
    for one in found["classes"]:
        yield one["name"], words["whole"], *_said(one, language)
        for pupil in one["pupils"]:
            yield one["name"], pupil["name"] or "…", *_said(pupil, language)


def _said(row: Row, language: Language) -> list[str]:
    share_ = row["share"] or ""
    return [*(str(row[kind]) for kind in COUNTED), share_.replace(".", ",") if language == "ru" else share_]
