"""Servers for tests: started when a test first asks for one, one of each for the whole session."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from deploy.embedded.kafka import Kafka
from deploy.embedded.postgres import Postgres

if TYPE_CHECKING:
    from playwright.sync_api import Browser


class Parts(LoadScopeScheduling):
    """Of tests that run two at a time those of a service, a library, and of each folder of `tests` stay together.

    They share a database a service or one running product; the folder with the most tests begins, drills come late.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "/".join(nodeid.partition("::")[0].split("/")[:2])


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Parts:
    """Asked with `-n` alone."""
    return Parts(config, log)


@pytest.fixture(scope="session")
def servers_folder() -> Iterator[Path]:
    """One folder for all servers of the session, open to the user under whom PostgreSQL runs when we are root."""
    with tempfile.TemporaryDirectory(prefix="diary-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture(scope="session")
def postgres(servers_folder: Path) -> Iterator[Postgres]:
    """A running PostgreSQL, shared by the session: make a database of your own in it."""
    with Postgres(servers_folder / "postgres") as server:
        yield server


@pytest.fixture(scope="session")
def kafka(servers_folder: Path) -> Iterator[Kafka]:
    """A running Kafka, shared by the session: make topics of your own in it."""
    with Kafka(servers_folder / "kafka") as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A running Chromium: make a context of your own in it.

    One for each module and not for the session, since Playwright keeps an event loop running in this thread while
    it is open: `asyncio.run` fails meanwhile, and would do so in every later test.
    """
    from playwright.sync_api import sync_playwright

    from deploy.embedded import chromium

    with sync_playwright() as playwright:
        opened = chromium.launch(playwright)
        yield opened
        opened.close()
