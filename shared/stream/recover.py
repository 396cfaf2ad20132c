"""After a restore: is the store still the one that wrote its topics? What they have and it lacks is put back into it.

The store is compared with each partition from the saved position on, which was restored with it: whatever the relay
had published by then it had read from the store. Nothing is ever deleted, neither here nor there.
"""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from psycopg.conninfo import make_conninfo

from shared.contracts.envelope import envelope_of
from shared.postgres import Conn, conninfo
from shared.settings import Settings
from shared.stream.progress import Place
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


class NotHealable(Exception):
    """The store is not merely behind its topics: it holds other events under the same numbers or versions."""


@dataclass(frozen=True)
class Found:
    """One partition beside the store. `log` says what is wrong with the partition itself, empty if nothing is.

    `records` were compared. The store lacks `lacks` of them, from `first` to `last` by their numbers in the store, and
    has `differs` with other bytes, of which `which` are the first.
    """

    topic: str
    partition: int
    records: int
    lacks: int
    first: int
    last: int
    differs: int
    which: tuple[int, ...]
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
HEALING = "INSERT INTO healing DEFAULT VALUES ON CONFLICT DO NOTHING"
HEALED = "DELETE FROM healing"


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
    """Each partition beside the store, `whole` from its first record on. What the store lacks stays for `put_back`.

    Raises Unknown.
    """
    conn.execute(LOST)
    try:
        return asyncio.run(_compare(conn, settings, topics, whole))
    except (KafkaError, OSError, TimeoutError, psycopg.OperationalError) as error:
        raise Unknown(f"{type(error).__name__}: {error}") from None


async def _compare(conn: Conn, settings: Settings, topics: Sequence[str], whole: bool) -> list[Found]:
    saved = acknowledged(conn, topics)
    counts = await counted(settings, topics)
    for topic, count in counts.items():
        known = sum(1 for place in saved if place[0] == topic)
        if known not in (0, count):
            raise Unknown(str(PartitionsChanged(topic, known, count)))
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka, enable_auto_commit=False, auto_offset_reset="none")
    await consumer.start()
    try:
        places = [(topic, number) for topic, count in counts.items() for number in range(count)]
        return [await _partition(consumer, conn, place, saved.get(place), whole) for place in places]
    finally:
        await consumer.stop()


async def _partition(consumer: Any, conn: Conn, place: Place, saved: Acknowledged | None, whole: bool) -> Found:
    at = TopicPartition(*place)
    consumer.assign([at])
    start, end = (await consumer.beginning_offsets([at]))[at], (await consumer.end_offsets([at]))[at]
    known = saved if saved and saved.offset >= 0 else None
    if known and known.offset >= end:
        return _found(conn, place, 0, [], f"ends at {end}, before the acknowledged offset {known.offset}: it was lost")
    offset = start if whole or known is None else max(start, known.offset)
    records, differs = 0, list[int]()
    try:
        async for batch in _batches(consumer, at, offset, end):
            at_known = not records and known and offset == known.offset
            if known and at_known and batch[0].at.sequence != known.sequence:
                log = f"does not have event {known.sequence} at offset {known.offset}: it was lost or made anew"
                return _found(conn, place, 0, [], log)
            records += len(batch)
            differs += _judge(conn, place, batch)
    except Differs as why:
        return _found(conn, place, records, differs, str(why))
    return _found(conn, place, records, differs, "")


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


def _judge(conn: Conn, place: Place, batch: Sequence[Logged]) -> list[int]:
    """Keep what the store lacks; the numbers of the events that it has otherwise."""
    rows = conn.execute(DOCUMENTS, [[one.at.sequence for one in batch]], binary=True)
    stored = {sequence: bytes(document) for sequence, document in rows}
    lacking = [_row(place, one) for one in batch if one.at.sequence not in stored]
    if lacking:
        with conn.transaction(), conn.cursor() as cursor:
            cursor.executemany(KEEP, lacking)
    return [one.at.sequence for one in batch if stored.get(one.at.sequence, one.document) != one.document]


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


def _found(conn: Conn, place: Place, records: int, differs: Sequence[int], log: str) -> Found:
    lacks, first, last, twice = conn.execute(COUNT, place).fetchone() or (0, 0, 0, [])
    odd = sorted({*differs, *twice})
    return Found(*place, records, lacks, first, last, len(odd), tuple(odd[:TOLD]), log)


TAKEN = "SELECT count(*) FROM lost JOIN events USING (stream, version)"
# the command's events were stored in one transaction with numbers in their order
PUT_BACK = """
INSERT INTO events (id, stream, version, type, key, actor, command, command_index, import_id, time, document)
OVERRIDING SYSTEM VALUE
SELECT id, stream, version, type, key, actor, command, row_number() OVER (PARTITION BY actor, command ORDER BY id) - 1,
       import_id, time, document
FROM lost ORDER BY id
"""
NEXT = """
SELECT setval(name, greatest((SELECT max(id) FROM events), pg_sequence_last_value(name)))
FROM CAST(pg_get_serial_sequence('events', 'id') AS regclass) AS name
"""


def put_back(conn: Conn, found: Sequence[Found]) -> int:
    """Store what was found lacking, in one transaction, under the numbers it had. Returns how many events.

    From then on, until `done`, no relay opens the store: the service's own view does not know them yet. Raises
    NotHealable, and then nothing has changed.
    """
    if wrong := [each for each in found if each.differs or each.log]:
        raise NotHealable("; ".join(f"{each.topic}/{each.partition}: {each.log or 'other bytes'}" for each in wrong))
    with conn.transaction():
        if taken := (conn.execute(TAKEN).fetchone() or (0,))[0]:
            raise NotHealable(f"the store went on: it has other events in place of what the topic has, {taken} of them")
        conn.execute(HEALING)
        count = conn.execute(PUT_BACK).rowcount
        conn.execute(NEXT)
    return count


def unfinished(conn: Conn) -> bool:
    """Whether a healing was begun, and its end has not come."""
    return conn.execute("SELECT FROM healing").fetchone() is not None


def done(conn: Conn) -> None:
    """The own view knows what was put back: a relay may open the store."""
    conn.execute(HEALED)
