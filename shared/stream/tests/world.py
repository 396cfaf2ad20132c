"""A tiny service to stream with: payments of schools, stored one by one, summed by a view that hates repeats."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from types import TracebackType
from typing import Any, NamedTuple, Self
from uuid import UUID, uuid4, uuid5

import psycopg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from shared import clock
from shared.contracts import Event
from shared.contracts.envelope import Envelope, Received, write
from shared.postgres import Conn, conninfo
from shared.settings import Settings
from shared.stream import Projection, Relay, Store
from shared.stream.arrivals import Arrival, arrive
from shared.stream.headers import Headers, pack
from shared.stream.progress import begin

ACTOR = UUID(int=1)


class Paid(Event):
    TYPE, KEY, TOPIC = "diary.test.paid.v1", "school_id", "set by the fixture"
    school_id: UUID
    purse_id: UUID
    amount: int


class Imported(Event):
    TYPE, KEY, TOPIC = "diary.test.imported.v1", "district_id", "set by the fixture"
    district_id: UUID


TABLES = """
CREATE TABLE events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key uuid, type text, document bytea);
CREATE TABLE opened (one boolean PRIMARY KEY DEFAULT true, epoch int);
CREATE TABLE purses (
    purse_id uuid CONSTRAINT purse PRIMARY KEY, school_id uuid NOT NULL, total int NOT NULL, trail text NOT NULL,
    CONSTRAINT no_debt CHECK (total >= 0));
CREATE INDEX purses_by_school ON purses (school_id);
ALTER TABLE purses ENABLE ROW LEVEL SECURITY;
CREATE POLICY purses_scope ON purses FOR SELECT TO {api} USING (school_id = ANY (diary_scope()));
CREATE POLICY purses_worker ON purses TO {worker} USING (true);
GRANT SELECT ON events TO {relay};
GRANT SELECT, INSERT, UPDATE ON opened TO {relay};
GRANT SELECT ON purses TO {api};
GRANT SELECT, INSERT, UPDATE ON purses TO {worker};
"""

PAY = """
INSERT INTO purses (purse_id, school_id, total, trail)
SELECT purse_id, school_id, amount, trail FROM unnest(%s::uuid[], %s::uuid[], %s::int[], %s::text[])
    AS paid (purse_id, school_id, amount, trail)
ON CONFLICT (purse_id) DO UPDATE SET total = purses.total + EXCLUDED.total, trail = purses.trail || EXCLUDED.trail
"""


def pay(conn: Conn, received: Sequence[Received]) -> None:
    """Sums, and a trail that shows each event's version in the order of applying. A purse below 0 is refused."""
    for one in received:
        if isinstance(one.event, Paid):
            row = [[one.event.purse_id], [one.event.school_id], [one.event.amount], [f"{one.envelope.version} "]]
            conn.execute(PAY, row)


class Row(NamedTuple):
    id: int
    key: UUID
    type: str
    document: bytes


def settled(conn: Conn) -> int:
    row = conn.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()
    return int(row[0]) if row else 0


def read(conn: Conn, after: int, upto: int, limit: int) -> list[Row]:
    query = "SELECT id, key, type, document FROM events WHERE id > %s AND id <= %s ORDER BY id LIMIT %s"
    return [Row(*row) for row in conn.execute(query, [after, upto, limit], binary=True)]


def last_epoch(conn: Conn) -> int | None:
    row = conn.execute("SELECT epoch FROM opened").fetchone()
    return int(row[0]) if row else None


def open_gate(conn: Conn, epoch: int) -> None:
    conn.execute(
        "INSERT INTO opened (epoch) VALUES (%s) ON CONFLICT (one) DO UPDATE SET epoch = EXCLUDED.epoch", [epoch]
    )


STORE = Store(settled, read, last_epoch, open_gate)


def purse(number: int) -> UUID:
    return uuid5(UUID(int=2), str(number))


def school(number: int) -> UUID:
    return uuid5(UUID(int=3), str(number))


