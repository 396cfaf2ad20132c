"""How many events a second are appended, durable (fsync on), by 1, 4 and 8 writing processes.

    python -m tests.bench.append [seconds per run] [arm …]

Arms, alternated: `stock` and `ours` append one event in a transaction, by the library's recorder and by ours;
`raw30` and `ours30` append thirty, by plain psycopg and by our recorder; `stock-decision` and `decision` look the
command up, load, decide, write a view's row, the answer and the event. What is appended is made beforehand.
`message-db`, `emmett` and their decisions do the same with what people use today (peers/). `pgbench` is the limit:
commits of one insert of the same bytes by PostgreSQL's own client, which costs next to nothing.
"""

import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from itertools import cycle, product
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

from deploy.embedded.postgres import Postgres, binaries
from shared import clock, postgres
from shared.contracts import Event
from shared.contracts.envelope import Envelope, Received, read
from shared.contracts.grades import Mark, MarksGiven
from shared.eventstore import MIGRATIONS, Intent, Ledger, open_gate
from shared.eventstore.mapper import DocumentMapper, Recorded, StoredDocument
from shared.eventstore.recorder import LedgerRecorder
from shared.postgres import Conn
from shared.sealed import KeyRing
from shared.settings import Settings
from tests.bench.peers import Append, Emmett, MessageDb, Store, appending, deciding, install

WRITERS = (1, 4, 8)
ROUNDS = 3
SERVICE = "bench"
BATCH = 30
MADE = 60
"""Documents made beforehand by each writer; each append gives one a new stream."""

Arm = Callable[[Settings], AbstractContextManager[Append]]

TABLES = """
CREATE TABLE IF NOT EXISTS raw (id bigserial PRIMARY KEY, stream uuid, version int, type text, document bytea,
                                UNIQUE (stream, version));
CREATE TABLE IF NOT EXISTS seen (work uuid PRIMARY KEY, marks int NOT NULL);
CREATE TABLE IF NOT EXISTS answered (actor uuid, command uuid, body bytea, PRIMARY KEY (actor, command));
GRANT SELECT, INSERT ON seen TO bench_api;
"""


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


def documents(school: UUID) -> Iterator[StoredDocument]:
    """For ever new streams and commands around the bytes made beforehand."""
    for made in cycle([document(school) for _ in range(MADE)]):
        yield StoredDocument(
            uuid4(), 1, made.topic, made.state, made.key, made.actor, uuid4(), made.import_id, made.time
        )


@contextmanager
def stock(settings: Settings) -> Iterator[Append]:
    with closing(datastore(settings)) as store:
        recorder, made = PostgresApplicationRecorder(store), documents(uuid4())

        def append() -> int:
            one = next(made)
            recorder.insert_events([StoredEvent(one.originator_id, 1, one.topic, one.state)])
            return 1

        yield append


@contextmanager
def ours(settings: Settings, batch: int = 1) -> Iterator[Append]:
    with postgres.pool(settings, SERVICE, "api", 1) as pool:
        recorder, school = LedgerRecorder(pool), uuid4()
        made, scope = documents(school), f"{{{school}}}"

        def append() -> int:
            events = [next(made) for _ in range(batch)]
            with pool.connection() as conn, conn.pipeline():
                conn.execute("SELECT set_config('diary.scope', %s, true)", [scope])
                recorder.insert_events(events, conn=conn, epoch=1, fingerprint=b"")
                conn.commit()
            return batch

        yield append


@contextmanager
def ours30(settings: Settings) -> Iterator[Append]:
    with ours(settings, BATCH) as append:
        yield append


RAW = "INSERT INTO raw (stream, version, type, document) VALUES (%s, %s, %s, %b)"


@contextmanager
def raw30(settings: Settings) -> Iterator[Append]:
    with psycopg.connect(postgres.conninfo(settings, SERVICE, "migrate")) as conn:
        made = documents(uuid4())

        def append() -> int:
            events = [next(made) for _ in range(BATCH)]
            conn.cursor().executemany(RAW, [(e.originator_id, 1, e.topic, e.state) for e in events])
            conn.commit()
            return BATCH

        yield append


SEE = "INSERT INTO seen (work, marks) VALUES (%s, %s)"


def see(conn: Conn, received: Sequence[Received]) -> None:
    """A view of one row an event."""
    conn.cursor().executemany(SEE, [(r.envelope.subject, 27) for r in received])


def nothing(state: None, _: Event) -> None:
    return state


@contextmanager
def decision(settings: Settings) -> Iterator[Append]:
    with postgres.pool(settings, SERVICE, "api", 1) as pool, closing(KeyRing.connect(settings)) as ring:
        ledger, school, actor = Ledger(pool, SERVICE, ring, see), uuid4(), uuid4()
        columns = cycle([marks(uuid4(), school) for _ in range(MADE)])

        def append() -> int:
            intent = Intent(actor, uuid4(), b"x" * 32, (school,), "bench")
            ledger.change(uuid4(), None, nothing, lambda *_: [next(columns)], intent)
            return 1

        yield append


FIND = "SELECT body FROM answered WHERE actor = %s AND command = %s"
KEEP = "INSERT INTO answered (actor, command, body) VALUES (%s, %s, %s)"


