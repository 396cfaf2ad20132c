"""FD17: events of a later version: a type nobody here knows waits, a field nobody here knows is read past."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.notify.main import SERVICE as NOTIFY
from services.reporting import diary, history
from shared.contracts import Event
from shared.contracts.envelope import Envelope, write
from shared.contracts.grades import WorkChanged, WorkRemoved
from tests.drills.checks import check, rows
from tests.drills.rig import Process, Rig
from tests.drills.school import NORTH, SOUTH, School, give_marks, open_work

pytestmark = pytest.mark.drill

LATER = "diary.grades.work-withdrawn.v1"
"""What `newer.py` knows and this version does not."""
PROJECTIONS = {
    "reporting": (diary.PROJECTION, history.PROJECTION),
    "notify": tuple(each for each in NOTIFY.projections if "diary.grades" in each.topics),
}
ON_TIME = 5.0
"""Seconds within which everybody else's events must be seen."""
WEIGHT = "SELECT weight FROM diary_works WHERE work_id = %s"
SEEN = "SELECT count(*) FROM diary_marks WHERE work_id = %s"
GONE = "SELECT removed FROM diary_works WHERE work_id = %s"
STORE = """
INSERT INTO events (stream, version, type, key, actor, command, command_index, time, document)
VALUES (%s, %s, %s, %s, %s, %s, 0, %s, %s)
"""


def test_fd_17_an_unknown_type_waits_for_the_worker_that_knows_it(rig: Rig) -> None:
    api = rig.process("grades", "api")
    workers = rig.readers()
    rig.start(api, rig.process("grades", "relay"), *workers)
    rig.opened()
    withdrawn, reweighed = (_column(rig, api.url, NORTH) for _ in range(2))

    _store(rig, NORTH, withdrawn, 2, WorkRemoved(work_id=withdrawn, school_id=NORTH.id), LATER)
    _store(rig, NORTH, withdrawn, 3, _weighing(NORTH, withdrawn, "2"))
    _store(rig, NORTH, reweighed, 2, _weighing(NORTH, reweighed, "3"), more={"colour": "green"})
    rig.note("a later version wrote a type and a field that are unknown here")

    def others() -> None:
        works = [_column(rig, api.url, school, marks=True) for school in (NORTH, SOUTH)]
        took = rig.until(
            lambda: all(rig.ask("reporting", SEEN, w) != [(0,)] for w in works), ON_TIME, "others are seen"
        )
        rig.note(f"others of this school and of the other one are seen after {took:.2f} s")

    others()
    rig.until(lambda: str(rig.ask("reporting", WEIGHT, reweighed)[0][0]) == "3.00", 10, "the field is read past")
    for worker in workers:
        _put_aside(rig, worker)
    assert rig.ask("reporting", GONE, withdrawn) == [(False,)]

    for worker in workers:
        worker.child.kill()
    later = [
        rig.process(service, "worker", f"{service} worker, later", module="tests.drills.newer")
        for service in PROJECTIONS
    ]
    rig.start(*later)
    for worker, projections in zip(later, PROJECTIONS.values(), strict=True):
        for projection in projections:
            worker.run("replay", projection.name)
    rig.note("workers that know the type were started, and took in what had waited")
    assert rig.ask("reporting", GONE, withdrawn) == [(True,)]
    others()
    assert not check(rig, rebuild=False).faults
    for projection in PROJECTIONS["reporting"]:
        live = [rows(rig, "reporting", table) for table in projection.tables]
        later[0].run("rebuild", projection.name)
        assert [rows(rig, "reporting", table) for table in projection.tables] == live


def _put_aside(rig: Rig, worker: Process) -> None:
    """The unknown type by each projection, what follows it in its stream by those that would take it in."""
    service = worker.name.partition(" ")[0]
    unknown = len(PROJECTIONS[service])
    behind = sum(WorkChanged in projection.handles for projection in PROJECTIONS[service])

    def parked() -> list[str]:
        return [why for (why,) in rig.ask(service, "SELECT why FROM parked ORDER BY projection, log_offset")]

    rig.until(lambda: len(parked()) == unknown + behind, ON_TIME, "both are put aside")
    aside = parked()
    assert sum(why.startswith("no contract for") for why in aside) == unknown, aside
    assert worker.metric("diary_projection_parked_total") == len(aside)
    rig.note(f"{worker.name}: {len(aside)} parked, and its metric says so; the first: {aside[0]}")


def _column(rig: Rig, url: str, school: School, marks: bool = False) -> UUID:
    work, opening = open_work(rig.ledger, school, rig.chance)
    assert rig.ledger.send(opening, url).outcome == "ok"
    if marks:
        assert rig.ledger.send(give_marks(rig.ledger, school, work, school.pupils[:9], rig.chance), url).outcome == "ok"
    return work


def _weighing(school: School, work: UUID, weight: str) -> WorkChanged:
    return WorkChanged.model_validate({"work_id": work, "school_id": school.id, "kind": "lesson", "weight": weight})


def _store(
    rig: Rig,
    school: School,
    work: UUID,
    version: int,
    event: Event,
    type_: str = "",
    more: dict[str, str] | None = None,
) -> None:
    """What a later version of grades would store: an event under another type, or with more in it."""
    key, now = UUID(int=rig.chance.getrandbits(128), version=4), datetime.now(UTC)
    envelope = Envelope(
        id=f"{work}:{version}", source="/diary/grades/1", type=type_ or event.TYPE, subject=work, time=now,
        actor=school.teacher, command_id=key, correlation_id="later", key=school.id, salt="0" * 32,
    )  # fmt: skip
    document = json.loads(write(envelope, event))
    document["data"] |= more or {}
    said = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    with rig.admin("grades") as admin:
        admin.execute(STORE, [work, version, envelope.type, school.id, school.teacher, key, now, said])
    intent = rig.ledger.want(school.teacher, f"/works/{work}", None, key=key)
    intent.outcome, intent.answer = "ok", json.dumps({"events": [envelope.id]}).encode()
