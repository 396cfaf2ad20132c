"""The journal of attendance as its users meet it: over HTTP, on a real store."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from shared.access import OPERATOR
from shared.contracts.attendance import PresenceCorrected, RollTaken
from shared.contracts.lessons import LessonMoved, lesson_id
from shared.testing.school import (
    ALGEBRA,
    ANNA,
    BORIS,
    CHEMISTRY,
    GLEB,
    IGOR,
    MARIA,
    NINA,
    OLGA,
    PAVEL,
    VERA,
    Running,
    day,
    learn,
    place,
)


def path(on: int, number: int = 2, group: UUID = ALGEBRA) -> str:
    """The address of a lesson's roll, on that day of September."""
    return f"/rolls/{group}/{day(on)}/{number}"


def said(pupil: UUID, state: str, minutes: int | None = None, reason: str | None = None) -> dict[str, Any]:
    return {"pupil_id": str(pupil), "state": state, "minutes": minutes, "reason": reason}


def take(attendance: Running, on: int, *entries: dict[str, Any], number: int = 2, by: UUID = OLGA) -> httpx.Response:
    return attendance.send("PUT", path(on, number), by, {"entries": list(entries)})


def correct(attendance: Running, on: int, number: int, entry: dict[str, Any], by: UUID = OLGA) -> httpx.Response:
    return attendance.send("POST", f"{path(on, number)}/corrections", by, entry)


def page(attendance: Running, what: str, by: UUID = OLGA, first: int = 1, last: int = 30) -> httpx.Response:
    return attendance.send("GET", f"/{what}?group_id={ALGEBRA}&first={day(first)}&last={day(last)}", by)


def shown(attendance: Running, on: int, number: int = 2) -> dict[str, Any]:
    """The roll as Olga's journal shows it, with its entries by pupil."""
    rolls = page(attendance, "journal", first=on, last=on).json()["rolls"]
    found: dict[str, Any] = next(roll for roll in rolls if roll["number"] == number)
    return {**found, "entries": {UUID(entry["pupil_id"]): entry for entry in found["entries"]}}


def codes(answer: httpx.Response) -> dict[str, str]:
    return {error["pointer"]: error["code"] for error in answer.json()["errors"]}


@pytest.fixture(scope="module", autouse=True)
def a_week_of_rolls(attendance: Running) -> None:
    """Wednesday the 1st: Anna misses both lessons. The 15th, 2nd lesson: Boris comes late."""
    assert take(attendance, 1, said(ANNA, "absent", reason="illness")).status_code == 200
    assert take(attendance, 1, said(ANNA, "absent"), said(GLEB, "late", 7), number=3).status_code == 200
    assert take(attendance, 15, said(BORIS, "late", 10, "transport")).status_code == 200


def test_a_roll_has_everyone_who_learnt_there_that_day(attendance: Running) -> None:
    roll = shown(attendance, 1)
    assert (roll["lesson_id"], roll["by"], roll["version"]) == (str(lesson_id(ALGEBRA, day(1), 2)), str(OLGA), 1)
    assert {pupil: entry["state"] for pupil, entry in roll["entries"].items()} == {
        ANNA: "absent", BORIS: "present", GLEB: "present"
    }  # fmt: skip
    assert set(shown(attendance, 15)["entries"]) == {ANNA, BORIS, VERA}
    late = shown(attendance, 15)["entries"][BORIS]
    assert (late["minutes"], late["reason"], late["was"]) == (10, "transport", [])


def test_two_absences_on_one_day_are_two(attendance: Running) -> None:
    counts = page(attendance, "counts", last=1).json()
    by_pupil = {UUID(count.pop("pupil_id")): count for count in counts["pupils"]}
    assert by_pupil[ANNA] == {"lessons": 2, "absences": 2, "unexcused": 1, "lates": 0, "attended": "0.0"}
    assert by_pupil[GLEB] == {"lessons": 2, "absences": 0, "unexcused": 0, "lates": 1, "attended": "100.0"}
    assert counts["total"] == {"lessons": 6, "absences": 2, "unexcused": 1, "lates": 1, "attended": "66.7"}


def test_a_correction_shows_what_stood_and_why(attendance: Running) -> None:
    assert take(attendance, 15, said(VERA, "absent"), number=3).status_code == 200
    entry = said(VERA, "late", 20) | {"note": "пришла с запиской от врача"}
    answer = correct(attendance, 15, 3, entry, NINA)
    assert answer.status_code == 200 and answer.json()["version"] == 2
    corrected = shown(attendance, 15, 3)
    vera = corrected["entries"][VERA]
    assert (corrected["version"], vera["state"], vera["minutes"], vera["by"]) == (2, "late", 20, str(NINA))
    (was,) = vera["was"]
    assert (was["state"], was["minutes"], was["note"], was["by"]) == (
        "absent", None, "пришла с запиской от врача", str(NINA)
    )  # fmt: skip
    assert correct(attendance, 15, 3, entry, NINA).json()["events"] == []
    stored = [event for event in attendance.events() if isinstance(event, PresenceCorrected)]
    assert "врача" not in "".join(event.model_dump_json() for event in stored)


def test_a_roll_already_taken_says_who_took_it_and_when(attendance: Running) -> None:
    answer = take(attendance, 15)
    assert (answer.status_code, answer.json()["code"]) == (409, "attendance.roll-already-taken")
    facts = answer.json()["facts"]
    assert facts["taken_by"] == str(OLGA) and facts["taken_at"].endswith("+03:00")  # the school's clock
    same = take(attendance, 15, said(BORIS, "late", 10, "transport"), said(ANNA, "present"))
    assert (same.status_code, same.json()["events"]) == (200, [])


