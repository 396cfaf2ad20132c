"""What people of a school write to each other and of a child. Written by the messaging service."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from shared.contracts import Event, Sealed, contract

Author = Literal["staff", "guardian"]
About = Literal["mark", "lesson", "remark"]
KindOfRemark = Literal["praise", "remark", "incident"]


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


@contract("diary.messaging.comment-written.v1")
class CommentWritten(Event):
    """A teacher or a guardian wrote beside a mark, a lesson or a remark of a child, who does not read it."""

    thread_id: UUID = Field(description="what is written beside this record of this child")
    school_id: UUID = Field(description="the school")
    about: About = Field(description="what kind of record it stands beside")
    object_id: UUID = Field(description="the work, the lesson or the remark")
    pupil_id: UUID = Field(description="the child")
    group_id: UUID | None = Field(None, description="the group whose record it is; none for one of the school's")
    on: date = Field(description="the record's day at the school")
    comment_id: UUID = Field(description="the comment")
    author_id: UUID = Field(description="the person who wrote it")
    author: Author = Field(description="as what: staff of the school, or a guardian")
    readers: tuple[UUID, ...] = Field(description="persons who are told of it")
    text: Sealed = Field(description="sealed with the child's key")


@contract("diary.messaging.remark-made.v1")
class RemarkMade(Event):
    """The school wrote down how a child behaved."""

    remark_id: UUID = Field(description="the remark")
    school_id: UUID = Field(description="the school")
    pupil_id: UUID = Field(description="the child")
    kind: KindOfRemark = Field(description="praise, remark, or an incident")
    on: date = Field(description="the day at the school")
    group_id: UUID | None = Field(None, description="in whose lesson; none: outside of lessons")
    author_id: UUID = Field(description="the person who wrote it")
    shown: bool = Field(description="whether the family reads it at once; if not, when the tutor has worded it")
    text: Sealed = Field(description="sealed with the child's key")


@contract("diary.messaging.remark-reworded.v1")
class RemarkReworded(Event):
    """Its author wrote a remark that the family had not been shown in other words."""

    remark_id: UUID = Field(description="the remark")
    school_id: UUID = Field(description="the school")
    pupil_id: UUID = Field(description="the child")
    kind: KindOfRemark = Field(description="as it was made")
    on: date = Field(description="the day it is of")
    author_id: UUID = Field(description="the person who wrote it, then and now")
    text: Sealed = Field(description="in place of what was written before; sealed with the child's key")


@contract("diary.messaging.remark-shown.v1")
class RemarkShown(Event):
    """The tutor, or who runs the school, let the family read a remark: in these words."""

    remark_id: UUID = Field(description="the remark")
    school_id: UUID = Field(description="the school")
    pupil_id: UUID = Field(description="the child")
    kind: KindOfRemark = Field(description="as it was made")
    on: date = Field(description="the day it is of")
    text: Sealed = Field(description="as the family reads it; sealed with the child's key")


@contract("diary.messaging.remark-withdrawn.v1")
class RemarkWithdrawn(Event):
    """A remark was taken back; the family does not read it any more, the journal of operations keeps it."""

    remark_id: UUID = Field(description="the remark")
    school_id: UUID = Field(description="the school")
    pupil_id: UUID = Field(description="the child")
    on: date = Field(description="the day it was of")
    shown: bool = Field(description="whether the family had been shown it")
    reason: Sealed = Field(description="why; sealed with the child's key")


@contract("diary.messaging.week-signed.v1")
class WeekSigned(Event):
    """A guardian confirmed that he has read a week of the diary, as it stood then."""

    school_id: UUID = Field(description="the school")
    pupil_id: UUID = Field(description="the child")
    monday: date = Field(description="the week's first day")
    by_id: UUID = Field(description="the guardian")
