"""Lessons by the timetable: the week of a class, and a journal in which no date or subject is ever typed."""

from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from deploy.demo.grandbend import own
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.places import ALGEBRA, KELLEY, PETER, SECOND, lesson
from tests.acceptance.town import Town

MONDAY = date(2022, 5, 16)
WEEK = {"first": MONDAY, "last": MONDAY + timedelta(days=6)}


def test_s_01_class_and_week_give_a_table_of_lessons_times_and_rooms(parent: Person) -> None:
    week = parent.read("lessons", "/week", group_id=ALGEBRA, **WEEK)
    shown = [(row["on"], row["number"], row["starts"], row["ends"], row["room"]) for row in week["lessons"]]
    days = [(MONDAY + timedelta(days=n)).isoformat() for n in range(5)]
    assert shown == [(on, 2, "08:55", "09:40", "220") for on in days]


def test_s_01_the_week_of_a_pupil_has_all_classes_in_order(parent: Person) -> None:
    week = parent.read("lessons", "/week", pupil_id=PETER, **WEEK)["lessons"]
    places = [(row["on"], row["number"]) for row in week]
    assert places == sorted(places)
    assert {row["on"] for row in week} == {(MONDAY + timedelta(days=n)).isoformat() for n in range(5)}
    assert ("Algebra I", "220") in {(row["subject"], row["room"]) for row in week}


def test_t_01_the_teachers_lessons_stand_there_with_date_subject_and_id_before_anybody_typed(teacher: Person) -> None:
    week = teacher.read("lessons", "/week", teacher_id=KELLEY, **WEEK)["lessons"]
    published = Counter(
        (row["classSourcedId"], int(row["weekday"]), int(row["lesson"]))
        for row in own("timetable")
        if row["beginDate"] <= MONDAY.isoformat() <= row["endDate"]
    )
    taught = {row["group_id"] for row in week}
    mine = {row["group_id"] for row in teacher.read("roster", "/groups", mine="true")}
    assert taught <= mine
    assert len(week) == 5 * len(taught) <= len(published)
    (of_tuesday,) = [row for row in week if (row["on"], row["number"]) == ("2022-05-17", SECOND)]
    assert of_tuesday["lesson_id"] == str(lesson(date(2022, 5, 17)))
    assert of_tuesday["subject"] == "Algebra I"


def test_t_01_a_journal_record_takes_its_date_from_the_lesson_and_none_is_made_where_there_is_none(
    town: Town, anna: Person
) -> None:
    on = date(2021, 10, 12)
    work = town.open_work(anna, on)
    journal = anna.read("grades", "/journal", group_id=town.group("7A"), first=on, last=on)
    week = anna.read("lessons", "/week", group_id=town.group("7A"), first=on, last=on)["lessons"]
    (column,) = [row for row in journal["works"] if row["work_id"] == str(work)]
    assert [(column["lesson_id"], column["on"])] == [(row["lesson_id"], row["on"]) for row in week]
    sunday = {"work_id": str(work), "group_id": str(town.group("7A")), "on": "2021-10-10", "number": 1}
    answer = anna.send("POST", "grades", "/works", {**sunday, "kind": "lesson"})
    assert (answer.status_code, answer.json()["code"]) == (422, "grades.no-such-lesson")


def planned(place: Town, timetable: str, bells: str, holidays: str = "", **query: str) -> None:
    """The school's plan is imported as soon as lessons knows the school."""
    texts = {"timetable": timetable, "bells": bells, **({"holidays": holidays} if holidays else {})}
    files = {name: (f"{name}.csv", text.encode(), "text/csv") for name, text in texts.items()}

    def imported() -> bool:
        report = place.diary.operator.upload("lessons", "/imports", files, str(uuid4()), district=place.name, **query)
        assert {e["code"] for e in report["errors"]} <= {"lessons.unknown-class", "lessons.unknown-school"}
        return not report["errors"]

    until(imported)


def test_b_26_a_cycle_of_days_shortened_bells_and_a_classs_holiday_stand_in_the_familys_diary(diary: Diary) -> None:
    place = Town(diary)
    place.imported(place.files())
    span = "2021-09-01,2022-05-31"
    timetable = "classSourcedId,cycleDay,lesson,room,beginDate,endDate\n" + "".join(
        f"{place_},{span}\n" for place_ in ("7A,1,1,12", "7R,1,3,16", "7R,3,2,16")
    )
    bells = (
        "schoolSourcedId,lesson,start,end,date\nS,1,08:30,09:15,\nS,2,09:25,10:10,\nS,3,10:25,11:10,\n"
        "S,1,08:30,09:00,2022-05-26\nS,3,09:40,10:10,2022-05-26\n"
    )
    holidays = (
        "schoolSourcedId,beginDate,endDate,title,classSourcedIds\nS,2022-05-24,2022-05-24,День города,\n"
        "S,2022-05-31,2022-05-31,Экскурсия,7A\n"
    )
    planned(place, timetable, bells, holidays, cycle="3", anchor="2022-05-20")
    petya = place.person("petya")

    def read(by: Person) -> list[tuple[Any, ...]]:
        answer = by.get("reporting", "/diary", pupil_id=petya, first="2022-05-20", last="2022-05-31")
        days = answer.json()["days"] if answer.status_code == 200 else []
        return [(day["on"][-2:], row["number"], row["starts"], row["ends"]) for day in days for row in day["lessons"]]

    with place.signed_in("olga") as olga:
        lessons = until(lambda: read(olga))
        # the 20th, a Friday, is the first day, the 23rd the second, the 24th a holiday, the 25th the third
        assert lessons == [
            ("20", 1, "08:30", "09:15"),
            ("20", 3, "10:25", "11:10"),
            ("25", 2, "09:25", "10:10"),
            ("26", 1, "08:30", "09:00"),
            ("26", 3, "09:40", "10:10"),
            ("30", 2, "09:25", "10:10"),
            ("31", 3, "10:25", "11:10"),
        ]
        week = olga.read("lessons", "/week", pupil_id=petya, first="2022-05-23", last="2022-05-26")
        assert [(day["on"][-2:], day["day"]) for day in week["days"]] == [("23", 2), ("25", 3), ("26", 1)]
        diary_days = olga.read("reporting", "/diary", pupil_id=petya, first="2022-05-24", last="2022-05-31")["days"]
        assert {day["on"]: day["holiday"] for day in diary_days if day["holiday"]} == {"2022-05-24": "День города"}
