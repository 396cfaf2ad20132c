"""A bundle's rows in tables: duplicate ids, unknown references, then the events it wants. Memory stays constant.

Everything runs in the caller's transaction, whose scope has the import's id.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from heapq import merge
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, LiteralString, TypeVar
from uuid import UUID, uuid4
from zoneinfo import available_timezones

from psycopg.types.json import Jsonb

from services.roster import mapping, oneroster, views
from services.roster.columns import FILES, OWN_REFERENCES, ZONE
from services.roster.domain import NoSuchZone, went_on
from services.roster.faults import NoYear, OneDistrict, WrongSchool
from services.roster.mapping import District, Span, listed
from services.roster.ties import joined
from shared.contracts import Event
from shared.contracts.roster import EnrolmentsSet, FamilySet, GroupClosed, RolesSet
from shared.csvfile import Fault, faults
from shared.postgres import Conn

BATCH = 2000
"""Rows of a file staged at once."""
FEW_AT_ONCE = 200
"""Things worked on at once: classes come with all their lists, 50 kB each in memory."""
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
        cursor.itersize = FEW_AT_ONCE
        yield from cursor.execute(query, params)


STAGE = """
INSERT INTO staged (import_id, file, source_id, line, fields)
SELECT %(id)s, r.file, r.source_id, r.line, r.fields
FROM jsonb_to_recordset(%(rows)s) AS r(file text, source_id text, line int, fields jsonb)
"""


def stage(conn: Conn, import_id: UUID, bundle: Path | BinaryIO) -> Faults:
    """Read the bundle into the tables and judge it. What is wrong comes back; the rows stay staged."""
    found = Faults()
    for batch in batches(oneroster.read(bundle)):
        for one in batch:
            if isinstance(one, Fault):
                found.add(one)
        rows = [_staged(one) for one in batch if isinstance(one, oneroster.Row)]
        conn.execute(STAGE, {"id": import_id, "rows": Jsonb(rows)})
    conn.execute("ANALYZE staged")  # or the server would take it for empty
    _duplicates(conn, import_id, found)
    _references(conn, import_id, found)
    return found


def _staged(row: oneroster.Row) -> dict[str, object]:
    columns = FILES[row.file].columns
    lists = {name: ",".join(listed(row.fields[name])) for name in row.fields if columns[name].kind == "references"}
    return {"file": row.file, "source_id": row.source_id, "line": row.line, "fields": {**row.fields, **lists}}


TWICE: LiteralString = """
WITH twice AS (
    SELECT file, source_id, min(line) AS first FROM staged WHERE import_id = %(id)s GROUP BY 1, 2 HAVING count(*) > 1
)
"""
DUPLICATES = (
    TWICE
    + """
SELECT s.file, s.line, s.source_id, t.first FROM twice t
JOIN staged s ON s.import_id = %(id)s AND (s.file, s.source_id) = (t.file, t.source_id)
JOIN staged f ON f.import_id = %(id)s AND (f.file, f.source_id, f.line) = (t.file, t.source_id, t.first)
WHERE s.line > t.first AND s.fields <> f.fields ORDER BY s.file, s.line
"""
)
DROP_REPEATED = (
    TWICE
    + """
DELETE FROM staged s USING twice t
WHERE s.import_id = %(id)s AND (s.file, s.source_id) = (t.file, t.source_id) AND s.line > t.first
"""
)


def _duplicates(conn: Conn, import_id: UUID, found: Faults) -> None:
    """A row that stands twice word for word is taken once (the sample district has one); else it is a fault."""
    for file, line, source_id, first in stream(conn, DUPLICATES, {"id": import_id}):
        found.add(Fault(faults.TwiceInFile(value=source_id[:100], first=first), f"{file}.csv", line, "sourcedId"))
    conn.execute(DROP_REPEATED, {"id": import_id})


UNKNOWN: dict[str, LiteralString] = {
    "reference": """
