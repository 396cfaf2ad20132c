"""What is missing in the journals, by teacher: of lessons that are over, of this school."""

from typing import Any
from uuid import UUID

import pytest

from services.reporting.tests.test_audit import HEAD
from services.reporting.tests.test_audit import told as told
from shared.testing.school import ANNA, MARIA, NINA, OLGA, PAVEL, SCHOOL, Running, day


def asked(running: Running, first: int, last: int, who: UUID = NINA, status: int = 200) -> Any:
    query = f"school_id={SCHOOL}&first={day(first)}&last={day(last)}"
    answer = running.http.get(f"/completeness?{query}", headers=running.headers(who))
    assert answer.status_code == status, answer.text
    return answer.json()


def test_the_board_agrees_with_the_lessons_of_each_teacher(told: Running) -> None:
    board = asked(told, 1, 19)
    assert board["lessons"] == sum(one["lessons"] for one in board["teachers"]) > 0
    teacher = next(one for one in board["teachers"] if one["teacher_id"] == str(OLGA))
    query = f"teacher_id={OLGA}&first={day(1)}&last={day(19)}"
    given = told.http.get(f"/lessons?{query}", headers=told.headers(HEAD)).json()["lessons"]
    over = [one for one in given if one["held"] and not one["cancelled"]]
    kinds = ("lessons", "rolls", "works", "topics", "homework")
    assert tuple(teacher[kind] for kind in kinds) == (
        len(over),
        sum(1 for one in over if one["roll"] is None),
        sum(1 for one in over if one["works"] and not one["marks"]),
        sum(1 for one in over if not one["topic"]),
        sum(1 for one in over if one["homework"] is None),
    )
    assert teacher["rolls"] > 0


def test_teachers_stand_by_name(told: Running) -> None:
    names = [one["name"] for one in asked(told, 1, 19)["teachers"]]
    assert len(names) > 1
    known = [name for name in names if name]
    assert known == sorted(known) and names[: len(known)] == known


def test_nothing_is_missing_of_days_to_come(told: Running) -> None:
    assert asked(told, 20, 25) == {"lessons": 0, "rolls": 0, "works": 0, "topics": 0, "homework": 0, "teachers": []}


@pytest.mark.parametrize("who", [OLGA, PAVEL, MARIA, ANNA])
def test_it_is_for_those_who_run_the_school(told: Running, who: UUID) -> None:
    asked(told, 1, 19, who, 403)


def test_of_more_than_sixty_two_days_it_is_refused(told: Running) -> None:
    query = f"school_id={SCHOOL}&first=2021-07-01&last=2021-09-01"
    answer = told.http.get(f"/completeness?{query}", headers=told.headers(NINA))
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["pointer"], error["code"]) == (422, "/last", "reporting.range-too-long")
