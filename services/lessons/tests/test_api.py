"""The week and what differs from it, as teachers, office and families meet it."""

from datetime import date
from uuid import UUID

from services.lessons.main import SERVICE
from services.lessons.tests.conftest import (
    ALGEBRA,
    ART,
    COLLEAGUE,
    MONDAY,
    MOTHER,
    OFFICE,
    OTHER,
    PHYSICS,
    PUPIL,
    SCHOOL,
    STRANGER,
    TEACHER,
    Lessons,
)
from shared.testing.rebuilt import before_and_after

FIRST = f"/lessons/{ALGEBRA}/2021-10-04/1"


def test_a_week_shows_times_rooms_and_teachers(lessons: Lessons) -> None:
    monday = lessons.week(MOTHER, pupil_id=PUPIL)[0]
    assert monday | {"lesson_id": "", "group_id": "", "school_id": ""} == {
        "lesson_id": "", "group_id": "", "school_id": "", "title": "7А алгебра", "subject": "7А алгебра",
        "on": "2021-10-04", "number": 1, "starts": "08:30", "ends": "09:15", "room": "12",
        "teacher_id": str(TEACHER), "cancelled": False, "moved_from": None, "substituted": False,
        "instead_of": None, "room_was": None, "topic": None, "homework": None,
    }  # fmt: skip


def test_where_weeks_alternate_each_day_says_of_which_it_is(lessons: Lessons) -> None:
    def said(group: UUID) -> list[tuple[str, str, int | None]]:
        found = lessons.ask(OFFICE, "/week", group_id=group, first="2021-09-03", last="2021-09-07").json()["days"]
        return [(day["on"], day["week"], day["day"]) for day in found]

    fifth, seventh = [(f"2021-09-0{n}", "A", None) for n in (3, 4, 5)], [(f"2021-09-0{n}", "B", None) for n in (6, 7)]
    assert said(ALGEBRA) == said(PHYSICS) == fifth + seventh
    assert lessons.ask(STRANGER, "/week", group_id=ART, first="2021-09-03", last="2021-09-07").json()["days"] == []


def test_weeks_a_and_b_alternate_from_the_first_day(lessons: Lessons) -> None:
    wednesdays = lessons.week(OFFICE, date(2021, 9, 1), date(2021, 9, 30), group_id=ALGEBRA)
    assert [one["on"] for one in wednesdays if one["number"] == 3] == ["2021-09-01", "2021-09-15", "2021-09-29"]


def test_holidays_have_no_lessons_and_are_named(lessons: Lessons) -> None:
    week = lessons.ask(PUPIL, "/week", pupil_id=PUPIL, first="2021-11-01", last="2021-11-07").json()
    assert week["lessons"] == []
    assert week["holidays"] == [{"starts": "2021-11-01", "ends": "2021-11-07", "title": "Осенние каникулы"}]


def test_the_teachers_week_has_what_he_gives_in_anothers_place(lessons: Lessons) -> None:
    assert [one["title"] for one in lessons.week(COLLEAGUE, teacher_id=COLLEAGUE)] == ["7А физика"]
    answer = lessons.command(OFFICE, "POST", f"{FIRST}/substitution", {"teacher_id": str(COLLEAGUE)})
    assert answer.status_code == 200
    week = lessons.week(COLLEAGUE, teacher_id=COLLEAGUE)
    assert [(one["title"], one["substituted"]) for one in week] == [("7А алгебра", True), ("7А физика", False)]
    assert lessons.week(TEACHER, teacher_id=TEACHER)[0]["teacher_id"] == str(COLLEAGUE)


def test_a_topic_is_written_by_the_teacher_and_read_by_the_family(lessons: Lessons) -> None:
    body = {"topic": "Линейные уравнения"}
    first = lessons.command(TEACHER, "PUT", f"{FIRST}/topic", body)
    assert first.status_code == 200 and len(first.json()["events"]) == 1
    assert lessons.command(TEACHER, "PUT", f"{FIRST}/topic", body).json()["events"] == []
    assert lessons.week(MOTHER, pupil_id=PUPIL)[0]["topic"] == "Линейные уравнения"
    assert lessons.command(COLLEAGUE, "PUT", f"{FIRST}/topic", body).status_code == 403
    assert lessons.command(MOTHER, "PUT", f"{FIRST}/topic", body).status_code == 403
    assert lessons.command(STRANGER, "PUT", f"{FIRST}/topic", body).status_code == 404


