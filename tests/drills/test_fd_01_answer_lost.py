"""FD1: the API dies after COMMIT and before the answer."""

import pytest

from tests.drills.checks import check
from tests.drills.proxy import Message, Verdict
from tests.drills.rig import Rig
from tests.drills.school import NORTH, give_marks, open_work

pytestmark = pytest.mark.drill


def of_a_save(message: Message) -> bool:
    """The server's word that a transaction which appended events is committed."""
    appended = any("SELECT append(" in said for said in message.wire.said)
    return message.kind == "answers" and message.name == "COMMIT" and appended


def test_fd_01_the_first_answer_is_given_again_by_another_replica(rig: Rig) -> None:
    doomed = rig.process("grades", "api", "api one", proxied=True)
    other = rig.process("grades", "api", "api two")
    rig.start(doomed, other, rig.process("grades", "relay"), *rig.readers())
    rig.opened()
    work, opening = open_work(rig.ledger, NORTH, rig.chance)
    rig.ledger.send(opening, doomed.url)
    assert opening.outcome == "ok"

    def die(_: Message) -> Verdict:
        doomed.kill_now()
        return Verdict.DROP

    trap = rig.postgres_proxy.trap(of_a_save, die)
    intent = give_marks(rig.ledger, NORTH, work, NORTH.pupils, rig.chance)
    rig.ledger.send(intent, doomed.url)
    assert trap.sprung.is_set() and intent.outcome == "unknown"
    rig.note(f"api one killed after COMMIT, before its answer; the client saw {intent.said}")
    stored = rig.ask("grades", "SELECT body FROM answers WHERE command = %s", intent.key)
    assert len(stored) == 1, "it was committed"

    again = rig.ledger.send(intent, other.url)
    rig.note(f"the same key at api two: {again.outcome} {again.said}")
    assert again.outcome == "ok" and again.answer == bytes(stored[0][0])
    rig.ledger.send(intent, other.url)
    assert not check(rig).faults
