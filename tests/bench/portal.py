"""From a class save to the parent's page through the portal, with the whole product: at a steady rate, or the greatest.

    python -m tests.bench.portal [seconds] [rate …]

Saves go out on a schedule whether or not earlier ones were answered, and every time is counted from the moment that the
schedule names. Eight teachers of a generated school save columns of their classes, a parent of each watches.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import UUID

import aiohttp

from tests.bench.whole import Class, Column, Whole, command, opened, page, told, whole

RATES = (10.0, 20.0, 30.0, 40.0, 60.0, 80.0, 100.0)
STEP = 8.0
"""Seconds at each rate of the search."""
HOLD = 60.0
DRAIN = 60.0
BEHIND = 1.0
"""Seconds that the last message may come after the last save, if the rate holds."""

Shape = Callable[[Class], list[UUID]]


def column(of: Class) -> list[UUID]:
    """The whole class in one command."""
    return list(of.pupils)


def cell(of: Class) -> list[UUID]:
    """One mark a command, of the pupil whose parent watches."""
    return [of.watched]


@dataclass(frozen=True)
class Held:
    """Milliseconds from the schedule to the answer and to the page; `lag` in seconds; `costs` in ms a save."""

    rate: float
    answers: tuple[float, ...]
    pages: tuple[float, ...]
    lag: float
    costs: dict[str, float]

    @property
    def holds(self) -> bool:
        """Whether pages of the last quarter were told about as soon as those of the first."""
        quarter = len(self.pages) // 4
        first, last = sorted(self.pages[:quarter]), sorted(self.pages[-quarter:])
        return self.lag < BEHIND and last[quarter // 2] < 2 * first[quarter // 2] + 100

    def line(self) -> str:
        told_ = " ".join(f"p{p} {at(self.pages, p):.0f}" for p in (50, 99))
        said = " ".join(f"p{p} {at(self.answers, p):.0f}" for p in (50, 99))
        costs = ", ".join(f"{name} {ms:.1f}" for name, ms in sorted(self.costs.items(), key=lambda cost: -cost[1]))
        verdict = "holds" if self.holds else "does not hold"
        return f"{self.rate:g}/s {verdict}: page {told_} ms, answer {said} ms, lag {self.lag:.2f} s; ms a save: {costs}"


def at(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]


async def hold(one: Whole, rate: float, seconds: float, shape: Shape = column) -> Held:
    """Save at this rate for so long. Raises AssertionError when one is refused or a page is not told in time."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(120)) as http:
        columns = await opened(one, http, int(rate * seconds))
        arrived: dict[str, float] = {}
        async with AsyncExitStack() as pages:
            watching = [
                asyncio.create_task(_watch(await pages.enter_async_context(page(one, http, of)), arrived))
                for of in one.classes
            ]
            await asyncio.sleep(2)  # the first snapshots; and what was opened has settled
            before = one.used()
            due, answered = await _send(one, http, columns, rate, shape)
            last = time.monotonic()
            await _until_told(due, arrived)
            lag, after = time.monotonic() - last, one.used()
            for task in watching:
                task.cancel()
        costs = {name: (after[name] - before[name]) / len(columns) * 1000 for name in after}
        order = sorted(due, key=due.__getitem__)
        return Held(
            rate,
            tuple((answered[work] - due[work]) * 1000 for work in order),
            tuple((arrived[work] - due[work]) * 1000 for work in order),
            lag,
            costs,
        )


async def _send(
    one: Whole, http: aiohttp.ClientSession, columns: Sequence[Column], rate: float, shape: Shape
) -> tuple[dict[str, float], dict[str, float]]:
    due: dict[str, float] = {}
    answered: dict[str, float] = {}

    async def save(column: Column) -> None:
        body: dict[str, Any] = {"marks": [{"pupil_id": str(pupil), "value": "4"} for pupil in shape(column.of)]}
        await command(one, http, column.of.teacher, f"/works/{column.work}/marks", body)
        answered[str(column.work)] = time.monotonic()

    began, under_way = time.monotonic(), []
    for number, each in enumerate(columns):
        due[str(each.work)] = began + number / rate
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
        under_way.append(asyncio.create_task(save(each)))
    await asyncio.gather(*under_way)
    return due, answered


async def _watch(answer: aiohttp.ClientResponse, arrived: dict[str, float]) -> None:
    async for said in told(answer):
        now = time.monotonic()
        for mark in said.get("marks", ()):
            arrived.setdefault(mark["work_id"], now)


async def _until_told(due: dict[str, float], arrived: dict[str, float]) -> None:
    deadline = time.monotonic() + DRAIN
    while missing := due.keys() - arrived.keys():
        assert time.monotonic() < deadline, f"{len(missing)} of {len(due)} pages were not told"
        await asyncio.sleep(0.005)


def greatest(one: Whole, rates: Sequence[float] = RATES) -> float:
    """The greatest of the rates that holds; 0 if none does."""
    found = 0.0
    for rate in rates:
        held = asyncio.run(hold(one, rate, STEP))
        print(held.line(), flush=True)
        if not held.holds:
            break
        found = rate
    return found


def main(seconds: float, rates: Sequence[float]) -> None:
    with tempfile.TemporaryDirectory(prefix="diary-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with whole(folder) as one:
            rate = greatest(one, rates or RATES)
            for shape in (column, cell):
                if rate:
                    print(shape.__name__, asyncio.run(hold(one, rate, seconds, shape)).line(), flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else HOLD, [float(rate) for rate in sys.argv[2:]])
