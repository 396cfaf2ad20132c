"""The relay: copies settled events from the service's store to its topics, in order, by one leader at a time."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar
from uuid import UUID

import psycopg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from psycopg.conninfo import make_conninfo
from pydantic_core import from_json

from shared.eventstore import gate, settle
from shared.postgres import Conn, conninfo
from shared.settings import Settings
from shared.stream import epochs, metrics
from shared.stream.brokers import brokers
from shared.stream.epochs import Cut
from shared.stream.headers import Headers, Place, pack, partition_of
from shared.stream.nudge import CHANNEL
from shared.stream.tail import Acknowledged, Differs, acknowledged, adopt, tails
from shared.stream.topics import PartitionsChanged, counted, topic_of

BATCH = 200
"""Records in a partition's one unacknowledged batch, at most."""
AHEAD = 20_000
"""Events read from the store and not acknowledged yet, at most; a partition without a leader fills it alone."""
READ = 2_000
"""Events read from the store at once."""
POLL = 1.0
"""Seconds: the store is asked at least that often, whether nudged or not, well within `idle_session_timeout`."""
UNACKNOWLEDGED = 30.0
"""Seconds: aiokafka itself never gives up a batch whose partition has a leader."""
LOOK_AGAIN = 10.0
"""Seconds between two looks at a store that differs from its topic."""
REQUEST = 1_048_576
"""Bytes of a batch; an event that is larger goes alone."""

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")
LANE_ERRORS = (KafkaError, TimeoutError, OSError)


class Stored(Protocol):
    """A row of the store."""

    @property
    def id(self) -> int: ...
    @property
    def key(self) -> UUID: ...
    @property
    def type(self) -> str: ...
    @property
    def document(self) -> bytes: ...


@dataclass(frozen=True)
class Store:
    """What the relay asks of the store."""

    settled: Callable[[Conn], int]
    read: Callable[[Conn, int, int, int], Sequence[Stored]]
    last_epoch: Callable[[Conn], int | None]
    open_gate: Callable[[Conn, int], None]


STORE = Store(settle.settled, settle.read, gate.last_epoch, gate.open_gate)


@dataclass(frozen=True, slots=True)
class Outgoing:
    headers: Headers
    key: bytes | None
    document: bytes


@dataclass
class Lane:
    """One partition: what waits for it, of which the first `BATCH` may be on their way."""

    place: Place
    saved: Acknowledged
    queued: int
    pending: deque[Outgoing] = field(default_factory=deque)
    sending: "asyncio.Task[Acknowledged] | None" = None


class Relay:
    """Publishes what a service has stored. Run as many as you like: one leads, the others wait.

    `refusal` says why it does not publish, empty if it does; the gate of the store stays closed then.
    """

    def __init__(self, settings: Settings, service: str, topics: Iterable[str], store: Store = STORE) -> None:
        self.refusal = ""
        self._settings, self._service, self._topics, self._store = settings, service, tuple(topics), store

    async def run(self) -> None:
        """Lead or wait to lead, until cancelled."""
        while True:
            pause = POLL
            try:
                await Leader(self._settings, self._service, self._topics, self._store, self._leads).run()
            except (Differs, PartitionsChanged) as why:
                self.refusal, pause = str(why), LOOK_AGAIN
                metrics.REFUSES.labels(self._service).set(1)
                log.error("the relay of %s publishes nothing: %s", self._service, why)
            except (psycopg.Error, *LANE_ERRORS) as error:
                log.warning("the relay of %s begins again: %r", self._service, error)
            finally:
                metrics.LEADS.labels(self._service).set(0)
            await asyncio.sleep(pause)

    def _leads(self) -> None:
        self.refusal = ""
        metrics.REFUSES.labels(self._service).set(0)
        metrics.LEADS.labels(self._service).set(1)


TRY_LOCK = "SELECT pg_try_advisory_lock(hashtext('diary'), hashtext('relay'))"
HEALING = "SELECT FROM healing"
UPTO = "SELECT sequence FROM relayed_upto"
SAVE_UPTO = "UPDATE relayed_upto SET sequence = %s"
SAVE = """
INSERT INTO relayed (topic, partition, epoch, sequence, log_offset) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (topic, partition) DO UPDATE
SET epoch = EXCLUDED.epoch, sequence = EXCLUDED.sequence, log_offset = EXCLUDED.log_offset
"""


