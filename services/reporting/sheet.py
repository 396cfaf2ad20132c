"""The page of a class's journal as an official list: who was given what on which day, on paper (U-05, F-03)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.reporting import learning, pages, typeset
from shared import timetable
from shared.contracts.averages import average
from shared.contracts.words import CODES, sort_key
from shared.postgres import Conn
from shared.web.language import Language

Row = dict[str, Any]

ACROSS = 34
"""Lessons that one table has room for; more make a further table."""
WIDTH = 2
"""Lessons in whose room the grade of a term stands."""
WORDS: dict[Language, dict[str, str]] = {
    "ru": {
        "title": "Ведомость оценок и посещаемости", "class": "Класс", "subject": "Предмет", "teacher": "Учитель",
        "period": "Период", "made": "Сформировано", "number": "№", "pupil": "Фамилия, имя", "average": "Средний",
        "missed": "Пропущено", "none": "Уроков за этот период нет.", "page": "стр.", "absent": "н", "late": "оп",
        "key": "н: отсутствовал(а); оп: опоздал(а). Средний балл: с учётом веса работ.", "sign": "Подпись",
        "checked": "Заместитель директора",
    },
    "en": {
        "title": "Marks and attendance of a class", "class": "Class", "subject": "Subject", "teacher": "Teacher",
        "period": "Period", "made": "Made", "number": "No.", "pupil": "Name", "average": "Average",
        "missed": "Missed", "none": "No lessons in this period.", "page": "page", "absent": "a", "late": "l",
        "key": "a: absent; l: late. The average counts the weights of works.", "sign": "Signature",
        "checked": "Deputy head",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Head:
    """Above and below the list. `made_at` is the school's local time."""

    school: str
    title: str
    subject: str
    teachers: tuple[str, ...]
    first: date
    last: date
    made_by: str
    made_at: datetime


@dataclass(frozen=True)
class Sheet:
    """`lessons` are days with numbers; `finals` are titles of published terms that end in the period.

    `rows`: each pupil's cells in their order, average, lessons missed, and grades of those terms in their order.
    """

    head: Head
    lessons: Sequence[tuple[date, int]]
    finals: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str], str, int, Sequence[str]]]


MEMBERS = """
SELECT DISTINCT person_id FROM access_members WHERE group_id = %s AND starts <= %s AND ends >= %s
"""
GROUP = """
SELECT s.name, g.title, g.subject FROM access_groups g JOIN access_schools s USING (school_id) WHERE g.group_id = %s
"""
WORKS = """
SELECT work_id, on_date, number, weight, scale FROM diary_works
WHERE group_id = %s AND on_date BETWEEN %s AND %s AND NOT removed ORDER BY on_date, number
"""
MARKS = "SELECT work_id, pupil_id, given FROM diary_marks WHERE work_id = ANY (%s) AND given <> '{}' ORDER BY first_at"
PRESENCES = """
SELECT pupil_id, on_date, number, state FROM diary_presences
WHERE pupil_id = ANY (%s) AND on_date BETWEEN %s AND %s AND group_id = %s AND state IN ('absent', 'late')
"""


FINALS = """
SELECT g.pupil_id, g.title, g.value FROM diary_term_grades g JOIN diary_terms t USING (school_id, term_id)
WHERE g.group_id = %s AND g.ends BETWEEN %s AND %s AND g.value IS NOT NULL ORDER BY g.ends, g.starts DESC
"""


def members(conn: Conn, group: UUID, first: date, last: date) -> list[UUID]:
    """Who learnt in the group on some day of the period."""
    return [row[0] for row in conn.execute(MEMBERS, [group, last, first])]


def sheet(conn: Conn, group: UUID, first: date, last: date, language: Language, made: tuple[UUID, datetime]) -> Sheet:
    """The class's page from the first to the last day; `made` says for whom and when (school's local time)."""
    pupils = members(conn, group, first, last)
    lessons = _lessons(conn, group, first, last)
    works = conn.execute(WORKS, [group, first, last]).fetchall()
    given: dict[UUID, list[tuple[UUID, list[str]]]] = defaultdict(list)
    for work, pupil, values in conn.execute(MARKS, [[row[0] for row in works]]):
        given[pupil].append((work, values))
    states: dict[UUID, dict[tuple[date, int], str]] = defaultdict(dict)
    for pupil, on, number, state in conn.execute(PRESENCES, [pupils, first, last, group]):
        states[pupil][on, number] = state
    columns = sorted({*lessons, *((row[1], row[2]) for row in works)})
    names = pages.names(conn, pupils)
    grades: dict[UUID, dict[str, str]] = defaultdict(dict)
    for learnt, title, grade in conn.execute(FINALS, [group, first, last]):
        grades[learnt][title] = CODES[language].get(str(grade), str(grade))
    finals = list(dict.fromkeys(title for of_pupil in grades.values() for title in of_pupil))
    rows = [
        (
            names.get(pupil, "…"),
            *_row(columns, works, given[pupil], states[pupil], language),
            [_decimal(grades[pupil].get(title, ""), language) for title in finals],
        )
        for pupil in sorted(pupils, key=lambda one: (sort_key(names.get(one, "")), one))
    ]
    return Sheet(_head(conn, group, first, last, made), columns, finals, rows)


