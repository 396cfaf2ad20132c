"""FD18: a consumer is away longer than the log keeps its records."""

import time

import pytest

from tests.drills import topic
from tests.drills.checks import check
from tests.drills.rig import Rig, run
from tests.drills.runbook import steps

pytestmark = pytest.mark.drill

ALARM = 30.0
"""Seconds after its start within which the consumer says that it missed something."""
POSITIONS = "SELECT projection, topic, partition, sequence FROM progress WHERE topic = 'diary.grades' ORDER BY 1, 2, 3"


def test_fd_18_a_consumer_that_was_away_too_long_alarms_and_skips_nothing(rig: Rig) -> None:
    api, relay, (reporting, notify) = rig.process("grades", "api"), rig.process("grades", "relay"), rig.readers()
    rig.start(api, relay, reporting, notify)
    rig.opened()
    rig.written(api)
    reporting.child.stop()
    stood = rig.ask("reporting", POSITIONS)
    rig.written(api)
    run(topic.forget(rig))
    rig.note("reporting missed events that the log does not have any more")
    rig.start(reporting)
    took = rig.until(lambda: reporting.metric("diary_projection_below_start") > 0, ALARM, "reporting says so")
    rig.note(f"reporting says so {took:.1f} s after it is ready")
    rig.written(api, 20)
    time.sleep(3)
    assert rig.ask("reporting", POSITIONS) == stood, "nothing is skipped"

    relay.child.stop()
    run(topic.delete(rig))
    for arguments in steps("The log begins after a projection's position, or lacks an event"):
        relay.run(*arguments)
    rig.start(relay)
    rig.note("the topic is published again")
    assert not check(rig).faults
    assert reporting.metric("diary_projection_below_start") == 0
