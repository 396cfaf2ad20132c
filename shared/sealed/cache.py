"""What the ring has answered lately, in this process only."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from threading import Lock
from time import monotonic
from uuid import UUID

from shared.sealed.boxes import Destroyed

SECONDS = 30.0
MOST = 20_000
"""Owners; about 5 MB."""


class Cache:
    """Bounded and thread-safe: entries live 30 s, and beyond 20,000 the oldest go first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: OrderedDict[UUID, tuple[float, bytes | Destroyed]] = OrderedDict()

    def get(self, owners: Iterable[UUID]) -> dict[UUID, bytes | Destroyed]:
        """Those still known."""
        now = monotonic()
        with self._lock:
            found = {owner: known for owner in owners if (known := self._known.get(owner)) is not None}
        return {owner: answer for owner, (until, answer) in found.items() if until > now}

    def put(self, answers: Mapping[UUID, bytes | Destroyed]) -> None:
        until = monotonic() + SECONDS
        with self._lock:
            for owner, answer in answers.items():
                self._known[owner] = (until, answer)
                self._known.move_to_end(owner)
            while len(self._known) > MOST:
                self._known.popitem(last=False)

    def drop(self, owner: UUID) -> None:
        with self._lock:
            self._known.pop(owner, None)
