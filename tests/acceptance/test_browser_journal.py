"""An open journal that others write in too: what they do appears at once, and what is being typed is never lost.

In a town of its own: Anna Ivanovna has the journal of 7A open, the headmistress writes in it over HTTP.
"""

import re
from collections.abc import Iterator
from datetime import date
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from deploy.demo.people import Visitor
from tests.acceptance.browsing import NARROW, PHONE, opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.test_browser_pages import findings, overflow
from tests.acceptance.town import Town, founded

pytestmark = pytest.mark.browser

DAYS = [date(2022, 5, day) for day in (16, 17, 18, 19, 20, 23, 24)]
AT_ONCE = 20_000
"""Milliseconds in which another's change is there on a busy machine; the page asks by itself only after a minute."""


@pytest.fixture(scope="module")
def school(diary: Diary) -> Town:
    return founded(diary)


@pytest.fixture(scope="module")
def head(school: Town) -> Iterator[Person]:
    """Inna, headmistress: she may write in every journal of the school."""
    with school.signed_in("inna") as person:
        yield person


def followed(person: Person, group: UUID) -> bool:
    """Whether reporting has learnt that the person may see the group."""
    address = f"{person.url}/api/reporting/live"
    with person.http.stream("GET", address, params={"group_id": str(group)}) as answer:
        return answer.status_code == 200


@pytest.fixture(scope="module")
def page(browser: Browser, school: Town) -> Iterator[Page]:
    """Anna's journal of 7A."""
    with school.signed_in("anna") as anna:
        until(lambda: followed(anna, school.group("7A")))
    with opened(browser, school.diary.url, Visitor("", f"anna.{school.name}", "")) as found:
        show(found, school)
        yield found


def show(page: Page, school: Town) -> None:
    page.goto(f"{school.diary.url}/journal/{school.group('7A')}?first={DAYS[0]}&last=2022-05-25")
    expect(page.get_by_role("grid")).to_be_visible()


def column(page: Page, on: date) -> str:
    """The number of the day's first column."""
    head = page.get_by_role("columnheader").filter(has_text=f"{on:%d.%m}").first.get_by_role("button")
    place = head.get_attribute("data-at")
    assert place
    return place.partition(":")[2]


def cell(page: Page, on: date) -> Locator:
    """Petya's, in the day's first column; he is alone in the class."""
    return page.locator(f'[role="gridcell"][data-at="1:{column(page, on)}"]')


def give(by: Person, school: Town, work: UUID, value: str) -> None:
    marks = {"marks": [{"pupil_id": str(school.person("petya")), "value": value}]}
    by.did("POST", "grades", f"/works/{work}/marks", marks)


def saved(page: Page) -> None:
    expect(page.get_by_text("Сохранено", exact=True)).to_be_visible()


def test_ui_10_anothers_work_mark_and_roll_appear_at_once(page: Page, school: Town, head: Person) -> None:
    work = school.open_work(head, DAYS[0], kind="test")
    expect(page.get_by_role("columnheader").filter(has_text="контр.")).to_be_visible(timeout=AT_ONCE)
    give(head, school, work, "4")
    expect(cell(page, DAYS[0])).to_have_text("4", timeout=AT_ONCE)
    absent = {"entries": [{"pupil_id": str(school.person("petya")), "state": "absent"}]}
    head.did("PUT", "attendance", school.roll(DAYS[0]), absent)
    expect(cell(page, DAYS[0])).to_contain_text("н", timeout=AT_ONCE)


def test_ui_10_what_is_being_typed_stays_and_its_writer_is_told_whose_value_stands(
    page: Page, school: Town, head: Person
) -> None:
    work = school.open_work(head, DAYS[1])
    expect(cell(page, DAYS[1])).not_to_have_class(re.compile("no-work"), timeout=AT_ONCE)
    cell(page, DAYS[1]).focus()
    page.keyboard.type("5")
    give(head, school, work, "3")
    school.open_work(head, DAYS[0], kind="exam")  # a column appears before the one that is being typed in
    expect(page.get_by_role("columnheader").filter(has_text="экз.")).to_be_visible(timeout=AT_ONCE)
    editor = page.locator("input.editor")
    expect(editor).to_be_focused()
    expect(editor).to_have_value("5")
    page.keyboard.press("Enter")
    asking = page.get_by_role("dialog", name="Клетка журнала")
    expect(asking.get_by_role("alert")).to_contain_text("Здесь уже стоит 3: Директорова Инна")
    asking.get_by_role("button", name="Оставить 3").click()
    expect(cell(page, DAYS[1])).to_have_text("3")

    cell(page, DAYS[1]).focus()
    page.keyboard.type("4")
    correction = {"pupil_id": str(school.person("petya")), "value": "2", "reason": "не та строка"}
    head.did("POST", "grades", f"/works/{work}/corrections", correction)
    page.wait_for_timeout(1_500)
    page.keyboard.press("Enter")
    expect(asking.get_by_role("alert")).to_contain_text("Здесь уже стоит 2: Директорова Инна")
    asking.get_by_label("Почему исправляется").fill("пересдал")
    asking.get_by_role("button", name="Исправить").click()
    saved(page)
    expect(cell(page, DAYS[1])).to_have_text(re.compile(r"2\W+4"))


