"""Marks by criteria over HTTP: from the column's criteria to the journal that shows points and what stood before."""

from typing import Any
from uuid import UUID, uuid4

import httpx

from services.grades.tests.test_api import codes, column, journal, marks, new_work, opened
from shared.access import OPERATOR
from shared.contracts.grades import WorkOpened
from shared.testing.school import ANNA, BORIS, OLGA, SCHOOL, Running

A_B = [{"code": "A", "most": 8}, {"code": "B", "most": 8}]


def by(pupil: UUID, **points: object) -> dict[str, Any]:
    return {"pupil_id": str(pupil), "criteria": points}


def scored(a: int, b: int) -> list[dict[str, Any]]:
    return [{"code": "A", "points": a, "most": 8}, {"code": "B", "points": b, "most": 8}]


def give(grades: Running, path: str, *entries: dict[str, Any], **headers: str) -> httpx.Response:
    return grades.send("POST", f"{path}/marks", OLGA, {"marks": list(entries)}, **headers)


def cell(grades: Running, path: str, pupil: UUID = ANNA) -> dict[str, Any]:
    found: dict[str, Any] = next(m for m in column(grades, path)["marks"] if m["pupil_id"] == str(pupil))
    return found


def test_the_journal_shows_criteria_points_and_the_mark_they_make(grades: Running) -> None:
    path = opened(grades, criteria=A_B)
    plain = marks((BORIS, "н/а"))["marks"][0]
    assert give(grades, path, by(ANNA, A=6, B="7") | {"comment": "Вывод хорош"}, plain).status_code == 200
    shown = column(grades, path)
    assert shown["criteria"] == A_B
    anna = cell(grades, path)
    assert (anna["values"], anna["criteria"], anna["comment"]) == (["4"], scored(6, 7), "Вывод хорош")
    boris = cell(grades, path, BORIS)
    assert (boris["values"], boris["criteria"]) == (["not-attested"], [])


def test_a_correction_shows_the_points_that_stood(grades: Running) -> None:
    path = opened(grades, criteria=A_B)
    give(grades, path, by(ANNA, A=6, B=7))
    for to in (by(ANNA, A=8, B=8.0), {"pupil_id": str(ANNA), "value": "осв"}, by(ANNA, A=0, B=1)):
        assert grades.send("POST", f"{path}/corrections", OLGA, {**to, "reason": "апелляция"}).status_code == 200
    again = grades.send("POST", f"{path}/corrections", OLGA, by(ANNA, A=0, B=1) | {"reason": ""})
    assert (again.status_code, again.json()["events"]) == (200, [])
    grades.send("POST", f"{path}/removals", OLGA, {"pupil_id": str(ANNA), "reason": "не та работа"})
    shown = cell(grades, path)
    assert (shown["values"], shown["criteria"]) == ([], [])
    assert [(w["values"], w["criteria"]) for w in shown["was"]] == [
        (["4"], scored(6, 7)), (["5"], scored(8, 8)), (["exempt"], []), (["2"], scored(0, 1)),
    ]  # fmt: skip
    assert give(grades, path, by(ANNA, A=5, B=5)).status_code == 200
    assert cell(grades, path)["criteria"] == scored(5, 5)


def test_the_mark_made_of_points_counts_in_the_average_like_any_other(grades: Running) -> None:
    for on, weight, entry in ((21, "3", by(BORIS, A=8, B=8)), (21, "1", by(BORIS, A=4, B=4))):
        give(grades, opened(grades, on=on - 13, weight=weight, kind="project", criteria=A_B), entry)
    averages = journal(grades, first=8, last=8).json()["averages"][str(BORIS)]
    assert (averages["average"], averages["count"]) == ("4.50", 2)  # (5×3 + 3×1) / 4


def test_every_bad_point_is_named_in_both_languages_and_none_is_saved(grades: Running) -> None:
    path = opened(grades, criteria=A_B)
    sent = [by(ANNA, A=9, B=-1), by(BORIS, A="6,5", **{"Z/1": 1})]
    expected = {
        "/marks/0/criteria/A": ("grades.points-out-of-range", "9 по критерию A — вне границ: баллов здесь от 0 до 8."),
        "/marks/0/criteria/B": ("grades.points-out-of-range", "-1 по критерию B — вне границ: баллов здесь от 0 до 8."),
        "/marks/1/criteria/A": ("grades.points-not-whole", "«6,5» по критерию A — не целое число баллов."),
        "/marks/1/criteria/B": ("grades.points-missing", "Не указаны баллы по критерию B: от 0 до 8."),
        "/marks/1/criteria/Z~11": ("grades.criterion-unknown", "У работы нет критерия «Z/1». Есть: A, B."),
    }
    russian = give(grades, path, *sent, **{"Accept-Language": "ru"})
    assert russian.status_code == 422
    assert {e["pointer"]: (e["code"], e["detail"]) for e in russian.json()["errors"]} == expected
    english = give(grades, path, *sent, **{"Accept-Language": "en"})
    assert codes(english) == {pointer: code for pointer, (code, _) in expected.items()}
    assert column(grades, path)["marks"] == []


