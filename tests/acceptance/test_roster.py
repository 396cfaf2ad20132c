"""Who is who: search, enrolment with dates, family ties and what they open, sign-ins, who may change the journal."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from deploy.demo.people import PASSWORD, TEACHER
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, outsider, submit, until
from tests.acceptance.places import ALGEBRA, PETER, TODAY, mark, open_work
from tests.acceptance.refusals import refused
from tests.acceptance.town import Town, differences, founded

MOVED_ON = date(2022, 5, 23)


def found(person: Person, query: str) -> list[tuple[str, str | None]]:
    return [(row["name"], row["identifier"]) for row in person.read("roster", "/persons", query=query)]


def test_n_02_a_pupil_is_found_by_the_beginning_of_the_surname_in_any_letter_case(administrator: Person) -> None:
    assert ("Nash Peter Ivan", "604918") in found(administrator, "nash")
    assert ("Nash Peter Ivan", "604918") in found(administrator, "NAS")
    assert found(administrator, "ash peter") == []


def test_n_02_a_pupil_is_found_by_his_number(administrator: Person, teacher: Person) -> None:
    assert found(administrator, "604918") == found(teacher, "604918") == [("Nash Peter Ivan", "604918")]
    assert found(administrator, "60491") == []


def test_n_02_yo_is_found_as_ye(inna: Person) -> None:
    for typed in ("ёлкин", "Елкин", "ЁЛКИН"):
        assert ("Ёлкин Пётр Олегович", "101") in found(inna, typed)


def test_n_02_the_search_finds_only_whom_the_asker_may_see(
    administrator: Person, anna: Person, olga: Person, parent: Person
) -> None:
    assert found(olga, "Жуков") == found(anna, "Жуков") == []
    assert found(parent, "nash") == [("Nash Peter Ivan", "604918"), ("Nash Tameka", "777901")]
    assert found(administrator, "Ёлкин") == []


@pytest.fixture(scope="module")
def other_town(diary: Diary) -> Town:
    """One whose roster these tests change."""
    return founded(diary)


def moved(town: Town) -> dict[str, str | bytes]:
    """Petya goes from 7A to 7B."""
    return town.files(
        "enrollments.csv",
        (
            "e3,,,7A,S,petya,student,false,2021-09-01,2022-05-31",
            "e3,,,7A,S,petya,student,false,2021-09-01,2022-05-22\ne8,,,7B,S,petya,student,false,2022-05-23,2022-05-31",
        ),
    )


def groups_by_day(person: Person, pupil: UUID) -> dict[str, set[str]]:
    """In which classes' lessons the pupil's diary has him, on the days around the change."""
    days = person.read("reporting", "/diary", pupil_id=pupil, first="2022-05-20", last="2022-05-24")["days"]
    return {day["on"]: {lesson["title"] for lesson in day["lessons"]} for day in days if day["lessons"]}


def test_b_09_a_pupil_changes_class_on_a_date_and_only_that_makes_events(other_town: Town) -> None:
    town = other_town
    petya = town.person("petya")
    with town.signed_in("anna") as anna, town.signed_in("oleg") as oleg, town.signed_in("olga") as olga:
        town.give(anna, date(2022, 5, 20), "4")
        until(lambda: olga.read("reporting", "/marks", pupil_id=petya, first="2022-05-20", last=TODAY)["subjects"])
        assert differences(town.imported(moved(town))) == {"enrolments": {"changed": 2}}
        russian = "7-е классы русский язык"
        until(lambda: "7Б математика" in groups_by_day(olga, petya)["2022-05-23"])
        assert groups_by_day(olga, petya) == {
            "2022-05-20": {"7А математика", russian},
            "2022-05-23": {"7Б математика", russian},
            "2022-05-24": {"7Б математика", russian},
        }
        until(lambda: _told_not_in_class(town, anna, MOVED_ON))
        town.give(anna, date(2022, 5, 20), "5")
        work = town.open_work(oleg, MOVED_ON, group="7B")
        until(lambda: oleg.send("POST", "grades", f"/works/{work}/marks", {"marks": [mark(petya, "3")]}).is_success)
        table = until(lambda: _three_marks(olga, petya))
    assert [row["values"] for row in table["subjects"][0]["marks"]] == [["4"], ["5"], ["3"]]


def _told_not_in_class(town: Town, teacher: Person, on: date) -> bool:
    work = town.open_work(teacher, on)
    marks = {"marks": [mark(town.person("petya"), "5")]}
    answer = teacher.send("POST", "grades", f"/works/{work}/marks", marks)
    return bool(answer.status_code == 422 and answer.json()["code"] == "grades.pupil-not-in-class")


def _three_marks(person: Person, pupil: UUID) -> Any:
    table = person.read("reporting", "/marks", pupil_id=pupil, first="2022-05-20", last=TODAY)
    return table if table["overall"]["count"] == 3 else None


def test_b_09_the_same_bundle_again_changes_nothing(other_town: Town) -> None:
    other_town.imported(moved(other_town))
    again = other_town.imported(moved(other_town))
    assert (again["state"], differences(again)) == ("unchanged", {})


def test_b_09_a_dry_run_tells_the_difference_and_changes_nothing(diary: Diary) -> None:
    town = Town(diary)
    town.imported(town.files())
    with town.signed_in("lev") as lev:
        until(lambda: lev.read("roster", "/me")["roles"])
        for _ in range(2):
            answer = town.upload(lev, moved(town), dry_run="true")
            assert (answer["state"], differences(answer)) == ("checked", {"enrolments": {"changed": 2}})


def test_b_09_a_headmistress_may_not_import_the_whole_district(town: Town, inna: Person) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="403"):
        town.upload(inna, moved(town))


def pages(person: Person, pupil: UUID) -> list[httpx.Response]:
    """Everything there is about a child."""
    days = {"pupil_id": pupil, "first": "2022-05-01", "last": "2022-05-31"}
    live = {"pupil_id": str(pupil)}
    with person.http.stream("GET", f"{person.url}/api/reporting/live", params=live) as opened:
        return [
            *(person.get("reporting", path, **days) for path in ("/diary", "/marks", "/attendance")),
            person.get("roster", f"/persons/{pupil}"),
            person.get("lessons", "/week", **{**days, "first": "2022-05-23"}),
            opened,
        ]


def test_b_10_a_parent_without_the_tie_sees_nothing_of_the_child(town: Town, nina: Person, olga: Person) -> None:
    petya = town.person("petya")
    assert {answer.status_code for answer in pages(nina, petya)} == {404}
    assert {answer.status_code for answer in pages(olga, petya)} == {200}
    told = pages(nina, petya)[0].json()
    assert told["detail"] == pages(nina, uuid4())[0].json()["detail"], "whether there is such a child is not told"


def test_b_10_a_tie_withdrawn_ends_access_and_the_open_page_within_seconds(diary: Diary) -> None:
    town = founded(diary)
    petya = town.person("petya")
    with town.signed_in("olga") as olga:
        days = {"pupil_id": petya, "first": "2022-05-23", "last": "2022-05-29"}
        until(lambda: olga.get("reporting", "/diary", **days).is_success)
        withdrawn = town.files("users.csv", (",olga,7,", ",,7,"), ("801,,,,petya,,", "801,,,,,,"))
        with olga.following(petya) as live:
            assert differences(town.imported(withdrawn)) == {"families": {"changed": 1}}
            until(lambda: olga.get("reporting", "/diary", **days).status_code == 404, seconds=10)
            heard = len(live.events)
            with town.signed_in("anna") as anna:
                town.give(anna, date(2022, 5, 23), "2")
            assert not [data for event, data in live.events[heard:] if event == "reporting"]
        assert until(lambda: {answer.status_code for answer in pages(olga, petya)} == {404})
        assert olga.read("roster", "/me")["children"] == []


def test_i_06_sign_ins_are_logged_failed_ones_too(diary: Diary, teacher: Person) -> None:
    with outsider() as http:
        page = http.get(f"{diary.url}/auth/sign-in", params={"return_to": "/"})
        wrong = submit(http, diary.url, page.text, TEACHER.login, PASSWORD + "!")
        assert http.get(f"{diary.url}/auth/session").status_code == 401
        assert "password" in wrong.text
    outcomes = [row["outcome"] for row in teacher.read("identity", "/sign-ins")]
    assert outcomes[0] == "wrong-password"
    assert "signed-in" in outcomes


def test_i_06_only_the_authorised_change_the_journal(
    town: Town, anna: Person, olga: Person, teacher: Person, parent: Person, pupil: Person
) -> None:
    work = open_work(teacher)
    body = {"marks": [mark(PETER, "100")]}
    for person in (parent, pupil, olga, anna):
        assert person.send("POST", "grades", f"/works/{work}/marks", body).status_code in (403, 404)
        roll = person.send("PUT", "attendance", f"/rolls/{ALGEBRA}/2022-01-10/2", {"entries": []})
        assert roll.status_code in (403, 404)
    journal = teacher.read("grades", "/journal", group_id=ALGEBRA, first=TODAY, last=TODAY)
    assert next(row for row in journal["works"] if row["work_id"] == str(work))["marks"] == []
    told = refused(parent, "POST", "grades", f"/works/{work}/marks", body)
    assert (told.ru, told.en) == ("На это у вас нет прав.", "You have no right to do this.")
