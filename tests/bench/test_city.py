"""The greatest city whose morning this machine holds; small steps, `python -m tests.bench.city` has the whole of it."""

import asyncio
import os
from pathlib import Path

import pytest

from tests.bench.city import city, greatest
from tests.bench.city import figures as city_figures
from tests.bench.report import Figure

pytestmark = pytest.mark.bench

SCHOOLS = 400
STEPS = (50, 100, 150, 200, 250)
SECONDS, HELD = 20.0, 60.0


@pytest.mark.timeout(900)
def test_city_morning(servers_folder: Path, figures: list[Figure]) -> None:
    with city(servers_folder / "bench-city", SCHOOLS) as one:
        held = asyncio.run(greatest(one, STEPS, SECONDS, HELD))
        assert held is not None, "not even the least city holds"
        figures += city_figures(held, len(os.sched_getaffinity(0)))
