"""FD4: the relay dies between the broker's acknowledgement and saving its position."""

import time

import pytest

from tests.drills.checks import BATCH, check, repeats
from tests.drills.proxy import Message, Verdict
from tests.drills.rig import Rig, run
from tests.drills.school import Teachers
from tests.drills.topic import records

pytestmark = pytest.mark.drill

BACKLOG = 150
TAKE_OVER = 10.0
"""Seconds within which another relay must publish (proofs.md, goals)."""


def saves_its_position(message: Message) -> bool:
    return message.kind == "asks" and message.wire.who == "grades_relay" and "INSERT INTO relayed " in message.name


def test_fd_04_what_was_acknowledged_and_not_saved_is_not_lost_and_repeated_at_most_a_batch(rig: Rig) -> None:
    api = rig.process("grades", "api")
    first = rig.process("grades", "relay", "relay one", proxied=True)
    second = rig.process("grades", "relay", "relay two")
    rig.start(api, first, *rig.readers())
    rig.opened()
    rig.until(rig.published, 10, "the first relay leads")
    rig.start(second)  # waits for the lease

    def die(_: Message) -> Verdict:
        first.kill_now()
        return Verdict.CUT

    with Teachers(rig.ledger, lambda: [api.url], rig.seed):
        rig.until(lambda: rig.events() > 30, 20, "teachers write")
        first_ones = len(run(records(rig)))
        trap = rig.postgres_proxy.trap(saves_its_position, die)
        assert trap.sprung.wait(10), "the relay never saved its position"
        killed = time.monotonic()
        before = len(run(records(rig)))
        rig.note(f"relay one killed in the moment of saving, {before} records are on the topic (were {first_ones})")
        rig.until(lambda: len(run(records(rig))) > before, TAKE_OVER, "relay two publishes")
        rig.note(f"relay two publishes {time.monotonic() - killed:.2f} s after the kill")
        rig.until(lambda: rig.events() > BACKLOG, 30, "teachers go on writing")
    verdict = check(rig)
    assert not verdict.faults
    assert repeats(run(records(rig))) <= BATCH
