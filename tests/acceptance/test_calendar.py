"""Lessons in the calendar of one's phone: asked for by its owner, read by an application that has only an address."""

import secrets
from datetime import date, time
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import httpx
import icalendar
import pytest
from playwright.sync_api import Browser, expect

from deploy.demo.people import PARENT, Visitor
from tests.acceptance.at_rest import hits
from tests.acceptance.browsing import PHONE, opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.places import PETER, TODAY, lesson
from tests.acceptance.town import Town, founded, inhabitant


def shared(person: Person, about: UUID) -> tuple[UUID, str]:
    """A new calendar: its id, and its address."""
    calendar, secret = uuid4(), secrets.token_urlsafe(32)
    person.did("PUT", "lessons", f"/calendars/{calendar}", {"about_id": str(about), "secret": secret})
    return calendar, f"{person.url}/calendar/{secret}.ics"


def fetched(address: str, **headers: str) -> httpx.Response:
    """As an application does: no cookie, no token."""
    return httpx.get(address, headers=headers, timeout=30)


def lessons_at(address: str) -> list[Any]:
    answer = fetched(address).raise_for_status()
    assert answer.headers["content-type"].startswith("text/calendar")
    return icalendar.Calendar.from_ical(answer.content).walk("VEVENT")


def test_t_03_a_calendar_application_reads_the_timetable_at_a_secret_address(parent: Person) -> None:
    calendar, address = shared(parent, PETER)
    try:
        today = {str(one["UID"]): one for one in lessons_at(address) if one["DTSTART"].dt.date() == TODAY}
        algebra = today[f"{lesson()}@127.0.0.1"]
        assert (str(algebra["SUMMARY"]), str(algebra["LOCATION"])) == ("Algebra I", "220")
        begins = algebra["DTSTART"].dt
        assert (begins.hour, begins.minute, begins.tzinfo) == (8, 55, ZoneInfo("America/Chicago"))
        week = parent.read("lessons", "/week", pupil_id=PETER, first=TODAY, last=TODAY)["lessons"]
        assert today.keys() == {f"{row['lesson_id']}@127.0.0.1" for row in week}
    finally:
        parent.did("DELETE", "lessons", f"/calendars/{calendar}")


@pytest.fixture(scope="module")
def place(diary: Diary) -> Town:
    """A town whose timetable may be changed."""
    return founded(diary)


olga = inhabitant("olga")


def test_e_01_each_school_lives_by_a_clock_of_its_own(diary: Diary) -> None:
    town = Town(diary)
    columns = ("type,identifier,parentSourcedId\n", "type,identifier,parentSourcedId,metadata.timeZone\n")
    district, school = (",district,1,\n", ",district,1,,\n"), (f"11,{town.name}\n", f"11,{town.name},Asia/Kamchatka\n")
    town.imported(town.files("orgs.csv", columns, district, school))  # the import itself says Europe/Moscow
    town.scheduled()
    with town.signed_in("olga") as olga:
        [known] = olga.read("roster", "/me")["schools"]
        assert known["time_zone"] == "Asia/Kamchatka"
        _, address = shared(olga, town.person("petya"))
        begins = {one["DTSTART"].dt.timetz() for one in lessons_at(address) if one["DTSTART"].dt.date() == TODAY}
        assert (time(8, 30, tzinfo=ZoneInfo("Asia/Kamchatka"))) in begins


