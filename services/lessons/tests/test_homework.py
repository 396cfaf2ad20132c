"""Homework: by which lesson it is due, when it is late, and how much of it pupils have for one day (B-18)."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest

from services.lessons.domain import Place
from services.lessons.homework import MOST, Homework, Load, Wanted, norm, set_task
from services.lessons.tests.conftest import (
    ALGEBRA,
    COLLEAGUE,
    MONDAY,
    MOTHER,
    OFFICE,
    PHYSICS,
    PUPIL,
    SCHOOL,
    TEACHER,
    Lessons,
    enrolments,
    group,
    known_as,
)

PLACE = Place(UUID(int=1), SCHOOL, ALGEBRA, MONDAY, 1)
WEDNESDAY = (date(2021, 10, 6), 3)


def say(lessons: Lessons, who: UUID = TEACHER, of: UUID = ALGEBRA, number: int = 1, **said: Any) -> Any:
    return lessons.command(who, "PUT", f"/lessons/{of}/{MONDAY}/{number}/homework", said)


def said(lessons: Lessons, who: UUID = MOTHER) -> dict[str, Any] | None:
    found = lessons.week(who, pupil_id=PUPIL)
    task: dict[str, Any] | None = next(one["homework"] for one in found if one["group_id"] == str(ALGEBRA))
    return task


def test_h_01_it_is_due_by_the_next_lesson_unless_another_is_named(lessons: Lessons) -> None:
    assert said(lessons) is None
    assert say(lessons, task=" № 12, 13 ", minutes=20).status_code == 200
    task = said(lessons)
    assert task is not None
    due = (task["due_on"], task["due_number"])
    later = lessons.week(OFFICE, first=MONDAY, last=date(2021, 10, 20), group_id=ALGEBRA)[1:]
    assert due == (later[0]["on"], later[0]["number"])
    assert (task["task"], task["minutes"], task["late"]) == ("№ 12, 13", 20, False)
    named = {"on": later[1]["on"], "number": later[1]["number"]}
    assert say(lessons, task="№ 12, 13", minutes=20, due=named).status_code == 200
    task = said(lessons)
    assert task is not None and task["due_on"] == later[1]["on"]


def test_what_was_said_is_said_once(lessons: Lessons) -> None:
    assert len(say(lessons, task="№ 12").json()["events"]) == 1
    assert say(lessons, task="№ 12").json()["events"] == []
    assert len(say(lessons, task=None).json()["events"]) == 1
    task = said(lessons)
    assert task is not None and (task["task"], task["due_on"]) == (None, None)
    assert say(lessons, task=None).json()["events"] == []


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"task": "  "}, "/task", "lessons.task-missing"),
        ({"task": "№ 1", "due": {"on": "2021-10-04", "number": 1}}, "/due", "lessons.due-not-later"),
        ({"task": "№ 1", "due": {"on": "2021-10-05", "number": 1}}, "/due", "lessons.no-such-lesson"),
        ({"task": "№ 1", "minutes": 0}, "/minutes", "field.too-small"),
        ({"task": "№ 1", "minutes": 241}, "/minutes", "field.too-great"),
        ({"task": "я" * 4001}, "/task", "field.too-long"),
    ],
)
def test_what_is_no_homework_is_refused_at_the_field(
    lessons: Lessons, body: dict[str, Any], pointer: str, code: str
) -> None:
    answer = say(lessons, **body)
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code), answer.text
    assert answer.status_code in (404, 422) and said(lessons) is None


def test_nothing_takes_no_minutes(lessons: Lessons) -> None:
    assert say(lessons, task=None, minutes=5).status_code == 422
    assert said(lessons) is None


def test_for_a_cancelled_lesson_nothing_is_set_but_what_was_set_is_taken_back(lessons: Lessons) -> None:
    say(lessons, task="№ 12")
    cancelled = lessons.command(TEACHER, "POST", f"/lessons/{ALGEBRA}/{MONDAY}/1/cancellation", {})
    assert cancelled.status_code == 200
    assert say(lessons, task="№ 13").json()["code"] == "lessons.cancelled"
    assert say(lessons, task=None).status_code == 200


@pytest.mark.parametrize(("who", "status"), [(OFFICE, 200), (COLLEAGUE, 403), (MOTHER, 403), (PUPIL, 403)])
def test_it_is_set_by_who_teaches_or_runs_the_school(lessons: Lessons, who: UUID, status: int) -> None:
    assert say(lessons, who, task="№ 12").status_code == status


@pytest.fixture
def seventh(lessons: Lessons) -> Iterator[Lessons]:
    """Both groups are of the seventh year: 150 minutes a day."""
    plain = [group(ALGEBRA, SCHOOL, "7А алгебра"), group(PHYSICS, SCHOOL, "7А физика")]
    lessons.learn([one.model_copy(update={"grades": ("07",)}) for one in plain])
    yield lessons
    lessons.learn(plain)


def test_b_18_more_than_the_norm_of_the_year_for_one_day_needs_a_word(seventh: Lessons) -> None:
    # both are due by lessons of the next Monday
    first = say(seventh, COLLEAGUE, PHYSICS, 2, task="§ 4", minutes=100)
    assert first.status_code == 200, first.text
    monday = {"on": "2021-10-11", "number": 1}
    assert say(seventh, task="№ 12", minutes=50, due=monday).status_code == 200
    refused = say(seventh, task="№ 12", minutes=51, due=monday)
    [error] = refused.json()["errors"]
    assert (refused.status_code, error["code"], error["pointer"]) == (409, "lessons.much-homework", "/minutes")
    assert "151" in error["detail"] and "7А физика 100" in error["detail"] and "150" in error["detail"]
    assert say(seventh, task="№ 12", minutes=51, due=monday, confirmed=True).status_code == 200
    task = said(seventh)
    assert task is not None and task["minutes"] == 51


def test_b_18_it_is_the_busiest_pupil_who_counts(seventh: Lessons) -> None:
    chemistry, idle = known_as("7C", "classes"), known_as("p2")
    seventh.learn([
        group(chemistry, SCHOOL, "7А химия"), enrolments(chemistry, SCHOOL, (idle, "pupil")),
        enrolments(ALGEBRA, SCHOOL, (TEACHER, "teacher"), (PUPIL, "pupil"), (idle, "pupil")),
    ])  # fmt: skip
    say(seventh, COLLEAGUE, PHYSICS, 2, task="§ 4", minutes=140)
    row = [SCHOOL, chemistry, date(2021, 10, 11), 1, 5, MONDAY, "12:00"]
    with psycopg.connect(seventh.settings.postgres_admin.get_secret_value(), dbname="diary_lessons") as conn:
        conn.execute("INSERT INTO homework VALUES (gen_random_uuid(), %s, %s, '§ 1', %s, %s, %s, %s, %s, false)", row)
    refused = say(seventh, task="№ 12", minutes=20, due={"on": "2021-10-11", "number": 1})
    assert "160" in refused.text and "7А физика 140" in refused.text and "химия" not in refused.text
    seventh.learn([enrolments(ALGEBRA, SCHOOL, (TEACHER, "teacher"), (PUPIL, "pupil"))])


def test_the_norm_is_that_of_the_youngest_and_of_unknown_years_the_highest() -> None:
    assert [norm(grades) for grades in (["01"], ["3"], ["05", "6"], ["8"], ["11"], ["KG"], [])] == [
        60, 90, 120, 150, 210, 210, 210,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("hour", "late"), [("2021-10-04T12:00", False), ("2021-10-05T17:59", False), ("2021-10-05T18:00", True)]
)
def test_b_18_what_comes_when_the_evening_before_has_begun_is_late(hour: str, late: bool) -> None:
    (event,) = set_task(
        PLACE, False, None, Wanted("№ 1", None, None, False), WEDNESDAY, (Load(), MOST), datetime.fromisoformat(hour)
    )
    assert event.model_dump(include={"late", "written_at"}) == {"late": late, "written_at": hour[-5:]}


@pytest.mark.parametrize(("task", "late"), [("№ 1", False), ("№ 1, 2", True)])
def test_other_minutes_make_nothing_late_but_another_task_does(task: str, late: bool) -> None:
    known = Homework("№ 1", *WEDNESDAY, None, MONDAY, "12:00", False)
    night = datetime(2021, 10, 5, 22, 15)
    (event,) = set_task(PLACE, False, known, Wanted(task, 15, None, False), WEDNESDAY, (Load(), MOST), night)
    said = event.model_dump(include={"late", "written_at", "minutes"})
    assert said == {"late": late, "written_at": "22:15" if late else "12:00", "minutes": 15}
