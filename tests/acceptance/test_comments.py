"""Comments beside marks, and weeks that families sign: from the school to the family and back, without reload."""

import re
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Browser, expect

from deploy.demo.people import Visitor
from tests.acceptance.browsing import NARROW, PHONE, opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.test_browser_pages import findings, settled
from tests.acceptance.town import Town, founded, inhabitant

LESSON = date(2022, 5, 24)
WEEK = date(2022, 5, 23)


@pytest.fixture(scope="module")
def place(diary: Diary) -> Town:
    return founded(diary)


olga = inhabitant("olga")
"""Mother of Petya."""
anna = inhabitant("anna")
"""Who teaches 7A mathematics."""
oleg = inhabitant("oleg")
"""Who teaches Petya Russian."""


def said(by: Person, place: Town, work: UUID, text: str, group: str = "7A") -> None:
    petya = place.person("petya")
    body = {"comment_id": str(uuid4()), "about": "mark", "group_id": str(place.group(group)), "on": str(LESSON)}
    by.did("POST", "messaging", f"/threads/{work}/{petya}/comments", {**body, "text": text})


def read(by: Person, place: Town, **query: object) -> list[str]:
    days = {"first": date.today() - timedelta(days=1), "last": date.today() + timedelta(days=1)}
    found = by.read("messaging", "/comments", pupil_id=place.person("petya"), **days, **query)["comments"]
    return [one["text"] for one in found]


def test_q_01_teacher_and_parent_write_beside_a_mark_and_both_read_author_date_and_time(
    place: Town, olga: Person, anna: Person
) -> None:
    work = place.give(anna, LESSON, "3")
    said(olga, place, work, "Почему три?")
    said(anna, place, work, "Две ошибки в знаках")
    for reader in (olga, anna):
        thread = reader.read("messaging", f"/threads/{work}/{place.person('petya')}")["comments"]
        assert [(one["author"], one["text"]) for one in thread] == [
            ("guardian", "Почему три?"), ("staff", "Две ошибки в знаках"),
        ]  # fmt: skip
        assert [one["author_name"] for one in thread] == ["Ёлкина Ольга", "Петрова Анна Ивановна"]
        assert all(one["at"].startswith(str(date.today())[:8]) for one in thread)


def test_q_02_comments_are_filtered_by_kind_of_author_and_by_date(place: Town, olga: Person, anna: Person) -> None:
    work = place.give(anna, LESSON, "4")
    said(olga, place, work, "Вопрос семьи")
    said(anna, place, work, "Ответ школы")
    by_school, by_family = read(olga, place, author="staff"), read(olga, place, author="guardian")
    assert "Ответ школы" in by_school and "Вопрос семьи" not in by_school
    assert "Вопрос семьи" in by_family and "Ответ школы" not in by_family
    days = {"first": "2022-01-01", "last": "2022-01-31"}
    assert olga.read("messaging", "/comments", pupil_id=place.person("petya"), **days)["comments"] == []


def test_q_01_a_teacher_of_another_subject_does_not_read_them(
    place: Town, olga: Person, anna: Person, oleg: Person
) -> None:
    work = place.give(anna, LESSON, "5")
    said(olga, place, work, "Только о математике")
    assert oleg.get("messaging", f"/threads/{work}/{place.person('petya')}").status_code == 404
    assert "Только о математике" not in read(oleg, place)


def test_q_03_the_other_side_is_told_of_a_new_comment(place: Town, olga: Person, anna: Person) -> None:
    work = place.give(anna, LESSON, "2")
    said(olga, place, work, "Можно исправить?")

    def told(by: Person) -> list[str]:
        feed = by.read("notify", "/feed")["notices"]
        return [n["text"] for n in feed if n["kind"] == "comment" and str(work) in n["link"]]

    assert until(lambda: told(anna))[0].startswith("Пётр: комментарий, Ёлкина Ольга · Математика")
    assert told(olga) == [], "nobody is told of his own words"
    said(anna, place, work, "В среду после уроков")
    assert until(lambda: told(olga))


