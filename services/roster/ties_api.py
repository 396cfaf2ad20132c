"""The routes of ties between families and pupils: claims, invitations, guardians."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.roster import ties_commands, ties_views
from services.roster.api import TheRoster
from services.roster.domain import ImportUnderWay, QueryTooShort
from services.roster.questions import LEAST
from services.roster.ties import (
    DAYS,
    RIGHTS,
    ClaimEnded,
    ClaimKnown,
    CodeInvalid,
    InvitationEnded,
    InvitationKnown,
    NoSuchSchool,
    NoSuchTie,
    NotOurPupil,
    OwnGuardian,
    TooManyClaims,
)
from services.roster.ties_commands import Asked, NewClaim, NewInvitation
from shared.contracts.roster import Relation, Right
from shared.errors import NotFound
from shared.web.answers import Receipt, respond
from shared.web.auth import Caller, Office, SignedIn
from shared.web.idempotency import TheIntent
from shared.web.problems import problems
from shared.web.routes import of
from shared.web.state import TheLedger, TheRing

router = APIRouter()

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


async def _asked(roster: TheRoster, ledger: TheLedger, intent: TheIntent) -> Callable[[Caller], Asked]:
    return partial(Asked, roster, ledger, intent)


AskedBy = Annotated[Callable[[Caller], Asked], Depends(_asked)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SchoolNamed(BaseModel):
    school_id: UUID
    name: str
    district: str


class ClaimIn(Body):
    claim_id: UUID
    school_id: UUID
    child: Words = Field(description="the child's full name, for the school")
    class_title: Words = Field(description="the child's class, for the school")
    relation: Relation


class Claim(BaseModel):
    """`state`: waiting, confirmed, declined or withdrawn."""

    claim_id: UUID
    school_id: UUID
    school: str
    child: str
    class_title: str
    relation: str
    at: datetime
    state: str


class Claims(BaseModel):
    claims: list[Claim]


class Waiting(BaseModel):
    claim_id: UUID
    school_id: UUID
    guardian_id: UUID
    guardian: str
    child: str
    class_title: str
    relation: str
    at: datetime


class AllWaiting(BaseModel):
    claims: list[Waiting]


class Decision(Body):
    pupil_id: UUID | None = Field(description="the pupil it is confirmed for; null: it is declined")
    rights: tuple[Right, ...] = Field(RIGHTS, min_length=1, max_length=3)


class InvitationIn(Body):
    invitation_id: UUID
    pupil_id: UUID
    relation: Relation = "parent"
    rights: tuple[Right, ...] = Field(RIGHTS, min_length=1, max_length=3)
    days: int = Field(DAYS, ge=1, le=60, description="for how many days it holds")


class Issued(Receipt):
    code: str = Field(description="to be handed to the guest; it is kept nowhere, and can be redeemed once")


class Invitation(BaseModel):
    """`state`: open (but see `expires_on`), redeemed or withdrawn."""

    invitation_id: UUID
    pupil_id: UUID
    relation: str
    rights: list[str]
    expires_on: date
    at: datetime
    by: UUID
    state: str
    guardian_id: UUID | None
    ended_at: datetime | None


class Invitations(BaseModel):
    invitations: list[Invitation]


class CodeIn(Body):
    code: str = Field(min_length=1, max_length=100, description="letter case, spaces and dashes do not count")


class RightsIn(Body):
    rights: tuple[Right, ...] = Field(max_length=3, description="none: the tie ends")


@router.get("/schools", responses=problems(QueryTooShort))
def schools(by: SignedIn, roster: TheRoster, query: Annotated[str, Query(max_length=100)]) -> list[SchoolNamed]:
    """Schools by a part of the name or by the number: any school, for who looks for his child's."""
    wanted = " ".join(query.split())
    if len(wanted) < LEAST and not wanted.isdigit():
        raise QueryTooShort(at="query", least=LEAST)
    with roster.asked_by(by) as (conn, _):
        return [SchoolNamed.model_validate(row) for row in ties_views.schools_named(conn, wanted)]


@router.get("/claims")
def my_claims(by: SignedIn, roster: TheRoster) -> Claims:
    """What I have claimed, and what became of it."""
    with roster.asked_by(by) as (conn, _):
        return Claims.model_validate({"claims": ties_views.claims_of(conn, by.person_id)})


