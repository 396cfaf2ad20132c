"""What calendar applications read at the secret addresses (RFC 5545), and whose these are."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import icalendar
from psycopg.rows import dict_row

from services.lessons import views, week
from shared import access
from shared.clock import Calendar
from shared.contracts.timetable import Lesson
from shared.errors import NotFound
from shared.postgres import Conn, scoped
from shared.web.auth import Caller

PAST, COMING = timedelta(days=14), timedelta(days=90)
AGAIN = timedelta(hours=1)
WORDS = {
    "ru": {"name": "Уроки", "cancelled": "Отменён: {subject}", "number": "{number}. {subject}"},
    "en": {"name": "Lessons", "cancelled": "Cancelled: {subject}", "number": "{number}. {subject}"},
}


def hashed(secret: str) -> str:
    """By what a secret is known. It has 256 bits of chance, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


MINE = "SELECT calendar_id, about_id, shared_at FROM calendars WHERE person_id = %s ORDER BY shared_at"


def mine(conn: Conn, person: UUID) -> list[dict[str, Any]]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(MINE, [person]).fetchall()


def may_share(conn: Conn, by: Caller, calendar: Calendar, about: UUID) -> None:
    """Whether he may read these lessons himself. Raises NotFound."""
    today = calendar.today("UTC")
    _lessons(conn, by, calendar, about, today, today)


def _lessons(conn: Conn, by: Caller, calendar: Calendar, about: UUID, first: date, last: date) -> week.Found:
    """Those a teacher gives himself, or those a pupil attends. Raises NotFound."""
    if about == by.person_id and not by.is_a("teacher", "pupil"):
        raise NotFound()
    if about != by.person_id or not by.is_a("teacher"):
        return week.READ["pupil"](conn, by, calendar, about, first, last)
    found, schools = week.READ["teacher"](conn, by, calendar, about, first, last)
    return [one for one in found if not one.substituted or one.teacher_id == about], schools


KNOW = "SELECT set_config('diary.calendar', %s, true)"
OF_SECRET = """
SELECT person_id, about_id, shared_at FROM calendars WHERE secret_hash = %s ORDER BY shared_at, calendar_id LIMIT 1
"""


@dataclass(frozen=True)
class Found:
    """To whom an address belongs, and whose lessons are read there."""

    person_id: UUID
    about_id: UUID
    shared_at: datetime


def find(conn: Conn, secret: str) -> Found:
    """Raises NotFound."""
    with conn.transaction():
        conn.execute(KNOW, [hashed(secret)])
        row = conn.execute(OF_SECRET, [hashed(secret)]).fetchone()
    if row is None:
        raise NotFound()
    return Found(*row)


def read(conn: Conn, secret: str, calendar: Calendar, language: str, host: str) -> bytes:
    """The calendar of an address, by what its person may see today: two weeks back and three months on.

    The same bytes as long as nothing has changed. Raises NotFound, also when the right to see is gone.
    """
    found = find(conn, secret)
    rights = access.rights(conn, found.person_id, calendar)
    by = Caller(found.person_id, None, "", rights.scope, "", 0, rights.roles)
    today = calendar.today("UTC")
    with scoped(conn, by.scope):
        lessons, schools = _lessons(conn, by, calendar, found.about_id, today - PAST, today + COMING)
        return _written(conn, Feed(found, lessons, schools, language, host))


@dataclass(frozen=True)
class Feed:
    found: Found
    lessons: Sequence[Lesson]
    schools: set[UUID]
    language: str
    host: str

    @property
    def words(self) -> Mapping[str, str]:
        return WORDS[self.language]


CHANGES = """
SELECT lesson_id, max(version), max(at) FROM timetable_exceptions WHERE group_id = ANY (%s) GROUP BY lesson_id
"""
PLANNED = "SELECT stream, max(version) FROM events WHERE stream = ANY (%s) GROUP BY stream"


def _written(conn: Conn, feed: Feed) -> bytes:
    zones = {school: ZoneInfo(access.zone_of(conn, school)) for school in feed.schools}
    changes = {row[0]: row[1:] for row in conn.execute(CHANGES, [list({one.group_id for one in feed.lessons})])}
    plans: dict[UUID, int] = dict(conn.execute(PLANNED, [list(feed.schools)]).fetchall())
    made = icalendar.Calendar()
    made.add("prodid", "-//Open School Diary//lessons//RU")
    made.add("version", "2.0")
    made.add("x-wr-calname", feed.words["name"])
    made.add("refresh-interval", AGAIN, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", AGAIN)
    for shown in views.shown(conn, feed.lessons):
        version, at = changes.get(shown["lesson_id"], (0, feed.found.shared_at))
        sequence = plans.get(shown["school_id"], 0) + version  # grows with every change of the plan or the lesson
        zone = zones.get(shown["school_id"], ZoneInfo("UTC"))
        made.add_component(_lesson(feed, shown, zone, sequence, max(at, feed.found.shared_at)))
    made.add_missing_timezones()
    return bytes(made.to_ical())


def _lesson(feed: Feed, shown: dict[str, Any], zone: ZoneInfo, sequence: int, at: datetime) -> icalendar.Event:
    """Its id is that of the timetable, wherever it is moved. No names of people stand in it."""
    one = icalendar.Event()
    one.add("uid", f"{shown['lesson_id']}@{feed.host}")
    one.add("sequence", sequence)
    one.add("dtstamp", at.astimezone(UTC))
    subject = shown["subject"] or shown["title"]
    if feed.found.about_id == feed.found.person_id and shown["title"] != subject:
        subject = f"{subject} · {shown['title']}"
    if shown["starts"] and shown["ends"]:
        for name in ("starts", "ends"):
            moment = datetime.combine(shown["on"], time.fromisoformat(shown[name]), zone)
            one.add("dtstart" if name == "starts" else "dtend", moment)
    else:
        one.add("dtstart", shown["on"])
        subject = feed.words["number"].format(number=shown["number"], subject=subject)
    if shown["cancelled"]:
        subject = feed.words["cancelled"].format(subject=subject)
    one.add("status", "CANCELLED" if shown["cancelled"] else "CONFIRMED")
    one.add("summary", subject)
    if shown["room"]:
        one.add("location", shown["room"])
    return one
