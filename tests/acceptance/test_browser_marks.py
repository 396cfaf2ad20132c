"""The family's page of marks: how the average went, and what it takes to reach the wished one."""

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from python_calamine import CalamineWorkbook

from deploy.demo.people import Visitor
from tests.acceptance.browsing import NARROW, PICTURES, opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.test_browser_pages import findings, settled
from tests.acceptance.town import Town, founded

pytestmark = pytest.mark.browser

DAYS = (date(2022, 3, 1), date(2022, 3, 2), date(2022, 3, 3))


@pytest.fixture(scope="module")
def marked(diary: Diary) -> Town:
    """Petya has 4, 4 and 3 in mathematics, each of weight 1."""
    town = founded(diary)
    with town.signed_in("anna") as anna, town.signed_in("olga"):
        for on, value in zip(DAYS, ("4", "4", "3"), strict=True):
            town.give(anna, on, value, weight="1")
    return town


@pytest.fixture
def page(browser: Browser, diary: Diary, marked: Town) -> Iterator[Page]:
    with opened(browser, diary.url, Visitor("", f"olga.{marked.name}", "")) as found:
        show(found, diary, marked)
        yield found


def show(page: Page, diary: Diary, town: Town) -> None:
    page.goto(f"{diary.url}/pupils/{town.person('petya')}/marks?first=2022-03-01&last=2022-03-31")
    settled(page)


def subject(page: Page) -> Locator:
    return page.get_by_role("region", name="Математика")


def test_g_05_the_way_of_the_average_is_drawn_and_said_beside_its_table(page: Page) -> None:
    expect(subject(page).get_by_role("img", name="Средний балл: от 4,00 до 3,67, оценок 3")).to_be_visible()
    expect(subject(page).locator("td.running")).to_have_text(["4,00", "4,00", "3,67"])


def test_g_10_the_marks_are_taken_away_as_a_workbook_and_as_lines(page: Page, marked: Town) -> None:
    page.get_by_role("button", name="Скачать").click()
    with page.expect_download() as started:
        page.get_by_role("link", name="Excel").click()
    assert started.value.suggested_filename == "marks 2022-03-01 2022-03-31.xlsx"
    rows = CalamineWorkbook.from_path(started.value.path()).get_sheet_by_name("Оценки").to_python()
    said = {row[0]: row[1] for row in rows[:4]}
    assert said["Оценки"] == "Ёлкин Пётр Олегович" and said["Школа"] == "Школа № 1"
    assert str(said["Сформировано"]).endswith("Ёлкина Ольга")
    assert [row[5] for row in rows[6:]] == [4.0, 4.0, 3.0] and {row[9] for row in rows[6:]} == {"Петрова Анна Ивановна"}
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV").click()
    assert "Математика,01.03.2022,работа на уроке" in started.value.path().read_text("utf-8-sig")


def test_g_06_a_target_stands_beside_the_average_and_says_how_far_it_is(page: Page) -> None:
    subject(page).get_by_role("button", name="Поставить цель").click()
    field = subject(page).get_by_label("Какой средний балл нужен")
    field.fill("6")
    field.press("Enter")
    expect(subject(page).get_by_text("Цель — число от 2 до 5, например 4,5.")).to_be_visible()
    field.fill("4,5")
    field.press("Enter")
    expect(subject(page).get_by_text("Цель: 4,5 до цели 0,83")).to_be_visible()
    expect(subject(page).get_by_text("поставил(а) Ёлкина Ольга")).to_be_visible()
    picture(page, "marks-target")
    assert findings(page) == []
    page.reload()
    subject(page).get_by_role("button", name="Изменить").click()
    subject(page).get_by_label("Какой средний балл нужен").fill("3,5")
    subject(page).get_by_role("button", name="Сохранить").click()
    expect(subject(page).get_by_text("цель достигнута")).to_be_visible()


def test_u_05_on_paper_the_page_stands_alone(page: Page) -> None:
    page.emulate_media(media="print")
    expect(page.get_by_role("banner")).to_be_hidden()
    expect(page.get_by_role("button", name="Скачать")).to_be_hidden()
    expect(subject(page).locator("td.running").first).to_be_visible()
    expect(page.get_by_role("main").get_by_text("Ёлкин Пётр Олегович")).to_be_visible()
    expect(page.get_by_text("01.03.2022 – 31.03.2022")).to_be_visible()
    page.pdf(path=PICTURES / "marks.pdf", format="A4")


def test_b_04_a_family_sees_how_many_marks_lead_to_the_wished_average(page: Page) -> None:
    subject(page).get_by_role("button", name="Что нужно до…").click()
    expect(subject(page).get_by_label("Желаемый балл")).to_have_value("4,5")
    expect(subject(page).get_by_role("listitem")).to_have_text(["5 оценок «5»: станет 4,50"])
    subject(page).get_by_label("Желаемый балл").fill("4")
    expect(subject(page).get_by_role("listitem")).to_have_text(["1 оценка «5»: станет 4,00"])
    subject(page).get_by_label("Желаемый балл").fill("3,5")
    expect(subject(page).get_by_text("Уже есть: средний балл 3,67.")).to_be_visible()
    subject(page).get_by_label("Желаемый балл").fill("6")
    expect(subject(page).get_by_text("Число от 1 до 5, например 4,5")).to_be_visible()


def test_b_04_a_supposed_mark_changes_the_average_on_the_page_alone(page: Page, diary: Diary, marked: Town) -> None:
    subject(page).get_by_role("button", name="Что нужно до…").click()
    subject(page).get_by_role("button", name="+ 5").click()
    subject(page).get_by_role("button", name="+ 2").click()
    expect(subject(page).get_by_text("Было 3,67, станет 3,60")).to_be_visible()
    picture(page, "what-if")
    subject(page).get_by_role("button", name="2 ×1 убрать").click()
    expect(subject(page).get_by_text("Было 3,67, станет 4,00")).to_be_visible()
    show(page, diary, marked)
    expect(subject(page).get_by_role("heading")).to_contain_text("3,67")


def test_b_04_the_open_plan_is_accessible_and_fits_320_pixels(browser: Browser, diary: Diary, marked: Town) -> None:
    with opened(browser, diary.url, Visitor("", f"olga.{marked.name}", ""), NARROW) as page:
        show(page, diary, marked)
        subject(page).get_by_role("button", name="Что нужно до…").click()
        subject(page).get_by_role("button", name="+ 4").click()
        assert findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
