"""What readers of a topic do where an operator gave a part of it up."""

import asyncio
from collections.abc import Sequence
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.embedded.kafka import Kafka
from shared.settings import Settings
from shared.stream import topics
from shared.stream.arrivals import Arrival, arrive
from shared.stream.brokers import brokers
from shared.stream.epochs import Cut, begins, cuts_of
from shared.stream.headers import Headers, pack
from shared.stream.progress import GivenUp, NotNext, Position, continuing

KEPT = 17
BEGIN, DOCUMENT = begins(Cut(2, KEPT, 0))


def event(epoch: int, sequence: int, prev: int) -> Headers:
    return Headers(epoch, sequence, prev)


def log(*records: Headers) -> list[Arrival]:
    return [arrive("t", 0, offset, tuple(pack(each)), DOCUMENT) for offset, each in enumerate(records)]


def taken(fresh: Sequence[Arrival]) -> list[int]:
    return [each.place.sequence for each in fresh if each.place]


AFTER = event(2, 40, KEPT)


def test_who_took_in_what_stands_goes_on_in_the_new_epoch() -> None:
    fresh, reached = continuing(Position(1, KEPT, 0), log(BEGIN, AFTER))
    assert (taken(fresh), reached) == ([40], Position(2, 40, 2))


def test_who_took_in_what_was_given_up_stops_and_says_so() -> None:
    with pytest.raises(GivenUp):
        continuing(Position(1, 19, 0), log(BEGIN, AFTER))
    fresh, reached = continuing(Position(1, KEPT, 0), log(event(1, 19, KEPT), BEGIN, AFTER))
    assert (taken(fresh), reached) == ([19], Position(1, 19, 1)), "and first what stands before"


def test_what_was_done_because_of_it_stays_done() -> None:
    fresh, reached = continuing(Position(1, 19, 0), log(BEGIN, AFTER), acts=True)
    assert (taken(fresh), reached) == ([40], Position(2, 40, 2))


def test_a_rebuild_that_knows_of_it_leaves_it_out() -> None:
    whole = log(event(1, KEPT, 0), event(1, 18, KEPT), event(1, 19, 18), BEGIN, AFTER)
    fresh, reached = continuing(Position(), whole, [Cut(2, KEPT, 3)])
    assert (taken(fresh), reached) == ([KEPT, 40], Position(2, 40, 5))


def test_what_a_relay_of_before_leaves_behind_it_is_no_event() -> None:
    fresh, reached = continuing(Position(1, KEPT, 0), log(BEGIN, event(1, 20, 19), BEGIN, AFTER))
    assert (taken(fresh), reached) == ([40], Position(2, 40, 4))


def test_an_event_missing_before_it_is_still_a_hole() -> None:
    for acts in (False, True):
        with pytest.raises(NotNext) as missing:
            continuing(Position(1, 15, 0), log(BEGIN, AFTER), acts=acts)
        assert not isinstance(missing.value, GivenUp)


def test_the_log_itself_tells_what_was_given_up(kafka: Kafka) -> None:
    settings = Settings(environment="test", kafka=kafka.bootstrap)
    topic = f"diary.epochs-{uuid4().hex[:8]}"
    first = [event(1, n, n - 1) for n in range(1, 31)]
    second = [Headers(2, 21, 21, begins=True), *(event(2, n, n - 1 if n > 40 else 21) for n in range(40, 53))]
    third = [Headers(3, 45, 45, begins=True), event(3, 60, 45)]
    found = asyncio.run(_told(settings, topic, [*first, *second, *third]))
    assert found == [Cut(2, 21, 30), Cut(3, 45, 44)]
    assert asyncio.run(_told(settings, f"{topic}-one", first)) == []


async def _told(settings: Settings, topic: str, records: Sequence[Headers]) -> Sequence[Cut]:
    await topics.create_missing(settings, topics.Topics((topic,), 1))
    async with AIOKafkaProducer(**brokers(settings)) as producer:
        for each in records:
            await producer.send_and_wait(topic, DOCUMENT, partition=0, headers=pack(each))
    at = TopicPartition(topic, 0)
    async with AIOKafkaConsumer(**brokers(settings), enable_auto_commit=False) as consumer:
        consumer.assign([at])
        return await cuts_of(consumer, at)
