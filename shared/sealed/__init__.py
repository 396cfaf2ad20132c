"""Free text and names, sealed with a key for each person (or school), so that erasing the key erases the text.

`seal_event` before an event is stored, `open_event`/`open_events` after it is read. See `ring` for the three answers.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from shared.contracts import Sealed
from shared.contracts.envelope import Received
from shared.sealed.boxes import (
    Destroyed,
    E,
    NoAnswer,
    NoKey,
    NotGenuine,
    OwnerErased,
    can_hold_sealed,
    open_with,
    owners,
    seal_with,
    text_of,
)
from shared.sealed.ring import KeyRing
from shared.sealed.roles import SERVICE, create

__all__ = [
    "SERVICE", "Destroyed", "KeyRing", "NoAnswer", "NoKey", "NotGenuine", "OwnerErased",
    "create", "open_event", "open_events", "open_text", "seal_event",
]  # fmt: skip


def seal_event(ring: KeyRing, event: E, event_id: str) -> E:
    """The event ready to be stored: every text sealed with its owner's key, and gone from memory.

    Owners without a key get one. Raises NoAnswer, OwnerErased, and ValueError for a `Sealed` without text.
    """
    if not (needed := set(owners(event))):
        return event
    return seal_with(ring.keys(needed, create=True), event, event_id)


def open_text(ring: KeyRing, sealed: Sealed, event_id: str, path: str) -> str | None:
    """The text of one box of the event, None if the owner's key was destroyed.

    `path` is where it stands in the event, as in `marks/3/comment`. Raises NoAnswer, NoKey, NotGenuine.
    """
    return text_of(ring.keys([sealed.owner_id], create=False), sealed, event_id, path)


def open_event(ring: KeyRing, event: E, event_id: str) -> E:
    """The event with every text it holds, None where the key was destroyed. Raises NoAnswer, NoKey, NotGenuine."""
    if not (needed := set(owners(event))):
        return event
    return open_with(ring.keys(needed, create=False), event, event_id)


def open_events(ring: KeyRing, received: Sequence[Received]) -> list[Received]:
    """A batch opened with one look-up of keys; events without sealed text come back as they are.

    Raises NoAnswer, NoKey, NotGenuine, as `open_event` does; then none is opened.
    """
    of_each = [set(owners(each.event)) if can_hold_sealed(type(each.event)) else set() for each in received]
    needed = set[UUID]().union(*of_each)
    keys = ring.keys(needed, create=False) if needed else {}
    return [
        replace(each, event=open_with(keys, each.event, each.id)) if its else each
        for each, its in zip(received, of_each, strict=True)
    ]
