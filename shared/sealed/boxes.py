"""Sealing and opening, pure: keys come in, no database is asked.

A box is base64 of nonce (12 bytes), ciphertext and tag under AES-256-GCM. Its associated data is
`owner|event id|path`, so that a box opens only in the event and at the place where it was sealed.
"""

import base64
import binascii
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TypeVar, cast, get_args, get_type_hints
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel

from shared.contracts import Event, Sealed
from shared.errors import Refused

NONCE = 12

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Destroyed:
    """The owner's key was destroyed for good: when, and by which act of erasure."""

    when: datetime
    act: str


Keys = Mapping[UUID, "bytes | Destroyed"]


class OwnerErased(Refused):
    """This person's data has been erased: nothing more can be written about them."""

    code = "sealed.owner-erased"
    kind = "conflict"
    ru = "Данные этого человека уничтожены: писать о нём больше нельзя."


class NoAnswer(Exception):
    """The key ring does not answer, or cannot read its own keys. Nothing is known about any owner: wait, ask again."""


class NoKey(NoAnswer):
    """The ring knows neither a key nor an erasure of this owner: it was restored to before the event. Not erased."""


class NotGenuine(Exception):
    """A box is not what its owner's key sealed at this place of this event: it was moved, changed, or cut."""


def seal_with(keys: Keys, event: E, event_id: str) -> E:
    """The event with a box for every text, and no text left.

    Raises OwnerErased for an owner whose key was destroyed, ValueError for a `Sealed` without text.
    """

    def closed(sealed: Sealed, path: str) -> Sealed:
        if sealed.text is None:
            raise ValueError(f"nothing to seal at {path} of {event_id}")
        match keys[sealed.owner_id]:
            case Destroyed():
                raise OwnerErased(at="/" + path)
            case bytes(key):
                nonce = os.urandom(NONCE)
                box = nonce + AESGCM(key).encrypt(nonce, sealed.text.encode(), _place(sealed, event_id, path))
                return type(sealed)(owner_id=sealed.owner_id, box=base64.b64encode(box).decode())

    return _mapped(event, closed)


def open_with(keys: Keys, event: E, event_id: str) -> E:
    """The event with the text of every box, None where the key was destroyed. Raises NoKey and NotGenuine."""
    return _mapped(
        event,
        lambda sealed, path: type(sealed)(
            owner_id=sealed.owner_id, box=sealed.box, text=text_of(keys, sealed, event_id, path)
        ),
    )


def text_of(keys: Keys, sealed: Sealed, event_id: str, path: str) -> str | None:
    """The text in one box, None if its owner's key was destroyed. Raises NoKey and NotGenuine."""
    match keys.get(sealed.owner_id):
        case None:
            raise NoKey(f"no key of {sealed.owner_id}, though {event_id} has a box of theirs")
        case Destroyed():
            return None
        case bytes(key):
            try:
                box = binascii.a2b_base64(sealed.box, strict_mode=True)
                return AESGCM(key).decrypt(box[:NONCE], box[NONCE:], _place(sealed, event_id, path)).decode()
            except (InvalidTag, ValueError, binascii.Error) as why:
                raise NotGenuine(f"the box at {path} of {event_id} does not open") from why


def owners(event: Event) -> list[UUID]:
    """Whose keys the event needs; an owner comes once for each of their boxes."""
    found: list[UUID] = []
    if can_hold_sealed(type(event)):
        _collect(event, found)
    return found


def _collect(value: object, found: list[UUID]) -> None:
    match value:
        case Sealed():
            found.append(value.owner_id)
        case BaseModel():
            for name in _holders(type(value)):
                _collect(getattr(value, name), found)
        case tuple():
            for part in value:
                _collect(part, found)


def _place(sealed: Sealed, event_id: str, path: str) -> bytes:
    return f"{sealed.owner_id}|{event_id}|{path}".encode()


@cache
def can_hold_sealed(model: type[BaseModel]) -> bool:
    """Whether an instance can hold a `Sealed` anywhere: decided once for each class, from its fields' types."""
    return bool(_holders(model))


@cache
def _holders(model: type[BaseModel]) -> tuple[str, ...]:
    hints = get_type_hints(model)
    return tuple(name for name in model.model_fields if _holds(hints[name]))


def _holds(hint: object) -> bool:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return issubclass(hint, Sealed) or can_hold_sealed(hint)
    return any(_holds(part) for part in get_args(hint))


Change = Callable[[Sealed, str], Sealed]


def _mapped(event: E, change: Change) -> E:
    return cast(E, _walk(event, "", change))


def _walk(value: object, path: str, change: Change) -> object:
    match value:
        case Sealed():
            return change(value, path)
        case BaseModel():
            before = path and path + "/"
            parts = {name: getattr(value, name) for name in _holders(type(value))}
            new = {name: _walk(part, before + name, change) for name, part in parts.items() if part is not None}
            return value.model_copy(update=new) if new else value
        case tuple():
            return tuple(_walk(part, f"{path}/{n}", change) for n, part in enumerate(value))
    return value
