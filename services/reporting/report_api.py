"""Routes of reports over a period: they translate, nothing else."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from services.reporting import attendance_report, completeness, discipline, pages, report_file
from services.reporting.api import Days, Range, RangeReversed, RangeTooLong
from services.reporting.files_api import CSV, XLSX, taken_away
from services.reporting.lessons import Moment
from services.reporting.report_file import Head
from shared import access
from shared.clock import Calendar
from shared.errors import NotFound
from shared.postgres import Conn, scoped
from shared.web.auth import Caller, require
from shared.web.language import Language
from shared.web.problems import language_of, problems
from shared.web.routes import of
from shared.web.state import TheCalendar, ThePool

router = APIRouter()

Row = dict[str, Any]

NAME = "SELECT name FROM access_schools WHERE school_id = %s"
Office = Annotated[Caller, require("office", "administrator", "officer", "operator")]
LONGEST_BOARD = 62
"""Days."""


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


class Behaved(BaseModel):
    praise: int
    remark: int
    incident: int
    late: int
    unexcused: int = Field(description="lessons missed without a good reason")


class PupilBehaved(Behaved):
    pupil_id: UUID
    name: str | None


class ClassBehaved(Behaved):
    name: str = Field(description="empty: groups whose titles name no class")
    pupils: list[PupilBehaved] = Field(description="those who have any")


class DisciplineReport(Behaved):
    classes: list[ClassBehaved]


class Missing(BaseModel):
    lessons: int = Field(description="lessons that are over")
    rolls: int = Field(description="of them those without a roll")
    works: int = Field(description="those with works of which nobody has a mark")
    topics: int = Field(description="those without a topic")
    homework: int = Field(description="those of which nobody said what is to be done at home, or that nothing is")


class MissingOfTeacher(Missing):
    teacher_id: UUID | None = Field(description="none: the roster names nobody")
    name: str | None


class CompletenessBoard(Missing):
    teachers: list[MissingOfTeacher]


@dataclass(frozen=True)
class Report:
    """A report of a school over days: how it is made, what its file is called, its words and rows."""

    made: Callable[[Conn, UUID, date, date], Row]
    file: str
    words: Mapping[Language, Mapping[str, str]]
    rows: Callable[[Row, Language], Iterable[Sequence[str]]]


ATTENDANCE = Report(attendance_report.report, "attendance", attendance_report.WORDS, attendance_report.rows)
DISCIPLINE = Report(discipline.report, "discipline", discipline.WORDS, discipline.rows)


@dataclass(frozen=True)
class Reported:
    """A report with what stands above it, for what is written of it with no connection held."""

    found: Row
    report: Report
    head: Head
    days: Range
    language: Language

    def workbook(self) -> Response:
        file = report_file.workbook(self._title, self.head, self._rows, self.language)
        return taken_away(file, self.days, "xlsx", XLSX, self.report.file)

    def lines(self) -> Response:
        file = report_file.lines(self._title, self.head, self._rows, self.language)
        return taken_away(file, self.days, "csv", CSV, self.report.file)

    @property
    def _title(self) -> str:
        return self.report.words[self.language]["title"]

    @property
    def _rows(self) -> Iterable[Sequence[str]]:
        return self.report.rows(self.found, self.language)


def _reported(report: Report) -> Any:
    """A dependency: the report asked for, for who runs the school. Raises NotFound."""

    def reported(
        request: Request, school_id: UUID, days: Days, by: Office, pool: ThePool, calendar: TheCalendar
    ) -> Reported:
        with pool.connection() as conn, scoped(conn, by.scope):
            now = _now(conn, by, school_id, calendar)
            found = report.made(conn, school_id, days.first, days.last)
            (school,) = conn.execute(NAME, [school_id]).fetchone() or ("",)
            made_by = pages.names(conn, [by.person_id]).get(by.person_id, "")
        return Reported(found, report, Head(school, days.first, days.last, made_by, now), days, language_of(request))

    return Depends(reported)


def _now(conn: Conn, by: Caller, school: UUID, calendar: Calendar) -> datetime:
    """The time at a school that he runs. Raises NotFound."""
    now = calendar.at(access.zone_of(conn, school))
    if school not in by.scope or not access.may_see_school(conn, by.person_id, school, now.date()):
        raise NotFound()
    return now


TheAttendance = Annotated[Reported, _reported(ATTENDANCE)]
TheDiscipline = Annotated[Reported, _reported(DISCIPLINE)]
REFUSED = problems(RangeReversed, RangeTooLong, NotFound)


@router.get("/school-attendance", openapi_extra=of("school"), responses=REFUSED)
def school_attendance(report: TheAttendance) -> AttendanceReport:
    """Lesson hours, absences, lates and the share attended, of the school, each class and each pupil."""
    return AttendanceReport.model_validate(report.found)


@router.get("/school-attendance.xlsx", openapi_extra=of("school"), response_class=Response, responses=REFUSED)
def school_attendance_workbook(report: TheAttendance) -> Response:
    """The same as a workbook."""
    return report.workbook()


@router.get("/school-attendance.csv", openapi_extra=of("school"), response_class=Response, responses=REFUSED)
def school_attendance_lines(report: TheAttendance) -> Response:
    """The same as lines of CSV."""
    return report.lines()


@router.get("/school-discipline", openapi_extra=of("school"), responses=REFUSED)
def school_discipline(report: TheDiscipline) -> DisciplineReport:
    """Praise, remarks and incidents that families were shown, lates, absences without a reason; by class and pupil."""
    return DisciplineReport.model_validate(report.found)


@router.get("/school-discipline.xlsx", openapi_extra=of("school"), response_class=Response, responses=REFUSED)
def school_discipline_workbook(report: TheDiscipline) -> Response:
    """The same as a workbook."""
    return report.workbook()


@router.get("/school-discipline.csv", openapi_extra=of("school"), response_class=Response, responses=REFUSED)
def school_discipline_lines(report: TheDiscipline) -> Response:
    """The same as lines of CSV."""
    return report.lines()


@router.get("/completeness", openapi_extra=of("school"), responses=REFUSED)
def school_completeness(
    school_id: UUID, days: Days, by: Office, pool: ThePool, calendar: TheCalendar
) -> CompletenessBoard:
    """What is missing in the journals of at most 62 days, by teacher. The very lessons: `/lessons?teacher_id=`."""
    if (days.last - days.first).days >= LONGEST_BOARD:
        raise RangeTooLong("/last", days=LONGEST_BOARD)
    with pool.connection() as conn, scoped(conn, by.scope):
        now = _now(conn, by, school_id, calendar)
        found = completeness.board(conn, school_id, Moment.of(now), days.first, days.last)
    return CompletenessBoard.model_validate(found)
