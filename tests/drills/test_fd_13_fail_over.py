"""FD13: the primary dies, and the standby that takes over lacks what was published last."""

import time

import pytest

from shared.sealed import KeyRing
from tests.drills.checks import check
from tests.drills.rig import Process, Rig, run
from tests.drills.school import SCHOOLS, Teachers, open_work
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
    _keys_for_all(rig)
    standby = rig.standby()
    _write(rig, api, 60)
    standby.stop()
    has = rig.events()
    _write(rig, api, BEHIND)
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

    status, said = relay.tried("recover", "--heal", "--yes", DIARY_KEYRING_MASTER="")
    assert status != 0 and "events put back" in said, said
    rig.note("a healing without the master key put the events back and could not make the view anew")
    _nobody_writes(rig, api, relay)
    status, said = relay.tried("recover", "--verify")
    assert status == 1 and "run recover --heal again" in said

    status, said = relay.tried("recover", "--heal", "--yes")
    assert status == 0, said
    assert relay.tried("recover", "--verify", "--whole")[0] == 0
    rig.opened()
    rig.note("healed, and writers are let in")
    assert rig.events() == published
    _write(rig, api, 20)
    for intent in rig.ledger.of("ok")[:40]:
        rig.ledger.send(intent, api.url)  # the first answer again, or it raises
    assert not check(rig).faults


def _keys_for_all(rig: Rig) -> None:
    """The ring stands on a server of its own in production: one that came back without a key could not be healed."""
    ring = KeyRing.connect(rig.settings)
    for school in SCHOOLS:
        ring.keys([*school.pupils, *school.parents, school.teacher, school.office], create=True)
    ring.close()


def _write(rig: Rig, api: Process, count: int) -> None:
    """So many events at least, then quiet, all of them published."""
    goal = rig.events() + count
    with Teachers(rig.ledger, lambda: [api.url], rig.chance.randrange(10**6)):
        rig.until(lambda: rig.events() > goal, 60, "teachers write")
    rig.until(rig.published, 30, "all is published")


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
