"""The routes of the lessons service."""

from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from services.lessons import calendars, commands, domain, week
from services.lessons.commands import Asked, At, Report
from services.lessons.csv_import import Rhythm
from shared.contracts import Title
from shared.contracts.lessons import Cycle
from shared.csvfile import Fault
from shared.errors import NotAllowed, NotFound, Refused
from shared.postgres import scoped
from shared.web.answers import Receipt, respond
from shared.web.auth import Caller, Portal, SignedIn, require
from shared.web.idempotency import TheIntent
from shared.web.problems import language_of, problems
from shared.web.routes import of, upload
from shared.web.state import TheCalendar, TheLedger, ThePool, TheSettings

router = APIRouter()

UPLOAD = 50 * 1024 * 1024
KEPT = 1000
LONGEST = 62

Planner = Annotated[Caller, require("office", "administrator", "officer", "operator")]
Writer = Annotated[Caller, require("teacher", "office", "administrator", "officer", "operator")]
Number = Annotated[int, Field(ge=0, le=15)]


class RangeTooLong(Refused):
    """At most {days} days are shown at once, the last not before the first."""

    code = "lessons.range-too-long"
    ru = "За один раз показывается не больше {days} дней, и последний не раньше первого."


class OneOf(Refused):
    """Name exactly one of group_id, teacher_id, pupil_id, school_id."""

    code = "lessons.one-of"
    ru = "Укажите ровно одно из: group_id, teacher_id, pupil_id, school_id."


class NoFile(Refused):
    """Send a timetable, bells or holidays."""

    code = "lessons.no-file"
    ru = "Пришлите расписание, звонки или каникулы."


class MovedFrom(BaseModel):
    on: date
    number: int


