"""A store of its own for each module, in a real PostgreSQL."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString
from uuid import UUID, uuid4

import psycopg
import pytest

from deploy.embedded.postgres import Postgres
from shared import postgres as database
from shared import sealed
from shared.contracts import CONTRACTS
from shared.eventstore import MIGRATIONS, Ledger, open_gate
from shared.eventstore.tests.counter import SCHEMA, Asker, Counted, view
from shared.postgres import Conn, Pool
from shared.settings import Settings


@dataclass(frozen=True)
class Store:
    """A service's database with its roles."""

    settings: Settings
    service: str
    ledger: Ledger
    pool: Pool

    def asker(self, school: UUID | None = None) -> Asker:
        return Asker(self.ledger, school or uuid4())

    def connect(self, role: str, autocommit: bool = True) -> Conn:
        return psycopg.connect(database.conninfo(self.settings, self.service, role), autocommit=autocommit)

    def events(self, query: LiteralString = "SELECT count(*) FROM events", *values: object) -> int:
        """What the owner counts."""
        with self.connect("migrate") as conn:
            ((number,),) = conn.execute(query, values)
            return int(number)


def settings_of(server: Postgres) -> Settings:
    return Settings(
        environment="test",
        postgres=f"postgresql://{server.host}:{server.port}",
        postgres_password="test",
        postgres_admin=server.admin_conninfo,
        keyring_master="AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    )


def make(server: Postgres, folder: Path, service: str, size: int = 24) -> Store:
    """A new store, the gate open, with a table for the view of counters."""
    settings = settings_of(server)
    (folder / "counter").mkdir(parents=True, exist_ok=True)
    (folder / "counter" / "0001_counters.sql").write_text(SCHEMA)
    database.create(settings, service)
    database.migrate(settings, service, [MIGRATIONS, folder / "counter"])
    with psycopg.connect(database.conninfo(settings, service, "relay"), autocommit=True) as relay:
        open_gate(relay, 1)
    pool = database.pool(settings, service, "api", size)
    return Store(settings, service, Ledger(pool, service, sealed.KeyRing.connect(settings), view), pool)


@pytest.fixture(autouse=True)
def counters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CONTRACTS, Counted.TYPE, Counted)


@pytest.fixture(scope="module")
def store(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = make(postgres, tmp_path_factory.mktemp("migrations"), f"store{uuid4().hex[:8]}")
    yield made
    made.pool.close()


@pytest.fixture
def asker(store: Store) -> Asker:
    return store.asker()
