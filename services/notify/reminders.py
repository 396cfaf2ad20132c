"""Reminders of what is to come: a test, in the morning of the day before (G-04). They are notices like any other."""

from datetime import datetime, time, timedelta

from shared.clock import Calendar
from shared.postgres import Conn

KINDS = ("test", "exam")
MORNING = time(8)

NEAR = """
SELECT w.work_id, w.on_date, s.time_zone FROM facts_works w JOIN access_schools s USING (school_id)
WHERE w.reminded_at IS NULL AND w.on_date BETWEEN %s AND %s AND w.kind = ANY (%s) AND NOT w.removed AND NOT w.draft
"""
REMIND = """
WITH due AS (
    UPDATE facts_works SET reminded_at = now() WHERE work_id = ANY (%s) AND reminded_at IS NULL RETURNING *
)
INSERT INTO notices (
    notice_id, kind, school_id, pupil_id, person_ids, object_id, group_id, on_date, number, event_id, at, data)
SELECT md5('reminder' || due.work_id || m.person_id)::uuid, 'test', due.school_id, m.person_id, '{}', due.work_id,
       due.group_id, due.on_date, due.number, 'reminder', now(), '{}'
FROM due JOIN access_members m ON m.group_id = due.group_id AND due.on_date BETWEEN m.starts AND m.ends
ON CONFLICT (notice_id) DO NOTHING
"""


def remind(conn: Conn, calendar: Calendar) -> None:
    """Make the notices of tests that are tomorrow by their school's clock; of each test once, whoever looks."""
    today = calendar.today("UTC")
    near = conn.execute(NEAR, [today, today + timedelta(days=2), list(KINDS)]).fetchall()
    due = [work for work, on, zone in near if _is_eve(calendar.at(zone), datetime.combine(on, time.min))]
    if due:
        conn.execute(REMIND, [due])


def _is_eve(local: datetime, day: datetime) -> bool:
    return day - timedelta(days=1) + timedelta(hours=MORNING.hour) <= local.replace(tzinfo=None) < day
