"""Two ways to append: the library's stock recorder, and ours. Same events, same server, same number of threads."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from secrets import token_hex
from uuid import UUID, uuid4

from eventsourcing.application import Application
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

from deploy.embedded.postgres import Postgres
from shared import clock, eventstore, sealed
from shared import postgres as database
from shared.contracts import Event
from shared.contracts.envelope import Envelope, Received
from shared.contracts.grades import Mark, MarksGiven
from shared.eventstore import Intent, Ledger
from shared.eventstore.mapper import DocumentMapper, Recorded
from shared.eventstore.recorder import LedgerRecorder
from shared.postgres import Conn, Pool
from shared.testing.web import connect, settings_for

CLASS = 27
SCHOOL, ACTOR = uuid4(), uuid4()
PUPILS = tuple(uuid4() for _ in range(CLASS))
SCOPE = "SELECT set_config('diary.scope', %s, true)"


def column(work: UUID) -> MarksGiven:
    """One save of a class: 27 marks, one event."""
    return MarksGiven(work_id=work, school_id=SCHOOL, marks=tuple(Mark(pupil_id=p, values=("4",)) for p in PUPILS))


def recorded(stream: UUID, version: int, event: Event) -> Recorded:
    """In an envelope as the ledger makes it."""
    envelope = Envelope(
        id=f"{stream}:{version}", source="/diary/bench/1", type=event.TYPE, subject=stream, time=clock.now(),
        actor=ACTOR, command_id=uuid4(), correlation_id="bench", key=event.key, salt=token_hex(16),
    )  # fmt: skip
    return Recorded(stream, version, event, envelope)


@dataclass(frozen=True)
class Stores:
    """Both stores in one database server."""

    pool: Pool
    ledger: Ledger
    recorder: LedgerRecorder
    stock: PostgresApplicationRecorder
    application: "StockApplication"


class StockApplication(Application[UUID]):
    """The library as it comes, but for the document that is stored: that is the same for both."""

    def construct_mapper(self) -> DocumentMapper:
        return DocumentMapper()


def no_view(conn: Conn, received: Sequence[Received]) -> None:
    """The stock arm has none either."""


def make(server: Postgres, most: int) -> Stores:
    """`most`: threads at once, each needs a connection."""
    settings, name = settings_for(server), "bench"
    database.create(settings, name)
    database.migrate(settings, name, [eventstore.MIGRATIONS])
    database.create(settings, sealed.SERVICE)
    database.migrate(settings, sealed.SERVICE, [sealed.MIGRATIONS])
    with connect(settings, name, "relay") as relay:
        eventstore.open_gate(relay, 1)
    pool = database.pool(settings, name, "api", most + 1)
    user, password = f"{name}_migrate", settings.postgres_password.get_secret_value()
    datastore = PostgresDatastore(
        f"diary_{name}", server.host, server.port, user, password, pool_size=most + 1, max_waiting=64
    )
    stock = PostgresApplicationRecorder(datastore, events_table_name="stock_events")
    stock.create_table()
    application = StockApplication(
        {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": f"diary_{name}",
            "POSTGRES_HOST": server.host,
            "POSTGRES_PORT": str(server.port),
            "POSTGRES_USER": user,
            "POSTGRES_PASSWORD": password,
            "POSTGRES_POOL_SIZE": str(most + 1),
            "POSTGRES_MAX_WAITING": "64",
        }
    )
    return Stores(
        pool, Ledger(pool, name, sealed.KeyRing.connect(settings), no_view), LedgerRecorder(pool), stock, application
    )


def append_ours(stores: Stores) -> None:
    """One event in a transaction of its own."""
    stored: list[StoredEvent] = [stores.ledger.mapper.to_stored_event(_new())]
    with stores.pool.connection() as conn:
        conn.execute(SCOPE, ["{" + str(SCHOOL) + "}"])
        stores.recorder.insert_events(stored, conn=conn, epoch=1, fingerprint=b"bench")


def append_stock(stores: Stores) -> None:
    """The same by the library's own recorder."""
    stores.stock.insert_events([stores.ledger.mapper.to_stored_event(_new())])


def _new() -> Recorded:
    work = uuid4()
    return recorded(work, 1, column(work))


def count(marks: int, event: Event) -> int:
    """The state of the measured decision."""
    return marks + len(event.marks) if isinstance(event, MarksGiven) else marks


def decide_ours(stores: Stores) -> None:
    """The whole way of a command: repeat? gate? load, decide, append, keep the answer."""
    work = uuid4()
    intent = Intent(ACTOR, uuid4(), b"bench", (SCHOOL,), correlation="bench")
    stores.ledger.change(work, 0, count, lambda marks, _: [] if marks else [column(work)], intent)


def decide_stock(stores: Stores) -> None:
    """Load, decide, append; no repeat is noticed, no answer kept."""
    work, application = uuid4(), stores.application
    past = list(application.events.get(work))
    marks = reduce(count, (each.event for each in past if isinstance(each, Recorded)), 0)
    if not marks:
        application.save(recorded(work, len(past) + 1, column(work)))


def rate(work: Callable[[Stores], None], stores: Stores, writers: int, seconds: float) -> float:
    """Finished calls a second by so many threads, after a warm-up call of each."""
    done, stop = [0] * writers, threading.Event()
    ready = threading.Barrier(writers + 1)

    def write(number: int) -> None:
        work(stores)
        ready.wait()
        while not stop.is_set():
            work(stores)
            done[number] += 1

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    ready.wait()
    began = time.monotonic()
    time.sleep(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    return sum(done) / (time.monotonic() - began)