SELECT s.line, s.fields->>%(field)s FROM staged s
WHERE s.import_id = %(id)s AND s.file = %(file)s AND s.fields ? %(field)s AND NOT EXISTS (
    SELECT FROM staged t WHERE t.import_id = %(id)s AND t.file = %(target)s AND t.source_id = s.fields->>%(field)s)
ORDER BY s.line
""",
    "references": """
SELECT s.line, one.value FROM staged s, unnest(string_to_array(s.fields->>%(field)s, ',')) AS one(value)
WHERE s.import_id = %(id)s AND s.file = %(file)s AND NOT EXISTS (
    SELECT FROM staged t WHERE t.import_id = %(id)s AND t.file = %(target)s AND t.source_id = one.value)
ORDER BY s.line
""",
    "own": """
SELECT s.line, s.source_id FROM staged s
WHERE s.import_id = %(id)s AND s.file = %(file)s AND NOT EXISTS (
    SELECT FROM staged t WHERE t.import_id = %(id)s AND t.file = %(target)s AND t.source_id = s.source_id)
ORDER BY s.line
""",
}
"""By kind of column."""


def _references(conn: Conn, import_id: UUID, found: Faults) -> None:
    """What names nothing. Of each file in order of lines; a target that could not be read whole is not asked."""
    for file in sorted(FILES):
        asked = [(field, how, target) for field, how, target in _referring(file) if target not in found.broken]
        rows = [_unknown(conn, import_id, file, *each) for each in asked]
        for line, field, target, value in merge(*rows, key=lambda row: row[0]):
            found.add(Fault(faults.UnknownReference(value=value[:100], target=target), f"{file}.csv", line, field))


def _referring(file: str) -> Iterator[tuple[str, str, str]]:
    for field, column in FILES[file].columns.items():
        if column.target:
            yield field, column.kind, column.target
    for own_file, field, target in OWN_REFERENCES:
        if own_file == file:
            yield field, "own", target


def _unknown(
    conn: Conn, import_id: UUID, file: str, field: str, how: str, target: str
) -> Iterator[tuple[int, str, str, str]]:
    params = {"id": import_id, "file": file, "field": field, "target": target}
    return ((line, field, target, value) for line, value in stream(conn, UNKNOWN[how], params))


FEW = "SELECT source_id, fields FROM staged WHERE import_id = %(id)s AND file = %(file)s ORDER BY line"


ZONES = """
SELECT line, fields->>%(column)s FROM staged
WHERE import_id = %(id)s AND file = 'orgs' AND fields ? %(column)s ORDER BY line
"""


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
    for line, value in stream(conn, ZONES, {"id": import_id, "column": ZONE}):
        if value not in available_timezones():
            found.add(Fault(NoSuchZone(zone=value[:60]), "orgs.csv", line, ZONE))
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
    SELECT source_id AS one, other FROM staged, unnest(string_to_array(fields->>'agentSourcedIds', ',')) AS t(other)
    WHERE import_id = %(id)s AND file = 'users'
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
    for batch in batches(stream(conn, ENROLMENTS, params), FEW_AT_ONCE):
        yield from _enrolments(conn, district, batch, on)
    for source_id, user, birth_date in stream(conn, PERSONS, params):
        yield mapping.person(district, source_id, user, birth_date)
    for batch in batches(stream(conn, ROLES, params), FEW_AT_ONCE):
        yield from _roles(conn, district, batch, on)
    for batch in batches(stream(conn, FAMILIES, params), FEW_AT_ONCE):
        yield from _families(conn, district, batch)


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


def _families(conn: Conn, district: District, batch: list[tuple[Any, ...]]) -> Iterator[Event]:
    said = views.school_ties_of(conn, [district.id("users", pupil) for pupil, _ in batch])
    for pupil, guardians in batch:
        family = mapping.family(district, pupil, [tuple(g) for g in guardians])
        ties = joined(family.ties, said.get(family.pupil_id, ()))
        yield family if ties == family.ties else family.model_copy(update={"ties": ties})


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
