"""The readers of the product's own imports find nothing wrong in a generated district."""

from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import pytest

from deploy.demo.district import DISTRICT, Plan
from deploy.demo.district.tests.written import Written, written
from services.lessons import csv_import
from services.lessons.csv_import import GroupKnown, Known
from services.lessons.faults import TeacherTwice
from services.roster import oneroster
from services.roster.mapping import ROLES
from shared.contracts.roster import derived_id
from shared.csvfile import Fault


@pytest.fixture(scope="module", params=[(3, 2), (2, 8), (1, 1)], ids=lambda p: f"{p[0]} schools of {p[1]} letters")
def district(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Written:
    schools, letters = request.param
    return written(tmp_path_factory.mktemp("district"), Plan(schools, seed=42, letters=letters))


def test_the_roster_reads_every_row(district: Written) -> None:
    found = list(oneroster.read(district.folder / "oneroster.zip"))
    assert [one for one in found if isinstance(one, Fault)] == []
    assert sum(isinstance(one, oneroster.Row) and one.file == "enrollments" for one in found) == len(district.enrolled)
    assert {row["role"] for row in district.rows("roles")} <= {*ROLES, "districtAdministrator"}


def known(district: Written) -> Known:
    """What the roster will tell the lessons service once it has the bundle."""

    def id(file: str, source: str) -> UUID:
        return derived_id(DISTRICT, file, source)

    teachers = district.members("teacher")
    groups = {}
    for source, row in district.classes.items():
        by = tuple(id("users", one) for one in teachers[source])
        groups[id("classes", source)] = GroupKnown(
            id("classes", source), id("orgs", row["schoolSourcedId"]), row["title"], by
        )
    schools = frozenset(id("orgs", row["sourcedId"]) for row in district.rows("orgs") if row["type"] == "school")
    return Known(groups, schools, lambda person, school: True)


def test_the_timetable_is_accepted_without_a_single_finding(district: Written) -> None:
    files: dict[str, BinaryIO] = {
        name: (district.folder / f"{name}.csv").open("rb") for name in ("timetable", "bells", "holidays")
    }
    try:
        found = csv_import.read(DISTRICT, files, known(district))
    finally:
        for file in files.values():
            file.close()
    assert found.faults == [] and found.findings == []
    assert len(found.bells) == len(found.holidays) == len(found.timetables) == district.counts.schools
    assert sum(len(one.slots) for one in found.timetables.values()) == district.counts.lessons_a_week


def test_a_double_booking_would_be_found(district: Written, tmp_path: Path) -> None:
    """The check above can fail: one lesson put where its teacher is already."""
    rows = (district.folder / "timetable.csv").read_text(encoding="utf-8").splitlines()
    teacher = {group: by[0] for group, by in district.members("teacher").items()}
    first = rows[1].split(",")
    other = next(
        n for n, row in enumerate(rows[2:], 2)
        if (g := row.split(",")[0]) != first[0] and teacher[g] == teacher[first[0]]
    )  # fmt: skip
    rows[other] = ",".join([rows[other].split(",")[0], *first[1:]])
    broken = tmp_path / "timetable.csv"
    broken.write_text("\n".join(rows) + "\n", encoding="utf-8")
    with broken.open("rb") as timetable, (district.folder / "bells.csv").open("rb") as bells:
        found = csv_import.read(DISTRICT, {"timetable": timetable, "bells": bells}, known(district))
    assert any(isinstance(one.refusal, TeacherTwice) for one in found.findings)
