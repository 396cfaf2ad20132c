"""From a class save to the parent's page through the portal, with the whole product: the rate that holds, and its cost.

    python -m tests.bench.portal [--rates 10,15,20] [--seconds 60] [--arms 20] [--repeats 3] [--apart]

Saves go out on a schedule whether or not earlier ones were answered, and every time is counted from the moment that the
schedule names. Eight teachers of a generated school save columns of their classes, a parent of each watches. Steps
from the least rate on, until one does not hold; then the greatest that held for `--seconds`, or the next lower one.
With `--arms` instead, at that rate, a column and a cell a command in turn, so often. `--apart`: each role of a service
is a process, so that the processor's cost tells them apart.
"""

import argparse
import asyncio
import math
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from uuid import UUID

import aiohttp

from tests.bench.report import Figure, plain, write
from tests.bench.saves import used_by_the_machine
from tests.bench.whole import Class, Column, NotAccepted, Whole, command, opened, page, told, whole

RATES = (10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0, 50.0, 60.0, 80.0, 100.0)
STEP = 8.0
"""Seconds at each rate of the search."""
HOLD = 60.0
ARM, REPEATS = 20.0, 3
DRAIN = 60.0
"""Seconds after the last answer that pages are waited for."""
ANSWER = 30.0
"""Seconds after which a save counts as refused."""

GROWTH = 100.0
"""Milliseconds that the last quarter's median may be above the least of an earlier one: more, and a queue grows."""
WORST = 1000.0
"""Milliseconds of the page's p99."""
BACKLOG = 0.5
"""Seconds' worth of saves that may be on no page yet when the last one is due."""

OURS = ("portal", "grades", "reporting", "notify")
"""Whose processor a class save is to cost 6 ms at most."""

Shape = Callable[[Class], list[UUID]]
Moments = Mapping[str, float]
"""Of each work, by time.monotonic()."""


def column(of: Class) -> list[UUID]:
    """The whole class in one command."""
    return list(of.pupils)


def cell(of: Class) -> list[UUID]:
    """One mark a command, of the pupil whose parent watches."""
    return [of.watched]


SHAPES: tuple[Shape, ...] = (column, cell)


@dataclass(frozen=True)
class Held:
    """Milliseconds from the schedule to the answer and to the page, in the schedule's order, of those that came.

    `backlog`: saves on no page when the last was due. `refused`: answered otherwise than with 200, or not in time.
    `untold`: accepted, but on no page 60 s later. `costs`: ms of processor a save, until all of it was taken in.
    `others`: how many processors the rest of the machine used meanwhile; above some tenths the figures are not ours.
    """

    rate: float
    answers: tuple[float, ...]
    pages: tuple[float, ...]
    backlog: int
    refused: int
    untold: int
    costs: dict[str, float]
    others: float

    @property
    def growth(self) -> float:
        """Milliseconds from the best of the first three quarters' medians to the last one's.

        Not from the first: a run that begins with a hitch would hide that it slows down afterwards.
        """
        quarter = len(self.pages) // 4
        if not quarter:
            return math.inf
        earlier = (median(self.pages[n * quarter : (n + 1) * quarter]) for n in range(3))
        return median(self.pages[-quarter:]) - min(earlier)

    @property
    def holds(self) -> bool:
        """Whether the rate could go on like this: no growth, no backlog, nobody waits long, nothing is lost."""
        steady = self.growth <= GROWTH and self.backlog <= self.rate * BACKLOG
        return steady and at(self.pages, 99) <= WORST and not self.refused and not self.untold

    def line(self) -> str:
        told_ = " ".join(f"p{p} {at(self.pages, p):.0f}" for p in (50, 99))
        said = " ".join(f"p{p} {at(self.answers, p):.0f}" for p in (50, 99))
        costs = ", ".join(f"{name} {ms:.1f}" for name, ms in sorted(self.costs.items(), key=lambda cost: -cost[1]))
        verdict = "holds" if self.holds else "does not hold"
        lost = f", {self.refused} refused, {self.untold} on no page" if self.refused or self.untold else ""
        return (
            f"{self.rate:g}/s {verdict}: page {told_} ms, growth {self.growth:.0f} ms, answer {said} ms, "
            f"backlog {self.backlog}{lost}; others used {self.others:.2f} processors; ms a save: {costs}"
        )


