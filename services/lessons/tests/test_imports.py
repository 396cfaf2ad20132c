"""Timetables, bells and holidays from files: what is taken, what is named, what is refused."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from deploy.embedded.postgres import Postgres
from services.lessons import csv_import
from services.lessons.tests.conftest import (
    ALGEBRA,
    BELLS,
    GRANDBEND,
    HEAD,
    MONDAY,
    OFFICE,
    SLOTS,
    TEACHER,
    Lessons,
    published,
    running,
)

TUESDAY = "2021-10-05"


def codes(named: list[dict[str, Any]]) -> list[tuple[str, int, str, str]]:
    return [(one["file"], one["line"], one["field"], one["code"]) for one in named]


def test_the_published_timetable_is_taken_and_its_clashes_are_named(postgres: Postgres) -> None:
    with running(postgres, date(2021, 8, 1)) as lessons:
        lessons.learn(list(published()))
        files = {
            "timetable": (GRANDBEND / "timetable.csv").read_text(),
            "bells": (GRANDBEND / "bells.csv").read_text(),
        }
        report = lessons.imported(district="255901", **files)
        assert report["state"] == "applied" and report["error_count"] == 0
        assert report["counts"] == {"timetables": 3, "bells": 3, "holidays": 0, "slots": 2605}
        assert report["differences"] == {"timetables": 3, "bells": 3, "holidays": 0}
        twice = [one for one in report["findings"] if one["code"] == "lessons.teacher-twice"]
        assert len(twice) == 12, [f["code"] for f in report["findings"]][:50]
        again = lessons.imported(district="255901", **files)
        assert again["state"] == "unchanged" and sum(again["differences"].values()) == 0


def test_the_same_command_again_is_answered_the_same(lessons: Lessons) -> None:
    key = str(uuid4())
    changed = SLOTS.replace("7P,1,2", "7P,2,2")
    first = lessons.send(key=key, timetable=changed)
    assert first.json()["state"] == "applied"
    assert lessons.send(key=key, timetable=changed).json() == first.json()
    assert lessons.send(key=key, timetable=SLOTS).json()["code"] == "key-reused"


def test_a_changed_timetable_leaves_the_past_as_it_was(lessons: Lessons) -> None:
    before = lessons.week(OFFICE, group_id=ALGEBRA)
    report = lessons.imported(timetable=SLOTS.replace("7A,1,1", "7A,2,1"))
    assert report["differences"] == {"timetables": 1, "bells": 0, "holidays": 0}
    assert [one["on"] for one in lessons.week(OFFICE, group_id=ALGEBRA)][:2] == ["2021-10-04", "2021-10-05"]
    assert lessons.week(OFFICE, last=MONDAY, group_id=ALGEBRA) == before[:1]
    refused = lessons.send(timetable=SLOTS, starts="2021-10-04")
    assert refused.status_code == 409 and refused.json()["code"] == "lessons.too-early"


def test_a_dry_run_saves_nothing(lessons: Lessons) -> None:
    report = lessons.imported(timetable=SLOTS.replace("7A,1,1", "7A,2,1"), dry_run=True)
    assert report["state"] == "checked" and report["differences"]["timetables"] == 1
    assert lessons.imported(timetable=SLOTS)["state"] == "unchanged"


def test_the_office_plans_only_for_its_own_school(lessons: Lessons) -> None:
    report = lessons.imported(who=OFFICE, timetable=HEAD + "5B,1,1,3,2021-09-01,2022-05-31,,\n")
    assert codes(report["errors"]) == [("timetable.csv", 2, "classSourcedId", "lessons.unknown-class")]
    assert lessons.send(who=TEACHER, timetable=SLOTS).status_code == 403


BROKEN = {
    "an unknown class": (HEAD + "9Z,1,1,1,2021-09-01,2022-05-31,,\n", 2, "classSourcedId", "lessons.unknown-class"),
    "an eighth weekday": (HEAD + "7A,8,1,1,2021-09-01,2022-05-31,,\n", 2, "weekday", "csv.bad-form"),
    "a lesson without a bell": (HEAD + "7A,1,9,1,2021-09-01,2022-05-31,,\n", 2, "lesson", "lessons.bell-missing"),
    "a mistyped date": (HEAD + "7A,1,1,1,01.09.2021,2022-05-31,,\n", 2, "beginDate", "csv.bad-date"),
    "an end before the start": (HEAD + "7A,1,1,1,2022-09-01,2022-05-31,,\n", 2, "endDate", "csv.ends-before-start"),
    "a third week": (HEAD + "7A,1,1,1,2021-09-01,2022-05-31,C,\n", 2, "week", "csv.bad-choice"),
    "a class twice at once": (SLOTS + "7A,1,1,9,2021-09-01,2022-05-31,,\n", 5, "lesson", "lessons.twice-at-once"),
    "a stranger": (HEAD + "7A,1,1,1,2021-09-01,2022-05-31,,t3\n", 2, "teacherSourcedId", "lessons.unknown-teacher"),
    "a wrong column": (SLOTS.replace("weekday", "day"), 1, "day", "csv.column-unknown"),
    "another encoding": (SLOTS.replace("12", "каб").encode("cp1251"), 2, "", "csv.not-utf-8"),
    "nothing": (HEAD, 1, "", "csv.no-rows"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_timetable_is_refused_whole(lessons: Lessons, what: str) -> None:
    text, line, field, code = BROKEN[what]
    report = lessons.imported(timetable=text)
    assert report["state"] == "refused"
    assert ("timetable.csv", line, field, code) in codes(report["errors"])


def test_more_rows_than_are_held_at_once_are_refused_and_the_schools_can_be_sent_in_parts(
    lessons: Lessons, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_import, "MOST", len(SLOTS.splitlines()) - 2)
    report = lessons.imported(timetable=SLOTS)
    assert report["state"] == "refused"
    last = len(SLOTS.splitlines())
    assert codes(report["errors"]) == [("timetable.csv", last, "", "lessons.too-many-rows")]
    assert "несколькими файлами" in report["errors"][0]["text"]
    part = "\n".join(SLOTS.splitlines()[:-1]) + "\n"
    assert lessons.imported(timetable=part)["state"] == "applied"


def test_semicolons_and_a_byte_order_mark_from_a_russian_excel_are_taken(lessons: Lessons) -> None:
    text = "\ufeff" + SLOTS.replace(",", ";").replace("\n", "\r\n")
    assert lessons.imported(timetable=text)["state"] == "unchanged"


def test_bells_must_follow_each_other(lessons: Lessons) -> None:
    report = lessons.imported(bells=BELLS.replace("S1,2,09:25", "S1,2,09:10"))
    assert codes(report["errors"]) == [("bells.csv", 3, "start", "lessons.bells-overlap")]


def test_a_room_used_twice_and_a_class_without_lessons_are_named(lessons: Lessons) -> None:
    text = HEAD + "7A,1,1,12,2021-09-01,2022-05-31,A,\n"
    report = lessons.imported(timetable=text, dry_run=True)
    assert [one["code"] for one in report["findings"]] == ["lessons.class-without-lessons"]
    both = text + "7P,1,1,12,2021-09-01,2022-05-31,every,\n"
    named = lessons.imported(timetable=both, dry_run=True)["findings"]
    assert [one["code"] for one in named] == ["lessons.room-twice"]
    other_week = both.replace("every", "B")
    assert lessons.imported(timetable=other_week, dry_run=True)["findings"] == []
