"""Targets: whose wish they may be, in which numbers, for which subjects."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from deploy.embedded.postgres import Postgres
from services.grades.main import SERVICE
from services.grades.tests.test_api import codes
from shared.testing.school import ANNA, BORIS, IGOR, MARIA, NINA, OLGA, PAVEL, Running, running


@pytest.fixture(scope="module")
def grades(postgres: Postgres) -> Iterator[Running]:
    with running(postgres, SERVICE) as service:
        yield service


def wish(grades: Running, by: UUID, value: str, subject: str = "Алгебра") -> Any:
    return grades.send("PUT", "/targets", by, {"pupil_id": str(ANNA), "subject": subject, "value": value})


def wished(grades: Running, by: UUID = ANNA) -> dict[str, str]:
    answer = grades.http.get(f"/targets?pupil_id={ANNA}", headers=grades.headers(by))
    return {one["subject"]: one["value"] for one in answer.raise_for_status().json()["targets"]}


def test_pupil_family_and_teacher_set_it_and_it_is_taken_back(grades: Running) -> None:
    assert wish(grades, OLGA, " 4,50 ").status_code == 200
    assert wished(grades) == {"Алгебра": "4.5"}
    assert wish(grades, ANNA, "5").status_code == 200
    assert wished(grades, PAVEL) == {"Алгебра": "5"}
    assert wish(grades, PAVEL, "").status_code == 200
    assert wished(grades) == {}


@pytest.mark.parametrize("who", [BORIS, MARIA])
def test_nobody_else_knows_of_it(grades: Running, who: UUID) -> None:
    assert wish(grades, who, "4").status_code == 404
    assert grades.http.get(f"/targets?pupil_id={ANNA}", headers=grades.headers(who)).status_code == 404


def test_a_teacher_of_another_subject_reads_it_and_sets_none(grades: Running) -> None:
    wish(grades, OLGA, "3")
    assert wished(grades, IGOR) == {"Алгебра": "3"}
    assert wish(grades, IGOR, "4").status_code == 404
    assert wish(grades, IGOR, "4", "Геометрия").status_code == 200
    assert wish(grades, IGOR, "", "Геометрия").status_code == 200


def test_the_office_reads_it_and_sets_none(grades: Running) -> None:
    wish(grades, OLGA, "4")
    assert wished(grades, NINA) == {"Алгебра": "4"}
    assert wish(grades, NINA, "5").status_code == 403


@pytest.mark.parametrize("typed", ["6", "1", "хорошо", "4.555", "-1", "4..5"])
def test_what_is_no_average_of_the_scale_is_said_at_the_field(grades: Running, typed: str) -> None:
    assert codes(wish(grades, ANNA, typed)) == {"/value": "grades.target-not-a-number"}


def test_a_subject_that_is_not_learnt_has_no_target(grades: Running) -> None:
    assert codes(wish(grades, ANNA, "4", "Латынь")) == {"/subject": "grades.not-his-subject"}
