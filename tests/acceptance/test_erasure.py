"""A person's data destroyed for good (152-FZ): nothing that named him is left in stores, topics or logs."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Browser, expect

from deploy.demo.people import Visitor
from tests.acceptance.at_rest import hits
from tests.acceptance.browsing import PICTURES, opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.test_audit import verified
from tests.acceptance.test_messages_and_notices import opening
from tests.acceptance.town import Town

ON = date(2022, 4, 13)
TAG = uuid4().hex[:8]
OF_PETYA = {"family": f"Стирайкин{TAG}", "given": f"Пётр{TAG}", "middle": f"Олегович{TAG}", "number": f"91{TAG}",
            "comment": f"похвала {TAG}", "reason": f"опечатка {TAG}", "note": f"записка {TAG}"}  # fmt: skip
OF_OLGA = {"family": f"Забывалова{TAG}", "given": f"Ольга{TAG}", "mail": f"olga.{TAG}@home.example",
           "phone": f"+7900{TAG}", "subject": f"просьба {TAG}", "letter": f"письмо {TAG}",
           "consent": f"letters.{TAG}@home.example"}  # fmt: skip
ACT = "12 от 29.11.2026"


@pytest.fixture(scope="module")
def written(diary: Diary) -> Iterator[tuple[Town, Person, Person]]:
    """A town whose Petya and Olga left words everywhere, and then went away. With the teacher and the officer."""
    town = Town(diary)
    rows = town.files(
        "users.csv",
        ("petya,,,true,petya,,Пётр,Ёлкин,Олегович,101,",
         f"petya,,,true,petya,,{OF_PETYA['given']},{OF_PETYA['family']},{OF_PETYA['middle']},{OF_PETYA['number']},"),
        ("olga,,,true,olga,,Ольга,Ёлкина,,801,,,,",
         f"olga,,,true,olga,,{OF_OLGA['given']},{OF_OLGA['family']},,801,{OF_OLGA['mail']},,{OF_OLGA['phone']},"),
    )  # fmt: skip
    town.imported(rows)
    town.scheduled()
    petya = str(town.person("petya"))
    with town.signed_in("anna") as anna, town.signed_in("lev") as lev, town.signed_in("olga") as olga:
        work = town.open_work(anna, ON)
        mark = {"marks": [{"pupil_id": petya, "value": "3", "comment": OF_PETYA["comment"]}]}
        anna.did("POST", "grades", f"/works/{work}/marks", mark)
        correction = {"pupil_id": petya, "value": "4", "reason": OF_PETYA["reason"]}
        anna.did("POST", "grades", f"/works/{work}/corrections", correction)
        anna.did("PUT", "attendance", town.roll(ON), {"entries": [{"pupil_id": petya, "state": "absent"}]})
        said = {"pupil_id": petya, "state": "late", "minutes": 5, "note": OF_PETYA["note"]}
        anna.did("POST", "attendance", f"{town.roll(ON)}/corrections", said)
        letter = opening(town, anna.person_id) | {"subject": OF_OLGA["subject"], "text": OF_OLGA["letter"]}
        olga.did("POST", "messaging", "/conversations", letter)
        olga.did("POST", "notify", "/consents", {"channel": "email", "address": OF_OLGA["consent"]})
        shown = {"pupil_id": petya, "first": ON, "last": ON}
        until(lambda: OF_PETYA["note"] in olga.get("reporting", "/diary", **shown).text)
        until(lambda: OF_PETYA["family"] in anna.get("roster", "/persons", query="Стирай").text)
        yield town, anna, lev


def _leave(town: Town) -> None:
    """They have no role any more; the district's system still exports them."""
    files = town.files("roles.csv", ("r3,,,petya,primary,student,,,S,\n", ""), ("r5,,,olga,primary,parent,,,S,\n", ""))
    users, enrolments = str(town.files()["users.csv"]), str(files["enrollments.csv"])
    files["users.csv"] = users.replace(",olga,7,", ",,7,").replace(",,,petya,,", ",,,,,")
    files["enrollments.csv"] = "".join(line for line in enrolments.splitlines(True) if ",petya," not in line)
    town.imported(files)


def test_e_03_whoever_still_has_a_role_is_not_erased_by_mistake(written: tuple[Town, Person, Person]) -> None:
    town, anna, lev = written
    petya = town.person("petya")
    refused = lev.send("POST", "roster", f"/persons/{petya}/erasure", {"act": ACT})
    assert (refused.status_code, refused.json()["code"]) == (409, "roster.still-here")
    assert anna.send("POST", "roster", f"/persons/{petya}/erasure", {"act": ACT}).status_code == 403
    nobody = lev.send("POST", "roster", f"/persons/{uuid4()}/erasure", {"act": ACT})
    assert (nobody.status_code, nobody.json()["code"]) == (404, "roster.nobody-to-erase")
    wrong = lev.send("POST", "roster", f"/persons/{petya}/erasure", {"act": ""})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/act")


