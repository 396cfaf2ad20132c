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
    PHYSICS,
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
    "no weekday": (HEAD + "7A,,1,1,2021-09-01,2022-05-31,,\n", 2, "weekday", "lessons.weekday-missing"),
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


CYCLE = "classSourcedId,cycleDay,lesson,room,beginDate,endDate\n"


def test_a_timetable_goes_by_the_days_of_a_cycle_from_its_anchor(lessons: Lessons) -> None:
    text = CYCLE + "7A,1,1,12,2021-09-01,2022-05-31\n7A,4,2,12,2021-09-01,2022-05-31\n"
    report = lessons.imported(timetable=text, cycle=4, anchor=TUESDAY)
    assert (report["state"], report["findings"][0]["code"]) == ("applied", "lessons.class-without-lessons")
    week = lessons.week(OFFICE, last=date(2021, 10, 17), group_id=ALGEBRA)
    met = [(one["on"], one["number"]) for one in week if one["on"] >= TUESDAY]
    assert met == [("2021-10-05", 1), ("2021-10-08", 2), ("2021-10-11", 1), ("2021-10-14", 2), ("2021-10-15", 1)]
    assert lessons.imported(timetable=text, cycle=4, anchor=TUESDAY)["state"] == "unchanged"
    assert lessons.imported(timetable=text, cycle=4)["state"] == "unchanged"  # counted on as before


@pytest.mark.parametrize(
    ("row", "query", "code"),
    [
        ("7A,5,1,12,2021-09-01,2022-05-31", {"cycle": 4}, "lessons.cycle-day-missing"),
        ("7A,,1,12,2021-09-01,2022-05-31", {"cycle": 4}, "lessons.cycle-day-missing"),
        ("7A,1,1,12,2021-09-01,2022-05-31", {}, "lessons.no-cycle"),
    ],
)
def test_a_day_that_the_cycle_has_not_is_refused(lessons: Lessons, row: str, query: dict[str, int], code: str) -> None:
    report = lessons.imported(timetable=f"{CYCLE}{row}\n", **query)
    assert codes(report["errors"]) == [("timetable.csv", 2, "cycleDay", code)]


def test_week_a_begins_where_the_school_says(lessons: Lessons) -> None:
    every_other = SLOTS.replace("7A,1,1,12,2021-09-01,2022-05-31,every", "7A,1,1,12,2021-09-01,2022-05-31,A")
    lessons.imported(timetable=every_other, anchor="2021-10-11")
    week = lessons.week(OFFICE, first=date(2021, 10, 5), last=date(2021, 10, 31), group_id=ALGEBRA)
    assert [one["on"] for one in week if one["number"] == 1] == ["2021-10-11", "2021-10-25"]


def test_on_a_shortened_day_other_bells_ring(lessons: Lessons) -> None:
    plan = BELLS.replace("start,end\n", "start,end,date\n").replace(":15\n", ":15,\n").replace(":10\n", ":10,\n")
    plan = plan.replace("11:05\n", "11:05,\n") + f"S1,1,08:30,09:00,{MONDAY}\n"
    assert lessons.imported(bells=plan)["state"] == "applied"
    week = lessons.week(OFFICE, last=date(2021, 10, 11), group_id=ALGEBRA)
    assert [(one["on"], one["ends"]) for one in week if one["number"] == 1] == [
        (MONDAY.isoformat(), "09:00"),
        ("2021-10-11", "09:15"),
    ]
    only = f"schoolSourcedId,lesson,start,end,date\nS1,1,08:30,09:00,{MONDAY}\n"
    report = lessons.imported(bells=only)
    assert codes(report["errors"]) == [("bells.csv", 2, "date", "lessons.no-ordinary-bells")]
    overlap = plan + f"S1,2,08:50,09:20,{MONDAY}\n"
    assert codes(lessons.imported(bells=overlap)["errors"]) == [("bells.csv", 6, "start", "lessons.bells-overlap")]


def test_days_without_lessons_may_be_of_some_classes_only(lessons: Lessons) -> None:
    head = "schoolSourcedId,beginDate,endDate,title,classSourcedIds\n"
    report = lessons.imported(holidays=head + f'S1,{MONDAY},{MONDAY},Каникулы,"7P, 5B"\n')
    assert codes(report["errors"]) == [("holidays.csv", 2, "classSourcedIds", "lessons.unknown-class")]
    assert lessons.imported(holidays=head + f"S1,{MONDAY},{MONDAY},Каникулы,7P\n")["state"] == "applied"
    assert [one["on"] for one in lessons.week(OFFICE, last=MONDAY, group_id=ALGEBRA)] == [MONDAY.isoformat()]
    assert lessons.week(OFFICE, last=MONDAY, group_id=PHYSICS) == []
