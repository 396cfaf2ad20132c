"""Kafka headers of an event, and the partition it belongs to."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from aiokafka.partitioner import murmur2

CONTENT_TYPE = b"application/cloudevents+json"

Place = tuple[str, int]
"""Topic and partition."""


@dataclass(frozen=True, slots=True)
class Headers:
    """Where an event stands in its source.

    `sequence` is its position in the source's store, `prev` that of the event before it in the same partition
    (0: there is none). Both count within `epoch`, which a source begins anew when its operator gives a tail up: by a
    record that `begins` it and is no event, with the last number that stands in both (epochs.py).
    """

    epoch: int
    sequence: int
    prev: int
    traceparent: str | None = None
    correlation_id: str | None = None
    begins: bool = False


def pack(headers: Headers) -> list[tuple[str, bytes]]:
    """As Kafka carries them."""
    packed = [
        ("epoch", b"%d" % headers.epoch),
        ("sequence", b"%d" % headers.sequence),
        ("prev", b"%d" % headers.prev),
        ("content-type", b"application/json" if headers.begins else CONTENT_TYPE),
    ]
    if headers.begins:
        packed.append(("begins", b"epoch"))
    if headers.traceparent:
        packed.append(("traceparent", headers.traceparent.encode()))
    if headers.correlation_id:
        packed.append(("correlation_id", headers.correlation_id.encode()))
    return packed


def unpack(packed: Iterable[tuple[str, bytes]]) -> Headers:
    """Raises ValueError when one of the three numbers is missing or is none: no relay of ours wrote that."""
    found = dict(packed)
    try:
        epoch, sequence, prev = (int(found[name]) for name in ("epoch", "sequence", "prev"))
    except KeyError as missing:
        raise ValueError(f"no header {missing}") from None
    traceparent, correlation_id = _text(found.get("traceparent")), _text(found.get("correlation_id"))
    return Headers(epoch, sequence, prev, traceparent, correlation_id, begins="begins" in found)


def _text(value: bytes | None) -> str | None:
    return value.decode(errors="replace") if value else None


@lru_cache(maxsize=100_000)  # a city's schools over and over; the hash is Python, one byte after the other
def partition_of(key: bytes, partitions: int) -> int:
    """The partition that the Java client would choose, so that every client agrees on it."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)
