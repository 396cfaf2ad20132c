"""The reporting service on a database of its own, in a school that it knows."""

from collections.abc import Iterator

import pytest

from deploy.embedded.postgres import Postgres
from services.reporting.main import SERVICE
from shared.testing.school import Running, running


@pytest.fixture(scope="module")
def reporting(postgres: Postgres) -> Iterator[Running]:
    with running(postgres, SERVICE) as service:
        yield service
