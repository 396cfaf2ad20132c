"""FD21: replicas whose clocks are wrong, a leap day, a school that moves to another time zone."""

import time
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.grades.main import SERVICE as GRADES
from shared.testing.school import learn
from shared.web.tokens import SKEW
from tests.drills.checks import check
from tests.drills.rig import Process, Rig
from tests.drills.school import NORTH, open_work

pytestmark = pytest.mark.drill

HOUR, DAY = 3600, 86_400
LEAP, MARCH = datetime(2028, 2, 29, 23, 59, 20, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC)
LIFE = 300
"""Seconds that a token of the portal is good for."""


def test_fd_21_the_order_is_the_stores_whatever_the_clocks_say(rig: Rig) -> None:
    leap = LEAP.timestamp() - time.time()
    replicas = [_api(rig, name, by) for name, by in (("true", 0), ("slow", -HOUR), ("fast", DAY), ("leap", leap))]
    now = int(time.time())
    rig.claims = {"iat": now - 2 * HOUR, "exp": now + int(leap) + DAY}  # good by each of these clocks
    rig.start(*replicas, rig.process("grades", "relay"), *rig.readers())
    rig.opened()
    rig.until(lambda: bool(rig.ask("notify", "SELECT FROM since")), 30, "notices act from now on")
    rig.tell("notify", "UPDATE since SET at = at - interval '1 day'")  # by the events' own time: not their first hour
    rig.written(replicas, 150)
    moved = NORTH.roster()[0].model_copy(update={"time_zone": "Asia/Kamchatka"})
    learn(rig.settings, GRADES, [moved])
    rig.note("the school is nine hours further east now")
    rig.until(lambda: time.time() + leap > MARCH.timestamp(), 60, "one of them has March")
    rig.written(replicas, 100)
    back = rig.ask("grades", BACKWARDS)[0][0]
    assert back > 20, "times run backwards in many streams, or nothing was drilled"
    days = {row[0] for row in rig.ask("grades", DAYS)}
    assert {"2028-02-29", "2028-03-01"} <= days, days
    rig.note(f"in {back} places an event says it is older than the one before it in its stream")
    assert not check(rig).faults
    assert rig.ask("reporting", SHOWN) and not _shown_otherwise(rig)


BACKWARDS = """
SELECT count(*) FROM (SELECT time < lag(time) OVER (PARTITION BY stream ORDER BY version) AS older FROM events) x
WHERE older
"""
DAYS = "SELECT DISTINCT to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD') FROM events"
LAST = """
SELECT DISTINCT ON (1, 2) (d #>> '{data,work_id}')::uuid, (d #>> '{data,pupil_id}')::uuid, d #>> '{data,after,0}'
FROM events, LATERAL (SELECT convert_from(document, 'UTF8')::jsonb) AS x(d)
WHERE type LIKE 'diary.grades.mark-corrected.%' ORDER BY 1, 2, id DESC
"""
SHOWN = "SELECT work_id, pupil_id, given[1] FROM diary_marks"


def _shown_otherwise(rig: Rig) -> list[tuple[UUID, UUID]]:
    """Marks whose last correction in the store is not the one on the page."""
    shown = {(work, pupil): given for work, pupil, given in rig.ask("reporting", SHOWN)}
    return [(work, pupil) for work, pupil, after in rig.ask("grades", LAST) if shown[work, pupil] != after]


@pytest.mark.parametrize("off", [-SKEW + 15, SKEW - 15, -SKEW - 60, LIFE + SKEW + 60])
def test_fd_21_a_token_is_judged_with_a_minutes_patience(rig: Rig, off: int) -> None:
    """One that was just made, by a replica whose clock is so many seconds ahead."""
    api = _api(rig, "skewed", off)
    rig.start(api, rig.process("grades", "relay"))
    rig.opened()
    _, opening = open_work(rig.ledger, NORTH, rig.chance)
    rig.ledger.send(opening, api.url)
    rig.note(f"{off} s: {opening.outcome} {opening.said}")
    good = -SKEW <= off < LIFE + SKEW
    assert (opening.outcome, opening.said) == (("ok", "") if good else ("refused", "not-signed-in"))
    assert rig.events() == int(good)


def _api(rig: Rig, name: str, ahead: float) -> Process:
    return rig.process(
        "grades", "api", f"api {name}", module="tests.drills.shifted", settings={"DRILL_CLOCK": str(ahead)}
    )
