"""The first pages: a teacher's today, the day of the school, all children of a family beside each other.

A town of the tests' own: Olga's Petya learns in 7A of school № 1 and her Vanya in 5V of another. It is half past nine.
"""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, expect

from deploy.demo.people import Visitor
from tests.acceptance.browsing import DESK, NARROW, PHONE, opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person
from tests.acceptance.places import TODAY
from tests.acceptance.test_browser_pages import findings, overflow, settled
from tests.acceptance.town import Town

pytestmark = pytest.mark.browser

MONDAY, YESTERDAY = date(2022, 5, 23), date(2022, 5, 24)
SECOND_SCHOOL: dict[str, str] = {
    "orgs.csv": "Z,,,Гимназия № 2,school,12,{D}\n",
    "courses.csv": "BIO,,,Y,Биология,BIO-5,,Z,,\n",
    "classes.csv": "5V,,,5В биология,,BIO,,scheduled,21,Z,Y,,,\n",
    "users.csv": "zoya,,,true,zoya,,Зоя,Лесная,,904,,,,,,\nvanya,,,true,vanya,,Иван,Ёлкин,Олегович,103,,,,olga,5,\n",
    "roles.csv": "r10,,,zoya,primary,teacher,,,Z,\nr11,,,vanya,primary,student,,,Z,\n",
    "enrollments.csv": "e10,,,5V,Z,zoya,teacher,true,,\ne11,,,5V,Z,vanya,student,false,,\n",
}
BELLS = "schoolSourcedId,lesson,start,end\n" + "".join(
    f"{school},{number},{starts},{ends}\n"
    for school in "SZ"
    for number, starts, ends in ((1, "08:30", "09:15"), (2, "09:25", "10:40"), (3, "10:50", "11:35"))
)
TIMETABLE = "classSourcedId,weekday,lesson,room,beginDate,endDate\n" + "".join(
    f"{group},{weekday},{lesson},{room},2021-09-01,2022-05-31\n"
    for group, lesson, room in (("7A", 1, "12"), ("7B", 2, "14"), ("7R", 3, "16"), ("5V", 1, "21"))
    for weekday in range(1, 6)
)


@pytest.fixture(scope="module")
def twin(diary: Diary) -> Town:
    """The town with a second school."""
    town = Town(diary)
    files = town.files()
    for name, more in SECOND_SCHOOL.items():
        files[name] = str(files[name]) + more.replace("{D}", town.name)
    files["users.csv"] = str(files["users.csv"]).replace(",,,,petya,,", ',,,,"petya,vanya",,')
    town.imported(files)
    town.scheduled(TIMETABLE, BELLS)
    return town


@pytest.fixture(scope="module")
def told(twin: Town) -> Iterator[dict[str, Person]]:
    """Petya was away from today's first lesson and has a mark; of Oleg's yesterday nothing is filled in."""
    with twin.signed_in("anna") as anna, twin.signed_in("oleg") as oleg, twin.signed_in("zoya") as zoya:
        petya, vanya = str(twin.person("petya")), str(twin.person("vanya"))
        for on in (MONDAY, YESTERDAY):
            anna.did("PUT", "attendance", twin.roll(on), {"entries": []})
        anna.did("PUT", "attendance", twin.roll(TODAY), {"entries": [{"pupil_id": petya, "state": "absent"}]})
        twin.give(anna, YESTERDAY, "4")
        work = twin.open_work(zoya, TODAY, "5V")
        zoya.did("POST", "grades", f"/works/{work}/marks", {"marks": [{"pupil_id": vanya, "value": "5"}]})
        zoya.did("PUT", "attendance", f"/rolls/{twin.group('5V')}/{TODAY}/1", {"entries": []})
        with twin.signed_in("inna"), twin.signed_in("olga"), twin.signed_in("lev"):
            yield {"anna": anna, "oleg": oleg, "zoya": zoya}


def visitor(town: Town, name: str) -> Visitor:
    return Visitor("", f"{name}.{town.name}", name)


