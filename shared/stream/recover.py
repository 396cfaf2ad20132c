"""After a restore: is the store still the one that wrote its topics? What it lacks or has otherwise is for mend.py.

The store is compared with each partition from the saved position on, which was restored with it: whatever the relay
had published by then it had read from the store.
"""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from psycopg.conninfo import make_conninfo

from shared.contracts.envelope import envelope_of
from shared.eventstore import gate
from shared.postgres import Conn, conninfo
from shared.settings import Settings
from shared.stream import epochs
from shared.stream.brokers import brokers
from shared.stream.epochs import Cut
from shared.stream.headers import Place
from shared.stream.relay import TRY_LOCK
from shared.stream.tail import DOCUMENTS, Acknowledged, Differs, Logged, acknowledged, logged
from shared.stream.topics import PartitionsChanged, counted

BATCH = 1000
"""Records compared at once."""
SILENCE = 30.0
"""Seconds without a record after which nobody can say what a partition holds."""
TOLD = 10
"""Numbers of events named, at most."""
LEASE = 15.0
"""Seconds for which a refused relay is waited for: it holds the lease only while it looks."""


class Unknown(Exception):
    """Nobody can say whether the store is sound: a server does not answer, or a topic is not there."""


class RelayLeads(Exception):
    """A relay publishes from this store, so it was found sound; nothing is changed under it."""


@dataclass(frozen=True)
class Found:
    """One partition beside the store. `log` says what is wrong with the partition itself, empty if nothing is.

    `records` were compared. The store lacks `lacks` of them, from `first` to `last` by their numbers in the store, and
    has `differs` with other bytes, of which `which` are the first. Up to `kept`, by the log's order, they are the same,
    and the log ends at offset `end`.
    """

    topic: str
    partition: int
    records: int
    lacks: int
    first: int
    last: int
    differs: int
    which: tuple[int, ...]
    kept: Acknowledged
    end: int
    log: str = ""

    @property
    def sound(self) -> bool:
        return not (self.lacks or self.differs or self.log)


LOST = """
CREATE TEMP TABLE IF NOT EXISTS lost (
    id bigint PRIMARY KEY, topic text, partition int, stream uuid, version int, type text, key uuid, actor uuid,
    command uuid, import_id uuid, time timestamptz, document bytea, twice boolean DEFAULT false);
TRUNCATE lost
"""


@contextmanager
def session(settings: Settings, service: str, alone: bool) -> Iterator[Conn]:
    """A connection to the store as its owner; `alone`: no relay leads until it ends. Raises Unknown, RelayLeads."""
    try:
        conn = psycopg.connect(
            make_conninfo(conninfo(settings, service, "migrate"), connect_timeout=5), autocommit=True
        )
    except psycopg.OperationalError as error:
        raise Unknown(f"PostgreSQL does not answer: {error}") from None
    with conn:
        until = time.monotonic() + LEASE
        while alone and conn.execute(TRY_LOCK).fetchone() != (True,):
            if time.monotonic() > until:
                raise RelayLeads
            time.sleep(0.2)
        yield conn


def compare(conn: Conn, settings: Settings, topics: Sequence[str], whole: bool = False) -> list[Found]:
    """Each partition beside the store, `whole` from its first record on. Raises Unknown.

    What the store lacks stays in the session's table `lost`, for mend.py.
    """
    conn.execute(LOST)
    try:
        return asyncio.run(_compare(conn, settings, topics, whole))
    except (KafkaError, OSError, TimeoutError, psycopg.OperationalError) as error:
        raise Unknown(f"{type(error).__name__}: {error}") from None


async def _compare(conn: Conn, settings: Settings, topics: Sequence[str], whole: bool) -> list[Found]:
    saved = acknowledged(conn, topics)
    given_up = epochs.cuts(conn, topics)
    counts = await counted(settings, topics)
    for topic, count in counts.items():
        known = sum(1 for place in saved if place[0] == topic)
        if known not in (0, count):
            raise Unknown(str(PartitionsChanged(topic, known, count)))
    consumer = AIOKafkaConsumer(**brokers(settings), enable_auto_commit=False, auto_offset_reset="none")
    await consumer.start()
    try:
        places = [(topic, number) for topic, count in counts.items() for number in range(count)]
        look = Look(consumer, conn, gate.last_epoch(conn) or 1, whole)
        return [await look.at(place, saved.get(place), given_up.get(place, [])) for place in places]
    finally:
        await consumer.stop()


NONE = Acknowledged(0, 0, -1)


