"""Whose right is doubtful: by what moved, and when the stream's own request asked."""

import asyncio
import time

from psycopg_pool import ConnectionPool

from shared.web.rounds import Facts, Open


class Told(Facts):
    """Facts whose version is what the test says; reading it takes a while."""

    def __init__(self) -> None:
        super().__init__(ConnectionPool(open=False))
        self.version: object = 1
        self.read_from = self.read_until = 0.0

    def _read(self) -> object:
        self.read_from = time.monotonic()
        time.sleep(0.02)
        self.read_until = time.monotonic()
        return self.version


def opened(began: float) -> Open:
    return Open(None, began, asyncio.Event())


def test_who_asked_after_the_last_look_need_not_ask_again_while_nothing_moves() -> None:
    async def go() -> None:
        facts = Told()
        await facts([])
        new = opened(time.monotonic())
        await facts([new])
        assert not new.bell.done()
        facts.version = 2
        await facts([new])
        assert new.bell.done()

    asyncio.run(go())


def test_who_asked_while_the_last_look_was_reading_is_doubted() -> None:
    """A right withdrawn after his question, and before the look had read, would not be noticed otherwise."""

    async def go() -> None:
        facts = Told()
        await facts([])
        during = opened((facts.read_from + facts.read_until) / 2)
        await facts([during])
        assert during.bell.done()

    asyncio.run(go())


def test_who_asked_before_the_process_looked_at_all_is_doubted() -> None:
    async def go() -> None:
        first = opened(time.monotonic())
        await Told()([first])
        assert first.bell.done()

    asyncio.run(go())
