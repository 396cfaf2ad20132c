"""The roster's own read model: names opened, written in the transaction of the events.

Of an import that this process applies the rows are there already, in `wanted`: they are shown in steps when its
`import-applied` is stored. Every other event is held first; what belongs to no import is shown at once, the rest, when
the view is made anew, with its `import-applied`. The questions that people ask are in `questions.py`.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from services.roster import ties_views
from services.roster.domain import canonical, digest_of, search_key
from shared.contracts import Event, Json
from shared.contracts.envelope import Received
from shared.contracts.roster import (
    Enrolment,
    EnrolmentsSet,
    FamilySet,
    GroupClosed,
    GroupDescribed,
    ImportApplied,
    PersonDescribed,
    PersonErased,
    RoleHeld,
    RolesSet,
    SchoolDescribed,
    Tie,
    YearPlanned,
)
from shared.contracts.words import sort_key
from shared.postgres import Conn

TABLES = (
    "schools", "years", "groups", "enrolments", "persons", "roles", "family", "described", "import_held", "erasures",
    "claims", "invitations",
)  # fmt: skip
NO_IMPORT = UUID(int=0)
"""Holds for the length of a transaction what is shown at once. Must be in the scope of a decision without import."""


WANTED = "SELECT set_config('diary.wanted', %s, true)"
IS_WANTED = "SELECT current_setting('diary.wanted', true)"


def decided(conn: Conn, import_id: UUID) -> None:
    """Say, within the transaction of a decision, that the import's rows stand in `wanted`: nothing has to be held."""
    conn.execute(WANTED, [str(import_id)])


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """Bring the tables up to the events, which come opened and in the transaction that stores them."""
    import_id = received[0].envelope.import_id if received else None  # a transaction decides for one, or for none
    if import_id and conn.execute(IS_WANTED).fetchone() == (str(import_id),):
        return
    for until_applied in _parts(received):
        described = [one for one in until_applied if type(one.event).TYPE in DESCRIPTIONS]
        if described:
            _note(conn, described)
            _hold(conn, described)
        if any(one.envelope.import_id is None for one in described):
            show(conn, NO_IMPORT)
        if isinstance(applied := until_applied[-1].event, ImportApplied):
            show(conn, applied.import_id)
    ties_views.apply(conn, received)
    for one in received:
        match one.event:
            case PersonErased(person_id=person, district_id=district, act=act):
                conn.execute(ERASED, [person, district, act, one.envelope.actor, one.time])
                _forget_erased(conn)


def _parts(received: Sequence[Received]) -> Iterator[Sequence[Received]]:
    """Cut after each `import-applied`: what it shows is older than what is said after it."""
    begins = 0
    for ends, one in enumerate(received, 1):
        if isinstance(one.event, ImportApplied) or ends == len(received):
            yield received[begins:ends]
            begins = ends


ERASED = "INSERT INTO erasures (person_id, district_id, act, by_id, at) VALUES (%s, %s, %s, %s, %s)"
FORGET_ERASED: tuple[LiteralString, ...] = (
    "DELETE FROM persons p USING erasures e WHERE p.person_id = e.person_id",
    "DELETE FROM described d USING erasures e WHERE d.stream = e.person_id AND d.type = %(type)s",
    "DELETE FROM wanted w USING erasures e WHERE w.stream = e.person_id AND w.type = %(type)s",
    "DELETE FROM claims c USING erasures e WHERE e.person_id IN (c.guardian_id, c.pupil_id)",
    "DELETE FROM invitation_codes c USING erasures e WHERE c.pupil_id = e.person_id",
)


def _forget_erased(conn: Conn) -> None:
    for statement in FORGET_ERASED:
        conn.execute(statement, {"type": PersonDescribed.TYPE})


def forget_wanted(conn: Conn) -> None:
    """A bundle that still names people who were erased is taken without their names."""
    conn.execute(FORGET_ERASED[2], {"type": PersonDescribed.TYPE})


NOTE = """
INSERT INTO described (stream, type, digest)
SELECT r.stream, r.type, decode(r.digest, 'hex') FROM jsonb_to_recordset(%s) AS r(stream uuid, type text, digest text)
ON CONFLICT (stream, type) DO UPDATE SET digest = excluded.digest
"""
FORGET = "DELETE FROM described WHERE type = %s AND stream = ANY (%s)"


