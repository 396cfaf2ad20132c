"""A table for a spreadsheet: a workbook with one sheet, or lines of CSV. Nothing in them is a formula (SC29)."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

import xlsxwriter

from services.reporting.export import cell

NUMBER = re.compile(r"[0-9]{1,6}([.,][0-9]{1,2})?")
Cells = Sequence[str]


def workbook(name: str, above: Iterable[tuple[str, str]], rows: Iterable[Cells], wide: int = 1) -> bytes:
    """`above` stands over the table; of `rows` the first is its heading, what is one number in the others is a number.

    `wide` columns have names in them.
    """
    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(made, options) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet(name)
        top = 0
        for top, (what, said) in enumerate(above, 1):
            sheet.write_string(top - 1, 0, what, bold)
            sheet.write_string(top - 1, 1, said)
        for row, cells in enumerate(rows, top + 1):
            for column, value in enumerate(cells):
                if row > top + 1 and NUMBER.fullmatch(value):
                    sheet.write_number(row, column, float(value.replace(",", ".")))
                else:
                    sheet.write_string(row, column, value, bold if row == top + 1 else None)
        sheet.set_column(0, wide - 1, 32)
        sheet.freeze_panes(top + 2, wide)
    return made.getvalue()


def lines(above: Iterable[tuple[str, str]], rows: Iterable[Cells]) -> str:
    """The same by RFC 4180, UTF-8 with a mark for Excel."""
    made = io.StringIO()
    made.write("\ufeff")
    writer = csv.writer(made)
    for line in (*above, (), *rows):
        writer.writerow(map(cell, line))
    return made.getvalue()
