"""A pupil's marks to take away: a workbook, lines for any spreadsheet, paper (G-10, F-03). Nothing in it is computed.

Text is written as text and numbers as numbers, whatever they begin with (SC29).
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import xlsxwriter

from services.reporting import typeset
from services.reporting.export import cell
from shared.contracts.words import CODES, WORK_KINDS
from shared.web.language import Language

Row = dict[str, Any]
Cells = list[str | float | date | None]

WORDS: dict[Language, dict[str, str]] = {
    "ru": {
        "marks": "Оценки", "averages": "Средние баллы", "school": "Школа", "period": "Период", "made": "Сформировано",
        "stood": "Как было", "subject": "Предмет", "on": "Дата", "kind": "Вид работы", "title": "Название",
        "weight": "Вес", "mark": "Оценка", "after": "Средний после неё", "comment": "Комментарий", "by": "Поставил(а)",
        "recommendation": "Рекомендация",
        "average": "Средний балл", "count": "Оценок", "sum": "Расчёт", "subjects": "Предметы", "pupil": "Ученик",
        "overall": "Средний по предметам", "finals": "Итоговые оценки",
        "none": "Оценок за этот период нет.", "page": "стр.",
    },
    "en": {
        "marks": "Marks", "averages": "Averages", "school": "School", "period": "Period", "made": "Made",
        "stood": "As it stood", "subject": "Subject", "on": "Date", "kind": "Kind of work", "title": "Title",
        "weight": "Weight", "mark": "Mark", "after": "Average after it", "comment": "Comment", "by": "Given by",
        "recommendation": "Recommendation",
        "average": "Average", "count": "Marks", "sum": "Calculation", "subjects": "Subjects", "pupil": "Pupil",
        "overall": "Mean of the subjects", "finals": "Grades of terms",
        "none": "No marks in this period.", "page": "page",
    },
}  # fmt: skip
COLUMNS = {
    "subject": 24,
    "on": 11,
    "kind": 20,
    "title": 28,
    "weight": 6,
    "mark": 9,
    "after": 12,
    "comment": 40,
    "recommendation": 40,
    "by": 28,
}
"""Each with its width in characters."""
NUMBER = re.compile(r"\d{1,3}(\.\d{1,2})?")
DATES: dict[Language, str] = {"ru": "dd.mm.yyyy", "en": "yyyy-mm-dd"}


@dataclass(frozen=True)
class Head:
    """What stands above the marks. `made_at` is the school's local time; `stood_at`: the page is an earlier one.

    `subjects` are those that were asked for; none: all.
    """

    pupil: str
    schools: str
    first: date
    last: date
    subjects: tuple[str, ...]
    made_by: str
    made_at: datetime
    stood_at: datetime | None

    def lines(self, language: Language) -> list[tuple[str, str]]:
        words = WORDS[language]
        return [
            (words["marks"], self.pupil),
            (words["school"], self.schools),
            *self.facts(language),
            (words["made"], self.made(language)),
        ]

    def facts(self, language: Language) -> list[tuple[str, str]]:
        """Which marks these are."""
        words = WORDS[language]
        found = [(words["period"], f"{_day(self.first, language)} – {_day(self.last, language)}")]
        if self.subjects:
            found.append((words["subjects"], ", ".join(self.subjects)))
        if self.stood_at:
            found.append((words["stood"], f"{self.stood_at:%Y-%m-%d %H:%M} UTC"))
        return found

    def made(self, language: Language) -> str:
        return f"{_day(self.made_at, language)} {self.made_at:%H:%M}, {self.made_by}"


def workbook(table: Row, names: dict[Any, str], head: Head, language: Language) -> bytes:
    """Two sheets: every mark, and the averages with their sums. `table`: `pages.marks_table`, `terms.finals`."""
    made, words = io.BytesIO(), WORDS[language]
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(made, options) as book:
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": DATES[language]})
        sheet = book.add_worksheet(words["marks"])
        for row, (name, said) in enumerate(head.lines(language)):
            sheet.write_string(row, 0, name, bold)
            sheet.write_string(row, 1, said)
        top = len(head.lines(language)) + 1
        for column, (name, width) in enumerate(COLUMNS.items()):
            sheet.set_column(column, column, width)
            sheet.write_string(top, column, words[name], bold)
        row = top
        for row, cells in enumerate(_rows(table, names, language), top + 1):
            for column, value in enumerate(cells):
                _write(sheet, row, column, value, day)
        sheet.autofilter(top, 0, max(row, top + 1), len(COLUMNS) - 1)
        sheet.freeze_panes(top + 1, 1)
        _averages(book, table, words, bold)
        _finals(book, table, words, bold, language)
    return made.getvalue()


def _finals(book: Any, table: Row, words: dict[str, str], bold: Any, language: Language) -> None:
    if not (rows := list(_final_rows(table, language))):
        return
    sheet = book.add_worksheet(words["finals"])
    sheet.set_column(0, 0, 24)
    for place, row in enumerate([[words["subject"], *table["finals"]["terms"]], *rows]):
        for column, said in enumerate(row):
            value: str | float = float(said) if place and column and NUMBER.fullmatch(said) else said
            if isinstance(value, float):
                sheet.write_number(place, column, value)
            else:
                sheet.write_string(place, column, value, bold if place == 0 else None)


def _final_rows(table: Row, language: Language) -> Iterator[list[str]]:
    """Of each subject its grades of the terms, in their order; nothing where it has none."""
    for subject, grades in table["finals"]["subjects"]:
        yield [subject, *(CODES[language].get(grade, grade) for grade in grades)]


def _averages(book: Any, table: Row, words: dict[str, str], bold: Any) -> None:
    sheet = book.add_worksheet(words["averages"])
    for column, (name, width) in enumerate((("subject", 24), ("average", 14), ("count", 10), ("sum", 80))):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, words[name], bold)
    for row, subject in enumerate(table["subjects"], 1):
        cells: Cells = [subject["subject"], _number(subject["average"]), float(subject["count"]), subject["sum"]]
        for column, value in enumerate(cells):
            _write(sheet, row, column, value, None)


def _write(sheet: Any, row: int, column: int, value: str | float | date | None, day: Any) -> None:
    match value:
        case date():
            sheet.write_datetime(row, column, datetime.combine(value, datetime.min.time()), day)
        case float():
            sheet.write_number(row, column, value)
        case str():
            sheet.write_string(row, column, value)


def lines(table: Row, names: dict[Any, str], head: Head, language: Language) -> str:
    """The same marks as CSV (RFC 4180, UTF-8 with a mark for Excel), what stands above them first."""
    words, made = WORDS[language], io.StringIO()
    made.write("\ufeff")
    writer = csv.writer(made)
    for line in head.lines(language):
        writer.writerow(map(cell, line))
    writer.writerow([])
    writer.writerow([words[name] for name in COLUMNS])
    for cells in _rows(table, names, language):
        writer.writerow([_text(value, language) for value in cells])
    if rows := list(_final_rows(table, language)):
        writer.writerow([])
        writer.writerow(map(cell, [words["finals"], *table["finals"]["terms"]]))
        writer.writerows([cell(said) for said in row] for row in rows)
    return made.getvalue()


def paper(table: Row, names: dict[Any, str], head: Head, language: Language) -> bytes:
    """The same marks as a PDF of A4 pages. Raises PressBusy."""
    words = WORDS[language]
    return typeset.pdf("marks", {
        "language": language, "words": words, "school": head.schools,
        "title": f"{words['marks']}: {head.pupil}", "author": head.schools,
        "facts": [(words["pupil"], head.pupil), *head.facts(language)],
        "made": f"{words['made']} {head.made(language)}",
        "overall": {
            "count": str(table["overall"]["count"]), "average": _text(_number(table["overall"]["average"]), language)
        },
        "subjects": [_printed(subject, names, language) for subject in table["subjects"]],
        "finals": {"terms": table["finals"]["terms"], "subjects": list(_final_rows(table, language))},
    })  # fmt: skip


def _printed(subject: Row, names: dict[Any, str], language: Language) -> Row:
    counted = {"count": str(subject["count"]), "average": _text(_number(subject["average"]), language)}
    columns = ("on", "kind", "title", "weight", "mark", "after", "comment", "recommendation", "by")
    marks = []
    for _, *cells in _rows({"subjects": [subject]}, names, language):
        said = dict(zip(columns, (_plain(cell, language) for cell in cells), strict=True))
        said["comment"] = "\n".join(part for part in (said["comment"], said["recommendation"]) if part)
        marks.append({**said, "what": ": ".join(part for part in (said["kind"], said["title"]) if part)})
    return {"subject": subject["subject"], **counted, "marks": marks}


def _rows(table: Row, names: dict[Any, str], language: Language) -> Iterator[Cells]:
    for subject in table["subjects"]:
        for mark in subject["marks"]:
            what = [subject["subject"], mark["on"], WORK_KINDS[language].get(mark["kind"], mark["kind"]), mark["title"]]
            counts = [float(mark["weight"]), _value(mark["values"], language), _number(mark["average"])]
            yield [*what, *counts, mark["comment"], mark["recommendation"], names.get(mark["by"])]


def _value(values: list[str], language: Language) -> str | float | None:
    """One number as a number; several marks, letters and codes as they are written."""
    if len(values) == 1 and NUMBER.fullmatch(values[0]):
        return float(values[0])
    return "/".join(CODES[language].get(value, value) for value in values) or None


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)


def _text(value: str | float | date | None, language: Language) -> str:
    """For a line of a spreadsheet: what people wrote begins no formula."""
    return cell(value) if isinstance(value, str) else _plain(value, language)


def _plain(value: str | float | date | None, language: Language) -> str:
    match value:
        case None:
            return ""
        case date():
            return _day(value, language)
        case float():
            written = f"{value:.2f}".rstrip("0").rstrip(".")
            return written.replace(".", ",") if language == "ru" else written
    return value


def _day(on: date, language: Language) -> str:
    return f"{on:%d.%m.%Y}" if language == "ru" else f"{on:%Y-%m-%d}"
