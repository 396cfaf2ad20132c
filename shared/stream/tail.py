"""The relay's look at the end of its topics before it publishes: is the store still the one that wrote them?"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.postgres import Conn
from shared.settings import Settings
from shared.stream.brokers import brokers
from shared.stream.epochs import Cut, stands
from shared.stream.headers import Headers, Place, unpack

WINDOW = 1000
"""Records looked at in a partition whose position is not known: five batches, more than repeats can fill."""
TIMEOUT = 60.0
"""Seconds for the whole look."""


class Differs(Exception):
    """Store and topic do not belong together: nothing is published until an operator has decided."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The last event that a partition is known to have, and where. Sequence 0 and offset -1: none."""

    epoch: int
    sequence: int
    offset: int


@dataclass(frozen=True, slots=True)
class Logged:
    """A record of a tail."""

    at: Acknowledged
    headers: Headers
    document: bytes

    def stands(self, cuts: Iterable[Cut]) -> bool:
        """Whether it was not given up."""
        return stands(self.headers, self.at.offset, cuts)


RELAYED = "SELECT topic, partition, epoch, sequence, log_offset FROM relayed WHERE topic = ANY(%s)"


def acknowledged(conn: Conn, topics: Iterable[str]) -> dict[Place, Acknowledged]:
    """What this service's relay has saved of each partition."""
    rows = conn.execute(RELAYED, [list(topics)])
    return {(topic, partition): Acknowledged(*rest) for topic, partition, *rest in rows}


async def tails(
    settings: Settings, places: Sequence[Place], saved: dict[Place, Acknowledged]
) -> dict[Place, list[Logged]]:
    """Records of each partition from the saved one on, or the last ones. Raises Differs, KafkaError, TimeoutError."""
    consumer = AIOKafkaConsumer(**brokers(settings), enable_auto_commit=False, auto_offset_reset="none")
    await consumer.start()
    try:
        async with asyncio.timeout(TIMEOUT):
            return {place: await _tail(consumer, place, saved.get(place)) for place in places}
    finally:
        await consumer.stop()


async def _tail(consumer: Any, place: Place, saved: Acknowledged | None) -> list[Logged]:
    at = TopicPartition(*place)
    # alone: beside it the fetches of partitions that have come to their end would each wait half a second for more
    consumer.assign([at])
    start, end = (await consumer.beginning_offsets([at]))[at], (await consumer.end_offsets([at]))[at]
    if saved and saved.offset >= end:
        raise Differs(
            f"{place[0]}/{place[1]} ends at {end}, before the acknowledged offset {saved.offset}: it was lost"
        )
    offset = max(start, saved.offset if saved and saved.offset >= 0 else end - WINDOW)
    found: list[Logged] = []
    if offset < end and not (saved and saved.offset >= 0):
        await _begins_with_the_first(consumer, at, start)
    if offset < end:
        consumer.seek(at, offset)
        while await consumer.position(at) < end:
            for record in (await consumer.getmany(at, timeout_ms=500)).get(at, ()):
                found.append(logged(record))
    return found


async def _begins_with_the_first(consumer: Any, at: TopicPartition, start: int) -> None:
    """A log made anew under a running relay holds its latest events only; going on after those would leave a hole."""
    consumer.seek(at, start)
    if (first := logged(await consumer.getone(at))).headers.prev:
        raise Differs(
            f"{at.topic}/{at.partition} begins with event {first.at.sequence}, not with the first: make it anew"
        )


def logged(record: Any) -> Logged:
    """A record of a source's topic. Raises Differs for one that no relay wrote."""
    try:
        place = unpack(record.headers)
    except ValueError as error:
        where = f"{record.topic}/{record.partition} offset {record.offset}"
        raise Differs(f"{where} was not written by a relay: {error}") from None
    return Logged(Acknowledged(place.epoch, place.sequence, record.offset), place, record.value)


DOCUMENTS = "SELECT id, document FROM events WHERE id = ANY(%s)"


def adopt(
    conn: Conn, place: Place, tail: Sequence[Logged], saved: Acknowledged | None, epoch: int, cuts: Sequence[Cut]
) -> Acknowledged:
    """The newest event of a tail whose every record the store has with the same bytes, or gave up.

    Repeats at the tail are normal: a relay that died before it saved, a stopped one that woke up. Raises Differs.
    """
    where = f"{place[0]}/{place[1]}"
    if (
        saved
        and saved.offset >= 0
        and (not tail or (tail[0].at.sequence, tail[0].at.offset) != (saved.sequence, saved.offset))
    ):
        raise Differs(
            f"{where} does not have event {saved.sequence} at offset {saved.offset}: it was lost or made anew"
        )
    mine = [one for one in tail if one.stands(cuts)]
    if later := [one for one in mine if one.at.epoch > epoch]:
        raise Differs(f"{where} is in epoch {later[0].at.epoch}, the store in {epoch}: it was set back to before that")
    events = [one for one in mine if not one.headers.begins]
    rows = conn.execute(DOCUMENTS, [[one.at.sequence for one in events]], binary=True)
    stored = {sequence: bytes(document) for sequence, document in rows}
    for one in events:
        if stored.get(one.at.sequence) != one.document:
            kind = "has another" if one.at.sequence in stored else "lacks"
            raise Differs(f"the store {kind} event {one.at.sequence} of {where}: it was set back; run recover --heal")
    none_yet = Acknowledged(0, cuts[-1].kept, -1) if cuts and cuts[-1].end else Acknowledged(epoch, 0, -1)
    return max((one.at for one in mine), key=lambda at: (at.epoch, at.sequence), default=none_yet)