def at(values: Sequence[float], percent: int) -> float:
    """Infinite where hardly anything came."""
    return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else math.inf


async def hold(one: Whole, rate: float, seconds: float, shape: Shape = column) -> Held:
    """Save at this rate for so long, then wait until all is taken in. Raises TimeoutError if it never is."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(ANSWER)) as http:
        columns = await opened(one, http, int(rate * seconds))
        arrived: dict[str, float] = {}
        async with AsyncExitStack() as pages:
            watching = [await _watched(await pages.enter_async_context(page(one, http, of)), arrived)
                        for of in one.classes]  # fmt: skip
            await asyncio.to_thread(one.settle)
            before = _Used.now(one)
            due, answered = await _send(one, http, columns, rate, shape)
            await _until_told(answered, arrived)
            await asyncio.to_thread(one.settle)
            spent = _Used.now(one).since(before)
            for task in watching:
                task.cancel()
    return _held(rate, due, answered, arrived, spent)


@dataclass(frozen=True)
class _Used:
    """Seconds: of the clock, of the processor by anything, and by each process of the product."""

    clock: float
    machine: float
    product: dict[str, float]

    @staticmethod
    def now(one: Whole) -> "_Used":
        return _Used(time.monotonic(), used_by_the_machine(), one.used())

    def since(self, before: "_Used") -> "_Used":
        product = {name: seconds - before.product[name] for name, seconds in self.product.items()}
        return _Used(self.clock - before.clock, self.machine - before.machine, product)

    @property
    def others(self) -> float:
        """Processors that were not ours."""
        return max(0.0, self.machine - sum(self.product.values())) / self.clock


def _held(rate: float, due: Moments, answered: Moments, arrived: Moments, spent: _Used) -> Held:
    order, last = sorted(due, key=due.__getitem__), max(due.values())
    return Held(
        rate,
        tuple((answered[work] - due[work]) * 1000 for work in order if work in answered),
        tuple((arrived[work] - due[work]) * 1000 for work in order if work in arrived),
        backlog=sum(1 for work in due if arrived.get(work, math.inf) > last),
        refused=len(due.keys() - answered.keys()),
        untold=len(answered.keys() - arrived.keys()),
        costs={name: seconds / len(due) * 1000 for name, seconds in spent.product.items()},
        others=spent.others,
    )


async def _send(
    one: Whole, http: aiohttp.ClientSession, columns: Sequence[Column], rate: float, shape: Shape
) -> tuple[dict[str, float], dict[str, float]]:
    """When each was due, and when those that were accepted were answered."""
    due: dict[str, float] = {}
    answered: dict[str, float] = {}

    async def save(column: Column) -> None:
        body: dict[str, Any] = {"marks": [{"pupil_id": str(pupil), "value": "4"} for pupil in shape(column.of)]}
        with suppress(NotAccepted, aiohttp.ClientError, TimeoutError):
            await command(one, http, column.of.teacher, f"/works/{column.work}/marks", body)
            answered[str(column.work)] = time.monotonic()

    began, under_way = time.monotonic(), []
    for number, each in enumerate(columns):
        due[str(each.work)] = began + number / rate
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
        under_way.append(asyncio.create_task(save(each)))
    await asyncio.gather(*under_way)
    return due, answered


async def _watched(answer: aiohttp.ClientResponse, arrived: dict[str, float]) -> asyncio.Task[None]:
    """A task that notes when each column comes, once the page has its first snapshot."""
    said = told(answer)
    async with asyncio.timeout(ANSWER):
        await anext(said)

    async def watch() -> None:
        with suppress(aiohttp.ClientError, TimeoutError):  # what is not told on a broken page counts as untold
            async for news in said:
                now = time.monotonic()
                for mark in news.get("marks", ()):
                    arrived.setdefault(mark["work_id"], now)

    return asyncio.create_task(watch())


async def _until_told(answered: Moments, arrived: Moments) -> None:
    deadline = time.monotonic() + DRAIN
    while answered.keys() - arrived.keys() and time.monotonic() < deadline:
        await asyncio.sleep(0.005)


def search(one: Whole, rates: Sequence[float] = RATES) -> list[float]:
    """Those of the rates that held, up to the first that did not."""
    held: list[float] = []
    for rate in rates:
        step = asyncio.run(hold(one, rate, STEP))
        print(step.line(), flush=True)
        if not step.holds:
            break
        held.append(rate)
    return held


def sustained(one: Whole, rates: Sequence[float], seconds: float = HOLD) -> Held | None:
    """The greatest of the rates that also holds for so long; None if none does."""
    for rate in reversed(rates):
        held = asyncio.run(hold(one, rate, seconds))
        print(f"{seconds:g} s of", held.line(), flush=True)
        if held.holds:
            return held
    return None


def arms(one: Whole, rate: float, seconds: float = ARM, repeats: int = REPEATS) -> dict[str, list[Held]]:
    """A column and a cell a command, in turn so often."""
    found: dict[str, list[Held]] = {shape.__name__: [] for shape in SHAPES}
    for _ in range(repeats):
        for shape in SHAPES:
            held = asyncio.run(hold(one, rate, seconds, shape))
            print(shape.__name__, held.line(), flush=True)
            found[shape.__name__].append(held)
    return found


def called(one: Whole) -> str:
    """How figures of this product begin."""
    return "through the portal, roles apart" if one.apart else "through the portal"


def held_figures(one: Whole, held: Held) -> list[Figure]:
    """Of the long run at the rate that holds."""
    name = called(one)
    figures = [
        plain(f"{name}, rate that holds", "saves/s", [held.rate]),
        plain(f"{name}, held: used by others meanwhile", "processors", [held.others]),
    ]
    for percent, goal in ((50, 20.0), (99, 75.0)):
        figures.append(plain(f"{name}, held: page p{percent}", "ms", [at(held.pages, percent)], goal))
        figures.append(plain(f"{name}, held: answer p{percent}", "ms", [at(held.answers, percent)]))
    return figures


def arm_figures(one: Whole, found: Mapping[str, Sequence[Held]]) -> list[Figure]:
    """Medians and spread of the repeats of each arm, at the rate they were run at."""
    figures: list[Figure] = []
    for shape, runs in found.items():
        arm = f"{called(one)}, {shape} a command"
        figures.append(plain(f"{arm}, runs that held", f"of {len(runs)}", [sum(run.holds for run in runs)]))
        figures.append(plain(f"{arm}, used by others meanwhile", "processors", [run.others for run in runs]))
        for p in (50, 99):
            figures.append(plain(f"{arm}, page p{p}", "ms", [at(run.pages, p) for run in runs]))
            figures.append(plain(f"{arm}, answer p{p}", "ms", [at(run.answers, p) for run in runs]))
        ours = [sum(ms for who, ms in run.costs.items() if who.split()[0] in OURS) for run in runs]
        figures.append(plain(f"{arm}, processor of {', '.join(OURS)}", "ms", ours, 6.0))
        figures += [
            plain(f"{arm}, processor of {who}", "ms", [run.costs[who] for run in runs]) for who in runs[0].costs
        ]
    return figures


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates", default=",".join(f"{rate:g}" for rate in RATES), help="saves a second, rising")
    parser.add_argument("--seconds", type=float, help=f"of the long run ({HOLD:g}), or of each arm ({ARM:g})")
    parser.add_argument("--arms", type=float, help="at this rate a column and a cell a command in turn")
    parser.add_argument("--repeats", type=int, default=REPEATS, help="of each arm")
    parser.add_argument("--apart", action="store_true", help="each role of a service is a process")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="diary-bench-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        with whole(folder, asked.apart) as one:
            if asked.arms:
                write(arm_figures(one, arms(one, asked.arms, asked.seconds or ARM, asked.repeats)))
            elif held := sustained(one, search(one, [*map(float, asked.rates.split(","))]), asked.seconds or HOLD):
                write(held_figures(one, held))
            else:
                raise SystemExit("no rate holds")


if __name__ == "__main__":
    main()
