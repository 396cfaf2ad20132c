"""Who of a school's staff may read what, and the pages of those who may."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from services.reporting import lessons as journal
from services.reporting import pages, school
from services.reporting.lessons import Moment
from services.reporting.school_facts import AsItStands, AsItStood
from shared import access, clock, timetable
from shared.clock import Calendar
from shared.errors import NotFound
from shared.postgres import Conn
from shared.web.auth import Caller

HEAD = """
SELECT 1 FROM access_schools WHERE school_id = %(school)s AND kind = ANY (%(kinds)s)
  AND (school_id = ANY (%(administers)s) OR district_id = ANY (%(oversees)s) OR school_id = ANY (%(oversees)s))
"""
SCHOOLS = """
SELECT school_id, name FROM access_schools
WHERE school_id = ANY (%(scope)s) AND kind = 'school' AND (district_id = ANY (%(of)s) OR school_id = ANY (%(of)s))
ORDER BY length(name), name
"""
WORKS_AT = """
SELECT DISTINCT school_id FROM access_roles
WHERE person_id = %s AND role IN ('teacher', 'office', 'administrator') AND school_id = ANY (%s)
"""


def moment(conn: Conn, calendar: Calendar, school_id: UUID, as_of: datetime | None = None) -> Moment:
    """What day and time it is at the school, or was there when events had that time."""
    now = calendar.at(access.zone_of(conn, school_id))
    return Moment.of(now - (clock.now() - as_of) if as_of else now)


def runs(conn: Conn, by: Caller, school_id: UUID, kinds: Sequence[str] = ("school",)) -> None:
    """Raises NotFound unless he administers this very school or is an officer of its district."""
    heads = {"administers": list(by.schools_as("administrator")), "oversees": list(by.schools_as("officer"))}
    asked = {"school": school_id, "kinds": list(kinds), **heads}
    if school_id not in by.scope or conn.execute(HEAD, asked).fetchone() is None:
        raise NotFound()


IS_OF = """
SELECT 1 FROM access_roles WHERE person_id = %(person)s AND school_id = %(school)s
UNION ALL SELECT 1 FROM access_members WHERE person_id = %(person)s AND school_id = %(school)s LIMIT 1
"""


def is_of(conn: Conn, person: UUID, school: UUID) -> bool:
    """Whether he learns or works at the school, or ever did."""
    return conn.execute(IS_OF, {"person": person, "school": school}).fetchone() is not None


def school_day(
    conn: Conn, by: Caller, calendar: Calendar, school_id: UUID, on: date | None, as_of: datetime | None
) -> pages.Row:
    """For the administrators of this very school and the officers of its district. Raises NotFound."""
    runs(conn, by, school_id)
    return {"school_id": school_id, **_day(conn, calendar, school_id, on, as_of)}


def _day(conn: Conn, calendar: Calendar, school_id: UUID, on: date | None, as_of: datetime | None) -> pages.Row:
    now = moment(conn, calendar, school_id, as_of)
    known = AsItStood(conn, school_id, as_of) if as_of else AsItStands(conn, school_id)
    return school.day(known, on or now.today, now)


def teachers_lessons(conn: Conn, by: Caller, calendar: Calendar, teacher: UUID, first: date, last: date) -> pages.Row:
    """For the teacher himself, and for those who run a school where he works, of the lessons there. Raises NotFound."""
    schools = [row[0] for row in conn.execute(WORKS_AT, [teacher, list(by.scope)])]
    now = {one: moment(conn, calendar, one) for one in schools}
    seen = {
        one: at
        for one, at in now.items()
        if teacher == by.person_id or access.may_see_school(conn, by.person_id, one, at.today)
    }
    if not seen:
        raise NotFound()
    found = journal.given(conn, teacher, seen, first, last)
    return {
        "schools": [{"school_id": one, "today": at.today, "now": at.time} for one, at in seen.items()],
        "lessons": journal.states(conn, found, seen),
        "holidays": _holidays(conn, seen, first, last),
    }


def _holidays(conn: Conn, schools: Iterable[UUID], first: date, last: date) -> list[pages.Row]:
    found = {
        (h.starts, h.ends, h.title)
        for one in schools
        for h in timetable.holidays(conn, one, first, last)
        if not h.groups
    }
    return [{"starts": starts, "ends": ends, "title": title} for starts, ends, title in sorted(found)]


def district_day(
    conn: Conn, by: Caller, calendar: Calendar, on: date | None, as_of: datetime | None, page: int, size: int
) -> pages.Row:
    """The schools of the officer's districts by name, `size` of them on page `page` (from 0), each with its figures."""
    rows = conn.execute(SCHOOLS, {"scope": list(by.scope), "of": list(by.schools_as("officer"))}).fetchall()
    shown = rows[page * size : (page + 1) * size]
    return {"total": len(rows), "schools": [_figures(conn, calendar, on, as_of, *row) for row in shown]}


FIGURES = ("on", "holiday", "pupils", "absent", "late", "unexcused", "places", "lessons", "marks")


def _figures(
    conn: Conn, calendar: Calendar, on: date | None, as_of: datetime | None, school_id: UUID, name: str
) -> pages.Row:
    found = _day(conn, calendar, school_id, on, as_of)
    return {"school_id": school_id, "name": name, **{key: found[key] for key in FIGURES}}
