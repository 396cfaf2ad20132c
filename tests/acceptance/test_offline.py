"""The reserve journal: a teacher goes on without a line, and nothing is lost or overwritten when it is back."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.demo.people import Visitor
from tests.acceptance.browsing import opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.places import TODAY
from tests.acceptance.town import Town, founded, inhabitant

YESTERDAY = TODAY - timedelta(days=1)

ALL = """async (name) => {
    const known = await indexedDB.databases();
    if (!known.some((one) => one.name === "diary-kept")) return [];
    const answer = (asked) => new Promise((done) => { asked.onsuccess = () => done(asked.result); });
    const db = await answer(indexedDB.open("diary-kept"));
    const all = await answer(db.transaction(name).objectStore(name).getAll());
    db.close();
    return all;
}"""


@pytest.fixture(scope="module")
def place(diary: Diary) -> Town:
    return founded(diary)


anna = inhabitant("anna")
"""Who teaches 7A mathematics."""
inna = inhabitant("inna")
"""Who runs the school, and may mark there."""


def ready(page: Page) -> None:
    """The next lessons are kept, and the application itself."""
    until(lambda: len(page.evaluate(f"async () => (await ({ALL})('answers')).map((one) => one.address)")) > 5)
    until(lambda: page.evaluate("navigator.serviceWorker.getRegistration().then((one) => Boolean(one?.active))"))


def marks(by: Person, place: Town, on: date = TODAY) -> dict[str, list[str]]:
    """Petya's marks of the day, by kind of work."""
    journal = by.read("grades", "/journal", group_id=place.group("7A"), first=on, last=on)
    petya = str(place.person("petya"))
    return {w["kind"]: m["values"] for w in journal["works"] for m in w["marks"] if m["pupil_id"] == petya}


@pytest.mark.browser
def test_o_02_without_a_line_the_application_opens_takes_marks_and_a_roll_and_sends_them_later(
    diary: Diary, place: Town, anna: Person, browser: Browser
) -> None:
    group = place.group("7A")
    with opened(browser, diary.url, Visitor("", f"anna.{place.name}", "")) as page:
        ready(page)
        page.context.set_offline(True)
        page.goto(f"{diary.url}/journal/{group}")
        expect(page.get_by_text("Нет связи. Уроки сегодня")).to_be_visible()
        expect(page.get_by_role("rowheader").filter(has_text="Ёлкин")).to_be_visible()
        today = page.get_by_role("columnheader").filter(has_text=TODAY.strftime("%d.%m"))
        today.get_by_role("button").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Вид работы").select_option(label="Самостоятельная работа")
        dialog.get_by_role("button", name="Добавить", exact=True).click()
        page.locator("td.today").first.click()
        page.keyboard.type("5")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Нет связи. 1 запись хранится в этом браузере")).to_be_visible()
        picture(page, "offline-journal")

        page.goto(f"{diary.url}/roll/{group}/{TODAY}/1")
        row = page.locator(f'[data-pupil="{place.person("petya")}"]')
        row.get_by_role("button", name="о: Опоздал(а)").click()
        page.get_by_role("button", name="Остальные на месте").click()
        page.reload()
        expect(page.get_by_text("Нет связи. Уроки сегодня")).to_be_visible()

        page.goto(f"{diary.url}/journal/{group}")
        expect(page.locator("td.today").first).to_contain_text("5")
        assert marks(anna, place) == {}
        page.context.set_offline(False)
        until(lambda: marks(anna, place) == {"quiz": ["5"]})
        rolls = {"group_id": group, "first": TODAY, "last": TODAY}
        until(lambda: len(anna.read("attendance", "/journal", **rolls)["rolls"]) == 1)
        expect(page.get_by_text("Нет связи. Уроки сегодня")).to_have_count(0)
        expect(page.locator("td.today").first).to_contain_text("5")


