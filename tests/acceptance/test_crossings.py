"""A mother of two is told of both in one feed: below her own threshold for one of them, and when marks decline."""

from datetime import date

import pytest
from playwright.sync_api import Browser, expect

from deploy.demo.people import Visitor
from tests.acceptance.browsing import NARROW, PHONE, opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.test_browser_pages import findings, settled
from tests.acceptance.town import Town, inhabitant


@pytest.fixture(scope="module")
def place(diary: Diary) -> Town:
    """Where Vera is Olga's child too."""
    town = Town(diary)
    hers = (("Ольга,Ёлкина,,801,,,,petya", 'Ольга,Ёлкина,,801,,,,"petya,vera"'), ("102,,,,nina", '102,,,,"nina,olga"'))
    town.imported(town.files("users.csv", *hers))
    town.scheduled()
    return town


olga = inhabitant("olga")
"""Mother of Petya and Vera."""
oleg = inhabitant("oleg")
"""Who teaches both children Russian."""


def marked(place: Town, by: Person, on: date, group: str = "7R", **values: str) -> None:
    """A column with marks of these pupils."""
    work = place.open_work(by, on, group)
    marks = [{"pupil_id": str(place.person(pupil)), "value": value} for pupil, value in values.items()]
    by.did("POST", "grades", f"/works/{work}/marks", {"marks": marks})


def told(by: Person, *kinds: str) -> list[str]:
    return sorted(one["text"] for one in by.read("notify", "/feed")["notices"] if one["kind"] in kinds)


@pytest.mark.browser
def test_b_11_a_parents_own_threshold_for_a_child_fires_when_it_is_crossed(
    diary: Diary, place: Town, olga: Person, oleg: Person, browser: Browser
) -> None:
    marked(place, oleg, date(2022, 5, 19), petya="4", vera="4")
    with opened(browser, diary.url, Visitor("", f"olga.{place.name}", ""), PHONE) as mother:
        mother.goto(f"{diary.url}/settings")
        form = mother.get_by_role("form", name="Ёлкин Пётр")
        field = form.get_by_label("Сообщать, если ниже")
        field.fill("три с половиной")
        field.press("Enter")
        expect(form).to_contain_text("Порог — число от 1 до 100, например 3,5.")
        expect(field).to_have_value("три с половиной"[: int(field.get_attribute("maxlength") or 99)])
        field.fill("3,5")
        field.press("Enter")
        expect(form.get_by_role("button", name="Порог снять")).to_be_visible()
        settled(mother)
        picture(mother, "thresholds")
        mother.set_viewport_size(NARROW)
        assert findings(mother) == []
        assert mother.evaluate("document.documentElement.scrollWidth <= innerWidth")
        marked(place, oleg, date(2022, 5, 20), petya="2", vera="2")
        warned = "Пётр: средний балл 3,00, ниже 3,5 · Русский язык"
        mother.goto(f"{diary.url}/notices")
        expect(mother.get_by_role("main")).to_contain_text(warned, timeout=30_000)
    marked(place, oleg, date(2022, 5, 23), petya="3", vera="3")
    labelled = {"Вера: оценка 3 ", "Пётр: оценка 3 "}
    until(lambda: labelled <= {text.partition("·")[0] for text in told(olga, "mark")})
    assert told(olga, "threshold") == [warned]  # of Petya alone, once


def test_g_04_a_decline_of_the_marks_is_told_to_pupil_and_family(place: Town, olga: Person, oleg: Person) -> None:
    olga.did("PUT", "notify", "/thresholds", {"pupil_id": str(place.person("vera")), "below": "4.5"})
    for day, value in zip((3, 4, 5, 6, 10, 11, 12, 13, 24), "555554333", strict=True):
        marked(place, oleg, date(2022, 5, day), "7B", vera=value)
    until(lambda: [text for text in told(olga, "threshold") if "Математика" in text])
    assert told(olga, "decline") == []
    marked(place, oleg, date(2022, 5, 25), "7B", vera="2")
    declines = until(lambda: told(olga, "decline"))
    assert declines == ["Вера: последние оценки ниже прежних, в среднем 3,00 после 5,00 · Математика"]
    with place.signed_in("vera") as vera:
        assert told(vera, "decline") == declines
