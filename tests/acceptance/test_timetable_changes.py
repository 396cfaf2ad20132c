"""Substitutions, moved and cancelled lessons: set where the lesson stands, shown old and new, told to those near."""

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
from tests.acceptance.town import LESSON_OF, TIMETABLE, Town, founded, inhabitant

TOMORROW = TODAY + timedelta(days=1)
IN_TWO_DAYS = TODAY + timedelta(days=2)


@pytest.fixture(scope="module")
def place(diary: Diary) -> Town:
    return founded(diary)


olga = inhabitant("olga")
"""Mother of Petya, who is in 7A."""
nina = inhabitant("nina")
"""Mother of Vera, who is not in 7A."""
anna = inhabitant("anna")
"""Who teaches 7A mathematics."""
oleg = inhabitant("oleg")
"""Who stands in."""
inna = inhabitant("inna")
"""Who runs the school."""


def lesson(place: Town, on: date, what: str, group: str = "7A") -> str:
    return f"/lessons/{place.group(group)}/{on}/{LESSON_OF[group]}/{what}"


def told(person: Person, words: str) -> list[dict[str, Any]]:
    feed = person.get("notify", "/feed")
    notices = feed.json()["notices"] if feed.status_code == 200 else []
    return [notice for notice in notices if notice["kind"] == "timetable" and words in notice["text"]]


def week(person: Person, place: Town, on: date, group: str = "7A") -> dict[str, Any]:
    found = person.read("lessons", "/week", group_id=place.group(group), first=on, last=on)
    (only,) = found["lessons"]
    return dict(only)


def test_b_13_a_substitution_names_old_and_new_teacher_and_gives_the_substitute_that_lesson_only(
    place: Town, olga: Person, anna: Person, oleg: Person, inna: Person
) -> None:
    body = {"teacher_id": str(oleg.person_id)}
    inna.did("POST", "lessons", lesson(place, TODAY, "substitution"), body)
    shown = week(inna, place, TODAY)
    assert (shown["teacher_id"], shown["instead_of"]) == (str(oleg.person_id), str(anna.person_id))

    asked = {"pupil_id": place.person("petya"), "first": TODAY, "last": TODAY}

    def in_diary() -> list[dict[str, Any]]:
        (day,) = olga.read("reporting", "/diary", **asked)["days"]
        return [one for one in day["lessons"] if one["substituted"]]

    (one,) = until(in_diary)
    assert (one["instead_of"], one["teacher"]) == ("Петрова Анна Ивановна", "Сидоров Олег")
    oleg.did("PUT", "attendance", place.roll(TODAY), {"entries": []})
    before = oleg.send("PUT", "attendance", place.roll(TODAY - timedelta(days=1)), {"entries": []})
    assert before.status_code == 403

    until(lambda: told(olga, "замена, урок ведёт Сидоров Олег · Математика, 25.05.2022, 1-й урок"))
    (notice,) = until(lambda: told(oleg, "7А математика: замена"))
    assert notice["link"] == "/timetable?week=2022-05-23"
    until(lambda: told(anna, "7А математика: замена"))
    assert told(inna, "") == []


def test_s_02_those_concerned_are_told_of_the_next_days_and_nobody_else(
    place: Town, olga: Person, nina: Person, anna: Person, inna: Person
) -> None:
    monday = TODAY + timedelta(days=5)
    inna.did("POST", "lessons", lesson(place, monday, "cancellation"), {})
    until(lambda: told(olga, "урок отменён"))
    until(lambda: told(anna, "7А математика: урок отменён"))
    assert told(nina, "") == []


def test_c_03_a_moved_lesson_is_told_with_day_number_and_room(place: Town, olga: Person, anna: Person) -> None:
    to = {"to_date": str(TOMORROW), "to_number": 2, "room": "21"}
    anna.did("POST", "lessons", lesson(place, TOMORROW, "move"), to)
    (notice,) = until(lambda: told(olga, "урок перенесён"))
    assert (
        notice["text"] == "Пётр: урок перенесён на 26.05.2022, 2-й урок, кабинет 21 · Математика, 26.05.2022, 1-й урок"
    )
    shown = week(anna, place, TOMORROW)
    assert (shown["room_was"], shown["room"], shown["number"]) == ("12", "21", 2)

    anna.did("POST", "lessons", lesson(place, TOMORROW, "restoration"))
    until(lambda: told(olga, "урок состоится по расписанию"))
    assert told(olga, "урок перенесён") == []
    assert week(anna, place, TOMORROW)["moved_from"] is None
    refused = anna.send("POST", "lessons", lesson(place, TODAY, "restoration"))
    assert refused.status_code == 403  # a substitution is the office's to take back


