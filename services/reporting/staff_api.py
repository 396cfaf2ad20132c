"""Routes for a school's staff: the teacher's lessons with what is missing, the day of a school, of a district."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.reporting import staff
from services.reporting.api import AsOf, Days, Place, RangeReversed, RangeTooLong
from shared.errors import NotFound
from shared.postgres import scoped
from shared.web.auth import Caller, Officer, Staff, require
from shared.web.problems import problems
from shared.web.routes import of
from shared.web.state import TheCalendar, ThePool

router = APIRouter()

Head = Annotated[Caller, require("administrator", "officer", "operator")]


class RollState(BaseModel):
    present: int
    absent: int
    late: int


class Given(BaseModel):
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
    cancelled: bool
    substituted: bool
    moved_from: Place | None
    held: bool = Field(description="whether it is over by the school's clock")
    roll: RollState | None = Field(description="none: not taken")
    works: int
    marks: int = Field(description="pupils' marks in its columns")
    topic: str | None
    homework: str | None = Field(description="what is to be done after it, «» if nothing is; none: nobody has said")


class SchoolNow(BaseModel):
    school_id: UUID
    today: date
    now: str = Field(description="the school's local time, HH:MM")


class Free(BaseModel):
    starts: date
    ends: date
    title: str


class LessonsGiven(BaseModel):
    schools: list[SchoolNow]
    lessons: list[Given]
    holidays: list[Free]


class Places(BaseModel):
    present: int
    absent: int
    late: int
    share: str | None = Field(description="per cent of places where the pupil came, also late; none: no roll yet")


class DayOfPlaces(Places):
    on: date


class Held(BaseModel):
    planned: int
    cancelled: int
    held: int = Field(description="those that are over, or have a roll already")
    taken: int = Field(description="those of them with a roll")


class Figures(BaseModel):
    on: date
    holiday: str | None
    pupils: int = Field(description="pupils of the school on the day; of an earlier moment those in a list of a group")
    absent: int = Field(description="pupils absent from a lesson at least")
    late: int = Field(description="pupils late for a lesson at least")
    unexcused: int = Field(description="pupils absent without a good reason, or without any given yet")
    places: Places
    lessons: Held
    marks: int = Field(description="marks given for lessons of the day")


class OfClass(BaseModel):
    name: str
    held: int
    missing: int = Field(description="lessons that are over and have no roll")
    absent: int
    late: int
    unexcused: int
    share: str | None


class MissingRoll(BaseModel):
    lesson_id: UUID
    group_id: UUID
    title: str
    subject: str
    number: int
    starts: str | None
    room: str | None
    teacher_id: UUID | None
    teacher: str | None
    roll: Place = Field(description="where its roll stands")


class AwayLesson(BaseModel):
    number: int
    state: str
    minutes: int | None
    reason: str | None


class Away(BaseModel):
    pupil_id: UUID
    name: str | None
    class_: str = Field(alias="class")
    unexcused: bool
    lessons: list[AwayLesson]


class SchoolDay(Figures):
    school_id: UUID
    today: date
    now: str | None = Field(description="the school's local time, HH:MM, if it is that day there")
    by: Literal["class", "subject"]
    classes: list[OfClass]
    missing: list[MissingRoll]
    away: list[Away]
    days: list[DayOfPlaces] = Field(description="the last ten days with rolls up to this one, oldest first")


class SchoolFigures(Figures):
    school_id: UUID
    name: str


class DistrictDay(BaseModel):
    total: int
    schools: list[SchoolFigures]


@router.get("/lessons", openapi_extra=of("person"), responses=problems(RangeReversed, RangeTooLong, NotFound))
def lessons(teacher_id: UUID, days: Days, by: Staff, pool: ThePool, calendar: TheCalendar) -> LessonsGiven:
    """Lessons that the teacher gives, each with its roll, marks and topic, and whether it is over."""
    with pool.connection() as conn, scoped(conn, by.scope):
        found = staff.teachers_lessons(conn, by, calendar, teacher_id, days.first, days.last)
    return LessonsGiven.model_validate(found)


@router.get("/school-day", openapi_extra=of("school"), responses=problems(NotFound))
def school_day(
    school_id: UUID, by: Head, pool: ThePool, calendar: TheCalendar, on: date | None = None, as_of: AsOf = None
) -> SchoolDay:
    """The day of a school: who is away, which lessons have no roll, the ten days before. Today if no day is named."""
    with pool.connection() as conn, scoped(conn, by.scope):
        return SchoolDay.model_validate(staff.school_day(conn, by, calendar, school_id, on, as_of))


@router.get("/district-day")
def district_day(
    by: Officer,
    pool: ThePool,
    calendar: TheCalendar,
    on: date | None = None,
    as_of: AsOf = None,
    page: Annotated[int, Query(ge=0, le=1000)] = 0,
    size: Annotated[int, Query(ge=1, le=50)] = 20,
) -> DistrictDay:
    """The figures of the schools that the officer oversees, by name and a page at a time."""
    with pool.connection() as conn, scoped(conn, by.scope):
        return DistrictDay.model_validate(staff.district_day(conn, by, calendar, on, as_of, page, size))
