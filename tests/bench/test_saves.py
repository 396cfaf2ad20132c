"""Class saves a second through the chain, their answers, and what each costs every process."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.report import Figure, plain
from tests.bench.saves import measure
from tests.drills.rig import Rig

pytestmark = pytest.mark.bench

SAVES = 400
REPEATS = 5
MOST_A_SAVE = 6.0
"""Milliseconds of our own processes together."""


@pytest.fixture
def rig(servers_folder: Path) -> Iterator[Rig]:
    with Rig(servers_folder / "bench-saves", seed=2, direct=True) as made:
        yield made


def test_class_saves(rig: Rig, figures: list[Figure]) -> None:
    """The first run warms up and is not counted."""
    api = rig.process("grades", "api")
    rig.start(api, rig.process("grades", "relay"), rig.process("reporting", "api"), *rig.readers())
    rig.opened()
    chance = random.Random(2)
    measure(rig, api.url, SAVES, chance)
    runs = [measure(rig, api.url, SAVES, chance) for _ in range(REPEATS)]
    figures.append(plain("class saves, 8 clients", "saves/s", [run.rate for run in runs]))
    figures += [plain(f"class save, answer p{p}", "ms", [run.answer(p) for run in runs]) for p in (50, 99)]
    figures.append(plain("class saves, lag at the end", "s", [run.lag for run in runs]))
    ours = [sum(cost for name, cost in run.costs.items() if name in rig.processes) for run in runs]
    figures.append(plain("class save, processor of our processes", "ms", ours, MOST_A_SAVE))
    for name in runs[0].costs:
        figures.append(plain(f"class save, processor of {name}", "ms", [run.costs[name] for run in runs]))
