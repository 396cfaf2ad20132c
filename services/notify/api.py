"""Routes of the notify service: the feed in the portal, wishes, consents, and what became of deliveries."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from services.notify import commands, deliveries, wishes
from services.notify.sentences import link, sentence
from services.notify.wishes import ChannelNotReady, KindTwice, NoConsent, UnknownKind
from shared.contracts.notify import Channel, Wish
from shared.postgres import scoped
from shared.web import live
from shared.web.answers import Receipt, respond
from shared.web.auth import Portal, SignedIn
from shared.web.idempotency import TheIntent
from shared.web.problems import language_of, problems
from shared.web.routes import of
from shared.web.state import TheLedger, TheListener, ThePool

router = APIRouter()

# what a mail header carries unquoted; a domain in other letters is given in its xn-- form
LOCAL, LABEL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+", r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
Address = Annotated[str, Field(pattern=rf"^{LOCAL}(\.{LOCAL})*@{LABEL}(\.{LABEL})*$", max_length=254)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Notice(BaseModel):
    notice_id: UUID
    kind: str
    pupil_id: UUID | None
    at: datetime
    seen_at: datetime | None
    text: str = Field(description="one sentence in the language asked for")
    link: str = Field(description="where in the application it is read")


class Feed(BaseModel):
    unread: int
    notices: list[Notice]


class Seen(Body):
    notice_ids: list[UUID] = Field(max_length=500)


class NewWishes(Body):
    wishes: list[Wish] = Field(max_length=50)


class Consent(BaseModel):
    channel: str
    address: str
    at: datetime


class Wishes(BaseModel):
    wishes: list[Wish]
    consents: list[Consent]


class NewConsent(Body):
    channel: Channel
    address: Address = Field(description="e-mail address")


class Delivery(BaseModel):
    delivery_id: UUID
    notice_id: UUID
    kind: str
    channel: str
    state: str
    at: datetime
    error: str | None


class Deliveries(BaseModel):
    deliveries: list[Delivery]


@router.get("/feed")
def feed(request: Request, by: SignedIn, pool: ThePool) -> Feed:
    """The newest hundred notices, newest first."""
    with pool.connection() as conn, scoped(conn, by.scope):
        rows, unread = deliveries.feed(conn, by.person_id), deliveries.unread(conn, by.person_id)
    language = language_of(request)
    said = [{**row, "text": sentence(row, language), "link": link(row)} for row in rows]
    return Feed.model_validate({"unread": unread, "notices": said})


@router.post("/feed/seen", status_code=204, openapi_extra=of("own"))
def see(seen: Seen, by: SignedIn, pool: ThePool) -> Response:
    """Confirm receipt of notices; those of others are not touched. May be repeated."""
    with pool.connection() as conn, scoped(conn, by.scope):
        deliveries.see(conn, by.person_id, seen.notice_ids)
    return Response(status_code=204)


@router.get("/wishes")
def get_wishes(by: SignedIn, pool: ThePool) -> Wishes:
    """How I am told what, and to which addresses I consented."""
    with pool.connection() as conn, scoped(conn, by.scope):
        found, consents = wishes.of(conn, by.person_id), wishes.consents(conn, by.person_id)
    wished = [{"kind": kind, "channels": channels} for kind, channels in sorted(found.items())]
    return Wishes.model_validate({"wishes": wished, "consents": consents})


@router.put("/wishes", response_model=Receipt, responses=problems(UnknownKind, KindTwice, ChannelNotReady))
def set_wishes(new: NewWishes, by: SignedIn, intent: TheIntent, ledger: TheLedger) -> Response:
    """All my wishes; kinds not named follow the default."""
    return respond(commands.set_wishes(ledger, by.person_id, new.wishes, intent))


@router.post("/consents", response_model=Receipt, responses=problems(ChannelNotReady))
def give_consent(new: NewConsent, by: SignedIn, intent: TheIntent, ledger: TheLedger) -> Response:
    """Agree to be written to at an address."""
    return respond(commands.give_consent(ledger, by.person_id, new.channel, new.address, intent))


@router.delete("/consents/{channel}", response_model=Receipt, responses=problems(NoConsent))
def withdraw_consent(channel: Channel, by: SignedIn, intent: TheIntent, ledger: TheLedger) -> Response:
    """Not to be written to by this channel any more."""
    return respond(commands.withdraw_consent(ledger, by.person_id, channel, intent))


@router.get("/deliveries")
def my_deliveries(by: SignedIn, pool: ThePool) -> Deliveries:
    """What became of the newest two hundred messages to me, by channel."""
    with pool.connection() as conn, scoped(conn, by.scope):
        return Deliveries.model_validate({"deliveries": deliveries.newest(conn, by.person_id)})


@router.get("/live", response_class=StreamingResponse)
async def follow(request: Request, by: Portal, listener: TheListener) -> Response:
    """Server-sent events for the portal: who is told something, as lists of ids; `*` is everybody."""
    return live.sse(request, live.names(listener), lambda: True)
