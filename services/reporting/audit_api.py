"""Routes of the audit journal: of a school, of a child; and who looked at a child's pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from tempfile import SpooledTemporaryFile
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from services.reporting import audit, export, readings, staff
from services.reporting.api import Days, Range, RangeReversed, RangeTooLong, about, read_of
from services.reporting.audit import Asked
from services.reporting.readings import TooManyFiles, TooManyPupils
from services.reporting.staff_api import Head
from shared import access
from shared.errors import NotFound, Refused
from shared.postgres import Conn, Pool, scoped
from shared.web.auth import Caller, Officer, SignedIn
from shared.web.problems import problems
from shared.web.routes import of
from shared.web.state import TheCalendar, ThePool

router = APIRouter()

MOST_EXPORTED = 50_000
"""Operations in one file."""
IN_MEMORY = 1024 * 1024


class TooManyToExport(Refused):
    """One file holds at most {most} operations. Choose fewer days, or one person."""

    code = "reporting.too-many-to-export"
    ru = "В один файл входит не больше {most} операций. Выберите меньше дней или одного человека."


class Changed(BaseModel):
    object_id: UUID
    pupil_id: UUID | None
    before: dict[str, Any] | None = Field(description="what stood until then; none: nothing, or nothing of it is known")
    after: dict[str, Any] | None
    reason: str | None


class Operation(BaseModel):
    service: str
    event_id: str
    type: str
    at: datetime
    by: UUID
    object_id: UUID
    group: str | None = Field(description="the class whose journal it is about")
    on: date | None = Field(description="the lesson's day, of what stands in a journal")
    entries: list[Changed]


class Operations(BaseModel):
    operations: list[Operation] = Field(description="the newest first")
    next: str | None = Field(description="`before` of the next page; none: there is no more")


class Reading(BaseModel):
    by: UUID
    page: str
    on: date = Field(description="the day in UTC")
    near: bool = Field(description="of the family, or one who teaches the pupil")
    times: int = Field(description="looks more than five minutes apart")
    first_at: datetime
    last_at: datetime


class Readings(BaseModel):
    readings: list[Reading]


class Opened(BaseModel):
    pupil_id: UUID
    page: str
    on: date
    near: bool
    times: int
    first_at: datetime
    last_at: datetime


class ByReader(BaseModel):
    opened: list[Opened]


Types = Annotated[list[str], Query(max_length=30, default_factory=list, description="event types; none: all")]


class Filter:
    """Which operations: of these types, by this person, before the place where a page ended."""

    def __init__(
        self,
        types: Types,
        by_id: UUID | None = None,
        before: Annotated[str | None, Query(max_length=200, description="`next` of the page before")] = None,
    ) -> None:
        self.by, self.types, self.before = by_id, tuple(types), _place(before)


Which = Annotated[Filter, Depends(Filter)]
Size = Annotated[int, Query(ge=1, le=200)]


def _place(text: str | None) -> audit.Place | None:
    """Anything but what we said ourselves begins at the newest."""
    at, event, service = [*(text or "").split("~"), "", ""][:3]
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment, event, service) if moment.tzinfo else None


@router.get("/audit", openapi_extra=of("school"), responses=problems(RangeReversed, RangeTooLong, NotFound))
def school_audit(
    school_id: UUID,
    days: Days,
    which: Which,
    by: Head,
    pool: ThePool,
    person_id: UUID | None = None,
    size: Size = 50,
) -> Operations:
    """Every operation in a school, or one about a person there, the newest first. `school_id` may be the district."""
    with _school(pool, by, school_id, person_id, days, which) as (conn, asked):
        return _page(conn, asked, size)


@router.get(
    "/audit.csv",
    openapi_extra=of("school"),
    response_class=StreamingResponse,
    responses=problems(RangeReversed, RangeTooLong, NotFound, TooManyToExport, TooManyFiles),
)
def school_audit_file(
    school_id: UUID,
    days: Days,
    which: Which,
    by: Head,
    pool: ThePool,
    person_id: UUID | None = None,
) -> Response:
    """The same as a CSV file, a line for each entry. Who takes one away is written down."""
    with _school(pool, by, school_id, person_id, days, which) as (conn, asked):
        readings.may_export(conn, by)
        file, count = _file(conn, asked)
        readings.exported(conn, by, school_id, count)
    disposition = f'attachment; filename="audit {days.first} {days.last}.csv"'
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return StreamingResponse(_sent(file), media_type="text/csv; charset=utf-8", headers=headers)


@router.get(
    "/changes", openapi_extra=of("pupil"), responses=problems(RangeReversed, RangeTooLong, NotFound, TooManyPupils)
)
def changes(
    pupil_id: UUID, days: Days, which: Which, by: SignedIn, pool: ThePool, calendar: TheCalendar, size: Size = 50
) -> Operations:
    """Every operation about a pupil, the newest first."""
    with read_of(pool, by, pupil_id, calendar, "changes") as conn:
        schools = access.schools_of_pupil(conn, pupil_id, calendar.today("UTC"))
        zone = access.zone_of(conn, schools[0]) if schools else "UTC"
        return _page(conn, _asked(None, pupil_id, zone, days, which), size)


@router.get("/readings", openapi_extra=of("pupil"), responses=problems(RangeReversed, RangeTooLong, NotFound))
def who_read(pupil_id: UUID, days: Days, by: SignedIn, pool: ThePool, calendar: TheCalendar) -> Readings:
    """Who opened the pupil's pages. For himself, his family, and those who run his school."""
    today = calendar.today("UTC")
    with about(pool, by, pupil_id, calendar) as conn:
        family = pupil_id == by.person_id or any(
            c.person_id == pupil_id for c in access.children_of(conn, by.person_id)
        )
        if not family and not access.runs_school_of(conn, by.person_id, pupil_id, today):
            raise NotFound()
        return Readings.model_validate({"readings": readings.of_pupil(conn, pupil_id, days.first, days.last)})


