"""Conversations: who talks, what was said, who has seen it. Pure."""

import re
from dataclasses import dataclass, replace
from uuid import UUID

from services.messaging.domain.texts import text
from shared.contracts import Event, seal
from shared.contracts.messaging import ConversationOpened, MessageSent, MessagesSeen
from shared.errors import Refused

SUBJECT_LIMIT = 150
FORBIDDEN = re.compile(r"[\x00-\x1f\x7f<>{}]")
"""Signs a subject may not have: line breaks and other control characters, and < > { }."""


class SubjectMissing(Refused):
    """Write what it is about."""

    code = "messaging.subject-missing"
    ru = "Напишите тему сообщения."


class SubjectForbidden(Refused):
    """The subject must not contain «{sign}»."""

    code = "messaging.subject-forbidden"
    ru = "В теме нельзя использовать «{sign}»."


class SubjectTooLong(Refused):
    """The subject has {length} characters; at most {limit} are possible."""

    code = "messaging.subject-too-long"
    ru = "В теме {length} знаков, можно не больше {limit}."


class WrongAddressee(Refused):
    """This person cannot be written to by you; the message was not delivered."""

    code = "messaging.wrong-addressee"
    ru = "Этому человеку вы написать не можете; сообщение не доставлено."


class AlreadyOpened(Refused):
    """There is a conversation under this id already."""

    code = "messaging.already-opened"
    kind = "conflict"
    ru = "Переписка с таким номером уже есть."


class NoConversation(Refused):
    """There is no such conversation, or you are not in it."""

    code = "messaging.no-conversation"
    kind = "missing"
    ru = "Такой переписки нет, или вы в ней не участвуете."


@dataclass(frozen=True)
class Conversation:
    school_id: UUID | None = None
    participants: tuple[UUID, ...] = ()
    messages: tuple[UUID, ...] = ()
    seen: tuple[tuple[UUID, UUID], ...] = ()


@dataclass(frozen=True)
class OpenConversation:
    conversation_id: UUID
    school_id: UUID
    participants: tuple[UUID, ...]
    pupil_id: UUID | None
    subject: str
    message_id: UUID
    text: str


@dataclass(frozen=True)
class SendMessage:
    conversation_id: UUID
    author_id: UUID
    message_id: UUID
    text: str


def evolve(conversation: Conversation, event: Event) -> Conversation:
    match event:
        case ConversationOpened(school_id=school, participants=people):
            return replace(conversation, school_id=school, participants=people)
        case MessageSent(message_id=message):
            return replace(conversation, messages=(*conversation.messages, message))
        case MessagesSeen(person_id=person, message_id=message):
            kept = tuple(pair for pair in conversation.seen if pair[0] != person)
            return replace(conversation, seen=(*kept, (person, message)))
    return conversation


def open_conversation(conversation: Conversation, command: OpenConversation) -> list[Event]:
    """The first participant begins it and writes the first message."""
    if conversation.participants:
        raise AlreadyOpened("/conversation_id")
    author = command.participants[0]
    opened = ConversationOpened(
        conversation_id=command.conversation_id,
        school_id=command.school_id,
        participants=command.participants,
        pupil_id=command.pupil_id,
        subject=seal(author, _subject(command.subject)),
    )
    first = SendMessage(command.conversation_id, author, command.message_id, command.text)
    return [opened, *send_message(evolve(conversation, opened), first)]


def send_message(conversation: Conversation, command: SendMessage) -> list[Event]:
    if command.author_id not in conversation.participants or conversation.school_id is None:
        raise NoConversation()
    if command.message_id in conversation.messages:
        return []
    sent = MessageSent(
        conversation_id=command.conversation_id,
        school_id=conversation.school_id,
        message_id=command.message_id,
        author_id=command.author_id,
        participants=conversation.participants,
        text=text(command.author_id, command.text),
    )
    return [sent]


def see_messages(conversation: Conversation, conversation_id: UUID, person: UUID, message: UUID) -> list[Event]:
    """Seen up to a message. What was seen before stays seen."""
    if person not in conversation.participants or message not in conversation.messages:
        raise NoConversation()
    seen = dict(conversation.seen).get(person)
    order = conversation.messages.index
    if conversation.school_id is None or (seen is not None and order(seen) >= order(message)):
        return []
    return [
        MessagesSeen(
            conversation_id=conversation_id, school_id=conversation.school_id, person_id=person, message_id=message
        )
    ]


def _subject(written: str) -> str:
    subject = written.strip()
    if not subject:
        raise SubjectMissing("/subject")
    if sign := FORBIDDEN.search(subject):
        raise SubjectForbidden("/subject", sign=sign.group() if sign.group().isprintable() else "↵")
    if len(subject) > SUBJECT_LIMIT:
        raise SubjectTooLong("/subject", length=len(subject), limit=SUBJECT_LIMIT)
    return subject
