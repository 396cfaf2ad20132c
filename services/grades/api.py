"""Routes of the journal of marks: they translate, nothing else."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, NaiveDatetime

from services.grades import commands, journal, views
from services.grades.commands import Asked, Change, Opening
from services.grades.domain import bounds, criteria, marks, retakes, rule, scales, texts, work
from services.grades.domain.marks import Cell
from services.grades.domain.rule import SetRule
from services.grades.journal import Journal, RuleOut
from shared.contracts.grades import Retakes, Scale
from shared.errors import NotAllowed, NotFound, Refused
from shared.postgres import scoped
from shared.web.answers import Receipt, respond
from shared.web.auth import Caller, Staff, require
from shared.web.idempotency import TheIntent
from shared.web.problems import language_of, problems
from shared.web.routes import of
from shared.web.state import TheCalendar, TheLedger, ThePool, TheRing

router = APIRouter()

Writer = Annotated[Caller, require("teacher", "office", "administrator", "operator")]
Runner = Annotated[Caller, require("office", "administrator", "operator")]


def _asked(by: Writer, intent: TheIntent, calendar: TheCalendar) -> Asked:
    return Asked(by, intent, calendar)


TheAsked = Annotated[Asked, Depends(_asked)]


def _as_typed(given: Any) -> Any:
    """A JSON number is read too, and null as nothing typed; anything else is left to be refused."""
    if type(given) is float and given.is_integer():
        return str(int(given))
    return str(given) if type(given) in (int, float) else given


def _or_nothing(given: Any) -> Any:
    return "" if given is None else _as_typed(given)


Weight = Annotated[str, Field(max_length=20), BeforeValidator(_as_typed)]
Code = Annotated[str, Field(max_length=20)]
Typed = Annotated[str, Field(max_length=20), BeforeValidator(_or_nothing)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CriterionIn(Body):
    code: Code = Field(description="a Latin letter or «К», then at most two digits: A, B, К1")
    most: int = Field(ge=1, le=100, description="the points it is worth")


class NewWork(Body):
    work_id: UUID = Field(description="made by the client, so that it can go on without waiting")
    group_id: UUID
    on: date = Field(description="the lesson's day")
    number: int = Field(ge=0, le=15, description="the lesson's number")
    kind: str = Field("", max_length=40, description="one of the kinds of the school's rule; needed")
    weight: Weight | None = Field(None, description="0 to 99.99; none: as the rule says for the kind")
    title: str | None = Field(None, max_length=1000)
    confirmed: bool = Field(False, description="a second work of this kind in this lesson is meant")
    criteria: list[CriterionIn] = Field([], max_length=100, description="marks are points by these, for ever")
    draft: bool = Field(False, description="families see it once it is published")


class WorkHead(Body):
    kind: str | None = Field(None, max_length=40, description="none: as it is")
    weight: Weight | None = Field(None, description="none: as it is, or as the rule says for another kind")
    title: str | None = Field(None, max_length=1000, description="null or empty: no title; left out: as it is")
    confirmed: bool = Field(False, description="a second work of this kind in this lesson is meant")


class Plan(Body):
    at: NaiveDatetime | None = Field(description="by the school's clock, without a zone; none: at no time")


class MarkTyped(Body):
    """Either `value` or `criteria`."""

    pupil_id: UUID
    value: str | None = Field(None, max_length=100, description="as the teacher types it: 5, 4/5, осв, н/а, 74,5")
    criteria: dict[Code, Typed] | None = Field(
        None, max_length=100, description="whole points by each criterion of the work"
    )


class MarkIn(MarkTyped):
    due: date | None = Field(None, description="with a dot: the day by which the work is to be handed in")
    comment: str = Field("", max_length=4000)
    recommendation: str = Field("", max_length=4000, description="what to do next")


class Column(Body):
    marks: list[MarkIn] = Field(max_length=500)


Seen = Annotated[
    tuple[str, ...] | None,
    Field(
        max_length=20,
        description="what stood when it was written, values or points in the criteria's order: another mark by now"
        " is not replaced",
    ),
]


class Correction(MarkTyped):
    due: date | None = Field(None, description="with a dot: the day by which the work is to be handed in")
    reason: str = Field("", max_length=4000, description="needed")
    seen: Seen = None
    retake: bool = Field(False, description="it is the mark of a retake: what counts then the school's rule says")


class Removal(Body):
    pupil_id: UUID
    seen: Seen = None
    reason: str = Field("", max_length=4000, description="needed")


class KindIn(Body):
    kind: str = Field(max_length=100)
    weight: Weight


class BoundIn(Body):
    value: str = Field(max_length=20, description="a mark of the scale")
    percent: Weight = Field(description="the share of the points it begins at: 0 to 100, whole")


class RuleIn(Body):
    scale: Scale
    kinds: list[KindIn] = Field(max_length=100)
    bounds: list[BoundIn] | None = Field(
        None, max_length=100, description="left out: as they are, or the scale's own for another scale; empty: its own"
    )
    retakes: Retakes | None = Field(None, description="what counts after a retake; left out: as it is")


CELL: Sequence[type[Refused]] = (
    scales.CellEmpty, scales.TooManyMarksInCell, scales.AbsenceBelongsToRoll, scales.NotOnFivePoints,
    scales.NotOnHundredPoints, scales.NotALetter, scales.NotPassOrFail, scales.CriteriaWanted, marks.ValueOrCriteria,
    marks.NoCriteriaHere, criteria.CriterionUnknown, criteria.CriterionTwice, criteria.PointsMissing,
    criteria.PointsNotWhole, criteria.PointsOutOfRange, retakes.DueWithoutDot, retakes.DueBeforeLesson,
)  # fmt: skip
HEAD: Sequence[type[Refused]] = (
    work.KindMissing, work.KindUnknown, rule.WeightMistyped, work.TitleTooLong, work.NotYourLesson,
    work.SameKindInLesson, work.TermLocked,
)  # fmt: skip


@router.get("/journal", responses=problems(journal.RangeWrong, NotFound, NotAllowed), openapi_extra=of("group"))
def read_journal(
    group_id: UUID, first: date, last: date, by: Staff, pool: ThePool, ring: TheRing, calendar: TheCalendar,
    request: Request,
) -> Journal:  # fmt: skip
    """Columns of a group's journal with marks, what stood before them, and averages with their sums."""
    return journal.journal(pool, ring, calendar, by, group_id, first, last, language_of(request))


