"""A page at an earlier moment has the plan of that moment: timetable, bells, holidays, groups and who is in them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.reporting import history
from services.reporting.tests.test_audit import BEGAN, CHIEF, HEAD, role
from services.reporting.tests.test_pages import get, planned, project, streams, week
from shared.contracts import Event
from shared.contracts.lessons import Bell, BellsSet, Holiday, HolidaysSet, Slot, TimetableSet
from shared.contracts.roster import Enrolment, EnrolmentsSet, GroupClosed, GroupDescribed
from shared.testing.school import (
    ALGEBRA,
    ANNA,
    DISTRICT,
    FIRST,
    GEOMETRY,
    IGOR,
    LAST,
    OLGA,
    SCHOOL,
    Running,
    day,
    learn,
)
from shared.testing.web import connect

SUMMER, BEFORE, AFTER = (datetime(2021, month, 25, tzinfo=UTC) for month in (8, 9, 10))
CHANGED = datetime(2021, 10, 1, tzinfo=UTC)


def slot(weekday: int, number: int, room: str | None = None) -> Slot:
    return Slot(group_id=ALGEBRA, weekday=weekday, number=number, starts=FIRST, ends=LAST, room=room)


def timetable(*slots: Slot, starts: date = FIRST) -> TimetableSet:
    return TimetableSet(school_id=SCHOOL, starts=starts, ends=LAST, anchor=date(2021, 8, 30), slots=slots)


def enrolled(**role: Any) -> Enrolment:
    return Enrolment.model_validate({"role": "pupil", "starts": FIRST, "ends": LAST, **role})


@pytest.fixture
def told(reporting: Running) -> Running:
    """The plan of August, and nothing decided since."""
    project(reporting, list(streams().values()))
    return reporting


def decide(running: Running, *events: Event, at: datetime = CHANGED) -> None:
    with connect(running.settings, "reporting", "worker") as conn, conn.transaction():
        history.apply(conn, planned(events, at))


def lessons(running: Running, at: datetime) -> list[tuple[str, int, str]]:
    """Anna's of 13 to 19 September: day, number and subject."""
    found = shown(running, at)
    return [(one["on"], each["number"], each["subject"]) for one in found for each in one["lessons"]]


def shown(running: Running, at: datetime) -> Sequence[Any]:
    days: Sequence[Any] = week(running, "/diary", as_of=at.isoformat().replace("+", "%2B"))["days"]
    return days


ALGEBRAS = [("2021-09-13", 2, "Алгебра"), ("2021-09-15", 2, "Алгебра"), ("2021-09-15", 3, "Алгебра")]


def test_before_the_timetable_was_told_there_was_none(told: Running) -> None:
    assert lessons(told, datetime(2021, 8, 1, tzinfo=UTC)) == []
    assert lessons(told, BEFORE)


def test_a_timetable_set_anew_does_not_change_what_was_shown(told: Running) -> None:
    decide(told, timetable(slot(1, 6, "12"), slot(4, 1)))
    assert [one for one in lessons(told, BEFORE) if one[2] == "Алгебра"] == ALGEBRAS
    after = [one for one in lessons(told, AFTER) if one[2] == "Алгебра"]
    assert ("2021-09-13", 6, "Алгебра") in after and ("2021-09-16", 1, "Алгебра") in after
    assert ("2021-09-13", 2, "Алгебра") not in after


def test_a_timetable_from_a_later_day_leaves_the_days_before_it(told: Running) -> None:
    decide(told, timetable(slot(4, 1), starts=day(16)))
    after = [one for one in lessons(told, AFTER) if one[2] == "Алгебра"]
    assert after == [*ALGEBRAS, ("2021-09-16", 1, "Алгебра")]


def test_bells_and_holidays_are_those_of_the_moment(told: Running) -> None:
    first, second = (
        BellsSet(school_id=SCHOOL, bells=(Bell(number=2, starts=s, ends="12:00"),)) for s in ("09:20", "10:00")
    )
    decide(told, first, at=SUMMER)
    decide(
        told, second, HolidaysSet(school_id=SCHOOL, holidays=(Holiday(starts=day(15), ends=day(15), title="Карантин"),))
    )
    wednesday = {at: next(one for one in shown(told, at) if one["on"] == "2021-09-15") for at in (BEFORE, AFTER)}
    assert wednesday[BEFORE]["holiday"] is None and wednesday[AFTER]["holiday"] == "Карантин"
    assert [one["starts"] for one in wednesday[BEFORE]["lessons"] if one["number"] == 2] == ["09:20"]
    assert [one["starts"] for one in shown(told, AFTER)[0]["lessons"] if one["number"] == 2] == ["10:00"]


def test_who_was_taken_off_a_list_still_has_its_lessons_in_the_earlier_page(told: Running) -> None:
    gone = EnrolmentsSet(group_id=ALGEBRA, school_id=SCHOOL, enrolments=(enrolled(person_id=OLGA, role="teacher"),))
    decide(told, gone)
    assert [one for one in lessons(told, BEFORE) if one[2] == "Алгебра"] == ALGEBRAS
    assert ALGEBRAS[0] not in lessons(told, AFTER)


