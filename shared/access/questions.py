"""Questions of one person about one object. All answers hold for a date; the first and the last day are included."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from shared.access.rights import OPERATOR
from shared.contracts.roster import Right
from shared.errors import NotFound
from shared.postgres import Conn


@dataclass(frozen=True)
class Member:
    person_id: UUID
    starts: date
    ends: date


@dataclass(frozen=True)
class GroupDay:
    """What a decision about a group's lesson rests on. `teaches`: the asker on that day, by the roster."""

    school_id: UUID
    time_zone: str
    teaches: bool
    members: tuple[UUID, ...]


@dataclass(frozen=True)
class Tie:
    """A guardian of a pupil, or a child of a guardian, with the rights between them."""

    person_id: UUID
    relation: str
    rights: tuple[str, ...]


# a closed group ends the day before it closed, whatever its list says
ON = "%(on)s BETWEEN {0}.starts AND {0}.ends AND (g.closed_on IS NULL OR %(on)s < g.closed_on)"

TEACHES = f"""
SELECT 1 FROM access_teaching t LEFT JOIN access_groups g USING (group_id)
WHERE t.person_id = %(person)s AND t.group_id = %(group)s AND {ON.format("t")}
"""
MEMBERS = f"""
SELECT m.person_id, m.starts, m.ends FROM access_members m LEFT JOIN access_groups g USING (group_id)
WHERE m.group_id = %(group)s AND {ON.format("m")} ORDER BY m.person_id, m.starts
"""
BELONGS = f"""
SELECT 1 FROM access_members m LEFT JOIN access_groups g USING (group_id)
WHERE m.group_id = %(group)s AND {ON.format("m")}
  AND (m.person_id = %(person)s OR EXISTS (
    SELECT 1 FROM access_family f
    WHERE f.pupil_id = m.person_id AND f.guardian_id = %(person)s AND 'see' = ANY (f.rights)))
"""
RUNS_SCHOOL = """
SELECT 1 FROM access_roles r
WHERE r.person_id = %(person)s AND %(on)s BETWEEN r.starts AND r.ends
  AND (r.role IN ('office', 'administrator') AND r.school_id = ANY (%(schools)s)
    OR r.role = 'officer' AND EXISTS (
      SELECT 1 FROM access_schools s
      WHERE s.school_id = ANY (%(schools)s) AND r.school_id IN (s.district_id, s.school_id)))
"""
PUPILS_SCHOOLS = """
SELECT school_id FROM access_roles WHERE person_id = %(pupil)s AND role = 'pupil'
  AND %(on)s BETWEEN starts AND ends
UNION
SELECT school_id FROM access_members WHERE person_id = %(pupil)s AND %(on)s BETWEEN starts AND ends
"""
TEACHES_PUPIL = f"""
SELECT 1 FROM access_teaching t JOIN access_members m USING (group_id) LEFT JOIN access_groups g USING (group_id)
WHERE t.person_id = %(person)s AND m.person_id = %(pupil)s
  AND %(on)s BETWEEN m.starts AND m.ends AND {ON.format("t")}
"""
TUTORS = f"""
SELECT DISTINCT t.person_id
FROM access_teaching t JOIN access_members m USING (group_id) JOIN access_groups g USING (group_id)
WHERE g.homeroom AND m.person_id = %(pupil)s AND %(on)s BETWEEN m.starts AND m.ends AND {ON.format("t")}
"""
TEACHERS = f"""
SELECT DISTINCT t.person_id FROM access_teaching t LEFT JOIN access_groups g USING (group_id)
WHERE t.group_id = %(group)s AND {ON.format("t")}
"""
DAY = f"""
SELECT g.school_id, s.time_zone,
       EXISTS (SELECT 1 FROM access_teaching t
               WHERE t.person_id = %(person)s AND t.group_id = g.group_id AND {ON.format("t")}),
       array(SELECT DISTINCT m.person_id FROM access_members m
             WHERE m.group_id = g.group_id AND {ON.format("m")} ORDER BY m.person_id)
FROM access_groups g JOIN access_schools s USING (school_id) WHERE g.group_id = %(group)s
"""
FAMILY = "SELECT 1 FROM access_family WHERE pupil_id = %s AND guardian_id = %s AND %s = ANY (rights)"
CHILDREN = """
SELECT pupil_id AS person_id, relation, rights FROM access_family
WHERE guardian_id = %s AND %s = ANY (rights) ORDER BY pupil_id
"""
GUARDIANS = """
SELECT guardian_id AS person_id, relation, rights FROM access_family
WHERE pupil_id = %s AND %s = ANY (rights) ORDER BY guardian_id
"""
SCHOOL_OF_GROUP = "SELECT school_id FROM access_groups WHERE group_id = %s"
ZONE = "SELECT time_zone FROM access_schools WHERE school_id = %s"


def group_day(conn: Conn, person: UUID, group: UUID, on: date) -> GroupDay:
    """The group's school, its members and whether the person teaches it, on a day. Raises NotFound."""
    row = conn.execute(DAY.encode(), {"person": person, "group": group, "on": on}).fetchone()
    if row is None:
        raise NotFound()
    return GroupDay(row[0], row[1], row[2], tuple(row[3]))


