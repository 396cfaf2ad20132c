"""FD23: the portal is started again under 5,000 open pages; all come back, spread, and miss nothing.

One of two replicas is started again, the one that holds the pages; teachers take rolls at the other meanwhile.
"""

import asyncio
import random
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from tests.bench.city import OPENING, city, cookie, rolls, take
from tests.bench.city_rows import CLASS, CLASSES, id_of
from tests.bench.whole import Product
from tests.drills.rig import Process

pytestmark = [pytest.mark.drill, pytest.mark.timeout(0)]

STREAMS = 5000
REPLICAS = 2
"""Of the portal, that hold them; a third is the one the teachers use."""
FILES = 2
"""Open at a portal for each page: the browser's connection, and one to reporting."""
NEWS = 200
"""Rolls taken while the pages are gone."""
EARLIEST, LATEST = 1.0, 15.0
"""Seconds after which a page comes again: each is told its own."""
BACK = 180.0
"""Seconds after which the drill gives up; 60 is the goal (proofs.md), docs/reliability.md says what was seen."""


@dataclass
class Page:
    """A parent's page as a browser keeps it: EventSource with our hub (services/portal/web/src/live)."""

    pupil: int
    address: str
    retry: float = 0.0
    last: str = ""
    back: float = 0.0
    told: int = 0
    refusals: Counter[str] = field(default_factory=Counter)

    async def stay(self, http: aiohttp.ClientSession) -> None:
        """Until cancelled."""
        pause = 0.0
        while True:
            try:
                pause = await self._listen(http)
            except (aiohttp.ClientError, OSError) as error:
                self.refusals[type(error).__name__] += 1
                pause = self.retry
            await asyncio.sleep(pause)

    async def _listen(self, http: aiohttp.ClientSession) -> float:
        """Returns after how many seconds to come again."""
        headers = cookie("parent", self.pupil) | ({"Last-Event-ID": self.last} if self.last else {})
        asked = {"pupil_id": str(id_of("pupil", self.pupil))}
        async with http.get(self.address, params=asked, headers=headers) as answer:
            if answer.status != 200:
                self.refusals[str(answer.status)] += 1
                return random.uniform(EARLIEST, LATEST)
            event = ""
            async for raw in answer.content:
                name, _, value = raw.decode().rstrip("\n").partition(": ")
                if name == "retry":
                    self.retry = int(value) / 1000
                elif name == "id":
                    self.last = value
                elif name == "event":
                    event = value
                    if event == "following":  # what the page is about is followed again, news or none
                        self.back = self.back or time.monotonic()
                elif name == "data" and event == "reporting":
                    self.told += str(id_of("pupil", self.pupil)) in value
        return self.retry


def test_fd_23_five_thousand_pages_come_back_and_miss_nothing() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert most - 1000 > STREAMS // REPLICAS * FILES, "more open files than are allowed here"
    schools = -(-STREAMS * 2 // CLASSES)
    with tempfile.TemporaryDirectory(prefix="diary-drill-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with city(folder, schools) as one, ExitStack() as stack:
            command = ["-m", "services", "portal", "api"]
            portals = [Process(f"portal {n}", command, folder, one.stack.environment) for n in range(REPLICAS)]
            for portal in portals:
                portal.start()
                stack.callback(portal.child.kill)
            for portal in portals:
                portal.wait()
            asyncio.run(_herd(one, portals, schools))


async def _herd(one: Product, portals: Sequence[Process], schools: int) -> None:
    classes = range(0, schools * CLASSES, 2)[:STREAMS]
    pages = {c: Page(c * CLASS, f"{portals[c // 2 % len(portals)].url}/live") for c in classes}
    connector, timeout = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http, asyncio.TaskGroup() as group:
        tasks = []
        for page in pages.values():
            tasks.append(group.create_task(page.stay(http)))
            await asyncio.sleep(1 / OPENING)
        await _until(lambda: all(page.last for page in pages.values()), 60)
        _spread([page.retry for page in pages.values()])
        taken = [roll for roll in rolls(schools, 0) if roll.class_ in pages][:: STREAMS // NEWS][:NEWS]
        for page in pages.values():
            page.back, page.told, page.refusals = 0.0, 0, Counter()
        began = time.monotonic()
        print(f"  {STREAMS} pages are open; {len(portals)} portals that hold them are started again", flush=True)
        news = group.create_task(take(one, http, taken, NEWS / 10))
        await asyncio.gather(*(asyncio.to_thread(_again, portal) for portal in portals))
        print(f"  ready again {time.monotonic() - began:.1f} s later", flush=True)
        _, answered, refused = await news
        await _until(lambda: all(page.back for page in pages.values()), BACK)
        after = sorted(page.back - began for page in pages.values())
        said = sum((page.refusals for page in pages.values()), Counter[str]())
        half, most = after[STREAMS // 2], after[STREAMS * 99 // 100]
        print(f"  half are back {half:.0f} s later, 99 % {most:.0f}, all {after[-1]:.0f}; {dict(said)}", flush=True)
        assert after[0] >= EARLIEST, "none comes sooner than it was told"
        assert not refused and len(answered) == len(taken), "teachers at the other replica notice nothing"
        await _until(lambda: all(pages[roll.class_].told for roll in taken), 30)
        print(f"  all {len(taken)} that were to hear of a roll taken meanwhile have heard of it", flush=True)
        for task in tasks:
            task.cancel()


def _again(portal: Process) -> None:
    portal.child.stop()
    portal.start()
    portal.wait()


def _spread(retries: list[float]) -> None:
    """What each was told: no second has more than its share by half."""
    by_second = Counter(int(retry) for retry in retries)
    assert min(retries) >= EARLIEST and max(retries) <= LATEST
    assert max(by_second.values()) < 1.5 * len(retries) / (LATEST - EARLIEST), by_second


async def _until(true: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"not within {seconds:.0f} s"
        await asyncio.sleep(0.1)
