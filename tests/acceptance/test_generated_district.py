"""A district of the generator comes in through the public API like any other: nothing wrong, nobody booked twice."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from deploy.demo import district
from deploy.demo.district import DISTRICT, ZONE, Cast, Counts, Plan
from shared.contracts.roster import derived_id
from tests.acceptance.conftest import TODAY, Diary
from tests.acceptance.people import Person, until
from tests.acceptance.town import ZIP, signed_in

PLAN = Plan(schools=2, seed=20, letters=1, year=2021)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Counts]:
    folder = tmp_path_factory.mktemp("generated")
    return folder, district.write(PLAN, folder)


@pytest.fixture(scope="module")
def roster(diary: Diary, files: tuple[Path, Counts]) -> dict[str, Any]:
    """The reports of a dry run and of the import itself."""
    bundle = {"file": ("oneroster.zip", (files[0] / "oneroster.zip").read_bytes(), ZIP)}

    def sent(dry_run: str) -> Any:
        return diary.operator.upload(
            "roster", "/imports", bundle, str(uuid4()), time_zone=ZONE, dry_run=dry_run
        )  # fmt: skip

    return {"dry": sent("true"), "applied": sent("false")}


@pytest.fixture(scope="module")
def lessons(diary: Diary, files: tuple[Path, Counts], roster: dict[str, Any]) -> dict[str, Any]:
    """The same of the timetable, when lessons knows the schools."""
    names = ("timetable", "bells", "holidays")
    parts = {name: (f"{name}.csv", (files[0] / f"{name}.csv").read_bytes(), "text/csv") for name in names}

    def sent(dry_run: str) -> Any:
        return diary.operator.upload(
            "lessons", "/imports", parts, str(uuid4()), district=DISTRICT, dry_run=dry_run
        )  # fmt: skip

    def known() -> Any:
        report = sent("true")
        return report if not report["errors"] else None

    return {"dry": until(known, seconds=120), "applied": sent("false")}


@pytest.fixture(scope="module")
def cast() -> Cast:
    return district.cast(PLAN)


def person(source_id: str) -> UUID:
    return derived_id(DISTRICT, "users", source_id)


@pytest.fixture(scope="module")
def mother(diary: Diary, lessons: dict[str, Any], cast: Cast) -> Iterator[Person]:
    with signed_in(diary, person(cast.parent), "generated.mother") as found:
        until(lambda: found.read("roster", "/me")["children"])
        yield found


def lessons_of(by: Person, pupil: str) -> Any:
    """Those of the week; None while lessons does not know that he may see them."""
    monday = TODAY - timedelta(days=TODAY.weekday())
    answer = by.get("lessons", "/week", pupil_id=pupil, first=monday, last=monday + timedelta(days=6))
    return answer.json()["lessons"] if answer.is_success else None


def test_v_04_a_generated_bundle_is_taken_without_an_error(roster: dict[str, Any], files: tuple[Path, Counts]) -> None:
    counts = files[1]
    assert roster["dry"]["errors"] == roster["applied"]["errors"] == []
    states = (roster["dry"]["state"], roster["applied"]["state"])
    assert states in (("checked", "applied"), ("unchanged", "unchanged"))  # the second in a folder that is kept
    told = roster["applied"]["counts"]
    assert (told["schools"], told["groups"], told["families"]) == (PLAN.schools + 1, counts.groups, counts.pupils)
    office = 2 * PLAN.schools + 1
    assert told["persons"] == counts.pupils + counts.parents + counts.teachers + office


def test_v_04_its_timetable_books_nobody_twice(lessons: dict[str, Any], files: tuple[Path, Counts]) -> None:
    for report in lessons.values():
        assert (report["errors"], report["findings"], report["finding_count"]) == ([], [], 0)
    assert lessons["applied"]["counts"] == {
        "timetables": 2, "bells": 2, "holidays": 2, "slots": files[1].lessons_a_week,
    }  # fmt: skip


def test_v_04_a_mother_sees_her_children_of_two_schools(mother: Person, cast: Cast) -> None:
    children = mother.read("roster", "/me")["children"]
    assert {child["person_id"] for child in children} == {str(person(cast.pupil)), str(person(cast.sibling))}
    assert len({child["school_id"] for child in children}) == 2
    for child in children:
        week = until(partial(lessons_of, mother, child["person_id"]), seconds=60)  # lessons may learn of families later
        places = [(row["on"], row["number"]) for row in week]
        assert len(places) == len(set(places)) >= 15


def test_v_04_the_class_teacher_the_head_and_the_officer_are_who_they_are_said_to_be(
    diary: Diary, mother: Person, cast: Cast
) -> None:
    roles = {cast.teacher: "teacher", cast.head: "administrator", cast.officer: "officer"}
    for source_id, role in roles.items():
        with signed_in(diary, person(source_id), f"generated.{role}") as found:
            me = until(lambda found=found: found.read("roster", "/me")["roles"])  # type: ignore[misc]
            assert role in {row["role"] for row in me}
            if role == "teacher":
                mine = {row["group_id"] for row in found.read("roster", "/groups", mine="true")}
                assert str(derived_id(DISTRICT, "classes", cast.home)) in mine
