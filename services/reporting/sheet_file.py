"""The same page of a class's journal for a spreadsheet: a workbook, and lines of CSV (F-03, G-10)."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date

import xlsxwriter

from services.reporting.export import cell
from services.reporting.marks_file import NUMBER
from services.reporting.sheet import WORDS, Sheet
from shared.web.language import Language

SHOWN: dict[Language, str] = {"ru": "%d.%m.%Y", "en": "%Y-%m-%d"}


def workbook(found: Sheet, language: Language) -> bytes:
    """One sheet: what stands above the list, then a row for each pupil; marks that are one number are numbers."""
    made, words = io.BytesIO(), WORDS[language]
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(made, options) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet(words["subject"])
        above = list(_above(found, language))
        for row, (name, said) in enumerate(above):
            sheet.write_string(row, 0, name, bold)
            sheet.write_string(row, 1, said)
        top = len(above) + 1
        for row, cells in enumerate(_rows(found, language), top):
            for column, value in enumerate(cells):
                plain = value.replace(",", ".")
                if row > top and NUMBER.fullmatch(plain):
                    sheet.write_number(row, column, float(plain))
                else:
                    sheet.write_string(row, column, value, bold if row == top else None)
        sheet.set_column(0, 0, 32)
        sheet.set_column(1, len(found.lessons), 9)
        sheet.freeze_panes(top + 1, 1)
    return made.getvalue()


def lines(found: Sheet, language: Language) -> str:
    """RFC 4180, UTF-8 with a mark for Excel; no cell is a formula."""
    made = io.StringIO()
    made.write("\ufeff")
    writer = csv.writer(made)
    for line in (*_above(found, language), (), *_rows(found, language)):
        writer.writerow(map(cell, line))
    return made.getvalue()


def _above(found: Sheet, language: Language) -> Iterator[tuple[str, str]]:
    words, head = WORDS[language], found.head
    yield words["title"], head.school
    yield words["class"], head.title
    yield words["subject"], head.subject
    yield words["teacher"], ", ".join(head.teachers)
    yield words["period"], f"{_day(head.first, language)} – {_day(head.last, language)}"
    yield words["made"], f"{_day(head.made_at, language)} {head.made_at:%H:%M}, {head.made_by}"


def _rows(found: Sheet, language: Language) -> Iterator[Sequence[str]]:
    """The heading, «25.05.2022 · 1» of each lesson, and then the pupils."""
    words = WORDS[language]
    lessons = (f"{_day(on, language)} · {number}" for on, number in found.lessons)
    yield words["pupil"], *lessons, words["average"], words["missed"]
    for name, cells, mean, missed in found.rows:
        yield name, *cells, mean, str(missed) if missed else ""


def _day(on: date, language: Language) -> str:
    return f"{on:{SHOWN[language]}}"