def test_a_teachers_first_page_is_his_day_with_the_state_of_each_lesson(
    browser: Browser, diary: Diary, twin: Town, told: dict[str, Person]
) -> None:
    with opened(browser, diary.url, visitor(twin, "anna")) as page:
        expect(page).to_have_url(f"{diary.url}/today")
        lesson = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="7А математика"))
        expect(lesson.get_by_role("link", name=re.compile("Перекличка.*нет 1 ученика"))).to_be_visible()
        expect(lesson).to_contain_text("08:30–09:15")
        expect(lesson).to_contain_text("каб. 12")
        lesson.get_by_role("link", name=re.compile("Перекличка")).click()
        expect(page).to_have_url(f"{diary.url}/roll/{twin.group('7A')}/{TODAY}/1")


def test_the_lesson_that_goes_on_and_the_next_are_marked_in_words(
    browser: Browser, diary: Diary, twin: Town, told: dict[str, Person]
) -> None:
    with opened(browser, diary.url, visitor(twin, "oleg")) as page:
        now = page.locator('[aria-current="time"]')
        expect(now.get_by_role("heading", name="7Б математика")).to_be_visible()
        expect(now).to_contain_text(re.compile(r"Сейчас ещё \d+ минут"))
        following = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="7-е классы русский язык"))
        expect(following).to_contain_text(re.compile(r"Следующий через \d+ минут"))


def test_ui_28_what_is_missing_of_the_last_days_opens_that_very_roll_by_the_keyboard(
    browser: Browser, diary: Diary, twin: Town, told: dict[str, Person]
) -> None:
    with opened(browser, diary.url, visitor(twin, "oleg")) as page:
        gaps = page.get_by_role("region", name="Что осталось заполнить")
        expect(gaps.get_by_role("heading", name=re.compile(r"Не отмечена посещаемость: \d+ урок"))).to_be_visible()
        line = gaps.get_by_role("link", name=re.compile("вт 24.05.*7Б математика")).first
        line.focus()
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{diary.url}/roll/{twin.group('7B')}/{YESTERDAY}/2")
        page.get_by_role("button", name="Все на месте").click()
        expect(page.get_by_text("Перекличку провёл(а)")).to_be_visible()
        page.goto(f"{diary.url}/today")
        expect(gaps.get_by_role("link", name=re.compile("24.05.*7-е классы"))).not_to_have_count(0)
        page.reload()
        rolls = gaps.locator("div", has=page.get_by_role("heading", name=re.compile("Не отмечена")))
        expect(rolls.get_by_role("link", name=re.compile("вт 24.05.*7Б математика"))).to_have_count(0)


def test_b_07_a_work_without_marks_is_named_and_leads_to_its_column(
    browser: Browser, diary: Diary, twin: Town, told: dict[str, Person]
) -> None:
    work = twin.open_work(told["anna"], MONDAY, kind="test")
    with opened(browser, diary.url, visitor(twin, "anna")) as page:
        gaps = page.get_by_role("region", name="Что осталось заполнить")
        expect(gaps.get_by_text("Работа без оценок: 1 урок")).to_be_visible()
        gaps.get_by_role("link").filter(has_text=f"{MONDAY:%d.%m}").filter(has_text="7А математика").first.click()
        page.wait_for_url(f"**/journal/{twin.group('7A')}?*last={MONDAY}")
        expect(
            page.get_by_role("columnheader").filter(has_text=f"{MONDAY:%d.%m}").filter(has_text="контр.")
        ).to_be_visible()
        marked = {"marks": [{"pupil_id": str(twin.person("petya")), "value": "4"}]}
        told["anna"].did("POST", "grades", f"/works/{work}/marks", marked)
        page.goto(f"{diary.url}/today")
        expect(gaps).to_be_visible()
        expect(gaps.get_by_text("Работа без оценок")).to_have_count(0)


def test_a_heads_first_page_is_the_day_of_the_school(
    browser: Browser, diary: Diary, twin: Town, told: dict[str, Person]
) -> None:
    with opened(browser, diary.url, visitor(twin, "inna")) as page:
        expect(page).to_have_url(f"{diary.url}/school")
        expect(page.get_by_text("Школа № 1")).to_be_visible()
        row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="7А"))
        expect(row.get_by_role("cell").first).to_have_text("1")
        away = page.get_by_role("region", name="Кто отсутствует")
        expect(away.get_by_role("link", name=re.compile("Ёлкин Пётр.*причина не указана"))).to_be_visible()
        expect(page.get_by_text("Ёлкин Иван")).to_have_count(0)  # he is of the other school