def teaches(conn: Conn, person: UUID, group: UUID, on: date) -> bool:
    """Whether the roster says he teaches the group on that day. Of the operator's client it does not."""
    return _any(conn, TEACHES, person=person, group=group, on=on)


def teachers_of(conn: Conn, group: UUID, on: date) -> set[UUID]:
    """Who teaches the group on that day."""
    return {row[0] for row in conn.execute(TEACHERS.encode(), {"group": group, "on": on})}


def tutors_of(conn: Conn, pupil: UUID, on: date) -> set[UUID]:
    """Who leads the pupil's class on that day: those who teach the group that the roster calls the class itself."""
    return {row[0] for row in conn.execute(TUTORS.encode(), {"pupil": pupil, "on": on})}


def members(conn: Conn, group: UUID, on: date) -> list[Member]:
    """Who learns in the group on that day."""
    return _members(conn, MEMBERS, group, on)


def children_of(conn: Conn, person: UUID, right: Right = "see") -> list[Tie]:
    """The children for whom he has the right."""
    return _ties(conn, CHILDREN, person, right)


def guardians_of(conn: Conn, pupil: UUID, right: Right = "see") -> list[Tie]:
    """Those who have the right for the pupil."""
    return _ties(conn, GUARDIANS, pupil, right)


def may_see_pupil(conn: Conn, person: UUID, pupil: UUID, on: date, right: Right = "see") -> bool:
    """Himself; his child by the right; as a teacher a pupil of his groups; as staff one of his school or district.

    `act` and `notices` belong to guardians only.
    """
    if _found(conn, FAMILY, [pupil, person, right]):
        return True
    if right != "see":
        return False
    if person == pupil or _any(conn, TEACHES_PUPIL, person=person, pupil=pupil, on=on):
        return True
    return runs_school_of(conn, person, pupil, on)


def is_near(conn: Conn, person: UUID, pupil: UUID, on: date) -> bool:
    """Whether he is of the pupil's family or teaches him on the day: not merely staff of his school or district."""
    return _found(conn, FAMILY, [pupil, person, "see"]) or _any(conn, TEACHES_PUPIL, person=person, pupil=pupil, on=on)


def runs_school_of(conn: Conn, person: UUID, pupil: UUID, on: date) -> bool:
    """Whether he runs a school where the pupil learns on the day."""
    schools = schools_of_pupil(conn, pupil, on)
    return bool(schools) and _runs(conn, person, schools, on)


def schools_of_pupil(conn: Conn, pupil: UUID, on: date) -> list[UUID]:
    """Where he learns on the day."""
    return [row[0] for row in conn.execute(PUPILS_SCHOOLS, {"pupil": pupil, "on": on})]


def may_see_group(conn: Conn, person: UUID, group: UUID, on: date) -> bool:
    """As staff: its teacher, the school's office and administrators, the district's officers. Families: see below."""
    if teaches(conn, person, group, on):
        return True
    school = school_of_group(conn, group)
    return school is not None and _runs(conn, person, [school], on)


def belongs_to_group(conn: Conn, person: UUID, group: UUID, on: date) -> bool:
    """Whether he, or a child whom he may see, learns in the group: enough for its timetable, not for its members."""
    return _any(conn, BELONGS, person=person, group=group, on=on)


def may_see_school(conn: Conn, person: UUID, school: UUID, on: date) -> bool:
    """As one who runs it: office, administrator, the district's officer."""
    return _runs(conn, person, [school], on)


def school_of_group(conn: Conn, group: UUID) -> UUID | None:
    """None when there is no such group in the caller's schools."""
    row = conn.execute(SCHOOL_OF_GROUP, [group]).fetchone()
    return row[0] if row else None


def zone_of(conn: Conn, school: UUID) -> str:
    """The school's IANA time zone. Raises NotFound."""
    row = conn.execute(ZONE, [school]).fetchone()
    if row is None:
        raise NotFound()
    return str(row[0])


def _runs(conn: Conn, person: UUID, schools: list[UUID], on: date) -> bool:
    return person == OPERATOR or _any(conn, RUNS_SCHOOL, person=person, schools=schools, on=on)


def _any(conn: Conn, query: str, **facts: Any) -> bool:
    return conn.execute(query.encode(), facts).fetchone() is not None


def _found(conn: Conn, query: str, facts: list[Any]) -> bool:
    return conn.execute(query.encode(), facts).fetchone() is not None


def _members(conn: Conn, query: str, group: UUID, on: date) -> list[Member]:
    with conn.cursor(row_factory=class_row(Member)) as cursor:
        return cursor.execute(query.encode(), {"group": group, "on": on}).fetchall()


def _ties(conn: Conn, query: str, person: UUID, right: Right) -> list[Tie]:
    rows = conn.execute(query.encode(), [person, right])
    return [Tie(row[0], row[1], tuple(row[2])) for row in rows]