@contextmanager
def stock_decision(settings: Settings) -> Iterator[Append]:
    """The same with the library's recorder, which commits its events alone; view and answer follow in one of ours."""
    with (
        closing(datastore(settings)) as store,
        psycopg.connect(postgres.conninfo(settings, SERVICE, "migrate")) as conn,
    ):
        recorder, mapper, school, actor = PostgresApplicationRecorder(store), DocumentMapper(), uuid4(), uuid4()
        columns = cycle([marks(uuid4(), school) for _ in range(MADE)])

        def append() -> int:
            stream, command = uuid4(), uuid4()
            conn.execute(FIND, [actor, command]).fetchone()
            conn.rollback()
            past = [read(bytes(stored.state)) for stored in recorder.select_events(stream)]
            event = next(columns)
            envelope = Envelope(
                id=f"{stream}:{len(past) + 1}",
                source=f"/diary/{SERVICE}/1",
                type=event.TYPE,
                subject=stream,
                time=clock.now(),
                actor=actor,
                command_id=command,
                correlation_id="bench",
                key=school,
                salt="0" * 32,
            )
            stored = mapper.to_stored_event(Recorded(stream, len(past) + 1, event, envelope))
            recorder.insert_events([StoredEvent(stream, stored.originator_version, stored.topic, stored.state)])
            conn.execute(SEE, [stream, 27])
            conn.execute(KEEP, [actor, command, envelope.id.encode()])
            conn.commit()
            return 1

        yield append


def peer(kind: type[Store], way: Callable[..., AbstractContextManager[Append]]) -> Arm:
    def arm(settings: Settings) -> AbstractContextManager[Append]:
        made = [document(uuid4()) for _ in range(MADE)]
        return way(kind, settings, SERVICE, [one.state for one in made], made[0].topic)

    return arm


ARMS: dict[str, Arm] = {
    "stock": stock,
    "ours": ours,
    "raw30": raw30,
    "ours30": ours30,
    "stock-decision": stock_decision,
    "decision": decision,
    "message-db": peer(MessageDb, appending),
    "emmett": peer(Emmett, appending),
    "message-db-decision": peer(MessageDb, deciding),
    "emmett-decision": peer(Emmett, deciding),
}


PGBENCH = "pgbench"
NAMES = (*ARMS, PGBENCH)
COMMIT = "INSERT INTO raw (stream, version, type, document) VALUES (gen_random_uuid(), 1, '{type}', '\\x{bytes}');\n"


def commits(writers: int, settings: Settings, seconds: float) -> float:
    """What pgbench reaches with so many clients. Raises CalledProcessError."""
    to, made = conninfo_to_dict(postgres.conninfo(settings, SERVICE, "migrate")), document(uuid4())
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(COMMIT.format(type=made.topic, bytes=made.state.hex()))
        script.flush()
        command = [str(binaries() / PGBENCH), "-n", "-M", "prepared", "-f", script.name]
        crowd = ["-T", str(max(1, round(seconds))), "-c", str(writers), "-j", str(min(writers, 2))]
        place = ["-h", str(to["host"]), "-p", str(to["port"]), "-U", str(to["user"]), str(to["dbname"])]
        environment = os.environ | {"PGPASSWORD": str(to.get("password", ""))}
        done = subprocess.run([*command, *crowd, *place], env=environment, capture_output=True, text=True, check=True)
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    assert found, done.stdout
    return float(found[1])


def datastore(settings: Settings) -> PostgresDatastore:
    to = conninfo_to_dict(postgres.conninfo(settings, SERVICE, "migrate"))
    return PostgresDatastore(
        str(to["dbname"]), str(to["host"]), str(to["port"]), str(to["user"]), str(to.get("password", ""))
    )


def writer(arm: str, settings: Settings, seconds: float, start: Barrier, done: "Queue[float]") -> None:
    """One process: append until the time is over; say how many events a second."""
    with ARMS[arm](settings) as append:
        for _ in range(20):
            append()
        start.wait()
        count, began = 0, monotonic()
        while monotonic() - began < seconds:
            count += append()
        done.put(count / (monotonic() - began))


def run(arm: str, writers: int, settings: Settings, seconds: float) -> float:
    """Events a second of all writers together."""
    if arm == PGBENCH:
        return commits(writers, settings, seconds)
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
    with psycopg.connect(postgres.conninfo(settings, SERVICE, "migrate"), autocommit=True) as owner:
        owner.execute(TABLES)
    with psycopg.connect(postgres.conninfo(settings, SERVICE, "relay"), autocommit=True) as relay:
        open_gate(relay, 1)
    with closing(datastore(settings)) as store:
        PostgresApplicationRecorder(store).create_table()
    install(settings, SERVICE)
    return settings


def report(found: dict[tuple[str, int], list[float]], arms: Sequence[str]) -> Iterable[str]:
    yield f"{'writers':>8}" + "".join(f"{arm:>16}" for arm in arms)
    for writers in WRITERS:
        yield f"{writers:>8}" + "".join(f"{median(found[arm, writers]):>16.0f}" for arm in arms)


def main(seconds: float, arms: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="diary-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with Postgres(folder / "postgres") as server:
            settings = prepare(server)
            found: dict[tuple[str, int], list[float]] = {}
            for _, writers, arm in product(range(ROUNDS), WRITERS, arms):
                found.setdefault((arm, writers), []).append(run(arm, writers, settings, seconds))
    print("\n".join(report(found, arms)))


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 3, sys.argv[2:] or NAMES)
