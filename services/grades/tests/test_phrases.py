"""A teacher's own phrases: his alone, sealed, in his order."""

from collections.abc import Iterator
from typing import Any

import pytest

from deploy.embedded.postgres import Postgres
from services.grades.main import SERVICE
from shared.testing.school import ANNA, IGOR, OLGA, Running, running


@pytest.fixture(scope="module")
def grades(postgres: Postgres) -> Iterator[Running]:
    with running(postgres, SERVICE) as service:
        yield service


def kept(grades: Running, by: Any = OLGA) -> list[str]:
    found: list[str] = grades.http.get("/phrases", headers=grades.headers(by)).json()["phrases"]
    return found


def keep(grades: Running, *phrases: str) -> Any:
    return grades.send("PUT", "/phrases", OLGA, {"phrases": list(phrases)})


def test_they_are_kept_in_order_without_repeats_and_are_the_teachers_own(grades: Running) -> None:
    assert kept(grades) == []
    assert keep(grades, "Молодец!", " Повторите   § 12 ", "", "Молодец!").status_code == 200
    assert kept(grades) == ["Молодец!", "Повторите § 12"]
    assert kept(grades, IGOR) == []
    assert keep(grades, "Повторите § 12").status_code == 200
    assert kept(grades) == ["Повторите § 12"]
    assert "Повторите" not in "".join(event.model_dump_json() for event in grades.events())
    assert grades.http.get("/phrases", headers=grades.headers(ANNA)).status_code == 403


def test_too_many_and_too_long_are_said_at_their_place(grades: Running) -> None:
    refused = keep(grades, *(f"Фраза {n}" for n in range(51))).json()
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("grades.too-many-phrases", "/phrases")
    refused = keep(grades, "Молодец!", "я" * 301).json()
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("grades.text-too-long", "/phrases/1")
