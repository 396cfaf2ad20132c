"""The CloudEvents 1.0 document that is stored, published and audited: one and the same bytes."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

from shared.contracts import Event, Json, decode, decode_json

NOTHING_SEALED = b'"box":""'


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who, when and why of an event; every attribute is a CloudEvents attribute of the same name in lower case.

    `id` is `<stream>:<version>`, unique in its `source`. `source` is `/diary/<service>/<epoch>`. `actor` is the
    person (or machine client) that decided. `command_id` is the client's Idempotency-Key. `import_id` marks the
    decisions of one import, which readers show only after its `import-applied`.
    """

    id: str
    source: str
    type: str
    subject: UUID
    time: datetime
    actor: UUID
    command_id: UUID
    correlation_id: str
    key: UUID
    salt: str
    causation_id: str | None = None
    traceparent: str | None = None
    import_id: UUID | None = None

    @property
    def version(self) -> int:
        """Position in the stream, from 1."""
        return int(self.id.rpartition(":")[2])

    @property
    def service(self) -> str:
        return self.source.split("/")[2]

    @property
    def epoch(self) -> int:
        return int(self.source.split("/")[3])


@dataclass(frozen=True, slots=True)
class Received:
    """An event as a view gets it, from its own store or from Kafka.

    `sequence` is the position in the source's store: None while the event's own transaction is still open.
    """

    event: Event
    envelope: Envelope
    sequence: int | None = None

    @property
    def id(self) -> str:
        return self.envelope.id

    @property
    def time(self) -> datetime:
        return self.envelope.time


def write(envelope: Envelope, event: Event) -> bytes:
    """The document's bytes: UTF-8 JSON without needless spaces, attributes in a fixed order.

    Raises ValueError for an event with text that is not sealed yet: it would be lost.
    """
    document: Json = {
        "specversion": "1.0",
        "id": envelope.id,
        "source": envelope.source,
        "type": envelope.type,
        "subject": str(envelope.subject),
        "time": envelope.time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "partitionkey": str(envelope.key),
        "actor": str(envelope.actor),
        "commandid": str(envelope.command_id),
        "correlationid": envelope.correlation_id,
        "causationid": envelope.causation_id,
        "traceparent": envelope.traceparent,
        "importid": envelope.import_id and str(envelope.import_id),
        "salt": envelope.salt,
    }
    kept = {name: value for name, value in document.items() if value is not None}
    attributes = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    written = f'{attributes[:-1]},"data":{event.model_dump_json(exclude_none=True)}}}'.encode()
    if NOTHING_SEALED in written:  # inside a text its quotes would be escaped
        raise ValueError(f"{envelope.type} {envelope.id} has text that is not sealed")
    return written


# the attributes in the order of `write`; a text with an escape in it, or anybody else's document, is read the long way
ATTRIBUTES = re.compile(
    rb'{"specversion":"1[.]0","id":"([^"\\]*)","source":"([^"\\]*)","type":"([^"\\]*)","subject":"([0-9a-f-]{36})",'
    rb'"time":"([^"\\]*)","datacontenttype":"application/json","partitionkey":"([0-9a-f-]{36})",'
    rb'"actor":"([0-9a-f-]{36})","commandid":"([0-9a-f-]{36})","correlationid":"([^"\\]*)"'
    rb'(?:,"causationid":"([^"\\]*)")?(?:,"traceparent":"([^"\\]*)")?(?:,"importid":"([0-9a-f-]{36})")?'
    rb',"salt":"([^"\\]*)","data":'
)
_repeated = lru_cache(1024)(UUID)
"""For ids that stand in many events, one after the other."""


@dataclass(frozen=True, slots=True)
class Head:
    """What decides what becomes of an event, told without reading its data."""

    type: str
    subject: UUID
    import_id: UUID | None


def head_of(stored: bytes) -> Head:
    """Raises as `envelope_of` does, and ValueError for what is no JSON."""
    if (found := ATTRIBUTES.match(stored)) is None:
        envelope = envelope_of(json.loads(stored))
        return Head(envelope.type, envelope.subject, envelope.import_id)
    type_, subject, import_id = found.group(3, 4, 12)
    return Head(type_.decode(), UUID(subject.decode()), _repeated(import_id.decode()) if import_id else None)


def read(stored: bytes, sequence: int | None = None) -> Received:
    """The event in its newest version with its envelope.

    Raises shared.contracts.UnknownType, pydantic.ValidationError, or KeyError/ValueError for a broken envelope.
    """
    if (found := ATTRIBUTES.match(stored)) is None:
        document: Json = json.loads(stored)
        envelope = envelope_of(document)
        return Received(decode(envelope.type, document["data"]), envelope, sequence)
    texts = (text.decode() if text is not None else None for text in found.groups())
    envelope = _envelope(*texts)  # type: ignore[arg-type]  # only the optional groups can be None
    return Received(decode_json(envelope.type, stored[found.end() : -1]), envelope, sequence)


def _envelope(
    id_: str,
    source: str,
    type_: str,
    subject: str,
    time: str,
    key: str,
    actor: str,
    command_id: str,
    correlation_id: str,
    causation_id: str | None,
    traceparent: str | None,
    import_id: str | None,
    salt: str,
) -> Envelope:
    about = UUID(subject)
    return Envelope(
        id=id_,
        source=source,
        type=type_,
        subject=about,
        time=datetime.fromisoformat(time),
        actor=_repeated(actor),
        command_id=_repeated(command_id),
        correlation_id=correlation_id,
        key=about if key == subject else _repeated(key),
        salt=salt,
        causation_id=causation_id,
        traceparent=traceparent,
        import_id=_repeated(import_id) if import_id else None,
    )


def envelope_of(document: Json) -> Envelope:
    """The attributes alone, which can be read even when the type is unknown."""
    return Envelope(
        id=document["id"],
        source=document["source"],
        type=document["type"],
        subject=UUID(document["subject"]),
        time=datetime.fromisoformat(document["time"]),
        actor=UUID(document["actor"]),
        command_id=UUID(document["commandid"]),
        correlation_id=document["correlationid"],
        key=UUID(document["partitionkey"]),
        salt=document["salt"],
        causation_id=document.get("causationid"),
        traceparent=document.get("traceparent"),
        import_id=UUID(document["importid"]) if "importid" in document else None,
    )
