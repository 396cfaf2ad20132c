"""A bundle's rows in tables: duplicate ids, unknown references, then the events it wants. Memory stays constant.

Everything runs in the caller's transaction, whose scope has the import's id.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, LiteralString, TypeVar
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from services.roster import mapping, oneroster, views
from services.roster.columns import FILES, OWN_REFERENCES
from services.roster.domain import digest, went_on, written
from services.roster.faults import NoYear, OneDistrict, WrongSchool
from services.roster.mapping import District, Span, listed
from shared.contracts import Event
from shared.contracts.roster import EnrolmentsSet, FamilySet, GroupClosed, RolesSet
from shared.csvfile import Fault, faults
from shared.postgres import Conn

BATCH = 2000
KEPT_FAULTS = 1000

T = TypeVar("T")


class Faults:
    """Counts all, keeps the first thousand, knows which files could not be read."""

    def __init__(self) -> None:
        self.total = 0
        self.kept: list[Fault] = []
        self.broken: set[str] = set()

    def add(self, fault: Fault) -> None:
        self.total += 1
        if len(self.kept) < KEPT_FAULTS:
            self.kept.append(fault)
        if fault.line <= 1 or isinstance(fault.refusal, STOPPING):
            self.broken.add(fault.file.removesuffix(".csv"))


STOPPING = (faults.NotUtf8, faults.BrokenCsv, faults.LineTooLong)


def batches(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def stream(conn: Conn, query: LiteralString, params: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Rows as they come from the server, never all of them at once."""
    with conn.cursor(name=f"rows_{uuid4().hex}") as cursor:
        cursor.itersize = BATCH
        yield from cursor.execute(query, params)


STAGE = """
INSERT INTO staged (import_id, file, source_id, line, fields)
SELECT %(id)s, r.file, r.source_id, r.line, r.fields
FROM jsonb_to_recordset(%(rows)s) AS r(file text, source_id text, line int, fields jsonb)
"""
STAGE_REFERENCES = """
INSERT INTO staged_references (import_id, file, line, field, target, value, source_id)
SELECT %(id)s, r.file, r.line, r.field, r.target, r.value, r.source_id
FROM jsonb_to_recordset(%(rows)s) AS r(file text, line int, field text, target text, value text, source_id text)
"""


def stage(conn: Conn, import_id: UUID, bundle: Path | BinaryIO) -> Faults:
    """Read the bundle into the tables and judge it. What is wrong comes back; the rows stay staged."""
    found = Faults()
    for batch in batches(oneroster.read(bundle)):
        rows = [one for one in batch if isinstance(one, oneroster.Row)]
        for one in batch:
            if isinstance(one, Fault):
                found.add(one)
        _insert(conn, import_id, rows)
    _duplicates(conn, import_id, found)
    _references(conn, import_id, found)
    return found


def _insert(conn: Conn, import_id: UUID, rows: Sequence[oneroster.Row]) -> None:
    staged = [{"file": r.file, "source_id": r.source_id, "line": r.line, "fields": dict(r.fields)} for r in rows]
    conn.execute(STAGE, {"id": import_id, "rows": Jsonb(staged)})
    references = [reference for row in rows for reference in _references_of(row)]
    conn.execute(STAGE_REFERENCES, {"id": import_id, "rows": Jsonb(references)})


def _references_of(row: oneroster.Row) -> Iterator[dict[str, object]]:
    columns = FILES[row.file].columns
    place = {"file": row.file, "line": row.line, "source_id": row.source_id}
    for field in row.fields:
        if target := columns[field].target:
            for value in _values(row, field):
                yield {**place, "field": field, "target": target, "value": value}
    for file, field, target in OWN_REFERENCES:
        if file == row.file:
            yield {**place, "field": field, "target": target, "value": row.source_id}


def _values(row: oneroster.Row, field: str) -> list[str]:
    return listed(row.fields[field]) if FILES[row.file].columns[field].kind == "references" else [row.fields[field]]


DUPLICATES = """
SELECT file, line, source_id, first_line FROM (
    SELECT file, line, source_id, fields, first_value(line) OVER w AS first_line,
           first_value(fields) OVER w AS first_fields
    FROM staged WHERE import_id = %(id)s WINDOW w AS (PARTITION BY file, source_id ORDER BY line)
) AS rows WHERE line > first_line AND fields <> first_fields ORDER BY file, line
"""
DROP_REPEATED = """
DELETE FROM staged WHERE import_id = %(id)s AND EXISTS (
    SELECT FROM staged s WHERE s.import_id = %(id)s AND s.file = staged.file AND s.source_id = staged.source_id
      AND s.line < staged.line)
"""