@pytest.mark.browser
def test_o_02_what_another_teacher_wrote_meanwhile_is_shown_and_not_overwritten(
    diary: Diary, place: Town, anna: Person, inna: Person, browser: Browser
) -> None:
    group, petya = place.group("7A"), str(place.person("petya"))
    work = place.give(anna, TODAY, "3")
    with opened(browser, diary.url, Visitor("", f"anna.{place.name}", "")) as page:
        ready(page)
        page.goto(f"{diary.url}/journal/{group}?first={TODAY}&last={TODAY}")
        cell = page.locator("td.today").filter(has_text="3").first
        expect(cell).to_be_visible()
        at = cell.get_attribute("data-at")
        page.context.set_offline(True)
        cell = page.locator(f'td[data-at="{at}"]')
        cell.click()
        page.keyboard.type("4")
        page.keyboard.press("Enter")
        page.get_by_role("dialog").get_by_role("button", name="Ошибка при вводе").click()
        correction = {"pupil_id": petya, "value": "5", "reason": "Апелляция"}
        inna.did("POST", "grades", f"/works/{work}/corrections", correction)
        page.context.set_offline(False)
        expect(page.get_by_text("Не сохранено: 1").first).to_be_visible()  # it is told to screen readers too
        assert marks(anna, place)["lesson"] == ["5"]
        cell.click()
        expect(page.get_by_role("dialog")).to_contain_text("Здесь уже стоит 5")
        picture(page, "offline-conflict")
        page.get_by_role("dialog").get_by_role("button", name="Оставить 5").click()
        expect(cell).to_contain_text("5")


@pytest.mark.browser
def test_o_02_a_roll_taken_by_another_meanwhile_is_shown_beside_what_was_typed(
    diary: Diary, place: Town, anna: Person, inna: Person, browser: Browser
) -> None:
    group, petya = place.group("7A"), str(place.person("petya"))
    with opened(browser, diary.url, Visitor("", f"anna.{place.name}", "")) as page:
        page.goto(f"{diary.url}/roll/{group}/{YESTERDAY}/1")
        row = page.locator(f'[data-pupil="{petya}"]')
        expect(row).to_contain_text("не отмечен")
        page.context.set_offline(True)
        row.get_by_role("button", name="о: Опоздал(а)").click()
        page.get_by_role("button", name="Остальные на месте").click()
        expect(page.get_by_text("Нет связи.").first).to_be_visible()
        absent = {"entries": [{"pupil_id": petya, "state": "absent", "reason": "illness"}]}
        inna.did("PUT", "attendance", f"/rolls/{group}/{YESTERDAY}/1", absent)
        page.context.set_offline(False)
        expect(row).to_contain_text("Здесь уже стоит «отсутствовал(а): болезнь»")
        expect(page.get_by_text("Здесь уже стоит")).to_have_count(1)  # who is present by both is not asked about
        picture(page, "offline-roll")
        row.get_by_role("button", name="Заменить моим").click()

        def entry() -> str | None:
            rolls = anna.read("attendance", "/journal", group_id=group, first=YESTERDAY, last=YESTERDAY)["rolls"]
            found = [e for roll in rolls for e in roll["entries"] if e["pupil_id"] == petya]
            return found[0]["state"] if found else None

        until(lambda: entry() == "late")


@pytest.mark.browser
def test_o_02_what_is_kept_is_sealed_and_goes_at_sign_out(
    diary: Diary, place: Town, anna: Person, browser: Browser
) -> None:
    with opened(browser, diary.url, Visitor("", f"anna.{place.name}", "")) as page:
        ready(page)
        found = page.evaluate(f"""async () => {{
            const [[held], answers] = [await ({ALL})("keys"), await ({ALL})("answers")];
            const words = answers.map((one) => new TextDecoder().decode(one.box)).join(" ");
            const raw = await crypto.subtle.exportKey("raw", held.key).then(() => "read", () => "closed");
            return {{ named: words.includes("Ёлкин"), raw, extractable: held.key.extractable }};
        }}""")
        assert found == {"named": False, "raw": "closed", "extractable": False}
        page.get_by_role("button", name="Выйти").click()
        page.get_by_label("Логин").wait_for()
        assert page.evaluate("indexedDB.databases().then((all) => all.map((one) => one.name))") == []
