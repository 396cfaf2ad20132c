"""FD15: somebody gives the topic more partitions while consumers are away and teachers write."""

import pytest

from tests.drills import topic
from tests.drills.checks import check
from tests.drills.rig import Rig, run
from tests.drills.runbook import steps

pytestmark = pytest.mark.drill

MORE = 12
RUNBOOK = "docs/operations/partitions.md"


def test_fd_15_more_partitions_are_refused_with_the_runbook_named_and_nothing_is_lost(rig: Rig) -> None:
    api, relay, readers = rig.process("grades", "api"), rig.process("grades", "relay"), rig.readers()
    rig.start(api, relay, *readers)
    rig.opened()
    rig.written(api)
    for reader in readers:
        reader.child.stop()
    rig.written(api)
    run(topic.repartition(rig, MORE))
    rig.note(f"{MORE} partitions now, with a backlog in the old ones")
    rig.written(api, 20)
    relay.child.stop()
    rig.start(relay)
    rig.until(lambda: relay.metric("diary_relay_refuses") == 1, 40, "the relay refuses the topic")
    assert RUNBOOK in relay.child.log.read_text()
    status, said = relay.tried("migrate")
    assert status != 0 and RUNBOOK in said, said
    rig.written(api, 20, published=False)
    rig.note("the relay and migrate refuse it and name the runbook; teachers go on")

    relay.child.stop()
    run(topic.delete(rig))
    for arguments in steps("A topic has another number of partitions"):
        relay.run(*arguments)
    rig.start(relay, *readers)
    assert not check(rig).faults
