"""What a teacher and those who run a school read: the state of each lesson, and the day of the school."""

from typing import Any
from uuid import UUID

import pytest

from services.reporting.tests.test_pages import GRADES, LESSONS, get
from shared.contracts import Event
from shared.contracts.attendance import Presence, PresenceCorrected, RollEntry, RollTaken
from shared.contracts.lessons import Bell, BellsSet
from shared.contracts.roster import RoleHeld, RolesSet
from shared.testing.school import (
    ANNA,
    BORIS,
    DISTRICT,
    ELSEWHERE,
    FIRST,
    IGOR,
    LAST,
    MARIA,
    NINA,
    OLGA,
    PAVEL,
    SCHOOL,
    VERA,
    Running,
    day,
    id_of,
    learn,
    place,
)

HEAD, HEAD_ELSEWHERE, OFFICER = id_of("head"), id_of("head elsewhere"), id_of("officer")
STRANGER = id_of("officer of another district")


def role(person: UUID, *held: tuple[str, UUID]) -> RolesSet:
    span = {"starts": FIRST, "ends": LAST}
    roles = tuple(RoleHeld.model_validate({"role": name, "school_id": school, **span}) for name, school in held)
    return RolesSet(person_id=person, roles=roles)


STAFF: tuple[Event, ...] = (
    role(HEAD, ("administrator", SCHOOL)),
    role(HEAD_ELSEWHERE, ("administrator", ELSEWHERE), ("office", SCHOOL)),
    role(OFFICER, ("officer", DISTRICT)),
    role(STRANGER, ("officer", id_of("another district"))),
)
ROLL = {**place(day(15), 2)}
ATTENDANCE: tuple[Event, ...] = (
    RollTaken.model_validate(
        {
            **ROLL,
            "entries": [
                RollEntry(pupil_id=ANNA, state="absent"),
                RollEntry(pupil_id=BORIS, state="late", minutes=5),
                RollEntry(pupil_id=VERA, state="present"),
            ],
        }
    ),
    PresenceCorrected.model_validate(
        {
            **ROLL,
            "pupil_id": VERA,
            "before": Presence(state="present"),
            "after": Presence(state="absent", reason="illness"),
        }
    ),
    RollTaken.model_validate({**place(day(8), 2), "entries": [RollEntry(pupil_id=ANNA, state="present")]}),
)
BELLS = BellsSet(
    school_id=SCHOOL,
    bells=(
        Bell(number=1, starts="00:00", ends="00:00"),
        Bell(number=2, starts="00:00", ends="00:00"),
    ),
)


@pytest.fixture(scope="module")
def told(reporting: Running) -> Running:
    """Today's second lesson is over at any hour and has a roll; the third, without a bell, is not over today."""
    for events, source in (
        (STAFF, "roster"),
        ((BELLS, *LESSONS), "lessons"),
        (GRADES, "grades"),
        (ATTENDANCE, "attendance"),
    ):
        learn(reporting.settings, reporting.service, events, source)
    return reporting


def school_day(running: Running, who: UUID = HEAD, school: UUID = SCHOOL, **more: Any) -> Any:
    return get(running, "/school-day", who, school_id=school, **more)


def test_a_teachers_lessons_say_what_is_in_the_journal_of_each(told: Running) -> None:
    found = get(told, "/lessons", OLGA, teacher_id=OLGA, first=day(13), last=day(15))
    lessons = {(one["on"], one["number"]): one for one in found["lessons"]}
    done, coming = lessons["2021-09-15", 2], lessons["2021-09-15", 3]
    assert (done["topic"], done["marks"], done["works"], done["held"]) == ("Дроби", 1, 1, True)
    assert done["roll"] == {"present": 0, "absent": 2, "late": 1}
    assert (coming["roll"], coming["topic"], coming["held"]) == (None, None, False)
    assert found["schools"][0]["today"] == "2021-09-15"


def test_a_moved_lesson_without_a_roll_is_named_by_the_place_that_its_roll_has(told: Running) -> None:
    found = get(told, "/lessons", OLGA, teacher_id=OLGA, first=day(14), last=day(14))
    (moved,) = found["lessons"]
    assert (moved["number"], moved["moved_from"], moved["roll"]) == (5, {"on": "2021-09-13", "number": 2}, None)
    assert moved["held"]


