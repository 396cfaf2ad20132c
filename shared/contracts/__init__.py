"""Domain events as contracts: declared once, stored and published as such.

A contract is a frozen pydantic model with a wire name that never changes. The store's mapper and every Kafka
consumer read through `decode`, which lifts old versions step by step; nothing stored is ever rewritten.
"""

import json
from collections.abc import Callable
from typing import Annotated, Any, ClassVar, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Json = dict[str, Any]


class Part(BaseModel):
    """A value inside an event. Unknown fields are read past, so that a newer writer may add optional ones."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(Part):
    """A fact. Ids are opaque, free text is `Sealed`; who, when and why stand in the envelope."""

    TYPE: ClassVar[str]
    """The wire name with its version, for example `diary.grades.marks-given.v2`."""

    KEY: ClassVar[str]
    """The field whose value is the partition key and the row-level-security scope: `school_id` or a person's id."""

    TOPIC: ClassVar[str]
    """The Kafka topic, for example `diary.grades`."""

    @property
    def key(self) -> UUID:
        """The school's id, or the person's for streams that belong to a person (docs/events.md has the table)."""
        return UUID(str(getattr(self, self.KEY)))


def _as_on_the_wire(schema: Json) -> None:
    schema["required"] = ["owner_id", "box"]
    schema["properties"]["box"] |= {"pattern": r"^[A-Za-z0-9+/]{38,}={0,2}$"}
    del schema["properties"]["box"]["default"]


class Sealed(Part):
    """Text that only holders of its owner's key can read; the event's id and the field's place are bound into it."""

    # In memory a new one carries `text` and no box yet: the ledger seals it before it is stored.
    model_config = ConfigDict(json_schema_extra=_as_on_the_wire)

    owner_id: UUID = Field(description="whose key seals it: a person, or a school for text about nobody in particular")
    box: str = Field("", pattern=r"^[A-Za-z0-9+/=]*$", description="base64 of nonce, ciphertext and tag (AES-256-GCM)")
    text: str | None = Field(None, exclude=True, repr=False, max_length=4000, description="never on the wire")


class SealedFile(Sealed):
    """A file in base64 that only holders of its owner's key can read, of at most 400 kB."""

    text: str | None = Field(None, exclude=True, repr=False, max_length=550_000, description="never on the wire")


def seal(owner_id: UUID, text: str) -> Sealed:
    """Text to be sealed when its event is stored."""
    return Sealed(owner_id=owner_id, text=text)


Title = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")]
"""A published name of a thing, never of a person: a school, a class, a subject, a room."""

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
"""One of an open list of codes; readers keep codes they do not know."""

CONTRACTS: dict[str, type[Event]] = {}
"""The newest version of each event by its wire name."""

UPCASTS: dict[str, tuple[str, Callable[[Json], Json]]] = {}
"""Old wire name → (the next one, one step dict to dict)."""

E = TypeVar("E", bound=type[Event])
Step = TypeVar("Step", bound=Callable[[Json], Json])


class UnknownType(LookupError):
    """The event's type is in no contract this process knows: written by a newer version, or not ours."""


def contract(type_: str, *, key: str = "school_id", topic: str | None = None) -> Callable[[E], E]:
    """Declare an event under its wire name `diary.<service>.<what-happened>.v<N>`."""

    def declare(event: E) -> E:
        event.TYPE, event.KEY = type_, key
        event.TOPIC = topic or ".".join(type_.split(".")[:2])
        CONTRACTS[type_] = event
        return event

    return declare


def upcast(old: str, new: str) -> Callable[[Step], Step]:
    """Declare one step from an old version's data to the next version's."""

    def declare(step: Step) -> Step:
        UPCASTS[old] = (new, step)
        return step

    return declare


def decode(type_: str, data: Json) -> Event:
    """The event in its newest version, whatever version was stored.

    Raises UnknownType for a type in no contract, pydantic.ValidationError for data its contract cannot read.
    """
    while type_ in UPCASTS:
        type_, step = UPCASTS[type_]
        data = step(data)
    if type_ not in CONTRACTS:
        raise UnknownType(type_)
    return CONTRACTS[type_].model_validate(data)


def decode_json(type_: str, data: bytes) -> Event:
    """The same from JSON; what needs no step is not taken apart twice."""
    if type_ in UPCASTS:
        return decode(type_, json.loads(data))
    if type_ not in CONTRACTS:
        raise UnknownType(type_)
    return CONTRACTS[type_].model_validate_json(data)


def newest(type_: str) -> type[Event] | None:
    """What an event of this wire name is read as; None if this process knows no such type."""
    while type_ in UPCASTS:
        type_, _ = UPCASTS[type_]
    return CONTRACTS.get(type_)


from shared.contracts import attendance, grades, identity, lessons, messaging, notify, roster  # noqa: E402

__all__ = [
    "CONTRACTS", "UPCASTS", "Code", "Event", "Json", "Part", "Sealed", "Title", "UnknownType", "attendance", "contract",
    "decode", "decode_json", "grades", "identity", "lessons", "messaging", "newest", "notify", "roster", "seal",
    "upcast",
]  # fmt: skip
