"""Every page as its reader meets it: reachable, accessible, narrow, in both languages, by the keyboard alone."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.demo.people import ADMINISTRATOR, PARENT, PASSWORD, TEACHER
from tests.acceptance.browsing import DESK, NARROW, fill_sign_in, opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.places import ALGEBRA, PETER, TODAY

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "services/portal/web/node_modules/axe-core/axe.min.js"
MAY = f"first={TODAY.replace(day=1)}&last={TODAY}"
PAGES = {
    "teacher": (
        TEACHER,
        [
            "/today",
            "/journal",
            f"/journal/{ALGEBRA}?{MAY}",
            f"/journal/{ALGEBRA}/topics?{MAY}",
            "/roll",
            f"/roll/{ALGEBRA}/{TODAY}/2",
            "/homework",
            "/timetable",
            "/messages",
            "/messages/new",
            "/notices",
            "/reports",
            "/settings",
        ],
    ),
    "parent": (
        PARENT,
        [
            f"/pupils/{PETER}/diary",
            f"/pupils/{PETER}/marks?first=2021-08-23&last=2021-12-17",
            f"/pupils/{PETER}/attendance",
            f"/pupils/{PETER}/homework",
            f"/pupils/{PETER}/timetable",
            f"/pupils/{PETER}/diary?as_of=2022-05-01T09:00:00Z",
            f"/pupils/{PETER}/changes",
            f"/pupils/{PETER}/readings",
            "/join",
            "/messages",
            "/notices",
            "/reports",
            "/settings",
        ],
    ),
    "administrator": (
        ADMINISTRATOR,
        [
            "/school",
            "/school/attendance",
            "/school/discipline",
            "/school/completeness",
            "/school?as_of=2022-05-01T09:00:00Z",
            "/audit",
            "/journal",
            f"/pupils/{PETER}/diary",
            f"/pupils/{PETER}/guardians",
            "/timetable",
            "/notices",
        ],
    ),
}


def settled(page: Page) -> None:
    page.get_by_role("main").wait_for()
    expect(page.locator(".skeleton, [aria-busy=true]")).to_have_count(0)


def findings(page: Page) -> list[str]:
    """What axe says of the page, one line a rule."""
    page.evaluate(AXE.read_text("utf-8"))  # evaluated from outside, so that the page's own policy stays as it is
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{v['id']}: {[node['target'] for node in v['nodes']][:3]}" for v in found["violations"]]


def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide


@pytest.mark.parametrize("role", PAGES)
def test_axe_finds_nothing_on_any_page_in_english_and_in_the_dark(browser: Browser, diary: Diary, role: str) -> None:
    """In Russian and light it is asked on the narrow window below."""
    visitor, paths = PAGES[role]
    with opened(browser, diary.url, visitor, DESK, color_scheme="dark") as page:
        page.get_by_label("Язык").select_option("en")
        for path in paths:
            page.goto(diary.url + path)
            settled(page)
            assert findings(page) == [], path


@pytest.mark.parametrize("role", PAGES)
def test_every_page_fits_a_window_of_320_pixels_and_axe_finds_nothing(
    browser: Browser, diary: Diary, role: str
) -> None:
    visitor, paths = PAGES[role]
    with opened(browser, diary.url, visitor, NARROW) as page:
        for path in paths:
            page.goto(diary.url + path)
            settled(page)
            assert overflow(page) <= 0, path
            assert findings(page) == [], path


@pytest.mark.parametrize("role", ["teacher", "parent"])
def test_a_page_whose_services_do_not_answer_keeps_its_name_and_offers_to_try_again(
    browser: Browser, diary: Diary, role: str
) -> None:
    visitor, paths = PAGES[role]
    with opened(browser, diary.url, visitor, NARROW) as page:
        page.route("**/api/**", lambda route: route.continue_() if "/roster/me" in route.request.url else route.abort())
        offered = 0
        for path in paths:
            page.goto(diary.url + path)
            settled(page)
            name = page.get_by_role("main").get_by_role("heading", level=1)
            expect(name).to_be_visible()
            assert name.inner_text() != "…", path
            assert overflow(page) <= 0, path
            with suppress(AssertionError):
                expect(page.get_by_role("button", name="Повторить").first).to_be_visible(timeout=3_000)
                offered += 1
        assert offered >= len(paths) - 2, "but for pages that lead to others"


def test_u_01_the_sign_in_form_has_login_password_and_one_button(browser: Browser, diary: Diary) -> None:
    page = browser.new_context(viewport=DESK, locale="ru-RU").new_page()
    page.goto(diary.url)
    form = page.locator("form", has=page.get_by_label("Логин"))
    expect(form.get_by_label("Пароль")).to_be_visible()
    expect(form.get_by_role("button")).to_have_text(["Войти"])
    assert findings(page) == []
    picture(page, "sign-in")
    fill_sign_in(page, "nobody", PASSWORD)
    expect(page.get_by_text("Неверный логин или пароль.")).to_be_visible()
    expect(page.get_by_label("Логин")).to_have_value("nobody")
    fill_sign_in(page, TEACHER.login, "wrong password")
    expect(page.get_by_text("Неверный логин или пароль.")).to_be_visible()
    page.context.close()


@pytest.mark.parametrize("language", ["ru-RU", "en-GB"])
def test_u_01_in_a_demo_one_button_for_each_role_signs_in_by_the_keyboard_alone_and_on_the_narrowest_phone(
    browser: Browser, diary: Diary, language: str
) -> None:
    page = browser.new_context(viewport=NARROW, locale=language).new_page()
    page.goto(diary.url)
    demo = page.get_by_role("region")
    expect(demo.get_by_role("button")).to_have_count(4)
    page.keyboard.press("Tab")
    first = demo.get_by_role("button").first
    expect(first).to_be_focused()
    expect(first).to_contain_text("Войти как учитель" if language == "ru-RU" else "Sign in as a teacher")
    expect(first).to_contain_text("Christian Kelley")
    assert overflow(page) <= 0
    assert findings(page) == []
    picture(page, f"sign-in-demo-{language[:2]}")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/identity/" not in address and address != f"{diary.url}/")
    expect(page.get_by_text("Peter").first).to_be_visible()  # the second button is the mother's
    expect(page.locator("html")).to_have_attribute("lang", language[:2])  # the pages go on in the language of the form
    page.context.close()


def test_u_01_signing_in_leads_back_to_the_address_asked_for(browser: Browser, diary: Diary) -> None:
    page = browser.new_context(viewport=DESK, locale="ru-RU").new_page()
    page.goto(f"{diary.url}/timetable")
    fill_sign_in(page, TEACHER.login, PASSWORD)
    expect(page).to_have_url(f"{diary.url}/timetable")
    page.get_by_role("button", name="Выйти").click()
    expect(page.get_by_label("Логин")).to_be_visible()
    page.goto(f"{diary.url}/journal")
    expect(page.get_by_label("Логин")).to_be_visible()
    page.context.close()


def test_n_01_each_tab_is_one_click_and_no_page_load(browser: Browser, diary: Diary) -> None:
    with opened(browser, diary.url, TEACHER) as page:
        page.evaluate("window.sameDocument = true")
        tabs = page.get_by_role("navigation").filter(has=page.get_by_role("link", name="Расписание"))
        expect(tabs.get_by_role("link", name="Журнал")).to_be_visible()
        for name, path in (("Расписание", "/timetable"), ("Посещаемость", "/roll"), ("Сообщения", "/messages")):
            page.get_by_role("link", name=name, exact=True).first.click()
            page.wait_for_url(f"**{path}*")
            assert page.evaluate("window.sameDocument"), name


def test_n_02_a_pupil_is_found_by_the_beginning_of_the_surname_or_the_number(browser: Browser, diary: Diary) -> None:
    with opened(browser, diary.url, TEACHER) as page:
        search = page.get_by_role("combobox", name="Поиск услуг и учеников")
        search.press_sequentially("nas")
        expect(page.get_by_role("option", name="Nash Peter").first).to_be_visible()
        search.fill("")
        search.press_sequentially("604918")
        page.get_by_role("option", name="Nash Peter").first.click()
        page.wait_for_url(f"**/pupils/{PETER}/**")


@pytest.fixture(scope="module")
def journal(browser: Browser, diary: Diary) -> Iterator[Page]:
    """The journal of algebra with a work at today's lesson, opened by its teacher."""
    with opened(browser, diary.url, TEACHER) as page:
        page.goto(f"{diary.url}/journal/{ALGEBRA}?{MAY}")
        expect(page.get_by_role("grid")).to_be_visible()
        yield page


