"""CSV files that people send in, read row by row in constant memory and judged against a table of columns.

UTF-8 with or without BOM; comma or, as a Russian Excel writes, semicolon. What is wrong comes out as a `Fault` with
file, line and field, between the rows; what needs more than one row to be judged is the caller's.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import BinaryIO, Literal

from shared.csvfile import faults
from shared.csvfile.faults import Fault
from shared.errors import Refused

__all__ = ["Column", "Fault", "Layout", "Row", "Stop", "as_date", "faults", "records", "rows"]

MAX_LINE = 64 * 1024
MAX_TEXT = 2000
MAX_NAME = 200

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
DATE = re.compile(r"^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}$")

Kind = Literal["text", "name", "date", "choice", "pattern", "reference", "references"]


@dataclass(frozen=True, slots=True)
class Column:
    """What may stand in a column. `needed`: it must be in the header and have a value in every row.

    `read`: the row keeps it. `choices` belong to the kind choice, `pattern` (and `form`, its words for people) to
    pattern, `target` to references; whether what they name exists is not judged here.
    """

    kind: Kind = "text"
    needed: bool = False
    read: bool = False
    choices: tuple[str, ...] = ()
    target: str = ""
    pattern: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """A file's columns; `span`: its first-day and last-day columns. Columns named `metadata.…` are always let be.

    `skip` says which rows are passed over unjudged.
    """

    columns: Mapping[str, Column]
    required: bool = True
    span: tuple[str, str] | None = None
    skip: Callable[[Mapping[str, str]], bool] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the columns that are read and have a value. `good` is False when a fault of the row went before."""

    line: int
    fields: Mapping[str, str]
    good: bool = True


class Stop(Exception):
    """The rest of the file cannot be read."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


def rows(name: str, layout: Layout, binary: BinaryIO) -> Iterator[Row | Fault]:
    """The rows below the header. Nothing follows a fault of line 1 or one that stops the reading."""
    try:
        yield from _rows(name, layout, records(name, binary))
    except Stop as stop:
        yield stop.fault


def _rows(name: str, layout: Layout, lines: Iterator[tuple[int, list[str]]]) -> Iterator[Row | Fault]:
    header = [column.strip() for column in next(lines, (1, []))[1]]
    if wrong := list(_header(name, layout, header)):
        yield from wrong
        return
    line = 1
    for line, values in lines:
        if not any(values):
            continue
        if len(values) != len(header):
            yield Fault(faults.WrongWidth(found=len(values), expected=len(header)), name, line)
            continue
        row = {column: value.strip() for column, value in zip(header, values, strict=True)}
        if layout.skip is None or not layout.skip(row):
            yield from _row(name, layout, line, row)
    if line == 1:
        yield Fault(faults.NoRows(), name, 1)


def _header(name: str, layout: Layout, header: list[str]) -> Iterator[Fault]:
    for column in dict.fromkeys(header):
        if header.count(column) > 1:
            yield Fault(faults.ColumnTwice(column=column[:60]), name, 1, column[:60])
        if column not in layout.columns and not column.startswith("metadata."):
            yield Fault(faults.ColumnUnknown(column=column[:60]), name, 1, column[:60])
    for column, spec in layout.columns.items():
        if spec.needed and column not in header:
            yield Fault(faults.ColumnMissing(column=column), name, 1, column)


def _row(name: str, layout: Layout, line: int, row: dict[str, str]) -> Iterator[Row | Fault]:
    good = True
    clean = CONTROL.search("".join(row.values())) is None
    for column, spec in layout.columns.items():
        if (refusal := _judged(spec, row.get(column, ""), clean)) is not None:
            good = False
            yield Fault(refusal, name, line, column)
    if good and layout.span and (refusal := _span(row, *layout.span)) is not None:
        good = False
        yield Fault(refusal, name, line, layout.span[1])
    yield Row(line, {c: row[c] for c, spec in layout.columns.items() if spec.read and row.get(c)}, good)


def _span(row: Mapping[str, str], first: str, last: str) -> Refused | None:
    starts, ends = row.get(first, ""), row.get(last, "")
    return faults.EndsBeforeStart(starts=starts, ends=ends) if starts and ends and ends < starts else None


def _judged(column: Column, value: str, clean: bool) -> Refused | None:
    """What is wrong with one value, references not looked up. `clean`: the whole row has no control characters."""
    if not value:
        return faults.ValueMissing() if column.needed else None
    limit = MAX_NAME if column.kind in ("name", "reference") else MAX_TEXT
    if len(value) > limit or (not clean and CONTROL.search(value)):
        return faults.BadText(limit=limit)
    if column.kind == "date" and as_date(value) is None:
        return faults.BadDate(value=value[:40])
    if column.kind == "choice" and value not in column.choices:
        return faults.BadChoice(value=value[:40], choices=", ".join(column.choices))
    if column.kind == "pattern" and not re.fullmatch(column.pattern, value):
        return faults.BadForm(value=value[:40], form=column.form)
    return None


@lru_cache(1000)
def as_date(value: str) -> date | None:
    """A day of the years 1900 to 2099, or None."""
    try:
        return date.fromisoformat(value) if DATE.match(value) else None
    except ValueError:
        return None


def records(name: str, binary: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """Records with the line that each ends in. Raises Stop."""
    lines = _lines(name, binary)
    first = next(lines, "")
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(_again(first, lines), delimiter=delimiter, strict=True)
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Stop(Fault(faults.BrokenCsv(why=str(error)), name, reader.line_num)) from None
        yield reader.line_num, values


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _lines(name: str, binary: BinaryIO) -> Iterator[str]:
    number = 0
    while raw := binary.readline(MAX_LINE + 1):
        number += 1
        if len(raw) > MAX_LINE:
            raise Stop(Fault(faults.LineTooLong(limit=MAX_LINE), name, number))
        if number == 1 and raw.startswith(b"\xef\xbb\xbf"):
            raw = raw[3:]
        try:
            yield raw.decode("utf-8")
        except UnicodeDecodeError:
            raise Stop(Fault(faults.NotUtf8(guess=_guess(raw)), name, number)) from None


def _guess(raw: bytes) -> str:
    """What else the bytes may be: a byte order mark, or mostly letters of the Cyrillic code page."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    cyrillic = sum(0xC0 <= byte <= 0xFF or byte in (0xA8, 0xB8) for byte in raw)
    high = sum(byte >= 0x80 for byte in raw)
    return "Windows-1251?" if cyrillic > high * 0.8 else "?"
