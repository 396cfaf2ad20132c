"""An event as it comes out of a topic, readable or not."""

from dataclasses import dataclass, replace
from uuid import UUID

from pydantic import ValidationError

from shared.contracts import Event, UnknownType, newest
from shared.contracts.envelope import Head, Received, head_of, read
from shared.stream.headers import Headers, unpack


@dataclass(frozen=True, slots=True)
class Arrival:
    """One record of a log; its event is read only when somebody asks, as most projections leave most events aside.

    `place` is None when its headers are not a relay's, which `trouble` then says. `head` is None when not even the
    envelope can be read.
    """

    topic: str
    partition: int
    offset: int
    document: bytes
    place: Headers | None
    head: Head | None
    trouble: str = ""

    @property
    def kind(self) -> type[Event] | None:
        """What it will be read as; None if that is not known."""
        return newest(self.head.type) if self.head else None

    @property
    def subject(self) -> UUID | None:
        """The stream, as far as it is known."""
        return self.head.subject if self.head else None

    @property
    def import_id(self) -> UUID | None:
        """The import it belongs to and has to wait for."""
        return None if self.head is None or self.head.import_id == self.head.subject else self.head.import_id

    @property
    def releases(self) -> UUID | None:
        """The import that is complete with this event: one of the import's own stream says so."""
        return self.head.import_id if self.head and self.head.import_id == self.head.subject else None

    def read(self) -> tuple[Received | None, str]:
        """The event, or why it cannot be read. Never raises for what it holds."""
        if self.trouble:
            return None, self.trouble
        try:
            return read(self.document, self.place.sequence if self.place else None), ""
        except UnknownType as error:
            return None, f"no contract for {error}"
        except Exception as error:  # an upcast step may fail in any way
            return None, f"unreadable: {describe(error)}"


def arrive(topic: str, partition: int, offset: int, headers: tuple[tuple[str, bytes], ...], value: bytes) -> Arrival:
    """A record as it comes. Never raises for what it holds."""
    try:
        return reread(topic, partition, offset, unpack(headers), value)
    except ValueError as error:
        return replace(reread(topic, partition, offset, None, value), trouble=f"headers: {error}")


def reread(topic: str, partition: int, offset: int, place: Headers | None, value: bytes) -> Arrival:
    """A record whose place is known already: one that was parked or held."""
    try:
        head = head_of(value)
    except Exception:  # `read` will say what it is
        head = None
    return Arrival(topic, partition, offset, value, place, head)


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
