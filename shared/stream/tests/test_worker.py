"""Workers on real servers: each event has its effect once, whatever happens to process, partition or topic."""

import asyncio
from collections.abc import Sequence
from typing import Any

import psycopg
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from prometheus_client import REGISTRY

from shared.contracts.envelope import Received
from shared.postgres import Conn
from shared.stream import Listener, Worker, publish_again, topics
from shared.stream.headers import partition_of
from shared.stream.tests.test_relay import _delete_topic, _published
from shared.stream.tests.world import Paid, World, eventually, pay, purse, running, school


def _total(world: World) -> int:
    return sum(total for total, _ in world.purses().values())


def _in_order(world: World) -> bool:
    return all(trail == " ".join(map(str, range(1, total + 1))) for total, trail in world.purses().values())


def _worker(world: World, **changes: Any) -> Worker:
    return Worker(world.settings, world.service, [world.projection(**changes)])


def test_what_is_stored_is_seen_in_the_view_once_and_in_order(world: World) -> None:
    worker = _worker(world)

    async def go() -> None:
        async with running(world.relay().run(), worker.run()):
            for _ in range(5):
                world.store(*(world.paid(number) for number in range(100)))
                await asyncio.sleep(0.1)
            await eventually(lambda: _total(world) == 500)

    asyncio.run(go())
    assert world.purses()[purse(7)] == (5, "1 2 3 4 5")
    assert worker.health() == {world.projection().name: True}


def test_workers_that_come_and_go_under_load_apply_each_event_once(world: World) -> None:
    async def go() -> None:
        async with running(world.relay().run(), _worker(world).run()):
            for round_ in range(4):
                async with running(_worker(world).run()):
                    for _ in range(6):
                        world.store(*(world.paid(number) for number in range(100)))
                        await asyncio.sleep(0.1)
                if round_ % 2:
                    world.cut_sessions("worker")
            await eventually(lambda: _total(world) >= 2400, 30)

    asyncio.run(go())
    assert _total(world) == 2400
    assert _in_order(world)


def test_one_partitions_trouble_holds_up_that_partition_alone(world: World) -> None:
    troubled = {purse(n) for n in range(5)}
    where: dict[object, int] = {}
    mended = asyncio.Event()

    def apply(conn: Conn, received: Sequence[Received]) -> None:
        for one in received:
            if isinstance(one.event, Paid) and where[one.event.school_id] == 0 and not mended.is_set():
                raise psycopg.OperationalError("the disk is full")
        pay(conn, received)

    where.update({school(n): partition_of(str(school(n)).encode(), 2) for n in range(5)})
    assert set(where.values()) == {0, 1}

    async def go() -> None:
        async with running(world.relay().run(), _worker(world, apply=apply).run()):
            world.store(*(world.paid(number) for number in range(100)))
            healthy = sum(where[school(n % 5)] for n in range(100))
            await eventually(lambda: _total(world) == healthy)
            await asyncio.sleep(0.3)
            assert _total(world) == healthy
            mended.set()
            await eventually(lambda: _total(world) == 100)

    asyncio.run(go())
    assert troubled <= set(world.purses())
    assert world.count("parked") == 0


def test_a_topic_that_was_lost_and_published_again_changes_nothing(world: World) -> None:
    async def go() -> None:
        world.store(*(world.paid(number) for number in range(200)))
        async with running(world.relay().run(), _worker(world).run()):
            await eventually(lambda: _total(world) == 200)
        await _delete_topic(world)
        await topics.create_missing(world.settings, topics.Topics((world.topic,), 2))
        publish_again(world.settings, world.service, world.topic)
        async with running(world.relay().run()):
            await _published(world)
        world.store(*(world.paid(number) for number in range(50)))
        async with running(world.relay().run(), _worker(world).run()):
            await eventually(lambda: _total(world) >= 250)
            await asyncio.sleep(0.5)

    asyncio.run(go())
    assert _total(world) == 250
    assert _in_order(world)


def _metric(name: str, world: World, partition: int) -> float | None:
    labels = {"projection": world.projection().name, "topic": world.topic, "partition": str(partition)}
    return REGISTRY.get_sample_value(name, labels)


def test_an_event_missing_in_the_log_raises_the_alarm_and_nothing_after_it_is_applied(world: World) -> None:
    batch = world.arrivals(*(world.paid(1) for _ in range(6)))

    async def go() -> None:
        await world.produce(batch[:2] + batch[3:])
        async with running(_worker(world).run()):
            await eventually(lambda: _metric("diary_projection_hole", world, 0) == 1)
            assert world.purses() == {purse(1): (2, "1 2")}
        await _delete_topic(world)
        await topics.create_missing(world.settings, topics.Topics((world.topic,), 2))
        await world.produce(batch)
        async with running(_worker(world).run()):
            await eventually(lambda: _metric("diary_projection_hole", world, 0) == 0)

    asyncio.run(go())
    assert world.purses() == {purse(1): (6, "1 2 3 4 5 6")}


def test_a_log_that_begins_after_the_position_raises_the_alarm_and_is_not_skipped(world: World) -> None:
    async def go() -> None:
        await world.produce(world.arrivals(*(world.paid(1) for _ in range(6))))
        admin = AIOKafkaAdminClient(bootstrap_servers=world.settings.kafka)
        await admin.start()
        await admin.delete_records({TopicPartition(world.topic, 0): RecordsToDelete(before_offset=3)})
        await admin.close()
        async with running(_worker(world).run()):
            await eventually(lambda: _metric("diary_projection_below_start", world, 0) == 1)

    asyncio.run(go())
    assert world.purses() == {}


def test_the_api_is_told_what_changed_after_the_commit(world: World) -> None:
    def touched(conn: Conn, received: Sequence[Received]) -> list[str]:
        return [f"purse:{one.event.purse_id}" for one in received if isinstance(one.event, Paid)]

    async def go() -> tuple[str, int]:
        listener = Listener(world.settings, world.service)
        changes = await listener.subscribe([f"purse:{purse(3)}"])
        async with running(world.relay().run(), _worker(world, touched=touched).run()):
            world.store(world.paid(2), world.paid(3))
            name = await asyncio.wait_for(anext(changes), 15)
            seen = _total(world)
            world.cut_sessions("api", "LISTEN%")
            assert await asyncio.wait_for(anext(changes), 15) == name  # meanwhile all may have changed
        await listener.close()
        return name, seen

    name, seen = asyncio.run(go())
    assert name == f"purse:{purse(3)}"
    assert seen >= 1


def test_a_worker_is_a_faststream_application_that_starts_and_stops(world: World) -> None:
    app = _worker(world).app

    async def go() -> None:
        async with running(world.relay().run(), app.run()):
            world.store(world.paid(1))
            await eventually(lambda: _total(world) == 1)
            app.exit()

    asyncio.run(go())
