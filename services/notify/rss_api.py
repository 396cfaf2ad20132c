"""Routes of feeds at secret addresses: they translate, nothing else."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from services.notify import commands, feeds, rss
from services.notify.feeds import FeedKnown, TooManyFeeds
from shared.errors import NotFound
from shared.postgres import scoped
from shared.web.answers import Receipt, respond
from shared.web.auth import Portal, SignedIn
from shared.web.idempotency import TheIntent
from shared.web.problems import problems
from shared.web.routes import of
from shared.web.state import TheCalendar, TheLedger, ThePool, TheSettings

router = APIRouter()

Secret = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$", description="32 bytes of chance, base64url")]


class FeedAddress(BaseModel):
    feed_id: UUID
    shared_at: datetime


class FeedAddresses(BaseModel):
    feeds: list[FeedAddress]


class NewFeed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    secret: Secret


class Rss(Response):
    media_type = "application/rss+xml"


@router.get("/feeds", openapi_extra=of("own"))
def my_feeds(by: SignedIn, pool: ThePool) -> FeedAddresses:
    """The caller's secret addresses for feed readers; the secrets are known to nobody but him."""
    with pool.connection() as conn, scoped(conn, by.scope):
        return FeedAddresses.model_validate({"feeds": feeds.mine(conn, by.person_id)})


@router.put(
    "/feeds/{feed_id}",
    openapi_extra=of("own"),
    response_model=Receipt,
    responses=problems(TooManyFeeds, FeedKnown),
)
def share_feed(feed_id: UUID, new: NewFeed, by: SignedIn, intent: TheIntent, ledger: TheLedger) -> Response:
    """Let one's notices be read at `/feed/<secret>.xml`: that something is new, without a mark or a name."""
    return respond(commands.share_feed(ledger, by.person_id, feed_id, new.secret, intent))


@router.delete("/feeds/{feed_id}", openapi_extra=of("own"), response_model=Receipt, responses=problems(NotFound))
def withdraw_feed(feed_id: UUID, by: SignedIn, intent: TheIntent, ledger: TheLedger) -> Response:
    """Nothing is read at the address any more."""
    return respond(commands.withdraw_feed(ledger, by.person_id, feed_id, intent))


@router.post("/rss", response_class=Rss, responses=problems(NotFound))
def read_feed(body: NewFeed, by: Portal, pool: ThePool, calendar: TheCalendar, settings: TheSettings) -> Rss:
    """For the portal: what is read at an address. A secret stands in no address of ours."""
    with pool.connection() as conn:
        return Rss(rss.read(conn, body.secret, calendar, settings.language, settings.public_url))
