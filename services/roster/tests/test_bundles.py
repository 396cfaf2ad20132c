"""Bundles as they come in life: what is wrong is said with file, line and field; what is harmless is taken."""

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from services.roster import oneroster
from services.roster.oneroster import Row
from services.roster.tests.conftest import BUNDLE, GRANDBEND, bundle, edited
from shared.csvfile import Fault

Place = tuple[str, int, str, str]


def read(packed: bytes | Path) -> tuple[list[Row], list[Place]]:
    """The rows, and the faults as (file, line, field, code)."""
    found = list(oneroster.read(packed if isinstance(packed, Path) else io.BytesIO(packed)))
    faults = [one for one in found if isinstance(one, Fault)]
    for fault in faults:
        assert fault.refusal.sentence("ru") and fault.refusal.sentence("en")
    places = [(one.file, one.line, one.field, one.refusal.code) for one in faults]
    return [one for one in found if isinstance(one, Row)], places


def packed(*entries: tuple[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return whole.getvalue()


def test_a_good_bundle_has_no_faults_from_a_zip_or_a_folder(tmp_path: Path) -> None:
    for name, text in BUNDLE.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert read(bundle()) == read(tmp_path)
    rows, faults = read(bundle())
    assert faults == [] and len(rows) == 36
    assert read(GRANDBEND)[1] == []


def test_a_byte_order_mark_and_semicolons_of_a_russian_excel_are_taken() -> None:
    excel = "\ufeff" + BUNDLE["orgs.csv"].replace(",", ";").replace("\n", "\r\n")
    assert read(bundle({"orgs.csv": excel})) == read(bundle())


def test_rows_to_be_deleted_are_passed_over() -> None:
    rows, faults = read(bundle(edited("orgs.csv", ("S2,,", "S2,tobedeleted,"))))
    assert faults == [] and [row.source_id for row in rows if row.file == "orgs"] == ["D", "S1"]


BROKEN: dict[str, tuple[Callable[[], bytes], Place]] = {
    "not a zip": (lambda: b"sourcedId,name\n1,2\n", ("", 0, "", "roster.not-a-zip")),
    "a cut zip": (lambda: bundle()[:-200], ("", 0, "", "roster.not-a-zip")),
    "a path outside": (lambda: packed(("../orgs.csv", b"")), ("../orgs.csv", 0, "", "roster.path-outside")),
    "an absolute path": (lambda: packed(("/etc/orgs.csv", b"")), ("/etc/orgs.csv", 0, "", "roster.path-outside")),
    "a drive": (lambda: packed(("C:orgs.csv", b"")), ("C:orgs.csv", 0, "", "roster.path-outside")),
    "a folder": (lambda: packed(("sub/orgs.csv", b"")), ("sub/orgs.csv", 0, "", "roster.in-folder")),
    "too many entries": (
        lambda: packed(*((f"{n}.csv", b"") for n in range(101))),
        ("", 0, "", "roster.too-many-entries"),
    ),
    "a zip bomb": (
        lambda: packed(("orgs.csv", bytes(8 * 1024 * 1024))),
        ("orgs.csv", 0, "", "roster.unpacks-too-large"),
    ),
    "no manifest": (lambda: bundle({"manifest.csv": None}), ("manifest.csv", 0, "", "roster.no-manifest")),
    "version 1.1": (
        lambda: bundle(edited("manifest.csv", ("version,1.2", "version,1.1"))),
        ("manifest.csv", 3, "oneroster.version", "roster.wrong-version"),
    ),
    "a delta": (
        lambda: bundle(edited("manifest.csv", ("file.users,bulk", "file.users,delta"))),
        ("manifest.csv", 11, "file.users", "roster.delta-refused"),
    ),
    "a missing file": (lambda: bundle({"users.csv": None}), ("users.csv", 0, "", "roster.file-missing")),
    "an optional file that was promised": (
        lambda: bundle({"demographics.csv": None}),
        ("demographics.csv", 0, "", "roster.file-missing"),
    ),
    "no rows": (lambda: bundle({"orgs.csv": BUNDLE["orgs.csv"].splitlines()[0]}), ("orgs.csv", 1, "", "csv.no-rows")),
    "an empty file": (lambda: bundle({"orgs.csv": ""}), ("orgs.csv", 1, "sourcedId", "csv.column-missing")),
    "a missing column": (
        lambda: bundle(edited("users.csv", ("familyName", "metadata.x"))),
        ("users.csv", 1, "familyName", "csv.column-missing"),
    ),
    "a mistyped column": (
        lambda: bundle(edited("users.csv", ("grades", "grade"))),
        ("users.csv", 1, "grade", "csv.column-unknown"),
    ),
    "a column twice": (
        lambda: bundle(edited("users.csv", ("phone", "sms"))),
        ("users.csv", 1, "sms", "csv.column-twice"),
    ),
    "a short row": (lambda: bundle(edited("orgs.csv", ("S2,,,", "S2,,"))), ("orgs.csv", 4, "", "csv.wrong-width")),
    "another encoding": (
        lambda: bundle({"orgs.csv": BUNDLE["orgs.csv"].replace("№", "N").encode("cp1251")}),
        ("orgs.csv", 2, "", "csv.not-utf-8"),
    ),
    "UTF-16": (lambda: bundle({"orgs.csv": BUNDLE["orgs.csv"].encode("utf-16")}), ("orgs.csv", 1, "", "csv.not-utf-8")),
    "an open quote": (
        lambda: bundle(edited("orgs.csv", ("S1,,,Школа", 'S1,,,"Школа'))),
        ("orgs.csv", 4, "", "csv.broken-csv"),
    ),
    "a line without end": (
        lambda: bundle({"orgs.csv": BUNDLE["orgs.csv"] + "S3,,," + "щ" * 40000}),
        ("orgs.csv", 5, "", "csv.line-too-long"),
    ),
    "no value": (lambda: bundle(edited("orgs.csv", ("Школа № 2", ""))), ("orgs.csv", 4, "name", "csv.value-missing")),
    "a date by dots": (
        lambda: bundle(edited("demographics.csv", ("2008-03-02", "02.03.2008"))),
        ("demographics.csv", 2, "birthDate", "csv.bad-date"),
    ),
    "30 February": (
        lambda: bundle(edited("demographics.csv", ("2008-03-02", "2008-02-30"))),
        ("demographics.csv", 2, "birthDate", "csv.bad-date"),
    ),
    "an end before the start": (
        lambda: bundle(edited("academicSessions.csv", ("2021-09-01,2021-10-31", "2021-10-31,2021-09-01"))),
        ("academicSessions.csv", 3, "endDate", "csv.ends-before-start"),
    ),
    "an unknown role": (
        lambda: bundle(edited("roles.csv", ("principal", "boss"))),
        ("roles.csv", 10, "role", "csv.bad-choice"),
    ),
    "a NUL": (lambda: bundle(edited("orgs.csv", ("Школа № 2", "Шко\x00ла"))), ("orgs.csv", 4, "name", "csv.bad-text")),
    "a name of 300 letters": (
        lambda: bundle(edited("orgs.csv", ("Школа № 2", "Ш" * 300))),
        ("orgs.csv", 4, "name", "csv.bad-text"),
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_bundle_says_where(what: str) -> None:
    make, place = BROKEN[what]
    assert place in read(make())[1]


def test_every_fault_is_found_at_once_not_only_the_first() -> None:
    broken = edited("orgs.csv", ("Школа № 1", ""), (",school,12", ",скул,12")) | edited(
        "roles.csv", ("principal", "boss")
    )
    codes = [(file, line, field) for file, line, field, _ in read(bundle(broken))[1]]
    assert codes == [("orgs.csv", 3, "name"), ("orgs.csv", 4, "type"), ("roles.csv", 10, "role")]


def test_an_encrypted_entry_is_refused() -> None:
    whole = bytearray(bundle())
    at = whole.rindex(b"PK\x01\x02")  # the flags of the last entry in the archive's directory
    whole[at + 8] |= 1
    assert read(bytes(whole))[1][0][3] == "roster.unreadable-entry"


def test_a_large_file_takes_no_more_memory_than_a_small_one(tmp_path: Path) -> None:
    for name, text in BUNDLE.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with (tmp_path / "enrollments.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"x{n},,,7A,S1,p1,student,false,,\n" for n in range(8_000))
    tracemalloc.start()
    try:
        assert sum(1 for _ in oneroster.read(tmp_path)) == 8_036
        assert tracemalloc.get_traced_memory()[1] < 1_500_000
    finally:
        tracemalloc.stop()
