"""Building a projection anew beside the live one, and switching to it.

Its tables are made a second time in a schema of their own, with the stream's own tables beside them; because
projections use unqualified names, a search path is all that the same code needs to fill those. Several sessions fill
them at once, each from its own partitions, as several workers would. At the switch the tables change places in one
transaction: a reader sees the old ones or the new ones, never empty ones.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self, TypeVar

import psycopg
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from psycopg import sql

from shared.postgres import Conn, conninfo
from shared.settings import Settings
from shared.stream import live, shadow
from shared.stream.arrivals import arrive
from shared.stream.brokers import brokers
from shared.stream.epochs import Cut, cuts_of
from shared.stream.headers import Place
from shared.stream.progress import BEGIN, positions, stem_of
from shared.stream.projection import Projection, go_on, opened, project
from shared.stream.shadow import CannotRebuild
from shared.stream.topics import counted

BATCH = 2000
"""Records taken in one transaction, at most."""
LANES = 3
"""Sessions that fill at once: while one of them waits for the database, another reads. More than two cores can feed
gain nothing, as all of them read in one process."""
FEW = 1000
"""Events that may be missing when the live projection is stopped to be caught up with."""
SILENCE = 60.0
"""Seconds without a record that must be there, after which the rebuild gives up."""
SWITCH_TRIES = 20
DEADLOCKS = 5
"""Times in a row that a batch may be the victim of another lane's."""

T = TypeVar("T")
End = Callable[[Conn, Projection, str], T]
"""What is done with the tables beside, in the schema of that name, when they are as new as the live ones."""

log = logging.getLogger(__name__)


def rebuild(settings: Settings, service: str, projection: Projection) -> int:
    """Build the projection from the first event beside the live one, then switch. Returns how many events it took in.

    Connects as the role `migrate`, which owns the tables. Begun again after an interruption it starts over. Raises
    CannotRebuild, KafkaError, psycopg.Error; the live tables stay as they are then.
    """
    with psycopg.connect(conninfo(settings, service, "migrate"), autocommit=True) as conn:
        took, _ = _beside(settings, service, conn, projection, shadow.switch)
        live.tell(conn, [live.EVERYTHING])
    return took


def compare(settings: Settings, service: str, projection: Projection) -> tuple[int, dict[str, tuple[int, int]]]:
    """The same, but nothing is switched: how many events were read, and for each table that differs how many rows only
    the live one has and how many only the one made anew (D-06).

    The live projection waits while the rows are compared. Raises as `rebuild` does.
    """

    def differences(conn: Conn, made: Projection, schema: str) -> dict[str, tuple[int, int]]:
        return shadow.differences(conninfo(settings, service, "worker"), made, schema)

    with psycopg.connect(conninfo(settings, service, "migrate"), autocommit=True) as conn:
        return _beside(settings, service, conn, projection, differences)


def _beside(settings: Settings, service: str, conn: Conn, projection: Projection, end: End[T]) -> tuple[int, T]:
    if projection.from_now:
        raise CannotRebuild(f"{projection.name} acts from now on: a rebuild would act again on what is over")
    if not projection.tables:
        raise CannotRebuild(f"{projection.name} names no tables")
    projection = opened(projection, settings)
    with shadow.beside(conn, projection) as schema:
        shadow.show_to(conn, schema, f"{service}_worker")
        return asyncio.run(_fill_and_end(settings, service, conn, projection, schema, end))


async def _fill_and_end(
    settings: Settings, service: str, conn: Conn, projection: Projection, schema: str, end: End[T]
) -> tuple[int, T]:
    """`end` is called in a transaction in which the live projection stands still, caught up with."""
    counts = await counted(settings, projection.topics)
    places = [(topic, number) for topic, count in counts.items() for number in range(count)]
    for place in places:
        conn.execute(BEGIN, [projection.name, *place])
    took = await _fill(settings, service, projection, schema, places)
    if projection.by_keys:
        shadow.index(conn, projection, schema)
    for table in projection.tables:
        conn.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(schema, table)))
    async with Lane(settings, conn, projection, places) as last:
        for left in range(SWITCH_TRIES, 0, -1):
            try:
                with conn.transaction():
                    await last.reach(_stopped(conn, projection))
                    _not_worse(conn, projection)
                    return took + last.took, end(conn, projection, schema)
            except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
                if left == 1:  # readers hold the tables for longer than we let others wait
                    raise
                last.go_on_from_saved()
                await asyncio.sleep(0.5)
    raise AssertionError("unreachable")


async def _fill(settings: Settings, service: str, projection: Projection, schema: str, places: Sequence[Place]) -> int:
    """Take in all but a few. A school's events are in partitions of one number: no two lanes write its rows."""
    with ExitStack() as sessions:
        filling = []
        try:
            async with asyncio.TaskGroup() as group:
                for lane in range(LANES):
                    conn = sessions.enter_context(shadow.session(conninfo(settings, service, "migrate"), schema))
                    its = [place for place in places if place[1] % LANES == lane]
                    filling.append(group.create_task(_fill_lane(settings, conn, projection, its)))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return sum(each.result() for each in filling)


