"""FD19: a consumer is frozen in the middle of a batch, another one takes its partitions over, the first one thaws."""

import signal

import pytest

from tests.drills.checks import check, lag
from tests.drills.proxy import Message
from tests.drills.rig import Rig
from tests.drills.school import SCHOOLS, correct, give_marks, open_work

pytestmark = pytest.mark.drill

TAKE_OVER = 60.0
"""Seconds: the broker gives a silent consumer up after ten, then the group shares its partitions out anew."""


def test_fd_19_a_thawed_consumer_loses_against_the_one_that_took_over(rig: Rig) -> None:
    api = rig.process("grades", "api")
    one = rig.process("reporting", "worker", "worker one", proxied=True)
    two = rig.process("reporting", "worker", "worker two")
    rig.start(api, rig.process("grades", "relay"), one, rig.process("notify", "worker"))
    rig.opened()
    rig.written(api)
    works = {school: open_work(rig.ledger, school, rig.chance) for school in SCHOOLS}
    for _, opening in works.values():
        rig.ledger.send(opening, api.url)
    rig.until(lambda: rig.published() and not lag(rig), 30, "worker one has taken all in")
    rig.start(two)
    trap = rig.postgres_proxy.trap(_moves_a_position, lambda _: one.send(signal.SIGSTOP), hold=True)
    for school, (work, _) in works.items():
        rig.ledger.send(give_marks(rig.ledger, school, work, school.pupils, rig.chance), api.url)
    assert trap.sprung.wait(10), "worker one has partitions with events"
    rig.note("worker one frozen with marks in hand, which are corrected now")
    for school, (work, _) in works.items():
        for pupil, value in zip(school.pupils, (2, 3, 4, 5) * 7, strict=False):
            rig.ledger.send(correct(rig.ledger, school, work, pupil, value), api.url)
    took = rig.until(lambda: not lag(rig), TAKE_OVER, "worker two takes its partitions over")
    rig.note(f"worker two has taken in everything {took:.1f} s later")
    trap.release()
    one.send(signal.SIGCONT)
    rig.note("worker one thawed, with its batch in hand")
    rig.written(api)
    assert not check(rig).faults


def _moves_a_position(message: Message) -> bool:
    return message.kind == "asks" and message.wire.who == "reporting_worker" and "UPDATE progress" in message.name
