"""The relay on real servers: everything in order, by one leader, and nothing when store and topic differ."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from shared.stream import Nudge, publish_again, topics
from shared.stream.arrivals import Arrival
from shared.stream.headers import Headers, partition_of
from shared.stream.relay import BATCH
from shared.stream.tests.world import World, eventually, running

SESSIONS = "SELECT pid FROM pg_stat_activity WHERE usename = %s AND datname = current_database()"


def _upto(world: World) -> int:
    row = world.admin.execute("SELECT sequence FROM relayed_upto").fetchone()
    return int(row[0]) if row else 0


async def _published(world: World) -> None:
    await eventually(lambda: _upto(world) == world.count("events"))


def _partitions(log: Sequence[Arrival]) -> dict[int, list[Headers]]:
    found = defaultdict(list)
    for arrival in log:
        assert arrival.place
        found[arrival.partition].append(arrival.place)
    return found


def _assert_whole(places: Sequence[Headers]) -> int:
    """Each event continues what was there, or repeats it. Returns the number of repeats."""
    last, repeats = 0, 0
    for place in places:
        if place.sequence <= last:
            repeats += 1
        else:
            assert place.prev == last
            last = place.sequence
    return repeats


def test_the_partition_is_the_java_clients() -> None:
    # of Java's own tests: org.apache.kafka.common.utils.UtilsTest.testMurmur2
    known = {b"21": -973932308, b"foobar": -790332482, b"a-little-bit-long-string": -985981536}
    assert all(partition_of(key, 1000) == (value & 0x7FFFFFFF) % 1000 for key, value in known.items())


def test_everything_stored_is_published_byte_by_byte_and_each_names_the_one_before_it(world: World) -> None:
    documents = [world.paid(number) for number in range(1000)]
    world.store(*documents)

    async def go() -> list[Arrival]:
        async with running(world.relay().run()):
            await _published(world)
        return await world.log()

    log = asyncio.run(go())
    assert sorted(a.document for a in log) == sorted(documents)
    assert all(_assert_whole(places) == 0 for places in _partitions(log).values())
    assert {a.partition for a in log} == {0, 1}
    read = [(a.partition, a.read()[0]) for a in log]
    assert all(one and partition == partition_of(str(one.event.key).encode(), 2) for partition, one in read)
    assert world.count("opened") == 1


def test_relays_that_lose_their_session_are_replaced_and_repeat_at_most_a_batch(world: World) -> None:
    cuts = 4

    async def go() -> list[Arrival]:
        async with running(world.relay().run(), world.relay().run()):
            for _ in range(cuts):
                world.store(*(world.paid(number) for number in range(400)))
                await asyncio.sleep(0.15)
                world.cut_sessions("relay")
            await _published(world)
        return await world.log()

    log = asyncio.run(go())
    assert {a.place.sequence for a in log if a.place} == set(range(1, 400 * cuts + 1))
    assert all(_assert_whole(places) <= cuts * BATCH for places in _partitions(log).values())


def test_only_one_of_two_relays_publishes(world: World) -> None:
    async def go() -> list[Arrival]:
        async with running(world.relay().run(), world.relay().run()):
            for _ in range(10):
                world.store(*(world.paid(number) for number in range(50)))
                await asyncio.sleep(0.05)
            await _published(world)
        return await world.log()

    assert len(asyncio.run(go())) == 500


def test_a_nudge_brings_an_event_out_at_once(world: World) -> None:
    async def go() -> float:
        nudge = Nudge(world.settings, world.service)
        async with running(world.relay().run()):
            world.store(world.paid(1))
            await _published(world)
            slowest = 0.0
            for _ in range(5):
                await asyncio.sleep(0.3)
                began = asyncio.get_running_loop().time()
                world.store(world.paid(1))
                nudge()
                await eventually(lambda: _upto(world) == world.count("events"))
                slowest = max(slowest, asyncio.get_running_loop().time() - began)
        nudge.close()
        return slowest

    assert asyncio.run(go()) < 0.5


async def _refusal(world: World) -> str:
    relay = world.relay()
    async with running(relay.run()):
        await eventually(lambda: bool(relay.refusal))
    return relay.refusal


async def _publish_some(world: World) -> None:
    world.store(*(world.paid(number) for number in range(100)))
    async with running(world.relay().run()):
        await _published(world)
    world.admin.execute("DELETE FROM opened")


def test_a_store_set_back_is_not_published_from(world: World) -> None:
    asyncio.run(_publish_some(world))
    world.admin.execute("DELETE FROM events WHERE id > 90")
    world.admin.execute("UPDATE relayed SET sequence = 0, log_offset = -1")
    assert "lacks event" in asyncio.run(_refusal(world))
    world.admin.execute("ALTER TABLE events ALTER id RESTART WITH 91")
    world.store(*(world.paid(number) for number in range(10)))  # another history under the same ids
    assert "has another event" in asyncio.run(_refusal(world))
    assert world.count("opened") == 0, "writers stay shut out"


def test_what_the_tail_has_beyond_the_saved_position_is_adopted(world: World) -> None:
    asyncio.run(_publish_some(world))
    world.admin.execute("UPDATE relayed SET sequence = 0, log_offset = -1")
    world.admin.execute("UPDATE relayed_upto SET sequence = 0")
    world.store(world.paid(1))

    async def go() -> int:
        async with running(world.relay().run()):
            await _published(world)
        return len(await world.log())

    assert asyncio.run(go()) == 101


async def _delete_topic(world: World) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=world.settings.kafka)
    await admin.start()
    await admin.delete_topics([world.topic])
    while world.topic in await admin.list_topics():
        await asyncio.sleep(0.05)
    await admin.close()


def test_a_lost_topic_is_published_again_only_on_the_operators_word(world: World) -> None:
    asyncio.run(_publish_some(world))
    asyncio.run(_delete_topic(world))
    topics.ensure(world.settings, topics.Topics((world.topic,), 2))
    assert "was lost" in asyncio.run(_refusal(world))
    publish_again(world.settings, world.service, world.topic)

    async def go() -> int:
        async with running(world.relay().run()):
            await _published(world)
        return len(await world.log())

    assert asyncio.run(go()) == 100


def test_a_topic_made_anew_under_a_running_relay_is_noticed(world: World) -> None:
    relay = world.relay()

    async def go() -> None:
        world.store(*(world.paid(number) for number in range(100)))
        async with running(relay.run()):
            await _published(world)
            await _delete_topic(world)
            await topics.create_missing(world.settings, topics.Topics((world.topic,), 2))
            world.store(*(world.paid(number) for number in range(5)))
            await eventually(lambda: "made anew" in relay.refusal or "was lost" in relay.refusal)
        publish_again(world.settings, world.service, world.topic)
        assert "not with the first" in await _refusal(world), "the new topic has the latest events only"

    asyncio.run(go())
    assert _upto(world) == 0


def test_another_partition_count_is_refused_by_the_command_and_by_the_relay(world: World) -> None:
    with pytest.raises(topics.PartitionsChanged, match=r"docs/operations/partitions\.md"):
        topics.ensure(world.settings, topics.Topics((world.topic,), 3))
    asyncio.run(_publish_some(world))
    asyncio.run(_delete_topic(world))
    topics.ensure(world.settings, topics.Topics((world.topic,), 3))
    assert "has 3 partitions, not 2" in asyncio.run(_refusal(world))


def test_the_topics_of_the_diary_are_made_to_keep_everything(world: World) -> None:
    listed = topics.read()
    assert len(listed.names) == 9
    assert listed.config["retention.ms"] == "-1"
    one = replace(listed, names=(f"{world.topic}.all",))
    topics.ensure(world.settings, one)
    topics.ensure(world.settings, one)
    assert asyncio.run(topics.counted(world.settings, one.names)) == {one.names[0]: listed.partitions}
