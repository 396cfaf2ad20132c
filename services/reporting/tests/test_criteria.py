"""What a family reads of marks by criteria: the points beside the mark, before and after a correction."""

from typing import Any

import pytest

from services.reporting import pages
from services.reporting.pages import Seen
from services.reporting.tests.test_pages import get, project, said, work
from shared.contracts import Event
from shared.contracts.grades import Criterion, Mark, MarkCorrected, MarkRemoved, MarksGiven, Points
from shared.postgres import scoped
from shared.testing.school import ANNA, BORIS, OLGA, PAVEL, SCHOOL, Running, day, id_of, received

ESSAY, QUIZ = id_of("essay by criteria"), id_of("quiz beside it")
CRITERIA = (Criterion(code="A", most=8), Criterion(code="К1", most=3))


def points(a: int, k1: int) -> tuple[Points, ...]:
    return (Points(code="A", points=a), Points(code="К1", points=k1))


def scored(a: int, k1: int) -> list[dict[str, Any]]:
    return [{"code": "A", "points": a, "most": 8}, {"code": "К1", "points": k1, "most": 3}]


OF = {"work_id": ESSAY, "school_id": SCHOOL}
EVENTS: tuple[Event, ...] = (
    work(ESSAY, 2, "project", "2").model_copy(update={"criteria": CRITERIA}),
    work(QUIZ, 3, "quiz", "1"),
    MarksGiven(
        **OF,
        marks=(
            Mark(pupil_id=ANNA, values=("4",), criteria=points(6, 2)),
            Mark(pupil_id=BORIS, values=("5",), criteria=points(8, 3)),
        ),
    ),
    MarksGiven(work_id=QUIZ, school_id=SCHOOL, marks=(Mark(pupil_id=ANNA, values=("3", "4")),)),
    MarkCorrected(
        **OF, pupil_id=ANNA, before=("4",), after=("5",), reason=said("апелляция"),
        before_criteria=points(6, 2), after_criteria=points(8, 2),
    ),
    MarkRemoved(**OF, pupil_id=BORIS, before=("5",), reason=said("не его"), before_criteria=points(8, 3)),
)  # fmt: skip


@pytest.fixture(scope="module")
def told(reporting: Running) -> Running:
    project(reporting, [received(EVENTS, "grades", OLGA)])
    return reporting


def test_the_diary_shows_the_points_and_those_that_stood_before(told: Running) -> None:
    (today,) = get(told, "/diary", pupil_id=ANNA, first=day(15), last=day(15))["days"]
    essay, quiz = (mark for lesson in today["lessons"] for mark in lesson["marks"])
    assert (essay["values"], essay["criteria"]) == (["5"], scored(8, 2))
    assert [(was["values"], was["criteria"], was["reason"]) for was in essay["was"]] == [
        (["4"], scored(6, 2), "апелляция")
    ]
    assert (quiz["values"], quiz["criteria"]) == (["3", "4"], [])


def test_the_table_of_marks_shows_points_and_counts_the_mark_they_make(told: Running) -> None:
    (subject,) = get(told, "/marks", pupil_id=ANNA, first=day(15), last=day(15))["subjects"]
    assert [mark["criteria"] for mark in subject["marks"]] == [scored(8, 2), []]
    assert subject["average"] == "4.25"  # (5×2 + 3 + 4) / 4


def test_a_mark_taken_back_keeps_its_points_in_the_past(told: Running) -> None:
    (subject,) = get(told, "/marks", BORIS, pupil_id=BORIS, first=day(15), last=day(15))["subjects"]
    (mark,) = subject["marks"]
    assert (mark["values"], mark["criteria"]) == ([], [])
    assert mark["was"][0]["criteria"] == scored(8, 3)


def test_the_history_tells_points_before_and_after(told: Running) -> None:
    entries = get(told, f"/history/{ESSAY}", OLGA)["entries"]
    of_anna = [entry for entry in entries if entry["pupil_id"] == str(ANNA)]
    assert [(entry["before"] or {}).get("criteria") for entry in of_anna] == [None, scored(6, 2)]
    assert [entry["after"]["criteria"] for entry in of_anna] == [scored(6, 2), scored(8, 2)]
    assert entries[0]["after"]["criteria"] == [{"code": "A", "most": 8}, {"code": "К1", "most": 3}]
    assert [entry for entry in get(told, f"/history/{ESSAY}", PAVEL)["entries"] if entry["pupil_id"] != str(ANNA)] == []
    assert "criteria" not in get(told, f"/history/{QUIZ}", OLGA)["entries"][-1]["after"]


def test_an_open_page_is_told_the_points(told: Running) -> None:
    with told.pool.connection() as conn, scoped(conn, [SCHOOL]):
        changed = pages.changes(conn, ANNA, Seen()).marks
    told_ = {row["work_id"]: (row["values"], row["criteria"]) for row in changed}
    assert told_ == {ESSAY: (["5"], scored(8, 2)), QUIZ: (["3", "4"], [])}
