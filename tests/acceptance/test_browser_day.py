"""A teacher's school day, its records made and checked: every key and click counted, against the same day on paper."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from deploy.demo.people import Visitor
from tests.acceptance.browsing import opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.places import TODAY
from tests.acceptance.town import Town, inhabitant, with_pupils

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Lesson:
    """`absent`: rows of the list, from one; `marks`: of the first so many, or of every other one."""

    group: str
    number: int
    pupils: int
    absent: tuple[int, ...]
    topic: str
    task: str
    minutes: int
    marks: int
    kind: str = "Работа на уроке"


ORAL = Lesson("7A", 1, 30, (3, 11, 20), "Сложение дробей", "№ 345–348", 25, 10)
TEST = Lesson("6V", 2, 28, (5, 17), "Контрольная работа: проценты", "Повторить п. 14", 15, 26, "Контрольная работа")
LAST = Lesson("5G", 3, 25, (), "Площадь прямоугольника", "№ 512, 514, правило", 20, 8)
DAY = (ORAL, TEST, LAST)
MISBEHAVED = "Не слушал на уроке, мешал соседу"
ASKED = ("Контрольная работа", "Ольга Петровна, Пётр не сдал тетрадь с работой. Пусть принесёт её завтра.")

NEW_CLASSES = """6V,,,6В математика,,MAT,,scheduled,12,S,Y,,,
5G,,,5Г математика,,MAT,,scheduled,12,S,Y,,,
"""
NEW_TEACHING = "e91,,,6V,S,anna,teacher,true,,\ne92,,,5G,S,anna,teacher,true,,\n"
BELLS = "schoolSourcedId,lesson,start,end\nS,1,06:30,07:10\nS,2,07:20,08:00\nS,3,08:10,08:50\n"
"""All over by the hour at which the tests' school is."""
TIMETABLE = "classSourcedId,weekday,lesson,room,beginDate,endDate\n" + "".join(
    f"{lesson.group},{weekday},{lesson.number},12,{TODAY},2022-05-31\n" for lesson in DAY for weekday in range(1, 6)
)


@pytest.fixture(scope="module")
def place(diary: Diary) -> Town:
    """Where Anna has three lessons today, the first ones of her timetable, and nobody else has any."""
    town = Town(diary)
    files = town.files()
    files["classes.csv"] = f"{files['classes.csv']!s}{NEW_CLASSES}"
    files["enrollments.csv"] = f"{files['enrollments.csv']!s}{NEW_TEACHING}"
    for lesson in DAY:
        first = 2 if lesson is ORAL else 1  # there Petya is already
        ids = [f"p{lesson.number}{n:02}" for n in range(first, lesson.pupils + 1)]
        files = with_pupils(files, lesson.group, ids)
    town.imported(files)
    town.scheduled(TIMETABLE, BELLS)
    return town


anna = inhabitant("anna")
inna = inhabitant("inna")
"""Who runs the school."""
olga = inhabitant("olga")
"""Mother of Petya."""

# seconds of one act: the keystroke-level model of Card, Moran and Newell (1980), and 68 letters a minute by hand
KEY, POINT, THINK, WRITE = 0.28, 1.1 + 2 * 0.1, 1.35, 60 / 68
PAGE = 1.0
"""A page opened, on the screen or of a journal on paper: ours, to nobody's good."""
SIGNATURE = 4
"""Letters that a signature takes as long as."""
ENTRIES = 4
"""What is looked for at each lesson: roll, topic, homework, marks."""


DIARIES = "marks once more, into the pupils' diaries"


@dataclass
class Hand:
    """A person at a page: does what is asked and counts it; a capital letter and a sign beside it are two keys."""

    page: Page
    keys: int = 0
    clicks: int = 0
    thoughts: int = 0
    pages: int = 0

    def think(self, times: int = 1) -> None:
        self.thoughts += times

    def click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1

    def go(self, what: Locator) -> None:
        """To another page."""
        self.click(what)
        self.pages += 1

    def choose(self, what: Locator, name: str) -> None:
        """Of a list that opens: a click to open it, a click on the line."""
        what.select_option(label=name)
        self.clicks += 2

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(key)
        self.keys += times

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.keys += sum(1 if one.islower() or one.isdigit() or one in " .,-" else 2 for one in text)

    @property
    def seconds(self) -> float:
        return self.keys * KEY + self.clicks * POINT + self.thoughts * THINK + self.pages * PAGE


