"""Routes of targets: they translate, nothing else."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from services.grades import commands, views
from services.grades.commands import Asked
from services.grades.domain import targets
from shared import access
from shared.contracts import Title
from shared.errors import NotFound
from shared.postgres import scoped
from shared.web.answers import Receipt, respond
from shared.web.auth import Caller, SignedIn, require
from shared.web.idempotency import TheIntent
from shared.web.problems import problems
from shared.web.routes import of
from shared.web.state import TheCalendar, TheLedger, ThePool

router = APIRouter()

Wisher = Annotated[Caller, require("pupil", "parent", "teacher")]


class TargetShown(BaseModel):
    subject: str
    value: str = Field(description="the average wished for, in the school's scale")
    by: UUID = Field(description="who wished for it last")
    at: datetime


class Targets(BaseModel):
    targets: list[TargetShown]


class TargetIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    pupil_id: UUID
    subject: Title
    value: str = Field(max_length=40, description="as it is typed: 4,5; empty: no target any more")


@router.get("/targets", openapi_extra=of("pupil"), responses=problems(NotFound))
def read_targets(pupil_id: UUID, by: SignedIn, pool: ThePool, calendar: TheCalendar) -> Targets:
    """The averages that the pupil is to reach, by subject."""
    with pool.connection() as conn, scoped(conn, by.scope):
        if not access.may_see_pupil(conn, by.person_id, pupil_id, calendar.today("UTC")):
            raise NotFound()
        return Targets.model_validate({"targets": views.targets(conn, pupil_id)})


@router.put(
    "/targets",
    openapi_extra=of("pupil"),
    response_model=Receipt,
    responses=problems(NotFound, targets.NotHisSubject, targets.ScaleWithoutAverage, targets.TargetNotNumber),
)
def set_target(target: TargetIn, by: Wisher, intent: TheIntent, calendar: TheCalendar, ledger: TheLedger) -> Response:
    """Wish for an average in a subject, or for none. For the pupil, his guardians, and who teaches him the subject."""
    asked = Asked(by, intent, calendar)
    return respond(commands.set_target(ledger, asked, target.pupil_id, target.subject, target.value))
