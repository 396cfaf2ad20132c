"""Marks filtered by subject and days, subjects side by side, and what is filtered taken away."""

from collections.abc import Iterator
from datetime import date

import pypdfium2
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from python_calamine import CalamineWorkbook

from deploy.demo.people import Visitor
from tests.acceptance.browsing import NARROW, opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.test_browser_pages import findings, settled
from tests.acceptance.town import Town, founded

pytestmark = pytest.mark.browser

MARCH = "first=2022-03-01&last=2022-03-31"


@pytest.fixture(scope="module")
def marked(diary: Diary) -> Town:
    """Petya has 3, 5 in mathematics and 5, 4 in Russian, each of weight 1."""
    town = founded(diary)
    with town.signed_in("anna") as anna, town.signed_in("oleg") as oleg, town.signed_in("olga"):
        for teacher, group, values in ((anna, "7A", ("3", "5")), (oleg, "7R", ("5", "4"))):
            for n, value in enumerate(values):
                town.give(teacher, date(2022, 3, 1 + n), value, group, weight="1")
    return town


@pytest.fixture
def page(browser: Browser, diary: Diary, marked: Town) -> Iterator[Page]:
    with opened(browser, diary.url, Visitor("", f"olga.{marked.name}", "")) as found:
        show(found, diary, marked)
        yield found


def show(page: Page, diary: Diary, town: Town, days: str = MARCH) -> None:
    page.goto(f"{diary.url}/pupils/{town.person('petya')}/marks?{days}")
    settled(page)


def filtered(page: Page, *subjects: str) -> None:
    """Only these subjects, as a hand does it."""
    page.get_by_role("button", name="Отобрать предметы").click()
    for subject in subjects:
        page.get_by_label(subject, exact=True).check()
    page.get_by_role("button", name="Применить").click()


