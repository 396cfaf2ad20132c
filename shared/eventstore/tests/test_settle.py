"""A reader by id misses nothing, and no writer ever waits for it."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from time import monotonic, sleep
from typing import Any, Literal
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.contracts import Event
from shared.eventstore import Ledger, recorder, settle
from shared.eventstore.tests.conftest import Store
from shared.eventstore.tests.counter import Asker, count, evolve, view


@dataclass(frozen=True)
class Step:
    """One command of a writer: how long it lies between insert and commit, in ms, and how it ends."""

    lies: int
    ends: Literal["commit", "roll back", "lose its connection"] = "commit"
    rests: int = 0
    events: int = 1


class GivenUp(Exception):
    """The writer rolls back."""


class Slow(Ledger):
    """A real ledger whose writers stay for a while where their ids are drawn and nothing is committed."""

    step = threading.local()

    def save(self, *objs: Any, **kwargs: Any) -> Any:
        saved = super().save(*objs, **kwargs)
        kwargs["conn"].execute("SELECT 1").fetchone()  # what the pipeline holds has been done: ids are drawn
        step: Step = self.step.now
        sleep(step.lies / 1000)
        if step.ends == "lose its connection":
            self.step.now = replace(step, ends="commit")  # the ledger looks, and does it again
            kwargs["conn"].close()
        if step.ends != "commit":
            raise GivenUp
        return saved


def write(asker: Asker, steps: Sequence[Step]) -> None:
    for step in steps:
        sleep(step.rests / 1000)
        Slow.step.now = step
        try:
            asker.ledger.change(uuid4(), 0, evolve, lambda *_, n=step.events: _counted(asker, n), asker.intent())
        except GivenUp:
            continue


def _counted(asker: Asker, events: int) -> list[Event]:
    return count(asker.school)(0, None) * events  # type: ignore[arg-type]


def follow(store: Store, after: int, done: threading.Event) -> list[int]:
    """Read as the relay does, in small bites, until the writers are done and a last look shows no more."""
    seen: list[int] = []
    with store.connect("relay") as relay:
        while True:
            last = done.is_set()
            upto = settle.settled(relay)
            seen += [row.id for rows in settle.read_all(relay, after, upto, batch=3) for row in rows]
            after = max(after, upto)
            if last:
                return seen


def missed(store: Store, plan: Sequence[Sequence[Step]]) -> int:
    """Run the writers at once with a reader beside; how many committed events the reader did not see."""
    asker = replace(store.asker(), ledger=Slow(store.pool, store.service, None, view))  # type: ignore[arg-type]
    done = threading.Event()
    before = store.events("SELECT coalesce(max(id), 0) FROM events")
    with ThreadPoolExecutor(len(plan) + 1) as crowd:
        reader = crowd.submit(follow, store, before, done)
        writers = [crowd.submit(write, asker, steps) for steps in plan]
        try:
            for writer in writers:
                writer.result()
        finally:
            done.set()
        seen = reader.result()
    assert seen == sorted(set(seen)), "each once, in order"
    with store.connect("migrate") as owner:
        committed = {id_ for (id_,) in owner.execute("SELECT id FROM events WHERE id > %s", [before])}
    assert set(seen) <= committed
    return len(committed - set(seen))


ends = st.sampled_from(["commit"] * 5 + ["roll back", "lose its connection"])
lies = st.one_of(st.just(0), st.integers(0, 30), st.just(400))  # at once, delayed, frozen
steps = st.builds(Step, lies=lies, ends=ends, rests=st.integers(0, 10), events=st.integers(1, 3))
plans = st.lists(st.lists(steps, min_size=1, max_size=6), min_size=2, max_size=6)

CROSSING = [[Step(400), Step(30)], *([Step(n, rests=3)] * 12 for n in (0, 2, 7)), [Step(25, "roll back", 5)] * 8]


@pytest.mark.slow
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=plans)
def test_a_reader_never_misses_an_event(store: Store, plan: list[list[Step]]) -> None:
    assert missed(store, plan) == 0


def test_a_reader_misses_nothing_when_writers_cross(store: Store) -> None:
    assert missed(store, CROSSING) == 0


def test_without_the_lock_it_would_miss_some(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shows that the two tests above can fail."""
    monkeypatch.setattr(recorder, "WRITERS", (settle.SPACE, settle.WRITING + 1))
    assert missed(store, CROSSING) > 0


