"""What an operator gave up: a store that cannot be healed goes on in a new epoch, and each partition says from where.

The relay begins an epoch in a partition with a record of its own: numbers count anew from there, and of all that stands
before it in the log, what is above the number that it names is no event any more. Nothing is deleted.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition

from shared.postgres import Conn
from shared.stream.headers import Headers, Place, unpack

WINDOW = 1000
"""Records before the place where the epoch changes in which the one that begins it stands: a relay that was stopped and
woke up may have left its last batch behind that one."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Of one partition: before the log's offset `end`, what is numbered above `kept` was given up for this epoch."""

    epoch: int
    kept: int
    end: int

    def spares(self, at: Headers, offset: int) -> bool:
        """Whether a record that stands there is still an event."""
        return at.sequence <= self.kept if offset < self.end else at.epoch >= self.epoch


def stands(at: Headers, offset: int, cuts: Iterable[Cut]) -> bool:
    """Whether a record was given up by none of these."""
    return all(cut.spares(at, offset) for cut in cuts)


CUTS = "SELECT topic, partition, epoch, kept, log_end FROM given_up WHERE topic = ANY(%s) ORDER BY epoch"


def cuts(conn: Conn, topics: Iterable[str]) -> dict[Place, list[Cut]]:
    """What this service's store gave up, by partition, oldest first."""
    found: dict[Place, list[Cut]] = {}
    for topic, partition, *cut in conn.execute(CUTS, [list(topics)]):
        found.setdefault((topic, partition), []).append(Cut(*cut))
    return found


def begins(cut: Cut) -> tuple[Headers, bytes]:
    """The record that begins an epoch in a partition: its headers, and a JSON document that says the same."""
    return Headers(cut.epoch, cut.kept, cut.kept, begins=True), json.dumps(
        {"epoch": cut.epoch, "kept": cut.kept}
    ).encode()


async def cuts_of(consumer: Any, at: TopicPartition) -> Sequence[Cut]:
    """What the log itself says was given up, found without reading it whole: epochs only rise in it.

    The consumer has the partition assigned; where it stands afterwards is not said. Raises KafkaError.
    """
    start, end = (await consumer.beginning_offsets([at]))[at], (await consumer.end_offsets([at]))[at]
    found: list[Cut] = []
    if start == end:
        return found
    epoch, newest = await _epoch(consumer, at, start), await _epoch(consumer, at, end - 1)
    low = start
    while epoch < newest:
        high = end - 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if await _epoch(consumer, at, middle) > epoch else (middle, high)
        for offset in range(max(start, high - WINDOW), high + 1):
            headers = await _headers(consumer, at, offset)
            if headers and headers.begins and headers.epoch > epoch:
                found.append(Cut(headers.epoch, headers.sequence, offset))
                break
        low, epoch = high, await _epoch(consumer, at, high)
    return found


async def _headers(consumer: Any, at: TopicPartition, offset: int) -> Headers | None:
    consumer.seek(at, offset)
    try:
        return unpack((await consumer.getone(at)).headers)
    except ValueError:
        return None


async def _epoch(consumer: Any, at: TopicPartition, offset: int) -> int:
    """Of a record that no relay wrote: 0."""
    headers = await _headers(consumer, at, offset)
    return headers.epoch if headers else 0
