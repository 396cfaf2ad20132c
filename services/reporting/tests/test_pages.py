"""What a family reads, made from events of four services in whatever order they come."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.reporting import diary, history, plans
from shared.contracts import Event, Sealed
from shared.contracts.attendance import Presence, PresenceCorrected, RollEntry, RollTaken
from shared.contracts.envelope import Received
from shared.contracts.grades import Mark, MarkCorrected, MarkRemoved, MarksGiven, WorkOpened
from shared.contracts.lessons import TopicWritten
from shared.contracts.roster import PersonDescribed
from shared.stream import live
from shared.testing import school
from shared.testing.school import (
    ALGEBRA,
    ANNA,
    BORIS,
    DISTRICT,
    IGOR,
    MARIA,
    OLGA,
    PAVEL,
    SCHOOL,
    Running,
    day,
    id_of,
    place,
    received,
)
from shared.testing.web import connect

TEST, QUIZ = id_of("test on the 15th"), id_of("quiz on the 15th")


def said(text: str) -> Sealed:
    """Text as the worker hands it to a projection: opened."""
    return Sealed(owner_id=SCHOOL, box="AA==", text=text)


def work(work_id: UUID, number: int, kind: str, weight: str) -> WorkOpened:
    return WorkOpened.model_validate(
        {**place(day(15), number), "work_id": work_id, "kind": kind, "weight": weight, "scale": "five", "rule": 1}
    )


def give(work_id: UUID, *marks: tuple[UUID, tuple[str, ...]]) -> MarksGiven:
    given = tuple(Mark(pupil_id=pupil, values=values) for pupil, values in marks)
    return MarksGiven(work_id=work_id, school_id=SCHOOL, marks=given)


def person(person_id: UUID, family: str, given: str) -> PersonDescribed:
    return PersonDescribed(person_id=person_id, district_id=DISTRICT, family_name=said(family), given_name=said(given))


FIX = {"work_id": TEST, "school_id": SCHOOL, "pupil_id": ANNA}
GRADES: tuple[Event, ...] = (
    work(TEST, 2, "test", "2"),
    work(QUIZ, 3, "quiz", "1"),
    give(TEST, (ANNA, ("4",)), (BORIS, ("2",))),
    give(QUIZ, (ANNA, ("4", "5"))),
    MarkCorrected(**FIX, before=("4",), after=("5",), reason=said("не так сосчитано")),
    MarkRemoved(work_id=TEST, school_id=SCHOOL, pupil_id=BORIS, before=("2",), reason=said("не его работа")),
)
ROLL = RollTaken.model_validate(
    {
        **place(day(15), 2),
        "entries": [
            RollEntry(pupil_id=ANNA, state="absent", reason="illness"),
            RollEntry(pupil_id=BORIS, state="present"),
        ],
    }
)
ATTENDANCE: tuple[Event, ...] = (
    ROLL,
    PresenceCorrected.model_validate(
        {
            **place(day(15), 2),
            "pupil_id": ANNA,
            "before": Presence(state="absent", reason="illness"),
            "after": Presence(state="late", minutes=10),
            "note": said("пришла"),
        }
    ),
    RollTaken.model_validate({**place(day(15), 3), "entries": [RollEntry(pupil_id=ANNA, state="absent")]}),
)
LESSONS: tuple[Event, ...] = (TopicWritten.model_validate({**place(day(15), 2), "topic": said("Дроби")}),)
PEOPLE: tuple[Event, ...] = (person(OLGA, "Иванова", "Ольга"), person(ANNA, "Ёлкина", "Анна"))

SOURCES = {"grades": GRADES, "attendance": ATTENDANCE, "lessons": LESSONS, "roster": PEOPLE}


def streams() -> dict[str, list[Received]]:
    """Each source's events as its topic has them: one stream an object, one moment an event."""
    began = datetime(2021, 9, 15, 9, tzinfo=UTC)
    found = {}
    for source, events in SOURCES.items():
        got = received(events, source, OLGA)
        found[source] = [
            replace(one, envelope=replace(one.envelope, time=began + timedelta(minutes=n))) for n, one in enumerate(got)
        ]
    return found


