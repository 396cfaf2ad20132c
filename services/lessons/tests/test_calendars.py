"""Timetables at secret addresses, as a person makes them and a calendar application reads them."""

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import httpx
import icalendar
import pytest

from services.lessons.tests.conftest import (
    ALGEBRA,
    COLLEAGUE,
    MOTHER,
    OFFICE,
    PHYSICS,
    PUPIL,
    STRANGER,
    TEACHER,
    Lessons,
)
from shared.access import PORTAL
from shared.contracts.lessons import lesson_id
from shared.contracts.roster import FamilySet, Tie
from shared.testing.web import connect

MONDAY = datetime(2021, 10, 4).date()
FIRST = f"/lessons/{ALGEBRA}/2021-10-04/1"
MOSCOW = ZoneInfo("Europe/Moscow")


def shared(lessons: Lessons, by: UUID = MOTHER, about: UUID = PUPIL) -> tuple[UUID, str]:
    """A new address: its id and its secret."""
    calendar, secret = uuid4(), secrets.token_urlsafe(32)
    answer = share(lessons, by, about, secret, calendar)
    assert answer.status_code == 200, answer.text
    return calendar, secret


def share(lessons: Lessons, by: UUID, about: UUID, secret: str, calendar: UUID | None = None) -> httpx.Response:
    body = {"about_id": str(about), "secret": secret}
    return lessons.command(by, "PUT", f"/calendars/{calendar or uuid4()}", body)


def fetch(lessons: Lessons, secret: str) -> httpx.Response:
    """As the portal asks for an application."""
    headers = lessons.portal.headers(PORTAL, roles=["portal"])
    return lessons.client.post("/calendar", json={"secret": secret, "host": "diary.test"}, headers=headers)


def events(lessons: Lessons, secret: str) -> list[Any]:
    answer = fetch(lessons, secret)
    assert answer.status_code == 200, answer.text
    return sorted(icalendar.Calendar.from_ical(answer.content).walk("VEVENT"), key=lambda one: one["DTSTART"].dt)


def on_monday(lessons: Lessons, secret: str) -> list[Any]:
    return [one for one in events(lessons, secret) if one["DTSTART"].dt.date() == MONDAY]


def test_a_family_reads_its_lessons_in_a_calendar(lessons: Lessons) -> None:
    _, secret = shared(lessons)
    algebra, physics = on_monday(lessons, secret)
    assert str(algebra["SUMMARY"]) == "7А алгебра" and str(algebra["LOCATION"]) == "12"
    assert algebra["DTSTART"].dt == datetime(2021, 10, 4, 8, 30, tzinfo=MOSCOW)
    assert algebra["DTEND"].dt == datetime(2021, 10, 4, 9, 15, tzinfo=MOSCOW)
    assert str(algebra["UID"]) == f"{lesson_id(ALGEBRA, MONDAY, 1)}@diary.test"
    assert str(physics["SUMMARY"]) == "7А физика"
    text = fetch(lessons, secret).text
    assert "BEGIN:VTIMEZONE" in text and text.count("BEGIN:VEVENT") > 20
    assert not any(str(person) in text for person in (MOTHER, PUPIL, TEACHER)), "no people stand in it"


def test_it_is_the_same_to_the_byte_until_something_changes(lessons: Lessons) -> None:
    _, secret = shared(lessons)
    before = fetch(lessons, secret).content
    assert fetch(lessons, secret).content == before
    lessons.command(TEACHER, "POST", f"{FIRST}/cancellation", {})
    assert fetch(lessons, secret).content != before


def test_a_moved_lesson_keeps_its_id_and_is_newer(lessons: Lessons) -> None:
    _, secret = shared(lessons)
    before = on_monday(lessons, secret)[0]
    lessons.command(TEACHER, "POST", f"{FIRST}/move", {"to_date": "2021-10-07", "to_number": 2, "room": "20"})
    (after,) = [one for one in events(lessons, secret) if one["UID"] == before["UID"]]
    assert after["DTSTART"].dt == datetime(2021, 10, 7, 9, 25, tzinfo=MOSCOW)
    assert (str(after["LOCATION"]), after["SEQUENCE"] > before["SEQUENCE"]) == ("20", True)


def test_other_bells_are_newer_too(lessons: Lessons) -> None:
    _, secret = shared(lessons)
    before = on_monday(lessons, secret)[0]
    bells = "schoolSourcedId,lesson,start,end\nS1,1,09:00,09:40\nS1,2,09:50,10:30\nS1,3,10:40,11:20\n"
    lessons.imported(who=OFFICE, bells=bells)
    after = on_monday(lessons, secret)[0]
    assert after["DTSTART"].dt.hour == 9 and after["SEQUENCE"] > before["SEQUENCE"]


