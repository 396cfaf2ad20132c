import itertools
from collections.abc import Iterator
from uuid import uuid4

import pytest

from deploy.embedded.kafka import Kafka
from deploy.embedded.postgres import Postgres
from shared import postgres as database
from shared.contracts import CONTRACTS
from shared.settings import Settings
from shared.stream import MIGRATIONS, topics
from shared.stream.tests.world import Imported, Paid, World

numbers = itertools.count(1)


@pytest.fixture
def world(postgres: Postgres, kafka: Kafka, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A service `bank<N>` with a store, a view of its payments, and a topic of its own with two partitions."""
    settings = Settings(
        environment="test",
        postgres=f"host={postgres.host} port={postgres.port}",
        postgres_password="secret",
        postgres_admin=postgres.admin_conninfo,
        kafka=kafka.bootstrap,
    )
    service, topic = f"bank{next(numbers)}", f"test.{uuid4().hex[:8]}"
    for event in (Paid, Imported):
        monkeypatch.setitem(CONTRACTS, event.TYPE, event)
        monkeypatch.setattr(event, "TOPIC", topic)
    topics.ensure(settings, topics.Topics((topic,), partitions=2))
    database.create(settings, service)
    database.migrate(settings, service, [MIGRATIONS])
    with World(settings, service, topic) as made:
        yield made
