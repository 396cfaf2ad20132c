"""Routes of the reporting service: the diary's pages, the audit journal of one object, the live stream."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from opentelemetry import trace
from opentelemetry.propagate import extract
from pydantic import AwareDatetime, BaseModel, Field

from services.reporting import pages, readings, terms
from services.reporting.pages import Seen
from services.reporting.readings import TooManyPupils
from shared import access, timetable
from shared.clock import Calendar
from shared.contracts.averages import plain
from shared.errors import NotFound, Refused
from shared.postgres import Conn, Pool, scoped
from shared.stream import Listener
from shared.web import live
from shared.web.auth import Caller, SignedIn, current
from shared.web.problems import language_of, problems
from shared.web.routes import of
from shared.web.state import TheCalendar, TheListener, ThePool

router = APIRouter()
tracer = trace.get_tracer(__name__)

LONGEST = 400
"""Days that one page may show."""


class RangeReversed(Refused):
    """The last day is before the first."""

    code = "reporting.range-reversed"
    ru = "Последний день раньше первого."


class RangeTooLong(Refused):
    """At most {days} days can be shown at once."""

    code = "reporting.range-too-long"
    ru = "За один раз можно показать не больше {days} дней."


class Range:
    """First and last day, both included. Raises RangeReversed and RangeTooLong."""

    def __init__(self, first: date, last: date) -> None:
        if last < first:
            raise RangeReversed("/last")
        if (last - first).days >= LONGEST:
            raise RangeTooLong("/last", days=LONGEST)
        self.first, self.last = first, last


Days = Annotated[Range, Depends(Range)]

AsOf = Annotated[
    AwareDatetime | None,
    Query(description="show what the page said at this moment; only people's names are today's"),
]

Subjects = Annotated[
    list[Annotated[str, Field(max_length=200)]] | None,
    Query(alias="subject", max_length=50, description="only these subjects; none named: all"),
]


class Scored(BaseModel):
    code: str
    points: int
    most: int = Field(description="what the criterion is worth")


class MarkWas(BaseModel):
    values: list[str]
    criteria: list[Scored] = Field(description="the points it was made of; none for a plain mark or a code")
    retake: list[str] = Field([], description="the mark of the retake that changed it; none: it was a correction")
    reason: str | None
    by: UUID
    at: datetime


class Mark(BaseModel):
    work_id: UUID
    group_id: UUID
    on: date
    kind: str
    weight: str
    scale: str
    title: str | None
    values: list[str] = Field(description="empty: it was taken back")
    criteria: list[Scored] = Field(description="the points it is made of; none for a plain mark or a code")
    comment: str | None
    recommendation: str | None = Field(None, description="what the teacher advises to do next")
    due: date | None = Field(None, description="with a dot: by when the work is to be handed in")
    by: UUID
    at: datetime
    was: list[MarkWas] = Field(description="what stood before, oldest first")
    average: str | None = Field(None, description="the subject's average after this mark")


class PresenceWas(BaseModel):
    state: str | None
    minutes: int | None = None
    reason: str | None = None
    by: UUID
    at: datetime


class Presence(BaseModel):
    state: str
    minutes: int | None
    reason: str | None
    was: list[PresenceWas]


class Task(BaseModel):
    lesson_id: UUID = Field(description="the lesson after which it was set")
    set_on: date = Field(description="the day of that lesson in the timetable")
    due_on: date = Field(description="day and number of the lesson by which it is due, as the timetable has it")
    due_number: int
    task: str
    minutes: int | None = Field(description="how long it takes, as the teacher reckons")
    written_on: date = Field(description="the school's day and time at which the teacher wrote it")
    written_at: str
    late: bool = Field(description="the evening before the day it is due had begun by then")
    by: UUID


class Place(BaseModel):
    on: date
    number: int


class Lesson(BaseModel):
    lesson_id: UUID
    group_id: UUID
    subject: str
    title: str
    number: int
    starts: str | None
    ends: str | None
    room: str | None
    teacher_id: UUID | None
    teacher: str | None
    topic: str | None
    cancelled: bool
    moved_from: Place | None
    substituted: bool
    instead_of: str | None = Field(description="the name of whom a substitute stands in for")
    room_was: str | None = Field(description="of a lesson moved into another room")
    homework: list[Task] = Field(description="what is due by it")
    marks: list[Mark]
    attendance: Presence | None


class Day(BaseModel):
    on: date
    holiday: str | None
    lessons: list[Lesson]


class Diary(BaseModel):
    days: list[Day]


class Average(BaseModel):
    average: str | None
    sum: str
    count: int


class Subject(Average):
    subject: str
    scale: str
    marks: list[Mark]


class MarksTable(BaseModel):
    overall: Average
    subjects: list[Subject]


class Attended(Presence):
    lesson_id: UUID
    number: int
    subject: str


class GradeWas(BaseModel):
    value: str
    reason: str | None
    by: UUID
    at: datetime


class TermGrade(BaseModel):
    term_id: UUID
    scale: str
    value: str
    average: str | None = Field(description="that it was given from; none: nothing counted, or not kept")
    count: int = Field(description="how many marks, or of a year grades of its terms, that was of")
    by: UUID
    at: datetime
    was: list[GradeWas] = Field(description="what stood since the council, oldest first")


class SubjectTerms(BaseModel):
    subject: str
    grades: list[TermGrade]


class Term(BaseModel):
    term_id: UUID
    kind: str
    title: str
    starts: date
    ends: date
    published_at: datetime


class Year(BaseModel):
    year_id: UUID
    starts: date
    ends: date
    terms: list[Term]
    subjects: list[SubjectTerms]


class Years(BaseModel):
    years: list[Year] = Field(description="the newest first; only terms that the school has published")


class AttendedDay(BaseModel):
    on: date
    lessons: list[Attended]


class Totals(BaseModel):
    lessons: int
    present: int
    absent: int
    late: int


class Attendance(BaseModel):
    totals: Totals
    days: list[AttendedDay]


class Entry(BaseModel):
    event_id: str
    type: str
    at: datetime
    by: UUID
    pupil_id: UUID | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str | None


class History(BaseModel):
    entries: list[Entry]


@router.get(
    "/diary", openapi_extra=of("pupil"), responses=problems(RangeReversed, RangeTooLong, NotFound, TooManyPupils)
)
def diary(pupil_id: UUID, days: Days, by: SignedIn, pool: ThePool, calendar: TheCalendar, as_of: AsOf = None) -> Diary:
    """The pupil's diary by day: lessons with topic, room, homework, marks and absence."""
    with read_of(pool, by, pupil_id, calendar, "diary") as conn:
        found = pages.diary(conn, pupil_id, days.first, days.last, as_of)
    return Diary.model_validate(_plain({"days": found}))