def _duplicates(conn: Conn, import_id: UUID, found: Faults) -> None:
    """A row that stands twice word for word is taken once (the sample district has one); else it is a fault."""
    for file, line, source_id, first in stream(conn, DUPLICATES, {"id": import_id}):
        found.add(Fault(faults.TwiceInFile(value=source_id[:100], first=first), f"{file}.csv", line, "sourcedId"))
    conn.execute(DROP_REPEATED, {"id": import_id})


UNKNOWN = """
SELECT r.file, r.line, r.field, r.target, r.value FROM staged_references r
WHERE r.import_id = %(id)s AND r.target <> ALL (%(broken)s) AND NOT EXISTS (
    SELECT FROM staged s WHERE s.import_id = %(id)s AND s.file = r.target AND s.source_id = r.value)
ORDER BY r.file, r.line
"""


def _references(conn: Conn, import_id: UUID, found: Faults) -> None:
    params = {"id": import_id, "broken": list(found.broken)}
    for file, line, field, target, value in stream(conn, UNKNOWN, params):
        found.add(Fault(faults.UnknownReference(value=value[:100], target=target), f"{file}.csv", line, field))


FEW = "SELECT source_id, fields FROM staged WHERE import_id = %(id)s AND file = %(file)s ORDER BY line"


def district_of(conn: Conn, import_id: UUID, zone: str, found: Faults) -> District | None:
    """The district whose bundle it is; None, and a fault, if it is not exactly one."""
    orgs: dict[str, mapping.Fields] = dict(conn.execute(FEW, {"id": import_id, "file": "orgs"}).fetchall())
    sessions: dict[str, mapping.Fields] = dict(
        conn.execute(FEW, {"id": import_id, "file": "academicSessions"}).fetchall()
    )
    districts = [org for org, fields in orgs.items() if fields.get("type") == "district"]
    if len(districts) != 1:
        if "orgs" not in found.broken and (orgs or not found.total):  # else nothing was read, and why is told already
            found.add(Fault(OneDistrict(count=len(districts)), "orgs.csv", 0, "type"))
        return None
    return District(districts[0], zone, orgs, sessions)


CLASSES = """
SELECT line, fields->>'schoolSourcedId', fields->>'termSourcedIds' FROM staged
WHERE import_id = %(id)s AND file = 'classes' ORDER BY line
"""
ELSEWHERE = """
SELECT e.line, e.fields->>'schoolSourcedId', c.fields->>'schoolSourcedId' FROM staged e
JOIN staged c ON c.import_id = e.import_id AND c.file = 'classes' AND c.source_id = e.fields->>'classSourcedId'
WHERE e.import_id = %(id)s AND e.file = 'enrollments' AND e.fields->>'schoolSourcedId' <> c.fields->>'schoolSourcedId'
ORDER BY e.line
"""


def cross_check(conn: Conn, import_id: UUID, district: District, found: Faults) -> None:
    """What two files say of one thing must agree. Only for rows without faults."""
    for line, school, terms in stream(conn, CLASSES, {"id": import_id}):
        if district.orgs[school]["type"] != "school":
            refusal = faults.BadChoice(value=district.orgs[school]["type"], choices="school")
            found.add(Fault(refusal, "classes.csv", line, "schoolSourcedId"))
        if any(district.year_of(term) is None for term in listed(terms)):
            found.add(Fault(NoYear(), "classes.csv", line, "termSourcedIds"))
    for line, said, school in stream(conn, ELSEWHERE, {"id": import_id}):
        found.add(Fault(WrongSchool(value=said, school=school), "enrollments.csv", line, "schoolSourcedId"))


