"""The second wall: what the database itself lets each role do."""

from uuid import uuid4

import pytest
from psycopg.errors import InsufficientPrivilege

from shared.contracts import Event
from shared.eventstore import Checking, open_gate
from shared.eventstore.gate import is_open, last_epoch
from shared.eventstore.tests.conftest import Store
from shared.eventstore.tests.counter import Asker, Counted, evolve
from shared.postgres import Conn, scoped


def test_without_a_scope_there_are_no_events(store: Store, asker: Asker) -> None:
    asker.count(uuid4())
    with store.connect("api") as api:
        assert api.execute("SELECT count(*) FROM events").fetchone() == (0,)
        with scoped(api, [uuid4()]):
            assert api.execute("SELECT count(*) FROM events").fetchone() == (0,)
        with scoped(api, [uuid4(), asker.school]):
            assert api.execute("SELECT count(*) FROM events").fetchone() == (1,)
        assert api.execute("SELECT count(*) FROM events").fetchone() == (0,)


FORGED = """
INSERT INTO events (stream, version, type, key, actor, command, command_index, time, document)
VALUES (gen_random_uuid(), 1, 'x', %s, gen_random_uuid(), gen_random_uuid(), 0, now(), '')
"""


def test_an_event_outside_the_scope_cannot_be_inserted(store: Store) -> None:
    with (
        store.connect("api") as api,
        pytest.raises(InsufficientPrivilege, match="row-level security"),
        scoped(api, [uuid4()]),
    ):
        api.execute(FORGED, [uuid4()])


@pytest.mark.parametrize("role", ["api", "worker", "relay"])
@pytest.mark.parametrize(
    "act",
    [
        "UPDATE events SET version = version",
        "DELETE FROM events",
        "TRUNCATE events",
        "MERGE INTO events USING (SELECT 1) ON false WHEN NOT MATCHED BY SOURCE THEN DELETE",
        "UPDATE answers SET status = 500",
        "ALTER TABLE events DISABLE ROW LEVEL SECURITY",
        "ALTER SEQUENCE events_id_seq RESTART",
        "SELECT nextval('events_id_seq')",
        "DROP TABLE events",
    ],
)
def test_no_process_changes_what_was_stored(store: Store, role: str, act: str) -> None:
    with store.connect(role) as conn, pytest.raises(InsufficientPrivilege):
        conn.execute(act.encode())


@pytest.mark.parametrize("role", ["worker", "relay"])
def test_readers_only_read(store: Store, asker: Asker, role: str) -> None:
    asker.count(uuid4())
    with store.connect(role) as conn:
        assert conn.execute("SELECT count(*) > 0 FROM events").fetchone() == (True,)
        with pytest.raises(InsufficientPrivilege):
            conn.execute(FORGED, [asker.school])


def test_only_the_relay_opens_the_gate(store: Store) -> None:
    for role in ("api", "worker"):
        with store.connect(role) as conn, pytest.raises(InsufficientPrivilege):
            open_gate(conn, 9)


def test_after_a_start_of_the_server_nothing_is_written_until_the_relay_has_looked(store: Store, asker: Asker) -> None:
    counter, intent = uuid4(), asker.intent()
    first = asker.count(counter, 1, intent)
    with store.connect("migrate") as owner:
        owner.execute("UPDATE opened SET server_start = server_start - interval '1 s'")  # as after another start
        assert not is_open(owner) and last_epoch(owner) == 1
        with pytest.raises(Checking):
            asker.count(counter)
        assert asker.count(counter, 1, intent) == first, "what was saved is still answered"
    with store.connect("relay") as relay:
        open_gate(relay, 2)
        assert is_open(relay)
    assert asker.count(counter).version == 2
    assert [r.envelope.epoch for r in asker.ledger.history(counter, [asker.school])] == [1, 2]


def test_a_gate_that_closes_during_a_decision_lets_nothing_in(store: Store, asker: Asker) -> None:
    counter = uuid4()

    def slowly(_: int, __: Conn) -> list[Event]:
        with store.connect("migrate") as owner:
            owner.execute("UPDATE opened SET server_start = server_start - interval '1 s'")
        return [Counted(school_id=asker.school, by=1)]

    with pytest.raises(Checking):
        asker.ledger.change(counter, 0, evolve, slowly, asker.intent())
    assert store.events("SELECT count(*) FROM events WHERE stream = %s", counter) == 0
    assert store.events("SELECT count(*) FROM counters WHERE counter = %s", counter) == 0
    with store.connect("relay") as relay:
        open_gate(relay, 2)
