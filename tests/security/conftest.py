"""All services together, once for the folder."""

from collections.abc import Iterator

import pytest

from deploy.embedded.postgres import Postgres
from tests.security.world import World, world


@pytest.fixture(scope="package")
def diary(postgres: Postgres) -> Iterator[World]:
    """Every service of the diary on one server."""
    with world(postgres) as made:
        yield made
