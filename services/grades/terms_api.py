"""Routes of grades of terms: they translate, nothing else."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

from services.grades import terms_commands, terms_page
from services.grades.api import CELL, Body, Runner, TheAsked
from services.grades.commands import Asked
from services.grades.domain import marks, terms, texts, work
from services.grades.terms_commands import Of
from services.grades.terms_page import Groups, SheetOut, Terms
from shared.errors import NotAllowed, NotFound, Refused
from shared.web.answers import Receipt, respond
from shared.web.auth import Staff
from shared.web.idempotency import TheIntent
from shared.web.problems import language_of, problems
from shared.web.routes import of
from shared.web.state import TheCalendar, TheLedger, ThePool, TheRing

router = APIRouter()


class GradeIn(Body):
    pupil_id: UUID
    value: str = Field("", max_length=100, description="as the teacher types it: 5, осв, н/а; empty: taken back")


class GradesIn(Body):
    group_id: UUID
    grades: list[GradeIn] = Field(min_length=1, max_length=500)
    reason: str = Field("", max_length=4000, description="needed where a grade changes after the council has begun")


class GroupWhy(Body):
    group_id: UUID
    reason: str = Field("", max_length=4000, description="needed")


class Decision(Body):
    group_id: UUID
    allowed: bool
    words: str = Field("", max_length=4000)


class OneGroup(Body):
    group_id: UUID


class Begin(Body):
    confirmed: bool = Field(False, description="though grades are missing")


class Why(Body):
    reason: str = Field("", max_length=4000, description="needed")


SHEET: Sequence[type[Refused]] = (terms.NotYourGroup, NotFound)


@router.get("/schools/{school_id}/terms", responses=problems(NotFound), openapi_extra=of("school"))
def read_terms(school_id: UUID, by: Staff, pool: ThePool, calendar: TheCalendar) -> Terms:
    """The school's terms and years, and where it stands with each: open, in council, published. For its staff."""
    return terms_page.of_school(pool, by, calendar, school_id)


@router.get("/schools/{school_id}/terms/{term_id}/groups", responses=problems(NotFound), openapi_extra=of("school"))
def read_groups(
    school_id: UUID, term_id: UUID, by: Staff, pool: ThePool, ring: TheRing, calendar: TheCalendar
) -> Groups:
    """Which groups have their grades of a term and which lack some; who waits to have one opened again.

    A teacher gets his own groups, who runs the school all.
    """
    return terms_page.groups(pool, ring, calendar, by, school_id, term_id)


@router.get("/terms/{term_id}/sheet", responses=problems(NotFound, NotAllowed), openapi_extra=of("group"))
def read_sheet(
    term_id: UUID, group_id: UUID, by: Staff, pool: ThePool, ring: TheRing, calendar: TheCalendar, request: Request
) -> SheetOut:
    """A group's grades of a term: each pupil's average with its sum, what it proposes, what was given."""
    return terms_page.sheet(pool, ring, calendar, by, Of(term_id, group_id), language_of(request))


@router.put(
    "/terms/{term_id}/grades",
    response_model=Receipt,
    responses=problems(
        *CELL, *SHEET, terms.TermNotBegun, work.TermLocked, terms.NotOneGrade, marks.PupilTwice,
        marks.PupilNotInClass, texts.ReasonMissing, texts.TextTooLong,
    ),
    openapi_extra=of("group"),
)  # fmt: skip
def give_grades(term_id: UUID, given: GradesIn, asked: TheAsked, ledger: TheLedger) -> Response:
    """Give grades of a term, all or none. Until the council begins the last one given stands."""
    typed = [(grade.pupil_id, grade.value) for grade in given.grades]
    return respond(terms_commands.give_grades(ledger, asked, Of(term_id, given.group_id), typed, given.reason))


@router.post(
    "/terms/{term_id}/reopening",
    response_model=Receipt,
    responses=problems(*SHEET, terms.NotLocked, texts.ReasonMissing, texts.TextTooLong),
    openapi_extra=of("group"),
)
def ask_reopening(term_id: UUID, why: GroupWhy, asked: TheAsked, ledger: TheLedger) -> Response:
    """Ask the school to open a locked group again."""
    return respond(terms_commands.ask_reopening(ledger, asked, Of(term_id, why.group_id), why.reason))


@router.post(
    "/terms/{term_id}/reopening/decision",
    response_model=Receipt,
    responses=problems(NotFound, NotAllowed, terms.NotLocked, terms.NothingAsked, texts.TextTooLong),
    openapi_extra=of("group"),
)
def decide_reopening(
    term_id: UUID, decision: Decision, by: Runner, intent: TheIntent, calendar: TheCalendar, ledger: TheLedger
) -> Response:
    """Open a group again, asked or not; or refuse what was asked. The office and administrators of the school may."""
    asked = Asked(by, intent, calendar)
    where = Of(term_id, decision.group_id)
    return respond(terms_commands.decide_reopening(ledger, asked, where, decision.allowed, decision.words))


@router.post("/terms/{term_id}/locking", response_model=Receipt, responses=problems(*SHEET), openapi_extra=of("group"))
def lock(term_id: UUID, group: OneGroup, asked: TheAsked, ledger: TheLedger) -> Response:
    """Lock again what was opened again."""
    return respond(terms_commands.lock(ledger, asked, Of(term_id, group.group_id)))


@router.post(
    "/schools/{school_id}/terms/{term_id}/council",
    response_model=Receipt,
    responses=problems(NotFound, NotAllowed, terms.TermNotBegun, terms.GapsLeft, terms.AlreadyPublished),
    openapi_extra=of("school"),
)
def begin_council(
    school_id: UUID, term_id: UUID, to: Begin, by: Runner, intent: TheIntent, calendar: TheCalendar, ledger: TheLedger
) -> Response:
    """Lock a term: from now on its marks and grades stay. The office and administrators of the school may."""
    asked = Asked(by, intent, calendar)
    return respond(terms_commands.begin_council(ledger, asked, school_id, term_id, to.confirmed))


@router.post(
    "/schools/{school_id}/terms/{term_id}/council/withdrawal",
    response_model=Receipt,
    responses=problems(
        NotFound, NotAllowed, terms.CouncilNotBegun, terms.AlreadyPublished, texts.ReasonMissing, texts.TextTooLong
    ),
    openapi_extra=of("school"),
)
def withdraw_council(
    school_id: UUID, term_id: UUID, why: Why, by: Runner, intent: TheIntent, calendar: TheCalendar, ledger: TheLedger
) -> Response:
    """Open the term again for everybody: the council did not take place."""
    asked = Asked(by, intent, calendar)
    return respond(terms_commands.withdraw_council(ledger, asked, school_id, term_id, why.reason))


@router.post(
    "/schools/{school_id}/terms/{term_id}/publication",
    response_model=Receipt,
    responses=problems(NotFound, NotAllowed, terms.CouncilNotBegun, terms.StillOpen),
    openapi_extra=of("school"),
)
def publish(
    school_id: UUID, term_id: UUID, by: Runner, intent: TheIntent, calendar: TheCalendar, ledger: TheLedger
) -> Response:
    """Show the school's grades of the term to families, and tell them."""
    return respond(terms_commands.publish(ledger, Asked(by, intent, calendar), school_id, term_id))
