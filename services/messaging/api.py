"""Routes of the messaging service; nothing but translation."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from services.messaging import commands, views
from services.messaging.domain.conversations import (
    AlreadyOpened,
    NoConversation,
    SendMessage,
    SubjectForbidden,
    SubjectMissing,
    SubjectTooLong,
    WrongAddressee,
)
from services.messaging.domain.texts import TextMissing, TextTooLong
from shared.postgres import scoped
from shared.web import live
from shared.web.answers import Receipt, respond
from shared.web.auth import Caller, Portal, SignedIn
from shared.web.idempotency import TheIntent
from shared.web.problems import problems
from shared.web.routes import of
from shared.web.state import TheCalendar, TheLedger, TheListener, ThePool

router = APIRouter()

Text = Annotated[str, Field(max_length=20_000)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Person(BaseModel):
    person_id: UUID
    name: str


class Last(BaseModel):
    author_id: UUID
    text: str
    at: datetime


class Summary(BaseModel):
    conversation_id: UUID
    subject: str
    pupil_id: UUID | None
    participants: list[Person]
    unread: int
    last: Last


class Conversations(BaseModel):
    conversations: list[Summary]


class Delivery(BaseModel):
    person_id: UUID
    state: str = Field(description="delivered: it stands in the reader's archive; seen: he read it")
    at: datetime


class Message(BaseModel):
    message_id: UUID
    author_id: UUID
    text: str
    at: datetime
    deliveries: list[Delivery]


class Conversation(BaseModel):
    conversation_id: UUID
    subject: str
    pupil_id: UUID | None
    participants: list[Person]
    messages: list[Message]


class NewConversation(Body):
    conversation_id: UUID
    participants: list[UUID] = Field(min_length=1, max_length=20, description="whom to write to")
    pupil_id: UUID | None = Field(None, description="the child it is about; needed between family and school")
    subject: Text
    text: Text
    message_id: UUID


class NewMessage(Body):
    message_id: UUID
    text: Text


class Seen(Body):
    message_id: UUID = Field(description="the newest message read")


@router.get("/conversations")
def conversations(by: SignedIn, pool: ThePool) -> Conversations:
    """My conversations, the one with the newest message first."""
    with pool.connection() as conn, scoped(conn, by.scope):
        rows = views.conversations(conn, by.person_id)
    return Conversations.model_validate(
        {"conversations": [{**row, "last": {key: row[key] for key in ("author_id", "text", "at")}} for row in rows]}
    )


@router.get("/conversations/{conversation_id}", openapi_extra=of("conversation"), responses=problems(NoConversation))
def conversation(conversation_id: UUID, by: SignedIn, pool: ThePool) -> Conversation:
    """One conversation whole, for its participants and the administrators of its school."""
    with pool.connection() as conn, scoped(conn, by.scope):
        found = views.conversation(conn, conversation_id)
    if found is None or not _may_read(by, found):
        raise NoConversation()
    return Conversation.model_validate(found)


def _may_read(by: Caller, found: dict[str, object]) -> bool:
    people = found["participants"]
    assert isinstance(people, list)
    if any(person["person_id"] == by.person_id for person in people):
        return True
    return found["school_id"] in by.schools_as("administrator")


@router.post(
    "/conversations",
    response_model=Receipt,
    openapi_extra=of("pupil"),
    responses=problems(
        WrongAddressee, AlreadyOpened, SubjectMissing, SubjectForbidden, SubjectTooLong, TextMissing, TextTooLong
    ),
)
def open_conversation(
    new: NewConversation, by: SignedIn, intent: TheIntent, ledger: TheLedger, calendar: TheCalendar
) -> Response:
    """Begin a conversation."""
    opening = commands.Opening(
        new.conversation_id, tuple(new.participants), new.pupil_id, new.subject, new.message_id, new.text
    )
    return respond(commands.open_conversation(ledger, calendar, opening, intent))


@router.post(
    "/conversations/{conversation_id}/messages",
    response_model=Receipt,
    openapi_extra=of("conversation"),
    responses=problems(NoConversation, TextMissing, TextTooLong),
)
def send_message(
    conversation_id: UUID, new: NewMessage, by: SignedIn, intent: TheIntent, ledger: TheLedger
) -> Response:
    """Write into a conversation."""
    command = SendMessage(conversation_id, by.person_id, new.message_id, new.text)
    return respond(commands.send_message(ledger, command, intent))


@router.post(
    "/conversations/{conversation_id}/seen",
    response_model=Receipt,
    openapi_extra=of("conversation"),
    responses=problems(NoConversation),
)
def see(conversation_id: UUID, seen: Seen, by: SignedIn, intent: TheIntent, ledger: TheLedger) -> Response:
    """Confirm what was read."""
    return respond(commands.see_messages(ledger, conversation_id, seen.message_id, intent))


@router.get("/live", response_class=StreamingResponse)
async def follow(request: Request, by: Portal, listener: TheListener) -> Response:
    """Server-sent events for the portal: in whose conversations something was written or read; `*` is everybody's."""
    return live.sse(request, live.names(listener), lambda: True)
