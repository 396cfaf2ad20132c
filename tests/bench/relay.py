"""How fast the relay copies what is stored to its topic, beside a bare idempotent producer of the same bytes.

    python -m tests.bench.relay [events]

Events of 27 marks (about 3 KB) of twelve schools wait in the store; the relay's clock runs from its first
acknowledgement to the last one. The bare producer has the same documents in memory, sends batches of the relay's size
to every partition, one at a time for each, and waits for all acknowledgements (acks=all, idempotent).
"""

import asyncio
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from itertools import count, islice
from pathlib import Path
from uuid import uuid4

import psycopg
from aiokafka import AIOKafkaProducer

from deploy.embedded.kafka import Kafka
from deploy.embedded.postgres import Postgres
from shared import postgres
from shared.eventstore.mapper import StoredDocument
from shared.eventstore.recorder import LedgerRecorder
from shared.settings import Settings
from shared.stream import MIGRATIONS, Relay, topics
from shared.stream.headers import partition_of
from shared.stream.relay import BATCH, REQUEST
from tests.bench.append import SERVICE, documents, prepare

EVENTS = 20_000
TOPIC = "diary.grades"
PARTITIONS = 6
SCHOOLS = 12
AT_ONCE = 500
"""Events appended in one transaction while the store is filled."""
PATIENCE = 300.0
numbers = count(1)


def made(events: int) -> list[StoredDocument]:
    """Documents of all schools in turn."""
    each = [documents(uuid4()) for _ in range(SCHOOLS)]
    return [next(each[n % SCHOOLS]) for n in range(events)]


def ready(server: Postgres, kafka: Kafka) -> Settings:
    """A service with a store, and its topic."""
    settings = prepare(server).model_copy(update={"kafka": kafka.bootstrap})
    postgres.migrate(settings, SERVICE, [MIGRATIONS])
    topics.ensure(settings, topics.Topics((TOPIC,), PARTITIONS))
    return settings


def fill(settings: Settings, events: Sequence[StoredDocument]) -> None:
    """Append them as the store's owner, who needs no scope."""
    with postgres.pool(settings, SERVICE, "migrate", 1) as pool:
        recorder, waiting = LedgerRecorder(pool), iter(events)
        while some := list(islice(waiting, AT_ONCE)):
            with pool.connection() as conn:
                recorder.insert_events(some, conn=conn, epoch=1, fingerprint=b"")


LAST = "SELECT max(id) FROM events"
UPTO = "SELECT sequence FROM relayed_upto"


def relayed(settings: Settings, events: Sequence[StoredDocument]) -> float:
    """Events a second, by the relay."""
    fill(settings, events)
    return asyncio.run(_relayed(settings))


async def _relayed(settings: Settings) -> float:
    with psycopg.connect(postgres.conninfo(settings, SERVICE, "migrate"), autocommit=True) as asking:

        def number(query: str) -> int:
            return int((asking.execute(query).fetchone() or [0])[0])

        last, start = number(LAST), number(UPTO)
        running = asyncio.create_task(Relay(settings, SERVICE, [TOPIC]).run())
        try:
            deadline = time.monotonic() + PATIENCE
            while (first := number(UPTO)) <= start:
                await asyncio.sleep(0.002)
            began = time.monotonic()
            while number(UPTO) < last:
                assert time.monotonic() < deadline, "the relay does not come to the end"
                await asyncio.sleep(0.01)
            return (last - first) / (time.monotonic() - began)
        finally:
            running.cancel()
            await asyncio.wait([running])


def bare(settings: Settings, events: Sequence[StoredDocument]) -> float:
    """Events a second, by a producer alone."""
    name = f"bare.{next(numbers)}"
    topics.ensure(settings, topics.Topics((name,), PARTITIONS))
    return asyncio.run(_bare(settings, name, events))


async def _bare(settings: Settings, topic: str, events: Sequence[StoredDocument]) -> float:
    lanes: dict[int, list[StoredDocument]] = defaultdict(list)
    for event in events:
        lanes[partition_of(str(event.key).encode(), PARTITIONS)].append(event)
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka, enable_idempotence=True, acks="all", max_batch_size=REQUEST
    )
    await producer.start()
    try:
        began = time.monotonic()
        await asyncio.gather(*(_lane(producer, topic, partition, lane) for partition, lane in lanes.items()))
        return len(events) / (time.monotonic() - began)
    finally:
        await producer.stop()


async def _lane(producer: AIOKafkaProducer, topic: str, partition: int, lane: Sequence[StoredDocument]) -> None:
    waiting = list(lane)
    while waiting:
        batch, sent = producer.create_batch(), 0
        for event in waiting[:BATCH]:
            if batch.append(timestamp=None, key=str(event.key).encode(), value=event.state) is None:
                break
            sent += 1
        await (await producer.send_batch(batch, topic, partition=partition))
        waiting = waiting[sent:]


def main(events: int) -> None:
    with tempfile.TemporaryDirectory(prefix="diary-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with Postgres(folder / "postgres") as server, Kafka(folder / "kafka") as kafka:
            settings = ready(server, kafka)
            for arm in (bare, relayed, bare, relayed):
                print(f"{arm.__name__:>8}: {arm(settings, made(events)):.0f} events/s", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS)
