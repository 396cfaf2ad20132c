"""The connection is lost: the answer is true, or says that the outcome is not known."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from time import monotonic, sleep
from uuid import uuid4

import pytest
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool

from shared import postgres as database
from shared.contracts.envelope import Received
from shared.eventstore import Ledger, OutcomeUnknown
from shared.eventstore.tests.conftest import Store
from shared.eventstore.tests.counter import Asker, view
from shared.eventstore.tests.wire import Wire
from shared.postgres import Conn


@pytest.fixture
def wire(store: Store) -> Iterator[Wire]:
    host, _, port = store.settings.postgres.removeprefix("postgresql://").partition(":")
    with Wire(host, int(port)) as between:
        yield between


@pytest.fixture
def asker(store: Store, wire: Wire) -> Iterator[Asker]:
    """Someone whose ledger reaches PostgreSQL over the wire."""
    info = make_conninfo(
        database.conninfo(store.settings, store.service, "api"), port=wire.port, sslmode="disable", gssencmode="disable"
    )
    pool: ConnectionPool[Conn] = ConnectionPool(
        info, min_size=1, max_size=4, open=True, check=ConnectionPool.check_connection
    )
    with pool:
        yield replace(store.asker(), ledger=Ledger(pool, store.service, None, view))  # type: ignore[arg-type]


OF_STREAM = "SELECT count(*) FROM events WHERE stream = %s"
TOTAL = "SELECT coalesce(sum(total), 0) FROM counters WHERE counter = %s"


def test_saved_though_the_reply_to_the_commit_was_lost(store: Store, asker: Asker, wire: Wire) -> None:
    counter, intent = uuid4(), asker.intent()
    wire.cut_next("after")
    first = asker.count(counter, 1, intent)
    assert wire.was_cut
    assert first.version == 1 and asker.count(counter, 1, intent) == first
    assert store.events(OF_STREAM, counter) == store.events(TOTAL, counter) == 1


def test_not_saved_when_the_commit_never_arrived_so_it_is_done_now(store: Store, asker: Asker, wire: Wire) -> None:
    counter = uuid4()
    wire.cut_next("before")
    assert asker.count(counter).version == 1
    assert wire.was_cut
    assert store.events(OF_STREAM, counter) == store.events(TOTAL, counter) == 1


def test_the_seen_version_is_still_good_after_a_lost_reply(store: Store, asker: Asker, wire: Wire) -> None:
    counter = uuid4()
    asker.count(counter)
    wire.cut_next("after")
    assert asker.count(counter, 1, asker.intent(if_match=1)).version == 2
    assert store.events(TOTAL, counter) == 2


def test_not_known_while_the_server_still_holds_the_transaction(store: Store, asker: Asker, wire: Wire) -> None:
    counter, intent = uuid4(), asker.intent()
    wire.cut_next("frozen")
    began = monotonic()
    with pytest.raises(OutcomeUnknown):
        asker.count(counter, 1, intent)
    assert monotonic() - began < 10, "seconds"
    assert store.events(OF_STREAM, counter) == 0
    wire.thaw()
    sleep(0.2)
    assert asker.count(counter, 1, intent).version == 1
    assert store.events(OF_STREAM, counter) == store.events(TOTAL, counter) == 1


def test_known_in_the_end_when_the_server_lets_go_in_time(store: Store, asker: Asker, wire: Wire) -> None:
    counter = uuid4()
    wire.cut_next("frozen")
    threading.Timer(0.7, wire.thaw).start()
    assert asker.count(counter).version == 1
    assert store.events(OF_STREAM, counter) == store.events(TOTAL, counter) == 1


def test_a_session_ended_by_the_server_is_done_again(store: Store, asker: Asker) -> None:
    counter, ended = uuid4(), list[bool]()

    def ending(conn: Conn, received: Sequence[Received]) -> None:
        if not ended:
            ended.append(True)
            conn.execute("SET LOCAL transaction_timeout = '1ms'")
            conn.execute("SELECT pg_sleep(1)")
        view(conn, received)

    asker = replace(asker, ledger=Ledger(store.pool, store.service, None, ending))  # type: ignore[arg-type]
    assert asker.count(counter).version == 1 and len(ended) == 1
    assert store.events(OF_STREAM, counter) == store.events(TOTAL, counter) == 1