def test_nothing_or_null_typed_for_a_criterion_is_a_missing_one(grades: Running) -> None:
    path = opened(grades, criteria=A_B)
    answer = give(grades, path, by(ANNA, A=None, B=""), by(BORIS))
    assert codes(answer) == {
        f"/marks/{i}/criteria/{code}": "grades.points-missing" for i in (0, 1) for code in ("A", "B")
    }  # fmt: skip


def test_a_mark_and_points_are_not_both_taken_nor_in_the_wrong_column(grades: Running) -> None:
    path, plain = opened(grades, criteria=A_B), opened(grades)
    both = by(ANNA, A=1, B=1) | {"value": "осв"}
    assert codes(give(grades, path, both)) == {"/marks/0": "grades.value-or-criteria"}
    assert codes(give(grades, path, {"pupil_id": str(ANNA)})) == {"/marks/0": "grades.value-or-criteria"}
    assert codes(give(grades, path, marks((ANNA, "5"))["marks"][0])) == {"/marks/0/value": "grades.criteria-wanted"}
    assert codes(give(grades, plain, by(ANNA, A=1, B=1))) == {"/marks/0/criteria": "grades.no-criteria-here"}
    give(grades, path, by(ANNA, A=1, B=1))
    assert codes(give(grades, path, by(ANNA, A=2, B=1))) == {"/marks/0/criteria": "grades.already-marked"}
    late = grades.send("POST", f"{path}/corrections", OLGA, by(ANNA, A=1, B=9) | {"reason": "x"})
    assert codes(late) == {"/criteria/B": "grades.points-out-of-range"}


def test_bad_criteria_of_a_new_work_are_named(grades: Running) -> None:
    twice = [{"code": "A", "most": 8}, {"code": "А", "most": 8}, {"code": "Aa", "most": 1}]
    answer = grades.send("POST", "/works", OLGA, new_work(criteria=twice))
    assert codes(answer) == {
        "/criteria/1/code": "grades.criterion-twice",
        "/criteria/2/code": "grades.criterion-mistyped",
    }
    for most in (0, 101, 1.5, None):
        answer = grades.send("POST", "/works", OLGA, new_work(criteria=[{"code": "A", "most": most}]))
        assert answer.status_code == 422 and list(codes(answer)) == ["/criteria/0/most"]
    many = [{"code": f"К{n}", "most": 1} for n in range(13)]
    assert codes(grades.send("POST", "/works", OLGA, new_work(criteria=many))) == {
        "/criteria": "grades.too-many-criteria"
    }
    work = new_work(criteria=A_B)
    assert grades.send("POST", "/works", OLGA, work).status_code == 200
    assert grades.send("POST", "/works", OLGA, work).json()["events"] == []
    assert grades.send("POST", "/works", OLGA, work | {"criteria": []}).json()["code"] == "grades.work-id-taken"


def test_bounds_are_the_rules_a_column_was_opened_by(grades: Running) -> None:
    address = f"/schools/{SCHOOL}/rule"
    before = grades.send("GET", address, OLGA).json()
    assert before["bounds"][0] == {"value": "5", "percent": 85}
    old = opened(grades, criteria=A_B)
    kinds = [kind for kind in before["kinds"]]
    strict = [{"value": "5", "percent": "95"}, {"value": "4", "percent": 90}, {"value": "1", "percent": 0}]
    set_ = grades.send("PUT", address, OPERATOR, {"scale": "five", "kinds": kinds, "bounds": strict})
    assert set_.status_code == 200, set_.text
    new = opened(grades, criteria=A_B)
    for path, value in ((old, "4"), (new, "1")):
        give(grades, path, by(ANNA, A=6, B=7))
        assert cell(grades, path)["values"] == [value]
    assert grades.send("GET", address, OLGA).json()["bounds"] == [
        {"value": "5", "percent": 95}, {"value": "4", "percent": 90}, {"value": "1", "percent": 0}
    ]  # fmt: skip
    wrong = {"scale": "five", "kinds": kinds, "bounds": [{"value": "5", "percent": 85}]}
    assert codes(grades.send("PUT", address, OPERATOR, wrong)) == {"/bounds/0/percent": "grades.lowest-bound-not-zero"}
    back = grades.send("PUT", address, OPERATOR, {"scale": "five", "kinds": kinds, "bounds": []})
    assert back.status_code == 200
    assert grades.send("GET", address, OLGA).json()["bounds"] == before["bounds"]


def test_a_column_without_criteria_is_stored_as_before_there_were_any(grades: Running) -> None:
    work = str(uuid4())
    grades.send("POST", "/works", OLGA, new_work() | {"work_id": work})
    (event,) = [e for e in grades.events() if isinstance(e, WorkOpened) and str(e.work_id) == work]
    assert "criteria" not in event.model_dump()
