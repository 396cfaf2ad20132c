"""How soon the journal answers a key, with 35 pupils and 60 columns on the screen."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.acceptance.conftest import Diary, diary  # noqa: F401
from tests.acceptance.places import TODAY
from tests.acceptance.test_browser_hand import MARKED, anna, cell, page, place, works  # noqa: F401
from tests.bench.report import Figure, plain

pytestmark = [pytest.mark.bench, pytest.mark.browser]

REPEATS = 5
WATCH = """() => {
    window.answers = [];
    addEventListener("keydown", (event) => {
        // the first moment after the frame in which what the key did is painted
        requestAnimationFrame(() => setTimeout(() => window.answers.push(performance.now() - event.timeStamp)));
    }, true);
}"""


def test_keys(page: Page, figures: list[Figure]) -> None:  # noqa: F811
    """A mark and Enter for each pupil of a class, a column each time; from the key to the frame that shows it."""
    page.evaluate(WATCH)
    slowest: list[float] = []
    middle: list[float] = []
    for n in range(REPEATS):
        cell(page, 1, TODAY).click()
        page.evaluate("window.answers = []")
        for row in range(MARKED):
            page.keyboard.press("Escape")
            cell(page, row + 1, TODAY).focus()
            page.keyboard.type(str(2 + (row + n) % 4))
            page.keyboard.press("ArrowDown")
        found: list[Any] = sorted(page.evaluate("window.answers"))
        middle.append(found[len(found) // 2])
        slowest.append(found[int(len(found) * 0.99)])
    figures += [
        plain("A key in the journal of 35 x 60, half answered within", "ms", middle),
        plain("A key in the journal of 35 x 60, 99 of 100 answered within", "ms", slowest, most=50),
    ]
