"""Appends a second: ours, the stock recorder, plain inserts, what people use; whole decisions too; five repeats."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded.postgres import Postgres
from shared.settings import Settings
from tests.bench.append import NAMES, PGBENCH, WRITERS, prepare, run
from tests.bench.report import Figure, compared

pytestmark = pytest.mark.bench

REPEATS = 5
SECONDS = 2.0
PAIRS = (
    ("ours", "stock", "append"),
    ("ours30", "raw30", "append of 30"),
    ("decision", "stock-decision", "decision"),
    ("ours", PGBENCH, "append beside the server's limit"),
    *((peer, "stock", f"append of {peer}") for peer in ("message-db", "emmett")),
    *((f"{peer}-decision", "stock-decision", f"decision on {peer}") for peer in ("message-db", "emmett")),
)
GOALS = {("append", 4): 2.5, ("append", 8): 4.0, ("append of 30", 4): 0.6, ("decision", 4): 2.0}


@pytest.fixture(scope="module")
def store(servers_folder: Path) -> Iterator[Settings]:
    """A server of its own: nobody else writes to it."""
    with Postgres(servers_folder / "bench-postgres") as server:
        yield prepare(server)


@pytest.mark.parametrize("writers", WRITERS)
def test_append(store: Settings, figures: list[Figure], writers: int) -> None:
    """Each repeat runs all arms, in turned order each time: what drifts does so for all."""
    found: dict[str, list[float]] = {arm: [] for arm in NAMES}
    for repeat in range(REPEATS):
        for arm in NAMES if repeat % 2 else reversed(NAMES):
            found[arm].append(run(arm, writers, store, SECONDS))
    for arm, beside, name in PAIRS:
        goal = GOALS.get((name, writers))
        figures.append(compared(f"{name}, {writers} writers", "events/s", found[arm], found[beside], beside, goal))