@router.get(
    "/marks", openapi_extra=of("pupil"), responses=problems(RangeReversed, RangeTooLong, NotFound, TooManyPupils)
)
def marks(
    request: Request,
    pupil_id: UUID,
    days: Days,
    by: SignedIn,
    pool: ThePool,
    calendar: TheCalendar,
    as_of: AsOf = None,
    subjects: Subjects = None,
) -> MarksTable:
    """Marks by subject with date, kind and running average; averages per subject and overall with their sums."""
    with read_of(pool, by, pupil_id, calendar, "marks") as conn:
        language = language_of(request)
        found = pages.marks_table(conn, pupil_id, days.first, days.last, language, as_of, subjects or ())
    return MarksTable.model_validate(_plain(found))


@router.get("/terms", openapi_extra=of("pupil"), responses=problems(NotFound, TooManyPupils))
def terms_of(pupil_id: UUID, by: SignedIn, pool: ThePool, calendar: TheCalendar, as_of: AsOf = None) -> Years:
    """The pupil's grades of terms and years by subject, once the school has published them."""
    with read_of(pool, by, pupil_id, calendar, "marks") as conn:
        found = terms.of_pupil(conn, pupil_id, as_of)
    return Years.model_validate({"years": found})


@router.get(
    "/attendance", openapi_extra=of("pupil"), responses=problems(RangeReversed, RangeTooLong, NotFound, TooManyPupils)
)
def attendance(
    pupil_id: UUID, days: Days, by: SignedIn, pool: ThePool, calendar: TheCalendar, as_of: AsOf = None
) -> Attendance:
    """Attendance day by day and its totals."""
    with read_of(pool, by, pupil_id, calendar, "attendance") as conn:
        found = pages.attendance(conn, pupil_id, days.first, days.last, as_of)
    return Attendance.model_validate(found)


@router.get("/history/{object_id}", openapi_extra=of("group"), responses=problems(NotFound))
def history(object_id: UUID, by: SignedIn, pool: ThePool, calendar: TheCalendar) -> History:
    """Who changed a work or a roll, when, from what to what. A family sees the entries of its child alone."""
    with pool.connection() as conn, scoped(conn, by.scope):
        rows = _visible(conn, by, pages.history(conn, object_id), calendar)
    if not rows:
        raise NotFound()
    return History.model_validate({"entries": rows})


def _visible(conn: Conn, by: Caller, rows: list[pages.Row], calendar: Calendar) -> list[pages.Row]:
    groups = {row["group_id"] for row in rows if row["group_id"]}
    today = calendar.today("UTC")
    if any(access.may_see_group(conn, by.person_id, group, today) for group in groups):
        return rows
    pupils = {row["pupil_id"] for row in rows if row["pupil_id"] and row["pupil_id"] in by.scope}
    own = {pupil for pupil in pupils if access.may_see_pupil(conn, by.person_id, pupil, today)}
    return [row for row in rows if row["pupil_id"] in own and row["shown"]]


@contextmanager
def read_of(pool: Pool, by: Caller, pupil: UUID, calendar: Calendar, page: str) -> Iterator[Conn]:
    """The same as `about`, and it is written down that he opened the page. Raises NotFound and TooManyPupils."""
    with about(pool, by, pupil, calendar) as conn:
        readings.record(conn, by, pupil, page, calendar.today("UTC"))
        yield conn