def _note(conn: Conn, received: Sequence[Received]) -> None:
    """Remember what was said last. A closed group's description is forgotten: saying it again opens the group."""
    last = {(r.envelope.subject, type(r.event).TYPE): r for r in received}
    closed = [stream for stream, type_ in last if type_ == GroupClosed.TYPE]
    rows = [
        {"stream": str(stream), "type": type_, "digest": digest_of(canonical(r.event)).hex()}
        for (stream, type_), r in sorted(last.items(), key=lambda item: item[0])
        if type_ != GroupClosed.TYPE
    ]
    conn.execute(NOTE, [Jsonb(rows)])
    if closed:
        conn.execute(FORGET, [GroupDescribed.TYPE, closed])


HOLD = """
INSERT INTO import_held (import_id, type, stream, version, data)
SELECT r.import_id, r.type, r.stream, r.version, r.data
FROM jsonb_to_recordset(%s) AS r(import_id uuid, type text, stream uuid, version int, data jsonb)
"""


def _hold(conn: Conn, received: Sequence[Received]) -> None:
    conn.execute(HOLD, [Jsonb([_held(one) for one in received])])


def _held(one: Received) -> Json:
    return {
        "import_id": str(one.envelope.import_id or NO_IMPORT),
        "type": type(one.event).TYPE,
        "stream": str(one.envelope.subject),
        "version": one.envelope.version,
        "data": json.loads(shown(one.event, canonical(one.event))),
    }


def shown(event: Event, said: str) -> str:
    """What is to be shown of an event, as JSON: what it says, and of a person the keys of search and order."""
    if not isinstance(event, PersonDescribed):
        return said
    parts = [event.family_name, event.given_name, event.middle_name]
    name = " ".join(part.text for part in parts if part is not None and part.text)
    keys = json.dumps({"search": search_key(name), "sort": sort_key(name)}, ensure_ascii=False)
    return f"{said[:-1]},{keys[1:]}"


