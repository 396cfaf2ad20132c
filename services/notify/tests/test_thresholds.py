"""A threshold is a number, set by a guardian who is told of the child."""

from typing import Any

import pytest

from services.notify.tests.conftest import Family
from shared.testing.rebuilt import before_and_after
from shared.testing.school import PAVEL


def put(family: Family, below: str, **more: Any) -> Any:
    return family.notify.send(
        "PUT", "/thresholds", family.guardian, {"pupil_id": str(family.pupil), "below": below, **more}
    )


def of(family: Family) -> list[tuple[str, str]]:
    answer = family.notify.http.get("/thresholds", headers=family.notify.headers(family.guardian)).json()
    return [(one["pupil_id"], one["below"]) for one in answer["thresholds"]]


@pytest.mark.parametrize(("typed", "kept"), [("3,5", "3.5"), (" 4 ", "4"), ("75.00", "75"), ("100", "100")])
def test_it_is_read_as_people_write(family: Family, typed: str, kept: str) -> None:
    assert put(family, typed).status_code == 200
    assert of(family) == [(str(family.pupil), kept)]


@pytest.mark.parametrize("typed", ["три", "0", "101", "3,555", "-4", "4 5"])
def test_anything_else_is_refused_at_the_field(family: Family, typed: str) -> None:
    refused = put(family, typed)
    assert refused.status_code == 422
    [error] = refused.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/below", "notify.threshold-not-a-number")
    assert of(family) == []


def test_it_is_taken_back_with_an_empty_text(family: Family) -> None:
    put(family, "3,5")
    assert put(family, "").status_code == 200
    assert of(family) == []


def test_the_same_is_already_so(family: Family) -> None:
    first = put(family, "3,5").json()
    assert (first["version"], put(family, "3.50").json()) == (1, {**first, "events": []})


@pytest.mark.parametrize("rights", [(), ("see",)])
def test_of_a_child_one_is_not_told_of_there_is_none(family: Family, rights: tuple[str, ...]) -> None:
    family.tied(*rights)
    assert put(family, "3,5").status_code in (403, 404)


def test_of_a_stranger_there_is_none(family: Family) -> None:
    assert put(family, "3,5", pupil_id=str(PAVEL)).status_code == 404


def test_its_view_is_the_same_after_a_rebuild(family: Family) -> None:
    put(family, "3,5")
    before, after = before_and_after(family.notify.settings, family.notify.service)
    assert after == before
    assert (family.guardian, family.pupil) in {row[:2] for row in after["thresholds"]}