def subject(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


def test_f_01_only_the_subject_applied_is_on_the_page_and_its_address_keeps_it(page: Page) -> None:
    filtered(page, "Русский язык")
    expect(subject(page, "Математика")).to_have_count(0)
    expect(subject(page, "Русский язык")).to_be_visible()
    summary = page.get_by_role("region", name="Средние баллы")
    expect(summary.locator(".overall-number")).to_contain_text("4,50")
    expect(page.get_by_role("button", name="Отобрать предметы. Сейчас: Русский язык")).to_be_visible()
    page.reload()
    expect(subject(page, "Русский язык")).to_be_visible()
    expect(subject(page, "Математика")).to_have_count(0)
    page.get_by_role("button", name="Отобрать предметы").click()
    page.get_by_role("button", name="Показать все").click()
    expect(subject(page, "Математика")).to_be_visible()


def test_f_01_one_day_is_a_range_too(page: Page, diary: Diary, marked: Town) -> None:
    show(page, diary, marked, "first=2022-03-02&last=2022-03-02")
    expect(page.locator(".marks-table tbody tr")).to_have_count(2)
    filtered(page, "Математика")
    expect(page.locator(".marks-table tbody tr")).to_have_count(1)
    expect(page.locator(".marks-table")).to_contain_text("2 мар")


def test_f_02_subjects_stand_side_by_side_and_are_sorted_by_average_and_by_change(page: Page) -> None:
    table = page.locator(".summary-table")
    rows = table.locator("tbody tr")
    expect(rows.locator("th")).to_have_text(["Математика", "Русский язык"])
    expect(rows.nth(0)).to_contain_text("+1,00")
    expect(rows.nth(1)).to_contain_text("−0,50")
    table.get_by_role("button", name="Средний балл", exact=True).click()
    expect(rows.locator("th")).to_have_text(["Русский язык", "Математика"])
    expect(table.get_by_role("columnheader", name="Средний балл")).to_have_attribute("aria-sort", "descending")
    table.get_by_role("button", name="Изменение").click()
    expect(rows.locator("th")).to_have_text(["Математика", "Русский язык"])
    picture(page, "comparison")


def test_g_03_the_dynamics_are_of_the_period_that_was_chosen(page: Page, diary: Diary, marked: Town) -> None:
    maths = page.locator(".summary-table tbody tr").nth(0)
    expect(maths).to_contain_text("+1,00")
    expect(
        subject(page, "Математика").get_by_role("img", name="Средний балл: от 3,00 до 4,00, оценок 2")
    ).to_be_visible()
    show(page, diary, marked, "first=2022-03-02&last=2022-03-31")
    expect(maths).to_contain_text("5,00")
    expect(maths).to_contain_text("–")


def test_f_03_what_is_filtered_is_taken_away_as_workbook_lines_and_paper(page: Page) -> None:
    filtered(page, "Русский язык")
    expect(subject(page, "Математика")).to_have_count(0)
    page.get_by_role("button", name="Скачать").click()
    files = {}
    for link in ("Excel", "CSV", "PDF"):
        with page.expect_download() as started:
            page.get_by_role("link", name=link).click()
        files[link] = started.value.path()
    rows = CalamineWorkbook.from_path(files["Excel"]).get_sheet_by_name("Оценки").to_python()
    lines = files["CSV"].read_text("utf-8-sig")
    paper = "\n".join(one.get_textpage().get_text_bounded() for one in pypdfium2.PdfDocument(files["PDF"]))
    for text in (str(rows), lines, paper):
        assert "Русский язык" in text and "Математика" not in text and "Школа № 1" in text
    assert "01.03.2022 – 31.03.2022" in paper and "Ёлкин Пётр Олегович" in paper and "4,5" in paper


def test_f_01_the_open_filter_is_accessible_and_fits_320_pixels(browser: Browser, diary: Diary, marked: Town) -> None:
    with opened(browser, diary.url, Visitor("", f"olga.{marked.name}", ""), NARROW) as page:
        show(page, diary, marked)
        page.get_by_role("button", name="Отобрать предметы").click()
        expect(page.get_by_role("button", name="Применить")).to_be_in_viewport()
        assert findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        picture(page, "filter")


def test_f_01_the_journal_shows_works_of_one_kind_alone(browser: Browser, diary: Diary, marked: Town) -> None:
    with marked.signed_in("anna") as anna:
        marked.open_work(anna, date(2022, 3, 3), kind="test")
    with opened(browser, diary.url, Visitor("", f"anna.{marked.name}", "")) as page:
        page.goto(f"{diary.url}/journal/{marked.group('7A')}?{MARCH}")
        heads = page.get_by_role("columnheader").filter(has_text=".03")
        expect(heads.nth(5)).to_be_visible()
        page.get_by_label("Вид работы").select_option(label="Контрольная работа")
        expect(heads).to_have_count(1)
        expect(heads).to_contain_text("03.03")
        assert "kind=test" in page.url
        picture(page, "journal-kind")
        page.get_by_label("Вид работы").select_option(label="Все работы")
        expect(heads.nth(5)).to_be_visible()


def test_u_05_a_class_page_is_printed_as_an_official_list(browser: Browser, diary: Diary, marked: Town) -> None:
    with opened(browser, diary.url, Visitor("", f"anna.{marked.name}", "")) as page:
        page.goto(f"{diary.url}/journal/{marked.group('7A')}?{MARCH}")
        settled(page)
        page.get_by_role("button", name="Скачать").click()
        with page.expect_download() as workbook:
            page.get_by_role("link", name="Excel (XLSX)").click()
        rows = CalamineWorkbook.from_path(workbook.value.path()).get_sheet_by_index(0).to_python()
        assert [row[-2] for row in rows if row[0] == "Ёлкин Пётр Олегович"] == [4.0]
        with page.expect_download() as started:
            page.get_by_role("link", name="PDF для печати").click()
        paper = pypdfium2.PdfDocument(started.value.path())
        text = "\n".join(one.get_textpage().get_text_bounded() for one in paper)
        for said in ("Ведомость оценок и посещаемости", "Школа № 1", "7А математика", "Петрова Анна Ивановна",
                     "Ёлкин Пётр Олегович", "01.03.2022 – 31.03.2022", "4,00", "Подпись"):  # fmt: skip
            assert said in text, text
