"""What grades learns of others: who may do what (shared.access), lessons (shared.timetable), terms."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from shared import access, timetable
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
from shared.stream import Projection

FORGET_YEARS = "DELETE FROM terms WHERE year_id = ANY (%s)"
ADD_TERMS = """
INSERT INTO terms (district_id, year_id, term_id, parent_id, kind, title, starts, ends)
SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::date[], %b::date[])
"""
IN_TERM = """
SELECT coalesce(bool_or(%(on)s BETWEEN t.starts AND t.ends), true)
FROM access_schools s JOIN terms t USING (district_id) WHERE s.school_id = %(school)s AND t.kind = 'term'
"""


def apply_terms(conn: Conn, received: Sequence[Received]) -> None:
    """Keep each year and its terms; a year planned anew replaces itself."""
    years = {r.event.year_id: r.event for r in received if isinstance(r.event, YearPlanned)}
    conn.execute(FORGET_YEARS, [list(years)])
    if rows := [row for year in years.values() for row in _sessions(year)]:
        conn.execute(ADD_TERMS, [list(column) for column in zip(*rows, strict=True)])


def _sessions(year: YearPlanned) -> Iterator[tuple[Any, ...]]:
    of = (year.district_id, year.year_id)
    yield *of, year.year_id, None, "year", year.title, year.starts, year.ends
    for term in year.terms:
        yield *of, term.term_id, term.parent_id, term.kind, term.title, term.starts, term.ends


def in_term(conn: Conn, school: UUID, on: date) -> bool:
    """Whether the day is in a term of the school's district; yes while no term of it is known."""
    row = conn.execute(IN_TERM, {"school": school, "on": on}).fetchone()
    return bool(row and row[0])


TERMS = Projection(
    name="grades.terms.2",
    topics=("diary.roster",),
    apply=apply_terms,
    handles=frozenset({YearPlanned}),
    leaves=frozenset(
        {
            SchoolDescribed, GroupDescribed, GroupClosed, EnrolmentsSet, PersonDescribed, PersonErased,
            RolesSet, FamilySet, ImportApplied, *TIE_REQUESTS,
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
