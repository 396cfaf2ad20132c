"""The relay's copy rate beside a bare idempotent producer's; five repeats, alternated."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded.kafka import Kafka
from deploy.embedded.postgres import Postgres
from shared.settings import Settings
from tests.bench.relay import EVENTS, bare, made, ready, relayed
from tests.bench.report import Figure, compared

pytestmark = pytest.mark.bench

REPEATS = 5


@pytest.fixture
def settings(servers_folder: Path) -> Iterator[Settings]:
    """Servers of its own: nobody else writes to them."""
    folder = servers_folder / "bench-relay"
    with Postgres(folder / "postgres") as server, Kafka(folder / "kafka") as kafka:
        yield ready(server, kafka)


def test_relay(settings: Settings, figures: list[Figure]) -> None:
    found: dict[str, list[float]] = {"relay": [], "bare": []}
    for _ in range(REPEATS):
        found["bare"].append(bare(settings, made(EVENTS)))
        found["relay"].append(relayed(settings, made(EVENTS)))
    figures.append(
        compared("relay, 3 KB events", "events/s", found["relay"], found["bare"], "a bare idempotent producer", 0.5)
    )
