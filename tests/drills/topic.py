"""The topic as it is: every record of every partition; and records written again, past the relay."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, RecordsToDelete

from shared.stream.headers import Headers, unpack
from shared.stream.topics import counted
from tests.drills.rig import TOPIC, Rig


@dataclass(frozen=True, slots=True)
class Record:
    """Headers and bytes as they stand in the log."""

    partition: int
    offset: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]

    @property
    def at(self) -> Headers:
        return unpack(self.headers)


async def records(rig: Rig, topic: str = TOPIC) -> list[Record]:
    """All of them, partition by partition in the order of the log."""
    consumer = AIOKafkaConsumer(bootstrap_servers=rig.settings.kafka)
    await consumer.start()
    try:
        count = (await counted(rig.settings, [topic]))[topic]
        places = [TopicPartition(topic, number) for number in range(count)]
        ends, found = await consumer.end_offsets(places), list[Record]()
        for place in places:
            consumer.assign([place])  # alone, or fetches of the others would wait for more
            consumer.seek(place, 0)
            while await consumer.position(place) < ends[place]:
                for r in (await consumer.getmany(place, timeout_ms=300)).get(place, []):
                    found.append(Record(r.partition, r.offset, r.key, r.value, r.headers))
        return found
    finally:
        await consumer.stop()


def standing(log: Sequence[Record]) -> list[Record]:
    """What of it are events still, as docs/events.md tells every reader: a record that begins an epoch gives up those
    before it in its partition which have a greater number, and is none itself."""
    kept: list[Record] = []
    for r in log:
        if r.at.begins:
            kept = [k for k in kept if k.partition != r.partition or k.at.sequence <= r.at.sequence]
        else:
            kept.append(r)
    return kept


async def ends(rig: Rig, topics: Sequence[str]) -> dict[tuple[str, int], int]:
    """Where the logs end now."""
    consumer = AIOKafkaConsumer(bootstrap_servers=rig.settings.kafka)
    await consumer.start()
    try:
        counts = await counted(rig.settings, topics)
        places = [TopicPartition(topic, number) for topic, count in counts.items() for number in range(count)]
        return {(at.topic, at.partition): end for at, end in (await consumer.end_offsets(places)).items()}
    finally:
        await consumer.stop()


async def produce(rig: Rig, some: Sequence[Record], topic: str = TOPIC) -> None:
    """Write records to the end of their partitions, each with its own key, bytes and headers."""
    producer = AIOKafkaProducer(bootstrap_servers=rig.settings.kafka)
    await producer.start()
    try:
        for r in some:
            await producer.send(topic, r.value, key=r.key, partition=r.partition, headers=list(r.headers))
        await producer.flush()
    finally:
        await producer.stop()


async def delete(rig: Rig, topic: str = TOPIC) -> None:
    """Delete the topic and wait until it is gone."""
    async with _admin(rig) as admin:
        await admin.delete_topics([topic])
        while topic in await admin.list_topics():
            await asyncio.sleep(0.1)


async def forget(rig: Rig, topic: str = TOPIC) -> None:
    """Delete all records up to now, as a retention does."""
    upto = {TopicPartition(*place): RecordsToDelete(end) for place, end in (await ends(rig, [topic])).items() if end}
    async with _admin(rig) as admin:
        await admin.delete_records(upto)


async def repartition(rig: Rig, count: int, topic: str = TOPIC) -> None:
    """Give the topic more partitions."""
    async with _admin(rig) as admin:
        await admin.create_partitions({topic: NewPartitions(total_count=count)})


@asynccontextmanager
async def _admin(rig: Rig) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=rig.settings.kafka)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()
