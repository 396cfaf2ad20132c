"""In which order streams are opened when many pages come at once."""

import asyncio

import pytest

from services.portal import live
from services.portal.live import AFTERWARDS, Turns


async def opened(turns: Turns, log: list[str], until: asyncio.Event) -> None:
    async with turns.afterwards():
        log.append("open")
        await until.wait()


async def looked() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_counts_wait_for_pages_and_then_come_a_few_at_once() -> None:
    async def crowd() -> None:
        turns, log, done = Turns(), list[str](), asyncio.Event()
        async with asyncio.TaskGroup() as group:
            async with turns.first(), turns.first():
                for _ in range(3 * AFTERWARDS):
                    group.create_task(opened(turns, log, done))
                await looked()
                assert log == []
            await looked()
            assert len(log) == AFTERWARDS
            done.set()
        assert len(log) == 3 * AFTERWARDS

    asyncio.run(crowd())


def test_nobody_waits_for_ever_for_pages_that_come_and_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LATEST", 0.05)

    async def crowd() -> None:
        turns, log, done = Turns(), list[str](), asyncio.Event()
        done.set()
        async with turns.first():
            await asyncio.wait_for(opened(turns, log, done), 5)
        assert log == ["open"]

    asyncio.run(crowd())


def test_a_page_that_could_not_be_opened_holds_nobody_up() -> None:
    async def crowd() -> None:
        turns, log, done = Turns(), list[str](), asyncio.Event()
        done.set()
        with pytest.raises(ConnectionError):
            async with turns.first():
                raise ConnectionError
        await asyncio.wait_for(opened(turns, log, done), 5)

    asyncio.run(crowd())
