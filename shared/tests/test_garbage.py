"""What lives long is not looked at again and again, and what it leaves behind is found all the same."""

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from shared import garbage


class Page:
    """In a cycle with itself, as a stream with its task and its callbacks."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_outlived_a_collection_is_out_of_the_sight_of_the_next() -> None:
    async def play() -> None:
        running = asyncio.create_task(garbage.run())
        await asyncio.sleep(0)
        pages = [Page() for _ in range(1000)]
        gc.collect()
        assert gc.get_freeze_count() >= len(pages)
        assert not any(isinstance(one, Page) for one in gc.get_objects())
        running.cancel()

    asyncio.run(play())


def test_the_cycles_of_an_ended_page_are_found_at_the_next_look_at_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "THAW", 0.05)

    async def play() -> None:
        running = asyncio.create_task(garbage.run())
        await asyncio.sleep(0)
        page = Page()
        gone = weakref.ref(page)
        gc.collect()
        del page
        gc.collect()
        assert gone() is not None, "it was frozen"
        await asyncio.sleep(0.2)
        assert gone() is None
        running.cancel()

    asyncio.run(play())
