"""FD16: an event that one projection cannot take in; a restart; parking that fails itself."""

import os
import random
import time
from collections.abc import Callable
from uuid import UUID

import pytest

from services.reporting import diary
from shared import stream
from tests.drills.checks import check, rows
from tests.drills.rig import Rig
from tests.drills.school import NORTH, SOUTH, School, correct, give_marks, open_work

pytestmark = pytest.mark.drill

ON_TIME = 5.0
"""Seconds within which everybody else's events must be seen (proofs.md, goals)."""
MARKS = "SELECT count(*) FROM diary_marks WHERE work_id = %s"


def test_fd_16_a_poison_event_is_put_aside_with_its_stream_and_taken_in_after_the_fix(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Poison is a column's marks, so its later corrections have to wait behind them."""
    chance = random.Random(rig.seed)
    columns = [open_work(rig.ledger, school, chance) for school in (NORTH, NORTH)]
    poison, second = (work for work, _ in columns)
    monkeypatch.setitem(os.environ, "DRILL_POISON", f"{poison},{second}")
    api, worker = rig.process("grades", "api"), rig.process("reporting", "worker", module="tests.drills.poisoned")
    rig.start(api, rig.process("grades", "relay"), worker, rig.process("notify", "worker"))
    rig.opened()

    def save(school: School, work: UUID) -> None:
        assert rig.ledger.send(give_marks(rig.ledger, school, work, school.pupils[:9], chance), api.url).outcome == "ok"

    def column(school: School) -> UUID:
        work, opening = open_work(rig.ledger, school, chance)
        assert rig.ledger.send(opening, api.url).outcome == "ok"
        save(school, work)
        return work

    for _, opening in columns:
        assert rig.ledger.send(opening, api.url).outcome == "ok"
    save(NORTH, poison)
    for value in (4, 3, 5):
        assert rig.ledger.send(correct(rig.ledger, NORTH, poison, NORTH.pupils[0], value), api.url).outcome != "refused"
    rig.note("poison sent, and three corrections behind it")
    _on_time(rig, column(NORTH), column(SOUTH))
    aside = rows(rig, "reporting", "parked")
    assert len(aside) >= 3 and not _seen(rig, poison)
    rig.note(f"{len(aside)} events parked; the worker says so: {worker.metric('diary_projection_parked_total'):.0f}")
    assert worker.metric("diary_projection_parked_total") == len(aside)

    worker.child.kill()
    rig.start(worker)
    _on_time(rig, column(NORTH), column(SOUTH))
    assert rows(rig, "reporting", "parked") == aside
    rig.note("the worker was killed and started again: the same events are parked")

    _parking_fails(rig, lambda: save(NORTH, second), lambda: column(NORTH))
    parked = len(rows(rig, "reporting", "parked"))
    assert parked == len(aside) + 1

    worker.child.kill()
    rig.start(rig.process("reporting", "worker", "reporting worker, mended"))
    taken, left = stream.replay(rig.settings, "reporting", diary.PROJECTION)
    rig.note(f"mended: {taken} taken in, {left} left")
    assert (taken, left) == (parked, 0)
    assert not check(rig).faults


def _seen(rig: Rig, work: UUID) -> bool:
    return bool(rig.ask("reporting", MARKS, work)[0][0])


def _on_time(rig: Rig, *works: UUID) -> None:
    took = rig.until(lambda: all(_seen(rig, work) for work in works), ON_TIME, "others are seen on time")
    rig.note(f"others of this school and of the other one are seen after {took:.2f} s")


def _parking_fails(rig: Rig, send_poison: Callable[[], None], send_other: Callable[[], UUID]) -> None:
    """Without the right to park, the partition waits: it neither drops the event nor goes on without it."""
    with rig.admin("reporting") as admin:
        admin.execute("REVOKE INSERT ON parked FROM reporting_worker")
        send_poison()
        other = send_other()
        time.sleep(2)  # a drill of something that must not happen has to give it time
        assert not _seen(rig, other)
        admin.execute("GRANT INSERT ON parked TO reporting_worker")
    took = rig.until(lambda: _seen(rig, other), 15, "the partition goes on")
    rig.note(f"while it could not park, the partition waited; it went on {took:.2f} s after it could")
