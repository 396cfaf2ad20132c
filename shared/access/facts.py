"""The reaction to the roster's events. Each event carries the whole of its thing: the last one of a batch is enough."""

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from shared.contracts import Event
from shared.contracts.envelope import Received
from shared.contracts.roster import (
    TIE_REQUESTS,
    EnrolmentsSet,
    FamilySet,
    GroupClosed,
    GroupDescribed,
    ImportApplied,
    PersonDescribed,
    PersonErased,
    RolesSet,
    SchoolDescribed,
    YearPlanned,
)
from shared.postgres import Conn
from shared.stream.projection import Projection

HANDLES: frozenset[type[Event]] = frozenset(
    {SchoolDescribed, GroupDescribed, GroupClosed, EnrolmentsSet, RolesSet, FamilySet}
)
LEAVES: frozenset[type[Event]] = TIE_REQUESTS | {YearPlanned, PersonDescribed, PersonErased, ImportApplied}
TABLES = ("access_schools", "access_roles", "access_family", "access_groups", "access_teaching", "access_members")

E = TypeVar("E", bound=Event)


def projection(service: str) -> Projection:
    """What a service adds to its projections to be able to ask."""
    return Projection(f"{service}.access.1", ("diary.roster",), apply, HANDLES, LEAVES, tables=TABLES)


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """Bring the tables up to the batch."""
    _schools(conn, _last(received, SchoolDescribed))
    _groups(conn, received)
    _enrolments(conn, _last(received, EnrolmentsSet))
    _roles(conn, _last(received, RolesSet))
    _families(conn, _last(received, FamilySet))


def _last(received: Sequence[Received], kind: type[E]) -> list[E]:
    """Of each stream the last event of this kind."""
    return list({r.envelope.subject: r.event for r in received if isinstance(r.event, kind)}.values())


SCHOOLS = """
INSERT INTO access_schools (school_id, district_id, kind, name, time_zone)
SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::text[])
ON CONFLICT (school_id) DO UPDATE SET district_id = excluded.district_id, kind = excluded.kind,
  name = excluded.name, time_zone = excluded.time_zone
"""


def _schools(conn: Conn, events: list[SchoolDescribed]) -> None:
    rows = [(e.school_id, e.district_id, e.kind, e.name, e.time_zone) for e in events]
    if rows:
        conn.execute(SCHOOLS, _columns(rows))


GROUPS = """
INSERT INTO access_groups (group_id, school_id, title, subject, course, starts, ends, homeroom, grades)
SELECT group_id, school_id, title, subject, course, starts, ends, homeroom, string_to_array(grades, ',')
FROM unnest(
  %b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::text[], %b::date[], %b::date[], %b::boolean[], %b::text[])
  AS g (group_id, school_id, title, subject, course, starts, ends, homeroom, grades)
ON CONFLICT (group_id) DO UPDATE SET school_id = excluded.school_id, title = excluded.title,
  subject = excluded.subject, course = excluded.course, starts = excluded.starts, ends = excluded.ends,
  homeroom = excluded.homeroom, grades = excluded.grades, closed_on = NULL
"""
CLOSE = """
UPDATE access_groups g SET closed_on = c.closed_on
FROM unnest(%b::uuid[], %b::date[]) AS c (group_id, closed_on) WHERE g.group_id = c.group_id
"""


def _groups(conn: Conn, received: Sequence[Received]) -> None:
    described: dict[UUID, GroupDescribed] = {}
    closed: dict[UUID, GroupClosed] = {}
    for event in (r.event for r in received):
        if isinstance(event, GroupDescribed):
            described[event.group_id] = event
            closed.pop(event.group_id, None)  # described again: it is open again
        elif isinstance(event, GroupClosed):
            closed[event.group_id] = event
    rows = [
        (e.group_id, e.school_id, e.title, e.subject, e.course, e.starts, e.ends, e.homeroom, ",".join(e.grades))
        for e in described.values()
    ]
    if rows:
        conn.execute(GROUPS, _columns(rows))
    if closed:
        conn.execute(CLOSE, _columns([(e.group_id, e.closed_on) for e in closed.values()]))


FORGET_TEACHING = "DELETE FROM access_teaching WHERE group_id = ANY (%s)"
FORGET_MEMBERS = "DELETE FROM access_members WHERE group_id = ANY (%s)"
TEACHING = """
INSERT INTO access_teaching (group_id, school_id, person_id, starts, ends, is_primary)
SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::uuid[], %b::date[], %b::date[], %b::boolean[]) ON CONFLICT DO NOTHING
"""
MEMBERS = """
INSERT INTO access_members (group_id, school_id, person_id, starts, ends)
SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::uuid[], %b::date[], %b::date[]) ON CONFLICT DO NOTHING
"""


def _enrolments(conn: Conn, events: list[EnrolmentsSet]) -> None:
    groups = [e.group_id for e in events]
    every = [(e.group_id, e.school_id, x) for e in events for x in e.enrolments]
    conn.execute(FORGET_TEACHING, [groups])
    conn.execute(FORGET_MEMBERS, [groups])
    teaching = [(g, s, x.person_id, x.starts, x.ends, x.primary) for g, s, x in every if x.role == "teacher"]
    learning = [(g, s, x.person_id, x.starts, x.ends) for g, s, x in every if x.role == "pupil"]
    if teaching:
        conn.execute(TEACHING, _columns(teaching))
    if learning:
        conn.execute(MEMBERS, _columns(learning))


FORGET_ROLES = "DELETE FROM access_roles WHERE person_id = ANY (%s)"
ROLES = """
INSERT INTO access_roles (person_id, role, school_id, starts, ends)
SELECT * FROM unnest(%b::uuid[], %b::text[], %b::uuid[], %b::date[], %b::date[]) ON CONFLICT DO NOTHING
"""


def _roles(conn: Conn, events: list[RolesSet]) -> None:
    conn.execute(FORGET_ROLES, [[e.person_id for e in events]])
    rows = [(e.person_id, r.role, r.school_id, r.starts, r.ends) for e in events for r in e.roles]
    if rows:
        conn.execute(ROLES, _columns(rows))


FORGET_FAMILY = "DELETE FROM access_family WHERE pupil_id = ANY (%s)"
FAMILY = """
INSERT INTO access_family (pupil_id, guardian_id, relation, rights)
SELECT pupil_id, guardian_id, relation, string_to_array(rights, ',')
FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[]) AS t (pupil_id, guardian_id, relation, rights)
ON CONFLICT DO NOTHING
"""


def _families(conn: Conn, events: list[FamilySet]) -> None:
    conn.execute(FORGET_FAMILY, [[e.pupil_id for e in events]])
    rows = [(e.pupil_id, t.guardian_id, t.relation, ",".join(t.rights)) for e in events for t in e.ties]
    if rows:
        conn.execute(FAMILY, _columns(rows))


def _columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