def test_c_03_whoever_wishes_no_such_notices_gets_none(place: Town, nina: Person, inna: Person) -> None:
    until(lambda: nina.get("notify", "/wishes").status_code == 200)
    nina.did("PUT", "notify", "/wishes", {"wishes": [{"kind": "timetable", "channels": []}]})
    inna.did("POST", "lessons", lesson(place, TOMORROW, "cancellation", "7B"), {})
    with place.signed_in("oleg") as oleg:
        until(lambda: told(oleg, "7Б математика: урок отменён"))
    assert told(nina, "урок отменён") == []


@pytest.mark.browser
def test_n_03_a_lesson_is_changed_where_it_stands_and_an_open_diary_shows_it(
    diary: Diary, place: Town, olga: Person, anna: Person, oleg: Person, inna: Person, browser: Browser
) -> None:
    office = Visitor("", f"inna.{place.name}", "")
    family = Visitor("", f"olga.{place.name}", "")
    on = IN_TWO_DAYS
    with opened(browser, diary.url, office) as page, opened(browser, diary.url, family, PHONE) as phone:
        phone.goto(f"{diary.url}/diary/{place.person('petya')}?day={on}")
        shown = phone.locator(".lesson").filter(has_text="Математика")
        expect(shown.first).to_be_visible()

        page.goto(f"{diary.url}/timetable?group={place.group('7A')}&week={on}")
        day = page.locator(f'section[aria-labelledby="on-{on}"]')
        day.get_by_role("button", name="Изменить: 7А математика, 1-й урок").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name="Назначить замену").click()
        expect(dialog.get_by_text("Выберите, кто проведёт урок")).to_be_visible()
        dialog.get_by_label("Кто проведёт урок").select_option(label="Сидоров Олег")
        picture(page, "timetable-change")
        dialog.get_by_role("button", name="Назначить замену").click()
        expect(dialog).to_have_count(0)
        expect(day.locator("del")).to_have_text("Петрова Анна Ивановна")
        picture(page, "timetable-substitution")
        expect(phone.get_by_text("Замена").first).to_be_visible()
        expect(phone.locator("del").first).to_have_text("Петрова Анна Ивановна")
        picture(phone, "diary-substitution")

        day.get_by_role("button", name="Изменить: 7А математика, 1-й урок").click()
        dialog.get_by_label("Перенос").check()
        dialog.get_by_label("Урок", exact=True).select_option("9")
        dialog.get_by_role("button", name="Перенести", exact=True).click()
        expect(dialog.get_by_text("В расписании звонков нет урока № 9")).to_be_visible()
        dialog.get_by_label("Как в расписании").check()
        dialog.get_by_role("button", name="Вернуть по расписанию").click()
        expect(day.locator("del")).to_have_count(0)


@pytest.mark.browser
def test_n_03_the_dialog_is_readable_and_within_a_phone(
    diary: Diary, place: Town, inna: Person, browser: Browser
) -> None:
    with opened(browser, diary.url, Visitor("", f"inna.{place.name}", ""), NARROW) as page:
        page.goto(f"{diary.url}/timetable?group={place.group('7A')}&week={TOMORROW}")
        page.get_by_role("button", name="Изменить").first.click()
        settled(page)
        assert findings(page) == []
        picture(page, "timetable-change-phone")


def test_c_03_a_new_timetable_is_told_to_those_whose_lessons_it_changes(
    place: Town, olga: Person, nina: Person, anna: Person
) -> None:
    changed = TIMETABLE.replace("7A,5,1,12", "7A,5,2,15")
    assert place.scheduled(changed)["state"] == "applied"

    def told(by: Person) -> list[str]:
        return [one["text"] for one in by.read("notify", "/feed")["notices"] if "расписание" in one["text"]]

    assert until(lambda: told(olga)) == [f"Пётр: новое расписание, {TOMORROW:%d.%m.%Y}"]
    assert until(lambda: told(anna)) == [f"Новое расписание ваших уроков, {TOMORROW:%d.%m.%Y}"]
    assert told(nina) == []