@router.post(
    "/claims",
    response_model=Receipt,
    openapi_extra=of("own"),
    responses=problems(NoSuchSchool, ClaimKnown, TooManyClaims),
)
def make_claim(new: ClaimIn, by: SignedIn, asked: AskedBy) -> Response:
    """Say that a child of a school is mine. It opens nothing until the school confirms it."""
    claim = NewClaim(new.claim_id, new.school_id, new.child, new.class_title, new.relation)
    return respond(ties_commands.make_claim(asked(by), claim))


@router.post(
    "/claims/{claim_id}/withdrawal",
    response_model=Receipt,
    openapi_extra=of("claim"),
    responses=problems(NotFound, ClaimEnded),
)
def withdraw_claim(claim_id: UUID, by: SignedIn, asked: AskedBy) -> Response:
    """Take my claim back."""
    return respond(ties_commands.withdraw_claim(asked(by), claim_id))


@router.get("/claims/waiting")
def claims_waiting(by: Office, roster: TheRoster) -> AllWaiting:
    """What my schools have to decide about."""
    with roster.asked_by(by) as (conn, _):
        found = ties_views.claims_waiting(conn, by.schools_as(*ties_commands.RUN))
    return AllWaiting.model_validate({"claims": found})


@router.post(
    "/claims/{claim_id}/decision",
    response_model=Receipt,
    openapi_extra=of("claim"),
    responses=problems(NotFound, NotOurPupil, ClaimEnded, OwnGuardian, ImportUnderWay),
)
def decide_claim(claim_id: UUID, decision: Decision, by: Office, asked: AskedBy) -> Response:
    """Confirm a claim for one of my school's pupils, or decline it."""
    return respond(ties_commands.decide_claim(asked(by), claim_id, decision.pupil_id, decision.rights))


@router.get("/invitations", openapi_extra=of("pupil"), responses=problems(NotOurPupil))
def invitations(pupil_id: UUID, by: Office, roster: TheRoster) -> Invitations:
    """What my school has given out for a pupil; no codes."""
    return Invitations.model_validate({"invitations": ties_commands.invitations(roster, by, pupil_id)})


@router.post(
    "/invitations",
    openapi_extra=of("pupil"),
    responses=problems(NotOurPupil, InvitationKnown),
)
def invite(new: InvitationIn, by: Office, asked: AskedBy, ring: TheRing) -> Issued:
    """Give out a code by which one person becomes a guardian of one of my school's pupils, once."""
    wanted = NewInvitation(new.invitation_id, new.pupil_id, new.relation, new.rights, new.days)
    answer, code = ties_commands.invite(asked(by), ring, wanted)
    return Issued(**Receipt.model_validate_json(answer.body).model_dump(), code=code)


@router.post(
    "/invitations/{invitation_id}/withdrawal",
    response_model=Receipt,
    openapi_extra=of("invitation"),
    responses=problems(NotFound, InvitationEnded),
)
def withdraw_invitation(invitation_id: UUID, by: Office, asked: AskedBy) -> Response:
    """Take an invitation back before it is redeemed: its code opens nothing any more."""
    return respond(ties_commands.withdraw_invitation(asked(by), invitation_id))


@router.post(
    "/invitations/redemption",
    response_model=Receipt,
    responses=problems(CodeInvalid, OwnGuardian, ImportUnderWay),
)
def redeem(shown: CodeIn, by: SignedIn, asked: AskedBy) -> Response:
    """Show the code of an invitation: I become a guardian of its pupil."""
    return respond(ties_commands.redeem(asked(by), shown.code))


@router.put(
    "/persons/{pupil_id}/guardians/{guardian_id}",
    response_model=Receipt,
    openapi_extra=of("pupil"),
    responses=problems(NotOurPupil, NoSuchTie, NotFound, ImportUnderWay),
)
def change_tie(pupil_id: UUID, guardian_id: UUID, wanted: RightsIn, by: Office, asked: AskedBy) -> Response:
    """What a guardian may for one of my school's pupils, at once; an import does not change it back."""
    return respond(ties_commands.change_tie(asked(by), pupil_id, guardian_id, wanted.rights))
