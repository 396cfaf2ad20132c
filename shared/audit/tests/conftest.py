"""A store of one service with events in it, and a folder outside for its checkpoints."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from deploy.embedded.postgres import Postgres
from shared import audit, eventstore
from shared import postgres as database
from shared.postgres import Conn
from shared.settings import Settings
from shared.testing import events
from shared.testing.web import settings_for

SERVICE = "audited"


@dataclass
class Audited:
    """`admin` may change whatever it likes, as whoever owns the server may."""

    settings: Settings
    admin: Conn
    keeper: audit.Keeper

    def store(self, count: int) -> None:
        """Append so many events."""
        events.store(self.admin, SERVICE, count)


def pem() -> str:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def audited(postgres: Postgres, tmp_path: Path) -> Iterator[Audited]:
    settings = settings_for(postgres, audit_folder=str(tmp_path / "outside"), audit_key=pem())
    database.create(settings, SERVICE)
    database.migrate(settings, SERVICE, [eventstore.MIGRATIONS, audit.MIGRATIONS])
    with psycopg.connect(postgres.conninfo(f"diary_{SERVICE}"), autocommit=True) as admin:
        admin.execute("TRUNCATE events, audit_tree, epochs, opened RESTART IDENTITY")
        yield Audited(settings, admin, audit.Keeper(settings, SERVICE))
