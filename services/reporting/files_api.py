"""Routes for files to take away: what a page shows, with the school, the period, who made it and when."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.reporting import marks_file, pages
from services.reporting.api import AsOf, Days, Range, RangeReversed, RangeTooLong, read_of
from services.reporting.marks_file import Head
from services.reporting.readings import TooManyPupils
from shared.clock import Calendar
from shared.errors import NotFound
from shared.postgres import Conn
from shared.web.auth import Caller, SignedIn
from shared.web.language import Language
from shared.web.problems import language_of, problems
from shared.web.routes import of
from shared.web.state import TheCalendar, ThePool

router = APIRouter()

XLSX, CSV = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "text/csv; charset=utf-8"
REFUSED = problems(RangeReversed, RangeTooLong, NotFound, TooManyPupils)

Write = Callable[[dict[str, Any], dict[UUID, str], Head, Language], bytes | str]


@router.get("/marks.xlsx", openapi_extra=of("pupil"), response_class=Response, responses=REFUSED)
def marks_workbook(
    request: Request, pupil_id: UUID, days: Days, by: SignedIn, pool: ThePool, calendar: TheCalendar, as_of: AsOf = None
) -> Response:
    """The pupil's marks as a workbook."""
    with read_of(pool, by, pupil_id, calendar, "marks") as conn:
        file = _marks(conn, marks_file.workbook, pupil_id, days, by, calendar, language_of(request), as_of)
    return _taken_away(file, f"marks {days.first} {days.last}.xlsx", XLSX)


@router.get("/marks.csv", openapi_extra=of("pupil"), response_class=Response, responses=REFUSED)
def marks_lines(
    request: Request, pupil_id: UUID, days: Days, by: SignedIn, pool: ThePool, calendar: TheCalendar, as_of: AsOf = None
) -> Response:
    """The same as CSV."""
    with read_of(pool, by, pupil_id, calendar, "marks") as conn:
        file = _marks(conn, marks_file.lines, pupil_id, days, by, calendar, language_of(request), as_of)
    return _taken_away(file, f"marks {days.first} {days.last}.csv", CSV)


SCHOOLS = """
SELECT DISTINCT s.name, s.time_zone FROM access_members m JOIN access_schools s USING (school_id)
WHERE m.person_id = %s AND m.starts <= %s AND m.ends >= %s ORDER BY 1
"""


def _marks(
    conn: Conn, write: Write, pupil: UUID, days: Range, by: Caller, calendar: Calendar, language: Language, as_of: AsOf
) -> bytes | str:
    table = pages.marks_table(conn, pupil, days.first, days.last, language, as_of)
    schools = conn.execute(SCHOOLS, [pupil, days.last, days.first]).fetchall()
    givers = {mark["by"] for subject in table["subjects"] for mark in subject["marks"]}
    names = pages.names(conn, [*givers, pupil, by.person_id])
    head = Head(
        pupil=names.get(pupil, ""),
        schools=", ".join(name for name, _ in schools),
        first=days.first,
        last=days.last,
        made_by=names.get(by.person_id, ""),
        made_at=calendar.at(schools[0][1] if schools else "UTC"),
        stood_at=as_of,
    )
    return write(table, names, head, language)


def _taken_away(file: bytes | str, name: str, media_type: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(file, media_type=media_type, headers=headers)
