"""A school's new timetable, told to those whose lessons it changes when its first day is near (C-03, T-05).

Like all that is owed it acts from now. The first timetable of a school, which nothing stood before, is told to nobody.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from services.notify.changes import NEAR
from services.notify.deliveries import AGAIN
from shared import timetable
from shared.clock import Calendar
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

KNOWN = "SELECT group_id, digest FROM facts_plans WHERE school_id = %s"
FORGET = "DELETE FROM facts_plans WHERE school_id = %s"
KEEP = "INSERT INTO facts_plans (group_id, school_id, digest) VALUES (%s, %s, %s)"
REPLAN = """
INSERT INTO facts_replans (school_id, starts, event_id, by, groups) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (school_id, starts) DO UPDATE SET event_id = excluded.event_id, by = excluded.by, told_at = NULL,
    groups = ARRAY(SELECT DISTINCT unnest(facts_replans.groups || excluded.groups))
"""


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """Find whose lessons differ from those of the timetable before."""
    for one in received:
        new = one.event
        assert isinstance(new, TimetableSet)
        before: dict[UUID, str] = dict(conn.execute(KNOWN, [new.school_id]).fetchall())
        after = _digests(new)
        conn.execute(FORGET, [new.school_id])
        conn.cursor().executemany(KEEP, [(group, new.school_id, digest) for group, digest in after.items()])
        changed = [group for group in sorted(before | after) if before.get(group) != after.get(group)]
        if before and changed:
            conn.execute(REPLAN, [new.school_id, new.starts, one.id, one.envelope.actor, changed])


def _digests(new: TimetableSet) -> dict[UUID, str]:
    """Of each group's slots; of a cycle its length and first day are part of them."""
    slots: defaultdict[UUID, list[str]] = defaultdict(list)
    for slot in new.slots:
        slots[slot.group_id].append(slot.model_dump_json())
    rhythm = f"{new.cycle.model_dump_json()} {new.anchor}" if new.cycle else ""
    return {
        group: hashlib.sha256("\n".join([rhythm, *sorted(lines)]).encode()).hexdigest()
        for group, lines in slots.items()
    }


DUE = """
SELECT r.school_id, r.starts, s.time_zone FROM facts_replans r JOIN access_schools s USING (school_id)
WHERE r.told_at IS NULL AND r.starts BETWEEN %s AND %s
"""
NOTE = """
WITH due AS (
    UPDATE facts_replans SET told_at = now() WHERE school_id = %(school)s AND starts = %(starts)s AND told_at IS NULL
    RETURNING *
), said AS (
    SELECT DISTINCT m.person_id AS pupil, '{}'::uuid[] AS told, m.person_id AS who, due.*
    FROM due JOIN access_members m ON m.group_id = ANY (due.groups) AND due.starts BETWEEN m.starts AND m.ends
    UNION ALL
    SELECT DISTINCT NULL::uuid, ARRAY[t.person_id], t.person_id, due.*
    FROM due JOIN access_teaching t ON t.group_id = ANY (due.groups) AND due.starts BETWEEN t.starts AND t.ends
        AND t.person_id <> due.by
)
INSERT INTO notices (notice_id, kind, school_id, pupil_id, person_ids, object_id, on_date, event_id, at, data)
SELECT md5('replan' || school_id || starts || who)::uuid, 'timetable', school_id, pupil, told, school_id, starts,
    event_id, now(), '{"change": "new"}'
FROM said
ON CONFLICT (notice_id) DO UPDATE SET event_id = excluded.event_id, at = excluded.at, owed_at = NULL
RETURNING old.notice_id
"""


def tell(conn: Conn, calendar: Calendar) -> list[UUID]:
    """Make the notices of timetables whose first day is within `NEAR` by the school's clock, each once."""
    today, day = calendar.today("UTC"), timedelta(days=1)
    found = conn.execute(DUE, [today - day, today + NEAR + day]).fetchall()
    again: list[UUID] = []
    for school, starts, zone in found:
        if starts - NEAR <= calendar.today(zone) <= starts:
            asked = {"school": school, "starts": starts}
            replaced = [id_ for (id_,) in conn.execute(NOTE, asked) if id_ is not None]
            again += [person for (person,) in conn.execute(AGAIN, [replaced])]
    return again


PROJECTION = Projection(
    name="notify.replans.1",
    topics=("diary.lessons",),
    apply=apply,
    handles=frozenset({TimetableSet}),
    leaves=timetable.LEAVES | {BellsSet, HolidaysSet, LessonCancelled, LessonMoved, LessonRestored, LessonSubstituted},
    from_now=True,
)
