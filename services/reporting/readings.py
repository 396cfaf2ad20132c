"""Who looked at a pupil's pages, and when: reading makes no event, so it is written here (B-25).

A pupil's look at his own pages is nobody's business. Everybody else's is kept for `KEPT` days, a line for each reader,
page and day; within `QUIET` a second look adds nothing, so that a page that refreshes itself costs no write.
"""

import logging
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from prometheus_client import Counter
from psycopg.rows import dict_row

from shared import access, clock
from shared.errors import Refused
from shared.postgres import Conn
from shared.web.auth import Caller

Row = dict[str, Any]

KEPT = 400  # days
QUIET = timedelta(minutes=5)
WINDOW = timedelta(minutes=10)
MOST = 50
"""Pupils whom one does not teach, within `WINDOW`: more is a harvest, not work (SC11)."""

FILES = 5
"""Files of a school's journal, and lists of classes that he does not teach, that one may take away within `WINDOW`."""

log = logging.getLogger("diary.access")
STOPPED = Counter("diary_readings_stopped", "pages refused to one who opened too many pupils in ten minutes")


class TooManyPupils(Refused):
    """You opened the pages of {most} pupils whom you do not teach within ten minutes. Go on a little later."""

    code = "reporting.too-many-pupils"
    kind = "too-many"
    ru = "За десять минут вы открыли страницы {most} учеников, у которых не ведёте уроков. Продолжите немного позже."


class TooManyFiles(Refused):
    """You took {most} files away within ten minutes. Go on a little later."""

    code = "reporting.too-many-files"
    kind = "too-many"
    ru = "За десять минут вы скачали {most} файлов. Продолжите немного позже."


TAKEN = "SELECT count(*) FROM exports WHERE by_id = %s AND at > %s"
TAKE = "INSERT INTO exports (by_id, school_id, at, operations) VALUES (%s, %s, %s, %s)"


def may_export(conn: Conn, by: Caller) -> None:
    """Raises TooManyFiles."""
    row = conn.execute(TAKEN, [by.person_id, clock.now() - WINDOW]).fetchone()
    if row and row[0] >= FILES and not by.operator:
        log.warning("too many files", extra={"person": str(by.person_id), "session": by.session})
        raise TooManyFiles(most=FILES)


def exported(conn: Conn, by: Caller, school: UUID, operations: int) -> None:
    """Write down who took the school's journal away, and how much of it."""
    conn.execute(TAKE, [by.person_id, school, clock.now(), operations])


RECENT = """
SELECT near FROM readings
WHERE pupil_id = %(pupil)s AND by_id = %(by)s AND page = %(page)s AND on_date = %(on)s AND last_at > %(quiet)s
"""
OPENED = """
SELECT count(DISTINCT pupil_id) FROM readings
WHERE by_id = %(by)s AND last_at > %(since)s AND NOT near AND page <> 'sheet' AND pupil_id <> %(pupil)s
"""
WRITE = """
INSERT INTO readings (pupil_id, by_id, page, on_date, school_id, near, times, first_at, last_at)
VALUES (%(pupil)s, %(by)s, %(page)s, %(on)s, %(school)s, %(near)s, 1, %(now)s, %(now)s)
ON CONFLICT (pupil_id, by_id, page, on_date)
DO UPDATE SET times = readings.times + 1, last_at = excluded.last_at, near = excluded.near
"""


def record(conn: Conn, by: Caller, pupil: UUID, page: str, on: date) -> None:
    """Write down that the page was opened; `on` is the school's day, by which he teaches. Raises TooManyPupils."""
    if by.person_id == pupil or by.operator:
        return
    now = clock.now()
    asked: Row = {"pupil": pupil, "by": by.person_id, "page": page, "on": now.date(), "now": now}
    if conn.execute(RECENT, {**asked, "quiet": now - QUIET}).fetchone():
        return
    near = access.is_near(conn, by.person_id, pupil, on)
    if not near:
        _bounded(conn, by, {**asked, "since": now - WINDOW})
    school = next(iter(access.schools_of_pupil(conn, pupil, on)), pupil)
    conn.execute(WRITE, {**asked, "near": near, "school": school})


def record_sheet(conn: Conn, by: Caller, group: UUID, school: UUID, pupils: Sequence[UUID], today: date) -> None:
    """Write down for each pupil of a class that its list was taken away. Raises TooManyFiles.

    Who teaches the class takes as many as he likes.
    """
    if by.operator:
        return
    near, now = access.teaches(conn, by.person_id, group, today), clock.now()
    if not near:
        may_export(conn, by)
        exported(conn, by, school, len(pupils))
    shared: Row = {"by": by.person_id, "page": "sheet", "on": now.date(), "now": now, "near": near, "school": school}
    conn.cursor().executemany(WRITE, [{**shared, "pupil": pupil} for pupil in pupils])


def _bounded(conn: Conn, by: Caller, asked: Row) -> None:
    row = conn.execute(OPENED, asked).fetchone()
    if row and row[0] >= MOST:
        STOPPED.inc()
        log.warning("pages of too many pupils", extra={"person": str(by.person_id), "session": by.session})
        raise TooManyPupils(most=MOST)


OF_PUPIL = """
SELECT by_id AS by, page, on_date AS "on", near, times, first_at, last_at FROM readings
WHERE pupil_id = %s AND on_date BETWEEN %s AND %s ORDER BY last_at DESC, by_id LIMIT 1000
"""
BY_READER = """
SELECT pupil_id, page, on_date AS "on", near, times, first_at, last_at FROM readings
WHERE by_id = %s AND last_at >= %s ORDER BY last_at DESC, pupil_id LIMIT 20000
"""


def of_pupil(conn: Conn, pupil: UUID, first: date, last: date) -> Sequence[Row]:
    """Who opened the pupil's pages, the latest first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(OF_PUPIL, [pupil, first, last]).fetchall()


def by_reader(conn: Conn, reader: UUID, since: date) -> Sequence[Row]:
    """Whose pages one person opened, the latest first: what has to be known at once when an account was stolen."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(BY_READER, [reader, since]).fetchall()


FORGET = """
DELETE FROM readings WHERE ctid IN (
    SELECT ctid FROM readings WHERE on_date < %s LIMIT 5000)
"""
FORGET_FILES = "DELETE FROM exports WHERE at < %s"


def forget(conn: Conn) -> None:
    """A chore: drop what is older than `KEPT` days."""
    oldest = clock.now() - timedelta(days=KEPT)
    conn.execute(FORGET_FILES, [oldest])
    while conn.execute(FORGET, [oldest.date()]).rowcount:
        conn.commit()