def test_u_06_a_change_of_the_timetable_stands_in_the_calendar_as_the_same_lesson(place: Town, olga: Person) -> None:
    _, address = shared(olga, place.person("petya"))
    first = fetched(address)
    unchanged = fetched(address, **{"If-None-Match": first.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    week = olga.read("lessons", "/week", pupil_id=place.person("petya"), first=TODAY, last=date(2022, 5, 31))["lessons"]
    planned = week[0]
    uid = f"{planned['lesson_id']}@127.0.0.1"
    (before,) = [one for one in lessons_at(address) if str(one["UID"]) == uid]
    path = f"/lessons/{planned['group_id']}/{planned['on']}/{planned['number']}/cancellation"
    with place.signed_in("inna") as inna:
        inna.did("POST", "lessons", path, {})
    (after,) = [one for one in lessons_at(address) if str(one["UID"]) == uid]
    assert (str(before["STATUS"]), str(after["STATUS"])) == ("CONFIRMED", "CANCELLED")
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert fetched(address, **{"If-None-Match": first.headers["etag"]}).status_code == 200


def test_sc_33_an_address_is_its_owners_and_revocable_and_stands_nowhere(
    diary: Diary, place: Town, olga: Person
) -> None:
    petya = place.person("petya")
    calendar, address = shared(olga, petya)
    secret = address.rpartition("/")[2].removesuffix(".ics")
    assert len(secret) * 6 >= 128, "bits"
    answer = fetched(address)
    assert answer.headers["referrer-policy"] == "no-referrer" and "no-cache" in answer.headers["cache-control"]
    text = answer.content.decode()
    assert not any(word in text for word in ("Ёлкин", "Пётр", "Петя", str(petya), str(olga.person_id)))
    for method in ("POST", "PUT", "DELETE", "PROPFIND"):
        assert httpx.request(method, address).status_code in (403, 404, 405), "read-only"
    for wrong in (secret[:-1], secret[::-1], secrets.token_urlsafe(32), "x", f"..%2f{secret}"):
        assert fetched(f"{diary.url}/calendar/{wrong}.ics").status_code == 404
    with place.signed_in("nina") as nina:
        stolen = {"about_id": str(petya), "secret": secrets.token_urlsafe(32)}
        until(lambda: nina.read("roster", "/me")["children"])
        assert nina.send("PUT", "lessons", f"/calendars/{uuid4()}", stolen).status_code == 404
        assert nina.send("DELETE", "lessons", f"/calendars/{calendar}").status_code == 404
        assert nina.send("POST", "lessons", "/calendar", {"secret": secret, "host": "x"}).status_code == 403
    olga.did("DELETE", "lessons", f"/calendars/{calendar}")
    assert fetched(address).status_code == 404
    assert hits(diary, [secret]) == []


@pytest.mark.browser
def test_t_03_the_settings_give_out_an_address_once_and_take_it_back(diary: Diary, browser: Browser) -> None:
    with opened(browser, diary.url, PARENT, PHONE, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto(f"{diary.url}/settings")
        card = page.get_by_role("region", name="Расписание в календаре телефона")
        card.get_by_role("button", name="Получить адрес").click()
        address = card.get_by_label("Адрес для календаря").input_value()
        card.get_by_role("button", name="Скопировать").click()
        expect(card.get_by_role("button", name="Скопировано")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == address
        assert any(str(one["UID"]).startswith(str(lesson())) for one in lessons_at(address))
        picture(page, "calendar-address")
        page.reload()
        expect(card.get_by_text("Адрес выдан")).to_be_visible()
        expect(card.get_by_label("Адрес для календаря")).to_have_count(0)
        card.get_by_role("button", name="Отозвать").click()
        expect(card.get_by_text("Адрес выдан")).to_have_count(0)
        assert fetched(address).status_code == 404


@pytest.mark.browser
def test_t_03_a_teacher_has_his_own_lessons_in_it(diary: Diary, place: Town, browser: Browser) -> None:
    with place.signed_in("anna") as anna:
        anna.did("PUT", "lessons", f"/calendars/{uuid4()}", {
            "about_id": str(anna.person_id), "secret": secrets.token_urlsafe(32)
        })  # fmt: skip
    with opened(browser, diary.url, Visitor("", f"anna.{place.name}", "")) as page:
        page.goto(f"{diary.url}/settings")
        own = page.get_by_role("group", name="Мои уроки")
        expect(own.get_by_text("Адрес выдан")).to_be_visible()
        expect(own.get_by_role("button", name="Получить ещё один адрес")).to_be_visible()
