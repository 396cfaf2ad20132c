"""FD20: the whole topic is produced again with its original headers."""

import pytest

from tests.drills.checks import READERS, check, delivered, drained, rows
from tests.drills.rig import Rig, run
from tests.drills.school import Teachers
from tests.drills.topic import produce, records

pytestmark = pytest.mark.drill

ENOUGH = 150


def test_fd_20_the_whole_topic_again_changes_nothing_and_tells_nobody(rig: Rig) -> None:
    api = rig.process("grades", "api")
    rig.start(api, rig.process("grades", "relay"), *rig.readers())
    rig.opened()
    with Teachers(rig.ledger, lambda: [api.url], rig.seed):
        rig.until(lambda: rig.events() > ENOUGH, 40, "teachers write")
    assert not check(rig).faults
    tables = [table for projection in READERS["reporting"] for table in projection.tables]
    before = {table: rows(rig, "reporting", table) for table in tables}
    told = delivered(rig)
    log = run(records(rig))
    run(produce(rig, log))
    rig.note(f"{len(log)} records produced a second time")
    assert not drained(rig, parked=0)
    assert {table: rows(rig, "reporting", table) for table in tables} == before
    assert delivered(rig) == told
    rig.note(f"no row of {', '.join(tables)} is another, {sum(told.values())} deliveries stay as many")
    assert not check(rig).faults
