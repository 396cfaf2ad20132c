"""Praise, remarks and incidents: who writes them, who words them, who reads them."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect

from deploy.demo.people import Visitor
from tests.acceptance.browsing import NARROW, PHONE, opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.places import TODAY
from tests.acceptance.test_browser_pages import findings, settled
from tests.acceptance.town import Town, inhabitant

DAYS = {"first": "2022-05-01", "last": "2022-05-31"}
NOW = {"first": date.today() - timedelta(days=1), "last": date.today() + timedelta(days=1)}


@pytest.fixture(scope="module")
def place(diary: Diary) -> Town:
    """Where 7A is the class itself: Anna, who teaches it, leads Petya's class."""
    town = Town(diary)
    led = ("7А математика,,MAT,,scheduled", "7А математика,,MAT,,homeroom")
    town.imported(town.files("classes.csv", led))
    town.scheduled()
    return town


olga = inhabitant("olga")
"""Mother of Petya."""
anna = inhabitant("anna")
"""Who leads Petya's class."""
oleg = inhabitant("oleg")
"""Who teaches Petya Russian."""


def made(by: Person, place: Town, text: str, **more: object) -> str:
    remark = str(uuid4())
    body = {"remark_id": remark, "pupil_id": str(place.person("petya")), "kind": "remark", "on": str(TODAY)}
    by.did("POST", "messaging", "/remarks", {**body, "shown": True, "text": text, **more})
    return remark


def read(by: Person, place: Town) -> dict[str, str]:
    found = by.read("messaging", "/remarks", pupil_id=place.person("petya"), **DAYS)["remarks"]
    return {one["remark_id"]: one["text"] for one in found}


def test_b_24_praise_and_remarks_reach_the_family_with_a_notice(place: Town, olga: Person, oleg: Person) -> None:
    one = made(oleg, place, "Помог новенькому", kind="praise")
    assert read(olga, place)[one] == "Помог новенькому"
    petya = place.person("petya")

    def told() -> list[str]:
        return [n["text"] for n in olga.read("notify", "/feed")["notices"] if n["kind"] == "remark"]

    assert "Пётр: похвала, 25.05.2022" in until(told)

    def kept() -> bool:
        asked = {"pupil_id": petya, **NOW}
        changes = olga.read("reporting", "/changes", **asked)["operations"]
        return any(entry["object_id"] == one for change in changes for entry in change["entries"])

    until(kept)


def test_b_19_what_the_tutor_has_not_worded_reaches_nobody_else(
    place: Town, olga: Person, anna: Person, oleg: Person
) -> None:
    one = made(oleg, place, "Подрался с соседом", kind="incident", shown=False)
    assert read(oleg, place)[one] == read(anna, place)[one] == "Подрался с соседом"
    assert one not in read(olga, place)
    with place.signed_in("petya") as petya:
        assert one not in read(petya, place)
    words = {"text": "Поссорился на перемене, уже помирились"}
    anna.did("POST", "messaging", f"/remarks/{one}/showing", words)
    assert read(olga, place)[one] == words["text"]
    for row in olga.read("messaging", "/remarks", pupil_id=place.person("petya"), **DAYS)["remarks"]:
        assert row["written"] is None
    asked = {"pupil_id": place.person("petya"), **NOW}
    until(lambda: words["text"] in olga.get("reporting", "/changes", **asked).text)
    assert "Подрался" not in olga.get("reporting", "/changes", **asked).text
    told = until(lambda: [n["text"] for n in olga.read("notify", "/feed")["notices"] if "происшествие" in n["text"]])
    assert told == ["Пётр: происшествие, 25.05.2022"]


