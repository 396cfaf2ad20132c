"""Who read a whole group's journal, for each pupil who learns in it (B-25): the table, and the route that tells it.

Of the services whose journals are of many pupils at once. Those who teach the group write it, and their looks say
nothing; everybody else's are kept for `KEPT` days. Within `QUIET` a second look adds nothing.
"""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from psycopg.rows import dict_row
from pydantic import BaseModel, Field

from shared import access, clock
from shared.errors import NotFound
from shared.postgres import Conn, scoped
from shared.web.auth import Caller, SignedIn
from shared.web.problems import problems
from shared.web.routes import of
from shared.web.state import TheCalendar, ThePool

MIGRATIONS = Path(__file__).parent / "migrations"

KEPT = 400  # days
QUIET = timedelta(minutes=5)

router = APIRouter()

WRITE = """
INSERT INTO journal_readings AS r (group_id, by_id, on_date, school_id, times, first_at, last_at)
VALUES (%(group)s, %(by)s, %(on)s, %(school)s, 1, %(now)s, %(now)s)
ON CONFLICT (group_id, by_id, on_date) DO UPDATE SET times = r.times + 1, last_at = excluded.last_at
WHERE r.last_at <= %(quiet)s
"""


def record(conn: Conn, by: Caller, group: UUID, school: UUID, today: date) -> None:
    """Write down that he opened the group's journal, unless he teaches it on the school's `today`."""
    if by.operator or access.teaches(conn, by.person_id, group, today):
        return
    now = clock.now()
    asked = {"group": group, "by": by.person_id, "on": now.date(), "school": school, "now": now, "quiet": now - QUIET}
    conn.execute(WRITE, asked)


class Reading(BaseModel):
    by: UUID
    on: date = Field(description="the day in UTC")
    times: int = Field(description="journals and looks more than five minutes apart")
    first_at: datetime
    last_at: datetime


class Readings(BaseModel):
    readings: list[Reading]


OF_PUPIL = """
SELECT by_id AS by, on_date AS "on", sum(times)::int AS times, min(first_at) AS first_at, max(last_at) AS last_at
FROM journal_readings r
WHERE on_date BETWEEN %(first)s AND %(last)s AND by_id <> %(pupil)s AND group_id IN (
    SELECT group_id FROM access_members WHERE person_id = %(pupil)s)
GROUP BY by_id, on_date ORDER BY max(last_at) DESC, by_id LIMIT 1000
"""


@router.get("/readings", openapi_extra=of("pupil"), responses=problems(NotFound))
def readings(pupil_id: UUID, first: date, last: date, by: SignedIn, pool: ThePool, calendar: TheCalendar) -> Readings:
    """Who opened a journal that the pupil stands in and does not teach it. For him, his family, who runs his school."""
    with pool.connection() as conn, scoped(conn, by.scope):
        if not _may_ask(conn, by, pupil_id, calendar.today("UTC")):
            raise NotFound()
        with conn.cursor(row_factory=dict_row) as cursor:
            asked: dict[str, Any] = {"pupil": pupil_id, "first": first, "last": last}
            return Readings.model_validate({"readings": cursor.execute(OF_PUPIL, asked).fetchall()})


def _may_ask(conn: Conn, by: Caller, pupil: UUID, today: date) -> bool:
    children = {child.person_id for child in access.children_of(conn, by.person_id)}
    return pupil in {by.person_id, *children} or access.runs_school_of(conn, by.person_id, pupil, today)


FORGET = """
DELETE FROM journal_readings WHERE ctid IN (SELECT ctid FROM journal_readings WHERE on_date < %s LIMIT 5000)
"""


def forget(conn: Conn) -> None:
    """A chore: drop what is older than `KEPT` days."""
    while conn.execute(FORGET, [(clock.now() - timedelta(days=KEPT)).date()]).rowcount:
        conn.commit()