def test_a_cancelled_lesson_says_so(lessons: Lessons) -> None:
    _, secret = shared(lessons)
    lessons.command(TEACHER, "POST", f"{FIRST}/cancellation", {"reason": "болезнь"})
    algebra = on_monday(lessons, secret)[0]
    assert (str(algebra["STATUS"]), str(algebra["SUMMARY"])) == ("CANCELLED", "Отменён: 7А алгебра")
    assert "болезнь" not in fetch(lessons, secret).text


def test_a_teachers_calendar_has_what_he_gives_himself(lessons: Lessons) -> None:
    (_, own), (_, colleagues) = shared(lessons, TEACHER, TEACHER), shared(lessons, COLLEAGUE, COLLEAGUE)
    lessons.command(OFFICE, "POST", f"{FIRST}/substitution", {"teacher_id": str(COLLEAGUE)})
    assert on_monday(lessons, own) == []
    assert [str(one["SUMMARY"]) for one in on_monday(lessons, colleagues)] == ["7А алгебра", "7А физика"]
    assert str(lesson_id(PHYSICS, MONDAY, 2)) in fetch(lessons, colleagues).text


def test_an_address_is_dead_once_it_is_withdrawn(lessons: Lessons) -> None:
    calendar, secret = shared(lessons)
    assert [one["calendar_id"] for one in lessons.ask(MOTHER, "/calendars").json()["calendars"]] == [str(calendar)]
    assert lessons.command(STRANGER, "DELETE", f"/calendars/{calendar}", {}).status_code == 404
    for _ in range(2):
        assert lessons.command(MOTHER, "DELETE", f"/calendars/{calendar}", {}).status_code == 200
    assert fetch(lessons, secret).status_code == 404
    assert lessons.ask(MOTHER, "/calendars").json()["calendars"] == []
    assert share(lessons, MOTHER, PUPIL, secret, calendar).json()["code"] == "lessons.calendar-known"


def test_an_address_is_dead_once_the_right_is(lessons: Lessons) -> None:
    _, secret = shared(lessons)
    lessons.learn([FamilySet(pupil_id=PUPIL, ties=())])
    assert fetch(lessons, secret).status_code == 404
    tie = Tie(guardian_id=MOTHER, relation="parent", rights=("see", "act", "notices"))
    lessons.learn([FamilySet(pupil_id=PUPIL, ties=(tie,))])
    assert fetch(lessons, secret).status_code == 200


def test_nobody_makes_an_address_for_lessons_he_may_not_see(lessons: Lessons) -> None:
    for by, about in ((STRANGER, PUPIL), (MOTHER, TEACHER), (MOTHER, MOTHER), (PUPIL, MOTHER)):
        assert share(lessons, by, about, secrets.token_urlsafe(32)).status_code == 404, (by, about)
    assert lessons.ask(STRANGER, "/calendars").json()["calendars"] == []


@pytest.mark.parametrize("secret", ["", "short", "x" * 42, "x" * 44, "ё" * 43, "x" * 42 + "/"])
def test_a_secret_that_is_none_is_refused_at_its_field(lessons: Lessons, secret: str) -> None:
    answer = share(lessons, MOTHER, PUPIL, secret)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/secret")


def test_ten_addresses_are_enough(lessons: Lessons) -> None:
    calendars = [shared(lessons)[0] for _ in range(10)]
    refused = share(lessons, MOTHER, PUPIL, secrets.token_urlsafe(32))
    assert (refused.status_code, refused.json()["code"]) == (409, "lessons.too-many-calendars")
    assert refused.json()["detail"].startswith("У вас уже 10 адресов")
    lessons.command(MOTHER, "DELETE", f"/calendars/{calendars[0]}", {})
    shared(lessons)


def test_nothing_but_the_secret_opens_it_and_only_the_portal_asks(lessons: Lessons) -> None:
    _, secret = shared(lessons)
    assert fetch(lessons, secrets.token_urlsafe(32)).status_code == 404
    asked = {"secret": secret, "host": "diary.test"}
    assert lessons.client.post("/calendar", json=asked, headers=lessons.portal.headers(MOTHER)).status_code == 403
    assert lessons.client.post("/calendar", json=asked).status_code == 401


def test_the_secret_is_stored_nowhere(lessons: Lessons) -> None:
    _, secret = shared(lessons)
    with connect(lessons.settings, "lessons", "relay") as conn:
        documents = [bytes(row[0]) for row in conn.execute("SELECT document FROM events")]
    assert documents and not any(secret.encode() in document for document in documents)
