"""FD13: the primary dies, and the standby that takes over lacks what was published last."""

import base64
import json
import time
from uuid import UUID

import pytest

from tests.drills.checks import check, lag
from tests.drills.rig import Process, Rig, run
from tests.drills.runbook import steps
from tests.drills.school import SCHOOLS, open_work
from tests.drills.topic import records

pytestmark = pytest.mark.drill

BEHIND = 50
"""Events that the standby has not, at least."""
LOOKS = 12.0
"""Seconds in which a refusing relay looks again at least once."""


def test_fd_13_what_a_standby_lacks_is_put_back_from_the_topic(rig: Rig) -> None:
    api, relay = rig.process("grades", "api"), rig.process("grades", "relay")
    rig.start(api, relay, *rig.readers())
    rig.opened()
    rig.keys_for_all()
    standby = rig.standby()
    rig.written(api, 60)
    standby.stop()
    has = rig.events()
    rig.written(api, BEHIND)
    published = rig.events()
    rig.note(f"the standby has stopped at {has} of {published} events, all of which are published")

    rig.fail_over()
    behind = published - rig.events()
    rig.note(f"the primary is killed, the standby is the server now, {behind} events behind")
    assert behind >= BEHIND
    _nobody_writes(rig, api, relay)
    status, said = relay.tried("recover", "--verify")
    rig.note(said.strip().splitlines()[-1])
    assert status == 1 and f"{behind} events" not in said  # they stand in several partitions
    assert sum(int(line.split(" has ")[1].split()[0]) for line in said.splitlines() if " has " in line) == behind

    status, said = relay.tried("recover", "--heal", "--yes", DIARY_KEYRING_MASTER="lost")
    assert status == 3 and "Nothing was changed" in said and rig.events() == has, said
    another = base64.b64encode(rig.chance.randbytes(32)).decode()
    status, said = relay.tried("recover", "--heal", "--yes", DIARY_KEYRING_MASTER=another)
    assert status == 1 and f"{behind} events put back" in said and "not wrapped by master" in said, said
    rig.note(said.strip().splitlines()[-1])
    _nobody_writes(rig, api, relay)
    status, said = relay.tried("recover", "--verify")
    assert status == 1 and "run recover --heal again" in said

    for arguments, status in zip(steps("A store was set back"), (1, 0, 0), strict=True):
        found, said = relay.tried(*arguments, typed="yes\n")
        assert found == status, said
    rig.opened()
    rig.note("healed, and writers are let in")
    assert rig.events() == published
    rig.written(api, 20)
    for intent in rig.ledger.of("ok")[:40]:
        rig.ledger.send(intent, api.url)  # the first answer again, or it raises
    assert not check(rig).faults


OVERWRITTEN = """
WITH gone AS (DELETE FROM events WHERE id = (SELECT max(id) FROM events) RETURNING *)
INSERT INTO events (stream, version, type, key, actor, command, command_index, time, document)
SELECT stream, version, type, key, actor, gen_random_uuid(), 0, time, document FROM gone
"""


def test_fd_13_what_cannot_be_mended_is_said_and_nothing_is_changed(rig: Rig) -> None:
    api, relay = rig.process("grades", "api"), rig.process("grades", "relay")
    rig.start(api, relay)
    rig.opened()
    rig.written(api, 20)
    assert relay.tried("recover", "--verify", "--whole")[0] == 0
    status, said = relay.tried("recover", "--heal", "--yes")
    assert status == 3 and "a relay publishes from this store" in said, said
    relay.child.kill()

    status, said = relay.tried("recover", "--heal")
    assert status == 0 and "sound" in said, said
    rig.tell("grades", OVERWRITTEN)
    stored = rig.ask("grades", "SELECT id, document FROM events ORDER BY id")
    status, said = relay.tried("recover", "--heal")  # nobody sits there to say yes
    assert status == 1 and "Nothing was changed" in said, said
    status, said = relay.tried("recover", "--heal", "--yes")
    assert status == 1 and "the store went on: it has other events in place of what the topic has, 1 of them" in said, (
        said
    )
    rig.note(said.strip().splitlines()[-1])
    assert rig.ask("grades", "SELECT id, document FROM events ORDER BY id") == stored
    assert rig.ask("grades", "SELECT FROM healing") == []

    rig.tell("grades", "UPDATE events SET document = document || ' ' WHERE id = 3")
    status, said = relay.tried("recover", "--verify", "--whole")
    assert status == 1 and "1 event with other bytes than the store: 3\n" in said, said
    rig.kafka.stop()
    status, said = relay.tried("recover", "--verify")
    assert status == 3 and "nobody can say" in said, said
    rig.note(said.strip().splitlines()[-1])


ACT = "Order 17 of 2026-11-29"
"""As docs/operations/recovery.md names it."""


