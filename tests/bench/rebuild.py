"""How fast the diary is built anew from its topics, in entries (marks and presences) a second.

    python -m tests.bench.rebuild [entries …]

Columns and rolls of classes of 27, half and half, of sixty schools stand in the topics with the headers that the relay
writes; they are put there directly, since only reading is measured. The clock runs over `rebuild` as the operator's
command does it: tables beside, the fill, statistics, the switch.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
from aiokafka import AIOKafkaProducer

from deploy.embedded.kafka import Kafka
from deploy.embedded.postgres import Postgres
from services.reporting import diary
from services.reporting.main import SERVICE
from shared import clock, garbage, postgres
from shared.contracts import Event
from shared.contracts.attendance import RollEntry, RollTaken
from shared.contracts.envelope import Envelope, write
from shared.contracts.grades import Mark, MarksGiven
from shared.settings import Settings
from shared.stream import rebuild, topics
from shared.stream.headers import Headers, pack, partition_of
from shared.stream.relay import BATCH, REQUEST
from shared.testing.web import fresh_database, settings_for
from tests.bench.saves import used, used_by_all

ENTRIES = (100_000, 1_000_000)
CLASS = 27
SCHOOLS = 60
PARTITIONS = 6
SIZES = "SELECT (SELECT count(*) FROM diary_marks) + (SELECT count(*) FROM diary_presences)"


def events(entries: int) -> Iterator[Event]:
    """Columns and rolls in turn, until there are so many entries."""
    schools = [uuid4() for _ in range(SCHOOLS)]
    pupils = [[uuid4() for _ in range(CLASS)] for _ in range(SCHOOLS)]
    for n in range(entries // CLASS):
        school, members = schools[n % SCHOOLS], pupils[n % SCHOOLS]
        if n % 2:
            marks = tuple(Mark(pupil_id=pupil, values=("4",)) for pupil in members)
            yield MarksGiven(work_id=uuid4(), school_id=school, marks=marks)
        else:
            present = tuple(RollEntry(pupil_id=pupil, state="present") for pupil in members)
            on = date(2026, 9, 1) + timedelta(n % 200)
            yield RollTaken(lesson_id=uuid4(), school_id=school, group_id=school, on=on, number=1, entries=present)


class Source:
    """A service's place in its topic: positions count on from one filling to the next."""

    def __init__(self) -> None:
        self.last = 0
        self.before: dict[int, int] = defaultdict(int)

    def record(self, service: str, event: Event) -> tuple[int, bytes, bytes, Headers]:
        """Partition, key, document and headers of the next event."""
        self.last += 1
        stream = UUID(int=self.last)
        envelope = Envelope(
            id=f"{stream}:1", source=f"/diary/{service}/1", type=event.TYPE, subject=stream, time=clock.now(),
            actor=stream, command_id=stream, correlation_id="bench", key=event.key, salt="0" * 32,
        )  # fmt: skip
        key = str(event.key).encode()
        partition = partition_of(key, PARTITIONS)
        headers = Headers(1, self.last, self.before[partition])
        self.before[partition] = self.last
        return partition, key, write(envelope, event), headers


async def fill(settings: Settings, sources: dict[str, Source], entries: int) -> None:
    """Put them into the topics."""
    lanes: dict[tuple[str, int], list[tuple[bytes, bytes, Headers]]] = defaultdict(list)
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka, enable_idempotence=True, acks="all", max_batch_size=REQUEST
    )
    await producer.start()
    try:
        for event in events(entries):
            service = "grades" if isinstance(event, MarksGiven) else "attendance"
            partition, *record = sources[service].record(service, event)
            lane = lanes[f"diary.{service}", partition]
            lane.append((record[0], record[1], record[2]))  # type: ignore[arg-type]
            if len(lane) == BATCH:
                await _send(producer, f"diary.{service}", partition, lane)
        for (topic, partition), lane in lanes.items():
            if lane:
                await _send(producer, topic, partition, lane)
    finally:
        await producer.stop()


async def _send(
    producer: AIOKafkaProducer, topic: str, partition: int, lane: list[tuple[bytes, bytes, Headers]]
) -> None:
    batch = producer.create_batch()
    for key, document, headers in lane:
        assert batch.append(timestamp=None, key=key, value=document, headers=pack(headers)) is not None, "it fits"
    await (await producer.send_batch(batch, topic, partition=partition))
    lane.clear()


@dataclass(frozen=True)
class Run:
    """Microseconds an entry: of the clock, and of the processor in our process, in PostgreSQL, in Kafka."""

    held: int
    clock: float
    ours: float
    postgres: float
    kafka: float

    def __str__(self) -> str:
        spent = f"ours {self.ours:.1f}, PostgreSQL {self.postgres:.1f}, Kafka {self.kafka:.1f}"
        return f"{self.held} entries: {1e6 / self.clock:.0f}/s; µs of processor an entry: {spent}"


@dataclass(frozen=True)
class Servers:
    """Where it runs; the pids tell what it costs."""

    settings: Settings
    postgres: int
    kafka: int

    def spent(self) -> tuple[float, ...]:
        own = os.times()
        ours = own.user + own.system + own.children_user + own.children_system
        return ours, used_by_all(self.postgres), used(self.kafka)

    def rebuilt(self, number: int) -> Run:
        """The diary built anew as its so many-th."""
        projection = replace(diary.PROJECTION, name=f"reporting.diary.{number}")
        before, began = self.spent(), time.monotonic()
        rebuild(self.settings, SERVICE.name, projection)
        seconds = time.monotonic() - began
        of_each = [after - earlier for after, earlier in zip(self.spent(), before, strict=True)]
        with psycopg.connect(postgres.conninfo(self.settings, SERVICE.name, "worker")) as conn:
            held = int((conn.execute(SIZES).fetchone() or [0])[0])
        return Run(held, *(1e6 * each / held for each in (seconds, *of_each)))


def measure(servers: Servers, sizes: tuple[int, ...], repeats: int) -> dict[int, list[Run]]:
    """What a rebuild costs at each size, the topics growing from one to the next."""
    sources = {"grades": Source(), "attendance": Source()}
    found: dict[int, list[Run]] = {}
    there, number = 0, 1
    for size in sizes:
        asyncio.run(fill(servers.settings, sources, size - there))
        there = size
        for _ in range(repeats):
            number += 1
            run = servers.rebuilt(number)
            assert run.held > 0.99 * size, f"{run.held} of {size}"
            found.setdefault(size, []).append(run)
            print(run, flush=True)
    return found


def ready(server: Postgres, kafka: Kafka) -> Servers:
    """With reporting's empty database, and empty topics."""
    garbage.seldom(garbage.YOUNG_OF_A_REBUILD)  # as the command does
    settings = settings_for(server, kafka=kafka.bootstrap)
    fresh_database(settings, SERVICE)
    topics.ensure(settings)
    return Servers(settings, server.pid, kafka.pid)


def main(sizes: tuple[int, ...]) -> None:
    with tempfile.TemporaryDirectory(prefix="diary-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with Postgres(folder / "postgres") as server, Kafka(folder / "kafka") as kafka:
            measure(ready(server, kafka), sizes, 3)


if __name__ == "__main__":
    main(tuple(int(size) for size in sys.argv[1:]) or ENTRIES)
