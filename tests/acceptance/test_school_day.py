"""Some days of a little district, played as the demo and the benches play theirs: what was accepted is in the diary."""

import asyncio
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deploy.demo.day import journal
from deploy.demo.day.bundle import District, read
from deploy.demo.day.lesson import Command, Life
from deploy.demo.day.player import Pace, Player, Report
from deploy.demo.day.ways import Signed, Straight, Way
from deploy.demo.people import PASSWORD
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.town import BELLS, TIMETABLE, Town, founded, packed

FIRST, LAST = date(2022, 5, 11), date(2022, 5, 17)
DAYS = [date(2022, 5, day) for day in (11, 12, 13, 16, 17)]


@pytest.fixture(scope="module")
def hamlet(diary: Diary) -> Town:
    return founded(diary)


@pytest.fixture(scope="module")
def district(hamlet: Town, tmp_path_factory: pytest.TempPathFactory) -> District:
    """As the player reads it: the very files that were imported."""
    folder: Path = tmp_path_factory.mktemp("hamlet")
    (folder / "oneroster.zip").write_bytes(packed(hamlet.files()))
    (folder / "timetable.csv").write_text(TIMETABLE, encoding="utf-8")
    (folder / "bells.csv").write_text(BELLS, encoding="utf-8")
    return read(folder)


@pytest.fixture(scope="module")
def commands(district: District) -> list[Command]:
    life = Life(district, seed=3)
    days = (journal.day(life, on, corrected=None if n else ()) for n, on in enumerate(DAYS))
    return [command for day in days for command in day]


@pytest.fixture(scope="module")
def mother(hamlet: Town) -> Iterator[Person]:
    with hamlet.signed_in("olga") as person:
        yield person


def played(diary: Diary, district: District, commands: list[Command], way: Way | None = None) -> Report:
    player = Player(way or Straight.into(diary.stack.folder, diary.stack.ports), Pace(workers=4), district.name)
    return asyncio.run(player.play(commands, learning=True))


def lessons(mother: Person, pupil: object) -> dict[tuple[str, int], dict[str, Any]]:
    """The child's lessons of the days by day and number."""
    shown = mother.read("reporting", "/diary", pupil_id=pupil, first=FIRST, last=LAST)
    return {(day["on"], lesson["number"]): lesson for day in shown["days"] for lesson in day["lessons"]}


def test_what_was_accepted_is_in_the_diary(
    diary: Diary, hamlet: Town, district: District, commands: list[Command], mother: Person
) -> None:
    report = played(diary, district, commands)
    assert not report.refused and report.accepted.total() == len(commands) > 40
    petya = str(hamlet.person("petya"))
    sent = [c for c in commands if c.kind == "marks" and c.body and petya in {m["pupil_id"] for m in c.body["marks"]}]
    assert sent

    def there() -> dict[tuple[str, int], dict[str, Any]]:
        found = lessons(mother, petya)
        marked = sum(len(lesson["marks"]) for lesson in found.values())
        full = all(lesson["attendance"] and lesson["topic"] for lesson in found.values())
        return found if full and marked == len(sent) else {}

    found = until(there)
    assert len(found) == 2 * len(DAYS)  # 7A in the first lesson, both classes in the third
    for command in sent:
        assert command.body
        given = next(mark["value"] for mark in command.body["marks"] if mark["pupil_id"] == petya)
        _, on, number = command.lane.split("/")
        marks = found[on, int(number)]["marks"]
        assert given in {value for mark in marks for value in mark["values"]} | {
            value for mark in marks for was in mark["was"] for value in was["values"]
        }


def test_the_teachers_are_who_wrote_it(diary: Diary, hamlet: Town, district: District, commands: list[Command]) -> None:
    played(diary, district, commands)
    query = {"group_id": str(hamlet.group("7A")), "first": FIRST.isoformat(), "last": LAST.isoformat()}
    rolls = diary.operator.get("attendance", "/journal", **query)["rolls"]
    assert len(rolls) == len(DAYS)
    assert {roll["by"] for roll in rolls} == {str(hamlet.person("anna"))}


def test_played_again_from_the_beginning_it_changes_nothing(
    diary: Diary, hamlet: Town, district: District, commands: list[Command], mother: Person
) -> None:
    played(diary, district, commands)
    petya = hamlet.person("petya")
    before = until(lambda: lessons(mother, petya))
    report = played(diary, district, commands)
    assert not report.refused and report.accepted.total() == len(commands)
    assert lessons(mother, petya) == before


def test_through_the_portal_teachers_sign_in_as_people_do(diary: Diary, hamlet: Town, district: District) -> None:
    on = date(2022, 5, 18)
    today = journal.day(Life(district, seed=3), on, corrected=())
    way = Signed(diary.url, diary.operator, PASSWORD)
    report = played(diary, district, today, way)
    assert not report.refused and report.accepted.total() == len(today)
    query = {"group_id": str(hamlet.group("7R")), "first": on.isoformat(), "last": on.isoformat()}
    (roll,) = diary.operator.get("attendance", "/journal", **query)["rolls"]
    assert roll["by"] == str(hamlet.person("oleg"))
