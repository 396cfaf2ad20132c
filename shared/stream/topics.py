"""Kafka topics: created with the partition count of deploy/topics.yaml, which is fixed for their life."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from shared.contracts import CONTRACTS, UPCASTS
from shared.settings import Settings
from shared.stream.brokers import brokers

FILE = Path(__file__).parents[2] / "deploy" / "topics.yaml"


@dataclass(frozen=True)
class Topics:
    """Names, with the same partition count and settings for all. Replication -1 is the broker's default."""

    names: tuple[str, ...]
    partitions: int
    replication: int = -1
    config: dict[str, str] = field(default_factory=lambda: {"retention.ms": "-1"})


class PartitionsChanged(Exception):
    """A topic has another partition count than it was made with."""

    def __init__(self, topic: str, wanted: int, found: int) -> None:
        super().__init__(
            f"topic {topic} has {found} partitions, not {wanted}: the order of a school's events would break. "
            "Nothing was changed; see docs/operations/partitions.md."
        )


def read(file: Path = FILE) -> Topics:
    """What the file lists."""
    listed = yaml.safe_load(file.read_text("utf-8"))
    return Topics(tuple(listed["topics"]), listed["partitions"], listed["replication"], listed["config"])


def topic_of(type_: str) -> str:
    """Where events of this type are published; old versions go where the newest does."""
    while type_ in UPCASTS:
        type_ = UPCASTS[type_][0]
    known = CONTRACTS.get(type_)
    return known.TOPIC if known else ".".join(type_.split(".")[:2])


def ensure(settings: Settings, wanted: Topics | None = None) -> None:
    """Create the topics that are missing. Raises PartitionsChanged for one with another partition count, KafkaError.

    For start-up commands, outside of an event loop.
    """
    asyncio.run(create_missing(settings, wanted or read()))


async def create_missing(settings: Settings, wanted: Topics) -> None:
    """As `ensure`, for callers with an event loop."""
    admin = AIOKafkaAdminClient(**brokers(settings))
    await admin.start()
    try:
        there = set(await admin.list_topics())
        missing = [name for name in wanted.names if name not in there]
        if missing:
            _raise_for(await admin.create_topics([_new(name, wanted) for name in missing]))
        for described in await admin.describe_topics([name for name in wanted.names if name in there]) if there else []:
            if len(described["partitions"]) != wanted.partitions and described["topic"] in wanted.names:
                raise PartitionsChanged(described["topic"], wanted.partitions, len(described["partitions"]))
    finally:
        await admin.close()


async def counted(settings: Settings, names: Iterable[str]) -> dict[str, int]:
    """How many partitions each of the topics has. Raises KafkaError, UnknownTopicOrPartitionError among them."""
    admin = AIOKafkaAdminClient(**brokers(settings))
    await admin.start()
    try:
        found = await admin.describe_topics(list(names))
    finally:
        await admin.close()
    for each in found:
        if each["error_code"]:
            raise for_code(each["error_code"])(each["topic"])
    return {each["topic"]: len(each["partitions"]) for each in found}


def _new(name: str, wanted: Topics) -> NewTopic:
    # an empty assignment, because NewTopic takes -1 for «assigned by hand» otherwise
    return NewTopic(
        name, wanted.partitions, wanted.replication, {} if wanted.replication == -1 else None, wanted.config
    )


def _raise_for(response: object) -> None:
    for name, code, *text in getattr(response, "topic_errors", ()):
        if code and not issubclass(for_code(code), TopicAlreadyExistsError):
            raise for_code(code)(f"{name}: {text}")
