"""The diary on a slow phone: what its reader waits the first time and the second."""

import pytest
from playwright.sync_api import Browser

from tests.acceptance.conftest import Diary, diary, parent  # noqa: F401
from tests.acceptance.people import Person
from tests.acceptance.places import PETER
from tests.bench.first_paint import Opened, twice
from tests.bench.report import Figure, plain

pytestmark = [pytest.mark.bench, pytest.mark.browser]

REPEATS = 5


def test_first_paint(browser: Browser, diary: Diary, parent: Person, figures: list[Figure]) -> None:  # noqa: F811
    """Each repeat in a browser of its own."""
    found = [twice(browser, parent, f"{diary.url}/pupils/{PETER}/diary") for _ in range(REPEATS)]
    for name, visits in (("first", [a for a, _ in found]), ("second", [b for _, b in found])):
        figures += _figures(f"Diary at 400 kbit/s and 400 ms, the {name} time", visits)


def _figures(name: str, visits: list[Opened]) -> list[Figure]:
    return [
        plain(f"{name}, a lesson painted", "ms", [visit.useful for visit in visits]),
        plain(f"{name}, anything painted", "ms", [visit.first for visit in visits]),
        plain(f"{name}, over the line", "kB", [visit.kilobytes for visit in visits]),
    ]
