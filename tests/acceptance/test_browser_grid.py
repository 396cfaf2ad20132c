"""The rules of the journal's grid, each a test named by its number in the design of the pages.

Algebra I 03, third lesson of each school day; the work is opened over HTTP, the marks are typed.
"""

import re
from collections.abc import Iterator
from datetime import date
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from deploy.demo.people import DISTRICT, TEACHER
from shared.contracts.roster import derived_id
from tests.acceptance.browsing import opened
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person
from tests.acceptance.places import TODAY

pytestmark = pytest.mark.browser

GROUP = derived_id(DISTRICT, "classes", "25590100103Trad220ALG122011-T-Spring")
DAYS = (date(2022, 5, 23), date(2022, 5, 24), TODAY)
ROWS = 20


def open_work(teacher: Person, on: date, kind: str = "quiz") -> None:
    body = {"work_id": str(uuid4()), "group_id": str(GROUP), "on": on.isoformat(), "number": 3, "kind": kind}
    teacher.did("POST", "grades", "/works", {**body, "confirmed": True})


@pytest.fixture(scope="module")
def page(browser: Browser, diary: Diary, teacher: Person) -> Iterator[Page]:
    """The journal from the 23rd to the 27th: three lessons with a work, two that are still to come."""
    for on in DAYS:
        open_work(teacher, on)
    with opened(browser, diary.url, TEACHER) as opened_page:
        show(opened_page, diary.url)
        yield opened_page


def show(page: Page, url: str) -> None:
    page.goto(f"{url}/journal/{GROUP}?first={DAYS[0]}&last=2022-05-27")
    expect(page.get_by_role("grid")).to_be_visible()


def cell(page: Page, row: int, day: int) -> Locator:
    """Row from 1; day 0 is the 23rd."""
    return page.locator(f'[role="gridcell"][data-at="{row}:{day + 2}"]')


def at(page: Page) -> str:
    place: str = page.evaluate("document.activeElement.closest('[data-at]')?.getAttribute('data-at') ?? ''")
    return place


def saved(page: Page) -> None:
    expect(page.get_by_text("Сохранено", exact=True)).to_be_visible()


def test_ui_03_typing_replaces_f2_edits_and_escape_restores(page: Page) -> None:
    cell(page, 1, 0).focus()
    page.keyboard.type("70")
    page.keyboard.press("Enter")
    cell(page, 1, 0).focus()
    page.keyboard.press("F2")
    editor = page.locator("input.editor")
    expect(editor).to_have_value("70")
    page.keyboard.press("ArrowLeft")
    expect(editor).to_be_focused()
    page.keyboard.type("1")
    page.keyboard.press("Escape")
    expect(cell(page, 1, 0)).to_have_text("70")
    assert at(page) == "1:2"
    saved(page)


def test_ui_04_enter_stores_and_goes_down_and_at_the_end_to_the_top_of_the_next(page: Page) -> None:
    cell(page, ROWS - 1, 0).focus()
    for mark in ("81", "82", "83"):
        page.keyboard.type(mark)
        page.keyboard.press("Enter")
    assert at(page) == "2:3"
    expect(cell(page, ROWS - 1, 0)).to_have_text("81")
    expect(cell(page, ROWS, 0)).to_have_text("82")
    expect(cell(page, 1, 1)).to_have_text("83")
    page.keyboard.press("ArrowUp")
    assert at(page) == "1:3"
    saved(page)


def test_ui_05_enter_never_leaves_the_page(page: Page) -> None:
    before = page.url
    cell(page, 2, 1).focus()
    for _ in range(3):
        page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert page.url == before
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_ui_06_wheel_and_arrows_change_no_value(page: Page) -> None:
    cell(page, 1, 0).focus()
    page.keyboard.press("F2")
    assert page.locator("input.editor").get_attribute("type") in (None, "text")
    page.keyboard.press("ArrowUp")
    page.mouse.wheel(0, 100)
    expect(page.locator("input.editor")).to_have_value("70")
    page.keyboard.press("Escape")


def test_ui_07_the_next_cell_takes_input_while_the_last_is_being_saved(page: Page, diary: Diary) -> None:
    def slow(route: Route) -> None:
        page.wait_for_timeout(500)
        route.continue_()

    page.route("**/api/grades/works/*/marks", slow)
    cell(page, 3, 1).focus()
    for mark in ("60", "61", "62", "63", "64"):
        page.keyboard.type(mark)
        page.keyboard.press("Enter")
    assert [cell(page, row, 1).inner_text() for row in range(3, 8)] == ["60", "61", "62", "63", "64"]
    page.keyboard.press("ArrowRight")
    saved(page)
    page.unroute("**/api/grades/works/*/marks")
    show(page, diary.url)
    expect(cell(page, 7, 1)).to_have_text("64")


