"""A whole column or a block of the journal at once: filled, pasted, taken back (rules 11 to 13 of the pages' design).

Algebra I 03, third lesson of the days of a week that no other test writes in.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.demo.people import TEACHER
from tests.acceptance.browsing import opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.test_browser_grid import GROUP, ROWS, cell, open_work, saved

pytestmark = pytest.mark.browser

FIRST, LAST = date(2022, 5, 9), date(2022, 5, 13)
FILLED, PASTED = date(2022, 5, 9), date(2022, 5, 10)
PASTE = """text => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
    document.activeElement.dispatchEvent(event);
}"""


@pytest.fixture(scope="module")
def page(browser: Browser, diary: Diary, teacher: Person) -> Iterator[Page]:
    """Monday and Tuesday have a work, the days after them have none."""
    for on in (FILLED, PASTED):
        open_work(teacher, on)
    with opened(browser, diary.url, TEACHER) as opened_page:
        opened_page.goto(f"{diary.url}/journal/{GROUP}?first={FIRST}&last={LAST}")
        expect(opened_page.get_by_role("grid")).to_be_visible()
        yield opened_page


def marks(teacher: Person, on: date) -> list[dict[str, Any]]:
    journal = teacher.read("grades", "/journal", group_id=GROUP, first=on, last=on)
    found: list[dict[str, Any]] = journal["works"][0]["marks"]
    return found


def column(page: Page, day: int) -> list[str]:
    return [cell(page, row, day).inner_text().strip() for row in range(1, ROWS + 1)]


def typed(page: Page, row: int, day: int, text: str, key: str = "Enter") -> None:
    cell(page, row, day).focus()
    page.keyboard.type(text)
    page.keyboard.press(key)


def test_ui_12_a_column_is_filled_where_it_is_empty_and_not_for_the_absent(page: Page, teacher: Person) -> None:
    typed(page, 2, 0, "70")
    typed(page, 3, 0, "y")  # the key of «н»
    typed(page, 1, 0, "80", "Control+Enter")
    expect(page.get_by_text(f"«80» поставлено в {ROWS - 2} клеток; отсутствовавшие пропущены: 1")).to_be_attached()
    shown = column(page, 0)
    assert (shown[0], shown[1], shown[3], shown[-1]) == ("80", "70", "80", "80") and "80" not in shown[2]
    saved(page)
    assert sorted(mark["values"][0] for mark in until(lambda: marks(teacher, FILLED))) == ["70", *["80"] * (ROWS - 2)]


def test_ui_11_what_was_filled_is_taken_back_at_once_by_corrections_that_say_so(page: Page, teacher: Person) -> None:
    cell(page, 1, 0).focus()
    page.keyboard.press("Control+z")
    expect(page.get_by_text(f"Отменено: {ROWS - 2} клеток")).to_be_attached()
    until(lambda: [mark["values"] for mark in marks(teacher, FILLED) if mark["values"]] == [["70"]])
    taken_back = [mark for mark in marks(teacher, FILLED) if not mark["values"]]
    assert {(mark["was"][-1]["values"][0], mark["was"][-1]["reason"]) for mark in taken_back} == {
        ("80", "Отмена ввода")
    }
    saved(page)


def test_ui_11_what_was_just_typed_is_forgotten_before_it_is_sent(page: Page, teacher: Person) -> None:
    typed(page, 5, 1, "64")
    page.keyboard.press("Control+z")
    expect(cell(page, 5, 1)).to_have_text("")
    assert marks(teacher, PASTED) == []


def test_ui_13_a_block_is_shown_before_it_is_written_and_bad_values_are_named_one_by_one(
    page: Page, teacher: Person
) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    cell(page, 1, 1).focus()
    values = [str(60 + row) for row in range(ROWS)]
    values[2] = "пять"
    page.evaluate(PASTE, "\r\n".join(f"{value}\t5" if row < 2 else value for row, value in enumerate(values)))
    dialog = page.get_by_role("dialog", name="Вставка из таблицы")
    expect(dialog).to_contain_text(f"Будет записано {ROWS - 1} оценок")
    expect(dialog.get_by_role("listitem")).to_have_count(3)
    expect(dialog).to_contain_text("У этого урока нет работы")
    expect(dialog.get_by_role("listitem").filter(has_text="пять")).to_contain_text("Число, например 87")
    picture(page, "paste")
    dialog.get_by_role("button", name=f"Записать {ROWS - 1} оценок").click()
    expect(cell(page, ROWS, 1)).to_have_text(values[-1])
    saved(page)
    assert sorted(mark["values"][0] for mark in until(lambda: marks(teacher, PASTED))) == sorted(set(values) - {"пять"})
    assert len([url for url in sent if url.endswith("/marks")]) == 1, "one decision for the column"


def test_ui_13_of_one_value_no_preview_is_made(page: Page) -> None:
    cell(page, 3, 1).focus()
    page.evaluate(PASTE, "55")
    expect(page.locator("input.editor")).to_have_value("55")
    page.keyboard.press("Escape")
    expect(cell(page, 3, 1)).to_have_text("")
