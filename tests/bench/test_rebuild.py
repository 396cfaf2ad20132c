"""The diary built anew from its topics, at two sizes; three repeats each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded.kafka import Kafka
from deploy.embedded.postgres import Postgres
from shared.settings import Settings
from tests.bench.rebuild import ENTRIES, measure, ready
from tests.bench.report import Figure, compared, plain

pytestmark = pytest.mark.bench


@pytest.fixture
def settings(servers_folder: Path) -> Iterator[Settings]:
    folder = servers_folder / "bench-rebuild"
    with Postgres(folder / "postgres") as server, Kafka(folder / "kafka") as kafka:
        yield ready(server, kafka)


@pytest.mark.timeout(1800)
def test_rebuild(settings: Settings, figures: list[Figure]) -> None:
    found = measure(settings, ENTRIES, 3)
    for size, rates in found.items():
        figures.append(plain(f"rebuild of the diary, {size} entries, an entry", "µs", [1e6 / r for r in rates], 10.0))
    small, large = found[ENTRIES[0]], found[ENTRIES[-1]]
    figures.append(
        compared("rebuild of the diary, rate at the large size", "entries/s", large, small, "the small size", 0.85)
    )
