"""FD10: PostgreSQL's disk fills up while teachers write, and is freed."""

import time
from collections import Counter
from datetime import date

import httpx
import pytest

from tests.drills.checks import check
from tests.drills.disks import Disk
from tests.drills.rig import Process, Rig
from tests.drills.school import NORTH, Teachers

pytestmark = pytest.mark.drill

MEGABYTES = 400
FULL = 20.0
"""Seconds."""
TOLD = {"store-unavailable", "outcome-unknown", "checking"}
"""All of them 503: come again with the same key."""
BACK = 60.0


@pytest.mark.parametrize("cramped", [("postgres", MEGABYTES)], indirect=True)
def test_fd_10_a_full_disk_is_said_reading_goes_on_and_writing_when_it_is_freed(cramped: tuple[Rig, Disk]) -> None:
    rig, disk = cramped
    api = rig.process("grades", "api")
    rig.start(api, rig.process("grades", "relay"), *rig.readers())
    rig.opened()
    rig.written(api)
    with Teachers(rig.ledger, lambda: [api.url], rig.seed):
        rig.note(f"{disk.fill()} MB were free, none is now")
        rig.until(lambda: bool(_refused(rig)), 60, "the disk is felt")
        until, pages, stored = time.monotonic() + FULL, Counter[int](), rig.events()
        while time.monotonic() < until:
            pages[_journal(rig, api)] += 1
            time.sleep(0.5)
        rig.note(f"meanwhile {rig.events() - stored} events, refusals {dict(_refused(rig))}, the journal {dict(pages)}")
        assert set(_refused(rig)) <= TOLD, "a teacher is told what to do"
        assert set(pages) == {200}, "reading goes on"
        disk.free()
        stored = rig.events()
        took = rig.until(lambda: rig.events() > stored + 10, BACK, "teachers write again")
        rig.note(f"freed, and teachers write again after {took:.1f} s; nobody started anything")
    assert not check(rig).faults


def _refused(rig: Rig) -> Counter[str]:
    """Codes of what was last said to those who were not told «ok»; nonsense that a teacher typed aside."""
    said = Counter(intent.said for intent in rig.ledger.of("refused", "unknown") if intent.said)
    return Counter({code: count for code, count in said.items() if not code.startswith("grades.")})


def _journal(rig: Rig, api: Process) -> int:
    days = {"first": date(2021, 9, 13).isoformat(), "last": date(2021, 9, 15).isoformat()}
    asked = {"group_id": str(NORTH.group), **days}
    return httpx.get(f"{api.url}/journal", params=asked, headers=rig.headers(NORTH.teacher), timeout=20).status_code
