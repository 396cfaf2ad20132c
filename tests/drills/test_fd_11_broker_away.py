"""FD11: the broker freezes, then is killed, and stays away while teachers write; nobody but readers notices (O-05).

So it is when its disk fills up: then it stops by itself. Ten minutes by `make drill N=11 AWAY=600`.
"""

import os
import signal
import time

import pytest

from tests.drills.checks import check
from tests.drills.disks import Disk
from tests.drills.rig import Rig
from tests.drills.school import Teachers

pytestmark = pytest.mark.drill

AWAY = float(os.environ.get("DRILL_AWAY") or 30)
"""Seconds, half of them frozen and half of them gone."""
DRAINED = 120.0


def test_fd_11_teachers_write_on_while_the_broker_is_frozen_and_then_gone(rig: Rig) -> None:
    api, relay = rig.process("grades", "api"), rig.process("grades", "relay")
    rig.start(api, relay, *rig.readers())
    rig.opened()
    rig.written(api, 20)
    with Teachers(rig.ledger, lambda: [api.url], rig.seed):
        os.kill(rig.kafka.pid, signal.SIGSTOP)
        rig.note("the broker is frozen")
        frozen = _writes_for(rig, AWAY / 2)
        rig.kafka.kill()
        rig.note(f"{frozen} events meanwhile; the broker is killed")
        gone = _writes_for(rig, AWAY / 2)
        rig.note(f"{gone} events meanwhile")
    assert min(frozen, gone) > AWAY, "teachers write on as before"
    assert not rig.ledger.of("unknown") and not rig.published()

    rig.kafka.start()
    took = rig.until(rig.published, DRAINED, "what was written meanwhile is published")
    rig.note(f"the broker is back: {frozen + gone} events published within {took:.1f} s")
    rig.written(api, 20)
    assert not check(rig).faults


def _writes_for(rig: Rig, seconds: float) -> int:
    before = rig.events()
    time.sleep(seconds)
    return rig.events() - before


MEGABYTES = 200


@pytest.mark.parametrize("cramped", [("kafka", MEGABYTES)], indirect=True)
def test_fd_11_teachers_write_on_while_the_brokers_disk_is_full(cramped: tuple[Rig, Disk]) -> None:
    rig, disk = cramped
    api = rig.process("grades", "api")
    rig.start(api, rig.process("grades", "relay"), *rig.readers())
    rig.opened()
    rig.written(api, 20)
    with Teachers(rig.ledger, lambda: [api.url], rig.seed):
        rig.note(f"{disk.fill()} MB of the broker's disk were free, none is now")
        full = _writes_for(rig, AWAY)
        rig.note(f"{full} events meanwhile, all published: {rig.published()}")
    assert full > AWAY and not rig.ledger.of("unknown"), "teachers write on as before"
    disk.free()
    rig.kafka.kill()  # as its supervisor would when it is ill; it ended by itself if the disk was felt
    rig.kafka.start()
    took = rig.until(rig.published, DRAINED, "what was written meanwhile is published")
    rig.note(f"freed and started: published within {took:.1f} s")
    rig.written(api, 20)
    assert not check(rig).faults
