"""A view is made anew while people go on writing."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from uuid import UUID, uuid4

import pytest

from shared.contracts.envelope import Received
from shared.eventstore.rebuild import rebuild_view
from shared.eventstore.tests.conftest import Store
from shared.eventstore.tests.counter import Asker, view
from shared.postgres import Conn, scoped

SPOIL = "UPDATE counters SET total = -1"
WRONG = """
SELECT count(*) FROM counters FULL JOIN (
    SELECT stream, sum((convert_from(document, 'UTF8')::jsonb -> 'data' ->> 'by')::int) AS total FROM events GROUP BY 1
) e ON stream = counter WHERE counters.total IS DISTINCT FROM e.total
"""
PROTECT = """
ALTER TABLE counters ENABLE ROW LEVEL SECURITY;
ALTER TABLE counters FORCE ROW LEVEL SECURITY;
CREATE POLICY schools ON counters USING (school_id = ANY (diary_scope())) WITH CHECK (true);
"""


def seen_by_api(store: Store, asker: Asker, scope: Sequence[UUID]) -> int:
    with store.connect("api") as api, scoped(api, scope):
        ((number,),) = api.execute("SELECT count(*) FROM counters WHERE school_id = %s", [asker.school])
        return int(number)


def test_the_view_is_rebuilt_while_people_write_and_nobody_waits_long(store: Store, asker: Asker) -> None:
    counters = [uuid4() for _ in range(6)]
    for _ in range(10):
        for counter in counters:
            asker.count(counter)
    with store.connect("migrate") as owner:
        owner.execute(SPOIL)
    stop, waits = threading.Event(), list[float]()

    def write(counter: UUID) -> None:
        while not stop.is_set():
            began = monotonic()
            asker.count(counter)
            waits.append(monotonic() - began)

    with ThreadPoolExecutor(6) as crowd:
        writers = [crowd.submit(write, counter) for counter in counters[:3]]
        try:
            applied = rebuild_view(store.settings, store.service, store.ledger._ring, view, ["counters"], batch=20)
        finally:
            stop.set()
        for writer in writers:
            writer.result()
    assert applied >= 60
    assert store.events(WRONG) == 0
    assert max(waits) < 3, "seconds: at most 0.5 for the lock, the rest is a busy machine"


def test_grants_and_row_level_security_go_with_it(store: Store, asker: Asker) -> None:
    asker.count(uuid4())
    with store.connect("migrate") as owner:
        owner.execute(PROTECT)
    rebuild_view(store.settings, store.service, store.ledger._ring, view, ["counters"])
    assert seen_by_api(store, asker, [asker.school]) == 1
    assert seen_by_api(store, asker, [uuid4()]) == 0
    asker.count(uuid4())
    assert seen_by_api(store, asker, [asker.school]) == 2


def test_a_view_that_fails_leaves_the_old_one_in_use(store: Store, asker: Asker) -> None:
    asker.count(uuid4())
    before = seen_by_api(store, asker, [asker.school])

    def broken(conn: Conn, received: Sequence[Received]) -> None:
        view(conn, received)
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        rebuild_view(store.settings, store.service, store.ledger._ring, broken, ["counters"])
    assert seen_by_api(store, asker, [asker.school]) == before == 1
