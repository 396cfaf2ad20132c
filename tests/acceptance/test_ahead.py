"""Debts with their day, retakes by the school's rule, tests that come and topics that are weak."""

from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from deploy.demo.people import Visitor
from tests.acceptance.browsing import NARROW, PHONE, opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.places import TODAY
from tests.acceptance.test_browser_pages import findings, settled
from tests.acceptance.town import Town, founded, inhabitant

YEAR = {"first": "2021-09-01", "last": "2022-05-31"}
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture(scope="module")
def place(diary: Diary) -> Town:
    return founded(diary)


olga = inhabitant("olga")
"""Mother of Petya."""
anna = inhabitant("anna")
"""Who teaches 7A mathematics."""
oleg = inhabitant("oleg")
"""Who teaches Petya Russian."""
inna = inhabitant("inna")
"""Who runs the school."""


def ahead(by: Person, place: Town) -> dict[str, Any]:
    answer = by.get("reporting", "/ahead", pupil_id=place.person("petya"), **YEAR)
    found: dict[str, Any] = answer.json() if answer.status_code == 200 else {"debts": [], "coming": [], "weak": []}
    return found


def owes(anna: Person, place: Town, on: date, due: date | None, title: str) -> str:
    work = str(place.open_work(anna, on, kind="homework", title=title))
    mark = {"pupil_id": str(place.person("petya")), "value": ".", **({"due": str(due)} if due else {})}
    anna.did("POST", "grades", f"/works/{work}/marks", {"marks": [mark]})
    return work


def test_b_12_what_is_owed_stands_with_its_day_until_it_is_handed_in(place: Town, olga: Person, anna: Person) -> None:
    late = owes(anna, place, date(2022, 5, 10), date(2022, 5, 17), "Параграф 20")
    soon = owes(anna, place, date(2022, 5, 16), date(2022, 5, 30), "Параграф 21")

    def debts() -> dict[str, bool]:
        return {one["work_id"]: one["overdue"] for one in ahead(olga, place)["debts"]}

    until(lambda: {late, soon} <= debts().keys())
    assert (debts()[late], debts()[soon]) == (True, False)
    in_group = anna.read("reporting", "/debts", group_id=place.group("7A"), **YEAR)["debts"]
    assert {late, soon} <= {one["work_id"] for one in in_group}
    handed_in = {"pupil_id": str(place.person("petya")), "value": "4", "reason": "Сдано", "retake": True}
    anna.did("POST", "grades", f"/works/{late}/corrections", handed_in)
    until(lambda: late not in debts())
    assert soon in debts()


def test_b_12_what_counts_after_a_retake_is_the_schools_rule_and_the_first_mark_is_kept(
    place: Town, olga: Person, anna: Person, inna: Person
) -> None:
    petya, on = place.person("petya"), date(2022, 5, 12)
    rule = inna.read("grades", f"/schools/{place.school}/rule")
    kept = {"scale": rule["scale"], "kinds": rule["kinds"]}
    stands = {}
    for policy in ("best", "both", "replace"):
        inna.did("PUT", "grades", f"/schools/{place.school}/rule", {**kept, "retakes": policy})
        work = place.give(anna, on, "4")
        again = {"pupil_id": str(petya), "value": "3", "reason": "Пересдача", "retake": True}
        anna.did("POST", "grades", f"/works/{work}/corrections", again)

        def seen(wanted: str = str(work)) -> dict[str, Any] | None:
            table = olga.read("reporting", "/marks", pupil_id=petya, first=on, last=on)
            marks = [mark for subject in table["subjects"] for mark in subject["marks"]]
            return next((mark for mark in marks if mark["work_id"] == wanted and mark["was"]), None)

        mark = until(seen)
        assert mark is not None
        assert [(was["values"], was["retake"]) for was in mark["was"]] == [(["4"], ["3"])]
        stands[policy] = mark["values"]
    assert stands == {"best": ["4"], "both": ["4", "3"], "replace": ["3"]}


def test_g_12_pupils_see_the_next_test_and_what_is_weak(place: Town, olga: Person, anna: Person) -> None:
    on = date(2022, 5, 11)
    anna.did("PUT", "lessons", f"/lessons/{place.group('7A')}/{on}/1/topic", {"topic": "Отрицательные числа"})
    place.give(anna, on, "2")
    test = str(place.open_work(anna, date(2022, 5, 30), kind="test", title="Итоговая"))
    with place.signed_in("petya") as petya:
        until(lambda: [one for one in ahead(petya, place)["weak"] if one["topic"] == "Отрицательные числа"])
        (found,) = until(lambda: [one for one in ahead(petya, place)["coming"] if one["work_id"] == test])
    assert (found["subject"], found["on"], found["title"]) == ("Математика", "2022-05-30", "Итоговая")


def test_g_04_the_family_is_told_the_day_before_a_test(place: Town, olga: Person, anna: Person) -> None:
    place.open_work(anna, TOMORROW, kind="test")

    def told() -> list[str]:
        return [one["text"] for one in olga.read("notify", "/feed")["notices"] if one["kind"] == "test"]

    assert until(told) == ["Пётр: завтра контрольная · Математика, 26.05.2022, 1-й урок"]