@contextmanager
def about(pool: Pool, by: Caller, pupil: UUID, calendar: Calendar) -> Iterator[Conn]:
    """A transaction of one who may see the pupil. Raises NotFound: whether there is such a pupil is not told."""
    with pool.connection() as conn, scoped(conn, by.scope):
        if not access.may_see_pupil(conn, by.person_id, pupil, calendar.today("UTC")):
            raise NotFound()
        yield conn


def _plain(found: Any) -> Any:
    """Weights are decimals in the tables and text on the wire."""
    match found:
        case dict():
            return {key: plain(value) if key == "weight" else _plain(value) for key, value in found.items()}
        case list():
            return [_plain(value) for value in found]
    return found


Ids = Annotated[
    list[UUID], Query(max_length=20, default_factory=list, description="children, or groups, whose pages are open")
]


@router.get("/live", openapi_extra=of("pupil"), response_class=StreamingResponse, responses=problems(NotFound))
async def follow(
    request: Request,
    by: SignedIn,
    pool: ThePool,
    listener: TheListener,
    calendar: TheCalendar,
    pupil_id: Ids,
    group_id: Ids,
) -> Response:
    """Server-sent events: each new or changed mark and absence of the children, the moment it is projected.

    An id says how far the pages have seen each child; after a lost connection the stream goes on from there. Without
    one, or with one that is not ours, the first event is `snapshot`: read the pages anew. Of a group only `group`
    comes, once at first and then whenever its journal changed: read that anew.
    """

    def may(now: Caller) -> None:
        for pupil in pupil_id:
            with about(pool, now, pupil, calendar):
                pass
        for group in group_id:
            of_group(pool, now, group, calendar)

    await to_thread.run_sync(may, by)
    left_off = live.last_event_id(request)
    changes = _changes(pool, listener, by, pupil_id, group_id, left_off)
    return live.sse(request, changes, lambda: may(current(request)))


SUBSTITUTED = timedelta(days=31)
"""How near a lesson that he gives instead must be for a substitute to follow the journal: its pages are not longer."""


def of_group(pool: Pool, by: Caller, group: UUID, calendar: Calendar) -> None:
    """Raises NotFound unless he may see the group's journal now, as its staff or as a substitute."""
    today = calendar.today("UTC")
    with pool.connection() as conn, scoped(conn, by.scope):
        if access.may_see_group(conn, by.person_id, group, today):
            return
        near = timetable.lessons(conn, [group], today - SUBSTITUTED, today + SUBSTITUTED)
        if not any(lesson.substituted and lesson.teacher_id == by.person_id for lesson in near):
            raise NotFound()


async def _changes(
    pool: Pool, listener: Listener, by: Caller, pupils: list[UUID], groups: list[UUID], left_off: str | None
) -> AsyncIterator[live.Sent]:
    async with await listener.subscribe([str(one) for one in (*pupils, *groups)]) as changed:
        for group in groups:
            yield live.Sent({"group_id": group}, "group")
        seen = _read(left_off, pupils)
        if seen is None:
            seen = {pupil: await to_thread.run_sync(_reached, pool, by, pupil) for pupil in pupils}
            yield live.Sent({"pupils": pupils}, "snapshot", _id(seen))
        else:
            for pupil in pupils:
                if sent := await to_thread.run_sync(_news, pool, by, pupil, seen):
                    yield sent
        async for name in changed:
            if UUID(name) in groups:
                yield live.Sent({"group_id": name}, "group")
            elif sent := await to_thread.run_sync(_news, pool, by, UUID(name), seen):
                yield sent


def _reached(pool: Pool, by: Caller, pupil: UUID) -> Seen:
    with pool.connection() as conn, scoped(conn, by.scope):
        return pages.reached(conn, pupil)


def _news(pool: Pool, by: Caller, pupil: UUID, seen: dict[UUID, Seen]) -> live.Sent | None:
    with pool.connection() as conn, scoped(conn, by.scope):
        news = pages.changes(conn, pupil, seen[pupil])
    seen[pupil] = news.now
    if not any(news):
        return None
    _trace([*news])
    said = {"marks": news.marks, "attendance": news.presences, "terms": [row["term_id"] for row in news.terms]}
    return live.Sent({"pupil_id": pupil, **said}, "reporting", _id(seen))


def _trace(changed: list[pages.Row]) -> None:
    """The last step of each request's trace: its change is told to an open page."""
    for parent in {row["trace"] for row in changed if row["trace"]}:
        with tracer.start_as_current_span("tell page", context=extract({"traceparent": parent})):
            pass


def _id(seen: dict[UUID, Seen]) -> str:
    return ",".join(f"{pupil}={how_far}" for pupil, how_far in seen.items())


def _read(left_off: str | None, pupils: list[UUID]) -> dict[UUID, Seen] | None:
    """How far the pages had seen; None unless it speaks of just these children."""
    pairs = dict(part.split("=", 1) for part in (left_off or "").split(",") if "=" in part)
    found = {pupil: Seen.read(pairs.get(str(pupil))) for pupil in pupils}
    if any(seen is None for seen in found.values()):
        return None
    return {pupil: seen for pupil, seen in found.items() if seen is not None}
