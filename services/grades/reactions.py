"""What grades learns of others: who may do what (shared.access), lessons (shared.timetable), terms."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from shared import access, timetable
from shared.contracts.envelope import Received
from shared.contracts.roster import (
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
from shared.stream import Projection

FORGET_YEARS = "DELETE FROM terms WHERE year_id = ANY (%s)"
ADD_TERMS = """
INSERT INTO terms (district_id, year_id, starts, ends)
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::date[], %s::date[])
"""
IN_TERM = """
SELECT coalesce(bool_or(%(on)s BETWEEN t.starts AND t.ends), true)
FROM access_schools s JOIN terms t USING (district_id) WHERE s.school_id = %(school)s
"""


def apply_terms(conn: Conn, received: Sequence[Received]) -> None:
    """Keep the days of each year's terms; a year planned anew replaces itself."""
    years = {r.event.year_id: r.event for r in received if isinstance(r.event, YearPlanned)}
    terms = [(y.district_id, y.year_id, t.starts, t.ends) for y in years.values() for t in y.terms if t.kind == "term"]
    conn.execute(FORGET_YEARS, [list(years)])
    if terms:
        conn.execute(ADD_TERMS, [list(column) for column in zip(*terms, strict=True)])


def in_term(conn: Conn, school: UUID, on: date) -> bool:
    """Whether the day is in a term of the school's district; yes while no term of it is known."""
    row = conn.execute(IN_TERM, {"school": school, "on": on}).fetchone()
    return bool(row and row[0])


TERMS = Projection(
    name="grades.terms.1",
    topics=("diary.roster",),
    apply=apply_terms,
    handles=frozenset({YearPlanned}),
    leaves=frozenset(
        {
            SchoolDescribed, GroupDescribed, GroupClosed, EnrolmentsSet, PersonDescribed, PersonErased,
            RolesSet, FamilySet, ImportApplied,
        }
    ),
    tables=("terms",),
)  # fmt: skip

LESSONS = Projection(
    name="grades.lessons.1",
    topics=("diary.lessons",),
    apply=timetable.apply,
    handles=timetable.HANDLES,
    leaves=timetable.LEAVES,
    tables=timetable.TABLES,
)

PROJECTIONS = (access.projection("grades"), LESSONS, TERMS)