GROUPS = """
SELECT c.source_id, c.fields, k.fields FROM staged c
JOIN staged k ON k.import_id = c.import_id AND k.file = 'courses' AND k.source_id = c.fields->>'courseSourcedId'
WHERE c.import_id = %(id)s AND c.file = 'classes'
"""
ENROLMENTS = """
SELECT c.source_id, c.fields, coalesce(e.rows, '[]') FROM staged c
LEFT JOIN (
    SELECT fields->>'classSourcedId' AS class, jsonb_agg(fields ORDER BY line) AS rows
    FROM staged WHERE import_id = %(id)s AND file = 'enrollments' GROUP BY 1
) e ON e.class = c.source_id
WHERE c.import_id = %(id)s AND c.file = 'classes'
"""
PERSONS = """
SELECT u.source_id, u.fields, d.fields->>'birthDate' FROM staged u
LEFT JOIN staged d ON d.import_id = u.import_id AND d.file = 'demographics' AND d.source_id = u.source_id
WHERE u.import_id = %(id)s AND u.file = 'users'
"""
ROLES = """
SELECT fields->>'userSourcedId', jsonb_agg(fields ORDER BY line) FROM staged
WHERE import_id = %(id)s AND file = 'roles' GROUP BY 1
"""
FAMILIES = """
WITH ties AS (
    SELECT source_id AS one, value AS other FROM staged_references
    WHERE import_id = %(id)s AND file = 'users' AND field = 'agentSourcedIds'
), both_ways AS (SELECT one, other FROM ties UNION SELECT other, one FROM ties),
held AS (
    SELECT DISTINCT fields->>'userSourcedId' AS person, fields->>'role' AS role
    FROM staged WHERE import_id = %(id)s AND file = 'roles'
)
SELECT p.person, coalesce(jsonb_agg(jsonb_build_array(g.person, g.role)) FILTER (WHERE g.role IS NOT NULL), '[]')
FROM held p
LEFT JOIN both_ways b ON b.one = p.person
LEFT JOIN held g ON g.person = b.other AND g.role = ANY (%(guardians)s)
WHERE p.role = 'student' GROUP BY 1
"""


def events(conn: Conn, import_id: UUID, district: District, on: date) -> Iterator[Event]:
    """Everything the bundle describes, as events; lists go on from what is shown now (`went_on`)."""
    yield from mapping.schools(district)
    yield from mapping.years(district)
    params = {"id": import_id, "guardians": list(mapping.RIGHTS)}
    for source_id, class_, course in stream(conn, GROUPS, params):
        yield mapping.group(district, source_id, class_, course)
    for batch in batches(stream(conn, ENROLMENTS, params), 500):
        yield from _enrolments(conn, district, batch, on)
    for source_id, user, birth_date in stream(conn, PERSONS, params):
        yield mapping.person(district, source_id, user, birth_date)
    for batch in batches(stream(conn, ROLES, params), 500):
        yield from _roles(conn, district, batch, on)
    for pupil, guardians in stream(conn, FAMILIES, params):
        yield mapping.family(district, pupil, [tuple(g) for g in guardians])


def _enrolments(conn: Conn, district: District, batch: list[tuple[Any, ...]], on: date) -> Iterator[Event]:
    before = views.enrolments_of(conn, [district.id("classes", source_id) for source_id, _, _ in batch])
    for source_id, class_, rows in batch:
        group_id = district.id("classes", source_id)
        now = mapping.enrolments(district, class_, rows)
        school_id = district.id("orgs", class_["schoolSourcedId"])
        listed_now = went_on(before.get(group_id, ()), now, on)
        yield EnrolmentsSet(group_id=group_id, school_id=school_id, enrolments=listed_now)


def _roles(conn: Conn, district: District, batch: list[tuple[Any, ...]], on: date) -> Iterator[Event]:
    span: Span = district.span([s for s, fields in district.sessions.items() if fields["type"] == "schoolYear"])
    before = views.roles_of(conn, [district.id("users", source_id) for source_id, _ in batch])
    for source_id, rows in batch:
        person_id = district.id("users", source_id)
        now = mapping.roles(district, rows, span)
        yield RolesSet(person_id=person_id, roles=went_on(before.get(person_id, ()), now, on))


GONE_GROUPS = """
SELECT g.group_id, g.school_id FROM groups g JOIN schools s USING (school_id)
WHERE s.district_id = %(district)s AND g.closed_on IS NULL AND NOT EXISTS (
    SELECT FROM wanted w WHERE w.import_id = %(id)s AND w.stream = g.group_id)
"""
GONE_PERSONS = """
SELECT p.person_id FROM persons p
WHERE p.district_id = %(district)s AND NOT EXISTS (
    SELECT FROM wanted w WHERE w.import_id = %(id)s AND w.stream = p.person_id AND w.type = %(roles)s)
  AND EXISTS (SELECT FROM roles r WHERE r.person_id = p.person_id AND r.ends >= %(on)s)
"""
GONE_FAMILIES = """
SELECT DISTINCT f.pupil_id FROM family f JOIN persons p ON p.person_id = f.pupil_id
WHERE p.district_id = %(district)s AND NOT EXISTS (
    SELECT FROM wanted w WHERE w.import_id = %(id)s AND w.stream = f.pupil_id AND w.type = %(families)s)
"""