class Leader:
    """One term of leading: its connection is its lease, and all it writes goes over that.

    The server ends the session of a leader that asks nothing for 5 s; whatever a stopped one does after it wakes up
    fails then, but for the batches that it had in hand.
    """

    def __init__(
        self, settings: Settings, service: str, topics: Sequence[str], store: Store, leads: Callable[[], None]
    ) -> None:
        self._settings, self._service, self._topics, self._store = settings, service, topics, store
        self._tell_leads = leads
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"{service} relay")
        self._conn: Conn
        self._producer: Any = None
        self._lanes: dict[Place, Lane] = {}
        self._counts: dict[str, int] = {}
        self._epoch = 1
        self._read_to = 0

    async def run(self) -> None:
        """Wait for the lease, then publish until something fails. Raises what failed."""
        self._conn = await self._in_thread(_connect, self._settings, self._service)
        try:
            while not await self._in_database(_locked):
                await asyncio.sleep(POLL)
            await self._begin()
            while True:
                await self._in_database(self._read_on)
                self._send()
                await self._wait()
        finally:
            await self._stop_producer()
            self._thread.submit(self._conn.close)
            self._thread.shutdown(wait=False)

    async def _begin(self) -> None:
        """Compare store and topics, take over their positions, open the gate."""
        await self._keeping_the_lease(self._start_producer())
        self._counts = await self._keeping_the_lease(counted(self._settings, self._topics))
        places = [(topic, number) for topic, count in self._counts.items() for number in range(count)]
        saved = await self._in_database(acknowledged, self._topics)
        for topic, count in self._counts.items():
            known = sum(1 for place in saved if place[0] == topic)
            if known not in (0, count):
                raise PartitionsChanged(topic, known, count)
        found = await self._keeping_the_lease(tails(self._settings, places, saved))
        await self._in_database(self._take_over, found, saved)
        self._tell_leads()

    def _take_over(self, conn: Conn, found: dict[Place, Any], saved: dict[Place, Acknowledged]) -> None:
        if conn.execute(HEALING).fetchone() is not None:
            raise Differs("events are put back after a restore; if nobody does it now, run recover --heal again")
        self._epoch = self._store.last_epoch(conn) or 1
        given_up = epochs.cuts(conn, self._topics)
        for place, tail in found.items():
            cuts = given_up.get(place, [])
            at = adopt(conn, place, tail, saved.get(place), self._epoch, cuts)
            self._lanes[place] = lane = Lane(place, at, at.sequence)
            if cuts and cuts[-1].end and at.epoch < cuts[-1].epoch:
                lane.pending.append(_beginning(cuts[-1]))
        row = conn.execute(UPTO).fetchone()
        self._read_to = int(row[0]) if row else 0
        self._save(conn, list(self._lanes.values()))
        self._store.open_gate(conn, self._epoch)
        conn.execute(f"LISTEN {CHANNEL}")

    def _read_on(self, conn: Conn) -> None:
        """Read settled events into their lanes, as far as there is room; asks the server something in any case."""
        upto = self._store.settled(conn)
        room = AHEAD - sum(len(lane.pending) for lane in self._lanes.values())
        if upto > self._read_to and room > 0:
            for row in self._store.read(conn, self._read_to, upto, min(room, READ)):
                self._queue(row)
                self._read_to = row.id

    def _queue(self, row: Stored) -> None:
        topic, key = topic_of(row.type), str(row.key).encode()
        if topic not in self._counts:
            raise Differs(f"event {row.id} of type {row.type} belongs to {topic}, which this relay does not publish")
        lane = self._lanes[topic, partition_of(key, self._counts[topic])]
        if row.id > lane.queued:
            document = bytes(row.document)
            lane.pending.append(Outgoing(_headers(document, self._epoch, row.id, lane.queued), key, document))
            lane.queued = row.id

    def _send(self) -> None:
        for lane in self._lanes.values():
            if lane.pending and lane.sending is None:
                lane.sending = asyncio.create_task(self._publish(lane))

    async def _publish(self, lane: Lane) -> Acknowledged:
        """Send the lane's next batch and wait for its acknowledgement."""
        batch, sent = self._producer.create_batch(), 0
        while sent < min(BATCH, len(lane.pending)):
            out = lane.pending[sent]
            if batch.append(timestamp=None, key=out.key, value=out.document, headers=pack(out.headers)) is None:
                break
            sent += 1
        last = lane.pending[sent - 1].headers
        async with asyncio.timeout(UNACKNOWLEDGED):
            queued = await self._producer.send_batch(batch, lane.place[0], partition=lane.place[1])
            metadata = await queued
        return Acknowledged(last.epoch, last.sequence, metadata.offset + sent - 1 if metadata.offset >= 0 else -1)

    async def _wait(self) -> None:
        """Until something was acknowledged, or a nudge came, or `POLL` is over."""
        sending = [lane.sending for lane in self._lanes.values() if lane.sending]
        if not sending:
            await self._in_database(_nudged)
            return
        await asyncio.wait(sending, timeout=POLL, return_when=asyncio.FIRST_COMPLETED)
        finished = [lane for lane in self._lanes.values() if lane.sending and lane.sending.done()]
        failed = [lane for lane in finished if lane.sending and lane.sending.exception()]
        acknowledged_now = [self._acknowledge(lane) for lane in finished if lane not in failed]
        if acknowledged_now:
            await self._in_database(self._save, acknowledged_now)
        if failed:
            await self._begin_sending_again(failed[0])
        metrics.UNPUBLISHED.labels(self._service).set(sum(len(lane.pending) for lane in self._lanes.values()))

    def _acknowledge(self, lane: Lane) -> Lane:
        assert lane.sending is not None
        at, lane.sending, before = lane.sending.result(), None, len(lane.pending)
        if 0 <= at.offset <= lane.saved.offset:
            raise Differs(
                f"{lane.place[0]}/{lane.place[1]} was made anew: offset {at.offset} came after {lane.saved.offset}"
            )
        while lane.pending and lane.pending[0].headers.sequence <= at.sequence:
            lane.pending.popleft()
        # a repeat that the broker knew already comes without an offset: the next batch brings one
        lane.saved = at if at.offset >= 0 else Acknowledged(at.epoch, lane.saved.sequence, lane.saved.offset)
        metrics.PUBLISHED.labels(self._service, lane.place[0]).inc(before - len(lane.pending))
        return lane

    def _save(self, conn: Conn, lanes: Sequence[Lane]) -> None:
        waiting = [lane.pending[0].headers.sequence - 1 for lane in self._lanes.values() if lane.pending]
        with conn.transaction(), conn.cursor() as cursor:
            rows = [(*lane.place, lane.saved.epoch, lane.saved.sequence, lane.saved.offset) for lane in lanes]
            cursor.executemany(SAVE, rows)
            cursor.execute(SAVE_UPTO, [min(waiting, default=self._read_to)])

    async def _begin_sending_again(self, failed: Lane) -> None:
        """After any error of the producer: nobody knows what arrived, and its next send would fail too."""
        assert failed.sending is not None
        log.warning("publishing to %s/%d begins again: %r", *failed.place, failed.sending.exception())
        for lane in self._lanes.values():
            if lane.sending:
                lane.sending.cancel()
                await asyncio.wait([lane.sending])
                lane.sending = None
        await self._keeping_the_lease(self._renew_producer())

    async def _renew_producer(self) -> None:
        await self._stop_producer()
        await asyncio.sleep(POLL)
        await self._start_producer()

    async def _start_producer(self) -> None:
        self._producer = AIOKafkaProducer(
            **brokers(self._settings),
            enable_idempotence=True,
            acks="all",
            max_batch_size=REQUEST,
            request_timeout_ms=int(UNACKNOWLEDGED * 1000),
        )
        await self._producer.start()

    async def _stop_producer(self) -> None:
        for lane in self._lanes.values():
            if lane.sending:
                lane.sending.cancel()
        producer, self._producer = self._producer, None
        if producer is not None:
            # its own stop() waits for batches that may never be acknowledged: end its sender first
            with suppress(asyncio.CancelledError, *LANE_ERRORS):
                await producer._sender.close()
            with suppress(*LANE_ERRORS):
                await asyncio.wait_for(producer.stop(), 5)

    # the database's thread

    async def _keeping_the_lease(self, work: Coroutine[Any, Any, T]) -> T:
        """Ask the server something every second while Kafka is waited for."""
        waited = asyncio.create_task(work)
        try:
            while not waited.done():
                await self._in_database(_ask)
                await asyncio.wait([waited], timeout=POLL)
        finally:
            waited.cancel()
        return waited.result()

    async def _in_database(self, work: Callable[Concatenate[Conn, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._in_thread(work, self._conn, *args, **kwargs)

    async def _in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: work(*args, **kwargs))


def _connect(settings: Settings, service: str) -> Conn:
    alive = {"keepalives_idle": 2, "keepalives_interval": 1, "keepalives_count": 3, "connect_timeout": 5}
    return psycopg.connect(make_conninfo(conninfo(settings, service, "relay"), **alive), autocommit=True)


def _ask(conn: Conn) -> None:
    conn.execute("SELECT 1")


def _locked(conn: Conn) -> bool:
    row = conn.execute(TRY_LOCK).fetchone()
    return bool(row and row[0])


def _nudged(conn: Conn) -> None:
    for _ in conn.notifies(timeout=POLL, stop_after=1):
        pass


def _beginning(cut: Cut) -> Outgoing:
    headers, document = epochs.begins(cut)
    return Outgoing(headers, None, document)


def _headers(document: bytes, epoch: int, sequence: int, prev: int) -> Headers:
    attributes = from_json(document)
    return Headers(epoch, sequence, prev, attributes.get("traceparent"), attributes.get("correlationid"))


FORGET = "DELETE FROM relayed WHERE topic = %s"
NOTHING_BEFORE = "UPDATE given_up SET log_end = 0 WHERE topic = %s"
FROM_FIRST = "UPDATE relayed_upto SET sequence = 0"


def publish_again(settings: Settings, service: str, topic: str) -> None:
    """The operator's word that a topic was lost: the relay goes on after what it holds, from the first event if empty.

    Consumers skip what they have already. A running relay notices at its next look.
    """
    with _connect(settings, service) as conn, conn.transaction():
        conn.execute(FORGET, [topic])
        conn.execute(NOTHING_BEFORE, [topic])
        conn.execute(FROM_FIRST)
