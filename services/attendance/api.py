"""Routes of the journal of attendance: they translate, nothing else."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from services.attendance import commands, domain, journal
from services.attendance.commands import Asked, Place
from services.attendance.domain import Said
from services.attendance.journal import Counts, Journal
from shared.contracts.attendance import State
from shared.errors import NotAllowed, NotFound, Refused
from shared.web.answers import Receipt, respond
from shared.web.auth import Caller, Staff, require
from shared.web.idempotency import TheIntent
from shared.web.problems import problems
from shared.web.routes import of
from shared.web.state import TheCalendar, TheLedger, ThePool, TheRing

router = APIRouter()

Writer = Annotated[Caller, require("teacher", "office", "administrator", "operator")]
Number = Annotated[int, Path(ge=0, le=15, description="the lesson's number")]


def _asked(by: Writer, intent: TheIntent, calendar: TheCalendar) -> Asked:
    return Asked(by, intent, calendar)


def _place(group_id: UUID, on: date, number: Number) -> Place:
    return Place(group_id, on, number)


def _page(group_id: UUID, first: date, last: date, by: Staff, calendar: TheCalendar) -> journal.Asked:
    return journal.Asked(by, calendar, group_id, first, last)


TheAsked = Annotated[Asked, Depends(_asked)]
ThePlace = Annotated[Place, Depends(_place)]
ThePage = Annotated[journal.Asked, Depends(_page)]


class EntryIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    pupil_id: UUID
    state: State
    minutes: int | None = Field(None, description="how late, 1 to 240; only with late")
    reason: str | None = Field(None, max_length=40, description=f"one of {', '.join(domain.REASONS)}")

    def said(self) -> Said:
        return Said(self.pupil_id, self.state, self.minutes, self.reason)


class RollIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    entries: list[EntryIn] = Field(max_length=500, description="those who are left out are present")


class Correction(EntryIn):
    note: str | None = Field(None, max_length=4000)


ENTRY: Sequence[type[Refused]] = (
    domain.PupilNotInGroup, domain.MinutesWithoutLate, domain.MinutesOutOfRange, domain.ReasonWithoutAbsence,
    domain.ReasonUnknown, domain.NotYourLesson, NotFound,
)  # fmt: skip


@router.get("/journal", responses=problems(journal.RangeWrong, NotFound, NotAllowed), openapi_extra=of("group"))
def read_journal(page: ThePage, pool: ThePool, ring: TheRing) -> Journal:
    """Rolls of a group with what stood before each entry."""
    return journal.journal(pool, ring, page)


@router.get("/counts", responses=problems(journal.RangeWrong, NotFound, NotAllowed), openapi_extra=of("group"))
def read_counts(page: ThePage, pool: ThePool) -> Counts:
    """Lesson hours, absences, lates and the share attended of each pupil of a group."""
    return journal.counts(pool, page)


@router.put(
    "/rolls/{group_id}/{on}/{number}",
    response_model=Receipt,
    responses=problems(
        *ENTRY, domain.NoSuchLesson, domain.LessonIsCancelled, domain.LessonInFuture, domain.NobodyInGroup,
        domain.PupilTwice, domain.RollAlreadyTaken,
    ),
    openapi_extra=of("lesson"),
)  # fmt: skip
def take_roll(place: ThePlace, roll: RollIn, asked: TheAsked, ledger: TheLedger, pool: ThePool) -> Response:
    """Take the roll of a lesson: every pupil of the group, those left out are present; all or none."""
    return respond(commands.take_roll(ledger, pool, asked, place, tuple(entry.said() for entry in roll.entries)))


@router.post(
    "/rolls/{group_id}/{on}/{number}/corrections",
    response_model=Receipt,
    responses=problems(*ENTRY, domain.RollNotTaken, domain.NoteTooLong),
    openapi_extra=of("lesson"),
)
def correct_presence(place: ThePlace, to: Correction, asked: TheAsked, ledger: TheLedger, pool: ThePool) -> Response:
    """Put another entry in the place of one that stands; the earlier one stays readable."""
    return respond(commands.correct_presence(ledger, pool, asked, place, to.said(), to.note or ""))
