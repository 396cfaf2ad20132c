"""Kafka as a child: what it must survive."""

import asyncio
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from deploy.embedded.kafka import Kafka, _escaped
from deploy.embedded.supervisor import free_port

WORDS = [f"слово {number}".encode() for number in range(100)]


async def _make(bootstrap: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    finally:
        await admin.close()


async def _topics(bootstrap: str) -> list[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        return list(await admin.list_topics())
    finally:
        await admin.close()


async def _write(bootstrap: str, topic: str) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True) as producer:
        for word in WORDS:
            await producer.send(topic, word)


async def _read(bootstrap: str, topic: str) -> list[bytes]:
    async with AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer:
        return [(await asyncio.wait_for(consumer.getone(), 30)).value for _ in WORDS]


def test_what_was_written_is_read_after_a_kill(servers_folder: Path) -> None:
    with Kafka(servers_folder / "папка с пробелами" / "kafka") as broker:
        asyncio.run(_make(broker.bootstrap, "words"))
        asyncio.run(_write(broker.bootstrap, "words"))
        before = broker.bootstrap
        broker.kill()
        broker.start()
        assert broker.bootstrap == before
        assert asyncio.run(_read(broker.bootstrap, "words")) == WORDS


def test_two_run_side_by_side_and_topics_are_not_made_by_accident(kafka: Kafka, servers_folder: Path) -> None:
    proxy = free_port()
    with Kafka(servers_folder / "second", advertised_port=proxy) as other:
        assert other.bootstrap == f"127.0.0.1:{proxy}"
        assert other.port not in (proxy, kafka.port)
    with pytest.raises((KafkaError, TimeoutError)):
        asyncio.run(asyncio.wait_for(_write(kafka.bootstrap, "misspelt"), 1))
    assert "misspelt" not in asyncio.run(_topics(kafka.bootstrap))


def test_a_path_is_written_so_that_java_reads_it() -> None:
    assert _escaped("/дом \\x/😀") == "/\\u0434\\u043e\\u043c \\\\x/\\ud83d\\ude00"