def test_ui_08_the_state_of_saving_is_said_in_words(page: Page) -> None:
    cell(page, 8, 1).focus()
    page.keyboard.type("77")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Сохраняется…")).to_be_visible()
    saved(page)


def test_ui_09_without_a_line_nothing_is_lost_not_even_by_a_reload(page: Page, diary: Diary) -> None:
    marks = "**/api/grades/works/*/marks"
    page.route(marks, lambda route: route.abort())
    cell(page, 9, 1).focus()
    page.keyboard.type("55")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text(re.compile("хран.тся в этом браузере"))).to_be_visible()
    show(page, diary.url)
    expect(cell(page, 9, 1)).to_have_text("55")
    expect(cell(page, 9, 1)).to_have_attribute("aria-label", re.compile("сохраняется"))
    page.unroute(marks)
    show(page, diary.url)
    expect(cell(page, 9, 1)).not_to_have_attribute("aria-label", re.compile("сохраняется"), timeout=40_000)
    expect(cell(page, 9, 1)).to_have_text("55")


def test_ui_14_a_bad_value_stays_with_its_sentence_and_the_others_are_saved(page: Page, diary: Diary) -> None:
    cell(page, 10, 1).focus()
    for typed in ("87,5", "999", "91"):
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    bad = cell(page, 11, 1)
    expect(bad).to_have_text("999")
    expect(bad).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("link", name="Не сохранено: 1")).to_be_visible()
    expect(cell(page, 10, 1)).not_to_have_attribute("aria-label", re.compile("сохраняется"))
    show(page, diary.url)
    expect(cell(page, 10, 1)).to_have_text("87,5")
    expect(cell(page, 12, 1)).to_have_text("91")
    expect(bad).to_have_text("999")
    page.get_by_role("link", name="Не сохранено: 1").click()
    assert at(page) == "11:3" or page.get_by_role("dialog").is_visible()
    page.keyboard.press("Escape")
    bad.focus()
    page.keyboard.type("99")
    page.keyboard.press("Enter")
    saved(page)


def test_ui_17_columns_stand_by_date_with_kind_and_weight(page: Page) -> None:
    heads = [head.inner_text() for head in page.get_by_role("columnheader").all()[2:]]
    days = [match.group() for head in heads if (match := re.search(r"\d\d\.05", head))]
    assert days == sorted(days)
    assert all("сам." in head and "×2" in head for head in heads[:3])


def test_ui_18_a_lesson_to_come_is_locked_and_says_why(page: Page) -> None:
    coming = cell(page, 1, 3)
    expect(coming).to_have_attribute("aria-readonly", "true")
    expect(coming).to_have_attribute("aria-label", re.compile("Этого урока ещё не было"))
    coming.focus()
    page.keyboard.type("5")
    expect(page.locator("input.editor")).to_have_count(0)
    expect(coming).to_have_text("")


def test_b_06_a_correction_asks_why_and_shows_what_stood_before(page: Page, diary: Diary) -> None:
    cell(page, 1, 0).focus()
    page.keyboard.type("75")
    page.keyboard.press("Enter")
    asking = page.get_by_role("dialog", name="Клетка журнала")
    asking.get_by_label("Почему исправляется").fill("пересчитано")
    asking.get_by_role("button", name="Исправить").click()
    saved(page)
    show(page, diary.url)
    expect(cell(page, 1, 0)).to_contain_text("75")
    expect(cell(page, 1, 0)).to_have_attribute("aria-label", re.compile("70 → 75"))


def test_ui_20_an_absence_is_a_letter_not_a_colour(page: Page) -> None:
    cell(page, 15, 2).focus()
    page.keyboard.press("F2")
    page.keyboard.type("н")
    page.keyboard.press("Enter")
    expect(cell(page, 15, 2)).to_contain_text("н")
    expect(cell(page, 15, 2)).to_have_attribute("aria-label", re.compile("н в перекличке"))


def test_ui_22_there_is_one_grid_for_all(page: Page) -> None:
    expect(page.get_by_role("grid")).to_have_count(1)
    expect(page.get_by_role("table")).to_have_count(0)