def test_a_lesson_that_the_timetable_has_not_cannot_be_touched(lessons: Lessons) -> None:
    for place in ("2021-10-04/2", "2021-10-05/1", "2021-11-01/1"):
        answer = lessons.command(TEACHER, "POST", f"/lessons/{ALGEBRA}/{place}/cancellation", {})
        assert (answer.status_code, answer.json()["code"]) == (404, "lessons.no-such-lesson")


def test_a_moved_lesson_stands_once_at_its_new_place(lessons: Lessons) -> None:
    moved = lessons.command(TEACHER, "POST", f"{FIRST}/move", {"to_date": "2021-10-07", "to_number": 2, "room": "20"})
    assert moved.status_code == 200, moved.text
    found = [one for one in lessons.week(PUPIL, pupil_id=PUPIL) if one["title"] == "7А алгебра"]
    assert [(one["on"], one["number"], one["room"]) for one in found] == [("2021-10-07", 2, "20")]
    assert found[0]["moved_from"] == {"on": "2021-10-04", "number": 1}


def test_a_lesson_is_not_moved_where_it_cannot_be(lessons: Lessons) -> None:
    cases = {
        ("2021-10-11", 1): "lessons.slot-taken",
        ("2021-11-02", 1): "lessons.on-holiday",
        ("2021-10-07", 9): "lessons.no-such-bell",
        ("2022-07-07", 1): "lessons.outside-timetable",
    }
    for (day, number), code in cases.items():
        answer = lessons.command(TEACHER, "POST", f"{FIRST}/move", {"to_date": day, "to_number": number})
        assert answer.json()["code"] == code


def test_a_cancelled_lesson_stays_in_the_week_struck_out(lessons: Lessons) -> None:
    assert lessons.command(TEACHER, "POST", f"{FIRST}/cancellation", {"reason": "болезнь"}).status_code == 200
    assert lessons.week(PUPIL, pupil_id=PUPIL)[0]["cancelled"] is True
    answer = lessons.command(TEACHER, "POST", f"{FIRST}/move", {"to_date": "2021-10-07", "to_number": 2})
    assert answer.json()["code"] == "lessons.cancelled"


def test_only_the_office_sends_a_substitute_and_only_a_teacher(lessons: Lessons) -> None:
    path, body = f"{FIRST}/substitution", {"teacher_id": str(COLLEAGUE)}
    assert lessons.command(TEACHER, "POST", path, body).status_code == 403
    assert (
        lessons.command(OFFICE, "POST", path, {"teacher_id": str(STRANGER)}).json()["code"] == "lessons.not-a-teacher"
    )


def test_who_sees_whose_week(lessons: Lessons) -> None:
    def status(who: object, **whose: object) -> int:
        return lessons.ask(who, "/week", first=MONDAY, last=MONDAY, **whose).status_code  # type: ignore[arg-type]

    assert status(MOTHER, group_id=PHYSICS) == 200
    assert status(MOTHER, group_id=ART) == 404
    assert status(STRANGER, pupil_id=PUPIL) == 404
    assert status(COLLEAGUE, teacher_id=TEACHER) == 200
    assert status(MOTHER, teacher_id=TEACHER) == 404
    assert status(OFFICE, school_id=SCHOOL) == 200
    assert status(OFFICE, school_id=OTHER) == 404
    assert status(MOTHER, school_id=SCHOOL) == 404
    assert status(OFFICE, school_id=SCHOOL, group_id=PHYSICS) == 422
    too_long = lessons.ask(OFFICE, "/week", first="2021-09-01", last="2022-05-31", school_id=SCHOOL)
    assert too_long.json()["code"] == "lessons.range-too-long"


def test_the_command_makes_the_view_anew(lessons: Lessons) -> None:
    lessons.command(TEACHER, "PUT", f"{FIRST}/topic", {"topic": "Линейные уравнения"})
    lessons.command(OFFICE, "POST", f"{FIRST}/substitution", {"teacher_id": str(COLLEAGUE)})
    before, after = before_and_after(lessons.settings, SERVICE)
    assert after == before and all(before[table] for table in ("timetable_slots", "timetable_exceptions", "topics"))