def test_ui_10_a_mark_typed_while_another_opens_a_work_there_is_not_put_into_that_work(
    page: Page, school: Town, head: Person
) -> None:
    cell(page, DAYS[2]).focus()
    page.keyboard.type("5")
    school.open_work(head, DAYS[2], kind="quiz")
    expect(page.get_by_role("columnheader").filter(has_text="сам.")).to_be_visible(timeout=AT_ONCE)
    expect(page.locator("input.editor")).to_have_value("5")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Новая работа")
    dialog.get_by_label("Вид работы").select_option(label="Проект")
    dialog.get_by_role("button", name="Добавить", exact=True).click()
    saved(page)
    heads = page.get_by_role("columnheader").filter(has_text=f"{DAYS[2]:%d.%m}")
    expect(heads).to_have_count(2)
    project = heads.filter(has_text="проект").get_by_role("button").get_attribute("data-at")
    assert project
    expect(page.locator(f'[role="gridcell"][data-at="1:{project.partition(":")[2]}"]')).to_have_text("5")


def test_g_07_a_comment_and_a_recommendation_are_written_with_the_mark_and_read_by_the_family(
    page: Page, browser: Browser, school: Town, head: Person
) -> None:
    school.open_work(head, DAYS[3])
    expect(cell(page, DAYS[3])).not_to_have_class(re.compile("no-work"), timeout=AT_ONCE)
    cell(page, DAYS[3]).focus()
    page.keyboard.type("4")
    page.keyboard.press("Shift+F2")
    panel = page.get_by_role("dialog", name="Оценка с комментарием")
    expect(panel.get_by_label("Оценка")).to_have_value("4")
    expect(panel.get_by_label("Комментарий")).to_be_focused()
    page.keyboard.type("Хорошо, но торопишься")
    expect(page.get_by_role("link", name="Не сохранено: 1")).to_be_visible()

    page.wait_for_timeout(200)  # no hand is faster than the browser's store
    show(page, school)  # the page is lost with the comment unfinished
    expect(cell(page, DAYS[3])).to_have_attribute("aria-label", re.compile("комментарий не дописан"))
    cell(page, DAYS[3]).focus()
    page.keyboard.press("Enter")
    expect(panel.get_by_label("Комментарий")).to_have_value("Хорошо, но торопишься")
    panel.get_by_label("Рекомендация").fill("Решите № 231 и № 232")
    panel.get_by_role("button", name="Запомнить как мою фразу").click()
    expect(panel.get_by_role("button", name="Решите № 231 и № 232", exact=True)).to_be_visible()
    picture(page, "journal-comment")
    panel.get_by_label("Рекомендация").focus()
    page.keyboard.press("Enter")
    saved(page)
    expect(cell(page, DAYS[3])).to_have_attribute("aria-label", re.compile("Комментарий: Хорошо, но торопишься"))
    olga = Visitor("", f"olga.{school.name}", "")
    with school.signed_in("olga"), opened(browser, school.diary.url, olga, PHONE) as o:
        o.goto(f"{school.diary.url}/pupils/{school.person('petya')}/diary?week={DAYS[3]}")
        o.get_by_role("button", name="Оценка 4, Работа на уроке", exact=True).click()
        expect(o.get_by_text("Хорошо, но торопишься").first).to_be_visible()
        expect(o.get_by_text("Решите № 231 и № 232").first).to_be_visible()


def test_g_07_a_mark_that_stands_takes_no_comment_and_that_is_said_first(page: Page) -> None:
    cell(page, DAYS[1]).focus()
    page.keyboard.press("Shift+F2")
    panel = page.get_by_role("dialog", name="Оценка с комментарием")
    expect(panel).to_contain_text("Слова к самой оценке пишут вместе с ней")
    expect(panel.get_by_label("Написать комментарий")).to_be_visible()  # to the family, beside the mark
    expect(panel.get_by_role("textbox")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)


