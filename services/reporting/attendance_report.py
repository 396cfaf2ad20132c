"""Attendance of a school over a period, by class and pupil: what the academic office reports (A-04).

Classes stand in their own order, pupils by name, never by their figures (B-25).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from services.reporting import pages, spreadsheet
from services.reporting.forms import form_of, in_order
from services.reporting.school import share
from services.reporting.sheet_file import shown
from shared.contracts.words import sort_key
from shared.postgres import Conn
from shared.web.language import Language

Row = dict[str, Any]

COUNTED = ("lessons", "absent", "unexcused", "late")
COUNTS = """
SELECT pupil_id, count(*) AS lessons, count(*) FILTER (WHERE state = 'absent') AS absent,
       count(*) FILTER (WHERE state = 'absent' AND coalesce(reason, 'unexcused') = 'unexcused') AS unexcused,
       count(*) FILTER (WHERE state = 'late') AS late
FROM diary_presences WHERE school_id = %s AND on_date BETWEEN %s AND %s GROUP BY pupil_id
"""
GROUPS = """
SELECT m.person_id, g.title, g.homeroom FROM access_members m JOIN access_groups g USING (group_id)
WHERE g.school_id = %s AND m.starts <= %s AND m.ends >= %s
"""
WORDS: dict[Language, dict[str, str]] = {
    "ru": {
        "title": "Посещаемость", "period": "Период", "made": "Сформировано", "class": "Класс", "pupil": "Ученик",
        "lessons": "Уроков", "absent": "Пропущено", "unexcused": "Без причины", "late": "Опозданий",
        "share": "Посещаемость, %", "whole": "Всего",
    },
    "en": {
        "title": "Attendance", "period": "Period", "made": "Made", "class": "Class", "pupil": "Pupil",
        "lessons": "Lessons", "absent": "Missed", "unexcused": "Unexcused", "late": "Late",
        "share": "Attendance, %", "whole": "Total",
    },
}  # fmt: skip


def report(conn: Conn, school: UUID, first: date, last: date) -> Row:
    """Lesson hours are those whose roll was taken; an absence is unexcused without a good reason."""
    with conn.cursor(row_factory=dict_row) as cursor:
        counts = cursor.execute(COUNTS, [school, first, last]).fetchall()
    forms = _forms(conn, school, first, last)
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


def _forms(conn: Conn, school: UUID, first: date, last: date) -> dict[UUID, str]:
    """Each pupil's class: of the class itself where the roster has it, else what most of his groups are named for."""
    said: defaultdict[UUID, Counter[str]] = defaultdict(Counter)
    for pupil, title, homeroom in conn.execute(GROUPS, [school, last, first]):
        if form := form_of(title):
            said[pupil][form] += 1000 if homeroom else 1
    return {pupil: forms.most_common(1)[0][0] for pupil, forms in said.items()}


@dataclass(frozen=True)
class Head:
    """Above the table. `made_at` is the school's local time."""

    school: str
    first: date
    last: date
    made_by: str
    made_at: datetime


def workbook(found: Row, head: Head, language: Language) -> bytes:
    return spreadsheet.workbook(WORDS[language]["title"], _above(head, language), _rows(found, language), wide=2)


def lines(found: Row, head: Head, language: Language) -> str:
    return spreadsheet.lines(_above(head, language), _rows(found, language))


def _above(head: Head, language: Language) -> Iterator[tuple[str, str]]:
    words = WORDS[language]
    yield words["title"], head.school
    yield words["period"], f"{shown(head.first, language)} – {shown(head.last, language)}"
    yield words["made"], f"{shown(head.made_at, language)} {head.made_at:%H:%M}, {head.made_by}"


def _rows(found: Row, language: Language) -> Iterator[Sequence[str]]:
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
