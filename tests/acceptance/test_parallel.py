"""What is set up once for several classes: a column, the topics of lessons."""

import pytest
from playwright.sync_api import Browser, expect

from deploy.demo.people import Visitor
from tests.acceptance.browsing import opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.places import TODAY
from tests.acceptance.test_browser_pages import findings
from tests.acceptance.town import Town, founded, inhabitant


@pytest.fixture(scope="module")
def place(diary: Diary) -> Town:
    return founded(diary)


inna = inhabitant("inna")
"""Who runs the school, and may mark in all its classes."""


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


@pytest.mark.browser
def test_t_02_topics_are_pasted_into_many_lessons_and_a_template_fills_those_of_another_class(
    diary: Diary, place: Town, inna: Person, browser: Browser
) -> None:
    week = "first=2022-05-16&last=2022-05-20"

    def topics(group: str) -> list[str | None]:
        lessons = inna.read("lessons", "/week", group_id=place.group(group), first="2022-05-16", last="2022-05-20")
        return [one["topic"] for one in lessons["lessons"]]

    with opened(browser, diary.url, Visitor("", f"inna.{place.name}", "")) as page:
        page.goto(f"{diary.url}/journal/{place.group('7A')}")
        page.get_by_role("link", name="Темы уроков").click()
        expect(page.get_by_role("heading", name="Темы уроков")).to_be_visible()
        page.goto(f"{diary.url}/journal/{place.group('7A')}/topics?{week}")
        page.get_by_label("Тема: вт 17.05, 1-й урок").focus()
        page.evaluate(
            """() => {
                const data = new DataTransfer();
                data.setData("text", "Дроби\\nПроценты\\r\\nСтепени\\n");
                const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
                document.activeElement.dispatchEvent(paste);
            }"""
        )
        expect(page.get_by_label("Тема: чт 19.05, 1-й урок")).to_have_value("Степени")
        page.get_by_role("button", name="Сохранить темы как шаблон").click()
        page.get_by_role("button", name="Сохранить", exact=True).click()
        expect(page.get_by_text("Назовите шаблон.")).to_be_visible()
        page.get_by_label("Название шаблона").fill("Математика, май")
        page.get_by_label("Название шаблона").press("Enter")
        expect(page.get_by_role("combobox", name="Шаблоны тем")).to_contain_text("Математика, май (3)")
        assert findings(page) == []
        picture(page, "topics")
        page.get_by_role("button", name="Сохранить 3 темы").click()
        until(lambda: topics("7A") == [None, "Дроби", "Проценты", "Степени", None])
        page.goto(f"{diary.url}/journal/{place.group('7B')}/topics?{week}")
        page.get_by_label("Тема: пн 16.05, 2-й урок").fill("Повторение")
        page.get_by_role("combobox", name="Шаблоны тем").select_option(label="Математика, май (3)")
        page.get_by_role("button", name="Заполнить пустые").click()
        page.get_by_role("button", name="Сохранить 4 темы").click()
        until(lambda: topics("7B") == ["Повторение", "Дроби", "Проценты", "Степени", None])
        expect(page.get_by_role("button", name="Сохранить", exact=True)).to_be_disabled()