class HomeworkShown(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    task: str | None = Field(description="none: the teacher said that nothing is to be done")
    due_on: date | None = Field(description="the lesson by which it is due, as the timetable has it")
    due_number: int | None
    minutes: int | None
    written_on: date = Field(description="the school's day and time at which the teacher said so")
    written_at: str
    late: bool = Field(description="the evening before the day it is due had begun by then")


class LessonShown(BaseModel):
    lesson_id: UUID
    group_id: UUID
    school_id: UUID
    title: str
    subject: str
    on: date
    number: int
    starts: str | None = Field(description="school's local time; none when the bell plan has no such number")
    ends: str | None
    room: str | None
    teacher_id: UUID | None = Field(description="who gives it on the day")
    cancelled: bool
    moved_from: MovedFrom | None
    substituted: bool
    instead_of: UUID | None = Field(description="whom a substitute stands in for")
    room_was: str | None = Field(description="of a lesson moved into another room")
    topic: str | None
    homework: HomeworkShown | None = Field(description="what is to be done after it; none: nobody has said yet")


class HolidayShown(BaseModel):
    starts: date
    ends: date
    title: str


class DayShown(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    school_id: UUID
    on: date
    week: str | None = Field(description="A or B, of a timetable whose weeks alternate")
    day: int | None = Field(description="which day of its cycle, of a timetable that goes by one")


class Week(BaseModel):
    lessons: list[LessonShown]
    holidays: list[HolidayShown]
    days: list[DayShown] = Field(description="of which there is something to say; none where all weeks are alike")


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Topic(Body):
    topic: str = Field(min_length=1, max_length=1000)


class Cancellation(Body):
    reason: str | None = Field(None, max_length=1000)


class Move(Body):
    to_date: date
    to_number: Number
    room: Title | None = None


class Substitution(Body):
    teacher_id: UUID


class Named(BaseModel):
    file: str
    line: int
    field: str
    code: str
    text: str


class ReportShown(BaseModel):
    """`errors` refuse the import, `findings` are named only; of both the first thousand. `differences`: events made."""

    import_id: UUID
    state: str
    dry_run: bool
    counts: dict[str, int]
    differences: dict[str, int]
    error_count: int
    errors: list[Named]
    finding_count: int
    findings: list[Named]


def _asked(by: Writer, intent: TheIntent, calendar: TheCalendar) -> Asked:
    return Asked(by, intent, calendar)


TheAsked = Annotated[Asked, Depends(_asked)]


@router.get("/week", openapi_extra=of("group"), responses=problems(NotFound, RangeTooLong, OneOf))
def the_week(
    by: SignedIn,
    pool: ThePool,
    calendar: TheCalendar,
    first: date,
    last: date,
    group_id: UUID | None = None,
    teacher_id: UUID | None = None,
    pupil_id: UUID | None = None,
    school_id: UUID | None = None,
) -> Week:
    """Lessons of a class, a teacher, a pupil or a school from the first to the last day, both included."""
    if not timedelta(0) <= last - first < timedelta(days=LONGEST):
        raise RangeTooLong(at="last", days=LONGEST)
    named = {"group": group_id, "teacher": teacher_id, "pupil": pupil_id, "school": school_id}
    whose = [(kind, id_) for kind, id_ in named.items() if id_ is not None]
    if len(whose) != 1:
        raise OneOf()
    with pool.connection() as conn, scoped(conn, by.scope):
        return Week.model_validate(week.week(conn, by, calendar, *whose[0], first, last))


ONE = of("lesson")
PATH = "/lessons/{group_id}/{on}/{number}"
REFUSED = (NotFound, NotAllowed, domain.NoSuchLesson, domain.LessonIsCancelled)


@router.put(f"{PATH}/topic", openapi_extra=ONE, response_model=Receipt, responses=problems(*REFUSED))
def topic(group_id: UUID, on: date, number: int, body: Topic, asked: TheAsked, ledger: TheLedger) -> Response:
    """Write what the lesson is about."""
    return respond(commands.write_topic(ledger, asked, At(group_id, on, number), body.topic))


@router.post(f"{PATH}/cancellation", openapi_extra=ONE, response_model=Receipt, responses=problems(*REFUSED))
def cancellation(
    group_id: UUID, on: date, number: int, body: Cancellation, asked: TheAsked, ledger: TheLedger
) -> Response:
    """The lesson does not take place."""
    return respond(commands.cancel(ledger, asked, At(group_id, on, number), body.reason))


MOVE = (*REFUSED, domain.SlotTaken, domain.OnHoliday, domain.NoSuchBell, domain.OutsideTimetable)


@router.post(f"{PATH}/move", openapi_extra=ONE, response_model=Receipt, responses=problems(*MOVE))
def move(group_id: UUID, on: date, number: int, body: Move, asked: TheAsked, ledger: TheLedger) -> Response:
    """The lesson takes place at another time or in another room."""
    at = At(group_id, on, number)
    return respond(commands.move(ledger, asked, at, body.to_date, body.to_number, body.room))


@router.post(
    f"{PATH}/substitution",
    openapi_extra=ONE,
    response_model=Receipt,
    responses=problems(*REFUSED, domain.NotATeacher),
)
def substitution(
    group_id: UUID, on: date, number: int, body: Substitution, asked: TheAsked, ledger: TheLedger
) -> Response:
    """Another teacher gives the lesson."""
    return respond(commands.substitute(ledger, asked, At(group_id, on, number), body.teacher_id))


@router.post(
    f"{PATH}/restoration",
    openapi_extra=ONE,
    response_model=Receipt,
    responses=problems(NotFound, NotAllowed, domain.NoSuchLesson, domain.SlotTaken),
)
def restoration(group_id: UUID, on: date, number: int, asked: TheAsked, ledger: TheLedger) -> Response:
    """The lesson takes place as the timetable has it: cancellation, move and substitution no longer hold."""
    return respond(commands.restore(ledger, asked, At(group_id, on, number)))


class CalendarShown(BaseModel):
    calendar_id: UUID
    about_id: UUID = Field(description="whose lessons: the caller's own, or a child's")
    shared_at: datetime


class CalendarsShown(BaseModel):
    calendars: list[CalendarShown]


Secret = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$", description="32 bytes of chance, base64url")]


class NewCalendar(Body):
    about_id: UUID = Field(description="whose lessons: the caller's own, or a child's")
    secret: Secret


class Address(Body):
    secret: Secret
    host: str = Field(pattern=r"^[A-Za-z0-9.:\[\]-]{1,255}$")


@router.get("/calendars", openapi_extra=of("own"))
def my_calendars(by: SignedIn, pool: ThePool) -> CalendarsShown:
    """The caller's secret addresses for calendar applications; the secrets are known to nobody but him."""
    with pool.connection() as conn, scoped(conn, by.scope):
        return CalendarsShown.model_validate({"calendars": calendars.mine(conn, by.person_id)})


CALENDAR = "/calendars/{calendar_id}"


@router.put(
    CALENDAR,
    openapi_extra=of("pupil"),
    response_model=Receipt,
    responses=problems(NotFound, domain.TooManyCalendars, domain.CalendarKnown),
)
def share_calendar(
    calendar_id: UUID, body: NewCalendar, by: SignedIn, intent: TheIntent, calendar: TheCalendar, ledger: TheLedger
) -> Response:
    """Let the lessons be read at `/calendar/<secret>.ics`: read-only, without names, until it is withdrawn."""
    asked = Asked(by, intent, calendar)
    return respond(commands.share_calendar(ledger, asked, calendar_id, body.about_id, body.secret))


@router.delete(CALENDAR, openapi_extra=of("own"), response_model=Receipt, responses=problems(NotFound))
def withdraw_calendar(
    calendar_id: UUID, by: SignedIn, intent: TheIntent, calendar: TheCalendar, ledger: TheLedger
) -> Response:
    """Nothing is read at the address any more."""
    return respond(commands.withdraw_calendar(ledger, Asked(by, intent, calendar), calendar_id))


class ICalendar(Response):
    media_type = "text/calendar"


@router.post("/calendar", response_class=ICalendar, responses=problems(NotFound))
def read_calendar(body: Address, by: Portal, pool: ThePool, calendar: TheCalendar, settings: TheSettings) -> ICalendar:
    """For the portal: what is read at an address. A secret stands in no address of ours."""
    with pool.connection() as conn:
        written = calendars.read(conn, body.secret, calendar, settings.language, body.host)
    return ICalendar(written)


@router.post("/imports", openapi_extra=upload(UPLOAD), responses=problems(NoFile, domain.TooEarly))
def import_files(
    request: Request,
    by: Planner,
    intent: TheIntent,
    calendar: TheCalendar,
    pool: ThePool,
    ledger: TheLedger,
    district: Annotated[str, Query(min_length=1, max_length=200, description="the district's sourcedId")],
    timetable: UploadFile | None = None,
    bells: UploadFile | None = None,
    holidays: UploadFile | None = None,
    starts: Annotated[date | None, Query(description="first day of a changed timetable; tomorrow if not given")] = None,
    anchor: Annotated[date | None, Query(description="a day of a week A, or the first day of the cycle")] = None,
    cycle: Annotated[int | None, Query(ge=2, le=20, description="days of the cycle by which lessons go")] = None,
    cycle_weekdays: Annotated[str, Query(pattern="^[1-7]{1,7}$", description="on which there are lessons")] = "12345",
    dry_run: bool = False,
) -> ReportShown:
    """Import a timetable, a bell plan, holidays from CSV, whole or not at all."""
    sent = {"timetable": timetable, "bells": bells, "holidays": holidays}
    files = {name: file.file for name, file in sent.items() if file is not None}
    if not files:
        raise NoFile()
    rhythm = Rhythm(_cycle(cycle, cycle_weekdays), anchor)
    asked = Asked(by, intent, calendar)
    report = commands.import_files(pool, ledger, asked, district, files, starts, rhythm, dry_run)
    return _report(report, language_of(request))


def _cycle(days: int | None, weekdays: str) -> Cycle | None:
    return Cycle(days=days, weekdays=tuple(sorted({int(day) for day in weekdays}))) if days else None


def _report(report: Report, language: str) -> ReportShown:
    found = report.found
    return ReportShown(
        import_id=report.import_id,
        state=report.state,
        dry_run=report.dry_run,
        counts=report.counts,
        differences=report.changed,
        error_count=len(found.faults),
        errors=[_named(fault, language) for fault in found.faults[:KEPT]],
        finding_count=len(found.findings),
        findings=[_named(fault, language) for fault in found.findings[:KEPT]],
    )


def _named(fault: Fault, language: str) -> Named:
    place = {"file": fault.file, "line": fault.line, "field": fault.field}
    return Named(**place, code=fault.refusal.code, text=fault.refusal.sentence(language))
