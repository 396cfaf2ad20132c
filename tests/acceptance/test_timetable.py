"""Lessons by the timetable: the week of a class, and a journal in which no date or subject is ever typed."""

from collections import Counter
from datetime import date, timedelta

from deploy.demo.grandbend import own
from tests.acceptance.people import Person
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
