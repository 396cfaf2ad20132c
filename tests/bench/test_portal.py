"""The whole product by the portal: the rate that holds and what a save costs then, memory, open pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench import memory
from tests.bench.portal import arm_figures, arms, held_figures, search, sustained
from tests.bench.report import Figure
from tests.bench.whole import Whole, whole

pytestmark = pytest.mark.bench


@pytest.fixture(scope="module", params=[False, True], ids=["together", "apart"])
def one(request: pytest.FixtureRequest, servers_folder: Path) -> Iterator[Whole]:
    with whole(servers_folder / f"bench-whole-{'apart' if request.param else 'together'}", request.param) as started:
        yield started


@pytest.mark.timeout(1800)
def test_saves_through_the_portal(one: Whole, figures: list[Figure]) -> None:
    held = sustained(one, search(one))
    assert held, "not even the least rate holds for a minute"
    figures += held_figures(one, held)
    figures += arm_figures(one, arms(one, held.rate))


@pytest.mark.timeout(600)
def test_memory(one: Whole, figures: list[Figure]) -> None:
    figures += memory.measured(one)
