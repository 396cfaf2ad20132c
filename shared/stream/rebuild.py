"""Building a projection anew beside the live one, and switching to it.

Its tables are made a second time in a schema of their own, with the stream's own tables beside them; because
projections use unqualified names, a search path is all that the same code needs to fill those. At the switch the
tables change places in one transaction: a reader sees the old ones or the new ones, never empty ones.
"""

import asyncio
import logging
import time
from typing import Any

import psycopg
from aiokafka import AIOKafkaConsumer, TopicPartition
from psycopg import sql

from shared.postgres import Conn, conninfo
from shared.settings import Settings
from shared.stream import live, shadow
from shared.stream.arrivals import arrive
from shared.stream.progress import BEGIN, Place, positions, stem_of
from shared.stream.projection import Projection, go_on, opened, project
from shared.stream.shadow import CannotRebuild
from shared.stream.topics import counted

BATCH = 2000
"""Records taken in one transaction, at most."""
SILENCE = 60.0
"""Seconds without a record that must be there, after which the rebuild gives up."""
SWITCH_TRIES = 20

log = logging.getLogger(__name__)


def rebuild(settings: Settings, service: str, projection: Projection) -> int:
    """Build the projection from the first event beside the live one, then switch. Returns how many events it took in.

    Connects as the role `migrate`, which owns the tables. Begun again after an interruption it starts over. Raises
    CannotRebuild, KafkaError, psycopg.Error; the live tables stay as they are then.
    """
    if projection.from_now:
        raise CannotRebuild(f"{projection.name} acts from now on: a rebuild would act again on what is over")
    if not projection.tables:
        raise CannotRebuild(f"{projection.name} names no tables")
    projection = opened(projection, settings)
    with psycopg.connect(conninfo(settings, service, "migrate"), autocommit=True) as conn:
        with shadow.beside(conn, projection) as schema:
            took = asyncio.run(_fill_and_switch(settings, conn, projection, schema))
        live.tell(conn, [live.EVERYTHING])
    return took


async def _fill_and_switch(settings: Settings, conn: Conn, projection: Projection, schema: str) -> int:
    filling = Filling(settings, conn, projection)
    try:
        await filling.start()
        await filling.reach(await filling.ends())
        for table in projection.tables:
            conn.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(schema, table)))
        for left in range(SWITCH_TRIES, 0, -1):
            try:
                with conn.transaction():
                    await filling.reach_live()
                    _not_worse(conn, projection)
                    shadow.switch(conn, projection, schema)
                break
            except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
                if left == 1:  # readers hold the tables for longer than we let others wait
                    raise
                filling.forget_reached()
                await asyncio.sleep(0.5)
        return filling.took
    finally:
        await filling.stop()


PARKED = """
SELECT (SELECT count(*) FROM parked WHERE projection = %s),
       (SELECT count(*) FROM public.parked WHERE regexp_replace(projection, '[.][0-9]+$', '') = %s)
"""


def _not_worse(conn: Conn, projection: Projection) -> None:
    """Raises CannotRebuild when more is parked beside than in the live one: it would take rows away from readers."""
    beside, live_ones = conn.execute(PARKED, [projection.name, stem_of(projection.name)[0]]).fetchone() or (0, 0)
    if beside > live_ones:
        raise CannotRebuild(f"{projection.name} cannot take in {beside} events, the live one {live_ones}: not switched")


LIVE = """
SELECT topic, partition, max(next_offset) FROM public.progress
WHERE projection = ANY(%s) GROUP BY topic, partition
"""
LOCK_LIVE = """
SELECT projection FROM public.progress WHERE regexp_replace(projection, '[.][0-9]+$', '') = %s
ORDER BY topic, partition, projection FOR UPDATE
"""


class Filling:
    """Reads every partition from its first record, without a consumer group, into the tables beside."""

    def __init__(self, settings: Settings, conn: Conn, projection: Projection) -> None:
        self.took = 0
        self._settings, self._conn, self._projection = settings, conn, projection
        self._reached: dict[Place, int] = {}
        self._consumer: Any = AIOKafkaConsumer(
            bootstrap_servers=settings.kafka, enable_auto_commit=False, auto_offset_reset="none"
        )

    async def start(self) -> None:
        """Take all partitions. Raises CannotRebuild when a log's beginning is gone."""
        await self._consumer.start()
        counts = await counted(self._settings, self._projection.topics)
        places = [TopicPartition(topic, number) for topic, count in counts.items() for number in range(count)]
        self._consumer.assign(places)
        for at, start in (await self._consumer.beginning_offsets(places)).items():
            if start > 0:
                raise CannotRebuild(f"{at.topic}/{at.partition} begins at {start}: its source must publish it again")
            self._consumer.seek(at, 0)
            self._conn.execute(BEGIN, [self._projection.name, *at])
            self._reached[tuple(at)] = 0

    async def stop(self) -> None:
        await self._consumer.stop()

    async def ends(self) -> dict[Place, int]:
        """Where the logs end now."""
        ends = await self._consumer.end_offsets(self._consumer.assignment())
        return {tuple(at): end for at, end in ends.items()}

    async def reach_live(self) -> None:
        """Stop the live projection by its position's rows, until the transaction ends, and come as far as it is."""
        stem, _ = stem_of(self._projection.name)
        names = [row[0] for row in self._conn.execute(LOCK_LIVE, [stem])]
        rows = self._conn.execute(LIVE, [names])
        await self.reach({(topic, partition): offset for topic, partition, offset in rows})

    async def reach(self, goal: dict[Place, int]) -> None:
        """Take in until these offsets. Raises CannotRebuild when their records do not come."""
        heard = time.monotonic()
        while any(self._reached[place] < offset for place, offset in goal.items()):
            for at, records in (await self._consumer.getmany(timeout_ms=200, max_records=BATCH)).items():
                batch = [arrive(r.topic, r.partition, r.offset, r.headers, r.value) for r in records]
                done = project(self._conn, self._projection, batch)
                self.took += len(done.applied)
                self._reached[tuple(at)] = done.reached.next_offset
                while done.more:
                    done = go_on(self._conn, self._projection)
                    self.took += len(done.applied)
                heard = time.monotonic()
            if time.monotonic() - heard > SILENCE:
                raise CannotRebuild(f"nothing came for {SILENCE:.0f} s, at {self._reached} of {goal}")

    def forget_reached(self) -> None:
        """A transaction was rolled back: go on from the saved positions."""
        for place, at in positions(self._conn, self._projection.name).items():
            self._reached[place] = at.next_offset
            self._consumer.seek(TopicPartition(*place), at.next_offset)