@pytest.mark.browser
def test_n_03_a_remark_that_waits_is_changed_where_it_stands_and_its_tutor_words_what_stands(
    diary: Diary, place: Town, olga: Person, anna: Person, oleg: Person, browser: Browser
) -> None:
    one, petya = made(oleg, place, "Разбил окно", kind="incident", shown=False), place.person("petya")
    with (
        opened(browser, diary.url, Visitor("", f"oleg.{place.name}", "")) as teacher,
        opened(browser, diary.url, Visitor("", f"anna.{place.name}", "")) as tutor,
    ):
        tutor.goto(f"{diary.url}/pupils/{petya}/behaviour")
        waits = tutor.get_by_role("listitem").filter(has_text="Разбил")
        waits.get_by_role("button", name="Показать семье").click()
        waits.get_by_label("Так прочтёт семья").fill("Стекло заменят вместе с отцом")
        tutor.route("**/live*", lambda route: route.abort())
        tutor.context.set_offline(True)  # what changes meanwhile does not come to him by itself

        teacher.goto(f"{diary.url}/pupils/{petya}/behaviour")
        mine = teacher.get_by_role("listitem").filter(has_text="Разбил")
        mine.get_by_role("button", name="Изменить").click()
        mine.get_by_label("Что произошло").fill(" ")
        mine.get_by_role("button", name="Сохранить").click()
        expect(mine.get_by_role("alert")).to_contain_text("Напишите текст")
        mine.get_by_label("Что произошло").fill("Разбил мячом окно спортзала")
        picture(teacher, "remark-changed")
        mine.get_by_role("button", name="Сохранить").click()
        expect(mine).to_contain_text("изменено")
        expect(mine.get_by_role("textbox")).to_have_count(0)

        tutor.context.set_offline(False)
        waits.get_by_role("button", name="Показать семье").last.click()
        expect(waits.get_by_role("alert")).to_contain_text("Запись изменили, пока вы писали")
        expect(waits).to_contain_text("Разбил мячом окно спортзала")
        assert one not in read(olga, place)
        waits.get_by_role("button", name="Показать семье").last.click()
        until(lambda: read(olga, place).get(one) == "Стекло заменят вместе с отцом")
        shown = teacher.get_by_role("listitem").filter(has_text="Стекло заменят")
        expect(shown).to_contain_text("Автор написал: Разбил мячом окно спортзала")
        expect(shown.get_by_role("button", name="Изменить")).to_have_count(0)
    assert "мячом" not in olga.get("reporting", "/changes", pupil_id=petya, **NOW).text


@pytest.mark.browser
def test_b_24_from_a_teachers_form_through_the_tutor_into_the_familys_diary(
    diary: Diary, place: Town, olga: Person, anna: Person, oleg: Person, browser: Browser
) -> None:
    petya = place.person("petya")
    with (
        opened(browser, diary.url, Visitor("", f"oleg.{place.name}", "")) as teacher,
        opened(browser, diary.url, Visitor("", f"anna.{place.name}", "")) as tutor,
        opened(browser, diary.url, Visitor("", f"olga.{place.name}", ""), PHONE) as mother,
    ):
        mother.goto(f"{diary.url}/pupils/{petya}/diary?week={TODAY}")
        settled(mother)
        teacher.goto(f"{diary.url}/pupils/{petya}/behaviour")
        teacher.get_by_role("button", name="Записать").click()
        form = teacher.get_by_role("region", name="Записать")
        form.get_by_label("Замечание").check()
        form.get_by_role("button", name="Сохранить").click()
        expect(form.get_by_role("alert")).to_contain_text("Напишите текст")
        form.get_by_label("Что произошло").fill("Не слушал, мешал соседу")
        form.get_by_label("Сначала классному руководителю").check()
        expect(form.get_by_label("На каком уроке").locator("option")).to_have_count(3)
        form.get_by_label("На каком уроке").select_option(label="3. Русский язык")
        picture(teacher, "remark-form")
        form.get_by_role("button", name="Сохранить").click()
        mine = teacher.get_by_role("listitem").filter(has_text="Не слушал")
        expect(mine).to_contain_text("ждёт классного руководителя")

        tutor.goto(f"{diary.url}/today")
        waiting = tutor.get_by_role("listitem").filter(has_text="Не слушал")
        expect(waiting).to_contain_text("Замечание")
        picture(tutor, "remark-waiting")
        waiting.get_by_role("link").click()
        one = tutor.get_by_role("listitem").filter(has_text="Не слушал")
        one.get_by_role("button", name="Показать семье").click()
        one.get_by_label("Так прочтёт семья").fill("Отвлекался на уроке; договорились, что пересядет")
        one.get_by_role("button", name="Показать семье").last.click()

        day = mother.get_by_role("region", name="Среда")
        expect(day).to_contain_text("Отвлекался на уроке; договорились, что пересядет")
        expect(day).to_contain_text("Замечание")
        expect(mother.get_by_role("main")).not_to_contain_text("Не слушал")
        picture(mother, "remark-in-diary")
        mother.goto(f"{diary.url}/pupils/{petya}/behaviour")
        settled(mother)
        expect(mother.get_by_role("button", name="Записать")).to_have_count(0)
        picture(mother, "behaviour-family")
        mother.set_viewport_size(NARROW)
        assert findings(mother) == []
        assert mother.evaluate("document.documentElement.scrollWidth <= innerWidth")

        mine = teacher.get_by_role("listitem").filter(has_text="договорились")
        expect(mine).to_contain_text("Автор написал: Не слушал")
        mine.get_by_role("button", name="Отозвать").click()
        mine.get_by_label("Почему отзываете").fill("Это был другой ученик")
        mine.get_by_role("button", name="Отозвать").last.click()
        expect(mine).to_contain_text("отозвано: Это был другой ученик")
        expect(mother.get_by_text("Отвлекался на уроке")).to_have_count(0)