def test_another_day_is_one_press_away_and_its_missing_rolls_open(
    browser: Browser, diary: Diary, twin: Town, told: dict[str, Person]
) -> None:
    with opened(browser, diary.url, visitor(twin, "inna")) as page:
        page.get_by_role("button", name="Предыдущий день").click()
        expect(page).to_have_url(re.compile(f"on={YESTERDAY}"))
        missing = page.get_by_role("region", name="Уроки без переклички")
        line = missing.get_by_role("link", name=re.compile("7-е классы русский язык.*Сидоров Олег"))
        line.click()
        expect(page).to_have_url(f"{diary.url}/roll/{twin.group('7R')}/{YESTERDAY}/3")
        page.go_back()
        trend = page.get_by_role("region", name="Последние 10 учебных дней")
        trend.get_by_role("button", name="пн 23.05").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Понедельник, 23 мая")
        page.get_by_role("button", name="Сегодня").click()
        expect(page).to_have_url(f"{diary.url}/school")


def test_an_officers_first_page_names_his_schools_and_leads_to_the_day_of_each(
    browser: Browser, diary: Diary, twin: Town, told: dict[str, Person]
) -> None:
    with opened(browser, diary.url, visitor(twin, "lev")) as page:
        expect(page).to_have_url(f"{diary.url}/district")
        expect(page.get_by_role("rowheader", name="Гимназия № 2")).to_be_visible()
        page.get_by_role("link", name="Школа № 1").click()
        expect(page.get_by_role("rowheader", name="7А")).to_be_visible()
        expect(page.get_by_text("Ёлкин Пётр")).to_be_visible()


def test_a_mother_of_two_sees_each_child_in_a_card_of_its_own_with_school_and_class(
    browser: Browser, diary: Diary, twin: Town, told: dict[str, Person]
) -> None:
    with opened(browser, diary.url, visitor(twin, "olga"), PHONE) as page:
        expect(page).to_have_url(f"{diary.url}/family")
        petya = page.get_by_role("region", name="Ёлкин Пётр Олегович")
        vanya = page.get_by_role("region", name="Ёлкин Иван Олегович")
        expect(petya).to_contain_text("7А класс · Школа № 1")
        expect(vanya).to_contain_text("5В класс · Гимназия № 2")
        expect(petya.get_by_text("отсутствовал(а)")).to_be_visible()
        expect(petya.get_by_role("button", name="Оценка 4")).to_be_visible()
        expect(vanya.get_by_role("button", name="Оценка 5")).to_be_visible()
        expect(vanya.get_by_text("отсутствовал(а)")).to_have_count(0)
        expect(vanya).not_to_contain_text("Математика")
        picture(page, "family-town")


def test_a_mark_given_while_the_page_is_open_appears_with_its_child_and_not_with_the_other(
    browser: Browser, diary: Diary, twin: Town, told: dict[str, Person]
) -> None:
    with opened(browser, diary.url, visitor(twin, "olga"), PHONE) as page:
        petya = page.get_by_role("region", name="Ёлкин Пётр Олегович")
        vanya = page.get_by_role("region", name="Ёлкин Иван Олегович")
        expect(petya.get_by_text("Математика").first).to_be_visible()
        twin.give(told["anna"], TODAY, "3")
        expect(petya.get_by_role("button", name="Оценка 3")).to_be_visible()
        expect(vanya.get_by_role("button", name="Оценка 3")).to_have_count(0)


FIRST_PAGES = {"oleg": "/today", "inna": "/school", "lev": "/district", "olga": "/family"}


@pytest.mark.parametrize("who", FIRST_PAGES)
@pytest.mark.parametrize(("language", "scheme"), [("ru", "light"), ("en", "dark")])
def test_axe_finds_nothing_on_the_first_pages_and_they_fit_320_pixels(
    browser: Browser, diary: Diary, twin: Town, told: dict[str, Person], who: str, language: str, scheme: str
) -> None:
    with opened(browser, diary.url, visitor(twin, who), DESK, color_scheme=scheme) as page:
        if language == "en":
            page.get_by_label("Язык").select_option("en")
        settled(page)
        assert findings(page) == []
        for size in (PHONE, NARROW):
            page.set_viewport_size(size)
            assert overflow(page) <= 0, size
            assert findings(page) == []
