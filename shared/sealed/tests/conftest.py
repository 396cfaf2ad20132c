"""A key ring on a real PostgreSQL."""

import base64
from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr

from deploy.embedded.postgres import Postgres
from shared.sealed import KeyRing, create
from shared.settings import Settings

MASTER = base64.b64encode(bytes(range(32))).decode()


def settings_for(server: Postgres, master: str = MASTER) -> Settings:
    return Settings(
        environment="test",
        postgres=f"postgresql://{server.host}:{server.port}",
        postgres_password=SecretStr("keyring-test"),
        postgres_admin=SecretStr(server.admin_conninfo),
        keyring_master=SecretStr(master),
    )


@pytest.fixture(scope="module")
def settings(postgres: Postgres) -> Settings:
    made = settings_for(postgres)
    create(made, erases=True)
    return made


@pytest.fixture
def new_ring(settings: Settings) -> Iterator[Callable[[], KeyRing]]:
    """Makes rings as other processes would have them: each with a cache of its own."""
    rings: list[KeyRing] = []

    def make() -> KeyRing:
        rings.append(KeyRing.connect(settings, erases=True))
        return rings[-1]

    yield make
    for ring in rings:
        ring.close()


@pytest.fixture
def ring(new_ring: Callable[[], KeyRing]) -> KeyRing:
    return new_ring()
