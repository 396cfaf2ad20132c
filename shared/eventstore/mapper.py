"""The library's mapper, made to store the published document itself: its bytes are `envelope.write`'s."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent

from shared.contracts import Event
from shared.contracts.envelope import Envelope, read, write


@dataclass(frozen=True, slots=True)
class Recorded:
    """One of our events as the library's domain event."""

    originator_id: UUID
    originator_version: int
    event: Event
    envelope: Envelope


@dataclass(frozen=True)
class StoredDocument(StoredEvent):
    """A stored event with the columns of our table. `topic` is the wire name, `state` the CloudEvents document."""

    key: UUID
    actor: UUID
    command: UUID
    import_id: UUID | None
    time: datetime


class DocumentMapper(Mapper[UUID]):
    """`Recorded` to CloudEvents 1.0 JSON and back; no topic of the library and no transcoder is involved."""

    def __init__(self) -> None:
        super().__init__(JSONTranscoder())

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredDocument:
        if not isinstance(domain_event, Recorded):
            raise TypeError(f"only Recorded is stored, not {type(domain_event).__name__}")
        envelope = domain_event.envelope
        return StoredDocument(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=envelope.type,
            state=write(envelope, domain_event.event),
            key=envelope.key,
            actor=envelope.actor,
            command=envelope.command_id,
            import_id=envelope.import_id,
            time=envelope.time,
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Recorded:
        """The event in its newest version. Raises as `envelope.read` does."""
        received = read(stored_event.state)
        return Recorded(received.envelope.subject, received.envelope.version, received.event, received.envelope)