HELD: LiteralString = """
WITH last AS MATERIALIZED (
    SELECT DISTINCT ON (stream) stream, data FROM import_held
    WHERE import_id = %(id)s AND type = %(type)s ORDER BY stream, version DESC
)
"""
OF_CHUNKS: LiteralString = """
WITH last AS MATERIALIZED (
    SELECT stream, data FROM wanted
    WHERE import_id = %(id)s AND type = %(type)s AND chunk BETWEEN %(first)s AND %(last)s
)
"""
SCHOOLS = """
INSERT INTO schools (school_id, district_id, kind, name, code, time_zone)
SELECT r.* FROM last, jsonb_to_record(last.data)
    AS r(school_id uuid, district_id uuid, kind text, name text, code text, time_zone text)
ON CONFLICT (school_id) DO UPDATE SET district_id = excluded.district_id, kind = excluded.kind,
    name = excluded.name, code = excluded.code, time_zone = excluded.time_zone
"""
YEARS = """
INSERT INTO years (year_id, district_id, title, starts, ends, terms)
SELECT r.* FROM last, jsonb_to_record(last.data)
    AS r(year_id uuid, district_id uuid, title text, starts date, ends date, terms jsonb)
ON CONFLICT (year_id) DO UPDATE SET title = excluded.title, starts = excluded.starts,
    ends = excluded.ends, terms = excluded.terms
"""
GROUPS = """
INSERT INTO groups (group_id, school_id, title, subject, course, room, starts, ends)
SELECT r.* FROM last, jsonb_to_record(last.data)
    AS r(group_id uuid, school_id uuid, title text, subject text, course text, room text, starts date, ends date)
ON CONFLICT (group_id) DO UPDATE SET school_id = excluded.school_id, title = excluded.title,
    subject = excluded.subject, course = excluded.course, room = excluded.room,
    starts = excluded.starts, ends = excluded.ends, closed_on = NULL
"""
CLOSED = """
UPDATE groups SET closed_on = (last.data->>'closed_on')::date FROM last WHERE groups.group_id = last.stream
"""
OUT_OF_ENROLMENTS = "DELETE FROM enrolments USING last WHERE enrolments.group_id = last.stream"
ENROLMENTS = """
INSERT INTO enrolments (group_id, school_id, person_id, role, starts, ends, is_primary)
SELECT last.stream, (last.data->>'school_id')::uuid, r.person_id, r.role, r.starts, r.ends, r."primary"
FROM last, jsonb_to_recordset(last.data->'enrolments')
    AS r(person_id uuid, role text, starts date, ends date, "primary" boolean)
"""
PERSONS = """
INSERT INTO persons (person_id, district_id, family_name, given_name, middle_name, birth_date, identifier,
                     username, email, phone, grade, search, sort)
SELECT last.stream, (data->>'district_id')::uuid, coalesce(data->'family_name'->>'text', ''),
       coalesce(data->'given_name'->>'text', ''), data->'middle_name'->>'text', data->'birth_date'->>'text',
       data->'identifier'->>'text', data->'username'->>'text', data->'email'->>'text', data->'phone'->>'text',
       data->>'grade', data->>'search', data->>'sort'
FROM last
ON CONFLICT (person_id) DO UPDATE SET district_id = excluded.district_id, family_name = excluded.family_name,
    given_name = excluded.given_name, middle_name = excluded.middle_name, birth_date = excluded.birth_date,
    identifier = excluded.identifier, username = excluded.username, email = excluded.email, phone = excluded.phone,
    grade = excluded.grade, search = excluded.search, sort = excluded.sort
"""
OUT_OF_ROLES = "DELETE FROM roles USING last WHERE roles.person_id = last.stream"
ROLES = """
INSERT INTO roles (person_id, school_id, role, starts, ends)
SELECT last.stream, r.school_id, r.role, r.starts, r.ends FROM last, jsonb_to_recordset(last.data->'roles')
    AS r(school_id uuid, role text, starts date, ends date)
"""
# where he has a role, and where a child learns that a school, not the district, has tied to him
PLACES: LiteralString = """
UPDATE persons p SET schools = ARRAY(
    SELECT r.school_id FROM roles r WHERE r.person_id = p.person_id
    UNION
    SELECT r.school_id FROM family f JOIN roles r ON r.person_id = f.pupil_id AND r.role = 'pupil'
    WHERE f.guardian_id = p.person_id AND f.by_school AND f.rights <> '{}')
"""
PLACES_OF_PEOPLE = PLACES + "FROM last WHERE p.person_id = last.stream"
PLACES_OF_GUARDIANS = (
    PLACES + "FROM last JOIN family w ON w.pupil_id = last.stream AND w.by_school WHERE p.person_id = w.guardian_id"
)
OUT_OF_FAMILY = "DELETE FROM family USING last WHERE family.pupil_id = last.stream"
FAMILY = """
INSERT INTO family (pupil_id, guardian_id, relation, rights, by_school)
SELECT last.stream, r.guardian_id, r.relation, r.rights, coalesce(r.by_school, false)
FROM last, jsonb_to_recordset(last.data->'ties')
    AS r(guardian_id uuid, relation text, rights text[], by_school boolean)
"""

SHOWN: tuple[tuple[str, tuple[LiteralString, ...]], ...] = (
    (SchoolDescribed.TYPE, (SCHOOLS,)),
    (YearPlanned.TYPE, (YEARS,)),
    (GroupDescribed.TYPE, (GROUPS,)),
    (GroupClosed.TYPE, (CLOSED,)),
    (EnrolmentsSet.TYPE, (OUT_OF_ENROLMENTS, ENROLMENTS)),
    (PersonDescribed.TYPE, (PERSONS,)),
    (RolesSet.TYPE, (OUT_OF_ROLES, ROLES, PLACES_OF_PEOPLE)),
    (FamilySet.TYPE, (OUT_OF_FAMILY, FAMILY, PLACES_OF_GUARDIANS)),
)
"""By type, in this order, a statement each: a later one must see what an earlier one wrote."""
DESCRIPTIONS = frozenset(type_ for type_, _ in SHOWN)

RELEASE = "DELETE FROM import_held WHERE import_id = %(id)s"


def show(conn: Conn, import_id: UUID) -> None:
    """Write the held events into the tables that people see, the last of each type in each stream."""
    _show(conn, HELD, {"id": import_id})
    conn.execute(RELEASE, {"id": import_id})


def _show(conn: Conn, last: LiteralString, params: dict[str, object]) -> None:
    for type_, statements in SHOWN:
        for statement in statements:
            conn.execute(last + statement, {**params, "type": type_})


