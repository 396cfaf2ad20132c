"""What people ask of the roster, and what each may see of it. SQL beside its question; rights are part of the SQL.

Every question runs in the scope of its asker; row-level security is the second wall under it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import dict_row

from services.roster.domain import QueryTooShort, search_key
from shared.postgres import Conn

LEAST = 2
"""Letters of a surname that a search needs."""

Found = dict[str, Any]


@dataclass(frozen=True)
class Asker:
    """Who asks, and the places where a role of his opens more than his own.

    `runs`: schools where he is of the office or administration, and all schools of his districts; `teaches`: where he
    teaches; `near`: schools he has to do with at all (his own and his children's); `on`: the school's date.
    """

    person_id: UUID
    runs: tuple[UUID, ...]
    districts: tuple[UUID, ...]
    teaches: tuple[UUID, ...]
    near: tuple[UUID, ...]
    on: date

    def facts(self, **more: Any) -> dict[str, Any]:
        """The parameters that the fragments below name."""
        mine = {"me": self.person_id, "runs": list(self.runs), "districts": list(self.districts)}
        return {**mine, "teaches": list(self.teaches), "near": list(self.near), "on": self.on, **more}


STAFF = "('teacher', 'office', 'administrator')"

# he himself, his children, whom he teaches now or will, colleagues, everyone of the schools and districts that he runs
VISIBLE: LiteralString = f"""(
    p.person_id = %(me)s
    OR p.district_id = ANY (%(districts)s)
    OR p.schools && %(runs)s
    OR EXISTS (
        SELECT FROM family f WHERE f.pupil_id = p.person_id AND f.guardian_id = %(me)s AND 'see' = ANY (f.rights))
    OR EXISTS (
        SELECT FROM enrolments t JOIN groups g USING (group_id) JOIN enrolments e USING (group_id)
        WHERE t.person_id = %(me)s AND t.role = 'teacher' AND t.ends >= %(on)s
          AND e.person_id = p.person_id AND e.role = 'pupil' AND e.ends >= %(on)s
          AND (g.closed_on IS NULL OR g.closed_on > %(on)s))
    OR EXISTS (
        SELECT FROM roles r WHERE r.person_id = p.person_id AND r.school_id = ANY (%(teaches)s)
          AND r.role IN {STAFF} AND r.ends >= %(on)s)
)"""

# a name is shown more widely: the staff of one's schools, the guardians of one's pupils and the classmates of one's
# children do not stay numbers
NAMED: LiteralString = f"""({VISIBLE}
    OR EXISTS (
        SELECT FROM roles r WHERE r.person_id = p.person_id AND r.school_id = ANY (%(near)s) AND r.role IN {STAFF})
    OR EXISTS (
        SELECT FROM family f JOIN enrolments e ON e.person_id = f.pupil_id AND e.role = 'pupil'
        JOIN enrolments t USING (group_id)
        WHERE f.guardian_id = p.person_id AND f.rights <> '{{}}' AND t.person_id = %(me)s AND t.role = 'teacher'
          AND t.ends >= %(on)s AND e.ends >= %(on)s)
)"""

NAME: LiteralString = "concat_ws(' ', p.family_name, p.given_name, p.middle_name)"


def _rows(conn: Conn, query: LiteralString, facts: dict[str, Any]) -> list[Found]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, facts).fetchall()


SEARCH: LiteralString = f"""
SELECT p.person_id, {NAME} AS name, p.identifier, p.grade, p.schools AS school_ids,
       ARRAY(SELECT DISTINCT r.role FROM roles r
             WHERE r.person_id = p.person_id AND r.ends >= %(on)s ORDER BY 1) AS roles
FROM persons p
WHERE ((p.search COLLATE "C" >= %(least)s AND p.search COLLATE "C" < %(beyond)s) OR p.identifier = %(whole)s)
  AND {VISIBLE}
ORDER BY p.sort, p.person_id LIMIT %(limit)s
"""


def search(conn: Conn, asker: Asker, query: str, limit: int) -> list[Found]:
    """Persons whose surname (and the rest of the name after it) begins so, or whose number is this.

    Any letter case, ё as е. Raises QueryTooShort.
    """
    key = search_key(query)
    if len(key) < LEAST and not key.isdigit():
        raise QueryTooShort(at="query", least=LEAST)
    facts = asker.facts(least=key, beyond=key + "\U0010ffff", whole=query.strip(), limit=limit)
    return _rows(conn, SEARCH, facts)


NAMES: LiteralString = (
    f"SELECT p.person_id, {NAME} AS name FROM persons p WHERE p.person_id = ANY (%(ids)s) AND {NAMED}"
)


def names(conn: Conn, asker: Asker, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The names of those of the persons whom the asker may know by name; others are left out."""
    return {row["person_id"]: row["name"] for row in _rows(conn, NAMES, asker.facts(ids=list(ids)))}


PERSON: LiteralString = f"""
SELECT p.*, {NAME} AS name,
       (p.person_id = %(me)s OR p.district_id = ANY (%(districts)s) OR p.schools && %(runs)s OR EXISTS (
           SELECT FROM family f WHERE f.pupil_id = p.person_id AND f.guardian_id = %(me)s AND 'see' = ANY (f.rights)
       )) AS wholly
FROM persons p WHERE p.person_id = %(person)s AND {VISIBLE}
"""
PRIVATE = ("birth_date", "username", "email", "phone")
HELD = """
SELECT r.role, r.school_id, s.name AS school, r.starts, r.ends FROM roles r JOIN schools s USING (school_id)
WHERE r.person_id = %(person)s ORDER BY r.starts, s.name, r.role
"""
TIES: LiteralString = f"""
SELECT f.guardian_id AS person_id, {NAME} AS name, f.relation, f.rights, f.by_school
FROM family f JOIN persons p ON p.person_id = f.guardian_id
WHERE f.pupil_id = %(person)s AND f.rights <> '{{}}' ORDER BY p.sort
"""


def person(conn: Conn, asker: Asker, person_id: UUID) -> Found | None:
    """One person. Birth date, e-mail, telephone and guardians only for the family and those who run the school."""
    found = next(iter(_rows(conn, PERSON, asker.facts(person=person_id))), None)
    if found is None:
        return None
    wholly = found.pop("wholly")
    hidden = {} if wholly else dict.fromkeys(PRIVATE)
    guardians = _rows(conn, TIES, {"person": person_id}) if wholly else []
    roles = _rows(conn, HELD, {"person": person_id})
    return {**found, **hidden, "roles": roles, "guardians": guardians}


MY_ROLES = """
SELECT DISTINCT r.role, r.school_id, s.name AS school FROM roles r JOIN schools s USING (school_id)
WHERE r.person_id = %(me)s AND %(on)s BETWEEN r.starts AND r.ends ORDER BY s.name, r.role
"""
MY_NAME: LiteralString = f"SELECT {NAME} AS name FROM persons p WHERE p.person_id = %(me)s"
MY_CHILDREN: LiteralString = f"""
SELECT p.person_id, {NAME} AS name, p.grade, f.rights, (
    SELECT r.school_id FROM roles r WHERE r.person_id = p.person_id AND r.role = 'pupil'
    ORDER BY %(on)s BETWEEN r.starts AND r.ends DESC, r.ends DESC LIMIT 1) AS school_id
FROM family f JOIN persons p ON p.person_id = f.pupil_id
WHERE f.guardian_id = %(me)s AND 'see' = ANY (f.rights) ORDER BY p.sort
"""
SCHOOLS = (
    "SELECT school_id, district_id, kind, name, time_zone FROM schools WHERE school_id = ANY (%(near)s) ORDER BY name"
)


def me(conn: Conn, asker: Asker) -> Found:
    """The asker himself: name, roles of today, children, schools."""
    facts = asker.facts()
    name = next((row["name"] for row in _rows(conn, MY_NAME, facts)), "")
    parts = {"roles": MY_ROLES, "children": MY_CHILDREN, "schools": SCHOOLS}
    return {"person_id": asker.person_id, "name": name} | {k: _rows(conn, query, facts) for k, query in parts.items()}


# a group is seen by the staff of its school, by its pupils and their families
GROUP: LiteralString = """
SELECT g.group_id, g.school_id, g.title, g.subject, g.course, g.room, g.starts, g.ends, g.closed_on,
       ARRAY(SELECT e.person_id FROM enrolments e WHERE e.group_id = g.group_id AND e.role = 'teacher'
             ORDER BY e.is_primary DESC, e.starts DESC, e.person_id) AS teachers
FROM groups g
"""
MINE: LiteralString = """EXISTS (
    SELECT FROM enrolments e LEFT JOIN family f ON f.pupil_id = e.person_id AND f.guardian_id = %(me)s
    WHERE e.group_id = g.group_id
      AND (e.person_id = %(me)s OR (e.role = 'pupil' AND 'see' = ANY (f.rights))))"""
GROUPS: LiteralString = f"""{GROUP}
WHERE (NOT %(mine)s AND (g.school_id = ANY (%(runs)s) OR g.school_id = ANY (%(teaches)s)) OR {MINE})
  AND (%(school)s::uuid IS NULL OR g.school_id = %(school)s)
ORDER BY g.title, g.starts, g.group_id
"""


def groups(conn: Conn, asker: Asker, school: UUID | None, mine: bool) -> list[Found]:
    """Groups of the whole year, past and coming ones too; `mine`: only those he or a child of his is in."""
    return _rows(conn, GROUPS, asker.facts(school=school, mine=mine))


GROUP_SEEN = """
SELECT FROM groups g WHERE g.group_id = %(group)s AND (g.school_id = ANY (%(runs)s) OR EXISTS (
    SELECT FROM enrolments e WHERE e.group_id = g.group_id AND e.person_id = %(me)s AND e.role = 'teacher'))
"""
MEMBERS: LiteralString = f"""
SELECT p.person_id, {NAME} AS name, e.starts, e.ends FROM enrolments e JOIN persons p USING (person_id)
WHERE e.group_id = %(group)s AND e.role = 'pupil'
  AND (%(day)s::date IS NULL OR %(day)s BETWEEN e.starts AND e.ends)
ORDER BY p.sort, p.person_id, e.starts
"""


def members(conn: Conn, asker: Asker, group: UUID, on: date | None) -> list[Found] | None:
    """Pupils of a group on a day, or all it ever had; None when the asker neither teaches it nor runs the school."""
    facts = asker.facts(group=group, day=on)
    with conn.cursor() as cursor:
        if not cursor.execute(GROUP_SEEN, facts).rowcount:
            return None
    return _rows(conn, MEMBERS, facts)


CONTACTS: LiteralString = f"""
WITH ties AS (
    SELECT t.person_id, 'teacher' AS role, e.person_id AS pupil FROM enrolments e
    JOIN enrolments t USING (group_id) JOIN family f ON f.pupil_id = e.person_id
    WHERE f.guardian_id = %(me)s AND 'act' = ANY (f.rights) AND e.role = 'pupil' AND t.role = 'teacher'
      AND %(on)s BETWEEN e.starts AND e.ends AND %(on)s BETWEEN t.starts AND t.ends
    UNION
    SELECT f.guardian_id, 'parent', e.person_id FROM enrolments t
    JOIN enrolments e USING (group_id) JOIN family f ON f.pupil_id = e.person_id
    WHERE t.person_id = %(me)s AND 'act' = ANY (f.rights) AND e.role = 'pupil' AND t.role = 'teacher'
      AND %(on)s BETWEEN e.starts AND e.ends AND %(on)s BETWEEN t.starts AND t.ends
)
SELECT p.person_id, {NAME} AS name, t.role, array_agg(DISTINCT t.pupil) AS about
FROM ties t JOIN persons p USING (person_id) GROUP BY p.person_id, t.role ORDER BY p.sort, p.person_id
"""


def contacts(conn: Conn, asker: Asker) -> list[Found]:
    """Whom he may write to today: parents their children's teachers, teachers the parents of their pupils."""
    return _rows(conn, CONTACTS, asker.facts())


YEARS = """
SELECT y.year_id, y.district_id, y.title, y.starts, y.ends, y.terms FROM years y
WHERE y.district_id = ANY (%(districts)s) OR y.district_id IN (
    SELECT s.district_id FROM schools s WHERE s.school_id = ANY (%(near)s))
ORDER BY y.starts
"""


def years(conn: Conn, asker: Asker) -> list[Found]:
    """School years with their terms, of the districts that the asker has to do with."""
    return _rows(conn, YEARS, asker.facts())


IMPORT = """
SELECT import_id, district_id, actor, state, dry_run, counts, differences, faults, at, applied_at
FROM imports WHERE import_id = %(id)s
"""
FAULTS = "SELECT file, line, field, code, en, ru FROM import_faults WHERE import_id = %(id)s ORDER BY place"


def import_report(conn: Conn, import_id: UUID) -> Found | None:
    """What became of an import, with its first faults. The transaction's scope must have the import's id."""
    found = next(iter(_rows(conn, IMPORT, {"id": import_id})), None)
    return found and {**found, "errors": _rows(conn, FAULTS, {"id": import_id})}
