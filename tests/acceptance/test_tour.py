"""The first visit in place of a manual: offered once, a sentence to a page, on the page itself."""

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.demo.people import ADMINISTRATOR, PARENT, PUPIL, TEACHER, Visitor
from tests.acceptance.browsing import NARROW, opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.test_browser_pages import findings, settled
from tests.acceptance.test_browser_portal import LINE

pytestmark = pytest.mark.browser


def walked(page: Page) -> list[str]:
    """The titles of all steps, to the end."""
    tour = page.get_by_role("complementary", name="Знакомство с дневником")
    tour.get_by_role("button", name="Показать").click()
    titles: list[str] = []
    while True:
        expect(tour.get_by_text(f"Шаг {len(titles) + 1} из")).to_be_visible()
        titles.append(tour.get_by_role("heading").inner_text())
        if tour.get_by_role("button", name="Дальше").count() == 0:
            break
        tour.get_by_role("button", name="Дальше").click()
    assert findings(page) == []
    tour.get_by_role("button", name="Закончить").click()
    expect(tour).to_have_count(0)
    return titles


@pytest.mark.parametrize(
    ("visitor", "titles"),
    [
        (TEACHER, ["Ваш день", "Журнал", "Перекличка", "Без связи", "Уведомления и календарь"]),
        (PARENT, ["Дневник", "Оценки", "Если ребёнок не придёт", "Написать учителю", "Уведомления и календарь"]),
        (PUPIL, ["Дневник", "Оценки", "Уведомления и календарь"]),
        (ADMINISTRATOR, ["Школы района", "Уничтожение данных", "Уведомления и календарь"]),
    ],
    ids=["teacher", "parent", "pupil", "officer"],
)
def test_d_07_a_newcomer_is_led_through_the_pages_of_his_role_and_never_again(
    browser: Browser, diary: Diary, visitor: Visitor, titles: list[str]
) -> None:
    with opened(browser, diary.url, visitor, NARROW, newcomer=True) as page:
        settled(page)
        offer = page.get_by_role("complementary", name="Знакомство с дневником")
        expect(offer.get_by_role("button", name="Показать")).to_be_in_viewport()
        picture(page, f"tour-{visitor.login}")
        assert walked(page) == titles
        page.reload()
        page.get_by_role("main").wait_for()
        page.get_by_role("heading").first.wait_for()
        expect(page.get_by_role("complementary", name="Знакомство с дневником")).to_have_count(0)


def test_d_07_who_said_no_finds_it_in_the_search(browser: Browser, diary: Diary) -> None:
    with opened(browser, diary.url, TEACHER, newcomer=True) as page:
        page.get_by_role("button", name="Не нужно").click()
        page.get_by_role("combobox", name=LINE).press_sequentially("инструкция")
        expect(page.get_by_role("option", name="Знакомство с дневником")).to_be_visible()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url("**/settings*")
        page.get_by_role("main").get_by_role("button", name="Показать").click()
        expect(page.get_by_text("Шаг 1 из 5")).to_be_in_viewport()
        page.wait_for_url("**/today")
        picture(page, "tour-step")