SAID = """
INSERT INTO described (stream, type, digest)
SELECT stream, type, digest FROM wanted
WHERE import_id = %(id)s AND type <> %(closed)s AND chunk BETWEEN %(first)s AND %(last)s
ON CONFLICT (stream, type) DO UPDATE SET digest = excluded.digest
"""
CLOSED_NOW = """
DELETE FROM described d USING wanted w
WHERE w.import_id = %(id)s AND w.type = %(closed)s AND w.chunk BETWEEN %(first)s AND %(last)s
  AND d.stream = w.stream AND d.type = %(group)s
"""
OUT_OF_WANTED = "DELETE FROM wanted WHERE import_id = %(id)s AND chunk BETWEEN %(first)s AND %(last)s"


def show_chunks(conn: Conn, import_id: UUID, first: int, last: int) -> None:
    """Show these chunks of an import whose `import-applied` is stored, once: they are wanted no more."""
    params = {"id": import_id, "first": first, "last": last}
    params |= {"closed": GroupClosed.TYPE, "group": GroupDescribed.TYPE}
    _show(conn, OF_CHUNKS, params)
    for statement in (SAID, CLOSED_NOW, OUT_OF_WANTED):
        conn.execute(statement, params)


# not once more when the view is made anew
DONE = "UPDATE imports SET state = 'applied', applied_at = now() WHERE import_id = %(id)s AND state <> 'applied'"
EMPTY: tuple[LiteralString, ...] = (
    "DELETE FROM staged WHERE import_id = %(id)s",
    "DELETE FROM wanted WHERE import_id = %(id)s",
    "DELETE FROM import_held WHERE import_id = %(id)s",
)


def done(conn: Conn, import_id: UUID) -> None:
    """The import is shown whole; of its rows nothing is left."""
    conn.execute(DONE, {"id": import_id})
    for statement in EMPTY:
        conn.execute(statement, {"id": import_id})


DIGESTS = "SELECT stream, type, digest FROM described WHERE stream = ANY (%s)"


def digests(conn: Conn, streams: Iterable[UUID]) -> dict[UUID, dict[str, bytes]]:
    """What each stream said last, by type."""
    found: dict[UUID, dict[str, bytes]] = {}
    for stream, type_, said in conn.execute(DIGESTS, [list(streams)]):
        found.setdefault(stream, {})[type_] = bytes(said)
    return found


ENROLMENTS_OF = """
SELECT group_id, person_id, role, starts, ends, is_primary FROM enrolments WHERE group_id = ANY (%s)
"""


def enrolments_of(conn: Conn, groups: Iterable[UUID]) -> dict[UUID, list[Enrolment]]:
    """The lists as they are shown now."""
    found: dict[UUID, list[Enrolment]] = {}
    for group, person, role, starts, ends, primary in conn.execute(ENROLMENTS_OF, [list(groups)]):
        entry = Enrolment(person_id=person, role=role, starts=starts, ends=ends, primary=primary)
        found.setdefault(group, []).append(entry)
    return found


ROLES_OF = "SELECT person_id, school_id, role, starts, ends FROM roles WHERE person_id = ANY (%s)"


def roles_of(conn: Conn, persons: Iterable[UUID]) -> dict[UUID, list[RoleHeld]]:
    """The roles as they are shown now, past and coming ones too."""
    found: dict[UUID, list[RoleHeld]] = {}
    for person, school, role, starts, ends in conn.execute(ROLES_OF, [list(persons)]):
        found.setdefault(person, []).append(RoleHeld(role=role, school_id=school, starts=starts, ends=ends))
    return found


WORDS_OF = """
SELECT pupil_id, guardian_id, relation, rights FROM family WHERE by_school AND pupil_id = ANY (%s)
"""


def school_ties_of(conn: Conn, pupils: Iterable[UUID]) -> dict[UUID, list[Tie]]:
    """Of each pupil the ties that are his school's own word."""
    found: dict[UUID, list[Tie]] = {}
    for pupil, guardian, relation, rights in conn.execute(WORDS_OF, [list(pupils)]):
        tie = Tie(guardian_id=guardian, relation=relation, rights=tuple(rights), by_school=True)
        found.setdefault(pupil, []).append(tie)
    return found


def shown_schools(conn: Conn, district: UUID) -> list[UUID]:
    """The district and its schools."""
    return [row[0] for row in conn.execute("SELECT school_id FROM schools WHERE district_id = %s", [district])]
