"""Routes for files to take away: what a page shows, with the school, the period, who made it and when."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.reporting import marks_file, pages, readings, sheet, sheet_file, terms
from services.reporting.api import AsOf, Days, Range, RangeReversed, RangeTooLong, Subjects, of_group, read_of
from services.reporting.marks_file import Head
from services.reporting.readings import TooManyFiles, TooManyPupils
from services.reporting.typeset import PressBusy
from shared import access
from shared.clock import Calendar
from shared.errors import NotFound
from shared.postgres import Conn, Pool, scoped
from shared.web.auth import Caller, SignedIn
from shared.web.language import Language
from shared.web.problems import language_of, problems
from shared.web.routes import of
from shared.web.state import TheCalendar, ThePool

router = APIRouter()

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
PDF = "application/pdf"
REFUSED = (RangeReversed, RangeTooLong, NotFound, TooManyPupils)

Write = Callable[[dict[str, Any], dict[UUID, str], Head, Language], bytes | str]


@dataclass(frozen=True)
class Wanted:
    """Which marks a file is to have, and in whose language."""

    pupil: UUID
    days: Range
    as_of: AsOf
    subjects: Subjects
    language: Language


def _wanted(request: Request, pupil_id: UUID, days: Days, as_of: AsOf = None, subjects: Subjects = None) -> Wanted:
    return Wanted(pupil_id, days, as_of, subjects, language_of(request))


TheWanted = Annotated[Wanted, Depends(_wanted)]


@dataclass(frozen=True)
class FoundSheet:
    """A class's page, for what is written of it with no connection held."""

    sheet: sheet.Sheet
    days: Range
    language: Language


def _sheet(
    request: Request, group_id: UUID, days: Days, by: SignedIn, pool: ThePool, calendar: TheCalendar
) -> FoundSheet:
    """For who may read the journal; the families of the class see that he did."""
    language = language_of(request)
    of_group(pool, by, group_id, calendar)
    with pool.connection() as conn, scoped(conn, by.scope):
        school = access.school_of_group(conn, group_id) or group_id
        now = calendar.at(access.zone_of(conn, school))
        pupils = sheet.members(conn, group_id, days.first, days.last)
        readings.record_sheet(conn, by, group_id, school, pupils, now.date())
        found = sheet.sheet(conn, group_id, days.first, days.last, language, (by.person_id, now))
    return FoundSheet(found, days, language)


TheSheet = Annotated[FoundSheet, Depends(_sheet)]


@router.get("/marks.xlsx", openapi_extra=of("pupil"), response_class=Response, responses=problems(*REFUSED))
def marks_workbook(wanted: TheWanted, by: SignedIn, pool: ThePool, calendar: TheCalendar) -> Response:
    """The pupil's marks as a workbook."""
    return taken_away(_marks(pool, marks_file.workbook, wanted, by, calendar), wanted.days, "xlsx", XLSX)


@router.get("/marks.csv", openapi_extra=of("pupil"), response_class=Response, responses=problems(*REFUSED))
def marks_lines(wanted: TheWanted, by: SignedIn, pool: ThePool, calendar: TheCalendar) -> Response:
    """The same as CSV."""
    return taken_away(_marks(pool, marks_file.lines, wanted, by, calendar), wanted.days, "csv", CSV)


@router.get("/marks.pdf", openapi_extra=of("pupil"), response_class=Response, responses=problems(*REFUSED, PressBusy))
def marks_paper(wanted: TheWanted, by: SignedIn, pool: ThePool, calendar: TheCalendar) -> Response:
    """The same on paper."""
    return taken_away(_marks(pool, marks_file.paper, wanted, by, calendar), wanted.days, "pdf", PDF)


SCHOOLS = """
SELECT DISTINCT s.name, s.time_zone FROM access_members m JOIN access_schools s USING (school_id)
WHERE m.person_id = %s AND m.starts <= %s AND m.ends >= %s ORDER BY 1
"""


def _marks(pool: Pool, write: Write, wanted: Wanted, by: Caller, calendar: Calendar) -> bytes | str:
    with read_of(pool, by, wanted.pupil, calendar, "marks") as conn:
        table, names, head = _found(conn, wanted, by, calendar)
    return write(table, names, head, wanted.language)  # a file is written with no connection held


def _found(conn: Conn, wanted: Wanted, by: Caller, calendar: Calendar) -> tuple[dict[str, Any], dict[UUID, str], Head]:
    first, last = wanted.days.first, wanted.days.last
    only = wanted.subjects or ()
    table = pages.marks_table(conn, wanted.pupil, first, last, wanted.language, wanted.as_of, only)
    years = terms.of_pupil(conn, wanted.pupil, wanted.as_of)
    table = {**table, "finals": terms.finals(years, first, last, only)}
    schools = conn.execute(SCHOOLS, [wanted.pupil, last, first]).fetchall()
    givers = {mark["by"] for subject in table["subjects"] for mark in subject["marks"]}
    names = pages.names(conn, [*givers, wanted.pupil, by.person_id])
    head = Head(
        pupil=names.get(wanted.pupil, ""),
        schools=", ".join(name for name, _ in schools),
        first=first,
        last=last,
        subjects=tuple(only),
        made_by=names.get(by.person_id, ""),
        made_at=calendar.at(schools[0][1] if schools else "UTC"),
        stood_at=wanted.as_of,
    )
    return table, names, head


SHEET = problems(RangeReversed, RangeTooLong, NotFound, TooManyFiles)


@router.get("/sheet.xlsx", openapi_extra=of("group"), response_class=Response, responses=SHEET)
def sheet_workbook(found: TheSheet) -> Response:
    """A class's page of the journal as a workbook."""
    return taken_away(sheet_file.workbook(found.sheet, found.language), found.days, "xlsx", XLSX, "sheet")


@router.get("/sheet.csv", openapi_extra=of("group"), response_class=Response, responses=SHEET)
def sheet_lines(found: TheSheet) -> Response:
    """The same as lines of CSV."""
    return taken_away(sheet_file.lines(found.sheet, found.language), found.days, "csv", CSV, "sheet")


@router.get(
    "/sheet.pdf",
    openapi_extra=of("group"),
    response_class=Response,
    responses=problems(RangeReversed, RangeTooLong, NotFound, TooManyFiles, PressBusy),
)
def sheet_paper(found: TheSheet) -> Response:
    """The same as an official list, on paper."""
    return taken_away(sheet.paper(found.sheet, found.language), found.days, "pdf", PDF, "sheet")


def taken_away(file: bytes | str, days: Range, kind: str, media_type: str, what: str = "marks") -> Response:
    name = f"{what} {days.first} {days.last}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(file, media_type=media_type, headers=headers)
