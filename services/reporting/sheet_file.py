"""The same page of a class's journal for a spreadsheet (F-03, G-10)."""

from collections.abc import Iterator, Sequence
from datetime import date

from services.reporting import spreadsheet
from services.reporting.sheet import WORDS, Sheet
from shared.web.language import Language

SHOWN: dict[Language, str] = {"ru": "%d.%m.%Y", "en": "%Y-%m-%d"}


def workbook(found: Sheet, language: Language) -> bytes:
    return spreadsheet.workbook(WORDS[language]["subject"], _above(found, language), _rows(found, language))


def lines(found: Sheet, language: Language) -> str:
    return spreadsheet.lines(_above(found, language), _rows(found, language))


def _above(found: Sheet, language: Language) -> Iterator[tuple[str, str]]:
    words, head = WORDS[language], found.head
    yield words["title"], head.school
    yield words["class"], head.title
    yield words["subject"], head.subject
    yield words["teacher"], ", ".join(head.teachers)
    yield words["period"], f"{shown(head.first, language)} – {shown(head.last, language)}"
    yield words["made"], f"{shown(head.made_at, language)} {head.made_at:%H:%M}, {head.made_by}"


def _rows(found: Sheet, language: Language) -> Iterator[Sequence[str]]:
    """The heading, «25.05.2022 · 1» of each lesson and the titles of terms, and then the pupils."""
    words = WORDS[language]
    lessons = (f"{shown(on, language)} · {number}" for on, number in found.lessons)
    yield words["pupil"], *lessons, words["average"], words["missed"], *found.finals
    for name, cells, mean, missed, finals in found.rows:
        yield name, *cells, mean, str(missed) if missed else "", *finals


def shown(on: date, language: Language) -> str:
    return f"{on:{SHOWN[language]}}"
