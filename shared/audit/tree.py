"""The Merkle tree of RFC 9162, section 2.1, over the leaves of events (leaf.py) in the order of their numbers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256

EMPTY = sha256().digest()
"""The root of a tree without leaves."""


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two halves."""
    return sha256(b"\x01" + left + right).digest()


@dataclass
class Growing:
    """A tree that only grows: of its `size` leaves it keeps the roots of the whole subtrees, the largest first.

    Their sizes are the powers of two that `size` is the sum of, so a tree of a million leaves keeps at most twenty.
    """

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def add(self, hashes: Iterable[bytes]) -> None:
        """Append leaves."""
        for hashed in hashes:
            for _ in self.grow(hashed):
                pass

    def grow(self, hashed: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Append one leaf. Yields each subtree that is whole now: its level, its place there, its hash."""
        size, level = self.size, 0
        yield level, size, hashed
        while size & 1:
            hashed = node(self.peaks.pop(), hashed)
            size, level = size >> 1, level + 1
            yield level, size, hashed
        self.peaks.append(hashed)
        self.size += 1

    def root(self) -> bytes:
        """The hash of all leaves so far."""
        if not self.peaks:
            return EMPTY
        found = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            found = node(peak, found)
        return found
