"""What it learns of others, the names of people, and what it tells its own pages of its own events."""

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from shared import access
from shared.contracts import roster
from shared.contracts.envelope import Received
from shared.contracts.messaging import (
    CommentWritten,
    ConversationOpened,
    MessageSent,
    MessagesSeen,
    RemarkMade,
    RemarkReworded,
    RemarkShown,
    RemarkWithdrawn,
    WeekSigned,
)
from shared.contracts.roster import PersonDescribed
from shared.postgres import Conn
from shared.stream import Projection

NAME_PERSON = """
INSERT INTO people (person_id, name) SELECT * FROM unnest(%b::uuid[], %b::text[])
ON CONFLICT (person_id) DO UPDATE SET name = excluded.name
"""
FORGET = "DELETE FROM people WHERE person_id = ANY (%s)"


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """Keep the names; a person whose key was destroyed is forgotten."""
    last = {one.event.person_id: one.event for one in received if isinstance(one.event, PersonDescribed)}
    named = {id_: _name(p) for id_, p in last.items() if p.family_name.text is not None}
    if named:
        conn.execute(NAME_PERSON, [list(named), list(named.values())])
    if erased := last.keys() - named.keys():
        conn.execute(FORGET, [list(erased)])


def _name(p: PersonDescribed) -> str:
    parts = (p.family_name.text, p.given_name.text, p.middle_name and p.middle_name.text)
    return " ".join(part for part in parts if part)


ERASED = (
    "DELETE FROM people WHERE person_id = ANY (%(people)s)",
    "UPDATE messages SET text = '' WHERE author_id = ANY (%(people)s) AND text <> ''",
    """
    UPDATE conversations c SET subject = '' WHERE c.subject <> '' AND EXISTS (
        SELECT FROM messages m WHERE m.conversation_id = c.conversation_id AND m.version <= 2
          AND m.author_id = ANY (%(people)s))
    """,
    "UPDATE comments SET text = '' WHERE pupil_id = ANY (%(people)s) AND text <> ''",
    """
    UPDATE remarks SET written = '', text = CASE WHEN text IS NOT NULL THEN '' END,
        reason = CASE WHEN reason IS NOT NULL THEN '' END
    WHERE pupil_id = ANY (%(people)s) AND written <> ''
    """,
)
"""What is kept opened of a person; a conversation's subject is its first author's, what is written of a child its."""

PROJECTION = Projection(
    name="messaging.people.1",
    topics=("diary.roster",),
    apply=apply,
    handles=frozenset({PersonDescribed}),
    leaves=frozenset(
        {
            roster.SchoolDescribed,
            roster.YearPlanned,
            roster.GroupDescribed,
            roster.GroupClosed,
            roster.EnrolmentsSet,
            roster.RolesSet,
            roster.FamilySet,
            *roster.TIE_REQUESTS,
            roster.PersonErased,
            roster.ImportApplied,
        }
    ),
    tables=("people",),
    opens=True,
)


def nothing(conn: Conn, received: Sequence[Received]) -> None:
    """The archive is written in the event's own transaction."""


THEIRS = "SELECT DISTINCT person_id FROM participants WHERE conversation_id = ANY (%s)"


def touched(conn: Conn, received: Sequence[Received]) -> Iterable[str]:
    """Those in whose conversations something was written or read, or of whose child."""
    changed = {one.event.conversation_id for one in received if isinstance(one.event, (MessageSent, MessagesSeen))}
    people = {person for (person,) in conn.execute(THEIRS, [list(changed)])} if changed else set()
    return sorted({str(person) for person in people.union(*(_readers(conn, one) for one in received))})


AUTHOR = "SELECT author_id FROM remarks WHERE remark_id = %s"


def _readers(conn: Conn, one: Received) -> Iterator[UUID]:
    match one.event:
        case CommentWritten(author_id=author, readers=readers):
            yield from (author, *readers)
        case RemarkMade(pupil_id=pupil, shown=False) | RemarkReworded(pupil_id=pupil):
            yield one.event.author_id
            yield from access.tutors_of(conn, pupil, one.time.date())
        case RemarkMade(pupil_id=pupil) | RemarkShown(pupil_id=pupil) | RemarkWithdrawn(pupil_id=pupil):
            yield pupil
            yield from (tie.person_id for tie in access.guardians_of(conn, pupil))
            yield from (author for (author,) in conn.execute(AUTHOR, [one.event.remark_id]))
            yield from access.tutors_of(conn, pupil, one.time.date())


LIVE = Projection(
    name="messaging.live.1",
    topics=("diary.messaging",),
    apply=nothing,
    handles=frozenset(
        {
            ConversationOpened,
            MessageSent,
            MessagesSeen,
            CommentWritten,
            RemarkMade,
            RemarkReworded,
            RemarkShown,
            RemarkWithdrawn,
        }
    ),
    leaves=frozenset({WeekSigned}),
    from_now=True,
    touched=touched,
)