@dataclass(frozen=True)
class Look:
    """At one partition after the other; `whole`: from its first record on. `epoch` is the store's."""

    consumer: Any
    conn: Conn
    epoch: int
    whole: bool

    async def at(self, place: Place, saved: Acknowledged | None, cuts: Sequence[Cut]) -> Found:
        """Raises what the servers raise."""
        at = TopicPartition(*place)
        self.consumer.assign([at])
        start, end = [(await ends([at]))[at] for ends in (self.consumer.beginning_offsets, self.consumer.end_offsets)]
        known = saved if saved and saved.offset >= 0 else None
        offset = start if self.whole or known is None else max(start, known.offset)
        of = Partition(place, self.epoch, cuts, end, known if known and offset == known.offset else None)
        if known and known.offset >= end:
            return of.found(self.conn, f"ends at {end}, before the acknowledged offset {known.offset}: it was lost")
        try:
            async for batch in _batches(self.consumer, at, offset, end):
                if log := of.take(self.conn, batch):
                    return of.found(self.conn, log)
        except Differs as why:
            return of.found(self.conn, str(why))
        return of.found(self.conn, "")


@dataclass
class Partition:
    """What is found in one, batch by batch. `first` is the saved event if the comparison begins at it."""

    place: Place
    epoch: int
    cuts: Sequence[Cut]
    end: int
    first: Acknowledged | None
    kept: Acknowledged = NONE
    records: int = 0
    bad: bool = False
    differs: list[int] = field(default_factory=list)

    def take(self, conn: Conn, batch: Sequence[Logged]) -> str:
        """Compare the next records; what is wrong with the log itself, empty if nothing is. Raises Differs."""
        if not self.records:
            if (known := self.first) and batch[0].at.sequence != known.sequence:
                return f"does not have event {known.sequence} at offset {known.offset}: it was lost or made anew"
            self.kept = Acknowledged(batch[0].at.epoch, batch[0].headers.prev, -1)
        self.records += len(batch)
        mine = [one for one in batch if one.stands(self.cuts)]
        if later := [one for one in mine if one.at.epoch > self.epoch]:
            return f"is in epoch {later[0].at.epoch}, the store in {self.epoch}: it was set back to before that"
        events = [one for one in mine if not one.headers.begins]
        lacking, differs = _judge(conn, self.place, events)
        self.differs += differs
        wrong = {*lacking, *differs}
        for one in mine:
            self.bad = self.bad or (not one.headers.begins and one.at.sequence in wrong)
            if not self.bad and one.at.sequence >= self.kept.sequence:
                self.kept = one.at
        return ""

    def found(self, conn: Conn, log: str) -> Found:
        lacks, first, last, twice = conn.execute(COUNT, self.place).fetchone() or (0, 0, 0, [])
        odd = sorted({*self.differs, *twice})
        which = tuple(odd[:TOLD])
        return Found(*self.place, self.records, lacks, first, last, len(odd), which, self.kept, self.end, log)


async def _batches(consumer: Any, at: TopicPartition, offset: int, end: int) -> Any:
    """The records from `offset` to before `end`. Raises TimeoutError when the broker falls silent, Differs."""
    if offset >= end:
        return
    consumer.seek(at, offset)
    heard = time.monotonic()
    while await consumer.position(at) < end:
        if records := (await consumer.getmany(at, timeout_ms=500, max_records=BATCH)).get(at, ()):
            heard = time.monotonic()
            yield [logged(record) for record in records]
        elif time.monotonic() - heard > SILENCE:
            raise TimeoutError(f"{at.topic}/{at.partition} says nothing")


KEEP = """
INSERT INTO lost (id, topic, partition, stream, version, type, key, actor, command, import_id, time, document)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (id) DO UPDATE SET twice = lost.twice OR lost.document <> EXCLUDED.document
"""


def _judge(conn: Conn, place: Place, batch: Sequence[Logged]) -> tuple[list[int], list[int]]:
    """Keep what the store lacks; its numbers, and those of the events that it has otherwise."""
    rows = conn.execute(DOCUMENTS, [[one.at.sequence for one in batch]], binary=True)
    stored = {sequence: bytes(document) for sequence, document in rows}
    lacking = [_row(place, one) for one in batch if one.at.sequence not in stored]
    if lacking:
        with conn.transaction(), conn.cursor() as cursor:
            cursor.executemany(KEEP, lacking)
    differs = [one.at.sequence for one in batch if stored.get(one.at.sequence, one.document) != one.document]
    return [row[0] for row in lacking], differs


def _row(place: Place, one: Logged) -> tuple[Any, ...]:
    try:
        of = envelope_of(json.loads(one.document))
        stream, _, version = of.id.rpartition(":")
        return (
            one.at.sequence, *place, stream, int(version), of.type, of.key, of.actor, of.command_id, of.import_id,
            of.time, one.document,
        )  # fmt: skip
    except (ValueError, KeyError, TypeError) as error:
        where = f"{place[0]}/{place[1]} offset {one.at.offset}"
        raise Differs(f"{where} is no event of ours: {type(error).__name__}") from None


COUNT = """
SELECT count(*), coalesce(min(id), 0), coalesce(max(id), 0), coalesce(array_agg(id) FILTER (WHERE twice), '{}')
FROM lost WHERE topic = %s AND partition = %s
"""
