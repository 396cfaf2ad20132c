"""Routes of what lies before a pupil: debts, coming tests, weak topics."""

from datetime import date
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.reporting import ahead
from services.reporting.api import Days, RangeReversed, RangeTooLong, read_of
from services.reporting.readings import TooManyPupils
from shared import access
from shared.clock import Calendar
from shared.contracts.averages import plain
from shared.errors import NotFound
from shared.postgres import Conn, scoped
from shared.web.auth import SignedIn, Staff
from shared.web.problems import problems
from shared.web.routes import of
from shared.web.state import TheCalendar, ThePool

router = APIRouter()


class Debt(BaseModel):
    pupil_id: UUID
    work_id: UUID
    group_id: UUID
    subject: str
    on: date = Field(description="the lesson's day")
    kind: str
    title: str | None
    due: date | None = Field(description="by when it is to be handed in; none: nothing was said")
    overdue: bool


class Debts(BaseModel):
    today: date = Field(description="at the school")
    debts: list[Debt]


class Coming(BaseModel):
    work_id: UUID
    group_id: UUID
    subject: str
    on: date
    number: int
    kind: str
    weight: str
    title: str | None
    topic: str | None = Field(description="of its lesson")


class Weak(BaseModel):
    subject: str
    topic: str
    scale: str
    on: date = Field(description="the last work of it")
    average: str
    count: int


class Ahead(Debts):
    coming: list[Coming]
    weak: list[Weak]


@router.get(
    "/ahead", openapi_extra=of("pupil"), responses=problems(RangeReversed, RangeTooLong, NotFound, TooManyPupils)
)
def read_ahead(pupil_id: UUID, days: Days, by: SignedIn, pool: ThePool, calendar: TheCalendar) -> Ahead:
    """What the pupil owes and where he is weak, by works of these days, and which tests come from today on."""
    with read_of(pool, by, pupil_id, calendar, "marks") as conn:
        today = _today(conn, calendar, next(iter(access.schools_of_pupil(conn, pupil_id, calendar.today("UTC"))), None))
        debts = ahead.debts_of(conn, pupil_id, days.first, days.last, today)
        coming = [{**row, "weight": plain(row["weight"])} for row in ahead.coming(conn, pupil_id, today)]
        weak = [{**row, "average": str(row["average"])} for row in ahead.weak(conn, pupil_id, days.first, days.last)]
    return Ahead.model_validate({"today": today, "debts": debts, "coming": coming, "weak": weak})


@router.get("/debts", openapi_extra=of("group"), responses=problems(RangeReversed, RangeTooLong, NotFound))
def read_debts(group_id: UUID, days: Days, by: Staff, pool: ThePool, calendar: TheCalendar) -> Debts:
    """What the pupils of a group owe of its works of these days. For who may see the group."""
    with pool.connection() as conn, scoped(conn, by.scope):
        today = _today(conn, calendar, access.school_of_group(conn, group_id))
        if not access.may_see_group(conn, by.person_id, group_id, today):
            raise NotFound
        debts = ahead.debts_in(conn, group_id, days.first, days.last, today)
    return Debts.model_validate({"today": today, "debts": debts})


def _today(conn: Conn, calendar: Calendar, school: UUID | None) -> date:
    return calendar.today(access.zone_of(conn, school) if school else "UTC")