def planned(events: Sequence[Event], at: datetime, source: str = "lessons") -> list[Received]:
    """What is said of a school or group, as decided then: in the stream of that school or group."""
    found = []
    for number, one in enumerate(received(events, source), int(at.timestamp())):
        subject = getattr(one.event, "group_id", one.event.key)
        envelope = replace(one.envelope, time=at, subject=subject, id=f"{subject}:{number}")
        found.append(replace(one, envelope=envelope))
    return found


def project(running: Running, batches: list[list[Received]]) -> None:
    summer = datetime(2021, 8, 20, tzinfo=UTC)
    plan = [*planned(school.ROSTER, summer, "roster"), *planned(school.LESSONS[:2], summer)]
    with connect(running.settings, "reporting", "worker") as conn, conn.transaction():
        for table in (*diary.TABLES, *history.TABLES):
            conn.execute(f"DELETE FROM {table}".encode())
        history.apply(conn, [one for one in plan if type(one.event) in plans.PLANNED])
        for batch in batches:
            diary.apply(conn, [one for one in batch if type(one.event) in diary.PROJECTION.handles])
            history.apply(conn, [one for one in batch if type(one.event) in history.PROJECTION.handles])


@pytest.fixture(scope="module")
def told(reporting: Running) -> Running:
    project(reporting, list(streams().values()))
    return reporting


def get(running: Running, path: str, who: UUID = PAVEL, status: int = 200, **query: object) -> Any:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    answer = running.http.get(f"{path}?{asked}", headers=running.headers(who, language="ru"))
    assert answer.status_code == status, answer.text
    return answer.json()


def week(running: Running, path: str, pupil: UUID = ANNA, **more: Any) -> Any:
    return get(running, path, pupil_id=pupil, first=day(13), last=day(19), **more)


def test_the_diary_has_lesson_topic_teacher_marks_and_absence_in_one_place(told: Running) -> None:
    days = {one["on"]: one["lessons"] for one in week(told, "/diary")["days"]}
    second, third = days["2021-09-15"]
    assert (second["subject"], second["number"], second["topic"]) == ("Алгебра", 2, "Дроби")
    assert second["teacher"] == "Иванова Ольга"
    assert [mark["values"] for mark in second["marks"]] == [["5"]]
    assert [was["values"] for was in second["marks"][0]["was"]] == [["4"]]
    assert second["marks"][0]["was"][0]["reason"] == "не так сосчитано"
    assert (second["attendance"]["state"], second["attendance"]["minutes"]) == ("late", 10)
    assert [mark["values"] for mark in third["marks"]] == [["4", "5"]]
    assert list(days) == [f"2021-09-{n}" for n in range(13, 20)]


def test_a_moved_lesson_stands_where_it_takes_place(told: Running) -> None:
    days = {one["on"]: one["lessons"] for one in week(told, "/diary")["days"]}
    assert days["2021-09-13"] == []
    moved = next(lesson for lesson in days["2021-09-14"] if lesson["number"] == 5)
    assert moved["moved_from"] == {"on": "2021-09-13", "number": 2}


def test_a_holiday_has_its_name_and_no_lessons(told: Running) -> None:
    days = get(told, "/diary", pupil_id=ANNA, first=day(20), last=day(20))["days"]
    assert days == [{"on": "2021-09-20", "holiday": "День города", "lessons": []}]


def test_averages_are_weighted_and_each_mark_shows_the_average_after_it(told: Running) -> None:
    table = week(told, "/marks")
    (algebra,) = table["subjects"]
    assert (algebra["average"], algebra["count"]) == ("4.75", 3)
    assert algebra["sum"] == "5×2 + 4×1 + 5×1 = 19; 19 / 4 = 4,75"
    assert [mark["average"] for mark in algebra["marks"]] == ["5.00", "4.75"]
    assert table["overall"]["average"] == "4.75"


def test_a_mark_taken_back_counts_nothing_and_stays_readable(told: Running) -> None:
    (algebra,) = week(told, "/marks", BORIS, who=OLGA)["subjects"]
    assert (algebra["average"], algebra["count"]) == (None, 0)
    (mark,) = algebra["marks"]
    assert (mark["values"], mark["was"][0]["values"]) == ([], ["2"])


def test_two_lessons_missed_on_one_day_are_two(told: Running) -> None:
    found = week(told, "/attendance")
    assert found["totals"] == {"lessons": 2, "present": 0, "absent": 1, "late": 1}
    assert [lesson["number"] for lesson in found["days"][0]["lessons"]] == [2, 3]


