"""Routes of thresholds: they translate, nothing else."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from services.notify import commands, thresholds
from services.notify.thresholds import ThresholdNotNumber
from shared.errors import NotFound
from shared.postgres import scoped
from shared.web.answers import Receipt, respond
from shared.web.auth import Caller, SignedIn, require
from shared.web.idempotency import TheIntent
from shared.web.problems import problems
from shared.web.state import TheLedger, ThePool

router = APIRouter()

Guardian = Annotated[Caller, require("parent")]


class Threshold(BaseModel):
    pupil_id: UUID
    below: str = Field(description="an average, in the school's scale")
    at: datetime


class Thresholds(BaseModel):
    thresholds: list[Threshold]


class NewThreshold(BaseModel):
    model_config = ConfigDict(extra="forbid")

    pupil_id: UUID
    below: str = Field(max_length=40, description="as it is typed: 3,5; empty: not to be told any more")


@router.get("/thresholds")
def my_thresholds(by: SignedIn, pool: ThePool) -> Thresholds:
    """Below which averages of my children I wish to be told."""
    with pool.connection() as conn, scoped(conn, by.scope):
        return Thresholds.model_validate({"thresholds": thresholds.of(conn, by.person_id)})


@router.put("/thresholds", response_model=Receipt, responses=problems(NotFound, ThresholdNotNumber))
def set_threshold(new: NewThreshold, by: Guardian, intent: TheIntent, ledger: TheLedger) -> Response:
    """Wish to be told when the child's average in a subject of this term falls below this, or no more."""
    return respond(commands.set_threshold(ledger, by.person_id, new.pupil_id, new.below, intent))
