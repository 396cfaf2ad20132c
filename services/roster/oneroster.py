"""Reading a OneRoster 1.2 CSV bundle, zip or folder, row by row in constant memory.

`read` yields good rows and faults in the order of the files; what needs more than one row to be judged (duplicate ids,
references) is judged by the staging tables. Nothing is ever unpacked to disk.
"""

import csv
import re
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO, cast

from services.roster import faults
from services.roster.columns import FILES, Column, File
from services.roster.faults import Fault
from shared.errors import Refused

MAX_ENTRIES = 100
MAX_UNPACKED = 1024 * 1024 * 1024
MAX_RATIO = 200
RATIO_FROM = 1024 * 1024
MAX_LINE = 64 * 1024
MAX_TEXT = 2000
MAX_NAME = 200

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
DATE = re.compile(r"^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}$")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: only columns that are read and have a value; none of them if a fault of the row went before."""

    file: str
    line: int
    source_id: str
    fields: Mapping[str, str]


class Stop(Exception):
    """The rest of the file (or of the bundle) cannot be read."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


Opener = Callable[[str], BinaryIO]


def read(bundle: Path | BinaryIO) -> Iterator[Row | Fault]:
    """The rows of a folder, or of a zip file given by its path or open.

    A fault of line 0 or 1 means that no row of that file follows.
    """
    try:
        with _opened(bundle) as (names, open_file):
            bulk = yield from _manifest(names, open_file)
            for name, file in FILES.items():
                yield from _file(name, file, names, bulk, open_file)
    except Stop as stop:
        yield stop.fault
    except (zipfile.BadZipFile, zlib.error, EOFError):
        yield Fault(faults.NotAZip())


@contextmanager
def _opened(bundle: Path | BinaryIO) -> Iterator[tuple[set[str], Opener]]:
    if isinstance(bundle, Path) and (folder := bundle).is_dir():
        yield {p.name for p in folder.iterdir()}, lambda name: (folder / name).open("rb")
        return
    if not zipfile.is_zipfile(bundle):
        raise Stop(Fault(faults.NotAZip()))
    with zipfile.ZipFile(bundle) as archive:
        names = set(_checked(archive.infolist()))
        yield names, lambda name: cast(BinaryIO, archive.open(name))


def _checked(entries: list[zipfile.ZipInfo]) -> Iterator[str]:
    """The names, after nothing in the directory of the archive looks like an attack or a mistake."""
    if len(entries) > MAX_ENTRIES:
        raise Stop(Fault(faults.TooManyEntries(count=len(entries), limit=MAX_ENTRIES)))
    if sum(e.file_size for e in entries) > MAX_UNPACKED:
        raise Stop(Fault(_too_large()))
    seen: set[str] = set()
    for entry in entries:
        if entry.filename.startswith("__MACOSX/"):
            continue
        if (refusal := _refusal_of(entry, seen)) is not None:
            raise Stop(Fault(refusal, entry.filename[:100]))
        seen.add(entry.filename)
        yield entry.filename


def _refusal_of(entry: zipfile.ZipInfo, seen: set[str]) -> Refused | None:
    name = entry.filename
    parts = re.split(r"[/\\]", name)
    if ".." in parts or name.startswith(("/", "\\")) or re.match(r"^[A-Za-z]:", name):
        return faults.PathOutside(name=name[:100])
    if len(parts) > 1:
        return faults.InFolder(name=name[:100])
    if name in seen:
        return faults.RepeatedEntry(name=name[:100])
    if entry.flag_bits & 1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return faults.Unreadable()
    if entry.file_size > RATIO_FROM and entry.file_size > MAX_RATIO * entry.compress_size:
        return _too_large()
    return None


