"""A report of a school over a period as a file: the school, the days, who made it and when stand above the table."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.reporting import spreadsheet
from services.reporting.sheet_file import shown
from shared.web.language import Language

Rows = Iterable[Sequence[str]]

WORDS: dict[Language, dict[str, str]] = {
    "ru": {"period": "Период", "made": "Сформировано"},
    "en": {"period": "Period", "made": "Made"},
}


@dataclass(frozen=True)
class Head:
    """Above the table. `made_at` is the school's local time."""

    school: str
    first: date
    last: date
    made_by: str
    made_at: datetime


def workbook(title: str, head: Head, rows: Rows, language: Language) -> bytes:
    """Its first two columns have names in them."""
    return spreadsheet.workbook(title, _above(title, head, language), rows, wide=2)


def lines(title: str, head: Head, rows: Rows, language: Language) -> str:
    return spreadsheet.lines(_above(title, head, language), rows)


def _above(title: str, head: Head, language: Language) -> Iterator[tuple[str, str]]:
    words = WORDS[language]
    yield title, head.school
    yield words["period"], f"{shown(head.first, language)} – {shown(head.last, language)}"
    yield words["made"], f"{shown(head.made_at, language)} {head.made_at:%H:%M}, {head.made_by}"