def test_b_18_pupils_have_one_test_a_day_unless_the_teacher_means_it(place: Town, anna: Person, oleg: Person) -> None:
    on = date(2022, 5, 31)
    place.open_work(oleg, on, "7R", kind="test")
    body = {"work_id": str(place.person("petya")), "group_id": str(place.group("7A")), "on": str(on), "number": 1}
    answer = anna.send("POST", "grades", "/works", {**body, "kind": "exam"})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["code"], error["pointer"]) == (409, "grades.day-has-test", "/kind")
    assert "Русский язык (3)" in error["detail"]


@pytest.mark.browser
def test_b_12_a_dot_with_its_day_is_typed_seen_at_home_and_handed_in_without_a_question(
    diary: Diary, place: Town, olga: Person, anna: Person, browser: Browser
) -> None:
    on, petya = date(2022, 5, 23), place.person("petya")
    with (
        opened(browser, diary.url, Visitor("", f"anna.{place.name}", "")) as teacher,
        opened(browser, diary.url, Visitor("", f"olga.{place.name}", ""), PHONE) as mother,
    ):
        teacher.goto(f"{diary.url}/journal/{place.group('7A')}?first={on}&last={on}")
        teacher.get_by_role("columnheader").get_by_role("button").last.click()
        dialog = teacher.get_by_role("dialog")
        dialog.get_by_label("Вид работы").select_option(label="Домашняя работа")
        dialog.get_by_label("Название").fill("Задача 5")
        dialog.get_by_role("button", name="Добавить", exact=True).click()
        cell = teacher.locator('[data-at="1:2"]')
        cell.click()
        teacher.keyboard.type(". 31.02")
        teacher.keyboard.press("Enter")
        expect(cell).to_have_attribute("title", "Такого дня нет: срок пишут после точки, например «. 30.05»")
        cell.click()
        teacher.get_by_role("dialog").get_by_role("button", name="Вернуть как было").click()
        cell.click()
        teacher.keyboard.type(". 30.05")
        teacher.keyboard.press("Enter")
        expect(cell).to_contain_text("• 30.05")
        expect(teacher.get_by_text("Сохранено", exact=True)).to_be_visible()
        teacher.get_by_role("button", name="Долги").click()
        expect(teacher.get_by_role("row").filter(has_text="Задача 5, 23.05")).to_contain_text("до 30 мая")
        picture(teacher, "debts-teacher")
        teacher.keyboard.press("Escape")

        mother.goto(f"{diary.url}/pupils/{petya}/marks")
        card = mother.get_by_role("region", name="Что впереди")
        debt = card.get_by_role("listitem").filter(has_text="Задача 5")
        expect(debt).to_contain_text("до 30 мая")
        settled(mother)
        picture(mother, "ahead-family")
        mother.set_viewport_size(NARROW)
        assert findings(mother) == []
        assert mother.evaluate("document.documentElement.scrollWidth <= innerWidth")

        cell.click()
        teacher.keyboard.type("4")
        teacher.keyboard.press("Enter")
        expect(teacher.get_by_role("dialog")).to_have_count(0)
        expect(cell).to_contain_text("4")
        expect(debt).to_have_count(0)


@pytest.mark.browser
def test_b_12_the_head_sets_the_rule_and_a_teacher_notes_a_retake(
    diary: Diary, place: Town, anna: Person, inna: Person, browser: Browser
) -> None:
    on = date(2022, 5, 24)
    place.give(anna, on, "3")
    with (
        opened(browser, diary.url, Visitor("", f"inna.{place.name}", "")) as head,
        opened(browser, diary.url, Visitor("", f"anna.{place.name}", "")) as teacher,
    ):
        head.goto(f"{diary.url}/school")
        head.get_by_role("link", name="Правила оценивания").click()
        head.get_by_label("Вес: Контрольная работа").fill("много")
        head.get_by_label("Считаются обе").check()
        head.get_by_role("button", name="Принять").click()
        expect(head.get_by_role("alert")).to_contain_text("не вес")
        head.get_by_label("Вес: Контрольная работа").fill("2,5")
        head.get_by_role("button", name="Принять").click()
        expect(head.get_by_label("Считаются обе")).to_be_checked()
        expect(head.get_by_text("Действует правило №")).to_be_visible()
        expect(head.get_by_label("Вес: Контрольная работа")).to_have_value("2,5")
        assert findings(head) == []
        picture(head, "rule")

        teacher.goto(f"{diary.url}/journal/{place.group('7A')}?first={on}&last={on}")
        cell = teacher.locator('[data-at="1:2"]')
        cell.click()
        teacher.keyboard.type("5")
        teacher.keyboard.press("Enter")
        teacher.get_by_role("dialog").get_by_role("button", name="Пересдача").click()
        expect(cell).to_contain_text("3/5")
