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
from tests.acceptance.town import Town, inhabitant

pytestmark = pytest.mark.browser

PUPILS, MARKED, PASTED = 35, 27, 20
FIRST = date(2022, 3, 1)
COUNT = """() => {
  window.pressed = window.clicked = 0;
  addEventListener('keydown', () => window.pressed++, true);
  addEventListener('pointerdown', () => window.clicked++, true);
}"""
LAST_USER, LAST_ROLE = "lev,,,true,lev,,Лев,Окружной,,702,,,,,,\n", "r8,,,lev,primary,districtAdministrator,,,{D},\n"
LAST_ENROLMENT = "e7,,,7R,S,vera,student,false,,\n"


@pytest.fixture(scope="module")
def place(diary: Diary) -> Town:
    """A town whose 7A has 35 pupils."""
    town = Town(diary)
    more = [f"p{n:02}" for n in range(2, PUPILS + 1)]
    users = LAST_USER + "".join(f"{id_},,,true,{id_},,Ученик,Я{id_},,2{id_[1:]},,,,,7,\n" for id_ in more)
    role = LAST_ROLE.replace("{D}", town.name)
    roles = role + "".join(f"r{id_},,,{id_},primary,student,,,S,\n" for id_ in more)
    enrolments = LAST_ENROLMENT + "".join(f"e{id_},,,7A,S,{id_},student,false,,\n" for id_ in more)
    files = town.files("users.csv", (LAST_USER, users))
    files |= {"roles.csv": town.files("roles.csv", (role, roles))["roles.csv"]}
    files |= {"enrollments.csv": town.files("enrollments.csv", (LAST_ENROLMENT, enrolments))["enrollments.csv"]}
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


# seconds of one act: the keystroke-level model of Card, Moran and Newell (1980), and 68 letters a minute by hand
KEY, POINT, THINK, WRITE = 0.28, 1.1 + 2 * 0.1, 1.35, 60 / 68
TOPIC, TASK, MINUTES = "Сложение дробей", "№ 345–348", "25"
ABSENT, ANSWERED = (3, 11, 20), 10
SIGNATURE = 4


def by_hand() -> float:
    """Seconds of one lesson's records on paper: the journal's page, the board, the pupils' diaries.

    Of each absent pupil the line is found and «н» written; date and topic are written; homework stands in the journal
    and on the board; of each mark the line is found and it is written, then once more, signed, into the pupil's diary.
    Nobody is telephoned and no average is reckoned: the product does both by itself, and that is not counted here.
    """
    roll = len(ABSENT) * (THINK + WRITE)
    texts = 2 * THINK + (len("16.03") + len(TOPIC) + 2 * len(TASK)) * WRITE
    marks = ANSWERED * (THINK + WRITE) + ANSWERED * (THINK + (1 + SIGNATURE) * WRITE)
    return roll + texts + marks


def test_t_06_a_lessons_roll_topic_homework_and_marks_take_at_least_30_percent_less_than_by_hand(
    page: Page, diary: Diary, place: Town, anna: Person
) -> None:
    on, thoughts, acts = date(2022, 3, 16), 0, {"pressed": 0, "clicked": 2}  # two ways there: the roll, the journal

    def counted() -> None:
        for name in acts:
            acts[name] += page.evaluate(f"window.{name}")

    page.goto(f"{diary.url}/roll/{place.group('7A')}/{on}/1")
    first = page.locator("tr[data-pupil]").first.get_by_role("gridcell").first
    expect(first).to_be_visible()
    page.evaluate(COUNT)
    first.click()
    for row, before in zip(ABSENT, (0, *ABSENT), strict=False):
        for _ in range(row - before):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("y")  # «н» of the Russian layout
        thoughts += 1
    page.get_by_role("button", name="Остальные на месте").click()
    page.get_by_label("Тема урока").click()
    page.keyboard.type(TOPIC)
    page.keyboard.press("Tab")
    page.keyboard.type(TASK)
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.type(MINUTES)
    page.keyboard.press("Enter")
    thoughts += 2
    expect(page.get_by_role("form", name="Домашнее задание").get_by_text("Записано")).to_be_visible()
    counted()

    page.goto(f"{diary.url}/journal/{place.group('7A')}?first={FIRST}&last={TODAY}")
    head = page.get_by_role("columnheader").filter(has_text=f"{on:%d.%m}").last.get_by_role("button")
    expect(head).to_be_visible()
    page.evaluate(COUNT)
    head.click()
    page.get_by_role("dialog").get_by_role("button", name="Добавить", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    cell(page, 1, on).click()
    for n in range(ANSWERED):
        page.keyboard.type(str(3 + n % 3))
        page.keyboard.press("Enter")
        page.keyboard.press("ArrowDown")  # not everybody answered
        thoughts += 1
    until(lambda: len(given(anna, place, on)) == ANSWERED)
    counted()

    seconds = acts["pressed"] * KEY + acts["clicked"] * POINT + thoughts * THINK
    saved = 1 - seconds / by_hand()
    print(f"{acts}: {seconds:.0f} s, by hand {by_hand():.0f} s: {saved:.0%} less")
    assert saved >= 0.3, f"{seconds:.0f} s against {by_hand():.0f} s by hand"
    rolls = anna.read("attendance", "/journal", group_id=place.group("7A"), first=on, last=on)["rolls"]
    assert sum(entry["state"] == "absent" for entry in rolls[0]["entries"]) == len(ABSENT)
    [lesson] = anna.read("lessons", "/week", group_id=place.group("7A"), first=on, last=on)["lessons"]
    assert (lesson["topic"], lesson["homework"]["task"], lesson["homework"]["minutes"]) == (TOPIC, TASK, int(MINUTES))
