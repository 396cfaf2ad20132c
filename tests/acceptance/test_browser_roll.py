"""The roll by the keyboard: one key a pupil, the same key on either layout (rule 15 of the pages' design)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.demo.people import TEACHER
from tests.acceptance.browsing import opened
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.test_browser_grid import GROUP

pytestmark = pytest.mark.browser

ON = date(2022, 5, 12)
PRESS = "key => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))"
"""A key as the browser tells it: the Russian layout's letters are on no key that can be pressed here."""
KEYS = ("y", "н", "j", "о", ",", "б", "e", "у")
SAID = [("absent", None), ("late", None), ("absent", "illness"), ("absent", "excused")]


@pytest.fixture
def page(browser: Browser, diary: Diary) -> Iterator[Page]:
    with opened(browser, diary.url, TEACHER) as found:
        found.goto(f"{diary.url}/roll/{GROUP}/{ON}/3")
        expect(found.get_by_role("grid")).to_be_visible()
        yield found


def test_ui_15_a_key_says_the_same_on_either_keyboard_layout(page: Page, teacher: Person) -> None:
    rows = page.locator("tr[data-pupil]")
    pupils = [str(rows.nth(n).get_attribute("data-pupil")) for n in range(len(KEYS))]
    for row, key in enumerate(KEYS):
        rows.nth(row).get_by_role("gridcell").first.focus()
        if key.isascii():
            page.keyboard.press(key)
        else:
            page.evaluate(PRESS, key)
    rows.nth(2).get_by_role("gridcell").first.focus()
    page.keyboard.type("15")
    page.get_by_role("button", name="Остальные на месте").click()
    expect(page.get_by_text("Перекличку провёл(а)")).to_be_visible()

    def entries() -> dict[str, dict[str, Any]]:
        rolls = teacher.read("attendance", "/journal", group_id=GROUP, first=ON, last=ON)["rolls"]
        return {entry["pupil_id"]: entry for roll in rolls for entry in roll["entries"]}

    taken = until(entries)
    said = [(taken[pupil]["state"], taken[pupil]["reason"]) for pupil in pupils]
    assert said == [one for one in SAID for _ in range(2)]
    assert (taken[pupils[2]]["minutes"], taken[pupils[3]]["minutes"]) == (15, None)
    assert {entry["state"] for pupil, entry in taken.items() if pupil not in pupils} == {"present"}
