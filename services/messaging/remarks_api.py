"""Routes of remarks on behaviour; nothing but translation and who may read."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from services.messaging import remarks_commands, remarks_views
from services.messaging.domain.remarks import (
    RemarkInFuture,
    RemarkIsShown,
    RemarkKnown,
    RemarkTakenBack,
    RemarkTooLongAgo,
)
from services.messaging.domain.texts import ReasonMissing, TextMissing, TextTooLong
from shared import access
from shared.contracts.messaging import KindOfRemark
from shared.errors import NotFound
from shared.postgres import scoped
from shared.web.answers import Receipt, respond
from shared.web.auth import Caller, SignedIn, require
from shared.web.idempotency import TheIntent
from shared.web.problems import problems
from shared.web.routes import of
from shared.web.state import TheCalendar, TheLedger, ThePool

router = APIRouter()

Writer = Annotated[Caller, require("teacher", "office", "administrator")]
Text = Annotated[str, Field(max_length=20_000)]


class Remark(BaseModel):
    remark_id: UUID
    pupil_id: UUID
    kind: KindOfRemark
    on: date
    group_id: UUID | None
    subject: str | None
    author_id: UUID
    author_name: str
    at: datetime
    text: str = Field(description="as the family reads it, or will if nobody words it anew; empty if it was erased")
    shown_at: datetime | None = Field(description="none: the family does not read it yet")
    written: str | None = Field(description="its author's words, where others stand in their place; for the school")
    withdrawn_at: datetime | None = Field(description="taken back; then only the school reads it")
    reason: str | None = Field(description="why it was taken back")
    version: int = Field(description="of what its author wrote; `If-Match` of a change of its words and of a showing")
    reworded_at: datetime | None = Field(description="when its author last changed the words; for the school")


class Remarks(BaseModel):
    remarks: list[Remark]
    may_write: bool = Field(description="whether the caller may write one of this pupil")
    may_word: bool = Field(description="whether he words what waits")


class Waiting(Remark):
    pupil_name: str


class WaitingList(BaseModel):
    remarks: list[Waiting]


class NewRemark(BaseModel):
    model_config = ConfigDict(extra="forbid")

    remark_id: UUID
    pupil_id: UUID
    kind: KindOfRemark
    on: date
    group_id: UUID | None = Field(None, description="in whose lesson")
    shown: bool = Field(description="the family reads it at once; if not, when its tutor has worded it")
    text: Text


class Words(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Text = Field(description="as the family is to read it")


class OtherWords(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Text = Field(description="in place of what was written")


class Why(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Text


@router.get("/remarks", openapi_extra=of("pupil"), responses=problems(NotFound))
def read_remarks(
    pupil_id: UUID, first: date, last: date, by: SignedIn, pool: ThePool, calendar: TheCalendar
) -> Remarks:
    """A pupil's remarks of these days, newest first. The family reads those it was shown, the school its own too."""
    with pool.connection() as conn, scoped(conn, by.scope):
        if not access.may_see_pupil(conn, by.person_id, pupil_id, calendar.today("UTC")):
            raise NotFound
        family = remarks_commands.is_family(conn, by, pupil_id)
        words = not family and remarks_commands.may_word(conn, calendar, by, pupil_id)
        found = remarks_views.of_pupil(conn, pupil_id, first, last)
    shown = [_seen(row, staff=not family) for row in found if _concerns(row, by, family, words)]
    writes = not family and by.is_a("teacher", "office", "administrator")
    return Remarks.model_validate({"remarks": shown, "may_write": writes, "may_word": words})


@router.get("/remarks/waiting")
def read_waiting(by: Writer, pool: ThePool, calendar: TheCalendar) -> WaitingList:
    """What the caller is to word before families read it: of the class he leads, of the school he runs."""
    with pool.connection() as conn, scoped(conn, by.scope):
        schools = sorted(by.schools_as("office", "administrator"))
        found = remarks_views.waiting(conn, by.person_id, schools, calendar.today("UTC"))
    return WaitingList.model_validate(
        {"remarks": [{**_seen(row, staff=True), "pupil_name": row["pupil_name"]} for row in found]}
    )


@router.post(
    "/remarks",
    response_model=Receipt,
    openapi_extra=of("pupil"),
    responses=problems(NotFound, RemarkInFuture, RemarkTooLongAgo, RemarkKnown, TextMissing, TextTooLong),
)
def make_remark(new: NewRemark, by: Writer, intent: TheIntent, ledger: TheLedger, calendar: TheCalendar) -> Response:
    """Write down how a pupil behaved: praise, a remark, an incident."""
    return respond(remarks_commands.make(ledger, calendar, by, intent, **new.model_dump()))


@router.put(
    "/remarks/{remark_id}",
    response_model=Receipt,
    openapi_extra=of("remark"),
    responses=problems(NotFound, RemarkIsShown, RemarkTakenBack, TextMissing, TextTooLong),
)
def reword_remark(remark_id: UUID, words: OtherWords, by: Writer, intent: TheIntent, ledger: TheLedger) -> Response:
    """Change the words of a remark of one's own that the family does not read yet."""
    return respond(remarks_commands.reword(ledger, by, intent, remark_id, words.text))


@router.post(
    "/remarks/{remark_id}/showing",
    response_model=Receipt,
    openapi_extra=of("remark"),
    responses=problems(NotFound, RemarkIsShown, RemarkTakenBack, TextMissing, TextTooLong),
)
def show_remark(
    remark_id: UUID, words: Words, by: Writer, intent: TheIntent, ledger: TheLedger, calendar: TheCalendar
) -> Response:
    """Let the family read a remark, in these words."""
    return respond(remarks_commands.show(ledger, calendar, by, intent, remark_id, words.text))


@router.post(
    "/remarks/{remark_id}/withdrawal",
    response_model=Receipt,
    openapi_extra=of("remark"),
    responses=problems(NotFound, ReasonMissing, TextTooLong),
)
def withdraw_remark(
    remark_id: UUID, why: Why, by: Writer, intent: TheIntent, ledger: TheLedger, calendar: TheCalendar
) -> Response:
    """Take a remark back."""
    return respond(remarks_commands.withdraw(ledger, calendar, by, intent, remark_id, why.reason))


def _concerns(row: dict[str, Any], by: Caller, family: bool, words: bool) -> bool:
    """What the family reads the school reads; what waits or was taken back, who wrote it and who words it."""
    if row["text"] is not None and row["withdrawn_at"] is None:
        return True
    return not family and (words or row["author_id"] == by.person_id)


def _seen(row: dict[str, Any], staff: bool) -> dict[str, Any]:
    text = row["written"] if row["text"] is None else row["text"]
    other = row["written"] if staff and row["written"] != text else None
    return {**row, "text": text, "written": other, **(dict.fromkeys(("reason", "reworded_at")) if not staff else {})}