@router.post(
    "/works",
    response_model=Receipt,
    responses=problems(
        *HEAD, work.DayHasTest, work.OutsideTerm, work.NoSuchLesson, work.LessonIsCancelled, work.WorkIdTaken, NotFound,
        criteria.TooManyCriteria, criteria.CriterionMistyped, criteria.CriterionTwice,
    ),
    openapi_extra=of("group"),
)  # fmt: skip
def open_work(new: NewWork, asked: TheAsked, ledger: TheLedger) -> Response:
    """Open a column of the journal for a lesson of the timetable."""
    place = (new.work_id, new.group_id, new.on, new.number)
    by_these = tuple((criterion.code, criterion.most) for criterion in new.criteria)
    opening = Opening(*place, new.kind, new.weight, new.title or "", new.confirmed, by_these, new.draft)
    return respond(commands.open_work(ledger, asked, opening))


@router.patch("/works/{work_id}", response_model=Receipt, responses=problems(*HEAD, NotFound), openapi_extra=of("work"))
def change_work(work_id: UUID, head: WorkHead, asked: TheAsked, ledger: TheLedger, ring: TheRing) -> Response:
    """Change kind, weight or title of a column."""
    title = (head.title or "") if "title" in head.model_fields_set else None
    change = Change(head.kind, head.weight, title, head.confirmed)
    return respond(commands.change_work(ledger, ring, asked, work_id, change))


@router.delete(
    "/works/{work_id}",
    response_model=Receipt,
    responses=problems(work.NotYourLesson, work.TermLocked, work.WorkHasMarks, NotFound),
    openapi_extra=of("work"),
)
def remove_work(work_id: UUID, asked: TheAsked, ledger: TheLedger) -> Response:
    """Take away a column without marks."""
    return respond(commands.remove_work(ledger, asked, work_id))


@router.post(
    "/works/{work_id}/marks",
    response_model=Receipt,
    responses=problems(
        *CELL, work.NotYourLesson, work.TermLocked, marks.NothingToMark, marks.MarkInFuture, marks.PupilNotInClass,
        marks.PupilTwice, marks.AlreadyMarked, marks.CommentComesWithMark, texts.TextTooLong, NotFound,
    ),
    openapi_extra=of("work"),
)  # fmt: skip
def give_marks(work_id: UUID, column: Column, asked: TheAsked, ledger: TheLedger) -> Response:
    """Save marks of one column, all or none; every cell that cannot be saved is named."""
    cells = tuple(
        Cell(one.pupil_id, one.value, one.comment, one.criteria, one.due, recommendation=one.recommendation)
        for one in column.marks
    )
    return respond(commands.give_marks(ledger, asked, work_id, cells))