def on_paper() -> dict[str, float]:
    """Seconds of the same day by hand, by what they are spent on; nothing is counted that the paper may do without.

    Of each absent pupil the line is found and «н» written; date, topic and homework are written into the journal, the
    homework on the board too. Of each mark the line is found and it is written, then once more, signed, into the
    pupil's diary. The remark and the letter are written into the diary and signed, and so is a line to the family of
    each pupil who is absent from the tutor's class. Who checks opens each lesson's page and looks for its entries: the
    teacher, and who runs the school. No average is reckoned, nobody is telephoned, no report is drawn up.
    """

    def written(text: str) -> float:
        return THINK + len(text) * WRITE

    signed = SIGNATURE * WRITE
    absent = sum(len(lesson.absent) for lesson in DAY)
    marks = sum(lesson.marks for lesson in DAY)
    missed = written(f"Не был на уроках {TODAY:%d.%m}") + signed
    return {
        "roll": absent * (THINK + WRITE) + len(DAY) * PAGE,
        "topics and homework": sum(written(f"{TODAY:%d.%m}{one.topic}") + written(one.task * 2) for one in DAY),
        "marks": marks * (THINK + WRITE),
        DIARIES: marks * (THINK + WRITE + signed),
        "notices": written(MISBEHAVED) + signed + written(" ".join(ASKED)) + signed + len(ORAL.absent) * missed,
        "checking": 2 * len(DAY) * (PAGE + ENTRIES * THINK),
    }


def rolled(hand: Hand, lesson: Lesson) -> None:
    """From the day's page to the lesson's: who is absent, topic, homework."""
    page = hand.page
    state = page.get_by_role("list", name=f"{title(lesson)}: что заполнено").get_by_role("link", name="Перекличка")
    hand.go(state)
    first = page.locator("tr[data-pupil]").first.get_by_role("gridcell").first
    expect(first).to_be_visible()
    hand.think()
    if lesson.absent:
        hand.click(first)
    for row, before in zip(lesson.absent, (1, *lesson.absent), strict=False):
        hand.press("ArrowDown", row - before)
        hand.press("y")  # «н» of the Russian layout
        hand.think()
    hand.click(page.get_by_role("button", name="Остальные на месте" if lesson.absent else "Все на месте"))
    hand.click(page.get_by_label("Тема урока"))
    hand.think()
    hand.type(lesson.topic)
    hand.press("Tab")
    hand.think()
    hand.type(lesson.task)
    hand.press("Tab", 2)
    hand.type(str(lesson.minutes))
    hand.press("Enter")
    expect(page.get_by_role("form", name="Домашнее задание").get_by_text("Записано")).to_be_visible()


def marked(hand: Hand, lesson: Lesson) -> None:
    """From the lesson's page to the journal: a column and its marks; who was absent gets none."""
    page = hand.page
    hand.go(page.get_by_role("link", name="Журнал", exact=True).and_(page.locator(".button")))
    head = page.get_by_role("columnheader").filter(has_text=f"{TODAY:%d.%m}").last
    hand.click(head.get_by_role("button"))
    dialog = page.get_by_role("dialog")
    if lesson is TEST:
        hand.think()
        hand.choose(dialog.get_by_label("Вид работы"), lesson.kind)
    hand.click(dialog.get_by_role("button", name="Добавить", exact=True))
    expect(dialog).to_have_count(0)
    column = int(head.get_attribute("aria-colindex") or 0) - 1
    given, row = 0, 1
    hand.click(page.locator(f'[role="gridcell"][data-at="{row}:{column}"]'))
    while given < lesson.marks:
        skipped = row in lesson.absent or (lesson is not TEST and row % 2 == 0)
        if not skipped:
            hand.think()
            hand.type(str(3 + row % 3))
            given += 1
        hand.press("ArrowDown" if skipped else "Enter")
        row += 1
    expect(page.get_by_text("Сохранено", exact=True)).to_be_visible()


def title(lesson: Lesson) -> str:
    return {"7A": "7А математика", "6V": "6В математика", "5G": "5Г математика"}[lesson.group]


