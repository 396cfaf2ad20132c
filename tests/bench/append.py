"""How many events a second are appended, durable (fsync on), by 1, 4 and 8 writing processes.

    python -m tests.bench.append [seconds per run]

Three arms, alternated: the library's stock recorder, our recorder doing the same (one event, one transaction), and
the whole `Ledger.change` (idempotency, load, decide, answer; no view). Medians of ROUNDS runs, and ratios to stock.
"""

import multiprocessing
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import product
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median
from time import monotonic
from uuid import UUID, uuid4

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from deploy.embedded.postgres import Postgres
from shared import clock, postgres
from shared.contracts import Event
from shared.contracts.envelope import Envelope
from shared.contracts.grades import Mark, MarksGiven
from shared.eventstore import MIGRATIONS, Intent, Ledger, open_gate
from shared.eventstore.mapper import DocumentMapper, Recorded, StoredDocument
from shared.eventstore.recorder import LedgerRecorder
from shared.postgres import Conn
from shared.sealed import KeyRing
from shared.settings import Settings

ARMS = ("stock", "ours", "change")
WRITERS = (1, 4, 8)
ROUNDS = 3
SERVICE = "bench"


def marks(work: UUID, school: UUID) -> Event:
    """A column of a whole class: 27 entries, about 3 KB."""
    entries = tuple(Mark(pupil_id=uuid4(), values=("4",)) for _ in range(27))
    return MarksGiven(work_id=work, school_id=school, marks=entries)


def document(school: UUID) -> StoredDocument:
    stream = uuid4()
    event = marks(stream, school)
    envelope = Envelope(
        id=f"{stream}:1",
        source=f"/diary/{SERVICE}/1",
        type=event.TYPE,
        subject=stream,
        time=clock.now(),
        actor=uuid4(),
        command_id=uuid4(),
        correlation_id="bench",
        key=school,
        salt="0" * 32,
    )
    return DocumentMapper().to_stored_event(Recorded(stream, 1, event, envelope))


@contextmanager
def stock(settings: Settings) -> Iterator[Callable[[], object]]:
    with closing(datastore(settings)) as store:
        recorder, school = PostgresApplicationRecorder(store), uuid4()

        def append() -> object:
            made = document(school)
            plain = StoredEvent(made.originator_id, made.originator_version, made.topic, made.state)
            return recorder.insert_events([plain])

        yield append


def datastore(settings: Settings) -> PostgresDatastore:
    to = conninfo_to_dict(postgres.conninfo(settings, SERVICE, "migrate"))
    return PostgresDatastore(
        str(to["dbname"]), str(to["host"]), str(to["port"]), str(to["user"]), str(to.get("password", ""))
    )


@contextmanager
def ours(settings: Settings) -> Iterator[Callable[[], object]]:
    with postgres.pool(settings, SERVICE, "api", 1) as pool:
        recorder, school = LedgerRecorder(pool), uuid4()

        def append() -> object:
            made = document(school)
            with pool.connection() as conn, conn.pipeline():
                conn.execute("SELECT set_config('diary.scope', %s, true)", [f"{{{school}}}"])
                return recorder.insert_events([made], conn=conn, epoch=1, fingerprint=b"")

        yield append


@contextmanager
def change(settings: Settings) -> Iterator[Callable[[], object]]:
    def no_view(_: Conn, __: Sequence[object]) -> None:
        return

    def nothing(state: None, _: Event) -> None:
        return state

    with postgres.pool(settings, SERVICE, "api", 1) as pool, closing(KeyRing.connect(settings)) as ring:
        ledger, school, actor = Ledger(pool, SERVICE, ring, no_view), uuid4(), uuid4()

        def append() -> object:
            work = uuid4()
            intent = Intent(actor, uuid4(), b"x" * 32, (school,), "bench")
            return ledger.change(work, None, nothing, lambda *_: [marks(work, school)], intent)

        yield append


def writer(arm: str, settings: Settings, seconds: float, start: Barrier, done: "Queue[float]") -> None:
    """One process: append until the time is over; say how many a second."""
    with {"stock": stock, "ours": ours, "change": change}[arm](settings) as append:
        for _ in range(20):
            append()
        start.wait()
        count, began = 0, monotonic()
        while monotonic() - began < seconds:
            append()
            count += 1
        done.put(count / (monotonic() - began))


def run(arm: str, writers: int, settings: Settings, seconds: float) -> float:
    """Events a second of all writers together."""
    context = multiprocessing.get_context("fork")  # no second import of everything, which costs seconds each
    start, done = context.Barrier(writers), context.Queue()
    crowd = [context.Process(target=writer, args=(arm, settings, seconds, start, done)) for _ in range(writers)]
    for process in crowd:
        process.start()
    total: float = sum(done.get(timeout=120) for _ in crowd)
    for process in crowd:
        process.join()
    return total


def prepare(server: Postgres) -> Settings:
    settings = Settings(
        environment="test",
        postgres=f"postgresql://{server.host}:{server.port}",
        postgres_password="bench",
        postgres_admin=server.admin_conninfo,
        keyring_master="AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    )
    postgres.create(settings, SERVICE)
    postgres.migrate(settings, SERVICE, [MIGRATIONS])
    with psycopg.connect(postgres.conninfo(settings, SERVICE, "relay"), autocommit=True) as relay:
        open_gate(relay, 1)
    with closing(datastore(settings)) as store:
        PostgresApplicationRecorder(store).create_table()
    return settings


def report(found: dict[tuple[str, int], list[float]]) -> Iterable[str]:
    yield f"{'writers':>8}" + "".join(f"{arm:>12}" for arm in ARMS) + "   ours/stock  change/stock"
    for writers in WRITERS:
        rates = {arm: median(found[arm, writers]) for arm in ARMS}
        ratios = f"{rates['ours'] / rates['stock']:>12.2f}{rates['change'] / rates['stock']:>14.2f}"
        yield f"{writers:>8}" + "".join(f"{rates[arm]:>12.0f}" for arm in ARMS) + ratios


def main(seconds: float) -> None:
    with tempfile.TemporaryDirectory(prefix="diary-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with Postgres(folder / "postgres") as server:
            settings = prepare(server)
            found: dict[tuple[str, int], list[float]] = {}
            for _, writers, arm in product(range(ROUNDS), WRITERS, ARMS):
                found.setdefault((arm, writers), []).append(run(arm, writers, settings, seconds))
    print("\n".join(report(found)))


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 3)
