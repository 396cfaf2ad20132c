"""Marks by criteria: several criteria make one mark by the school's rule, and the family sees what it is made of."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.places import ALGEBRA, PETER, TODAY, mark, open_work
from tests.acceptance.refusals import Told, refused
from tests.acceptance.test_grades import in_journal, of_day
from tests.acceptance.town import Town, founded

A_B = [{"code": "A", "most": 8}, {"code": "B", "most": 8}]


def points(pupil: UUID, **by: object) -> dict[str, Any]:
    return {"pupil_id": str(pupil), "criteria": by}


def written(of: dict[str, Any]) -> str:
    """As the page writes it: A 6/8 · B 7/8."""
    return " · ".join(f"{one['code']} {one['points']}/{one['most']}" for one in of["criteria"])


def give(teacher: Person, work: UUID, entry: dict[str, Any]) -> None:
    teacher.did("POST", "grades", f"/works/{work}/marks", {"marks": [entry]})


def column(teacher: Person, group: UUID, on: date, work: UUID) -> Any:
    journal = teacher.read("grades", "/journal", group_id=group, first=on, last=on)
    return next(row for row in journal["works"] if row["work_id"] == str(work))


def test_b_27_several_marks_codes_and_criteria_of_one_lesson_count_each_as_its_rule_says(
    town: Town, anna: Person, olga: Person
) -> None:
    petya, on = town.person("petya"), date(2022, 2, 9)
    for value, weight in (("4/5", "2"), ("осв", "9"), (".", "9")):
        town.give(anna, on, value, weight=weight)
    by_points = town.open_work(anna, on, kind="project", weight="3", criteria=A_B)
    give(anna, by_points, points(petya, A=4, B=4))  # 50 % is a 3
    ill = town.open_work(anna, on, kind="exam", weight="9", criteria=A_B)
    give(anna, ill, {"pupil_id": str(petya), "value": "н/а"})
    average = in_journal(anna, town.group("7A"), on, petya)
    assert sorted(term["value"] for term in average["terms"]) == ["3", "4", "5"]
    assert (average["average"], average["weighted_sum"], average["weights"]) == ("3.86", "27", "7")  # (4+5)×2 + 3×3
    until(lambda: len(of_day(olga, petya, on)) == 5)
    shown = {row["work_id"]: (row["values"], written(row)) for row in of_day(olga, petya, on)}
    assert shown[str(by_points)] == (["3"], "A 4/8 · B 4/8")
    assert shown[str(ill)] == (["not-attested"], "")
    table = olga.read("reporting", "/marks", pupil_id=petya, first=on, last=on)
    assert table["subjects"][0]["average"] == "3.86"


def test_b_27_the_parent_sees_the_points_and_those_that_stood_before_a_correction(
    town: Town, anna: Person, olga: Person
) -> None:
    petya, on = town.person("petya"), date(2022, 2, 10)
    work = town.open_work(anna, on, criteria=A_B)
    give(anna, work, points(petya, A=6, B="7") | {"comment": "Вывод хорош"})
    seen = until(lambda: of_day(olga, petya, on))[0]
    assert (seen["values"], written(seen), seen["comment"]) == (["4"], "A 6/8 · B 7/8", "Вывод хорош")
    fix = points(petya, A=7, B=7) | {"reason": "апелляция по критерию A"}
    anna.did("POST", "grades", f"/works/{work}/corrections", fix)
    changed = until(lambda: [row for row in of_day(olga, petya, on) if row["was"]])[0]
    assert (changed["values"], written(changed)) == (["5"], "A 7/8 · B 7/8")
    (was,) = changed["was"]
    assert (was["values"], written(was), was["reason"]) == (["4"], "A 6/8 · B 7/8", "апелляция по критерию A")
    (given,) = column(anna, town.group("7A"), on, work)["marks"]
    assert (written(given), written(given["was"][0])) == ("A 7/8 · B 7/8", "A 6/8 · B 7/8")
    entries = until(lambda: _corrected(olga, work))
    assert [(written(entry["before"] or {"criteria": []}), written(entry["after"])) for entry in entries] == [
        ("", "A 6/8 · B 7/8"),
        ("A 6/8 · B 7/8", "A 7/8 · B 7/8"),
    ]


def _corrected(parent: Person, work: UUID) -> list[Any]:
    answer = parent.get("reporting", f"/history/{work}")
    entries: list[Any] = answer.json()["entries"] if answer.status_code == 200 else []
    return entries if len(entries) == 2 else []


def test_b_27_on_hundred_points_the_mark_is_the_share_rounded_half_up(teacher: Person, parent: Person) -> None:
    work = open_work(teacher, criteria=[{"code": "К1", "most": 3}, {"code": "К2", "most": 5}])
    give(teacher, work, points(PETER, К1=2, К2=3))  # 62.5 %
    (given,) = column(teacher, ALGEBRA, TODAY, work)["marks"]
    assert (given["values"], written(given)) == (["63"], "К1 2/3 · К2 3/5")
    seen = until(lambda: [row for row in of_day(parent, PETER, TODAY) if row["work_id"] == str(work)])[0]
    assert (seen["values"], written(seen)) == (["63"], "К1 2/3 · К2 3/5")


def test_b_27_a_column_is_measured_by_the_bounds_it_was_opened_under(diary: Diary) -> None:
    town = founded(diary)
    address, on, petya = f"/schools/{town.school}/rule", date(2022, 2, 11), town.person("petya")
    with town.signed_in("anna") as anna, town.signed_in("inna") as inna:
        old = town.open_work(anna, on, criteria=A_B)
        rule = anna.read("grades", address)
        assert [(bound["value"], bound["percent"]) for bound in rule["bounds"]] == [
            ("5", 85), ("4", 65), ("3", 45), ("2", 0),
        ]  # fmt: skip
        strict = [{"value": "5", "percent": 100}, {"value": "3", "percent": 82}, {"value": "2", "percent": 0}]
        changed = {"scale": "five", "kinds": rule["kinds"], "bounds": strict}
        inna.did("PUT", "grades", address, changed)
        new = town.open_work(anna, on, criteria=A_B)
        for work, value in ((old, "4"), (new, "2")):
            give(anna, work, points(petya, A=6, B=7))  # 81.25 %
            assert column(anna, town.group("7A"), on, work)["marks"][0]["values"] == [value]


@pytest.fixture(scope="module")
def work(town: Town, anna: Person) -> UUID:
    return town.open_work(anna, date(2022, 2, 14), criteria=A_B)


def marks_refused(person: Person, work: UUID, *marks: dict[str, Any]) -> Told:
    return refused(person, "POST", "grades", f"/works/{work}/marks", {"marks": list(marks)})


@pytest.mark.parametrize(
    ("typed", "pointer", "code", "ru", "en"),
    [
        (
            {"A": 6, "B": 9}, "B", "grades.points-out-of-range",
            "9 по критерию B — вне границ: баллов здесь от 0 до 8.",
            "9 by criterion B is out of range: it has 0 to 8 points.",
        ),
        (
            {"A": 6, "B": -1}, "B", "grades.points-out-of-range",
            "-1 по критерию B — вне границ: баллов здесь от 0 до 8.",
            "-1 by criterion B is out of range: it has 0 to 8 points.",
        ),
        (
            {"A": "6,5", "B": 7}, "A", "grades.points-not-whole",
            "«6,5» по критерию A — не целое число баллов.",
            "“6,5” by criterion A is no whole number of points.",
        ),
        (
            {"A": 6}, "B", "grades.points-missing",
            "Не указаны баллы по критерию B: от 0 до 8.",
            "The points by criterion B are missing; it has 0 to 8.",
        ),
        (
            {"A": 6, "B": 7, "C": 1}, "C", "grades.criterion-unknown",
            "У работы нет критерия «C». Есть: A, B.",
            "The work has no criterion “C”. It has: A, B.",
        ),
    ],
)  # fmt: skip
def test_b_27_bad_points_have_a_sentence_at_their_criterion(
    town: Town, anna: Person, work: UUID, typed: dict[str, Any], pointer: str, code: str, ru: str, en: str
) -> None:
    told = marks_refused(anna, work, {"pupil_id": str(town.person("petya")), "criteria": typed})
    assert told == Told(422, code, f"/marks/0/criteria/{pointer}", ru, en)


def test_b_27_a_plain_mark_in_a_column_of_criteria_is_refused_and_points_in_a_plain_one(
    town: Town, anna: Person, work: UUID
) -> None:
    petya = town.person("petya")
    told = marks_refused(anna, work, mark(petya, "5"))
    assert (told.code, told.pointer) == ("grades.criteria-wanted", "/marks/0/value")
    assert told.ru == "Здесь ставят баллы по критериям, а вместо них — только код: «осв», «н/а», точка; «5» — не код."
    plain = town.open_work(anna, date(2022, 2, 14))
    told = marks_refused(anna, plain, points(petya, A=6))
    assert (told.code, told.pointer) == ("grades.no-criteria-here", "/marks/0/criteria")
    assert told.ru == "У этой работы нет критериев: поставьте обычную оценку."
