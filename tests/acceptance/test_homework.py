"""Homework: set by the teacher, read by the family by subject and date, guarded against too much and too late.

A town of the tests' own, 7A and 7B in their seventh year. It is half past nine of Wednesday, 25 May 2022.
"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from deploy.demo.people import Visitor
from tests.acceptance.browsing import DESK, PHONE, opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.places import TODAY
from tests.acceptance.test_browser_pages import findings, settled
from tests.acceptance.town import LESSON_OF, Town, inhabitant

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
FRIDAY = TODAY + timedelta(days=2)
CLASSES = tuple((f",{title},,{course},", f",{title},7,{course},") for title, course in (
    ("7А математика", "MAT"), ("7Б математика", "MAT"), ("7-е классы русский язык", "RUS"),
))  # fmt: skip


@pytest.fixture(scope="module")
def place(diary: Diary) -> Town:
    town = Town(diary)
    town.imported(town.files("classes.csv", *CLASSES))
    town.scheduled()
    return town


anna = inhabitant("anna")
"""Who teaches 7A mathematics."""
oleg = inhabitant("oleg")
"""Who teaches both classes Russian."""
olga = inhabitant("olga")
"""Mother of Petya."""


def path(place: Town, on: date, group: str = "7A") -> str:
    return f"/lessons/{place.group(group)}/{on}/{LESSON_OF[group]}/homework"


def due(by: Person, pupil: UUID, first: date, last: date) -> list[dict[str, Any]]:
    """What the family reads; nothing until reporting has learnt who may see whom."""
    answer = by.get("reporting", "/homework", pupil_id=pupil, first=first, last=last)
    found: list[dict[str, Any]] = answer.json()["homework"] if answer.status_code == 200 else []
    return found


def in_diary(by: Person, pupil: UUID, on: date) -> list[tuple[int, str]]:
    days = by.read("reporting", "/diary", pupil_id=pupil, first=on, last=on)["days"]
    return [(lesson["number"], task["task"]) for lesson in days[0]["lessons"] for task in lesson["homework"]]


def test_h_01_by_subject_and_date_the_family_reads_task_and_deadline(
    place: Town, anna: Person, oleg: Person, olga: Person
) -> None:
    petya = place.person("petya")
    anna.did("PUT", "lessons", path(place, TODAY), {"task": "№ 345–348", "minutes": 25})
    second = {"task": "Упр. 12", "due": {"on": str(FRIDAY), "number": LESSON_OF["7R"]}}
    oleg.did("PUT", "lessons", path(place, TODAY, "7R"), second)
    until(lambda: len(due(olga, petya, TOMORROW, FRIDAY)) == 2)
    found = due(olga, petya, TOMORROW, FRIDAY)
    assert [(one["subject"], one["due_on"], one["task"], one["minutes"], one["by_name"]) for one in found] == [
        ("Математика", str(TOMORROW), "№ 345–348", 25, "Петрова Анна Ивановна"),
        ("Русский язык", str(FRIDAY), "Упр. 12", None, "Сидоров Олег"),
    ]
    assert in_diary(olga, petya, TOMORROW) == [(1, "№ 345–348")]
    assert in_diary(olga, petya, FRIDAY) == [(3, "Упр. 12")]
    oleg.did("PUT", "lessons", path(place, TODAY, "7R"), {"task": None})
    until(lambda: len(due(olga, petya, TOMORROW, FRIDAY)) == 1)
    assert due(olga, place.person("vera"), TOMORROW, FRIDAY) == []  # another's child


def test_b_18_more_homework_for_a_day_than_the_norm_needs_a_word(place: Town, anna: Person, oleg: Person) -> None:
    oleg.did("PUT", "lessons", path(place, TOMORROW, "7R"), {"task": "Сочинение", "minutes": 120})
    much = {"task": "Вариант 7", "minutes": 40, "due": {"on": str(FRIDAY), "number": 1}}

    def refused(language: str) -> Any:
        answer = anna.send("PUT", "lessons", path(place, TOMORROW), much, language=language)
        assert answer.status_code == 409
        [error] = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/minutes", "lessons.much-homework")
        return error["detail"]

    assert refused("ru") == (
        "Вместе с этим на 27.05.2022 задано 160 мин (Русский язык 120), а норма — 150. Подтвердите, если так нужно."
    )
    assert "160 min" in refused("en") and "norm is 150" in refused("en")
    anna.did("PUT", "lessons", path(place, TOMORROW), {**much, "confirmed": True})


def test_b_18_what_comes_too_late_for_an_evening_is_flagged_with_its_hour(
    place: Town, anna: Person, olga: Person
) -> None:
    anna.did("PUT", "lessons", path(place, YESTERDAY), {"task": "§ 31", "minutes": 15})
    [task] = until(lambda: due(olga, place.person("petya"), TODAY, TODAY))
    assert task["late"] and task["written_on"] == str(TODAY) and task["written_at"].startswith("09:")
    [week] = anna.read("lessons", "/week", group_id=place.group("7A"), first=YESTERDAY, last=YESTERDAY)["lessons"]
    assert week["homework"]["late"]


def visitor(place: Town, name: str) -> Visitor:
    return Visitor("", f"{name}.{place.name}", name)


def form(page: Page) -> Any:
    return page.get_by_role("form", name="Домашнее задание")


@pytest.mark.browser
def test_h_01_a_teacher_writes_it_beside_the_roll_and_leaving_the_field_saves_it(
    browser: Browser, diary: Diary, place: Town, anna: Person, olga: Person
) -> None:
    monday = date(2022, 5, 16)
    with opened(browser, diary.url, visitor(place, "anna"), DESK) as page:
        page.goto(f"{diary.url}/roll/{place.group('7A')}/{monday}/1")
        task = form(page).get_by_role("textbox", name="Домашнее задание")
        task.fill("№ 300\n№ 301")
        form(page).get_by_label("К какому уроку").select_option(label="ср, 18 мая, 1-й урок")
        form(page).get_by_label("Сколько минут").fill("300")
        page.get_by_role("heading", name="7А математика").click()
        expect(form(page).get_by_text("Целое число от 1 до 240")).to_be_visible()
        form(page).get_by_label("Сколько минут").fill("20")
        settled(page)
        assert findings(page) == []
        page.get_by_role("heading", name="7А математика").click()
        expect(form(page).get_by_text("Записано после срока: 25 мая в 09")).to_be_visible()
        page.goto(f"{diary.url}/homework?week={monday}")
        row = page.get_by_role("listitem").filter(has_text="№ 300")
        row.get_by_role("link", name="Изменить 7А математика, 1-й урок").click()
        expect(task).to_have_value("№ 300\n№ 301")
        page.get_by_label("На дом ничего не задано").check()
        expect(task).to_have_count(0)
        page.goto(f"{diary.url}/homework?week={monday}")
        expect(page.get_by_role("main")).to_contain_text("Не задано")
        picture(page, "homework-plan")


@pytest.mark.browser
def test_ui_09_what_was_typed_of_it_outlives_a_lost_line_and_a_reload(
    browser: Browser, diary: Diary, place: Town, anna: Person
) -> None:
    with opened(browser, diary.url, visitor(place, "anna"), DESK) as page:
        page.goto(f"{diary.url}/roll/{place.group('7A')}/2022-05-17/1")
        task = form(page).get_by_role("textbox", name="Домашнее задание")
        task.fill("Подготовить доклад")

        def cut(route: Route) -> None:
            route.abort()

        page.route("**/homework", cut)
        page.get_by_role("heading", name="7А математика").click()
        expect(form(page).get_by_role("alert")).to_be_visible()
        expect(task).to_have_value("Подготовить доклад")
        page.unroute("**/homework", cut)
        page.reload()
        expect(task).to_have_value("Подготовить доклад")
        task.focus()
        page.keyboard.press("Control+Enter")
        expect(form(page).get_by_text("Записано")).to_be_visible()


@pytest.mark.browser
def test_b_18_a_teacher_is_asked_before_more_than_the_norm_is_set(
    browser: Browser, diary: Diary, place: Town, anna: Person, oleg: Person
) -> None:
    last = {"on": "2022-05-31", "number": 3}
    oleg.did("PUT", "lessons", path(place, date(2022, 5, 30), "7R"), {"task": "Сочинение", "minutes": 150, "due": last})
    with opened(browser, diary.url, visitor(place, "anna"), DESK) as page:
        page.goto(f"{diary.url}/roll/{place.group('7A')}/2022-05-30/1")  # a lesson to come: only what is planned of it
        form(page).get_by_role("textbox", name="Домашнее задание").fill("Повторить всё")
        form(page).get_by_label("Сколько минут").fill("30")
        page.keyboard.press("Enter")
        expect(form(page).get_by_text("задано 180 мин (Русский язык 150), а норма — 150")).to_be_visible()
        picture(page, "homework-much")
        form(page).get_by_role("button", name="Задать всё равно").click()
        expect(form(page).get_by_text("Записано")).to_be_visible()


@pytest.mark.browser
def test_ui_26_late_homework_is_flagged_in_the_diary_with_its_hour(
    browser: Browser, diary: Diary, place: Town, anna: Person, olga: Person
) -> None:
    petya = place.person("petya")
    anna.did("PUT", "lessons", path(place, YESTERDAY), {"task": "§ 31", "minutes": 15})
    anna.did("PUT", "lessons", path(place, TODAY), {"task": "№ 345–348", "minutes": 25})
    until(lambda: len(due(olga, petya, TODAY, TOMORROW)) == 2)
    with opened(browser, diary.url, visitor(place, "olga"), PHONE) as page:
        page.goto(f"{diary.url}/pupils/{petya}/diary")
        today = page.get_by_role("region", name="Среда")
        expect(today.get_by_text("Добавлено поздно: 25 мая в 09")).to_be_visible()
        expect(page.get_by_role("region", name="Четверг")).to_contain_text("№ 345–348 · 25 минут")
        expect(page.get_by_role("region", name="Четверг")).not_to_contain_text("Добавлено")
        page.get_by_role("link", name="Домашние задания").click()
        expect(page.get_by_role("region", name="Среда")).to_contain_text("§ 31")
        expect(page.get_by_role("region", name="Среда")).to_contain_text("Добавлено поздно: 25 мая в 09")
        page.get_by_label("Предмет").select_option("Математика")
        expect(page.get_by_role("region", name="Четверг")).to_contain_text("№ 345–348")
        assert "subject=" in page.url
        settled(page)
        assert findings(page) == []
        picture(page, "homework-phone")
