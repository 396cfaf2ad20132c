"""Two browsers at once: what the teacher does in one appears in the parent's."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.demo.people import PARENT, TEACHER
from tests.acceptance.browsing import PHONE, opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.places import ALGEBRA, PETER, TODAY

pytestmark = pytest.mark.browser

MAY = f"first={TODAY.replace(day=1)}&last={TODAY}"
PETERS_NAME = "Nash Peter Ivan"


@pytest.fixture(scope="module")
def teacher(browser: Browser, diary: Diary) -> Iterator[Page]:
    with opened(browser, diary.url, TEACHER) as page:
        yield page


@pytest.fixture(scope="module")
def parent(browser: Browser, diary: Diary) -> Iterator[Page]:
    with opened(browser, diary.url, PARENT, PHONE) as page:
        yield page


def diary_of_peter(page: Page, url: str) -> None:
    page.goto(f"{url}/pupils/{PETER}/diary")
    expect(page.get_by_text("Algebra I").first).to_be_visible()


def journal(page: Page, url: str, group: UUID = ALGEBRA) -> None:
    page.goto(f"{url}/journal/{group}?{MAY}")
    expect(page.get_by_role("grid")).to_be_visible()


def add_work(page: Page, kind: str, title: str) -> None:
    """At the last lesson of the range, which is today's."""
    page.get_by_role("columnheader").last.get_by_role("button").click()
    dialog = page.get_by_role("dialog")
    if dialog.get_by_role("button", name="Ещё одна работа").is_visible():
        dialog.get_by_role("button", name="Ещё одна работа").click()
    dialog.get_by_label("Вид работы").select_option(label=kind)
    dialog.get_by_label("Название").fill(title)
    dialog.get_by_role("button", name=re.compile("^Добавить$")).click()
    again = dialog.get_by_role("button", name="Всё равно добавить")
    expect(dialog.or_(page.get_by_role("grid")).first).to_be_visible()
    page.wait_for_timeout(300)
    if again.is_visible():
        again.click()
    expect(dialog).to_be_hidden()


def cell_of(page: Page, name: str) -> str:
    """The selector of the pupil's cell in the last column."""
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name))
    place = row.get_by_role("gridcell").last.get_attribute("data-at")
    assert place is not None
    return f'[role="gridcell"][data-at="{place}"]'


def test_t_01_the_lessons_stand_in_the_journal_before_anything_is_typed(teacher: Page, diary: Diary) -> None:
    journal(teacher, diary.url)
    heads = teacher.get_by_role("columnheader").all_inner_texts()
    assert sum("25" in head for head in heads) == 1
    assert len(heads) > 15
    picture(teacher, "journal-empty")


def test_g_01_a_mark_typed_by_the_teacher_appears_at_the_parents_without_reload(
    teacher: Page, parent: Page, diary: Diary
) -> None:
    diary_of_peter(parent, diary.url)
    journal(teacher, diary.url)
    add_work(teacher, "Контрольная работа", "Unit 8 Test")
    cell = teacher.locator(cell_of(teacher, PETERS_NAME))
    cell.focus()
    teacher.keyboard.type("88")
    teacher.keyboard.press("Enter")
    expect(teacher.get_by_text("Сохранено", exact=True)).to_be_visible()
    expect(parent.get_by_text("88", exact=True).first).to_be_visible()
    picture(teacher, "journal")
    picture(parent, "diary-live")


def test_a_02_an_absence_taken_by_one_key_appears_at_the_parents(teacher: Page, parent: Page, diary: Diary) -> None:
    diary_of_peter(parent, diary.url)
    teacher.goto(f"{diary.url}/roll/{ALGEBRA}/{TODAY}/2")
    row = teacher.locator(f'tr[data-pupil="{PETER}"]')
    row.get_by_role("gridcell").first.focus()
    teacher.keyboard.press("y")  # the key of «н» on a Latin layout
    teacher.get_by_role("button", name="Остальные на месте").click()
    expect(teacher.get_by_text("Перекличку провёл(а)")).to_be_visible()
    picture(teacher, "roll")
    expect(parent.get_by_text("отсутствовал").first).to_be_visible()
    parent.goto(f"{diary.url}/pupils/{PETER}/attendance")
    expect(parent.get_by_text("отсутствовал").first).to_be_visible()
    picture(parent, "attendance")


def test_g_08_the_marks_table_has_averages_and_opens_to_its_sum(parent: Page, diary: Diary) -> None:
    parent.goto(f"{diary.url}/pupils/{PETER}/marks?first=2021-08-23&last=2021-12-17")
    expect(
        parent.get_by_role("heading", name="Средние баллы").or_(parent.get_by_text("Средний балл, текущий")).first
    ).to_be_visible()
    picture(parent, "marks")
