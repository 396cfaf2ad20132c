"""Routes of reports over a period: they translate, nothing else."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from services.reporting import attendance_report, pages
from services.reporting.api import Days, Range, RangeReversed, RangeTooLong
from services.reporting.attendance_report import Head
from services.reporting.files_api import CSV, XLSX, taken_away
from shared import access
from shared.errors import NotFound
from shared.postgres import scoped
from shared.web.auth import Caller, require
from shared.web.language import Language
from shared.web.problems import language_of, problems
from shared.web.routes import of
from shared.web.state import TheCalendar, ThePool

router = APIRouter()

NAME = "SELECT name FROM access_schools WHERE school_id = %s"
Office = Annotated[Caller, require("office", "administrator", "officer", "operator")]


class Attended(BaseModel):
    lessons: int = Field(description="lesson hours of pupils: those whose roll was taken")
    absent: int
    unexcused: int = Field(description="absences without a good reason")
    late: int
    share: str | None = Field(description="of all lessons those where the pupil came, also late, in per cent")


class PupilAttended(Attended):
    pupil_id: UUID
    name: str | None


class ClassAttended(Attended):
    name: str = Field(description="empty: groups whose titles name no class")
    pupils: list[PupilAttended]


class AttendanceReport(Attended):
    classes: list[ClassAttended]


@dataclass(frozen=True)
class Reported:
    """A report with what stands above it, for what is written of it with no connection held."""

    found: dict[str, Any]
    head: Head
    days: Range
    language: Language


def _reported(
    request: Request, school_id: UUID, days: Days, by: Office, pool: ThePool, calendar: TheCalendar
) -> Reported:
    """For who runs the school. Raises NotFound."""
    with pool.connection() as conn, scoped(conn, by.scope):
        now = calendar.at(access.zone_of(conn, school_id))
        if school_id not in by.scope or not access.may_see_school(conn, by.person_id, school_id, now.date()):
            raise NotFound()
        found = attendance_report.report(conn, school_id, days.first, days.last)
        (school,) = conn.execute(NAME, [school_id]).fetchone() or ("",)
        made_by = pages.names(conn, [by.person_id]).get(by.person_id, "")
    return Reported(found, Head(school, days.first, days.last, made_by, now), days, language_of(request))


TheReport = Annotated[Reported, Depends(_reported)]
REFUSED = problems(RangeReversed, RangeTooLong, NotFound)


@router.get("/school-attendance", openapi_extra=of("school"), responses=REFUSED)
def school_attendance(report: TheReport) -> AttendanceReport:
    """Lesson hours, absences, lates and the share attended, of the school, each class and each pupil."""
    return AttendanceReport.model_validate(report.found)


@router.get("/school-attendance.xlsx", openapi_extra=of("school"), response_class=Response, responses=REFUSED)
def school_attendance_workbook(report: TheReport) -> Response:
    """The same as a workbook."""
    file = attendance_report.workbook(report.found, report.head, report.language)
    return taken_away(file, report.days, "xlsx", XLSX, "attendance")


@router.get("/school-attendance.csv", openapi_extra=of("school"), response_class=Response, responses=REFUSED)
def school_attendance_lines(report: TheReport) -> Response:
    """The same as lines of CSV."""
    file = attendance_report.lines(report.found, report.head, report.language)
    return taken_away(file, report.days, "csv", CSV, "attendance")
