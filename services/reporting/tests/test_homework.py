"""Homework in the diary and in its list: by the lesson by which it is due, as it stands and as it stood."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.reporting.tests.test_pages import PEOPLE, get, project, said
from shared.contracts.lessons import HomeworkSet
from shared.testing.school import ALGEBRA, ANNA, IGOR, MARIA, OLGA, PAVEL, VERA, Running, day, place, received

BEGAN = datetime(2021, 9, 15, 9, tzinfo=UTC)
WEEK: dict[str, Any] = {"first": day(13), "last": day(19)}


def task(on: date, number: int, words: str | None, due: tuple[date, int] | None = None, **more: Any) -> HomeworkSet:
    by = {"due_on": due[0], "due_number": due[1]} if due else {}
    said_ = {"task": said(words) if words else None, "written_on": on, "written_at": "12:40", "late": False}
    return HomeworkSet.model_validate({**place(on, number), **by, **said_, **more})


SAID = (
    task(day(8), 2, "№ 12", (day(15), 2), minutes=20),
    task(day(8), 2, "№ 12, 13", (day(15), 2), minutes=30, written_at="21:05", written_on=day(14), late=True),
    task(day(8), 3, "Повторить § 4", (day(15), 2)),
    task(day(13), 2, "Доклад", (day(17), 1)),
    task(day(15), 2, None),
    task(day(15), 3, "№ 20", (day(22), 2)),
    task(day(1), 2, "№ 1", (day(6), 2)),
    task(day(1), 3, "Формулы", (day(13), 2)),
)


@pytest.fixture(scope="module")
def told(reporting: Running) -> Running:
    """The words in this order, a minute apart since 9:00 on the 15th."""
    got = received(SAID, "lessons", OLGA)
    timed = [
        replace(one, envelope=replace(one.envelope, time=BEGAN + timedelta(minutes=n))) for n, one in enumerate(got)
    ]
    project(reporting, [timed, received(PEOPLE, "roster", OLGA)])
    return reporting


def diary(running: Running, **more: Any) -> dict[tuple[str, int], list[dict[str, Any]]]:
    days = get(running, "/diary", PAVEL, pupil_id=ANNA, **WEEK, **more)["days"]
    return {
        (day_["on"], lesson["number"]): lesson["homework"]
        for day_ in days
        for lesson in day_["lessons"]
        if lesson["homework"]
    }


def test_h_01_it_stands_at_the_lesson_by_which_it_is_due(told: Running) -> None:
    found = diary(told)
    both = found["2021-09-15", 2]
    assert [(one["task"], one["minutes"], one["set_on"]) for one in both] == [
        ("№ 12, 13", 30, "2021-09-08"), ("Повторить § 4", None, "2021-09-08"),
    ]  # fmt: skip
    assert (both[0]["late"], both[0]["written_on"], both[0]["written_at"]) == (True, "2021-09-14", "21:05")


def test_it_is_kept_where_the_timetable_no_longer_has_its_lesson(told: Running) -> None:
    assert [one["task"] for one in diary(told)["2021-09-17", 1]] == ["Доклад"]


def test_it_goes_with_its_lesson_where_that_was_moved(told: Running) -> None:
    days = get(told, "/diary", PAVEL, pupil_id=ANNA, first=day(14), last=day(14))["days"]
    [moved] = [lesson for lesson in days[0]["lessons"] if lesson["moved_from"]]
    assert [one["task"] for one in moved["homework"]] == ["Формулы"]


def test_b_28_it_is_shown_as_it_stood(told: Running) -> None:
    then = {minute: diary(told, as_of=f"2021-09-15T09:0{minute}:30Z") for minute in (0, 1)}
    assert [one["task"] for one in then[0]["2021-09-15", 2]] == ["№ 12"]
    assert [one["late"] for one in then[1]["2021-09-15", 2]] == [True]
    assert diary(told, as_of="2021-09-15T08:00:00Z") == {}
    stood, stands = diary(told, as_of="2021-09-15T10:00:00Z"), diary(told)
    assert stood["2021-09-13", 2] == stands["2021-09-14", 5], "its lesson was moved later than that"
    assert {place: stands[place] for place in stood if place[0] > "2021-09-14"} == {
        place: tasks for place, tasks in stood.items() if place[0] > "2021-09-14"
    }


def listed(running: Running, who: UUID = PAVEL, pupil: UUID = ANNA, status: int = 200) -> Any:
    return get(running, "/homework", who, status, pupil_id=pupil, first=day(6), last=day(30))


def test_h_01_the_list_has_what_is_due_in_order_with_its_subject_and_teacher(told: Running) -> None:
    found = listed(told)["homework"]
    assert [(one["due_on"], one["task"]) for one in found] == [
        ("2021-09-06", "№ 1"), ("2021-09-13", "Формулы"), ("2021-09-15", "№ 12, 13"),
        ("2021-09-15", "Повторить § 4"), ("2021-09-17", "Доклад"),
        ("2021-09-22", "№ 20"),
    ]  # fmt: skip
    assert {(one["subject"], one["by_name"], one["group_id"]) for one in found} == {
        ("Алгебра", "Иванова Ольга", str(ALGEBRA))
    }


def test_a_pupil_has_what_was_due_since_he_came(told: Running) -> None:
    assert listed(told, VERA, VERA)["homework"][0]["due_on"] == "2021-09-13"


@pytest.mark.parametrize("who", [MARIA, VERA])
def test_it_is_for_those_who_may_see_the_pupil(told: Running, who: UUID) -> None:
    listed(told, who, status=404)
    assert listed(told, IGOR)["homework"]


def test_b_07_staff_sees_of_which_lessons_something_was_said(told: Running) -> None:
    found = get(told, "/lessons", OLGA, teacher_id=OLGA, first=day(8), last=day(15))["lessons"]
    assert {(one["on"], one["number"]): one["homework"] for one in found} == {
        ("2021-09-08", 3): "Повторить § 4", ("2021-09-14", 5): "Доклад",
        ("2021-09-15", 2): "", ("2021-09-15", 3): "№ 20",
    }  # fmt: skip
