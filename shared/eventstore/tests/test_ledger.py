"""What the writing services rely on: a command is done once for ever, nobody's change is lost, all or nothing."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from shared import postgres as database
from shared.contracts import Event, seal
from shared.contracts.envelope import read, write
from shared.errors import NotAllowed, Refused
from shared.eventstore import Answer, Change, ConcurrentChange, InProgress, KeyReused, Ledger
from shared.eventstore.answers import forget
from shared.eventstore.tests.conftest import Store
from shared.eventstore.tests.counter import LIMIT, Asker, Counted, TooMany, count, evolve, view
from shared.postgres import Conn

OF_STREAM = "SELECT count(*) FROM events WHERE stream = %s"
TOTAL = "SELECT coalesce(sum(total), 0) FROM counters WHERE counter = %s"


def total(asker: Asker, counter: UUID) -> int:
    return sum(int(r.event.model_dump()["by"]) for r in asker.ledger.history(counter, [asker.school]))


def test_a_change_is_stored_and_answered(store: Store, asker: Asker) -> None:
    counter = uuid4()
    first, second = asker.count(counter, 2), asker.count(counter, 3)
    assert (first.version, second.version) == (1, 2)
    assert second.body == b'{"stream":"%s","version":2,"events":["%s:2"]}' % ((str(counter).encode(),) * 2)
    assert total(asker, counter) == store.events(TOTAL, counter) == 5


def test_the_stored_bytes_are_the_envelope_and_the_columns_agree(store: Store, asker: Asker) -> None:
    counter, intent = uuid4(), replace(asker.intent(), traceparent="00-1-2-01", causation="why", import_id=uuid4())
    asker.count(counter, 7, intent)
    columns = "type, key, actor, command, command_index, import_id, time, document"
    with store.connect("relay") as conn:
        ((type_, *names, time, document),) = conn.execute(f"SELECT {columns} FROM events WHERE stream = %s", [counter])
    received = read(document)
    assert write(received.envelope, received.event) == document
    assert names == [asker.school, asker.actor, intent.key, 0, intent.import_id]
    assert (received.envelope.type, received.time) == (type_, time)
    shown = json.loads(document)
    assert shown["source"] == f"/diary/{store.service}/1"
    assert (shown["id"], shown["causationid"], shown["traceparent"]) == (f"{counter}:1", "why", "00-1-2-01")
    assert len(bytes.fromhex(shown["salt"])) == 16


def test_a_note_is_stored_sealed_and_the_view_gets_it_opened(store: Store, asker: Asker) -> None:
    class Ring:
        """A key for everyone; the real ring is tried in shared/sealed."""

        def keys(self, owners: object, create: bool) -> dict[UUID, bytes]:
            return {asker.school: bytes(32)}

    seen: list[Event] = []
    ledger = Ledger(store.pool, store.service, Ring(), lambda _, new: seen.extend(r.event for r in new))  # type: ignore[arg-type]
    noted = Counted(school_id=asker.school, by=1, note=seal(asker.school, "a secret"))
    counter = uuid4()
    ledger.change(counter, 0, evolve, lambda *_: [noted], asker.intent())
    (stored,) = ledger.history(counter, [asker.school])
    assert isinstance(stored.event, Counted) and stored.event.note is not None
    assert stored.event.note.box and stored.event.note.text is None
    assert store.events("SELECT count(*) FROM events WHERE document LIKE '%%secret%%' AND stream = %s", counter) == 0
    assert [e.note.text for e in seen if isinstance(e, Counted) and e.note] == ["a secret"]


def test_the_same_key_again_gives_the_first_answer_byte_by_byte(store: Store, asker: Asker) -> None:
    counter, intent = uuid4(), asker.intent()
    first = asker.count(counter, 1, intent)
    asker.count(counter, 1)
    assert asker.count(counter, 1, intent) == first
    assert total(asker, counter) == 2


def test_an_answer_that_was_forgotten_is_made_again_from_the_events(store: Store, asker: Asker) -> None:
    counter, intent = uuid4(), asker.intent(body=b"one")
    first = asker.count(counter, 1, intent)
    with store.connect("worker") as conn:
        assert forget(conn, days=0) > 0
    assert asker.count(counter, 1, intent) == first
    with pytest.raises(KeyReused):
        asker.count(counter, 1, asker.intent(intent.key, b"another"))
    assert total(asker, counter) == 1


def test_twenty_at_once_with_one_key_make_one_event(store: Store, asker: Asker) -> None:
    counter, intent = uuid4(), asker.intent()

    def ask(_: int) -> Answer | None:
        try:
            return asker.count(counter, 1, intent)
        except InProgress:
            return None

    with ThreadPoolExecutor(20) as crowd:
        answers = list(crowd.map(ask, range(20)))
    assert len({a for a in answers if a}) == 1
    assert total(asker, counter) == store.events(OF_STREAM, counter) == store.events(TOTAL, counter) == 1


def test_a_key_is_not_used_twice_for_different_requests(asker: Asker) -> None:
    counter, key = uuid4(), uuid4()
    asker.count(counter, 1, asker.intent(key, b"one"))
    with pytest.raises(KeyReused):
        asker.count(counter, 5, asker.intent(key, b"five"))
    assert total(asker, counter) == 1


def test_two_people_may_happen_to_use_the_same_key(asker: Asker) -> None:
    counter, key, other = uuid4(), uuid4(), replace(asker, actor=uuid4())
    asker.count(counter, 1, asker.intent(key))
    other.count(counter, 1, other.intent(key))
    assert total(asker, counter) == 2


@pytest.mark.slow
def test_twelve_writers_on_one_stream_lose_nothing(store: Store, asker: Asker) -> None:
    for _ in range(10):
        counter = uuid4()
        with ThreadPoolExecutor(12) as crowd:
            answers = list(crowd.map(lambda _, to=counter: asker.count(to), range(12)))
        assert sorted(a.version for a in answers) == list(range(1, 13))
        assert total(asker, counter) == store.events(TOTAL, counter) == 12


def test_who_saw_an_older_version_is_told_the_present_one(asker: Asker) -> None:
    counter = uuid4()
    asker.count(counter)
    asker.count(counter, 1, asker.intent(if_match=1))
    with pytest.raises(ConcurrentChange) as refused:
        asker.count(counter, 1, asker.intent(if_match=1))
    assert refused.value.facts == {"version": 2}
    assert "2" in refused.value.sentence("ru")
    assert total(asker, counter) == 2


def test_of_twelve_who_saw_the_same_version_one_is_heard(asker: Asker) -> None:
    counter = uuid4()
    asker.count(counter)

    def ask(_: int) -> object:
        try:
            return asker.count(counter, 1, asker.intent(if_match=1)).version
        except ConcurrentChange as refused:
            return refused.facts["version"]

    with ThreadPoolExecutor(12) as crowd:
        assert set(crowd.map(ask, range(12))) == {2}
    assert total(asker, counter) == 2


def test_what_is_already_so_makes_no_event_and_names_the_present_version(asker: Asker) -> None:
    counter = uuid4()
    asker.count(counter, 3)
    intent = asker.intent()
    nothing = asker.count(counter, 0, intent)
    assert json.loads(nothing.body) == {"stream": str(counter), "version": 1, "events": []}
    asker.count(counter, 1)
    assert asker.count(counter, 0, intent) == nothing


def test_a_refusal_leaves_nothing_behind_and_its_key_may_be_used_again(store: Store, asker: Asker) -> None:
    counter, intent = uuid4(), asker.intent()
    asker.count(counter, LIMIT)
    with pytest.raises(TooMany):
        asker.count(counter, 1, intent)
    assert total(asker, counter) == LIMIT
    assert store.events("SELECT count(*) FROM answers WHERE command = %s", intent.key) == 0
    asker.count(counter, -1, intent)
    assert total(asker, counter) == LIMIT - 1


def test_a_view_that_fails_undoes_the_event_and_is_no_refusal(store: Store, asker: Asker) -> None:
    def broken(conn: Conn, _: object) -> None:
        conn.execute("INSERT INTO counters (counter, school_id, total) VALUES (%s, %s, 1)", [asker.school] * 2)

    ledger = Ledger(store.pool, store.service, None, broken)  # type: ignore[arg-type]
    counter, other = uuid4(), uuid4()
    ledger.change(counter, 0, evolve, count(asker.school), asker.intent())
    with pytest.raises(Exception, match="counters_pkey") as error:
        ledger.change(other, 0, evolve, count(asker.school), asker.intent())
    assert not isinstance(error.value, Refused)
    assert store.events(OF_STREAM, other) == 0


def test_an_import_of_many_streams_is_one_command(store: Store, asker: Asker) -> None:
    streams, intent = [uuid4() for _ in range(300)], replace(asker.intent(), import_id=uuid4())
    changes = [Change(s, 0, evolve, count(asker.school, n % 3)) for n, s in enumerate(streams)]
    first = asker.ledger.change_many([*changes, Change(streams[1], 0, evolve, count(asker.school, 5))], intent)
    body = json.loads(first.body)
    assert len(body["events"]) == 201 and body["stream"] == str(streams[1]) and body["version"] == first.version == 2
    assert total(asker, streams[1]) == store.events(TOTAL, streams[1]) == 6
    order = "SELECT count(*) FROM (SELECT command_index, row_number() OVER (ORDER BY id) - 1 AS n FROM events"
    assert store.events(order + " WHERE command = %s) x WHERE n = command_index", intent.key) == 201
    assert asker.ledger.change_many(changes, intent) == first


def test_an_import_with_one_refusal_is_not_begun(store: Store, asker: Asker) -> None:
    fine, bad = uuid4(), uuid4()
    changes = [Change(s, 0, evolve, count(asker.school, by)) for s, by in ((fine, 1), (bad, LIMIT + 1))]
    with pytest.raises(TooMany):
        asker.ledger.change_many(changes, asker.intent())
    assert store.events(OF_STREAM, fine) == store.events(TOTAL, fine) == 0


def test_an_event_of_another_school_is_not_allowed(asker: Asker) -> None:
    with pytest.raises(NotAllowed):
        asker.ledger.change(uuid4(), 0, evolve, count(uuid4()), asker.intent())


def test_the_relay_is_nudged_after_events_only_and_cannot_spoil_the_answer(store: Store, asker: Asker) -> None:
    nudges: list[int] = []

    def nudge() -> None:
        nudges.append(store.events())
        raise RuntimeError("no relay")

    before = store.events()
    asker = replace(asker, ledger=Ledger(store.pool, store.service, None, view, nudge))  # type: ignore[arg-type]
    counter, intent = uuid4(), asker.intent()
    for by, again in ((1, intent), (1, intent), (0, None)):
        asker.count(counter, by, again)
    assert nudges == [before + 1]


def test_the_librarys_own_ways_to_read_work_for_those_who_may_see_all(store: Store, asker: Asker) -> None:
    counter = uuid4()
    for _ in range(3):
        asker.count(counter)
    with database.pool(store.settings, store.service, "worker", 2) as pool:
        ledger = Ledger(pool, store.service, None, view)  # type: ignore[arg-type]
        assert [e.originator_version for e in ledger.events.get(counter, gt=1, desc=True)] == [3, 2]
        last = ledger.recorder.max_notification_id() or 0
        notified = ledger.notification_log.select(start=last - 2, limit=10)
        assert [(n.originator_id, n.originator_version) for n in notified] == [(counter, n) for n in (1, 2, 3)]
        assert [r.sequence for r in ledger.everything(last - 2, last)] == [last - 1, last]
