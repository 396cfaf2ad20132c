"""FD9: PostgreSQL is killed with all its children under eight writers, three times."""

import time
from collections.abc import Sequence

import pytest

from tests.drills.checks import check
from tests.drills.ledger import Intent
from tests.drills.rig import Rig
from tests.drills.school import Teachers

pytestmark = pytest.mark.drill

KILLS = 3
TRIES = 3
BACK = 30.0
"""Seconds until writers are let in again after the server is back: the relay has to look the store over first."""


def test_fd_09_everything_acknowledged_is_there_after_each_kill_of_postgresql(rig: Rig) -> None:
    apis = [rig.process("grades", "api", f"api {name}") for name in ("one", "two")]
    rig.start(*apis, rig.process("grades", "relay"), *rig.readers())
    rig.opened()
    with Teachers(rig.ledger, lambda: [api.url for api in apis], rig.seed, count=8, tries=3):
        for number in range(1, KILLS + 1):
            goal = rig.events() + rig.chance.randint(40, 120)
            rig.until(lambda goal=goal: rig.events() > goal, 40, "teachers write")  # type: ignore[misc]
            rig.postgres.kill()
            down = time.monotonic()
            rig.postgres.start()
            rig.note(f"PostgreSQL killed, and back after {time.monotonic() - down:.2f} s (kill {number})")
            rig.opened()
            stored = rig.events()
            rig.until(lambda stored=stored: rig.events() > stored, BACK, "writers are let in")  # type: ignore[misc]
            rig.note(f"writers are let in {time.monotonic() - down:.2f} s after the kill")
    asked_again = rig.ledger.of("unknown")[::2]
    for intent in asked_again:
        _ask_until_known(rig, intent, [api.url for api in apis])
    settled = sum(intent.outcome != "unknown" for intent in asked_again)
    rig.note(f"{len(asked_again)} of the unknown ones asked again with their keys: {settled} answered")
    assert settled == len(asked_again)
    for intent in rig.ledger.of("ok")[-20:]:
        rig.ledger.send(intent, rig.chance.choice(apis).url)  # the first answer again, or it raises
    assert not check(rig).faults


def _ask_until_known(rig: Rig, intent: Intent, urls: Sequence[str]) -> None:
    """As a client does: a connection of before the kill may still be met, and its 503 says to repeat."""
    for _ in range(TRIES):
        rig.ledger.send(intent, rig.chance.choice(urls))
        if intent.outcome != "unknown":
            return
        rig.note(f"asked again, answered {intent.said}")
        time.sleep(1)
