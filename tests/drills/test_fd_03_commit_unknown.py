"""FD3: whether a commit came through cannot be told from the connection, and the API lives on."""

import pytest

from tests.drills.checks import check
from tests.drills.ledger import Intent
from tests.drills.proxy import Message, Verdict
from tests.drills.rig import Process, Rig
from tests.drills.school import NORTH, give_marks, open_work

pytestmark = pytest.mark.drill

STORED = "SELECT body FROM answers WHERE command = %s"


def _of_a_save(message: Message) -> bool:
    return message.name == "COMMIT" and any("SELECT append(" in said for said in message.wire.said)


def heard(message: Message) -> bool:
    """The server's word that a transaction which appended events is committed."""
    return message.kind == "answers" and _of_a_save(message)


def not_heard(message: Message) -> bool:
    """The API's word to commit it, which the server will not get."""
    return message.kind == "asks" and _of_a_save(message)


def test_fd_03_the_api_answers_truly_or_says_that_it_does_not_know(rig: Rig) -> None:
    api = rig.process("grades", "api", proxied=True)
    rig.start(api, rig.process("grades", "relay"), *rig.readers())
    rig.opened()

    for instant in (heard, not_heard):
        intent = _save(rig, api)
        trap = rig.postgres_proxy.trap(instant, lambda _: Verdict.CUT)
        rig.ledger.send(intent, api.url)
        rig.note(f"connection cut, commit {instant.__name__.replace('_', ' ')}: {intent.outcome} {intent.said}")
        assert trap.sprung.is_set() and intent.outcome == "ok"
        assert intent.answer == bytes(rig.ask("grades", STORED, intent.key)[0][0])

    intent = _save(rig, api)

    def die(_: Message) -> Verdict:
        rig.postgres.kill()
        return Verdict.CUT

    trap = rig.postgres_proxy.trap(heard, die)
    rig.ledger.send(intent, api.url)
    rig.note(f"PostgreSQL killed after the commit, and away: {intent.outcome} {intent.said}")
    assert trap.sprung.is_set() and (intent.outcome, intent.said) == ("unknown", "outcome-unknown")
    rig.postgres.start()
    rig.opened()
    rig.until(lambda: rig.ledger.send(intent, api.url).outcome == "ok", 30, "the same key is answered")
    rig.note("PostgreSQL is back: the same key gets the answer that was stored")
    assert intent.answer == bytes(rig.ask("grades", STORED, intent.key)[0][0])
    assert not check(rig).faults


def _save(rig: Rig, api: Process) -> Intent:
    """A column opened, its marks ready to be sent."""
    work, opening = open_work(rig.ledger, NORTH, rig.chance)
    assert rig.ledger.send(opening, api.url).outcome == "ok"
    return give_marks(rig.ledger, NORTH, work, NORTH.pupils, rig.chance)
