"""The whole product by the portal: the rate that holds and what a save costs then, memory, open pages."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench import memory
from tests.bench.portal import HOLD, at, cell, column, greatest, hold
from tests.bench.report import Figure, plain
from tests.bench.whole import Whole, whole

pytestmark = pytest.mark.bench

OURS = ("portal", "grades", "reporting", "notify")
"""Whose processor a class save is to cost 6 ms at most."""


@pytest.fixture(scope="module")
def one(servers_folder: Path) -> Iterator[Whole]:
    with whole(servers_folder / "bench-whole") as started:
        yield started


@pytest.mark.timeout(1800)
def test_saves_through_the_portal(one: Whole, figures: list[Figure]) -> None:
    rate = greatest(one)
    assert rate, "not even the least rate holds"
    figures.append(plain("through the portal, rate that holds", "saves/s", [rate]))
    for shape in (column, cell):
        held, name = asyncio.run(hold(one, rate, HOLD, shape)), f"through the portal, {shape.__name__} a command"
        print(held.line())
        goals = (20.0, 75.0) if shape is column else (None, None)
        for percent, goal in zip((50, 99), goals, strict=True):
            figures.append(plain(f"{name}, page p{percent}", "ms", [at(held.pages, percent)], goal))
            figures.append(plain(f"{name}, answer p{percent}", "ms", [at(held.answers, percent)]))
        ours = sum(held.costs[service] for service in OURS)
        figures.append(plain(f"{name}, processor of {', '.join(OURS)}", "ms", [ours], 6.0))
        figures += [plain(f"{name}, processor of {who}", "ms", [cost]) for who, cost in held.costs.items()]


def test_memory(one: Whole, figures: list[Figure]) -> None:
    figures += [plain(f"memory after saves, {name}", "MB", [mb], 120.0) for name, mb in memory.loaded(one).items()]
    pages = asyncio.run(memory.open_pages(one, memory.PAGES))
    figures.append(plain("memory of an open page, all services together", "kB", [memory.slope(pages)], 40.0))
