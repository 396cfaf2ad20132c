"""An event as it comes out of a topic, readable or not."""

import json
from dataclasses import dataclass
from uuid import UUID

from pydantic import ValidationError

from shared.contracts import UnknownType, decode
from shared.contracts.envelope import Envelope, Received, envelope_of
from shared.stream.headers import Headers, unpack


@dataclass(frozen=True, slots=True)
class Arrival:
    """One record of a log.

    `place` is None when its headers are not a relay's. Of what cannot be read, `trouble` says why, `received` is
    None, and `envelope` too if not even that could be read.
    """

    topic: str
    partition: int
    offset: int
    document: bytes
    place: Headers | None
    envelope: Envelope | None
    received: Received | None
    trouble: str = ""

    @property
    def subject(self) -> UUID | None:
        """The stream, as far as it is known."""
        return self.envelope.subject if self.envelope else None

    @property
    def import_id(self) -> UUID | None:
        """The import it belongs to and has to wait for."""
        return None if self.envelope is None or self.releases else self.envelope.import_id

    @property
    def releases(self) -> UUID | None:
        """The import that is complete with this event: one of the import's own stream says so."""
        if self.envelope is None or self.envelope.import_id != self.envelope.subject:
            return None
        return self.envelope.import_id


def arrive(topic: str, partition: int, offset: int, headers: tuple[tuple[str, bytes], ...], value: bytes) -> Arrival:
    """Read a record. Never raises for what it holds."""
    try:
        return reread(topic, partition, offset, unpack(headers), value)
    except ValueError as error:
        unplaced = reread(topic, partition, offset, None, value)
        return Arrival(topic, partition, offset, value, None, unplaced.envelope, None, f"headers: {error}")


def reread(topic: str, partition: int, offset: int, place: Headers | None, value: bytes) -> Arrival:
    """Read a record whose place is known already: one that was parked or held."""
    envelope, received, trouble = None, None, ""
    try:
        document = json.loads(value)
        envelope = envelope_of(document)
        event = decode(envelope.type, document["data"])
        received = Received(event, envelope, place.sequence if place else None)
    except UnknownType as error:
        trouble = f"no contract for {error}"
    except Exception as error:  # an upcast step may fail in any way
        trouble = f"unreadable: {describe(error)}"
    return Arrival(topic, partition, offset, value, place, envelope, received, trouble)


def describe(error: Exception) -> str:
    """What went wrong, without values: they may be people's data."""
    name = type(error).__qualname__
    if isinstance(error, ValidationError):
        found = (f"{'/'.join(map(str, e['loc']))} {e['type']}" for e in error.errors(include_input=False)[:5])
        return f"{name} {'; '.join(found)}"
    if diag := getattr(error, "diag", None):
        facts = (diag.sqlstate, diag.message_primary, diag.table_name, diag.constraint_name)
        return f"{name} {' '.join(str(fact) for fact in facts if fact)}"
    at = error.__traceback__
    while at and at.tb_next:
        at = at.tb_next
    return f"{name} at {at.tb_frame.f_code.co_name}:{at.tb_lineno}" if at else name