def test_fd_13_what_a_store_went_on_without_is_given_up_by_an_act(rig: Rig) -> None:
    api, relay, readers = rig.process("grades", "api"), rig.process("grades", "relay"), rig.readers()
    rig.start(api, relay, *readers)
    rig.opened()
    rig.keys_for_all()
    rig.written(api, 40)
    _stopped(api, relay)
    _as_admin(rig, "CREATE DATABASE backup TEMPLATE diary_grades OWNER grades_migrate")
    has = rig.events()
    rig.start(api, relay)
    rig.written(api, BEHIND)
    rig.until(lambda: not lag(rig), 30, "the projections reach the end")
    _stopped(api, relay)
    given_up = _lost(rig, has)
    _as_admin(rig, "DROP DATABASE diary_grades")
    _as_admin(rig, "ALTER DATABASE backup RENAME TO diary_grades")
    rig.start(api)
    rig.written(api, 20, published=False)  # the gate is open: the server was not started anew, nobody looked
    rig.start(relay)
    rig.until(lambda: relay.metric("diary_relay_refuses") == 1, 40, "the relay refuses the store")
    rig.note(f"the store was set back to {has} events, and went on")

    status, said = relay.tried("recover", "--heal", "--yes")
    assert status == 1 and "cannot be mended so" in said and "Nothing was changed" in said, said
    for mistyped in (["--give-up"], ["--give-up", "--yes"], ["--give-up", " "]):
        assert relay.tried("recover", *mistyped)[0] == 2
    before = rig.ask("grades", "SELECT count(*), max(epoch) FROM events, opened")
    status, said = relay.tried("recover", "--give-up", ACT)  # nobody sits there to say yes
    assert status == 1 and "LOST" in said and "Nothing was changed" in said, said
    assert rig.ask("grades", "SELECT count(*), max(epoch) FROM events, opened") == before
    another = base64.b64encode(rig.chance.randbytes(32)).decode()
    give_up, *rebuilds = steps("A store went on without what its topic has")
    status, said = relay.tried(*give_up, DIARY_KEYRING_MASTER=another, typed="yes\n")
    assert status == 1 and "epoch 2 begins" in said and "run recover --give-up again" in said, said
    rig.note("given up half-way, by an operator without the ring's key")
    status, said = relay.tried(*give_up, typed="yes\n")
    assert status == 0 and "goes on" in said, said
    rig.note(said.strip().splitlines()[-1])
    rig.opened()
    rig.until(rig.published, 30, "what the store went on with is published")

    for reader, rebuild in zip(readers, rebuilds, strict=True):
        _rebuilt(rig, reader, rebuild)
    rig.written(api, 20)
    assert not check(rig, given_up=given_up).faults
    assert relay.tried("recover", "--verify", "--whole")[0] == 0
    status, said = relay.tried("audit", "verify")
    assert status == 0 and "epoch 2 was begun" in said, said
    rig.note(said.strip().splitlines()[-1])
    assert ACT in rig.ask("grades", "SELECT act FROM epochs")[0]


def _rebuilt(rig: Rig, reader: Process, arguments: list[str]) -> None:
    """One that has taken in what was given up says so, and is told to begin anew."""
    rig.until(lambda: reader.metric("diary_projection_given_up") > 0, 30, f"{reader.name} says what it has taken in")
    assert reader.metric("diary_projection_hole") == 0
    status, said = reader.tried(*arguments)
    assert status == 0, said
    rig.until(lambda: reader.metric("diary_projection_given_up") == 0, 30, f"{reader.name} is well again")


def _stopped(*processes: Process) -> None:
    for each in processes:
        each.child.stop()


LATER = "SELECT actor, command, document FROM events ORDER BY id OFFSET %s"


def _lost(rig: Rig, kept: int) -> set[UUID]:
    """Take out of the ledger what was done after the first `kept` events. The columns that it was about."""
    later = rig.ask("grades", LATER, kept)
    lost = {(actor, command) for actor, command, _ in later}
    rig.ledger.intents = [each for each in rig.ledger.intents if (each.actor, each.key) not in lost]
    return {UUID(json.loads(document)["data"]["work_id"]) for *_, document in later}


def _as_admin(rig: Rig, statement: str) -> None:
    with rig.admin("reporting") as conn:
        conn.execute(statement.encode())


def _nobody_writes(rig: Rig, api: Process, relay: Process) -> None:
    """While the relay refuses the store: the API says that it is looked over, and the topic does not grow."""
    before = len(run(records(rig)))
    rig.until(lambda: relay.metric("diary_relay_refuses") == 1, 40, "the relay refuses the store")
    until = time.monotonic() + LOOKS
    while time.monotonic() < until:
        _, opening = open_work(rig.ledger, SCHOOLS[0], rig.chance)
        rig.ledger.send(opening, api.url)
        assert (opening.outcome, opening.said) == ("refused", "checking")
        time.sleep(1)
    assert len(run(records(rig))) == before
    rig.note("nothing was written and nothing published meanwhile")