def focused(page: Page) -> tuple[int, int]:
    """Row and column of the cell that has the focus."""
    place: str = page.evaluate("document.activeElement.getAttribute('data-at') ?? ''")
    row, _, column = place.partition(":")
    return int(row), int(column)


def test_ui_01_the_grid_is_one_tab_stop_and_arrows_stop_at_its_edges(journal: Page) -> None:
    assert journal.locator('[role="grid"] [tabindex="0"]').count() == 1
    journal.locator('[role="grid"] [tabindex="0"]').focus()
    journal.keyboard.press("Control+Home")
    first = focused(journal)
    journal.keyboard.press("ArrowUp")
    journal.keyboard.press("ArrowLeft")
    assert focused(journal) == first
    journal.keyboard.press("ArrowDown")
    assert focused(journal) == (first[0] + 1, first[1])
    journal.keyboard.press("End")
    right = focused(journal)
    journal.keyboard.press("ArrowRight")
    assert focused(journal) == right
    journal.keyboard.press("Control+End")
    last = focused(journal)
    journal.keyboard.press("ArrowDown")
    assert focused(journal) == last


def test_ui_02_cells_have_their_roles_and_the_grid_its_size(journal: Page) -> None:
    grid = journal.get_by_role("grid")
    rows = int(grid.get_attribute("aria-rowcount") or 0)
    assert rows == journal.get_by_role("row").count() == journal.get_by_role("rowheader").count() + 1
    assert journal.locator('[role="row"][aria-rowindex="2"] [role="gridcell"]').count() > 10


