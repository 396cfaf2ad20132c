"""The work of a hand, counted, on a journal of 35 pupils and 60 columns: a class marked by keys, a block pasted."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from deploy.demo.people import Visitor
from tests.acceptance.browsing import opened
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.places import TODAY
from tests.acceptance.test_browser_block import PASTE
from tests.acceptance.town import Town, inhabitant, with_pupils

pytestmark = pytest.mark.browser

PUPILS, MARKED, PASTED = 35, 27, 20
FIRST = date(2022, 3, 1)
COUNT = """() => {
  window.pressed = window.clicked = 0;
  addEventListener('keydown', () => window.pressed++, true);
  addEventListener('pointerdown', () => window.clicked++, true);
}"""


@pytest.fixture(scope="module")
def place(diary: Diary) -> Town:
    """A town whose 7A has 35 pupils."""
    town = Town(diary)
    files = with_pupils(town.files(), "7A", [f"p{n:02}" for n in range(2, PUPILS + 1)])
    town.imported(files)
    town.scheduled()
    return town


anna = inhabitant("anna")


@pytest.fixture(scope="module")
def works(place: Town, anna: Person) -> dict[date, UUID]:
    """A work at each of the last 21 lessons."""
    days = [day for n in range(60) if (day := TODAY - timedelta(days=n)).weekday() < 5][: PASTED + 1]
    return {day: place.open_work(anna, day) for day in sorted(days)}


@pytest.fixture(scope="module")
def page(diary: Diary, place: Town, anna: Person, works: dict[date, UUID], browser: Browser) -> Iterator[Page]:
    with opened(browser, diary.url, Visitor("", f"anna.{place.name}", "")) as opened_page:
        opened_page.goto(f"{diary.url}/journal/{place.group('7A')}?first={FIRST}&last={TODAY}")
        expect(opened_page.get_by_role("rowheader")).to_have_count(PUPILS)
        assert opened_page.get_by_role("columnheader").count() >= 60
        yield opened_page


def cell(page: Page, row: int, on: date) -> Locator:
    column = page.get_by_role("columnheader").filter(has_text=f"{on:%d.%m}").last.get_attribute("aria-colindex")
    assert column is not None
    return page.locator(f'[role="gridcell"][data-at="{row}:{int(column) - 1}"]')


def given(anna: Person, place: Town, on: date) -> list[list[str]]:
    journal = anna.read("grades", "/journal", group_id=place.group("7A"), first=on, last=on)
    return [mark["values"] for work in journal["works"] for mark in work["marks"]]


def test_t_06_a_class_of_27_is_marked_with_at_most_30_presses_beyond_the_marks(
    page: Page, place: Town, anna: Person
) -> None:
    cell(page, 1, TODAY).click()
    page.evaluate(COUNT)
    for n in range(MARKED):
        page.keyboard.type(str(2 + n % 4))
        page.keyboard.press("Enter")
    beyond = page.evaluate("window.pressed") - MARKED
    expect(page.get_by_text("Сохранено", exact=True)).to_be_visible()
    assert beyond <= 30, beyond
    assert until(lambda: found if len(found := given(anna, place, TODAY)) == MARKED else None)


def test_b_17_a_block_of_27_by_20_is_one_decision_a_column(
    page: Page, place: Town, anna: Person, works: dict[date, UUID]
) -> None:
    sent: list[Any] = []
    page.on("request", lambda request: sent.append(request.post_data_json) if request.url.endswith("/marks") else None)
    first, *_, last = sorted(works)[:PASTED]
    cell(page, 1, first).click()
    block = "\r\n".join("\t".join(str(2 + (row + day) % 4) for day in range(PASTED)) for row in range(MARKED))
    page.evaluate(PASTE, block)
    dialog = page.get_by_role("dialog", name="Вставка из таблицы")
    expect(dialog).to_contain_text(f"Будет записано {MARKED * PASTED} оценок")
    dialog.get_by_role("button", name=f"Записать {MARKED * PASTED} оценок").click()
    expect(cell(page, MARKED, last)).to_have_text(str(2 + (MARKED - 1 + PASTED - 1) % 4))
    until(lambda: all(len(given(anna, place, on)) == MARKED for on in (first, last)))
    expect(page.get_by_text("Сохранено", exact=True)).to_be_visible()
    assert [len(one["marks"]) for one in sent] == [MARKED] * PASTED
