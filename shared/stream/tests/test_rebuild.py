"""A rebuild beside the live projection: equal rows, never an empty table, everything that hung on the tables."""

import asyncio
import threading
from collections.abc import Sequence

import psycopg
import pytest

from shared.contracts.envelope import Received
from shared.postgres import Conn, conninfo
from shared.stream import Projection, Worker, rebuild
from shared.stream.shadow import CannotRebuild
from shared.stream.tests.world import World, eventually, running

SHAPE = """
SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = 'purses'
UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'public.purses'::regclass
UNION ALL SELECT policyname || roles::text || coalesce(qual, '') FROM pg_policies WHERE tablename = 'purses'
UNION ALL SELECT grantee || privilege_type FROM information_schema.role_table_grants
    WHERE table_schema = 'public' AND table_name = 'purses'
UNION ALL SELECT 'secured ' || relrowsecurity FROM pg_class WHERE oid = 'public.purses'::regclass
ORDER BY 1
"""


class Reader(threading.Thread):
    """Counts purses over and over, as a page would."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.seen: set[int] = set()
        self.done = threading.Event()
        self._conninfo = conninfo(world.settings, world.service, "worker")

    def run(self) -> None:
        with psycopg.connect(self._conninfo, autocommit=True) as conn:
            while not self.done.is_set():
                row = conn.execute("SELECT count(*) FROM purses").fetchone()
                self.seen.add(row[0] if row else -1)


def _both(world: World, first: Projection, second: Projection) -> tuple[Worker, Worker]:
    return (Worker(world.settings, world.service, [first]), Worker(world.settings, world.service, [second]))


@pytest.mark.parametrize("by_keys", [False, True])
def test_a_rebuild_runs_beside_the_live_one_and_takes_its_place(world: World, by_keys: bool) -> None:
    first, second = world.projection(1, by_keys=by_keys), world.projection(2, by_keys=by_keys)
    old, new = _both(world, first, second)
    reader = Reader(world)
    shape = world.admin.execute(SHAPE).fetchall()

    def all_taken(count: int) -> bool:
        return sum(total for total, _ in world.purses().values()) == count

    async def go() -> None:
        async with running(world.relay().run(), old.run(), new.run()):
            world.store(*(world.paid(number) for number in range(300)))
            await eventually(lambda: all_taken(300))
            world.admin.execute("UPDATE purses SET trail = 'spoilt'")  # what a rebuild mends
            reader.start()
            rebuilding = asyncio.create_task(asyncio.to_thread(rebuild, world.settings, world.service, second))
            while not rebuilding.done():
                world.store(*(world.paid(number) for number in range(20)))
                await asyncio.sleep(0.05)
            assert await rebuilding >= 300
            world.store(world.paid(0))
            await eventually(lambda: all_taken(world.count("events")))

    try:
        asyncio.run(go())
    finally:
        reader.done.set()
    assert reader.seen == {300}
    assert all("spoilt" not in trail for _, trail in world.purses().values())
    assert all(trail == " ".join(map(str, range(1, total + 1))) for total, trail in world.purses().values())
    assert world.admin.execute(SHAPE).fetchall() == shape
    names = world.admin.execute("SELECT DISTINCT projection FROM progress").fetchall()
    assert names == [(second.name,)]
    left = world.admin.execute("SELECT 1 FROM pg_namespace WHERE nspname LIKE 'rebuild%'").fetchall()
    assert not left


def test_a_delivery_is_never_rebuilt(world: World) -> None:
    with pytest.raises(CannotRebuild):
        rebuild(world.settings, world.service, world.projection(from_now=True))


def test_a_table_with_a_view_on_it_is_not_rebuilt(world: World) -> None:
    world.admin.execute("CREATE VIEW rich AS SELECT * FROM purses WHERE total > 100")
    with pytest.raises(CannotRebuild, match="view rich"):
        rebuild(world.settings, world.service, world.projection(2))


def _seen_by_worker(world: World) -> int:
    row = world.worker.execute("SELECT coalesce(sum(total), 0) FROM purses").fetchone()
    return int(row[0]) if row else 0


async def _pay(world: World, count: int) -> None:
    async with running(world.relay().run(), Worker(world.settings, world.service, [world.projection()]).run()):
        world.store(*(world.paid(number) for number in range(count)))
        await eventually(lambda: _seen_by_worker(world) == count)


def test_a_rebuild_fills_tables_whose_policies_bind_even_their_owner(world: World) -> None:
    world.admin.execute("ALTER TABLE purses FORCE ROW LEVEL SECURITY")
    asyncio.run(_pay(world, 50))
    assert rebuild(world.settings, world.service, world.projection(2)) == 50
    assert _seen_by_worker(world) == 50
    row = world.admin.execute("SELECT relforcerowsecurity FROM pg_class WHERE oid = 'purses'::regclass").fetchone()
    assert row == (True,)


def test_a_rebuild_that_cannot_take_in_what_the_live_one_could_is_not_switched_to(world: World) -> None:
    def stumble(conn: Conn, received: Sequence[Received]) -> None:
        raise ZeroDivisionError

    asyncio.run(_pay(world, 50))
    with pytest.raises(CannotRebuild, match="cannot take in 50 events, the live one 0"):
        rebuild(world.settings, world.service, world.projection(2, apply=stumble))
    assert _seen_by_worker(world) == 50
