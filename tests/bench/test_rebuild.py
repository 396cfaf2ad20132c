"""The diary built anew from its topics, at two sizes; three repeats each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded.kafka import Kafka
from deploy.embedded.postgres import Postgres
from tests.bench.rebuild import ENTRIES, Servers, measure, ready
from tests.bench.report import Figure, compared, plain

pytestmark = pytest.mark.bench


@pytest.fixture
def servers(servers_folder: Path) -> Iterator[Servers]:
    folder = servers_folder / "bench-rebuild"
    with Postgres(folder / "postgres") as server, Kafka(folder / "kafka") as kafka:
        yield ready(server, kafka)


@pytest.mark.timeout(1800)
def test_rebuild(servers: Servers, figures: list[Figure]) -> None:
    found = measure(servers, ENTRIES, 3)
    for size, runs in found.items():
        name = f"rebuild of the diary, {size} entries"
        figures.append(plain(f"{name}, an entry", "µs", [run.clock for run in runs], 10.0))
        figures.append(plain(f"{name}, our processor an entry", "µs", [run.ours for run in runs]))
        figures.append(plain(f"{name}, PostgreSQL's processor an entry", "µs", [run.postgres for run in runs]))
    small, large = ([1e6 / run.clock for run in found[size]] for size in (ENTRIES[0], ENTRIES[-1]))
    figures.append(
        compared("rebuild of the diary, rate at the large size", "entries/s", large, small, "the small size", 0.85)
    )