def _too_large() -> Refused:
    return faults.UnpacksTooLarge(limit=MAX_UNPACKED // 1024 // 1024, ratio=MAX_RATIO)


def _manifest(names: set[str], open_file: Opener) -> Generator[Fault, None, set[str]]:
    """Yields faults; returns the names of the files that the bundle says it has whole."""
    if "manifest.csv" not in names:
        raise Stop(Fault(faults.NoManifest(), "manifest.csv"))
    told: dict[str, tuple[int, str]] = {}
    with open_file("manifest.csv") as binary:
        for line, values in _records("manifest.csv", binary):
            if len(values) >= 2:
                told[values[0].strip()] = (line, values[1].strip())
    line, version = told.get("oneroster.version", (0, ""))
    if version != "1.2":
        raise Stop(Fault(faults.WrongVersion(version=version[:20]), "manifest.csv", line, "oneroster.version"))
    bulk = set()
    for name in FILES:
        line, mode = told.get(f"file.{name}", (0, "absent"))
        if mode == "bulk":
            bulk.add(name)
        elif mode != "absent":
            yield Fault(faults.DeltaRefused(mode=mode[:20]), "manifest.csv", line, f"file.{name}")
    return bulk


def _file(name: str, file: File, names: set[str], bulk: set[str], open_file: Opener) -> Iterator[Row | Fault]:
    csv_name = f"{name}.csv"
    if csv_name not in names or name not in bulk:
        if file.required or name in bulk:
            yield Fault(faults.FileMissing(), csv_name)
        return
    try:
        with open_file(csv_name) as binary:
            yield from _rows(name, file, _records(csv_name, binary))
    except Stop as stop:
        yield stop.fault


def _rows(name: str, file: File, records: Iterator[tuple[int, list[str]]]) -> Iterator[Row | Fault]:
    header = [column.strip() for column in next(records, (1, []))[1]]
    if wrong := list(_header(name, file, header)):
        yield from wrong
        return
    line = 1
    for line, values in records:
        if not any(values):
            continue
        if len(values) != len(header):
            yield Fault(faults.WrongWidth(found=len(values), expected=len(header)), f"{name}.csv", line)
            continue
        row = {column: value.strip() for column, value in zip(header, values, strict=True)}
        if row.get("status") != "tobedeleted":
            yield from _row(name, file, line, row)
    if line == 1:
        yield Fault(faults.NoRows(), f"{name}.csv", 1)


def _header(name: str, file: File, header: list[str]) -> Iterator[Fault]:
    for column in dict.fromkeys(header):
        if header.count(column) > 1:
            yield Fault(faults.ColumnTwice(column=column[:60]), f"{name}.csv", 1, column[:60])
        if column not in file.columns and not column.startswith("metadata."):
            yield Fault(faults.ColumnUnknown(column=column[:60]), f"{name}.csv", 1, column[:60])
    for column, spec in file.columns.items():
        if spec.needed and column not in header:
            yield Fault(faults.ColumnMissing(column=column), f"{name}.csv", 1, column)


def _row(name: str, file: File, line: int, row: dict[str, str]) -> Iterator[Row | Fault]:
    wrong = False
    for column, spec in file.columns.items():
        if (refusal := judge(spec, row.get(column, ""))) is not None:
            wrong = True
            yield Fault(refusal, f"{name}.csv", line, column)
    if wrong:
        yield Row(name, line, row["sourcedId"], {})  # so that references to it are not faults too
        return
    if file.span and (starts := row.get(file.span[0], "")) and (ends := row.get(file.span[1], "")) and ends < starts:
        yield Fault(faults.EndsBeforeStart(starts=starts, ends=ends), f"{name}.csv", line, file.span[1])
    kept = {c: row[c] for c, spec in file.columns.items() if spec.read and row.get(c)}
    yield Row(name, line, row["sourcedId"], kept)


def judge(column: Column, value: str) -> Refused | None:
    """What is wrong with one value, references not looked up."""
    if not value:
        return faults.ValueMissing() if column.needed else None
    limit = MAX_NAME if column.kind in ("name", "reference") else MAX_TEXT
    if len(value) > limit or CONTROL.search(value):
        return faults.BadText(limit=limit)
    if column.kind == "date" and as_date(value) is None:
        return faults.BadDate(value=value[:40])
    if column.kind == "choice" and value not in column.choices:
        return faults.BadChoice(value=value[:40], choices=", ".join(column.choices))
    return None


def as_date(value: str) -> date | None:
    """A day of the years 1900 to 2099, or None."""
    try:
        return date.fromisoformat(value) if DATE.match(value) else None
    except ValueError:
        return None


def _records(name: str, binary: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """Records with the line they end in. UTF-8, with or without BOM; comma or, as a Russian Excel writes, semicolon."""
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
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    cyrillic = sum(0xC0 <= byte <= 0xFF or byte in (0xA8, 0xB8) for byte in raw)
    high = sum(byte >= 0x80 for byte in raw)
    return "Windows-1251?" if cyrillic > high * 0.8 else "?"