def test_a_lesson_belongs_to_the_substitutes_day_and_not_to_the_day_of_whom_he_stands_in_for(told: Running) -> None:
    mine = get(told, "/lessons", OLGA, teacher_id=OLGA, first=day(8), last=day(8))["lessons"]
    his = get(told, "/lessons", IGOR, teacher_id=IGOR, first=day(8), last=day(8))["lessons"]
    assert [one["number"] for one in mine] == [3]
    assert [(one["number"], one["substituted"]) for one in his] == [(2, True)]


@pytest.mark.parametrize(
    ("who", "status"),
    [(OLGA, 200), (HEAD, 200), (NINA, 200), (OFFICER, 200), (IGOR, 404), (MARIA, 404), (STRANGER, 404), (PAVEL, 403)],
)
def test_a_teachers_lessons_are_his_own_and_those_of_who_runs_his_school(told: Running, who: UUID, status: int) -> None:
    get(told, "/lessons", who, status, teacher_id=OLGA, first=day(15), last=day(15))


def test_the_day_of_a_school_counts_pupils_and_their_places(told: Running) -> None:
    found = school_day(told)
    assert (found["pupils"], found["absent"], found["late"], found["unexcused"]) == (4, 2, 1, 1)
    assert found["places"] == {"present": 0, "absent": 2, "late": 1, "share": "33.3"}
    assert found["lessons"] == {"planned": 2, "cancelled": 0, "held": 1, "taken": 1}
    assert (found["marks"], found["missing"], found["on"]) == (2, [], "2021-09-15")


def test_the_absent_are_listed_with_each_lesson_and_its_reason(told: Running) -> None:
    away = {one["pupil_id"]: one for one in school_day(told)["away"]}
    assert set(away) == {str(ANNA), str(VERA)}
    assert (away[str(ANNA)]["unexcused"], away[str(VERA)]["unexcused"]) == (True, False)
    assert away[str(VERA)]["lessons"] == [{"number": 2, "state": "absent", "minutes": None, "reason": "illness"}]


def test_a_lesson_that_is_over_without_a_roll_is_named_with_its_teacher_and_the_place_of_its_roll(
    told: Running,
) -> None:
    found = school_day(told, on=day(14))
    first, moved = found["missing"]
    assert (first["number"], first["teacher_id"]) == (1, str(IGOR))
    assert (moved["teacher_id"], moved["roll"]) == (str(OLGA), {"on": "2021-09-13", "number": 2})
    assert (found["lessons"]["held"], found["lessons"]["taken"], found["places"]["share"]) == (2, 0, None)


def test_a_cancelled_lesson_and_a_holiday_want_no_roll(told: Running) -> None:
    assert school_day(told, on=day(6))["lessons"] == {"planned": 0, "cancelled": 1, "held": 0, "taken": 0}
    assert school_day(told, on=day(20))["holiday"] == "День города"


def test_the_days_before_stand_with_their_shares_oldest_first(told: Running) -> None:
    found = [(one["on"], one["share"]) for one in school_day(told)["days"]]
    assert found == [("2021-09-08", "100.0"), ("2021-09-15", "33.3")]
    assert [one["on"] for one in school_day(told, on=day(10))["days"]] == ["2021-09-08"]


@pytest.mark.parametrize(
    ("who", "status"),
    [
        (HEAD, 200),
        (OFFICER, 200),
        (HEAD_ELSEWHERE, 404),
        (STRANGER, 404),
        (OLGA, 403),
        (NINA, 403),
        (PAVEL, 403),
        (ANNA, 403),
    ],
)
def test_the_day_of_a_school_is_for_its_administrators_and_the_districts_officers(
    told: Running, who: UUID, status: int
) -> None:
    school_day(told, who, status=status)


def test_a_school_that_is_not_there_looks_like_anothers(told: Running) -> None:
    nowhere = school_day(told, school=id_of("no school"), status=404)
    foreign = school_day(told, school=ELSEWHERE, status=404)
    assert {**nowhere, "id": ""} == {**foreign, "id": ""}


def test_the_officers_district_has_the_figures_of_each_of_his_schools(told: Running) -> None:
    found = get(told, "/district-day", OFFICER)
    assert [one["name"] for one in found["schools"]] == ["Школа № 1", "Школа № 2"]
    assert found["schools"][0]["places"]["share"] == "33.3"
    assert get(told, "/district-day", OFFICER, page=1, size=1)["schools"][0]["name"] == "Школа № 2"
    assert get(told, "/district-day", STRANGER) == {"total": 0, "schools": []}
    get(told, "/district-day", HEAD, 403)
