"""What becomes of a batch: applied, held, parked, skipped. On a real database; batches are made by hand."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared import clock
from shared.contracts import CONTRACTS
from shared.contracts.envelope import Received
from shared.postgres import Conn, conninfo
from shared.stream import progress, replay
from shared.stream import projection as stream_projection
from shared.stream.arrivals import Arrival, arrive
from shared.stream.headers import Headers, pack
from shared.stream.progress import NotLive, NotNext, begin
from shared.stream.projection import go_on, project
from shared.stream.tests.world import Imported, Paid, World, pay, purse, school


def _trails(world: World) -> dict[object, str]:
    return {purse_id: trail for purse_id, (_, trail) in world.purses().items()}


def test_repeats_change_nothing(world: World) -> None:
    projection = world.begun(world.projection())
    batch = world.arrivals(*(world.paid(number % 3) for number in range(30)))
    project(world.worker, projection, batch[:20])
    before = world.purses()
    repeated = [_moved(a, 20 + n) for n, a in enumerate(batch[:20])]
    assert project(world.worker, projection, repeated).applied == ()
    assert world.purses() == before
    again_and_on = [_moved(a, 40 + n) for n, a in enumerate(batch)]
    assert len(project(world.worker, projection, again_and_on).applied) == 10
    assert sum(total for total, _ in world.purses().values()) == 30


def _moved(arrival: Arrival, offset: int) -> Arrival:
    return replace(arrival, offset=offset)


def test_what_stands_before_a_hole_is_kept_and_the_hole_is_refused(world: World) -> None:
    projection = world.begun(world.projection())
    batch = world.arrivals(*(world.paid(1) for _ in range(10)))
    done = project(world.worker, projection, batch[:4] + batch[5:])
    assert done.reached.sequence == 4
    with pytest.raises(NotNext):
        project(world.worker, projection, batch[5:])
    project(world.worker, projection, batch[4:])
    assert world.purses()[purse(1)] == (10, "1 2 3 4 5 6 7 8 9 10")


def test_two_owners_of_a_partition_never_apply_an_event_twice(world: World) -> None:
    batch = world.arrivals(*(world.paid(1) for _ in range(6)))
    seconds: list[BaseException] = []

    def second_owner() -> None:
        with psycopg.connect(conninfo(world.settings, world.service, "worker"), autocommit=True) as other:
            try:
                project(other, world.projection(), batch)
            except NotNext as error:
                seconds.append(error)

    thread = threading.Thread(target=second_owner)

    def slowly(conn: Conn, received: Sequence[Received]) -> None:
        thread.start()
        thread.join(0.3)
        assert thread.is_alive(), "the second owner waits for the first one's position"
        pay(conn, received)

    project(world.worker, world.begun(world.projection(apply=slowly)), batch)
    thread.join(5)
    assert len(seconds) == 1
    assert world.purses()[purse(1)] == (6, "1 2 3 4 5 6")


def test_a_poisoned_event_is_parked_with_what_follows_it_in_its_stream_and_all_else_goes_on(world: World) -> None:
    projection = world.begun(world.projection())
    documents = [world.paid(1), world.paid(2), world.paid(2, amount=-50), world.paid(1), world.paid(2), world.paid(3)]
    done = project(world.worker, projection, world.arrivals(*documents))
    assert done.parked == 2
    assert _trails(world) == {purse(1): "1 2", purse(2): "1", purse(3): "1"}
    later = world.arrivals(world.paid(2), world.paid(1), after=6, offset=6)
    assert project(world.worker, projection, later).parked == 1
    whys = [row[0] for row in world.admin.execute("SELECT why FROM parked ORDER BY log_offset")]
    assert "CheckViolation 23514" in whys[0] and "no_debt" in whys[0]
    assert "-49" not in whys[0], "values may be people's data"
    assert whys[1:] == ["behind an earlier one of its stream"] * 2


def test_replay_takes_parked_events_in_in_order_once_the_trouble_is_mended(world: World) -> None:
    projection = world.begun(world.projection())
    documents = [world.paid(2), world.paid(2, amount=-50), world.paid(2), world.paid(4, amount=-1), world.paid(2)]
    project(world.worker, projection, world.arrivals(*documents))
    assert replay(world.settings, world.service, projection) == (0, 4)
    assert _trails(world) == {purse(2): "1"}
    world.admin.execute("ALTER TABLE purses DROP CONSTRAINT no_debt")
    assert replay(world.settings, world.service, projection) == (4, 0)
    assert _trails(world) == {purse(2): "1 2 3 4", purse(4): "1"}


def test_an_unknown_type_an_unlisted_type_and_nonsense_are_parked(world: World) -> None:
    projection = world.begun(world.projection(handles=frozenset({Imported}), leaves=frozenset()))
    later = world.paid(1, type_="diary.test.refunded.v1")
    batch = world.arrivals(later, b"{not json", world.paid(2), world.paid(1))
    assert project(world.worker, projection, batch).parked == 4
    whys = [row[0] for row in world.admin.execute("SELECT why FROM parked ORDER BY log_offset")]
    assert whys[0] == "no contract for diary.test.refunded.v1"
    assert whys[1].startswith("unreadable: JSONDecodeError")
    assert whys[2].endswith("neither handles nor leaves diary.test.paid.v1")


def test_an_unknown_type_is_taken_in_by_a_newer_worker(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    projection = world.begun(world.projection())
    project(world.worker, projection, world.arrivals(world.paid(1, type_="diary.test.paid.v2"), world.paid(1)))
    assert world.purses() == {}
    monkeypatch.setitem(CONTRACTS, "diary.test.paid.v2", Paid)
    assert replay(world.settings, world.service, projection) == (2, 0)
    assert _trails(world) == {purse(1): "1 2"}


def test_a_record_that_no_relay_wrote_is_parked_and_the_next_is_taken(world: World) -> None:
    projection = world.begun(world.projection())
    foreign = arrive(world.topic, 0, 0, (("sequence", b"x"),), b"hello")
    done = project(world.worker, projection, [foreign, *world.arrivals(world.paid(1), offset=1)])
    assert (done.parked, len(done.applied)) == (1, 1)


def test_an_outage_is_not_the_events_fault(world: World) -> None:
    def down(conn: Conn, received: Sequence[Received]) -> None:
        raise ConnectionError("the key ring does not answer")

    projection = world.begun(world.projection(apply=down))
    batch = world.arrivals(world.paid(1))
    with pytest.raises(ConnectionError):
        project(world.worker, projection, batch)
    assert world.count("parked") == 0
    assert len(project(world.worker, world.projection(), batch).applied) == 1


def test_decisions_of_an_import_are_seen_only_after_it_is_applied_and_in_order(world: World) -> None:
    projection, bundle = world.begun(world.projection()), uuid4()
    early = [
        world.paid(1),
        world.paid(1, import_id=bundle),
        world.paid(2, import_id=bundle),
        world.paid(1),
        world.paid(3),
    ]
    project(world.worker, projection, world.arrivals(*early))
    assert _trails(world) == {purse(1): "1", purse(3): "1"}
    applied = world.document(Imported(district_id=school(9)), bundle, import_id=bundle)
    done = project(world.worker, projection, [_placed(world, 1, 0, 6, 0, applied)])
    assert len(done.applied) == 3
    assert _trails(world) == {purse(1): "1 2 3", purse(2): "1", purse(3): "1"}
    project(world.worker, projection, world.arrivals(world.paid(2, import_id=bundle), after=5, offset=5))
    assert _trails(world)[purse(2)] == "1 2"
    assert world.count("held") == 0


def test_an_import_larger_than_a_transaction_is_taken_in_in_steps_and_goes_on_after_a_crash(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_projection, "TAKEN", 3)
    monkeypatch.setattr(stream_projection, "RELEASED", 6)
    projection, bundle = world.begun(world.projection()), uuid4()
    imported = [world.paid(n % 7, import_id=bundle) for n in range(20)]
    applied = world.document(Imported(district_id=school(9)), bundle, import_id=bundle)
    done = project(world.worker, projection, world.arrivals(*imported, applied))
    assert (len(done.applied), done.more, world.count("held")) == (6, True, 14)
    # the process ends here; another one takes later events of the same streams, and goes on with the import
    later = project(world.worker, projection, world.arrivals(world.paid(1), world.paid(9), after=21, offset=21))
    assert len(later.applied) == 1, "what comes behind something that waits, waits too"
    steps = 0
    while go_on(world.worker, projection).more:
        steps += 1
    assert steps == 2 and world.count("held") == 0
    assert _trails(world)[purse(1)] == "1 2 3 4" and _trails(world)[purse(9)] == "1"
    assert sum(total for total, _ in world.purses().values()) == 22
    assert go_on(world.worker, projection).applied == ()


READ = """
SELECT sum(idx_tup_read) + (SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'held')
FROM pg_stat_user_indexes WHERE relname = 'held'
"""


def test_what_waits_is_read_once_though_the_server_believes_that_nothing_waits(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_projection, "TAKEN", 10)
    projection, many, read = world.begun(world.projection()), 1000, []
    for start in (2**15 - many // 2, 2**31):  # across the bounds of SQL's integers
        world.admin.execute("UPDATE progress SET epoch = 1, sequence = %(at)s, next_offset = %(at)s", {"at": start})
        bundle = uuid4()
        imported = [world.paid(n, import_id=bundle) for n in range(many)]
        applied = world.document(Imported(district_id=school(9)), bundle, import_id=bundle)
        arrivals = world.arrivals(*imported, applied, after=start, offset=start)
        assert len(project(world.worker, projection, arrivals).applied) == many
        world.worker.execute("SELECT pg_stat_force_next_flush()")
        read.append((world.admin.execute(READ).fetchone() or [0])[0])
        world.admin.execute("ANALYZE held")  # as autovacuum does between two imports
    each = [read[0] / many, (read[1] - read[0]) / many]
    assert max(each) < 5, f"each step read much of what waits again: {each} rows read for each that waited"


def test_what_is_left_aside_is_not_even_read(world: World) -> None:
    projection = world.begun(world.projection(handles=frozenset({Imported}), leaves=frozenset({Paid})))
    unreadable = world.paid(1).replace(b'"amount":1', b'"amount":"nonsense"')
    assert project(world.worker, projection, world.arrivals(unreadable)).parked == 0


def test_a_later_import_waits_behind_an_earlier_one_in_the_same_stream(world: World) -> None:
    projection, one, two = world.begun(world.projection()), uuid4(), uuid4()
    stream = [world.paid(1, import_id=one), world.paid(1, import_id=two), world.paid(2, import_id=two)]
    project(world.worker, projection, world.arrivals(*stream))
    done = [world.document(Imported(district_id=school(9)), bundle, import_id=bundle) for bundle in (two, one)]
    project(world.worker, projection, world.arrivals(done[0], after=3, offset=3))
    assert _trails(world) == {purse(2): "1"}
    project(world.worker, projection, world.arrivals(done[1], after=4, offset=4))
    assert _trails(world) == {purse(1): "1 2", purse(2): "1"}


def test_a_delivery_acts_only_on_what_happened_after_its_first_start(world: World) -> None:
    projection = world.begun(world.projection(from_now=True))
    progress.act_from_now(world.worker, projection.name)
    past, future = clock.now() - timedelta(days=1), clock.now() + timedelta(seconds=1)
    batch = world.arrivals(world.paid(1, time=past), world.paid(1, time=future))
    progress.act_from_now(world.worker, projection.name)
    done = project(world.worker, projection, batch)
    assert (len(done.applied), done.reached.sequence) == (1, 2)
    assert _trails(world) == {purse(1): "2"}


def test_only_one_number_of_a_projection_is_live(world: World) -> None:
    world.begun(world.projection(1))
    with pytest.raises(NotLive):
        begin(world.worker, world.projection(2).name, [(world.topic, 0)])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_interleaving_of_partitions_and_batches_gives_the_same_rows(world: World, data: st.DataObject) -> None:
    sources, expected = _sources(world)
    number = data.draw(st.integers(1, 10**9))
    world.admin.execute("TRUNCATE purses, progress, parked, held, held_imports, rebuilds")
    projection = world.begun(world.projection(number))
    while any(sources):
        source = data.draw(st.sampled_from([s for s in sources if s]))
        size = data.draw(st.integers(1, 8))
        taken, source[:] = source[:size], source[size:]
        project(world.worker, projection, taken)
        if data.draw(st.booleans()):
            project(world.worker, projection, taken)  # a repeat
    assert world.purses() == expected
    assert world.count("held") == 0


def _sources(world: World) -> tuple[list[list[Arrival]], dict[object, tuple[int, str]]]:
    """Two partitions with an import in both, whose end stands in the second."""
    world._versions.clear()
    bundle = uuid4()
    plan: Iterable[tuple[int, int]] = [(n % 2, n % 6) for n in range(24)]
    documents = [(at, world.paid(who, import_id=bundle if n % 3 == 0 else None)) for n, (at, who) in enumerate(plan)]
    documents.insert(15, (1, world.document(Imported(district_id=school(9)), bundle, import_id=bundle)))
    sources: list[list[Arrival]] = [[], []]
    last = [0, 0]
    for sequence, (at, document) in enumerate(documents, 1):
        sources[at].append(_placed(world, at, len(sources[at]), sequence, last[at], document))
        last[at] = sequence
    return sources, {purse(who): (4, "1 2 3 4") for who in range(6)}


def _placed(world: World, partition: int, offset: int, sequence: int, prev: int, document: bytes) -> Arrival:

    return arrive(world.topic, partition, offset, tuple(pack(Headers(1, sequence, prev))), document)