def told(hand: Hand) -> None:
    """A remark of Petya and a letter to his mother; of who is absent families are told without a hand."""
    page = hand.page
    hand.think()
    hand.click(page.get_by_role("combobox", name="Поиск услуг и учеников"))
    hand.type("ёлкин")
    hand.go(page.get_by_role("option", name="Ёлкин Пётр Олегович"))
    hand.go(page.get_by_role("link", name="Поведение"))
    hand.click(page.get_by_role("button", name="Записать"))
    hand.click(page.get_by_label("Замечание"))
    hand.click(page.get_by_label("Что произошло"))
    hand.think()
    hand.type(MISBEHAVED)
    hand.click(page.get_by_role("button", name="Сохранить"))
    expect(page.get_by_role("listitem").filter(has_text=MISBEHAVED)).to_be_visible()

    hand.go(page.get_by_role("link", name="Сообщения").first)
    hand.go(page.get_by_role("link", name="Новое сообщение").first)
    hand.think()
    hand.choose(page.get_by_label("Кому"), "Ёлкина Ольга")
    hand.click(page.get_by_label("Тема"))
    hand.type(ASKED[0])
    hand.press("Tab")
    hand.think()
    hand.type(ASKED[1])
    hand.click(page.get_by_role("button", name="Отправить"))
    expect(page.get_by_text(ASKED[1])).to_be_visible()


@pytest.fixture(scope="module")
def page(diary: Diary, place: Town, anna: Person, browser: Browser) -> Iterator[Page]:
    with opened(browser, diary.url, Visitor("", f"anna.{place.name}", "")) as opened_page:
        yield opened_page


def test_t_06_a_school_days_records_take_at_least_30_percent_less_to_make_and_check_than_by_hand(
    page: Page, diary: Diary, place: Town, anna: Person, inna: Person, olga: Person, browser: Browser
) -> None:
    page.goto(f"{diary.url}/today")
    spent: dict[str, float] = {}
    hand = Hand(page)
    for lesson in DAY:
        rolled(hand, lesson)
        marked(hand, lesson)
        hand.go(page.get_by_role("navigation").get_by_role("link", name="Сегодня", exact=True).first)
    spent["lessons"] = hand.seconds
    told(hand)
    spent["notices"] = hand.seconds - spent["lessons"]
    hand.go(page.get_by_role("navigation").get_by_role("link", name="Сегодня", exact=True).first)
    expect(page.get_by_text("За последнюю неделю всё заполнено")).to_be_visible()
    hand.think(1 + len(DAY))  # each lesson is looked at all the same
    picture(page, "day-done")
    with opened(browser, diary.url, Visitor("", f"inna.{place.name}", "")) as heads:
        head = Hand(heads)
        head.go(heads.get_by_role("link", name="Заполнение журналов"))
        expect(heads.get_by_role("main")).to_contain_text("3 прошедших урока: всё заполнено")
        head.think(1 + len(DAY))
        picture(heads, "day-checked")
    spent["checking"] = hand.seconds - spent["lessons"] - spent["notices"] + head.seconds

    seconds, paper = sum(spent.values()), on_paper()
    by_hand = sum(paper.values())
    without_diaries = by_hand - paper[DIARIES]
    said = (
        f"{hand.keys + head.keys} keys, {hand.clicks + head.clicks} clicks: {rounded(spent)}, {seconds:.0f} s\n"
        f"by hand: {rounded(paper)}, {by_hand:.0f} s, so {1 - seconds / by_hand:.0%} less; "
        f"{1 - seconds / without_diaries:.0%} less where pupils keep no diaries"
    )
    print(said)
    assert 1 - seconds / without_diaries >= 0.3, said
    for lesson in DAY:
        recorded(place, anna, lesson)
    informed(place, olga)


def rounded(seconds: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.0f}" for name, value in seconds.items())


def recorded(place: Town, anna: Person, lesson: Lesson) -> None:
    """What was entered stands in the journals."""
    asked: dict[str, UUID | object] = {"group_id": place.group(lesson.group), "first": TODAY, "last": TODAY}
    [roll] = anna.read("attendance", "/journal", **asked)["rolls"]
    assert sum(entry["state"] == "absent" for entry in roll["entries"]) == len(lesson.absent)
    [week] = anna.read("lessons", "/week", **asked)["lessons"]
    assert (week["topic"], week["homework"]["task"], week["homework"]["minutes"]) == (
        lesson.topic,
        lesson.task,
        lesson.minutes,
    )
    [work] = anna.read("grades", "/journal", **asked)["works"]
    assert (work["kind"], len(work["marks"])) == ("test" if lesson is TEST else "lesson", lesson.marks)


def informed(place: Town, olga: Person) -> None:
    """Petya's mother reads the remark and the letter."""
    remarks = olga.read("messaging", "/remarks", pupil_id=place.person("petya"), first=TODAY, last=TODAY)["remarks"]
    assert [one["text"] for one in remarks] == [MISBEHAVED]
    [letter] = until(lambda: olga.read("messaging", "/conversations")["conversations"])
    assert (letter["subject"], letter["last"]["text"]) == ASKED
