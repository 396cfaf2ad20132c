"""The portal itself: one search line for services and pupils, and what a person keeps at hand."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.demo.people import Visitor
from tests.acceptance.browsing import NARROW, PHONE, opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.test_browser_pages import findings, overflow, settled
from tests.acceptance.town import Town, founded

pytestmark = pytest.mark.browser

LINE = "Поиск услуг и учеников"


@pytest.fixture(scope="module")
def place(diary: Diary) -> Iterator[Town]:
    """A town whose people have accounts."""
    town = founded(diary)
    for name in ("anna", "olga"):
        with town.signed_in(name):
            pass
    yield town


def searched(page: Page, text: str) -> list[str]:
    """What the line offers, once it has."""
    line = page.get_by_role("combobox", name=LINE)
    line.fill("")
    line.press_sequentially(text)
    expect(page.get_by_role("option").first).to_be_visible()
    return [option.inner_text().strip() for option in page.get_by_role("option").all()]


def test_n_04_services_are_found_as_one_types_and_further_words_refine(
    diary: Diary, place: Town, browser: Browser
) -> None:
    with opened(browser, diary.url, Visitor("", f"anna.{place.name}", "")) as page:
        assert {"Журнал", "Итоги"} <= set(searched(page, "выстав") + searched(page, "журн"))
        assert searched(page, "четв педс") == ["Итоги"]
        picture(page, "search-services")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url("**/terms")
        line = page.get_by_role("combobox", name=LINE)
        line.press_sequentially("ёлк")
        page.get_by_role("option", name="Ёлкин Пётр Олегович").click()
        expect(page.get_by_role("heading", name="Дневник")).to_be_visible()
        expect(page.get_by_role("listbox")).to_have_count(0)  # the list is gone, and with it what it hid
        assert not line.evaluate("line => line === document.activeElement")
        line.fill("")
        line.press_sequentially("такого нет")
        expect(page.get_by_text("Ничего не найдено. Попробуйте другие слова")).to_be_visible()


def test_n_04_a_family_finds_what_it_can_do_for_its_child(diary: Diary, place: Town, browser: Browser) -> None:
    with opened(browser, diary.url, Visitor("", f"olga.{place.name}", ""), PHONE) as page:
        page.get_by_role("searchbox", name=LINE).click()
        expect(page.get_by_role("combobox", name=LINE)).to_be_focused()
        assert searched(page, "справк") == ["Сообщить об отсутствии"]
        assert "Журнал" not in searched(page, "оцен")
        searched(page, "календ теле")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url("**/settings*")


def test_n_05_what_is_kept_at_hand_is_there_on_every_device(diary: Diary, place: Town, browser: Browser) -> None:
    anna = Visitor("", f"anna.{place.name}", "")
    journal = f"{diary.url}/journal/{place.group('7A')}?first=2022-05-01&last=2022-05-31"
    with opened(browser, diary.url, anna) as page:
        page.goto(journal)
        settled(page)
        star = page.get_by_role("button", name="В избранное")
        star.click()
        expect(star).to_have_attribute("aria-pressed", "true")
        kept = page.get_by_role("navigation", name="Избранное").get_by_role("link")
        expect(kept).to_have_text(["Журнал: 7А математика"])
        picture(page, "favourites")
        assert findings(page) == []
    with opened(browser, diary.url, anna) as another:
        kept = another.get_by_role("navigation", name="Избранное").get_by_role("link", name="Журнал: 7А математика")
        kept.click()
        another.wait_for_url(journal)
        another.get_by_role("button", name="В избранное").click()
        expect(kept).to_have_count(0)


def test_the_line_and_the_star_fit_a_narrow_screen(diary: Diary, place: Town, browser: Browser) -> None:
    for who in ("anna", "olga"):
        with opened(browser, diary.url, Visitor("", f"{who}.{place.name}", ""), NARROW) as page:
            settled(page)
            assert overflow(page) <= 0
            picture(page, f"narrow-{who}")
            page.get_by_role("button", name="Меню").click()
            assert findings(page) == []


def test_u_03_reports_stand_in_one_tab_with_what_can_be_taken_away(diary: Diary, place: Town, browser: Browser) -> None:
    with place.signed_in("inna"), opened(browser, diary.url, Visitor("", f"inna.{place.name}", "")) as page:
        page.get_by_role("link", name="Отчёты", exact=True).click()
        expect(page.get_by_role("heading", name="Отчёты")).to_be_visible()
        names = ["Отчёт о посещаемости", "Отчёт о дисциплине", "Заполнение журналов", "Журнал операций"]
        for name in names:
            expect(page.get_by_role("main").get_by_role("link", name=name)).to_be_visible()
        assert findings(page) == []
        picture(page, "reports-head")
    for name, file in (("anna", "7А математика"), ("olga", "Ёлкин Пётр Олегович")):
        with opened(browser, diary.url, Visitor("", f"{name}.{place.name}", ""), NARROW) as page:
            page.get_by_role("link", name="Отчёты", exact=True).click()
            page.get_by_role("button", name=f"Скачать {file}").click()
            with page.expect_download() as download:
                page.get_by_role("link", name="CSV").click()
            assert download.value.suggested_filename.endswith(".csv")
            assert overflow(page) <= 0 and findings(page) == []


def test_u_03_how_the_pages_look_is_chosen_in_the_settings_and_stays(
    diary: Diary, place: Town, browser: Browser
) -> None:
    with opened(browser, diary.url, Visitor("", f"olga.{place.name}", ""), color_scheme="light") as page:
        page.get_by_role("link", name="Настройки").click()
        ground = "getComputedStyle(document.documentElement).backgroundColor"
        light = page.evaluate(ground)
        page.get_by_role("radio", name="тёмные").check()
        dark = page.evaluate(ground)
        assert dark != light
        page.reload()
        settled(page)
        assert page.evaluate(ground) == dark
        assert findings(page) == []
        picture(page, "settings-display")
        page.get_by_role("region", name="Отображение").get_by_label("Язык").select_option("English")
        expect(page.get_by_role("heading", name="Settings")).to_be_visible()
        page.get_by_role("radio", name="as the system has them").check()
        assert page.evaluate(ground) == light


def test_n_03_what_was_said_is_changed_where_it_stands(diary: Diary, place: Town, browser: Browser) -> None:
    address = f"olga@{place.name}.example"
    with opened(browser, diary.url, Visitor("", f"olga.{place.name}", "")) as page:
        page.goto(f"{diary.url}/settings")
        page.get_by_label("Адрес электронной почты").fill("olga@example.org")
        page.get_by_label("Согласен получать письма").check()
        page.get_by_role("button", name="Дать согласие").click()
        page.get_by_role("button", name="Изменить Адрес электронной почты").click()
        expect(page.get_by_label("Адрес электронной почты")).to_have_value("olga@example.org")
        page.get_by_label("Адрес электронной почты").fill(address)
        page.get_by_label("Согласен получать письма").check()
        page.get_by_role("button", name="Дать согласие").click()
        expect(page.get_by_text(address)).to_be_visible()
        page.goto(f"{diary.url}/pupils/{place.person('petya')}/attendance")
        page.get_by_role("button", name="Сообщить об отсутствии").click()
        page.get_by_label("Подробнее").fill("К врачу")
        page.get_by_role("button", name="Отправить школе").click()
        said = page.get_by_role("region", name="Сообщения об отсутствии").get_by_role("listitem")
        said.get_by_role("button", name="Изменить").click()
        expect(page.get_by_label("Подробнее")).to_have_value("К врачу")
        page.get_by_label("Подробнее").fill("К зубному врачу")
        page.get_by_role("button", name="Сохранить").click()
        expect(said.filter(has_text="К зубному врачу")).to_contain_text("Отправлено")
        expect(said.filter(has_text="К врачу")).to_contain_text("Отозвано")
        settled(page)
        assert findings(page) == []
