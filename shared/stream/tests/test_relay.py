"""The relay on real servers: everything once, in order, by one leader."""

import asyncio
from collections import defaultdict

from shared.stream.headers import partition_of
from shared.stream.tests.world import World, eventually, running


def _chains(log: list) -> dict[int, list[tuple[int, int]]]:
    found = defaultdict(list)
    for arrival in log:
        found[arrival.partition].append((arrival.place.prev, arrival.place.sequence))
    return found


async def _published(world: World, count: int) -> None:
    def all_are() -> bool:
        row = world.admin.execute("SELECT sequence FROM relayed_upto").fetchone()
        return row is not None and row[0] >= count

    await eventually(all_are)


def test_everything_stored_is_published_byte_by_byte_and_each_names_the_one_before_it(world: World) -> None:
    documents = [world.paid(number) for number in range(1000)]
    world.store(*documents)

    async def go() -> list:
        async with running(world.relay().run()):
            await _published(world, 1000)
        return await world.log()

    log = asyncio.run(go())
    assert sorted(a.document for a in log) == sorted(documents)
    for chain in _chains(log).values():
        assert [prev for prev, _ in chain] == [0, *(sequence for _, sequence in chain[:-1])]
    assert {a.partition for a in log} == {0, 1}
    assert all(a.partition == partition_of(str(a.received.event.key).encode(), 2) for a in log)
    assert world.count("opened") == 1