def test_g_07_a_comment_is_reached_by_the_pointer_and_escape_leaves_the_cell_as_it_was(
    page: Page, school: Town, head: Person
) -> None:
    school.open_work(head, DAYS[4])
    expect(cell(page, DAYS[4])).not_to_have_class(re.compile("no-work"), timeout=AT_ONCE)
    cell(page, DAYS[4]).dblclick()
    page.keyboard.type("3")
    page.get_by_role("button", name="Комментарий", exact=True).click()
    panel = page.get_by_role("dialog", name="Оценка с комментарием")
    panel.get_by_role("button", name="Решите № 231 и № 232", exact=True).click()  # kept with another mark
    expect(panel.get_by_label("Комментарий")).to_have_value("Решите № 231 и № 232")
    panel.get_by_label("Комментарий").fill("не то")
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(cell(page, DAYS[4])).to_have_text("")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Клавиши")).to_contain_text("Комментарий к оценке")
    page.keyboard.press("Escape")


def test_b_27_a_mark_is_typed_as_points_by_criteria_and_the_family_sees_them(
    page: Page, browser: Browser, school: Town
) -> None:
    page.get_by_role("columnheader").filter(has_text=f"{DAYS[5]:%d.%m}").first.get_by_role("button").click()
    dialog = page.get_by_role("dialog", name="Новая работа")
    dialog.get_by_label("Вид работы").select_option(label="Контрольная работа")
    for _ in range(4):
        dialog.get_by_role("button", name="Добавить критерий").press("Enter")
    expect(dialog.get_by_label("4. Критерий")).to_be_focused()
    dialog.get_by_role("button", name="Убрать критерий D").press("Enter")
    dialog.get_by_label("3. Баллов не больше").fill("6")
    dialog.get_by_label("2. Критерий").fill("A")
    dialog.get_by_role("button", name="Добавить", exact=True).click()
    expect(dialog.get_by_role("alert")).to_be_visible()  # two of one name
    dialog.get_by_label("2. Критерий").fill("B")
    picture(page, "work-criteria")
    dialog.get_by_role("button", name="Добавить", exact=True).click()
    expect(dialog).to_have_count(0)

    cell(page, DAYS[5]).focus()
    page.keyboard.type("6")
    expect(page.get_by_text("Сейчас критерий A, от 0 до 8")).to_be_attached()
    page.keyboard.type(" 9")
    expect(page.get_by_text("B: целое число от 0 до 8")).to_be_visible()
    page.keyboard.press("Backspace")
    expect(page.get_by_text("Сейчас критерий B, от 0 до 8")).to_be_attached()
    page.keyboard.press("Enter")
    expect(cell(page, DAYS[5])).to_have_attribute("aria-label", re.compile("Не хватает баллов по критерию B"))
    cell(page, DAYS[5]).focus()
    page.keyboard.type("6/7 5")
    picture(page, "journal-criteria")
    page.keyboard.press("Enter")
    saved(page)
    expect(cell(page, DAYS[5])).to_have_text(re.compile(r"[2-5]\s*6·7·5"))
    petya = Visitor("", f"olga.{school.name}", "")
    with opened(browser, school.diary.url, petya, PHONE, color_scheme="dark") as family:
        family.goto(f"{school.diary.url}/pupils/{school.person('petya')}/diary?week={DAYS[5]}")
        family.get_by_role("button", name=re.compile("^Оценка .*Контрольная")).first.click()
        expect(family.get_by_text(re.compile(r"A\s6/8 · B\s7/8 · C\s5/6")).first).to_be_visible()


def test_every_face_of_an_entry_is_accessible_and_fits_320_pixels(page: Page) -> None:
    page.set_viewport_size(NARROW)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.locator('td[data-at="1:1"]').hover()  # the sum of the average stands over the cells
        cell(page, DAYS[5]).focus()
        page.keyboard.press("F2")
        assert findings(page) == [], f"editor, {scheme}"
        page.keyboard.press("Shift+F2")
        assert findings(page) == [], f"comment that cannot be written, {scheme}"
        page.keyboard.press("Escape")
        cell(page, DAYS[4]).focus()
        page.keyboard.press("Shift+F2")
        assert findings(page) == [], f"comment, {scheme}"
        page.keyboard.press("Escape")
        page.get_by_role("columnheader").filter(has_text=f"{DAYS[6]:%d.%m}").first.get_by_role("button").click()
        page.get_by_role("button", name="Добавить критерий").click()
        assert findings(page) == [], f"criteria, {scheme}"
        assert overflow(page) <= 0
        page.keyboard.press("Escape")
