"""The route of homework: it translates, nothing else."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field, model_validator

from services.lessons import commands, homework
from services.lessons.api import ONE, PATH, REFUSED, Body, Number, TheAsked
from services.lessons.commands import At
from services.lessons.homework import Wanted
from shared.web.answers import Receipt, respond
from shared.web.problems import problems
from shared.web.state import TheLedger

router = APIRouter()


class Due(Body):
    on: date = Field(description="the lesson's day in the timetable")
    number: Number


class Homework(Body):
    task: str | None = Field(max_length=4000, description="none: nothing is to be done")
    minutes: Annotated[int, Field(ge=1, le=240)] | None = Field(None, description="how long it takes")
    due: Due | None = Field(None, description="by which lesson of the group; none: by its next")
    confirmed: bool = Field(False, description="though pupils have more for that day than the norm")

    @model_validator(mode="after")
    def nothing_takes_no_time(self) -> Self:
        if self.task is None and (self.minutes is not None or self.due is not None):
            raise ValueError("where nothing is to be done there are no minutes and no day")
        return self


@router.put(
    f"{PATH}/homework",
    openapi_extra=ONE,
    response_model=Receipt,
    responses=problems(
        *REFUSED, homework.TaskMissing, homework.DueNotLater, homework.NoNextLesson, homework.MuchHomework
    ),
)
def set_homework(group_id: UUID, on: date, number: int, body: Homework, asked: TheAsked, ledger: TheLedger) -> Response:
    """Say what is to be done at home after the lesson, by which lesson and how long it takes; or that nothing is."""
    due = (body.due.on, body.due.number) if body.due else None
    wanted = Wanted(body.task, body.minutes, due, body.confirmed)
    return respond(commands.set_homework(ledger, asked, At(group_id, on, number), wanted))
