"""Conversations between people of a school. Written by the messaging service."""

from uuid import UUID

from pydantic import Field

from shared.contracts import Event, Sealed, contract


@contract("diary.messaging.conversation-opened.v1")
class ConversationOpened(Event):
    """Someone began a conversation; the participants never change."""

    conversation_id: UUID = Field(description="the conversation")
    school_id: UUID = Field(description="the school whose people talk")
    participants: tuple[UUID, ...] = Field(min_length=2, description="persons, the one who began it first")
    pupil_id: UUID | None = Field(None, description="the child it is about")
    subject: Sealed = Field(description="sealed with the key of the one who began it")


@contract("diary.messaging.message-sent.v1")
class MessageSent(Event):
    """A participant wrote."""

    conversation_id: UUID = Field(description="the conversation")
    school_id: UUID = Field(description="the school")
    message_id: UUID = Field(description="the message")
    author_id: UUID = Field(description="the person who wrote it")
    participants: tuple[UUID, ...] = Field(min_length=2, description="who reads it")
    text: Sealed = Field(description="sealed with the author's key")


@contract("diary.messaging.messages-seen.v1")
class MessagesSeen(Event):
    """A participant read the conversation up to a message."""

    conversation_id: UUID = Field(description="the conversation")
    school_id: UUID = Field(description="the school")
    person_id: UUID = Field(description="who read")
    message_id: UUID = Field(description="the newest message read")
