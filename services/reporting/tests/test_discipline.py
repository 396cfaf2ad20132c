"""The report on discipline: what families were shown, lates and absences without a reason."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.reporting.main import SERVICE
from services.reporting.tests.test_audit import told as told
from shared.contracts import Event, Sealed
from shared.contracts.messaging import KindOfRemark, RemarkMade, RemarkShown, RemarkWithdrawn
from shared.testing.school import ANNA, BORIS, NINA, OLGA, PAVEL, SCHOOL, Running, day, learn

KINDS = ("praise", "remark", "incident")


def made(kind: KindOfRemark, pupil: UUID = ANNA, on: int = 15, shown: bool = True) -> RemarkMade:
    about = {"school_id": SCHOOL, "pupil_id": pupil, "author_id": OLGA}
    words = Sealed(owner_id=pupil, box="AA==")
    return RemarkMade(**about, remark_id=uuid4(), kind=kind, on=day(on), shown=shown, text=words)


def of(one: RemarkMade) -> dict[str, Any]:
    return {"remark_id": one.remark_id, "school_id": SCHOOL, "pupil_id": one.pupil_id, "on": one.on}


@pytest.fixture
def counted(told: Running) -> Iterator[Any]:
    """What the report counts more, school or pupil, when these events are learnt."""

    def more(*events: Event, first: int = 13, last: int = 19, pupil: UUID | None = None) -> tuple[int, ...]:
        before = report(told, first, last, pupil)
        learn(told.settings, SERVICE, events, "messaging")
        after = report(told, first, last, pupil)
        return tuple(after[kind] - before[kind] for kind in KINDS)

    yield more


def report(running: Running, first: int, last: int, pupil: UUID | None = None) -> Any:
    query = f"school_id={SCHOOL}&first={day(first)}&last={day(last)}"
    found = running.http.get(f"/school-discipline?{query}", headers=running.headers(NINA)).json()
    if pupil is None:
        return found
    rows = [one for form in found["classes"] for one in form["pupils"] if one["pupil_id"] == str(pupil)]
    return rows[0] if rows else dict.fromkeys(KINDS, 0)


def test_each_kind_counts_for_its_pupil_and_the_school(counted: Any) -> None:
    assert counted(made("praise"), made("praise", BORIS), made("remark"), made("incident")) == (2, 1, 1)
    assert counted(made("praise"), made("remark", BORIS), pupil=ANNA) == (1, 0, 0)


def test_of_the_days_asked_for(counted: Any) -> None:
    assert counted(made("praise", on=14), first=15) == (0, 0, 0)
    assert counted(made("praise", on=16), last=15) == (0, 0, 0)


def test_what_waits_for_the_tutor_counts_when_it_is_shown(counted: Any) -> None:
    waits = made("incident", shown=False)
    assert counted(waits) == (0, 0, 0)
    assert counted(RemarkShown(**of(waits), kind="incident", text=Sealed(owner_id=ANNA, box="AA=="))) == (0, 0, 1)


def test_what_was_taken_back_counts_no_more(counted: Any) -> None:
    one = made("remark")
    assert counted(one) == (0, 1, 0)
    reason = Sealed(owner_id=ANNA, box="AA==")
    assert counted(RemarkWithdrawn(**of(one), shown=True, reason=reason)) == (0, -1, 0)


@pytest.mark.parametrize("who", [OLGA, PAVEL, ANNA])
def test_it_is_for_those_who_run_the_school(told: Running, who: UUID) -> None:
    query = f"school_id={SCHOOL}&first={day(13)}&last={day(19)}"
    assert told.http.get(f"/school-discipline?{query}", headers=told.headers(who)).status_code == 403
