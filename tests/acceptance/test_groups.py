"""Groups that are no classes: halves of a class at one hour, several classes in one, an elective, one pupil at home."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.places import TODAY
from tests.acceptance.town import BELLS, LESSON_OF, TIMETABLE, Town, inhabitant

CLASSES = "7R,,,7-е классы русский язык,,RUS,,scheduled,16,S,Y,,,\n"
HALVES = "".join(f"{id_},,,{title},,MAT,,scheduled,{room},S,Y,,,\n" for id_, title, room in (
    ("7A1", "7А английский язык (группа 1)", "21"), ("7A2", "7А английский язык (группа 2)", "22"),
    ("CHESS", "Шахматы", "30"), ("HOME", "Обучение на дому", "0"),
))  # fmt: skip
LAST = "e7,,,7R,S,vera,student,false,,\n"
ENROLLED = "".join(f"{line}\n" for line in (
    "h1,,,7A1,S,anna,teacher,true,,", "h2,,,7A1,S,petya,student,false,,",
    "h3,,,7A2,S,oleg,teacher,true,,", "h4,,,7A2,S,vera,student,false,,",
    "h5,,,CHESS,S,oleg,teacher,true,,", "h6,,,CHESS,S,petya,student,false,2022-05-25,2022-05-31",
    "h7,,,HOME,S,anna,teacher,true,,", "h8,,,HOME,S,petya,student,false,,",
))  # fmt: skip
MORE = "".join(f"{group},{day},{number},,2021-09-01,2022-05-31\n" for group, number in (
    ("7A1", 4), ("7A2", 4), ("CHESS", 5), ("HOME", 6),
) for day in range(1, 6))  # fmt: skip
HOURS = "S,4,11:20,12:05\nS,5,12:15,13:00\nS,6,13:10,13:55\n"
NUMBERS = LESSON_OF | {"7A1": 4, "7A2": 4, "CHESS": 5, "HOME": 6}


@pytest.fixture(scope="module")
def place(diary: Diary) -> Town:
    town = Town(diary)
    files = town.files("classes.csv", (CLASSES, CLASSES + HALVES))
    files |= {"enrollments.csv": town.files("enrollments.csv", (LAST, LAST + ENROLLED))["enrollments.csv"]}
    town.imported(files)
    town.scheduled(TIMETABLE + MORE, BELLS + HOURS)
    return town


anna = inhabitant("anna")
oleg = inhabitant("oleg")
olga = inhabitant("olga")
"""Mother of Petya."""


def lessons(by: Person, place: Town, on: date = TODAY) -> list[tuple[int, str]]:
    """Number and group of Petya's lessons of the day."""
    asked: dict[str, Any] = {"pupil_id": place.person("petya"), "first": on, "last": on}
    (day,) = by.read("reporting", "/diary", **asked)["days"]
    return [(one["number"], one["title"]) for one in day["lessons"]]


def test_e_02_a_pupil_has_his_half_the_mixed_group_and_his_own_hours(place: Town, olga: Person) -> None:
    seen = until(lambda: found if len(found := lessons(olga, place)) == 5 else None)
    assert seen == [
        (1, "7А математика"), (3, "7-е классы русский язык"), (4, "7А английский язык (группа 1)"), (5, "Шахматы"),
        (6, "Обучение на дому"),
    ]  # fmt: skip


def test_e_02_an_elective_is_his_from_the_day_he_joined(place: Town, olga: Person) -> None:
    until(lambda: (5, "Шахматы") in lessons(olga, place))
    assert (5, "Шахматы") not in lessons(olga, place, TODAY - timedelta(days=1))


def test_e_02_each_half_is_taught_and_marked_apart(place: Town, anna: Person, oleg: Person, olga: Person) -> None:
    mine, other = place.group("7A1"), place.group("7A2")
    petya, vera = str(place.person("petya")), str(place.person("vera"))
    path = f"/rolls/{mine}/{TODAY}/{NUMBERS['7A1']}"
    stranger = anna.send("PUT", "attendance", path, {"entries": [{"pupil_id": vera, "state": "absent"}]})
    assert stranger.json()["errors"][0]["code"] == "attendance.pupil-not-in-group"
    anna.did("PUT", "attendance", path, {"entries": [{"pupil_id": petya, "state": "late", "minutes": 5}]})
    oleg.did("PUT", "attendance", f"/rolls/{other}/{TODAY}/{NUMBERS['7A2']}", {"entries": []})
    assert oleg.get("grades", "/journal", group_id=mine, first=TODAY, last=TODAY).status_code in (403, 404)

    def late() -> Any:
        asked: dict[str, Any] = {"pupil_id": petya, "first": TODAY, "last": TODAY}
        (day,) = olga.read("reporting", "/diary", **asked)["days"]
        return [one["title"] for one in day["lessons"] if one["attendance"] and one["attendance"]["state"] == "late"]

    assert until(late) == ["7А английский язык (группа 1)"]