@router.get("/readers/{person_id}", openapi_extra=of("person"))
def opened_by(person_id: UUID, since: date, by: Officer, pool: ThePool) -> ByReader:
    """Whose pages one person opened: what has to be known at once when an account was stolen."""
    with pool.connection() as conn, scoped(conn, by.scope):
        return ByReader.model_validate({"opened": readings.by_reader(conn, person_id, since)})


@contextmanager
def _school(
    pool: Pool, by: Caller, school: UUID, person: UUID | None, days: Range, which: Filter
) -> Iterator[tuple[Conn, Asked]]:
    """A transaction of one who runs the school, and what he asks. Raises NotFound."""
    with pool.connection() as conn:
        with scoped(conn, by.scope):
            staff.runs(conn, by, school, ("school", "district"))
            zone = access.zone_of(conn, school)
            if person and not staff.is_of(conn, person, school):
                raise NotFound()
        # who holds which role is nobody's but the person's: after the question above it may be read
        with scoped(conn, [*by.scope, *([person] if person else [])]):
            yield conn, _asked(school, person, zone, days, which)


def _asked(school: UUID | None, person: UUID | None, zone: str, days: Range, which: Filter) -> Asked:
    first = datetime.combine(days.first, time(), ZoneInfo(zone))
    until = datetime.combine(days.last + timedelta(days=1), time(), ZoneInfo(zone))
    return Asked(school, person, first, until, which.by, which.types, which.before)


def _page(conn: Conn, asked: Asked, size: int) -> Operations:
    found = audit.page(conn, asked, size + 1)
    more = found[size - 1] if len(found) > size else None
    place = "~".join([more["at"].isoformat(), *audit.place(more)[1:]]) if more else None
    return Operations.model_validate({"operations": found[:size], "next": place})


def _file(conn: Conn, asked: Asked) -> tuple[Any, int]:
    """Written whole before it is sent: a slow reader holds no connection. And how many. Raises TooManyToExport."""
    file = SpooledTemporaryFile(max_size=IN_MEMORY, mode="w+b")  # noqa: SIM115 - closed when it was sent
    counted = _Counted(audit.everything(conn, asked, MOST_EXPORTED + 1))
    for line in export.rows(conn, counted):
        file.write(line.encode())
    file.seek(0)
    return file, counted.count


class _Counted:
    """The operations as they come, bounded. Raises TooManyToExport."""

    def __init__(self, events: Iterator[dict[str, Any]]) -> None:
        self.count, self._events = 0, events

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for event in self._events:
            if self.count == MOST_EXPORTED:
                raise TooManyToExport("/last", most=MOST_EXPORTED)
            self.count += 1
            yield event


def _sent(file: Any) -> Iterator[bytes]:
    with file:
        while part := file.read(64 * 1024):
            yield part
