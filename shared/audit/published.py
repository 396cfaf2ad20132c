"""Checkpoints on a topic: whoever reads it has a copy that no administrator of ours can take back."""

from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.audit.checkpoint import Checkpoint, read
from shared.settings import Settings
from shared.stream.brokers import brokers
from shared.stream.headers import partition_of
from shared.stream.topics import counted

TOPIC = "diary.audit"
"""Its messages are signed notes, keyed by the service's name; the order of a service's is kept."""


async def publish(settings: Settings, service: str, notes: Sequence[str]) -> None:
    """Acknowledged when this returns. Raises KafkaError, OSError."""
    if not notes:
        return
    producer = AIOKafkaProducer(**brokers(settings), enable_idempotence=True, acks="all")
    await producer.start()
    try:
        at = await _partition(settings, service)
        for note in notes:
            await producer.send_and_wait(TOPIC, note.encode(), key=service.encode(), partition=at)
    finally:
        await producer.stop()


async def published(settings: Settings, service: str, keys: Sequence[Ed25519PublicKey]) -> list[Checkpoint]:
    """A service's checkpoints, oldest first. Raises NotSigned for one that is none, KafkaError, OSError."""
    consumer: Any = AIOKafkaConsumer(**brokers(settings), enable_auto_commit=False)
    at = TopicPartition(TOPIC, await _partition(settings, service))
    await consumer.start()
    try:
        consumer.assign([at])
        await consumer.seek_to_beginning(at)
        end, found = (await consumer.end_offsets([at]))[at], list[Checkpoint]()
        while await consumer.position(at) < end:
            records = (await consumer.getmany(at, timeout_ms=500)).get(at, ())
            found += [read(r.value.decode(), service, keys) for r in records if r.key == service.encode()]
        return found
    finally:
        await consumer.stop()


async def _partition(settings: Settings, service: str) -> int:
    return partition_of(service.encode(), (await counted(settings, [TOPIC]))[TOPIC])