def test_e_03_of_an_erased_person_nothing_is_left_anywhere(diary: Diary, written: tuple[Town, Person, Person]) -> None:
    town, anna, lev = written
    values = [*OF_PETYA.values(), *OF_OLGA.values()]
    assert set(hits(diary, values)) >= {OF_PETYA["family"], OF_PETYA["comment"], OF_OLGA["letter"]}, "the scan can see"
    _leave(town)
    petya, olga = town.person("petya"), town.person("olga")
    for person in (petya, olga):
        path, key = f"/persons/{person}/erasure", uuid4()
        erased = lev.send("POST", "roster", path, {"act": ACT}, key)
        assert erased.status_code == 200, erased.text
        assert lev.send("POST", "roster", path, {"act": ACT}, key).content == erased.content, "the first answer again"
    acts = until(lambda: _destroyed(lev, petya, olga))
    assert {act["act"] for act in acts} == {ACT} and {act["by"] for act in acts} == {str(lev.person_id)}

    assert until(lambda: not hits(diary, values), seconds=150), hits(diary, values)
    assert anna.read("roster", "/persons", query="Стирай") == []
    # a process remembers keys for half a minute; what was decided stays, without its words
    assert until(lambda: _mark(town, anna)["comment"] is None) and _mark(town, anna)["values"] == ["4"]
    assert until(lambda: verified(diary, "roster")[0] == 0), "the log is unchanged: only the keys have gone"

    town.imported(_with_grade(town))  # a bundle that still names them brings nothing back
    assert anna.read("roster", "/persons", query="Стирай") == []
    assert not hits(diary, values)
    again = lev.send("POST", "roster", f"/persons/{petya}/erasure", {"act": "13 от 30.11.2026"})
    assert (again.status_code, again.json()["events"]) == (200, []), "it is so already"
    assert {act["act"] for act in _destroyed(lev, petya, olga)} == {ACT}


def _mark(town: Town, anna: Person) -> dict[str, Any]:
    journal = anna.read("grades", "/journal", group_id=town.group("7A"), first=ON, last=ON)
    (mark,) = [m for work in journal["works"] for m in work["marks"]]
    return dict(mark)


def _with_grade(town: Town) -> Any:
    """The bundle as it was at the beginning, in which somebody else has changed."""
    return town.files("users.csv", ("101,,,,olga,7,", "101,,,,,8,"), (",801,,,,petya,,", ",801,,,,,,"))


def _destroyed(lev: Person, *people: UUID) -> list[dict[str, Any]]:
    acts = [act for act in lev.read("roster", "/erasures") if act["person_id"] in set(map(str, people))]
    return acts if len(acts) == len(people) and all(act["key_destroyed_at"] for act in acts) else []


def test_e_03_an_officer_prints_the_act_with_the_extract_of_the_log(diary: Diary, browser: Browser) -> None:
    town, act = Town(diary), "14 от 29.11.2026"
    town.imported(town.files())
    petya = town.person("petya")
    with town.signed_in("lev") as lev:
        _leave(town)
        lev.did("POST", "roster", f"/persons/{petya}/erasure", {"act": act})
        until(lambda: _destroyed(lev, petya))
    with opened(browser, diary.url, Visitor("", f"lev.{town.name}", "")) as page:
        page.get_by_role("link", name="Уничтожение данных").click()
        page.get_by_role("link", name=act).click()
        sheet = page.get_by_role("article")
        expect(sheet.get_by_role("heading")).to_have_text(f"Акт об уничтожении персональных данных № {act}")
        for said in (str(petya), f"Город {town.name}", "Окружной Лев", "Уничтожен ключ шифрования"):
            expect(sheet).to_contain_text(said)
        expect(sheet).not_to_contain_text("Ёлкин")
        expect(page.get_by_role("button", name="Напечатать акт")).to_be_enabled()
        picture(page, "erasure-act")
        page.emulate_media(media="print")
        expect(page.get_by_role("banner")).to_be_hidden()
        expect(page.get_by_role("button", name="Напечатать акт")).to_be_hidden()
        expect(sheet).to_be_visible()
        page.pdf(path=PICTURES / "erasure-act.pdf", format="A4")
