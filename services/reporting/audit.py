"""The audit journal of a school or a person: every operation with who, when, what, before and after (A-06)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from services.reporting.criteria import in_entry
from services.reporting.terms import SHOWN
from shared.postgres import Conn

Row = dict[str, Any]
Place = tuple[datetime, str, str]
"""Where a page ended: time, id and service of its last event, since an id is one service's own."""


@dataclass(frozen=True)
class Asked:
    """Of a school (its id, or the district's), or about a person there or anywhere; from `first` to before `until`.

    `by`: only what this person did; `types`: only events of these types, all if empty.
    """

    school: UUID | None
    person: UUID | None
    first: datetime
    until: datetime
    by: UUID | None = None
    types: tuple[str, ...] = ()
    before: Place | None = None


EVENTS = """
SELECT service, event_id, min(at) AS at FROM history_entries
WHERE {of} AND at >= %(first)s AND at < %(until)s AND (%(school)s::uuid IS NOT NULL OR {shown})
  AND (%(by)s::uuid IS NULL OR by_id = %(by)s)
  AND (cardinality(%(types)s::text[]) = 0 OR type = ANY (%(types)s))
  AND (%(at)s::timestamptz IS NULL OR (at, event_id, service) < (%(at)s, %(id)s, %(of)s))
GROUP BY service, event_id ORDER BY min(at) DESC, event_id DESC, service DESC LIMIT %(most)s
"""
OF_SCHOOL = "school_id = %(school)s AND part = 0"
# who has which role or child is no school's, its key is the person
OF_PERSON = "pupil_id = %(person)s AND (%(school)s::uuid IS NULL OR school_id IN (%(school)s, %(person)s))"

# an event that tells the whole of its object has no `before`: the object's last entry that said one of its fields
ENTRIES = """
SELECT h.service, h.event_id, h.part, h.type, h.at, h.by_id AS by, h.object_id, h.group_id, h.pupil_id, h.reason,
       h.after, coalesce(h.before, earlier.after) AS before, w.criteria, g.title AS "group",
       coalesce(w.on_date, r.on_date) AS "on"
FROM unnest(%(services)s::text[], %(ids)s::text[]) AS e (service, event_id)
JOIN history_entries h USING (service, event_id)
LEFT JOIN diary_works w ON w.work_id = h.object_id
LEFT JOIN diary_rolls r ON r.lesson_id = h.object_id
LEFT JOIN access_groups g ON g.group_id = h.group_id
LEFT JOIN LATERAL (
    SELECT p.after FROM history_entries p
    WHERE p.object_id = h.object_id AND p.service = h.service AND p.pupil_id IS NOT DISTINCT FROM h.pupil_id
      AND h.before IS NULL AND (h.pupil_id IS NULL OR h.service = 'roster') AND p.at < h.at
      AND p.after ?| array(SELECT jsonb_object_keys(h.after))
    ORDER BY p.at DESC LIMIT 1
) earlier ON true
WHERE %(person)s::uuid IS NULL OR h.pupil_id = %(person)s OR h.pupil_id IS NULL
ORDER BY h.at DESC, h.event_id DESC, h.service DESC, h.part
"""


EVENT = ("service", "event_id", "type", "at", "by", "object_id", "group", "on")


def page(conn: Conn, asked: Asked, most: int) -> list[Row]:
    """At most `most` events, the newest first, each the fields of EVENT and its `entries`."""
    facts = {**vars(asked), "types": list(asked.types), "most": most}
    facts["at"], facts["id"], facts["of"] = asked.before or (None, None, None)
    of = OF_PERSON if asked.person else OF_SCHOOL
    events = conn.execute(EVENTS.format(of=of, shown=SHOWN.format(h="history_entries")).encode(), facts).fetchall()
    found: dict[tuple[str, str], Row] = {}
    wanted = {"services": [e[0] for e in events], "ids": [e[1] for e in events], "person": asked.person}
    with conn.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(ENTRIES, wanted):
            event = {name: row[name] for name in EVENT}
            found.setdefault((row["service"], row["event_id"]), {**event, "entries": []})["entries"].append(_entry(row))
    return list(found.values())


def _entry(row: Row) -> Row:
    row = in_entry(row)
    return {name: row[name] for name in ("object_id", "pupil_id", "before", "after", "reason")}


def place(event: Row) -> Place:
    """Where a page that ends with this event ended."""
    return event["at"], event["event_id"], event["service"]


PAGE = 500


def everything(conn: Conn, asked: Asked, most: int) -> Iterator[Row]:
    """The same without pages, at most `most` events; in constant memory."""
    while most > 0 and (events := page(conn, asked, min(PAGE, most))):
        yield from events
        most -= len(events)
        asked = replace(asked, before=place(events[-1]))
