"""Workers on real servers: each event has its effect once, whatever happens to process, partition or topic."""

import asyncio

from shared.stream import Worker
from shared.stream.tests.world import World, eventually, purse, running


def _total(world: World) -> int:
    return sum(total for total, _ in world.purses().values())


def test_what_is_stored_is_seen_in_the_view_once_and_in_order(world: World) -> None:
    worker = Worker(world.settings, world.service, [world.projection()])

    async def go() -> None:
        async with running(world.relay().run(), worker.run()):
            for _ in range(5):
                world.store(*(world.paid(number) for number in range(100)))
                await asyncio.sleep(0.1)
            await eventually(lambda: _total(world) == 500)

    asyncio.run(go())
    assert world.purses()[purse(7)] == (5, "1 2 3 4 5")
    assert worker.health() == {world.projection().name: True}
