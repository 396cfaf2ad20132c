"""How long the audit trail takes to grow and to be verified: events of a class's marks, each of 27 entries.

    python -m tests.bench.audit [events]

Generated rows go past the product into the store's table; all of them are real documents under their own ids.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg

from deploy.demo.keys import new_audit_key
from deploy.embedded.postgres import Postgres
from shared import audit, eventstore, postgres
from shared.settings import Settings
from shared.testing.web import settings_for
from tests.bench.append import MADE, document

SERVICE = "bench"
EVENTS = 100_000
REPEATS = 5

COPY = """
COPY events (stream, version, type, key, actor, command, command_index, time, document)
FROM STDIN WITH (FORMAT binary)
"""
TYPES = ["uuid", "int4", "text", "uuid", "uuid", "uuid", "int2", "timestamptz", "bytea"]


@dataclass(frozen=True)
class Took:
    """Seconds by the clock: to grow the tree and sign it, and of each verification; ours are of this process alone."""

    grown: float
    verified: tuple[float, ...]
    ours: tuple[float, ...]


def fill(settings: Settings, count: int) -> None:
    """So many events, each a column of its own."""
    made = [document(uuid4()) for _ in range(MADE)]
    with psycopg.connect(settings.postgres_admin.get_secret_value(), dbname=f"diary_{SERVICE}") as conn:
        with conn.cursor().copy(COPY) as copy:
            copy.set_types(TYPES)
            for number in range(count):
                one, stream, command = made[number % MADE], uuid4(), uuid4()
                bytes_ = one.state.replace(str(one.originator_id).encode(), str(stream).encode())
                bytes_ = bytes_.replace(str(one.command).encode(), str(command).encode())
                copy.write_row((stream, 1, one.topic, one.key, one.actor, command, 0, one.time, bytes_))
        conn.execute("ANALYZE events")


def measure(settings: Settings, repeats: int = REPEATS) -> Took:
    """Of a store that is filled and of which nothing is signed. Raises AssertionError if it were not sound."""
    keeper, kept = audit.Keeper(settings, SERVICE), audit.Kept(settings, SERVICE)
    began = time.monotonic()
    keeper.once()
    grown, verified, ours = time.monotonic() - began, list[float](), list[float]()
    with psycopg.connect(postgres.conninfo(settings, SERVICE, "relay"), autocommit=True) as conn:
        for _ in range(repeats):
            began, busy = time.monotonic(), time.process_time()
            verdict = audit.verify(conn, kept.all)
            verified.append(time.monotonic() - began)
            ours.append(time.process_time() - busy)
            assert not verdict.changed and not verdict.newer, verdict
    return Took(grown, tuple(verified), tuple(ours))


@contextmanager
def filled(folder: Path, count: int) -> Iterator[Settings]:
    """A store of so many events."""
    with Postgres(folder / "postgres") as server:
        settings = settings_for(server, audit_folder=str(folder / "outside"), audit_key=new_audit_key())
        postgres.create(settings, SERVICE)
        postgres.migrate(settings, SERVICE, [eventstore.MIGRATIONS, audit.MIGRATIONS])
        fill(settings, count)
        yield settings


def main(count: int) -> None:
    with tempfile.TemporaryDirectory(prefix="diary-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with filled(folder, count) as settings:
            print(f"{count} events are stored", flush=True)
            took = measure(settings, 1)
    (verified,), (ours,) = took.verified, took.ours
    print(f"grown and signed within {took.grown:.1f} s, verified within {verified:.1f} s, {ours:.1f} of them ours")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS)
