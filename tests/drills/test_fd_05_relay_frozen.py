"""FD5: the relay is frozen with a batch in hand, replaced, thawed."""

import signal
import time

import pytest

from tests.drills.checks import BATCH, check, repeats
from tests.drills.proxy import Message
from tests.drills.rig import Process, Rig, run
from tests.drills.school import Teachers
from tests.drills.topic import records

pytestmark = pytest.mark.drill

STALL = 30.0
"""Seconds that a frozen relay may stop the topic for (proofs.md, goals)."""
END_SESSIONS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'grades_relay' AND client_port = %s"
)
LEASE = """
SELECT client_port FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND usename = 'grades_relay' AND granted AND objsubid = 2 AND mode = 'ExclusiveLock'
"""


def test_fd_05_a_thawed_relay_publishes_what_it_had_in_hand_and_stops(rig: Rig) -> None:
    api = rig.process("grades", "api")
    one, two = (rig.process("grades", "relay", f"relay {name}") for name in ("one", "two"))
    rig.start(api, one, *rig.readers())
    rig.opened()
    rig.until(rig.published, 10, "relay one leads")
    rig.start(two)
    with Teachers(rig.ledger, lambda: [api.url], rig.seed):
        rig.until(lambda: rig.events() > 30, 20, "teachers write")
        trap = rig.kafka_proxy.trap(_produces, lambda _: one.send(signal.SIGSTOP), hold=True)
        assert trap.sprung.wait(10), "relay one never published"
        rig.note("relay one frozen, its batch is held on the way to the broker")
        leases = rig.ask("grades", LEASE)
        assert len(leases) == 1, "one relay holds the lease"
        rig.ask("grades", END_SESSIONS, leases[0][0])
        _goes_on(rig, "its session was ended", seconds=10)
        trap.release()
        one.send(signal.SIGCONT)
        rig.note("the batch let go, relay one thawed")
        rig.until(lambda: one.metric("diary_relay_leads") == 0, 15, "relay one knows that it leads no more")

        two.send(signal.SIGSTOP)
        rig.note("relay two frozen; nobody ends its session but the server")
        _goes_on(rig, "the server ended the idle session", STALL)
        two.send(signal.SIGCONT)
        rig.until(lambda: _leaders(one, two) == 1, 15, "one of them leads")
    assert not check(rig).faults
    assert repeats(run(records(rig))) <= 2 * BATCH, "a batch for each freeze"


def _produces(message: Message) -> bool:
    return message.kind == "asks" and message.name == "Produce"


def _goes_on(rig: Rig, why: str, seconds: float) -> None:
    """What is stored from now on reaches the topic."""
    began, stored = time.monotonic(), rig.events()
    rig.until(lambda: len({r.at.sequence for r in run(records(rig))}) > stored, seconds, f"the topic goes on: {why}")
    rig.note(f"the other relay publishes {time.monotonic() - began:.2f} s later: {why}")


def _leaders(*relays: Process) -> int:
    return sum(int(relay.metric("diary_relay_leads")) for relay in relays)
