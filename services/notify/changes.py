"""Changes of the timetable, told to the class, its families and its teachers when the day is near (B-13, T-05).

Like all that is owed it acts from now: changes of before its beginning are told to nobody.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from psycopg.types.json import Jsonb

from services.notify.deliveries import AGAIN
from shared import timetable
from shared.clock import Calendar
from shared.contracts import Event, Json
from shared.contracts.envelope import Received
from shared.contracts.lessons import (
    BellsSet,
    HolidaysSet,
    LessonCancelled,
    LessonMoved,
    LessonRestored,
    LessonSubstituted,
    TimetableSet,
)
from shared.postgres import Conn
from shared.stream import Projection

NEAR = timedelta(days=7)
"""How long before a lesson's day its change is told."""

CHANGE = """
INSERT INTO facts_changes (lesson_id, school_id, group_id, on_date, number, to_date, event_id, at, by, people, data)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (lesson_id) DO UPDATE SET
    to_date = CASE WHEN excluded.data ->> 'change' IN ('substituted', 'cancelled') THEN facts_changes.to_date
                   ELSE excluded.to_date END,
    data = CASE WHEN excluded.data ->> 'change' = 'restored' THEN '{}' ELSE facts_changes.data END || excluded.data,
    event_id = excluded.event_id, at = excluded.at, by = excluded.by,
    people = ARRAY(SELECT DISTINCT unnest(facts_changes.people || excluded.people)), told_at = NULL
"""


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """Keep what was said of each lesson last, with the day and teacher that earlier changes gave it."""
    for one in received:
        event = one.event
        assert isinstance(event, LessonCancelled | LessonMoved | LessonSubstituted | LessonRestored)
        to, people, data = _said(event)
        place = (event.lesson_id, event.school_id, event.group_id, event.on, event.number)
        conn.execute(CHANGE, [*place, to, one.id, one.time, one.envelope.actor, people, Jsonb(data)])


def _said(event: LessonCancelled | LessonMoved | LessonSubstituted | LessonRestored) -> tuple[date, list[UUID], Json]:
    match event:
        case LessonMoved(to_date=to, to_number=number, room=room):
            elsewhere = (to, number) != (event.on, event.number)
            place = {"to_date": str(to) if elsewhere else None, "to_number": number}
            return to, [], {"change": "moved" if elsewhere else "room", **place, "room": room}
        case LessonSubstituted(teacher_id=teacher):
            return event.on, [teacher], {"change": "substituted", "author_id": str(teacher)}
        case LessonCancelled():
            return event.on, [], {"change": "cancelled"}
    return event.on, [], {"change": "restored"}


NEXT = """
SELECT c.lesson_id, least(c.on_date, c.to_date), greatest(c.on_date, c.to_date), s.time_zone
FROM facts_changes c JOIN access_schools s USING (school_id)
WHERE c.told_at IS NULL AND greatest(c.on_date, c.to_date) >= %s AND least(c.on_date, c.to_date) <= %s
"""
NOTE = """
WITH due AS (
    UPDATE facts_changes SET told_at = now() WHERE lesson_id = ANY (%(lessons)s) AND told_at IS NULL RETURNING *
), said AS (
    SELECT md5('change' || due.lesson_id || m.person_id)::uuid AS id, m.person_id AS pupil, '{}'::uuid[] AS told, due.*
    FROM due JOIN access_members m ON m.group_id = due.group_id AND due.on_date BETWEEN m.starts AND m.ends
    UNION ALL
    SELECT md5('change' || due.lesson_id)::uuid, NULL, ARRAY(
        SELECT t.person_id FROM access_teaching t
        WHERE t.group_id = due.group_id AND due.on_date BETWEEN t.starts AND t.ends AND t.person_id <> due.by
        UNION SELECT p FROM unnest(due.people) AS p WHERE p <> due.by), due.*
    FROM due
)
INSERT INTO notices (
    notice_id, kind, school_id, pupil_id, person_ids, object_id, group_id, on_date, number, event_id, at, data)
SELECT id, 'timetable', school_id, pupil, told, lesson_id, group_id, on_date, number, event_id, at, data FROM said
WHERE data ->> 'change' <> 'restored' OR EXISTS (SELECT FROM notices n WHERE n.notice_id = said.id)
ON CONFLICT (notice_id) DO UPDATE SET
    person_ids = excluded.person_ids, event_id = excluded.event_id, at = excluded.at, data = excluded.data,
    owed_at = NULL
RETURNING old.notice_id
"""


def tell(conn: Conn, calendar: Calendar) -> list[UUID]:
    """Make the notices of changes whose lesson is within `NEAR` by its school's clock, each once, whoever looks.

    Another change of a lesson that was told is news again, in the place of what was said, by letter too; one put back
    before anybody was told of it is none. Returns whose notices say something else now.
    """
    today = calendar.today("UTC")
    day = timedelta(days=1)
    found = conn.execute(NEXT, [today - day, today + NEAR + day]).fetchall()
    due = [lesson for lesson, first, last, zone in found if last >= calendar.today(zone) >= first - NEAR]
    if not due:
        return []
    replaced = [id_ for (id_,) in conn.execute(NOTE, {"lessons": due}) if id_ is not None]
    return [person for (person,) in conn.execute(AGAIN, [replaced])] if replaced else []


HANDLES: frozenset[type[Event]] = frozenset({LessonCancelled, LessonMoved, LessonSubstituted, LessonRestored})

PROJECTION = Projection(
    name="notify.changes.1",
    topics=("diary.lessons",),
    apply=apply,
    handles=HANDLES,
    leaves=timetable.LEAVES | {BellsSet, TimetableSet, HolidaysSet},
    from_now=True,
)
