"""A column's set-up goes to parallel classes; it never lands in the class that is open."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from deploy.demo.people import Visitor
from tests.acceptance.browsing import opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.places import TODAY
from tests.acceptance.test_browser_pages import findings
from tests.acceptance.town import Town, founded


@pytest.fixture(scope="module")
def place(diary: Diary) -> Town:
    return founded(diary)


@pytest.fixture(scope="module")
def inna(place: Town) -> Iterator[Person]:
    """Who runs the school, and may mark in all its classes."""
    with place.signed_in("inna") as person:
        yield person


@pytest.mark.browser
def test_b_17_a_column_is_set_up_once_for_all_parallel_classes(
    diary: Diary, place: Town, inna: Person, browser: Browser
) -> None:
    def works(group: str) -> list[tuple[str, str, str, str | None]]:
        journal = inna.read("grades", "/journal", group_id=place.group(group), first=TODAY, last=TODAY)
        return [(one["on"], one["kind"], one["weight"], one["title"]) for one in journal["works"]]

    place.open_work(inna, TODAY, kind="test", weight="3", title="Дроби")
    with opened(browser, diary.url, Visitor("", f"inna.{place.name}", "")) as page:
        page.goto(f"{diary.url}/journal/{place.group('7A')}?first={TODAY}&last={TODAY}")
        page.get_by_role("columnheader").filter(has_text=f"{TODAY:%d.%m}").get_by_role("button").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name="Параллельным классам").click()
        dialog.get_by_role("button", name="Добавить: 7Б математика").click()
        expect(dialog.get_by_text("есть")).to_be_visible()
        picture(page, "work-parallel")
        assert findings(page) == []
    expected = [(str(TODAY), "test", "3", "Дроби")]
    until(lambda: works("7B") == expected)
    assert works("7A") == expected
    assert works("7R") == []  # another subject
