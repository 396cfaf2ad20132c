"""FD8: a writer is held between insert and commit while others commit higher ids."""

import threading
import time

import pytest

from tests.drills.checks import check
from tests.drills.ledger import Intent
from tests.drills.proxy import Message, Trap
from tests.drills.rig import Process, Rig
from tests.drills.school import SOUTH, Teachers, open_work

pytestmark = pytest.mark.drill

TIMEOUT = 8.0
"""Seconds that a transaction may take in this drill; 30 in earnest (shared/postgres.py), which only makes it longer."""
LIMIT = "ALTER ROLE grades_api SET transaction_timeout = '8s'"
SLOWEST = 5.0
"""Seconds that any other writer may take meanwhile: far more than usual, far less than the hold."""


def commits(message: Message) -> bool:
    """The API's word to commit a transaction that has appended events."""
    appended = any("SELECT append(" in said for said in message.wire.said)
    return message.kind == "asks" and message.name == "COMMIT" and appended


def test_fd_08_nothing_is_skipped_and_nobody_waits_for_a_writer_that_does_not_commit(rig: Rig) -> None:
    rig.tell("grades", LIMIT)
    held = rig.process("grades", "api", "api held", proxied=True)
    free = rig.process("grades", "api", "api free")
    rig.start(held, free, rig.process("grades", "relay"), *rig.readers())
    rig.opened()
    with Teachers(rig.ledger, lambda: [free.url], rig.seed) as teachers:
        rig.until(lambda: rig.events() > 20, 20, "teachers write")
        for seconds in (2.0, TIMEOUT + 20):
            _hold(rig, held, seconds, teachers)
    assert not check(rig).faults


def _hold(rig: Rig, api: Process, seconds: float, teachers: Teachers) -> None:
    """Hold one commit until then, or until the server ends its session; others must go on meanwhile."""
    trap = rig.postgres_proxy.trap(commits, hold=True)
    _, intent = open_work(rig.ledger, SOUTH, rig.chance)
    began, before = time.monotonic(), rig.events()
    sending = threading.Thread(target=rig.ledger.send, args=(intent, api.url))
    sending.start()
    assert trap.sprung.wait(10), "the writer never came to its commit"
    _others_go_on(rig, trap, intent, seconds)
    written = rig.events() - before
    took, answered = time.monotonic() - began, intent.outcome
    trap.release()
    sending.join(40)
    rig.note(
        f"a commit held for {took:.1f} s, {written} other events committed meanwhile; "
        f"answered before it was let go: {answered}, in the end: {intent.outcome} {intent.said}"
    )
    assert not sending.is_alive() and written > 20 and intent.outcome == "ok"
    assert (answered == "ok") == (seconds > TIMEOUT), "the server ends the session, the API tries again by itself"


def _others_go_on(rig: Rig, trap: Trap, intent: Intent, seconds: float) -> None:
    until = time.monotonic() + seconds
    seen, changed = rig.events(), time.monotonic()
    while time.monotonic() < until and not intent.said and intent.outcome == "unknown":
        now = rig.events()
        if now > seen:
            seen, changed = now, time.monotonic()
        assert time.monotonic() - changed < SLOWEST, "writers wait for the one that is held"
        time.sleep(0.05)
    assert trap.sprung.is_set()
