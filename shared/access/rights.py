"""What a person is, where, today; and what row-level security lets him see at most."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from psycopg.pq import TransactionStatus
from psycopg.rows import class_row

from shared.clock import Calendar
from shared.contracts.roster import NAMESPACE
from shared.postgres import Conn


def client_id(name: str) -> UUID:
    """The id that a machine client acts under, in tokens (`sub`) and envelopes (`actor`)."""
    return uuid5(NAMESPACE, f"client/{name}")


OPERATOR = client_id("operator")
"""The operator's machine client: an officer of every district. No person can have this id."""

PORTAL = client_id("portal")
"""The portal itself, when it asks for nobody: it hears who was told something, and may do nothing else."""


@dataclass(frozen=True)
class Held:
    """A role at a school; for officers `school_id` is the district's."""

    role: str
    school_id: UUID


@dataclass(frozen=True)
class Rights:
    """`roles` are those of today; `scope` is for `postgres.scoped`: himself, his children, the schools of both."""

    roles: tuple[Held, ...]
    scope: tuple[UUID, ...]


@dataclass(frozen=True)
class Row:
    person_id: UUID
    role: str
    school_id: UUID
    starts: date
    ends: date
    time_zone: str | None


REMEMBER = "SELECT set_config('diary.scope_before', coalesce(current_setting('diary.scope', true), ''), true)"
RESTORE = "SELECT set_config('diary.scope', current_setting('diary.scope_before', true), true)"
# children first: they widen what row-level security shows the next statement, all in one round trip
CHILDREN = """
WITH children AS (SELECT pupil_id FROM access_family WHERE guardian_id = %(person)s AND 'see' = ANY (rights))
SELECT array(SELECT pupil_id FROM children),
       set_config('diary.scope', (array_append(array(SELECT pupil_id FROM children), %(person)s))::text, true)
"""
ROLES = """
SELECT person_id, role, school_id, starts, ends, time_zone
FROM access_roles LEFT JOIN access_schools USING (school_id) WHERE person_id = ANY ((SELECT diary_scope())::uuid[])
"""
DISTRICTS = "SELECT school_id FROM access_schools WHERE district_id = ANY (%s) OR school_id = ANY (%s)"
ALL = "SELECT school_id, district_id FROM access_schools"


def rights(conn: Conn, person: UUID, calendar: Calendar) -> Rights:
    """Everything the roster says of a person's rights now, each school by its own date. Opens a transaction."""
    if person == OPERATOR:
        return _operators(conn)
    rows, children = _rows(conn, person)
    roles = {Held(r.role, r.school_id): None for r in rows if r.person_id == person and _now(r, calendar)}
    # learning somewhere, now or once: a child's past at another school stays readable
    learning = {Held("pupil", r.school_id): r.person_id for r in rows if r.role == "pupil"}
    roles |= {Held("parent", held.school_id): None for held, who in learning.items() if who in children}
    places = {held.school_id for held in [*roles, *learning]}
    officer = [held.school_id for held in roles if held.role == "officer"]
    if officer:
        with conn.transaction():
            places |= {row[0] for row in conn.execute(DISTRICTS, [officer, officer])}
    return Rights(tuple(roles), (person, *children, *sorted(places)))


def schools_of(conn: Conn, person: UUID) -> tuple[UUID, ...]:
    """Schools (for an officer also the district's id) where the person has any role, past and coming ones included."""
    rows, _ = _rows(conn, person)
    return tuple({r.school_id: None for r in rows if r.person_id == person or r.role == "pupil"})


def roles_of(conn: Conn, person: UUID, on: date) -> tuple[Held, ...]:
    """The person's own roles on a date, as the roster set them."""
    rows, _ = _rows(conn, person)
    return tuple({Held(r.role, r.school_id): None for r in rows if r.person_id == person and r.starts <= on <= r.ends})


def _rows(conn: Conn, person: UUID) -> tuple[list[Row], frozenset[UUID]]:
    """Role rows of the person and of the children he may see, and these children, in one round trip.

    The scope is narrowed to them meanwhile; an outer transaction finds its own again.
    """
    nested = conn.info.transaction_status != TransactionStatus.IDLE
    with conn.pipeline(), conn.transaction():
        if nested:
            conn.execute(REMEMBER)
        children = conn.execute(CHILDREN, {"person": person})
        cursor = conn.cursor(row_factory=class_row(Row))
        cursor.execute(ROLES)
        if nested:
            conn.execute(RESTORE)
    row = children.fetchone()
    return cursor.fetchall(), frozenset(row[0] if row else ())


def _now(row: Row, calendar: Calendar) -> bool:
    return row.starts <= calendar.today(row.time_zone or "UTC") <= row.ends


def _operators(conn: Conn) -> Rights:
    rows = conn.execute(ALL).fetchall()
    districts = {row[1]: None for row in rows}
    roles = (Held("operator", OPERATOR), *(Held("officer", district) for district in districts))
    return Rights(roles, (OPERATOR, *districts, *(row[0] for row in rows if row[0] not in districts)))
