"""Routes of the journal of attendance: they translate, nothing else."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from services.attendance import announced, commands, journal
from services.attendance.announced import Absences, OfGroup
from services.attendance.commands import Asked, Away, Place
from services.attendance.domain import absences, papers, rolls
from services.attendance.domain.rolls import Said
from services.attendance.journal import Counts, Journal
from shared.contracts.attendance import Presence, State
from shared.errors import NotAllowed, NotFound, Refused
from shared.web.answers import Receipt, respond
from shared.web.auth import Caller, SignedIn, Staff, require
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
    reason: str | None = Field(None, max_length=40, description=f"one of {', '.join(rolls.REASONS)}")

    def said(self) -> Said:
        return Said(self.pupil_id, self.state, self.minutes, self.reason)


class RollIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    entries: list[EntryIn] = Field(max_length=500, description="those who are left out are present")


class Correction(EntryIn):
    note: str | None = Field(None, max_length=4000)
    seen: Presence | None = Field(
        None, description="what stood when it was written: another entry by now is not replaced"
    )


ENTRY: Sequence[type[Refused]] = (
    rolls.PupilNotInGroup, rolls.MinutesWithoutLate, rolls.MinutesOutOfRange, rolls.ReasonWithoutAbsence,
    rolls.ReasonUnknown, rolls.NotYourLesson, NotFound,
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
        *ENTRY, rolls.NoSuchLesson, rolls.LessonIsCancelled, rolls.LessonInFuture, rolls.NobodyInGroup,
        rolls.PupilTwice, rolls.RollAlreadyTaken,
    ),
    openapi_extra=of("lesson"),
)  # fmt: skip
def take_roll(place: ThePlace, roll: RollIn, asked: TheAsked, ledger: TheLedger, pool: ThePool) -> Response:
    """Take the roll of a lesson: every pupil of the group, those left out are present; all or none."""
    return respond(commands.take_roll(ledger, pool, asked, place, tuple(entry.said() for entry in roll.entries)))


@router.post(
    "/rolls/{group_id}/{on}/{number}/corrections",
    response_model=Receipt,
    responses=problems(*ENTRY, rolls.RollNotTaken, rolls.PresenceChanged, rolls.NoteTooLong),
    openapi_extra=of("lesson"),
)
def correct_presence(place: ThePlace, to: Correction, asked: TheAsked, ledger: TheLedger, pool: ThePool) -> Response:
    """Put another entry in the place of one that stands; the earlier one stays readable."""
    return respond(commands.correct_presence(ledger, pool, asked, place, to.said(), to.note or "", to.seen))


Speaker = Annotated[Caller, require("parent", "office", "administrator")]
Words = Annotated[str | None, Field(max_length=4000)]


class PaperIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    media: papers.Media
    content: str = Field(max_length=900_000, description="the file in base64, at most 400 kB")


class AbsenceIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    absence_id: UUID
    pupil_id: UUID
    first: date
    last: date
    lessons: list[Annotated[int, Field(ge=0, le=15)]] = Field(
        [], max_length=16, description="numbers of lessons, if it is one day; none: whole days"
    )
    reason: str = Field(max_length=40, description=f"one of {', '.join(absences.REASONS)}")
    words: Words = None
    paper: PaperIn | None = None


class Decision(BaseModel):
    model_config = ConfigDict(extra="forbid")

    accepted: bool
    words: Words = None


@router.get("/absences", responses=problems(NotFound), openapi_extra=of("pupil"))
def read_absences(
    pupil_id: UUID, first: date, last: date, by: SignedIn, pool: ThePool, ring: TheRing, calendar: TheCalendar
) -> Absences:
    """What was announced of a pupil, and what the school said of it."""
    return announced.of_pupil(pool, ring, by, calendar, pupil_id, first, last)


@router.get("/absences/waiting", openapi_extra=of("own"))
def read_waiting(by: Annotated[Caller, require("office", "administrator")], pool: ThePool, ring: TheRing) -> Absences:
    """What the caller's school has not decided about yet, the oldest first."""
    return announced.waiting(pool, ring, by)


@router.get("/announced", responses=problems(journal.RangeWrong, NotFound, NotAllowed), openapi_extra=of("group"))
def read_announced(page: ThePage, pool: ThePool) -> OfGroup:
    """Absences announced of those who learn in a group, for its rolls."""
    return journal.announced(pool, page)


@router.post(
    "/absences",
    response_model=Receipt,
    responses=problems(
        absences.AbsenceKnown, absences.DaysReversed, absences.TooManyDays, absences.TooLongAgo, absences.TooFarAhead,
        absences.LessonsOfSeveralDays, rolls.ReasonUnknown, absences.WordsTooLong,
        papers.PaperTooLarge, papers.PaperUnreadable, NotFound,
    ),
    openapi_extra=of("pupil"),
)  # fmt: skip
def announce_absence(
    body: AbsenceIn, by: Speaker, intent: TheIntent, calendar: TheCalendar, ledger: TheLedger
) -> Response:
    """Say that a child will be away, or why it was."""
    said = (body.first, body.last, tuple(body.lessons), body.reason, body.words or "")
    paper = (body.paper.media, body.paper.content) if body.paper else None
    away = Away(body.absence_id, body.pupil_id, *said, paper)
    return respond(commands.announce_absence(ledger, Asked(by, intent, calendar), away))


@router.get(
    "/absences/{absence_id}/paper",
    openapi_extra=of("absence"),
    response_class=Response,
    responses=problems(NotFound),
)
def read_paper(
    absence_id: UUID, by: SignedIn, pool: ThePool, ring: TheRing, ledger: TheLedger, calendar: TheCalendar
) -> Response:
    """The paper beside an absence, for the pupil's family, who leads his class, and who runs his school."""
    media, file = announced.paper(pool, ring, ledger, by, calendar, absence_id)
    name = f"{absence_id}.{media.partition('/')[2]}"  # jpeg, png, pdf
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(file, media_type=media, headers=headers)


@router.post(
    "/absences/{absence_id}/withdrawal",
    response_model=Receipt,
    responses=problems(NotFound),
    openapi_extra=of("absence"),
)
def withdraw_absence(
    absence_id: UUID, by: Speaker, intent: TheIntent, calendar: TheCalendar, ledger: TheLedger
) -> Response:
    """What was announced does not hold any more."""
    return respond(commands.withdraw_absence(ledger, Asked(by, intent, calendar), absence_id))


@router.post(
    "/absences/{absence_id}/decision",
    response_model=Receipt,
    responses=problems(
        NotFound, absences.AbsenceTakenBack, absences.AbsenceDecidedAlready, absences.WordsTooLong
    ),
    openapi_extra=of("absence"),
)  # fmt: skip
def decide_absence(
    absence_id: UUID,
    body: Decision,
    by: Annotated[Caller, require("teacher", "office", "administrator")],
    intent: TheIntent,
    calendar: TheCalendar,
    ledger: TheLedger,
    pool: ThePool,
) -> Response:
    """Accept what a family announced, or not; accepted, it stands beside absences that had no reason."""
    asked = Asked(by, intent, calendar)
    return respond(commands.decide_absence(ledger, pool, asked, absence_id, body.accepted, body.words or ""))