async def _fill_lane(settings: Settings, conn: Conn, projection: Projection, places: Sequence[Place]) -> int:
    if not places:
        return 0
    async with Lane(settings, conn, projection, places) as lane:
        while lane.behind(ends := await lane.ends()) > FEW // LANES:  # what came while it was filled is filled in too
            await lane.reach(ends)
        return lane.took


LIVE = """
SELECT topic, partition, max(next_offset) FROM public.progress
WHERE projection = ANY(%s) GROUP BY topic, partition
"""
LOCK_LIVE = """
SELECT projection FROM public.progress WHERE regexp_replace(projection, '[.][0-9]+$', '') = %s
ORDER BY topic, partition, projection FOR UPDATE
"""


def _stopped(conn: Conn, projection: Projection) -> dict[Place, int]:
    """Stop the live projection by its positions' rows, until the transaction ends. Returns how far it has come."""
    names = [row[0] for row in conn.execute(LOCK_LIVE, [stem_of(projection.name)[0]])]
    return {(topic, partition): offset for topic, partition, offset in conn.execute(LIVE, [names])}


PARKED = """
SELECT (SELECT count(*) FROM parked WHERE projection = %s),
       (SELECT count(*) FROM public.parked WHERE regexp_replace(projection, '[.][0-9]+$', '') = %s)
"""


def _not_worse(conn: Conn, projection: Projection) -> None:
    """Raises CannotRebuild when more is parked beside than in the live one: it would take rows away from readers."""
    beside, live_ones = conn.execute(PARKED, [projection.name, stem_of(projection.name)[0]]).fetchone() or (0, 0)
    if beside > live_ones:
        raise CannotRebuild(f"{projection.name} cannot take in {beside} events, the live one {live_ones}: not switched")


class Lane:
    """Reads some partitions from their saved positions, without a consumer group, into the tables beside.

    An async context manager. Raises CannotRebuild at its start when the beginning of a log is gone.
    """

    def __init__(self, settings: Settings, conn: Conn, projection: Projection, places: Sequence[Place]) -> None:
        self.took = 0
        self._conn, self._projection = conn, projection
        self._places = [TopicPartition(*place) for place in places]
        self._reached: dict[Place, int] = {}
        self._cuts: dict[Place, Sequence[Cut]] = {}
        self._consumer: Any = AIOKafkaConsumer(**brokers(settings), enable_auto_commit=False, auto_offset_reset="none")

    async def __aenter__(self) -> Self:
        try:
            await self._consumer.start()
            self._consumer.assign(self._places)
            for at, start in (await self._consumer.beginning_offsets(self._places)).items():
                if start > 0:
                    raise CannotRebuild(
                        f"{at.topic}/{at.partition} begins at {start}: its source must publish it again"
                    )
            for at in self._places:
                self._cuts[tuple(at)] = await cuts_of(self._consumer, at)
            self.go_on_from_saved()
        except BaseException:
            await self._consumer.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._consumer.stop()

    def go_on_from_saved(self) -> None:
        """Also after a transaction was rolled back."""
        saved = positions(self._conn, self._projection.name)
        for at in self._places:
            self._reached[tuple(at)] = saved[tuple(at)].next_offset
            self._consumer.seek(at, saved[tuple(at)].next_offset)

    async def ends(self) -> dict[Place, int]:
        """Where the logs end now."""
        return {tuple(at): end for at, end in (await self._consumer.end_offsets(self._places)).items()}

    def behind(self, goal: Mapping[Place, int]) -> int:
        """Events that are missing up to these offsets."""
        return sum(max(0, offset - self._reached[place]) for place, offset in goal.items())

    async def reach(self, goal: Mapping[Place, int]) -> None:
        """Take in until these offsets. Raises CannotRebuild when their records do not come."""
        heard = time.monotonic()
        while self.behind(goal):
            for at, records in (await self._consumer.getmany(timeout_ms=200, max_records=BATCH)).items():
                self._reached[tuple(at)] = await asyncio.to_thread(self._take, records)
                heard = time.monotonic()
            if time.monotonic() - heard > SILENCE:
                raise CannotRebuild(f"nothing came for {SILENCE:.0f} s, at {self._reached} of {goal}")

    def _take(self, records: Sequence[ConsumerRecord]) -> int:
        """Take in a partition's next records. Returns the offset reached."""
        batch = [arrive(r.topic, r.partition, r.offset, r.headers, r.value) for r in records]
        for left in range(DEADLOCKS, 0, -1):
            try:
                done = project(self._conn, self._projection, batch, self._cuts[batch[0].topic, batch[0].partition])
                break
            except psycopg.errors.DeadlockDetected:
                if left == 1:
                    raise
        reached = done.reached.next_offset
        self.took += len(done.applied)
        while done.more:
            done = go_on(self._conn, self._projection)
            self.took += len(done.applied)
        return reached