@pytest.mark.browser
def test_q_01_a_thread_opens_beside_the_mark_and_answers_come_without_reload(
    diary: Diary, place: Town, anna: Person, olga: Person, browser: Browser
) -> None:
    work = place.give(anna, date(2022, 5, 23), "3")
    petya = place.person("petya")
    until(lambda: str(work) in olga.get("reporting", "/marks", pupil_id=petya, first=WEEK, last=WEEK).text)
    with (
        opened(browser, diary.url, Visitor("", f"olga.{place.name}", ""), PHONE) as mother,
        opened(browser, diary.url, Visitor("", f"anna.{place.name}", "")) as teacher,
    ):
        mother.goto(f"{diary.url}/pupils/{petya}/diary?week={WEEK}")
        mark = mother.get_by_role("region", name="Понедельник").get_by_role("button", name="Оценка 3").first
        mark.click()
        thread = mother.get_by_role("region", name="Комментарии").filter(visible=True)
        thread.get_by_label("Написать комментарий").fill("Подскажите, что повторить?")
        picture(mother, "comment-family")
        thread.get_by_role("button", name="Отправить").click()
        expect(thread.get_by_role("listitem")).to_contain_text("Подскажите, что повторить?")

        teacher.goto(f"{diary.url}/journal/{place.group('7A')}?first={WEEK}&last={WEEK}")
        cell = teacher.get_by_role("gridcell", name="1 комментарий").first
        cell.click()
        teacher.keyboard.press("Shift+F2")
        beside = teacher.get_by_role("dialog", name="Оценка с комментарием")
        expect(beside).to_contain_text("Подскажите, что повторить?")
        beside.get_by_label("Ответить").fill("Параграф 12")
        picture(teacher, "comment-teacher")
        beside.get_by_role("button", name="Отправить").click()
        expect(thread.get_by_role("listitem").nth(1)).to_contain_text("Параграф 12")
        expect(mark).to_contain_text("2")

        mother.goto(f"{diary.url}/pupils/{petya}/comments")
        settled(mother)
        expect(mother.get_by_role("listitem").filter(has_text="Параграф 12").first).to_be_visible()
        mother.get_by_label("Чьи комментарии").select_option("От семьи")
        expect(mother.get_by_text("Параграф 12")).to_have_count(0)
        picture(mother, "comments-page")
        mother.set_viewport_size(NARROW)
        assert findings(mother) == []
        assert mother.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
def test_b_23_a_week_is_signed_with_one_button_and_the_teacher_sees_it(
    diary: Diary, place: Town, anna: Person, olga: Person, browser: Browser
) -> None:
    petya = place.person("petya")
    with (
        opened(browser, diary.url, Visitor("", f"olga.{place.name}", ""), PHONE) as mother,
        opened(browser, diary.url, Visitor("", f"anna.{place.name}", "")) as teacher,
    ):
        mother.goto(f"{diary.url}/pupils/{petya}/diary?week={WEEK}")
        under = mother.get_by_role("region", name="Подпись под неделей")
        under.get_by_role("button", name="Просмотрено, подписать неделю").click()
        expect(under).to_contain_text("Просмотрено: Ёлкина Ольга")
        expect(under.get_by_role("button")).to_have_count(0)
        under.scroll_into_view_if_needed()
        picture(mother, "week-signed")

        teacher.goto(f"{diary.url}/journal/{place.group('7A')}?first={WEEK}&last={WEEK}")
        teacher.get_by_role("button", name="Просмотрено").click()
        row = teacher.get_by_role("row").filter(has_text="Ёлкин").filter(has_text=re.compile(r"\d\d:\d\d"))
        expect(row).to_be_visible()
        picture(teacher, "week-signed-teacher")

        work = place.give(anna, date(2022, 5, 25), "5")
        until(lambda: str(work) in olga.get("reporting", "/marks", pupil_id=petya, first=WEEK, last="2022-05-25").text)
        expect(under).to_contain_text("После подписи появилось новое")
        expect(under.get_by_role("button", name="Просмотрено, подписать неделю")).to_be_visible()