@router.post(
    "/works/{work_id}/publication",
    response_model=Receipt,
    responses=problems(work.NotYourLesson, work.TermLocked, work.NoDraft, marks.MarkInFuture, NotFound),
    openapi_extra=of("work"),
)
def publish_work(work_id: UUID, asked: TheAsked, ledger: TheLedger, ring: TheRing) -> Response:
    """Show a draft column with all its marks to families, and tell them."""
    return respond(commands.publish_work(ledger, ring, asked, work_id))


@router.put(
    "/works/{work_id}/publication",
    response_model=Receipt,
    responses=problems(
        work.NotYourLesson, work.TermLocked, work.NoDraft, work.PublicationInPast, marks.MarkInFuture, NotFound
    ),
    openapi_extra=of("work"),
)
def plan_publication(work_id: UUID, plan: Plan, asked: TheAsked, ledger: TheLedger) -> Response:
    """Have a draft column published at a time of the school's clock, or at none any more."""
    return respond(commands.plan_publication(ledger, asked, work_id, plan.at))


@router.post(
    "/works/{work_id}/corrections",
    response_model=Receipt,
    responses=problems(
        *CELL,
        work.NotYourLesson,
        work.TermLocked,
        marks.MarkInFuture,
        marks.NoMarkToChange,
        marks.MarkChanged,
        texts.ReasonMissing,
        NotFound,
    ),
    openapi_extra=of("work"),
)
def correct_mark(work_id: UUID, to: Correction, asked: TheAsked, ledger: TheLedger) -> Response:
    """Put another mark in the place of one that stands, or note that of a retake; the earlier one stays readable."""
    cell = Cell(to.pupil_id, to.value, points=to.criteria, due=to.due, seen=to.seen)
    return respond(commands.correct_mark(ledger, asked, work_id, cell, to.reason, to.retake))


@router.post(
    "/works/{work_id}/removals",
    response_model=Receipt,
    responses=problems(
        work.NotYourLesson,
        work.TermLocked,
        marks.MarkInFuture,
        marks.NoMarkToChange,
        marks.MarkChanged,
        texts.ReasonMissing,
        NotFound,
    ),
    openapi_extra=of("work"),
)
def remove_mark(work_id: UUID, removal: Removal, asked: TheAsked, ledger: TheLedger) -> Response:
    """Take a mark back; what it was stays readable."""
    return respond(commands.remove_mark(ledger, asked, work_id, removal.pupil_id, removal.reason, removal.seen))


@router.get("/schools/{school_id}/rule", responses=problems(NotFound), openapi_extra=of("school"))
def read_rule(school_id: UUID, by: Staff, pool: ThePool, calendar: TheCalendar) -> RuleOut:
    """The school's rule in force: scale, kinds of work, weights. The staff of the school may read it."""
    with pool.connection() as conn, scoped(conn, by.scope):
        journal.of_staff(conn, by, school_id, calendar)
        return journal.rule_out(views.rule(conn, school_id))


@router.put(
    "/schools/{school_id}/rule",
    response_model=Receipt,
    responses=problems(
        rule.NoKinds, rule.KindMistyped, rule.KindTwice, rule.WeightMistyped, NotAllowed, bounds.NoBoundsOnHundred,
        bounds.NoMarkAtBound, bounds.PercentMistyped, bounds.BoundsNotFalling, bounds.LowestBoundNotZero,
    ),
    openapi_extra=of("school"),
)  # fmt: skip
def set_rule(
    school_id: UUID, to: RuleIn, by: Runner, intent: TheIntent, calendar: TheCalendar, ledger: TheLedger
) -> Response:
    """Adopt a scale and kinds. Columns that stand keep theirs; the office and administrators of the school may."""
    measure = None if to.bounds is None else tuple((bound.value, bound.percent) for bound in to.bounds)
    kinds = tuple((kind.kind, kind.weight) for kind in to.kinds)
    command = SetRule(school_id, to.scale, kinds, measure, to.retakes)
    return respond(commands.set_rule(ledger, Asked(by, intent, calendar), command))
