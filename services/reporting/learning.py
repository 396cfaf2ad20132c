"""Where a pupil learns, and when, as it is known now. What was known at an earlier moment: plans.py."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from psycopg.rows import dict_row

from shared.contracts.timetable import Lesson
from shared.postgres import Conn

Teaching = tuple[UUID, UUID, date, date]
"""Group, teacher, first and last day."""


@dataclass(frozen=True)
class Membership:
    group_id: UUID
    school_id: UUID
    subject: str
    title: str
    starts: date
    ends: date


MEMBERSHIPS = """
SELECT m.group_id, m.school_id, coalesce(g.subject, '') AS subject, coalesce(g.title, '') AS title,
       greatest(m.starts, g.starts) AS starts,
       least(m.ends, g.ends, g.closed_on - 1) AS ends
FROM access_members m LEFT JOIN access_groups g USING (group_id)
WHERE m.person_id = %(pupil)s AND m.starts <= %(last)s AND m.ends >= %(first)s
"""


def memberships(conn: Conn, pupil: UUID, first: date, last: date) -> list[Membership]:
    """Groups in which the pupil learnt at some day of the range, each with its own days."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(MEMBERSHIPS, {"pupil": pupil, "first": first, "last": last}).fetchall()
    return [Membership(**row) for row in rows]


def attended(learnt: list[Membership], lessons: list[Lesson]) -> list[tuple[Lesson, Membership]]:
    """Those of the lessons on whose day the pupil was in the group."""
    found = []
    for lesson in lessons:
        member = next((m for m in learnt if m.group_id == lesson.group_id and m.starts <= lesson.on <= m.ends), None)
        if member is not None:
            found.append((lesson, member))
    return found


TEACHING = """
SELECT group_id, person_id, starts, ends FROM access_teaching WHERE group_id = ANY (%s)
ORDER BY is_primary, person_id DESC
"""


def teaching(conn: Conn, groups: set[UUID]) -> list[Teaching]:
    """Who teaches the groups; of two on a day the last one is responsible."""
    return conn.execute(TEACHING, [list(groups)]).fetchall()


def responsible(taught: list[Teaching], lesson: Lesson) -> UUID | None:
    """Whose group it is on the lesson's day."""
    of_it = [
        person for group, person, starts, ends in taught if group == lesson.group_id and starts <= lesson.on <= ends
    ]
    return of_it[-1] if of_it else None


SUBJECTS = "SELECT group_id, subject FROM access_groups WHERE group_id = ANY (%s)"


def subjects(conn: Conn, groups: set[UUID]) -> dict[UUID, str]:
    """What the groups' subjects are called."""
    return dict(conn.execute(SUBJECTS, [list(groups)]).fetchall())