@pytest.fixture
def frozen(store: Store) -> Iterator[threading.Event]:
    """A writer that has drawn its ids and stays there until the event is set."""
    there, go_on = threading.Event(), threading.Event()

    class Frozen(Ledger):
        def save(self, *objs: Any, **kwargs: Any) -> Any:
            saved = super().save(*objs, **kwargs)
            kwargs["conn"].execute("SELECT 1").fetchone()  # as in Slow
            there.set()
            assert go_on.wait(20)
            return saved

    asker = replace(store.asker(), ledger=Frozen(store.pool, store.service, None, view))  # type: ignore[arg-type]
    writer = threading.Thread(target=asker.count, args=[uuid4()])
    writer.start()
    assert there.wait(10)
    yield go_on
    go_on.set()
    writer.join()


SHARE = "SELECT pg_advisory_xact_lock_shared(%s, %s)"
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def test_writers_go_on_while_a_reader_waits_for_a_frozen_one(
    store: Store, asker: Asker, frozen: threading.Event
) -> None:
    settled: list[int] = []

    def settle_once() -> None:
        with store.connect("relay") as relay:
            settled.append(settle.settled(relay))

    reader = threading.Thread(target=settle_once)
    reader.start()
    longest, counter = 0.0, uuid4()
    for _ in range(50):
        began = monotonic()
        asker.count(counter)
        longest = max(longest, monotonic() - began)
        assert store.events(WAITING) == 0
    assert longest < 3, "seconds, on a busy machine; behind the frozen one it would be for ever"
    assert not settled, "the reader still waits for the frozen one alone"
    frozen.set()
    reader.join(5)
    assert settled and not reader.is_alive()


def test_who_comes_later_is_not_waited_for(store: Store, asker: Asker) -> None:
    """Else a busy store would never settle."""
    stop = threading.Event()

    def busy() -> None:
        while not stop.is_set():
            asker.count(uuid4())

    with ThreadPoolExecutor(6) as crowd, store.connect("relay") as relay:
        writers = [crowd.submit(busy) for _ in range(6)]
        began = monotonic()
        for _ in range(20):
            settle.settled(relay)
        took = monotonic() - began
        stop.set()
        for writer in writers:
            writer.result()
    assert took < 15, "seconds for twenty"


def test_a_writer_killed_in_its_transaction_is_waited_for_no_longer(store: Store, asker: Asker) -> None:
    with store.connect("relay") as relay, store.connect("api", autocommit=False) as gone:
        gone.execute(SHARE, [settle.SPACE, settle.WRITING])
        assert len(settle.writing(relay)) == 1
        threading.Timer(0.1, gone.close).start()
        began = monotonic()
        settle.settled(relay)
        assert 0.05 < monotonic() - began < 2


def test_an_old_snapshot_cannot_settle(store: Store) -> None:
    with store.connect("relay", autocommit=False) as conn:
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with pytest.raises(ValueError, match="repeatable read"):
            settle.settled(conn)


def test_reading_stops_where_it_is_told(store: Store, asker: Asker) -> None:
    counter = uuid4()
    for _ in range(5):
        asker.count(counter)
    with store.connect("relay") as relay:
        top = settle.settled(relay)
        rows = settle.read(relay, top - 5, top - 1, 3)
        assert [(r.id, r.stream, r.version, r.key) for r in rows] == [
            (top - 4 + n, counter, n + 1, asker.school) for n in range(3)
        ]
        assert [r.id for r in settle.read(relay, rows[-1].id, top - 1, 3)] == [top - 1]


def test_another_databases_writers_are_none_of_ours(store: Store, postgres: Any) -> None:
    import psycopg

    with psycopg.connect(postgres.admin_conninfo) as other, store.connect("relay") as relay:
        other.execute(SHARE, [settle.SPACE, settle.WRITING])
        assert settle.writing(relay) == set()
