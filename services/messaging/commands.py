"""Use cases: load, decide, save. Who may write to whom is asked here."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.messaging.domain import conversations as domain
from services.messaging.domain.conversations import Conversation, OpenConversation, SendMessage, WrongAddressee
from shared import access
from shared.clock import Calendar
from shared.contracts import Event
from shared.eventstore import Answer, Intent, Ledger
from shared.postgres import Conn

STAFF = ("teacher", "office", "administrator")


@dataclass(frozen=True)
class Opening:
    """What the one who begins a conversation says; the school follows from the child or the readers."""

    conversation_id: UUID
    others: tuple[UUID, ...]
    pupil_id: UUID | None
    subject: str
    message_id: UUID
    text: str

    def at(self, author: UUID, school: UUID) -> OpenConversation:
        people = tuple(dict.fromkeys((author, *self.others)))  # one named twice takes part once
        return OpenConversation(
            self.conversation_id, school, people, self.pupil_id, self.subject, self.message_id, self.text
        )


def open_conversation(ledger: Ledger, calendar: Calendar, opening: Opening, intent: Intent) -> Answer:
    """Begin a conversation with its first message. Raises what the domain refuses, and WrongAddressee."""

    def decide(conversation: Conversation, conn: Conn) -> list[Event]:
        school = _school(conn, calendar, intent.actor, opening)
        for n, other in enumerate(opening.others):
            if not _may_write(conn, calendar, intent.actor, other, opening.pupil_id, school):
                raise WrongAddressee(f"/participants/{n}")
        return domain.open_conversation(conversation, opening.at(intent.actor, school))

    return ledger.change(opening.conversation_id, Conversation(), domain.evolve, decide, intent)


def send_message(ledger: Ledger, command: SendMessage, intent: Intent) -> Answer:
    """Write into a conversation one takes part in."""

    def decide(conversation: Conversation, conn: Conn) -> list[Event]:
        return domain.send_message(conversation, command)

    return ledger.change(command.conversation_id, Conversation(), domain.evolve, decide, intent)


def see_messages(ledger: Ledger, conversation_id: UUID, message_id: UUID, intent: Intent) -> Answer:
    """Confirm that one has read up to a message."""

    def decide(conversation: Conversation, conn: Conn) -> list[Event]:
        return domain.see_messages(conversation, conversation_id, intent.actor, message_id)

    return ledger.change(conversation_id, Conversation(), domain.evolve, decide, intent)


def _school(conn: Conn, calendar: Calendar, author: UUID, opening: Opening) -> UUID:
    """The child's school, or one where the author and the first reader both work. Raises WrongAddressee."""
    on = calendar.today("UTC")
    if opening.pupil_id is not None:
        learns = [held.school_id for held in access.roles_of(conn, opening.pupil_id, on) if held.role == "pupil"]
        if learns:
            return learns[0]
    elif opening.others and (shared := _workplaces(conn, author, on) & _workplaces(conn, opening.others[0], on)):
        return min(shared)
    raise WrongAddressee("/participants/0")


def _may_write(conn: Conn, calendar: Calendar, author: UUID, other: UUID, pupil: UUID | None, school: UUID) -> bool:
    """A guardian with the right to act to the child's teachers and office, they to him; staff to staff of a school.

    The operator's client is no person and writes to nobody.
    """
    on = calendar.today(access.zone_of(conn, school))
    if author == access.OPERATOR:
        return False
    if pupil is None:
        return author != other and school in _workplaces(conn, other, on)
    guardians = {tie.person_id for tie in access.guardians_of(conn, pupil, "act")}
    if author in guardians:
        return other not in guardians and other != pupil and access.may_see_pupil(conn, other, pupil, on)
    return other in guardians and author != pupil and access.may_see_pupil(conn, author, pupil, on)


def _workplaces(conn: Conn, person: UUID, on: date) -> set[UUID]:
    return {held.school_id for held in access.roles_of(conn, person, on) if held.role in STAFF}