def test_ui_16_todays_lesson_is_in_view_and_names_stay(journal: Page) -> None:
    today = journal.get_by_role("columnheader").last.bounding_box()
    name = journal.get_by_role("rowheader").first.bounding_box()
    assert today and name
    assert today["x"] + today["width"] <= 1280
    assert 0 <= name["x"] < 400


def test_ui_21_a_question_mark_opens_the_list_of_keys(journal: Page) -> None:
    journal.locator('[role="grid"] [tabindex="0"]').focus()
    journal.keyboard.press("?")
    expect(journal.get_by_role("dialog", name="Клавиши")).to_be_visible()
    journal.keyboard.press("Escape")
    expect(journal.get_by_role("dialog", name="Клавиши")).to_be_hidden()


def test_b_28_a_page_as_it_stood_says_so_and_leads_back(browser: Browser, diary: Diary) -> None:
    with opened(browser, diary.url, PARENT) as page:
        page.goto(f"{diary.url}/pupils/{PETER}/marks?first=2021-08-23&last=2021-12-17")
        settled(page)
        marks = page.locator(".marks-table tbody tr").count()
        assert marks > 0
        page.get_by_role("button", name="Как было раньше").click()
        page.get_by_label("Показать страницу, какой она была").fill("2020-01-01T08:00")
        page.get_by_role("button", name="Показать", exact=True).click()
        expect(page.get_by_role("status").filter(has_text="Такой страница была")).to_be_visible()
        expect(page.locator(".marks-table tbody tr")).to_have_count(0)
        page.get_by_role("button", name="К сегодняшней").click()
        expect(page.locator(".marks-table tbody tr")).to_have_count(marks)
