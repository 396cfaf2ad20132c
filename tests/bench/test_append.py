"""Appends a second: our recorder beside the library's, arms alternated, five repeats."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.embedded.postgres import Postgres
from tests.bench.report import Figure, compared
from tests.bench.writers import Stores, append_ours, append_stock, decide_ours, decide_stock, make, rate

pytestmark = pytest.mark.bench

WRITERS = (1, 4, 8)
REPEATS = 5
SECONDS = 2.0
Arm = Callable[[Stores], None]


@pytest.fixture(scope="module")
def stores(servers_folder: Path) -> Iterator[Stores]:
    """A server of its own: nobody else writes to it."""
    with Postgres(servers_folder / "bench-postgres") as server:
        made = make(server, max(WRITERS))
        yield made
        made.application.close()
        made.stock.datastore.close()
        made.pool.close()


def alternated(stores: Stores, ours: Arm, theirs: Arm, writers: int) -> tuple[list[float], list[float]]:
    """Each repeat runs both, the other one first each time: what drifts does so for both."""
    found: dict[Arm, list[float]] = {ours: [], theirs: []}
    for repeat in range(REPEATS):
        for arm in (ours, theirs) if repeat % 2 else (theirs, ours):
            found[arm].append(rate(arm, stores, writers, SECONDS))
    return found[ours], found[theirs]


@pytest.mark.parametrize("writers", WRITERS)
def test_append(stores: Stores, figures: list[Figure], writers: int) -> None:
    ours, theirs = alternated(stores, append_ours, append_stock, writers)
    figures.append(compared(f"append, {writers} writers", "events/s", ours, theirs))


def test_whole_decision(stores: Stores, figures: list[Figure]) -> None:
    ours, theirs = alternated(stores, decide_ours, decide_stock, 4)
    figures.append(compared("whole decision, 4 writers", "decisions/s", ours, theirs))