def test_the_history_of_a_work_says_who_when_before_and_after(told: Running) -> None:
    entries = get(told, f"/history/{TEST}", OLGA)["entries"]
    change = next(entry for entry in entries if entry["type"] == MarkCorrected.TYPE)
    assert (change["by"], change["before"], change["after"]) == (str(OLGA), {"values": ["4"]}, {"values": ["5"]})
    assert change["reason"] == "не так сосчитано"


def test_a_family_sees_of_a_history_what_is_its_childs(told: Running) -> None:
    entries = get(told, f"/history/{TEST}", PAVEL)["entries"]
    assert {entry["pupil_id"] for entry in entries} == {str(ANNA)}


@pytest.mark.parametrize("path", ["/diary", "/marks", "/attendance"])
def test_nobody_else_sees_the_child(told: Running, path: str) -> None:
    assert week(told, path, who=MARIA, status=404)["code"] == "not-found"
    assert week(told, path, BORIS, who=PAVEL, status=404)["code"] == "not-found"


def test_a_strangers_history_is_as_if_it_were_not_there(told: Running) -> None:
    get(told, f"/history/{TEST}", MARIA, status=404)
    get(told, f"/history/{id_of('nothing')}", MARIA, status=404)


def test_a_range_that_ends_before_it_begins_is_named(told: Running) -> None:
    problem = get(told, "/diary", pupil_id=ANNA, first=day(19), last=day(13), status=422)
    assert problem["errors"][0]["code"] == "reporting.range-reversed"


def rows(running: Running) -> dict[str, list[tuple[Any, ...]]]:
    with connect(running.settings, "reporting", "worker") as conn:
        return {
            table: conn.execute(f"SELECT * FROM {table} t ORDER BY t::text".encode()).fetchall()
            for table in (*diary.TABLES, "history_entries")
        }


def test_however_the_sources_are_shuffled_the_rows_are_the_same(told: Running) -> None:
    expected, seed = rows(told), 20211
    dice = random.Random(seed)
    for _ in range(25):
        left = {source: list(events) for source, events in streams().items()}
        batches = []
        while any(left.values()):
            source = dice.choice([name for name, events in left.items() if events])
            size = dice.randint(1, 3)
            batches.append(left[source][:size])
            left[source] = left[source][size:]
        project(told, batches)
        assert rows(told) == expected, f"seed {seed}"


def test_a_substitute_teacher_is_named_in_the_lesson(told: Running) -> None:
    days = get(told, "/diary", pupil_id=ANNA, first=day(8), last=day(8))["days"]
    second = next(lesson for lesson in days[0]["lessons"] if lesson["number"] == 2)
    assert (second["teacher_id"], second["substituted"]) == (str(IGOR), True)


def test_an_open_journal_is_told_of_its_own_group_and_of_no_other(told: Running) -> None:
    address = f"/live?group_id={ALGEBRA}"
    with told.http.stream("GET", address, headers=told.headers(OLGA)) as page:
        lines = (line for line in page.iter_lines() if line.startswith(("event:", "data:")))
        first = [next(lines), next(lines)]
        assert first == ["event: group", f'data: {{"group_id": "{ALGEBRA}"}}']
        with connect(told.settings, "reporting", "worker") as worker:
            names = {type(one.event): set(diary.touched(worker, [one])) for one in streams()["grades"]}
            assert names[MarksGiven] > {str(ALGEBRA)} and names[MarkRemoved] == {str(BORIS), str(ALGEBRA)}
            assert set(diary.touched(worker, received([ROLL]))) == {str(ANNA), str(BORIS), str(ALGEBRA)}
            live.tell(worker, [str(id_of("another group"))])
            live.tell(worker, names[MarksGiven])
        assert [next(lines), next(lines)] == first


def test_who_may_not_see_a_group_does_not_follow_it(told: Running) -> None:
    for stranger in (PAVEL, ANNA, MARIA):
        get(told, "/live", stranger, 404, group_id=ALGEBRA)
    with told.http.stream("GET", f"/live?group_id={ALGEBRA}", headers=told.headers(IGOR)) as page:
        assert page.status_code == 200  # he stood in for its teacher a week ago
    get(told, "/live", PAVEL, 404, pupil_id=ANNA, group_id=ALGEBRA)
