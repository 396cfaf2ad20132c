"""FD2: one key many times at once, with another body, and by another person."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.drills.checks import check
from tests.drills.ledger import Intent, code_of
from tests.drills.rig import Process, Rig
from tests.drills.school import NORTH, give_marks, open_work

pytestmark = pytest.mark.drill

AT_ONCE = 20


def test_fd_02_a_key_makes_one_event_whoever_sends_it_however_often(rig: Rig) -> None:
    replicas = [rig.process("grades", "api", f"api {name}") for name in ("one", "two")]
    rig.start(*replicas, rig.process("grades", "relay"), *rig.readers())
    rig.opened()
    work, opening = open_work(rig.ledger, NORTH, rig.chance)
    assert rig.ledger.send(opening, replicas[0].url).outcome == "ok"
    intent = give_marks(rig.ledger, NORTH, work, NORTH.pupils[:20], rig.chance)

    _all_at_once(rig, intent, replicas)
    rig.ledger.send(intent, replicas[1].url)
    assert intent.outcome == "ok"

    another = rig.ledger.want(intent.actor, intent.path, {"marks": intent.body["marks"][1:]}, key=intent.key)
    answer = rig.ledger.ask(another, replicas[0].url)
    rig.note(f"the key with another body: {answer.status_code} {code_of(answer)}")
    assert (answer.status_code, code_of(answer)) == (422, "key-reused")
    rig.ledger.intents.remove(another)  # the same command: one event in all

    theirs = rig.ledger.want(NORTH.office, intent.path, {"marks": []}, key=intent.key)
    rig.ledger.send(theirs, replicas[0].url)
    rig.note(f"the key in the office's hand: {theirs.outcome} {theirs.said}")
    assert theirs.outcome == "refused" and theirs.said != "key-reused"
    stranger = rig.ledger.want(NORTH.parents[0], intent.path, intent.body, key=intent.key)
    answer = rig.ledger.ask(stranger, replicas[1].url)
    assert answer.status_code == 403 and intent.answer not in answer.content
    rig.ledger.send(stranger, replicas[1].url)
    assert not check(rig).faults


def _all_at_once(rig: Rig, intent: Intent, replicas: list[Process]) -> None:
    def ask(number: int) -> httpx.Response:
        return rig.ledger.ask(intent, replicas[number % 2].url)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(ask, range(AT_ONCE)))
    said = Counter("saved" if answer.status_code == 200 else code_of(answer) for answer in answers)
    rig.note(f"{AT_ONCE} at once over two replicas: {dict(said)}")
    assert set(said) <= {"saved", "in-progress"} and said["saved"] >= 1
    assert len({answer.content for answer in answers if answer.status_code == 200}) == 1
    assert all(answer.status_code in (200, 409) for answer in answers)
