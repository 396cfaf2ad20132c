"""What docs/operations/recovery.md tells an operator to do, done as it is told."""

import pytest

from tests.drills import topic
from tests.drills.checks import check
from tests.drills.rig import Rig, run
from tests.drills.runbook import steps

pytestmark = pytest.mark.drill


def test_a_lost_topic_is_published_again_and_nobody_sees_anything_twice(rig: Rig) -> None:
    api, relay = rig.process("grades", "api"), rig.process("grades", "relay")
    rig.start(api, relay, *rig.readers())
    rig.opened()
    rig.written(api)
    relay.child.stop()
    run(topic.delete(rig))
    first, again = steps("A topic was lost")
    assert relay.tried(*first)[0] == 0
    rig.start(relay)
    rig.until(lambda: relay.metric("diary_relay_refuses") == 1, 40, "the relay refuses the empty topic")
    rig.note("the topic was deleted and made anew, and the relay refuses it")
    assert relay.tried(*again)[0] == 0
    rig.until(rig.published, 40, "everything is published again")
    rig.note("published again")
    rig.written(api)
    assert not check(rig).faults


def test_a_projections_database_that_was_restored_alone_catches_up(rig: Rig) -> None:
    api, (reporting, notify) = rig.process("grades", "api"), rig.readers()
    rig.start(api, rig.process("grades", "relay"), reporting, notify)
    rig.opened()
    rig.written(api)
    reporting.child.stop()
    _as_admin(rig, "CREATE DATABASE backup TEMPLATE diary_reporting OWNER reporting_migrate")
    rig.start(reporting)
    rig.written(api)
    reporting.child.stop()
    _as_admin(rig, "DROP DATABASE diary_reporting")
    _as_admin(rig, "ALTER DATABASE backup RENAME TO diary_reporting")
    rig.note("reporting's database was set back")
    rig.start(reporting)
    rig.written(api)
    assert not check(rig).faults
    for arguments in steps("A projection's database was restored alone"):
        reporting.run(*arguments)
    assert not check(rig).faults


def _as_admin(rig: Rig, statement: str) -> None:
    with rig.admin("grades") as conn:
        conn.execute(statement.encode())