def endings(conn: Conn, import_id: UUID, district: District, on: date) -> Iterator[Event]:
    """What the bundle no longer has: groups are closed, roles end, ties are gone. Ask when all `events` are wanted."""
    params = {"id": import_id, "district": district.district_id, "on": on}
    params |= {"roles": RolesSet.TYPE, "families": FamilySet.TYPE}
    for group_id, school_id in stream(conn, GONE_GROUPS, params):
        yield GroupClosed(group_id=group_id, school_id=school_id, closed_on=on)
    for batch in batches(stream(conn, GONE_PERSONS, params), 500):
        before = views.roles_of(conn, [person for (person,) in batch])
        for person, roles in before.items():
            yield RolesSet(person_id=person, roles=went_on(roles, (), on))
    for (pupil,) in stream(conn, GONE_FAMILIES, params):
        yield FamilySet(pupil_id=pupil, ties=())


WANT = """
INSERT INTO wanted (import_id, stream, type, rank, key, digest, data)
SELECT %(id)s, r.stream, r.type, r.rank, r.key, decode(r.digest, 'hex'), r.data
FROM jsonb_to_recordset(%(rows)s)
    AS r(stream uuid, type text, rank smallint, key uuid, digest text, data jsonb)
"""


def want(conn: Conn, import_id: UUID, wanted: Iterable[Event]) -> None:
    """Write down the events that the import wants, whether or not they say anything new."""
    for batch in batches(wanted):
        rows = [_wanted(event) for event in batch]
        conn.execute(WANT, {"id": import_id, "rows": Jsonb(rows)})


RANKS = {"school_id": 0, "year_id": 1, "group_id": 2, "person_id": 3, "pupil_id": 3}
STREAMS = ("group_id", "year_id", "person_id", "pupil_id", "school_id")


def stream_of(event: Event) -> tuple[UUID, int]:
    """The stream a description belongs to, and its place in the order of the import."""
    name = next(name for name in STREAMS if name in type(event).model_fields)
    return getattr(event, name), RANKS[name]


def _wanted(event: Event) -> dict[str, object]:
    stream_id, rank = stream_of(event)
    return {
        "stream": str(stream_id),
        "type": event.TYPE,
        "rank": rank,
        "key": str(event.key),
        "digest": digest(event).hex(),
        "data": written(event),
    }


COUNT = "SELECT type, count(*) FROM wanted WHERE import_id = %(id)s GROUP BY 1"
DROP_KNOWN = """
DELETE FROM wanted w USING described d
WHERE w.import_id = %(id)s AND d.stream = w.stream AND d.type = w.type AND d.digest = w.digest
"""
DROP_EMPTY = """
DELETE FROM wanted w WHERE w.import_id = %(id)s AND w.type = %(families)s AND w.data->'ties' = '[]'
AND NOT EXISTS (SELECT FROM described d WHERE d.stream = w.stream AND d.type = w.type)
"""
CHANGES = """
SELECT w.type, d.stream IS NOT NULL AS known, count(*) FROM wanted w
LEFT JOIN described d ON d.stream = w.stream AND d.type = w.type
WHERE w.import_id = %(id)s GROUP BY 1, 2
"""
CHUNK = """
UPDATE wanted SET chunk = n.chunk FROM (
    SELECT stream, (dense_rank() OVER (ORDER BY rank, stream) - 1) / %(size)s AS chunk
    FROM wanted WHERE import_id = %(id)s
) n WHERE wanted.import_id = %(id)s AND wanted.stream = n.stream
"""


def compare(conn: Conn, import_id: UUID, chunk_streams: int) -> tuple[dict[str, int], list[tuple[str, bool, int]]]:
    """Keep only what says something new, cut into chunks. Returns counts by type, and (type, known before, count)."""
    params = {"id": import_id, "families": FamilySet.TYPE, "size": chunk_streams}
    counts: dict[str, int] = dict(conn.execute(COUNT, params).fetchall())
    conn.execute(DROP_KNOWN, params)
    conn.execute(DROP_EMPTY, params)
    changes = conn.execute(CHANGES, params).fetchall()
    conn.execute(CHUNK, params)
    return counts, [(type_, known, count) for type_, known, count in changes]
