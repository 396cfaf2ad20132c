"""What memory each process of the whole product takes, at rest and after a load, and what an open page costs.

    python -m tests.bench.memory [pages …]

Megabytes are the proportional set size: the services are forked from one process and share what it loaded. A page
is one live stream through the portal, which opens one each at reporting, notify and messaging; the slope over the
numbers of open pages is what one page takes in all of them together.
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp

from tests.bench.portal import hold
from tests.bench.whole import Whole, page, pss, whole

PAGES = (100, 500, 1000)
AT_ONCE = 50
SETTLED = 5.0
"""Seconds after the last page was opened until memory is read."""


def processes(one: Whole) -> dict[str, float]:
    """Megabytes of each service."""
    return {name: pss(pid) for name, pid in one.services.items()}


def loaded(one: Whole) -> dict[str, float]:
    """The same after some hundred class saves."""
    asyncio.run(hold(one, 10, 30))
    return processes(one)


async def open_pages(one: Whole, numbers: Sequence[int]) -> dict[int, float]:
    """Megabytes of all services together while so many pages are open."""
    found = {0: sum(processes(one).values())}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http, AsyncExitStack() as pages:
        readers: list[asyncio.Task[None]] = []
        for number in numbers:
            while len(readers) < number:
                some = range(len(readers), min(number, len(readers) + AT_ONCE))
                contexts = [page(one, http, one.classes[n % len(one.classes)]) for n in some]
                answers = await asyncio.gather(*(pages.enter_async_context(each) for each in contexts))
                readers += [asyncio.create_task(_read(answer)) for answer in answers]
            await asyncio.sleep(SETTLED)
            found[number] = sum(processes(one).values())
        for reader in readers:
            reader.cancel()
    return found


async def _read(answer: aiohttp.ClientResponse) -> None:
    async for _ in answer.content:
        pass


def slope(found: dict[int, float]) -> float:
    """Kilobytes a page, between the least and the greatest number of open ones."""
    few, many = min(number for number in found if number), max(found)
    return (found[many] - found[few]) / (many - few) * 1024


def main(numbers: Sequence[int]) -> None:
    with tempfile.TemporaryDirectory(prefix="diary-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with whole(folder) as one:
            for title, found in (("at rest", processes(one)), ("after saves", loaded(one))):
                print(title, ", ".join(f"{name} {mb:.0f}" for name, mb in sorted(found.items())), flush=True)
            pages = asyncio.run(open_pages(one, numbers))
            print("pages", pages, f"{slope(pages):.0f} kB a page")


if __name__ == "__main__":
    main([int(number) for number in sys.argv[1:]] or PAGES)
