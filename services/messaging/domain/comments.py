"""Comments of teachers and guardians beside one record of one child: a thread. Pure."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID, uuid5

from services.messaging.domain.texts import text
from shared.contracts import Event
from shared.contracts.messaging import About, Author, CommentWritten


@dataclass(frozen=True, slots=True)
class Record:
    """What a thread stands beside. `group_id` None: a record of the school's, of no group."""

    about: About
    object_id: UUID
    pupil_id: UUID
    group_id: UUID | None
    on: date

    @property
    def thread(self) -> UUID:
        return thread_of(self.object_id, self.pupil_id)


@dataclass(frozen=True, slots=True)
class Thread:
    """`record` is that of its first comment, and stays."""

    record: Record | None = None
    comments: tuple[UUID, ...] = ()
    authors: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Write:
    """`told`: persons who are told of it, beside those who wrote in the thread before."""

    school_id: UUID
    record: Record
    comment_id: UUID
    author_id: UUID
    author: Author
    told: frozenset[UUID]
    text: str


def thread_of(object_id: UUID, pupil_id: UUID) -> UUID:
    """The stream of the comments beside one record of one child."""
    return uuid5(pupil_id, f"comments {object_id}")


def evolve(thread: Thread, event: Event) -> Thread:
    match event:
        case CommentWritten(comment_id=comment, author_id=author) as e:
            record = thread.record or Record(e.about, e.object_id, e.pupil_id, e.group_id, e.on)
            return replace(
                thread, record=record, comments=(*thread.comments, comment), authors=thread.authors | {author}
            )
    return thread


def write(thread: Thread, command: Write) -> list[Event]:
    """One more comment. One that is there already stays as it is."""
    if command.comment_id in thread.comments:
        return []
    record = thread.record or command.record
    return [
        CommentWritten(
            thread_id=record.thread,
            school_id=command.school_id,
            about=record.about,
            object_id=record.object_id,
            pupil_id=record.pupil_id,
            group_id=record.group_id,
            on=record.on,
            comment_id=command.comment_id,
            author_id=command.author_id,
            author=command.author,
            readers=tuple(sorted((command.told | thread.authors) - {command.author_id})),
            text=text(record.pupil_id, command.text),
        )
    ]
