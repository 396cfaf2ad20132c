"""Mixed faults for a minute a seed, then all laws; SOAK_MINUTES of seeds, or DRILL_SEED alone, the same again."""

import os
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drills.checks import check
from tests.drills.rig import Rig
from tests.drills.school import Teachers
from tests.drills.storm import Storm

pytestmark = [pytest.mark.soak, pytest.mark.timeout(0)]

FAULTS = 60.0
"""Seconds of faults for each seed."""
SETTLED = 90.0
"""Seconds after the last fault until the relay leads and has published everything."""


def test_soak() -> None:
    played: list[int] = []
    for seed in _seeds():
        print(f"\nsoak, seed {seed}", flush=True)
        with tempfile.TemporaryDirectory(prefix="diary-soak-") as name:
            folder = Path(name)
            folder.chmod(0o755)
            with Rig(folder, seed, os.environ.get("DRILL_BREAK", "")) as rig:
                faults = _play(rig)
        played.append(seed)
        assert not faults, f"seed {seed}: {faults}"
    print(f"\n{len(played)} seeds without a fault: {', '.join(map(str, played))}", flush=True)


def _seeds() -> Iterator[int]:
    if asked := os.environ.get("DRILL_SEED"):
        yield int(asked)
        return
    until = time.monotonic() + 60 * float(os.environ.get("SOAK_MINUTES") or 20)
    while time.monotonic() < until:
        yield random.SystemRandom().randrange(1_000_000)


def _play(rig: Rig) -> list[str]:
    apis = [rig.process("grades", "api", f"api {name}", proxied=name == "one") for name in ("one", "two")]
    relays = [rig.process("grades", "relay", f"relay {name}") for name in ("one", "two")]
    reporting = [rig.process("reporting", "worker", f"reporting {name}") for name in ("one", "two")]
    processes = [*apis, *relays, *reporting, rig.process("notify", "worker")]
    rig.start(*processes)
    rig.opened()
    with Teachers(rig.ledger, lambda: [api.url for api in apis], rig.seed, tries=3):
        Storm(rig, processes).blow(FAULTS)
        rig.opened()
        rig.note("the storm is over")
        time.sleep(2)
    rig.until(rig.published, SETTLED, "the relay has published everything")
    return check(rig).faults
