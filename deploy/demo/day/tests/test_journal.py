"""A day's commands of the published district."""

from collections import Counter, defaultdict
from datetime import date

import pytest

from deploy.demo import grandbend
from deploy.demo.day import journal
from deploy.demo.day.bundle import District, read
from deploy.demo.day.lesson import Command, Life

ON = date(2022, 5, 19)


@pytest.fixture(scope="module")
def district() -> District:
    return read(grandbend.HERE)


@pytest.fixture(scope="module")
def commands(district: District) -> list[Command]:
    return journal.day(Life(district), ON, reads=0.2)


def test_every_lesson_has_one_roll_of_its_own_teacher_before_its_marks(
    district: District, commands: list[Command]
) -> None:
    lessons = [(slot, school) for school in district.schools.values() for slot in school.lessons(ON)]
    rolls = {command.lane: command for command in commands if command.kind == "roll"}
    assert len(rolls) == sum(command.kind == "roll" for command in commands) > 200
    for slot, school in lessons:
        group = school.groups[slot.group]
        teacher = group.teacher(ON.isoformat())
        if teacher and group.members(ON.isoformat()):
            assert rolls[f"{group.name}/{ON}/{slot.number}"].actor == district.id("users", teacher)
    at: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for command in commands:
        if command.kind in ("roll", "work", "marks"):
            at[command.lane].append((command.at, command.kind))
    for said in at.values():
        kinds = [kind for _, kind in sorted(said)]
        assert kinds[0] == "roll"
        assert kinds[1:] == ["work", "marks"] * (len(kinds) // 2) or Counter(kinds[1:])["work"] == 2


def test_each_lesson_with_a_next_one_has_a_word_on_homework_that_is_due_later(commands: list[Command]) -> None:
    tasks = [command for command in commands if command.kind == "homework"]
    assert len(tasks) > 0.9 * sum(command.kind == "roll" for command in commands)
    due = [command.body["due"]["on"] for command in tasks if command.body and command.body["task"]]
    assert due and min(due) >= ON.isoformat()
    late = [command for command in tasks if command.at > 18 * 60]
    assert 0 < len(late) < 0.1 * len(tasks)


def test_what_is_played_later_is_not_due_on_that_very_day(district: District) -> None:
    friday = date(2022, 5, 20)
    made = journal.day(Life(district), ON, played=friday)
    due = [c.body["due"]["on"] for c in made if c.kind == "homework" and c.body and c.body["task"]]
    assert due and friday.isoformat() not in due


def test_commands_are_named_once_and_stand_in_order_of_time(commands: list[Command]) -> None:
    assert max(Counter(command.once for command in commands).values()) == 1
    assert [command.at for command in commands] == sorted(command.at for command in commands)
    position = {command.once: n for n, command in enumerate(commands)}
    assert all(position[command.needs] < n for n, command in enumerate(commands) if command.needs in position)


def test_a_pupil_who_is_away_gets_no_marks(commands: list[Command]) -> None:
    away = {
        (command.lane, entry["pupil_id"])
        for command in commands
        if command.kind == "roll" and command.body
        for entry in command.body["entries"]
        if entry.get("reason") in ("illness", "family", "competition", "unexcused")
    }
    marked = {
        (command.lane, mark["pupil_id"])
        for command in commands
        if command.kind == "marks" and command.body
        for mark in command.body["marks"]
    }
    assert away and marked and not away & marked


def test_lessons_ask_some_and_tests_ask_all(commands: list[Command]) -> None:
    sizes: dict[str, list[int]] = defaultdict(list)
    kind_of = {c.body["work_id"]: c.body["kind"] for c in commands if c.kind == "work" and c.body}
    for command in commands:
        if command.kind == "marks" and command.body:
            sizes[kind_of[command.path.split("/")[2]]].append(len(command.body["marks"]))
    assert max(sizes["lesson"]) <= 6
    assert max(sizes["test"]) > 8
    assert sizes["homework"]


def test_one_mark_in_a_hundred_is_put_right_on_the_next_day_to_what_it_should_have_been(district: District) -> None:
    life = Life(district)
    given: dict[tuple[str, str], str] = {}
    corrected = 0
    for on in district.school_days(ON, 8):
        for command in journal.day(life, on):
            if command.kind == "marks" and command.body:
                given |= {(command.path, mark["pupil_id"]): mark["value"] for mark in command.body["marks"]}
            elif command.kind == "mark-correction" and command.body and command.needs:
                was = given.get((command.path.replace("corrections", "marks"), command.body["pupil_id"]))
                assert was != command.body["value"] and command.body["reason"]
                corrected += was is not None
    assert 0.004 < corrected / len(given) < 0.018


def test_the_same_day_again_is_the_same_commands_whatever_was_asked_before(
    district: District, commands: list[Command]
) -> None:
    life = Life(district)
    journal.day(life, date(2022, 5, 24))
    assert journal.day(life, ON, reads=0.2) == commands
    assert journal.day(Life(district, seed=2), ON, reads=0.2) != commands


def test_only_named_groups_are_taught_and_corrected(district: District, commands: list[Command]) -> None:
    group = next(command.lane for command in commands if command.kind == "roll").split("/")[0]
    some = journal.day(Life(district), ON, [group], [])
    assert some and {command.lane.split("/")[0] for command in some if command.kind != "letter"} == {group}
    assert not any("correction" in command.kind for command in some)


def test_marks_are_written_in_the_schools_own_scale(district: District) -> None:
    for command in journal.day(Life(district, scales=dict.fromkeys(district.schools, "hundred")), ON):
        if command.kind == "marks" and command.body:
            assert all(60 <= int(mark["value"]) <= 100 for mark in command.body["marks"])