def test_the_teacher_and_the_name_of_the_group_are_those_of_the_moment(told: Running) -> None:
    listed = (
        enrolled(person_id=IGOR, role="teacher", primary=True),
        enrolled(person_id=OLGA, role="teacher"),
        enrolled(person_id=ANNA),
    )
    named = GroupDescribed(
        group_id=ALGEBRA, school_id=SCHOOL, title="Матанализ", subject="Матанализ", course="a", starts=FIRST, ends=LAST
    )
    decide(told, named, EnrolmentsSet(group_id=ALGEBRA, school_id=SCHOOL, enrolments=listed))
    teachers = {at: shown(told, at)[0]["lessons"][0]["teacher_id"] for at in (BEFORE, AFTER)}
    assert teachers == {BEFORE: str(OLGA), AFTER: str(IGOR)}
    assert lessons(told, BEFORE)[0][2] == "Алгебра" and lessons(told, AFTER)[0][2] == "Матанализ"
    marks = {at: week(told, "/marks", as_of=at.isoformat().replace("+", "%2B"))["subjects"] for at in (BEFORE, AFTER)}
    assert {at: [one["subject"] for one in of_it] for at, of_it in marks.items()} == {
        BEFORE: ["Алгебра"],
        AFTER: ["Матанализ"],
    }


def test_a_closed_group_ends_and_one_described_again_is_open(told: Running) -> None:
    decide(told, GroupClosed(group_id=GEOMETRY, school_id=SCHOOL, closed_on=day(14)))
    assert ("2021-09-14", 1, "Геометрия") in lessons(told, BEFORE)
    assert ("2021-09-14", 1, "Геометрия") not in lessons(told, AFTER)
    again = GroupDescribed(
        group_id=GEOMETRY, school_id=SCHOOL, title="Геометрия", subject="Геометрия", course="g", starts=FIRST, ends=LAST
    )
    decide(told, again, at=datetime(2021, 10, 20, tzinfo=UTC))
    assert ("2021-09-14", 1, "Геометрия") in lessons(told, AFTER)


def school_day(running: Running, minute: int | None = None) -> Any:
    """Of the 15th, so many minutes after nine; as it stands without."""
    at = BEGAN + timedelta(minutes=minute or 0)
    asked: dict[str, Any] = {} if minute is None else {"as_of": at.isoformat().replace("+", "%2B")}
    return get(running, "/school-day", HEAD, school_id=SCHOOL, on=day(15), **asked)


@pytest.fixture
def headed(told: Running) -> Running:
    learn(told.settings, told.service, [role(HEAD, "administrator", SCHOOL), role(CHIEF, "officer", DISTRICT)])
    return told


def test_the_day_of_a_school_is_shown_as_it_stood(headed: Running) -> None:
    """Rolls at 9:00 and 9:02, a correction at 9:01; marks at 9:02 and 9:03, one taken back at 9:05."""
    at = {minute: school_day(headed, minute) for minute in (-1, 0, 1, 2, 4, 5)}
    places = {
        minute: [found["places"][state] for state in ("present", "absent", "late")] for minute, found in at.items()
    }
    assert places == {-1: [0, 0, 0], 0: [1, 1, 0], 1: [1, 0, 1], 2: [1, 1, 1], 4: [1, 1, 1], 5: [1, 1, 1]}
    assert [at[minute]["marks"] for minute in (-1, 1, 2, 4, 5)] == [0, 0, 2, 3, 2]
    assert [one["pupil_id"] for one in at[0]["away"]] == [str(ANNA)] and at[1]["away"] == []
    assert [each["absent"] for each in at[0]["days"]] == [1] and at[-1]["days"] == []
    assert at[0]["lessons"] == {"planned": 2, "cancelled": 0, "held": 1, "taken": 1}
    assert at[0]["pupils"] == 3


def test_both_ways_of_reading_a_schools_day_say_the_same_of_now(headed: Running) -> None:
    then, now = school_day(headed, 30), school_day(headed)
    differing = {"now", "today", "pupils", "missing"}  # the school's clock, and what hangs on it
    assert {key: value for key, value in then.items() if key not in differing} == {
        key: value for key, value in now.items() if key not in differing
    }


def test_a_districts_day_has_the_figures_of_the_moment(headed: Running) -> None:
    def absent(minute: int) -> list[int]:
        at = (BEGAN + timedelta(minutes=minute)).isoformat().replace("+", "%2B")
        found = get(headed, "/district-day", CHIEF, on=day(15), as_of=at)["schools"]
        return [one["absent"] for one in found if one["school_id"] == str(SCHOOL)]

    assert [absent(minute) for minute in (-1, 0, 1, 2)] == [[0], [1], [0], [1]]