class World:
    """`admin` may do everything in the service's database; `versions` counts each purse's events."""

    def __init__(self, settings: Settings, service: str, topic: str) -> None:
        self.settings, self.service, self.topic = settings, service, topic
        self._versions: dict[UUID, int] = {}

    def __enter__(self) -> Self:
        self.admin = psycopg.connect(conninfo(self.settings, self.service, "migrate"), autocommit=True)
        roles = {role: psycopg.sql.Identifier(f"{self.service}_{role}") for role in ("api", "worker", "relay")}
        self.admin.execute(psycopg.sql.SQL(TABLES).format(**roles))
        self.worker = psycopg.connect(conninfo(self.settings, self.service, "worker"), autocommit=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.admin.close()
        self.worker.close()

    def projection(self, number: int = 1, **changes: Any) -> Projection:
        asked: dict[str, Any] = {
            "name": f"{self.service}.purses.{number}",
            "topics": (self.topic,),
            "apply": pay,
            "handles": frozenset({Paid}),
            "leaves": frozenset({Imported}),
            "tables": ("purses",),
        }
        return Projection(**(asked | changes))

    def relay(self) -> Relay:
        return Relay(self.settings, self.service, (self.topic,), STORE)

    # events

    def document(
        self, event: Event, subject: UUID, import_id: UUID | None = None, type_: str = "", time: datetime | None = None
    ) -> bytes:
        version = self._versions[subject] = self._versions.get(subject, 0) + 1
        envelope = Envelope(
            id=f"{subject}:{version}",
            source="/diary/test/1",
            type=type_ or event.TYPE,
            subject=subject,
            time=time or clock.now(),
            actor=ACTOR,
            command_id=uuid4(),
            correlation_id="c",
            key=event.key,
            salt="s",
            import_id=import_id,
        )
        return write(envelope, event)

    def paid(self, number: int, amount: int = 1, **changes: Any) -> bytes:
        """Purse `number` of school `number` mod 5."""
        event = Paid(school_id=school(number % 5), purse_id=purse(number), amount=amount)
        return self.document(event, purse(number), **changes)

    def store(self, *documents: bytes) -> None:
        rows = [(found["partitionkey"], found["type"], raw) for raw in documents for found in [json.loads(raw)]]
        with self.admin.cursor() as cursor:
            cursor.executemany("INSERT INTO events (key, type, document) VALUES (%s, %s, %s)", rows)

    def arrivals(self, *documents: bytes, partition: int = 0, after: int = 0, offset: int = 0) -> list[Arrival]:
        """As they would come out of one partition with nothing else in it."""
        return [
            arrive(self.topic, partition, offset + n, tuple(pack(Headers(1, after + n + 1, after + n))), document)
            for n, document in enumerate(documents)
        ]

    def begun(self, projection: Projection) -> Projection:
        begin(self.worker, projection.name, [(self.topic, 0), (self.topic, 1)])
        return projection

    def cut_sessions(self, role: str, doing: str = "%") -> None:
        """End the sessions of the role whose last query was like `doing`, as a cut of the network would."""
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s AND query LIKE %s"
        with psycopg.connect(self.settings.postgres_admin.get_secret_value(), autocommit=True) as superuser:
            superuser.execute(query, [f"{self.service}_{role}", doing])

    # what is to be seen

    def purses(self) -> dict[UUID, tuple[int, str]]:
        rows = self.admin.execute("SELECT purse_id, total, trail FROM purses")
        return {row[0]: (row[1], row[2].strip()) for row in rows}

    def count(self, table: str) -> int:
        row = self.admin.execute(
            psycopg.sql.SQL("SELECT count(*) FROM {}").format(psycopg.sql.Identifier(table))
        ).fetchone()
        return int(row[0]) if row else 0

    async def log(self) -> list[Arrival]:
        """Everything in the topic, partition by partition."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.settings.kafka)
        await consumer.start()
        try:
            places = [TopicPartition(self.topic, number) for number in (0, 1)]
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            ends, found = await consumer.end_offsets(places), []
            for place in places:
                while await consumer.position(place) < ends[place]:
                    for r in (await consumer.getmany(place, timeout_ms=300)).get(place, []):
                        found.append(arrive(r.topic, r.partition, r.offset, r.headers, r.value))
            return found
        finally:
            await consumer.stop()

    async def produce(self, arrivals: Iterable[Arrival]) -> None:
        """Write records as they are, past the relay."""
        producer = AIOKafkaProducer(bootstrap_servers=self.settings.kafka)
        await producer.start()
        try:
            for a in arrivals:
                headers = pack(a.place) if a.place else []
                await producer.send_and_wait(a.topic, a.document, partition=a.partition, headers=headers)
        finally:
            await producer.stop()


@asynccontextmanager
async def running(*runs: Awaitable[None]) -> Any:
    """Run them in the background."""
    tasks = [asyncio.ensure_future(run) for run in runs]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def eventually(true: Callable[[], bool], seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it never came about"
        await asyncio.sleep(0.02)
