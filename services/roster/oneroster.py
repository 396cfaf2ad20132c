"""Reading a OneRoster 1.2 CSV bundle, zip or folder, row by row in constant memory.

`read` yields good rows and faults in the order of the files; what needs more than one row to be judged (duplicate ids,
references) is judged by the staging tables. Nothing is ever unpacked to disk.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from services.roster import faults
from services.roster.columns import FILES
from shared import csvfile
from shared.csvfile import Fault, Layout, Stop
from shared.errors import Refused

MAX_ENTRIES = 100
MAX_UNPACKED = 1024 * 1024 * 1024
MAX_RATIO = 200
RATIO_FROM = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """One row: only columns that are read and have a value; none of them if a fault of the row went before."""

    file: str
    line: int
    source_id: str
    fields: Mapping[str, str]


Opener = Callable[[str], BinaryIO]


def read(bundle: Path | BinaryIO) -> Iterator[Row | Fault]:
    """The rows of a folder, or of a zip file given by its path or open.

    A fault of line 0 or 1 means that no row of that file follows.
    """
    try:
        with _opened(bundle) as (names, open_file):
            bulk = yield from _manifest(names, open_file)
            for name, layout in FILES.items():
                yield from _file(name, layout, names, bulk, open_file)
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
        for line, values in csvfile.records("manifest.csv", binary):
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


def _file(name: str, layout: Layout, names: set[str], bulk: set[str], open_file: Opener) -> Iterator[Row | Fault]:
    csv_name = f"{name}.csv"
    if csv_name not in names or name not in bulk:
        if layout.required or name in bulk:
            yield Fault(faults.FileMissing(), csv_name)
        return
    with open_file(csv_name) as binary:
        for one in csvfile.rows(csv_name, layout, binary):
            if isinstance(one, Fault):
                yield one
            elif source_id := one.fields.get("sourcedId"):
                # a bad row is staged by its id alone, so that references to it are not faults too
                yield Row(name, one.line, source_id, one.fields if one.good else {})