def test_a_repeated_command_gets_the_same_bytes(attendance: Running) -> None:
    key, body = uuid4(), {"entries": [said(ANNA, "late", 3)]}
    headers = attendance.headers(IGOR, key)
    address = path(8)
    with ThreadPoolExecutor(6) as crowd:
        at_once = list(crowd.map(lambda _: attendance.http.put(address, json=body, headers=headers), range(6)))
    assert correct(attendance, 8, 2, said(ANNA, "absent")).status_code == 200
    again = attendance.http.put(address, json=body, headers=headers)
    assert {answer.status_code for answer in at_once} <= {200, 409}
    assert {answer.content for answer in at_once if answer.status_code == 200} == {again.content}
    lesson = lesson_id(ALGEBRA, day(8), 2)
    rolls = [event for event in attendance.events() if isinstance(event, RollTaken) and event.lesson_id == lesson]
    assert len(rolls) == 1
    other = attendance.http.put(address, json={"entries": []}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "key-reused")


@pytest.mark.parametrize(
    ("on", "number", "status", "code"),
    [
        (22, 2, 422, "attendance.lesson-in-future"),
        (16, 2, 422, "attendance.no-such-lesson"),
        (15, 7, 422, "attendance.no-such-lesson"),
        (20, 2, 422, "attendance.no-such-lesson"),  # a holiday
        (6, 2, 409, "attendance.lesson-cancelled"),
        (15, 16, 422, "fields"),
    ],
)
def test_there_is_no_roll_without_a_lesson_that_was_held(
    attendance: Running, on: int, number: int, status: int, code: str
) -> None:
    for language in ("ru", "en"):
        answer = attendance.send("PUT", path(on, number), OLGA, {"entries": []}, **{"Accept-Language": language})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.json()["detail"] and answer.headers["content-language"] == language


def test_every_wrong_entry_is_named_and_nothing_is_saved(attendance: Running) -> None:
    before = len(attendance.events())
    answer = take(
        attendance, 8, said(VERA, "absent"), said(ANNA, "absent", 5), said(BORIS, "late", 500),
        said(GLEB, "asleep"), number=3,
    )  # fmt: skip
    assert (answer.status_code, codes(answer)) == (422, {"/entries/3/state": "field.not-in-list"})
    answer = take(attendance, 8, said(VERA, "absent"), said(ANNA, "absent", 5), said(BORIS, "late", 500), number=3)
    assert answer.status_code == 422
    assert codes(answer) == {
        "/entries/0/pupil_id": "attendance.pupil-not-in-group",  # she came on the 10th
        "/entries/1/minutes": "attendance.minutes-without-late",
        "/entries/2/minutes": "attendance.minutes-out-of-range",
    }
    assert len(attendance.events()) == before


def test_only_the_groups_teacher_a_substitute_and_the_office_take_the_roll(attendance: Running) -> None:
    for stranger, status in ((IGOR, 403), (MARIA, 404), (PAVEL, 403), (ANNA, 403)):
        assert take(attendance, 8, number=3, by=stranger).status_code == status, stranger
    assert attendance.send("PUT", path(15, 2, CHEMISTRY), OLGA, {"entries": []}).status_code == 404
    assert correct(attendance, 1, 2, said(ANNA, "present"), IGOR).status_code == 403
    assert take(attendance, 8, number=3, by=OPERATOR).status_code == 200


def test_a_moved_lesson_has_one_roll_by_either_name(attendance: Running) -> None:
    assert take(attendance, 14, said(VERA, "absent"), number=5).status_code == 200
    assert take(attendance, 13).json()["code"] == "attendance.roll-already-taken"
    assert shown(attendance, 14, 5)["lesson_id"] == str(lesson_id(ALGEBRA, day(13), 2))


def test_a_roll_is_corrected_though_the_lesson_was_moved_after_it(attendance: Running) -> None:
    moved = LessonMoved.model_validate({**place(day(1), 3), "to_date": day(2), "to_number": 1})
    learn(attendance.settings, attendance.service, [moved], "lessons")
    assert correct(attendance, 1, 3, said(GLEB, "present")).status_code == 200
    assert shown(attendance, 1, 3)["entries"][GLEB]["was"][0]["minutes"] == 7


def test_the_pages_are_for_staff_of_the_group(attendance: Running) -> None:
    for person, status in ((OLGA, 200), (NINA, 200), (OPERATOR, 200), (IGOR, 403), (MARIA, 404), (PAVEL, 403)):
        for what in ("journal", "counts"):
            assert page(attendance, what, person, 9, 30).status_code == status, person
    assert page(attendance, "journal", IGOR, 8, 8).status_code == 200  # he stood in that day
    assert page(attendance, "counts", OLGA, 15, 1).json()["code"] == "attendance.range-wrong"
    unsigned = attendance.http.get(f"/journal?group_id={ALGEBRA}&first=2021-09-01&last=2021-09-30")
    assert unsigned.status_code == 401


def test_a_correction_needs_a_roll(attendance: Running) -> None:
    answer = correct(attendance, 22, 3, said(ANNA, "absent"))
    assert (answer.status_code, answer.json()["code"]) == (409, "attendance.roll-not-taken")
