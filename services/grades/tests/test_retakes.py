"""Dots with a day of handing in, retakes by the school's rule, one test a day."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.grades.domain.marks import Cell, correct_mark, give_marks
from services.grades.domain.retakes import DueBeforeLesson, DueWithoutDot, after_retake
from services.grades.domain.rule import BUILT_IN
from services.grades.domain.work import DayHasTest, Standing, open_work
from services.grades.tests.test_api import column, marks, opened
from services.grades.tests.test_domain import ANNA as PUPIL
from services.grades.tests.test_domain import ASK, DAY, MONDAY, WORK, gave, given
from services.grades.tests.test_domain import SCHOOL as HOME
from services.grades.tests.test_domain import opened as work_opened
from shared.contracts import seal
from shared.contracts.grades import Mark, MarkCorrected, MarksGiven, Points, Retakes, Scale
from shared.testing.school import ALGEBRA, ANNA, GEOMETRY, IGOR, NINA, OLGA, SCHOOL, Running, day

FRIDAY = MONDAY + timedelta(days=4)


def owed(due: Any = None) -> MarksGiven:
    mark = Mark(pupil_id=PUPIL, values=("missing",), due=due)
    return MarksGiven(work_id=WORK, school_id=HOME, marks=(mark,))


def test_a_dot_may_say_by_when_the_work_is_to_be_handed_in() -> None:
    given(work_opened).when(give_marks, (Cell(PUPIL, ".", due=FRIDAY),), DAY).then(owed(FRIDAY))


def test_only_a_dot_has_a_day_and_none_before_the_lesson() -> None:
    given(work_opened).when(give_marks, (Cell(PUPIL, "4", due=FRIDAY),), DAY).refused(
        DueWithoutDot, at=["/marks/0/due"]
    )
    early = Cell(PUPIL, ".", due=MONDAY - timedelta(days=1))
    given(work_opened).when(give_marks, (early,), DAY).refused(DueBeforeLesson, at=["/marks/0/due"])


def test_another_day_of_handing_in_is_a_correction() -> None:
    later = MarkCorrected(
        work_id=WORK, school_id=HOME, pupil_id=PUPIL, before=("missing",), after=("missing",), due=FRIDAY,
        reason=seal(PUPIL, "Болела"),
    )  # fmt: skip
    given(work_opened, owed()).when(correct_mark, Cell(PUPIL, ".", due=FRIDAY), "Болела", DAY).then(later)


@pytest.mark.parametrize(
    ("policy", "scale", "first", "again", "stands"),
    [
        ("replace", "five", "5", "3", "3"),
        ("best", "five", "2", "4", "4"),
        ("best", "five", "5", "3", "5"),
        ("both", "five", "2", "4", "2/4"),
        ("both", "five", "2/3/3", "4/5", "4/5"),
        ("best", "five", "missing", "2", "2"),
        ("both", "five", "not-attested", "4", "4"),
        ("best", "letters", "C+", "B-", "B-"),
        ("best", "pass", "fail", "pass", "pass"),
        ("best", "pass", "pass", "fail", "pass"),
        ("best", "five", "4", "exempt", "4"),
    ],
)
def test_what_counts_after_a_retake_is_the_schools_rule(
    policy: Retakes, scale: Scale, first: str, again: str, stands: str
) -> None:
    made = after_retake(policy, scale, Standing(tuple(first.split("/"))), Standing(tuple(again.split("/"))))
    assert "/".join(made.values) == stands


def test_of_points_by_criteria_both_do_not_stand_beside_each_other() -> None:
    first, again = (Standing((value,), (Points(code="A", points=int(value)),)) for value in ("2", "4"))
    assert after_retake("both", "five", first, again) == again


def test_a_retake_that_changes_nothing_is_kept_all_the_same() -> None:
    same = MarkCorrected(
        work_id=WORK, school_id=HOME, pupil_id=PUPIL, before=("4",), after=("4",), retake=("3",),
        reason=seal(PUPIL, "Пересдача"),
    )  # fmt: skip
    given(work_opened, gave(PUPIL, "4")).when(correct_mark, Cell(PUPIL, "3"), "Пересдача", DAY, retakes="best").then(
        same
    )


def test_a_second_test_on_one_day_is_asked_about_first() -> None:
    busy = replace(DAY, tests=("Физика (3)",))
    given().when(open_work, ASK, busy, BUILT_IN, same_kind=False).refused(DayHasTest, at=["/kind"])


# --- over HTTP


def retaken(grades: Running, path: str, value: str) -> Any:
    body = {"pupil_id": str(ANNA), "value": value, "reason": "Пересдача", "retake": True}
    return grades.send("POST", f"{path}/corrections", OLGA, body)


def test_the_journal_shows_the_first_mark_the_retake_and_what_counts(grades: Running) -> None:
    rule = f"/schools/{SCHOOL}/rule"
    kinds = grades.send("GET", rule, NINA).json()["kinds"]
    assert grades.send("PUT", rule, NINA, {"scale": "five", "kinds": kinds, "retakes": "best"}).status_code == 200
    try:
        path = opened(grades)
        grades.send("POST", f"{path}/marks", OLGA, marks((ANNA, "3")))
        for value in ("5", "2"):
            assert retaken(grades, path, value).status_code == 200
        (cell,) = column(grades, path)["marks"]
        assert cell["values"] == ["5"]
        assert [(was["values"], was["retake"]) for was in cell["was"]] == [(["3"], ["5"]), (["5"], ["2"])]
    finally:
        back = {"scale": "five", "kinds": kinds, "retakes": "replace"}
        assert grades.send("PUT", rule, NINA, back).status_code == 200


def test_a_dot_with_its_day_comes_back_in_the_journal(grades: Running) -> None:
    path = opened(grades)
    body = {"marks": [{"pupil_id": str(ANNA), "value": ".", "due": "2021-09-24"}]}
    assert grades.send("POST", f"{path}/marks", OLGA, body).status_code == 200
    (cell,) = column(grades, path)["marks"]
    assert (cell["values"], cell["due"]) == (["missing"], "2021-09-24")
    assert retaken(grades, path, "4").status_code == 200
    (cell,) = column(grades, path)["marks"]
    assert (cell["values"], cell["due"]) == (["4"], None)


def test_pupils_of_two_groups_have_one_test_a_day_unless_it_is_meant(grades: Running) -> None:
    def plan(by: UUID, group: UUID, on: int, number: int, **more: object) -> httpx.Response:
        place = {"group_id": str(group), "on": day(on).isoformat(), "number": number}
        return grades.send("POST", "/works", by, {"work_id": str(uuid4()), **place, "kind": "exam", **more})

    assert plan(IGOR, GEOMETRY, 14, 1).status_code == 200
    answer = plan(OLGA, ALGEBRA, 13, 2)  # moved to the 14th
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["code"], error["pointer"]) == (409, "grades.day-has-test", "/kind")
    assert "Геометрия (1)" in error["detail"]
    assert plan(OLGA, ALGEBRA, 13, 2, confirmed=True).status_code == 200
    assert plan(OLGA, ALGEBRA, 29, 2).status_code == 200, "another day, still to come"