def _lessons(conn: Conn, group: UUID, first: date, last: date) -> list[tuple[date, int]]:
    return [(one.on, one.number) for one in timetable.lessons(conn, [group], first, last) if not one.cancelled]


def _head(conn: Conn, group: UUID, first: date, last: date, made: tuple[UUID, datetime]) -> Head:
    school, title, subject = conn.execute(GROUP, [group]).fetchone() or ("", "", "")
    by, at = made
    taught = [row for row in learning.teaching(conn, {group}) if row[2] <= last and row[3] >= first]
    teachers = list(dict.fromkeys(person for _, person, _, _ in reversed(taught)))
    names = pages.names(conn, [*teachers, by])
    known = tuple(names[one] for one in teachers if one in names)
    return Head(school, title, subject, known, first, last, names.get(by, ""), at)


def _row(
    columns: Sequence[tuple[date, int]],
    works: Sequence[tuple[Any, ...]],
    given: Sequence[tuple[UUID, list[str]]],
    states: dict[tuple[date, int], str],
    language: Language,
) -> tuple[list[str], str, int]:
    """Cells, average, and how many lessons were missed."""
    about = {work: (on, number, weight, scale) for work, on, number, weight, scale in works}
    said: dict[tuple[date, int], list[str]] = defaultdict(list)
    scales = [about[work][3] for work, _ in given]
    scale: Any = max(dict.fromkeys(scales), key=scales.count) if scales else "five"
    counted: list[tuple[str, str]] = []
    for work, values in given:
        on, number, weight, of_it = about[work]
        said[on, number] += [CODES[language].get(value, value) for value in values]
        if of_it == scale:
            counted += [(value, str(weight)) for value in values]
    cells = [_cell(said.get(place, []), states.get(place), language) for place in columns]
    mean = average(scale, counted).average
    shown = "" if mean is None else _decimal(f"{mean:.2f}", language)
    return cells, shown, sum(state == "absent" for state in states.values())


def _cell(values: Sequence[str], state: str | None, language: Language) -> str:
    """«н», «4/5», «оп 4»."""
    marks = _decimal("/".join(values), language)
    return " ".join(part for part in (WORDS[language][state] if state else "", marks) if part)


def _decimal(text: str, language: Language) -> str:
    return text.replace(".", ",") if language == "ru" else text


def paper(found: Sheet, language: Language) -> bytes:
    """A PDF of A4 pages on their side. Raises PressBusy."""
    words, head = WORDS[language], found.head
    shown = "%d.%m.%Y" if language == "ru" else "%Y-%m-%d"
    across = ACROSS - WIDTH * len(found.finals)
    parts = [
        {
            "months": _months(found.lessons[start : start + across]),
            "days": [f"{on:%d}" for on, _ in found.lessons[start : start + across]],
            "rows": [[name, cells[start : start + across], *totals] for name, cells, *totals in _said(found)],
        }
        for start in range(0, len(found.lessons), across)
    ]
    return typeset.pdf("sheet", {
        "language": language, "words": words, "school": head.school, "author": head.school,
        "title": f"{words['title']}: {head.title}, {head.subject}",
        "facts": [
            (words["class"], head.title), (words["subject"], head.subject),
            (words["teacher"], ", ".join(head.teachers)),
            (words["period"], f"{head.first:{shown}} – {head.last:{shown}}"),
        ],
        "made": f"{words['made']} {head.made_at:{shown}} {head.made_at:%H:%M}, {head.made_by}",
        "signs": [head.teachers[0] if head.teachers else words["teacher"], words["checked"]],
        "parts": parts, "finals": found.finals,
    })  # fmt: skip


def _said(found: Sheet) -> list[tuple[str, Sequence[str], str, str, Sequence[str]]]:
    return [
        (name, cells, mean, str(missed) if missed else "", finals) for name, cells, mean, missed, finals in found.rows
    ]


def _months(lessons: Sequence[tuple[date, int]]) -> list[tuple[str, int]]:
    """«09.2026» with the number of its lessons, in their order."""
    months = [f"{on:%m.%Y}" for on, _ in lessons]
    return [(month, months.count(month)) for month in dict.fromkeys(months)]
