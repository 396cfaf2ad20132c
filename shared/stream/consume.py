"""The one loop that consumes: positions are ours, one partition's trouble pauses that partition only."""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Concatenate, ParamSpec, TypeVar

import psycopg
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError
from opentelemetry import trace
from opentelemetry.trace import Link
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.postgres import Conn
from shared.settings import Settings
from shared.stream import live, metrics, progress
from shared.stream.arrivals import Arrival, arrive
from shared.stream.brokers import brokers
from shared.stream.progress import GivenUp, NotLive, NotNext, Position
from shared.stream.projection import RETRIED, Done, Projection, go_on, project, worker_conninfo

BATCH = 1000
"""Records taken in one transaction, at most."""
PATIENCE = 5.0
"""Seconds between two tries, at most."""
ALARM_AFTER = 4
"""Tries after which a hole is no passing state of a rebalance or of a take-over any more."""
COMMIT_EVERY = 5.0
"""Seconds between two commits of group offsets, which serve lag tools only."""

log = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)
P = ParamSpec("P")
T = TypeVar("T")


class Consumption(ConsumerRebalanceListener):  # type: ignore[misc]
    """One projection's loop. psycopg is called in one thread of its own, on one connection."""

    def __init__(self, settings: Settings, service: str, projection: Projection) -> None:
        self.projection = projection
        self.well = False
        """Whether the last batch, or look at positions, went well."""
        self._settings, self._service = settings, service
        self._conn: Conn | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=projection.name)
        self._tries: Counter[TopicPartition] = Counter()
        self._restoring: set[asyncio.Task[None]] = set()
        self._done: dict[TopicPartition, int] = {}
        self._restored: dict[TopicPartition, Position] = {}
        self._committed_at = 0.0
        self._more = False
        self._consumer: Any = None

    async def run(self) -> None:
        """Consume until cancelled; whatever fails is tried again, after at most some seconds."""
        failures = 0
        try:
            while True:
                try:
                    await self._consume()
                except (KafkaError, *RETRIED) as error:
                    failures += 1
                    self.well = False
                    log.warning("%s: consuming begins again: %r", self.projection.name, error)
                    await asyncio.sleep(_pause(failures))
        finally:
            self._thread.submit(self._close)
            self._thread.shutdown(wait=False)

    async def _consume(self) -> None:
        if self.projection.from_now:
            await self._in_database(progress.act_from_now, self.projection.name)
        self._consumer = consumer = AIOKafkaConsumer(
            **brokers(self._settings),
            group_id=self.projection.name,
            enable_auto_commit=False,
            auto_offset_reset="none",
            metadata_max_age_ms=30_000,  # so soon a topic that was made anew is noticed
        )
        consumer.subscribe(self.projection.topics, listener=self)
        try:
            await consumer.start()
            while True:
                await self._poll()
        finally:
            for task in self._restoring:
                task.cancel()
            await consumer.stop()

    async def _poll(self) -> None:
        try:
            polled = await self._consumer.getmany(timeout_ms=0 if self._more else 500, max_records=BATCH)
        except OffsetOutOfRangeError as error:
            await self._out_of_range(error.args[0])
        except NoOffsetForPartitionError as error:
            log.debug("%s: no offset of the group's own yet: %r", self.projection.name, error)
        else:
            for at, records in polled.items():
                await self._take(at, [arrive(r.topic, r.partition, r.offset, r.headers, r.value) for r in records])
        if self._more:
            await self._go_on()
        await self._tell_lag_tools()

    async def _take(self, at: TopicPartition, batch: Sequence[Arrival]) -> None:
        try:
            done = await self._in_database(_traced_project, self.projection, batch)
        except NotNext as error:
            await self._not_next(at, error)
        except Exception as error:
            self._again_later(at, error)
        else:
            self._went_well(at, done)
            self._more |= done.more
            if done.reached.next_offset <= batch[-1].offset:  # a hole inside the batch
                self._again_later(at, NotNext(f"after offset {done.reached.next_offset}"))

    async def _go_on(self) -> None:
        """One step of an import that is larger than one transaction; between two steps other events are taken."""
        try:
            done = await self._in_database(_go_on, self.projection)
        except Exception as error:
            self.well = False
            log.warning("%s: the rest of an import is tried again: %r", self.projection.name, error)
            await asyncio.sleep(PATIENCE)
        else:
            self._more = done.more
            self._count(done)

    def _went_well(self, at: TopicPartition, done: Done) -> None:
        name = self.projection.name
        self.well = True
        self._tries.pop(at, None)
        self._done[at] = done.reached.next_offset
        self._count(done)
        for trouble in (metrics.HOLE, metrics.BELOW, metrics.GIVEN_UP):
            trouble.labels(name, *at).set(0)
        if at in self._consumer.assignment() and (end := self._consumer.highwater(at)) is not None:
            metrics.LAG.labels(name, *at).set(max(0, end - done.reached.next_offset))

    def _count(self, done: Done) -> None:
        name = self.projection.name
        metrics.APPLIED.labels(name).inc(len(done.applied))
        metrics.PARKED.labels(name).inc(done.parked)
        if done.parked:
            log.error("%s: %d events parked", name, done.parked)

    async def _not_next(self, at: TopicPartition, error: NotNext) -> None:
        if isinstance(error, GivenUp):
            metrics.GIVEN_UP.labels(self.projection.name, *at).set(1)
            log.error("%s: its source gave up what it has taken in, rebuild it: %s", self.projection.name, error)
            self._again_later(at, error)
        elif self._tries[at] >= ALARM_AFTER:
            metrics.HOLE.labels(self.projection.name, *at).set(1)
            log.error("%s: a hole stays in %s/%d: %s", self.projection.name, *at, error)
            # what is missing may stand earlier, if the topic was made anew; repeats are skipped on the way
            self._again_later(at, error, from_start=self._tries[at] == ALARM_AFTER)
        else:
            self._again_later(at, error)

    async def _out_of_range(self, offsets: dict[TopicPartition, int]) -> None:
        """Below the log's start events are lost to us: an alarm, never a reset. Above its end the log is a new one."""
        starts = await self._consumer.beginning_offsets(list(offsets))
        for at, offset in offsets.items():
            below = offset < starts[at]
            metrics.BELOW.labels(self.projection.name, *at).set(int(below))
            if below:
                log.error("%s: %s/%d begins at %d, the position is %d: its source must publish it again",
                          self.projection.name, *at, starts[at], offset)  # fmt: skip
            self._again_later(at, None, from_start=not below)

    # seeking to our position

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Called after aiokafka has assigned, with fetching going on: so pause before anything is awaited."""
        self._consumer.pause(*assigned)
        for at in assigned:
            self._tries.pop(at, None)
        await self._restore(list(assigned))

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Nothing to save: positions are saved with the rows. What was wrong here is the next owner's to say."""
        for at in revoked:
            self._done.pop(at, None)
            for gauge in (metrics.LAG, metrics.HOLE, metrics.BELOW, metrics.GIVEN_UP):
                gauge.labels(self.projection.name, *at).set(0)

    async def _restore(self, ats: Sequence[TopicPartition], from_start: bool = False) -> None:
        try:
            found = await self._in_database(progress.begin, self.projection.name, [tuple(at) for at in ats])
        except Exception as error:  # raising here would let consuming go on from the group's offset
            for at in ats:
                self._again_later(at, error)
            return
        self.well = self._more = True  # a process before this one may have ended in the middle of an import
        for at in ats:
            if at in self._consumer.assignment():
                self._rebuilt(at, found[tuple(at)])
                self._consumer.seek(at, 0 if from_start else found[tuple(at)].next_offset)
                self._consumer.resume(at)

    def _rebuilt(self, at: TopicPartition, position: Position) -> None:
        """A position that moved while nothing was taken in is a rebuild's: nothing given up is in the rows any more."""
        if self._restored.get(at) not in (None, position):
            metrics.GIVEN_UP.labels(self.projection.name, *at).set(0)
        self._restored[at] = position

    def _again_later(self, at: TopicPartition, error: Exception | None, from_start: bool = False) -> None:
        """Pause this partition alone; after a while seek to its position and go on."""
        if at not in self._consumer.assignment():
            return
        self._consumer.pause(at)
        self._tries[at] += 1
        if error is not None and not isinstance(error, NotNext):
            self.well = isinstance(error, NotLive)
            metrics.RETRIES.labels(self.projection.name).inc()
            unknown = not isinstance(error, (NotLive, *RETRIED))
            log.warning("%s: %s/%d again later: %r", self.projection.name, *at, error, exc_info=unknown)
        task = asyncio.create_task(self._restore_after(_pause(self._tries[at]), at, from_start))
        self._restoring.add(task)
        task.add_done_callback(self._restoring.discard)

    async def _restore_after(self, seconds: float, at: TopicPartition, from_start: bool) -> None:
        await asyncio.sleep(seconds)
        await self._restore([at], from_start)

    async def _tell_lag_tools(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._done and now - self._committed_at > COMMIT_EVERY:
            self._committed_at = now
            offsets, self._done = self._done, {}
            with suppress(KafkaError):  # a rebalance; nothing rests on these offsets
                await self._consumer.commit(offsets)

    # the database's thread

    async def _in_database(self, work: Callable[Concatenate[Conn, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        def call() -> T:
            return work(self._connected(), *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    def _connected(self) -> Conn:
        if self._conn is None or self._conn.closed:
            self._conn = psycopg.connect(worker_conninfo(self._settings, self._service), autocommit=True)
        return self._conn

    def _close(self) -> None:
        if self._conn is not None:
            self._conn.close()


def _pause(tries: int) -> float:
    """Seconds before the next try: doubling from 0.1, with some chance so that a crowd disperses."""
    return min(PATIENCE, 0.05 * 2.0 ** min(tries, 12)) * random.uniform(0.8, 1.2)


def _traced_project(conn: Conn, projection: Projection, batch: Sequence[Arrival]) -> Done:
    """Take a batch in and tell the API processes. Its span goes on with the trace it came from, or links to many."""
    parents = list(dict.fromkeys(a.place.traceparent for a in batch if a.place and a.place.traceparent))[:32]
    contexts = [TraceContextTextMapPropagator().extract({"traceparent": parent}) for parent in parents]
    links = [Link(trace.get_current_span(context).get_span_context()) for context in contexts]
    one = contexts[0] if len(contexts) == 1 else None
    with tracer.start_as_current_span(f"project {projection.name}", one, links=links if one is None else None):
        return _told(conn, projection, project(conn, projection, batch))


def _go_on(conn: Conn, projection: Projection) -> Done:
    return _told(conn, projection, go_on(conn, projection))


def _told(conn: Conn, projection: Projection, done: Done) -> Done:
    if projection.touched and done.applied:
        live.tell(conn, projection.touched(conn, done.applied))
    return done
