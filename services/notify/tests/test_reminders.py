"""A coming test is told on the day before, from eight by the school's clock, once."""

from datetime import datetime
from uuid import uuid4

import pytest

from services.notify.reminders import remind
from services.notify.tests.conftest import Family, owe
from shared import clock
from shared.clock import Calendar
from shared.contracts.grades import WorkOpened, WorkPublished, WorkRemoved
from shared.contracts.roster import Enrolment, EnrolmentsSet, GroupDescribed
from shared.testing.school import FIRST, LAST, SCHOOL, day, id_of
from shared.testing.web import connect


@pytest.fixture
def group(family: Family) -> GroupDescribed:
    """Of this family's pupil alone."""
    described = GroupDescribed(
        group_id=uuid4(), school_id=SCHOOL, title="10А", subject="Физика", course="PHY", starts=FIRST, ends=LAST
    )
    member = Enrolment(person_id=family.pupil, role="pupil", starts=FIRST, ends=LAST)
    enrolled = EnrolmentsSet(group_id=described.group_id, school_id=SCHOOL, enrolments=(member,))
    family.learn("roster", described, enrolled)
    return described


def planned(family: Family, group: GroupDescribed, kind: str = "test", on: int = 16, **more: object) -> None:
    place = {"group_id": group.group_id, "on": day(on), "number": 3, "lesson_id": id_of("lesson"), "school_id": SCHOOL}
    head = {"work_id": family.work, "kind": kind, "weight": "2", "scale": "five", "rule": 1, **more}
    family.learn("grades", WorkOpened.model_validate({**place, **head}))


def looked(family: Family, at: datetime = datetime(2021, 9, 15, 12)) -> list[str]:
    """What the family reads after the sender's look at that time of the school's clock."""
    shows = Calendar(at.date(), clock.now(), at.time())
    with connect(family.notify.settings, "notify", "worker") as conn:
        remind(conn, shows)
    owe(family.notify)
    return [notice["text"] for notice in family.feed()["notices"]]


def test_the_family_and_the_pupil_are_told_the_day_before(family: Family, group: GroupDescribed) -> None:
    planned(family, group)
    assert looked(family) == ["Анна: завтра контрольная · Физика, 16.09.2021, 3-й урок"]
    assert looked(family, datetime(2021, 9, 15, 18)) == ["Анна: завтра контрольная · Физика, 16.09.2021, 3-й урок"]
    assert family.told(family.pupil) == {"portal": "sent"}
    assert family.feed()["notices"][0]["link"] == f"/pupils/{family.pupil}/marks"


@pytest.mark.parametrize("at", [datetime(2021, 9, 15, 7, 50), datetime(2021, 9, 14, 15), datetime(2021, 9, 16, 8)])
def test_not_earlier_and_not_on_the_day_itself(family: Family, group: GroupDescribed, at: datetime) -> None:
    planned(family, group)
    assert looked(family, at) == []


@pytest.mark.parametrize(("kind", "told"), [("exam", 1), ("lesson", 0), ("homework", 0)])
def test_of_tests_and_exams_alone(family: Family, group: GroupDescribed, kind: str, told: int) -> None:
    planned(family, group, kind)
    assert len(looked(family)) == told


def test_not_of_a_draft_nor_of_what_was_taken_away(family: Family, group: GroupDescribed) -> None:
    planned(family, group, draft=True)
    assert looked(family) == []
    family.learn("grades", WorkPublished(work_id=family.work, school_id=SCHOOL))
    family.learn("grades", WorkRemoved(work_id=family.work, school_id=SCHOOL))
    assert looked(family) == []


def test_published_on_the_eve_it_is_told_then(family: Family, group: GroupDescribed) -> None:
    planned(family, group, draft=True)
    family.learn("grades", WorkPublished(work_id=family.work, school_id=SCHOOL))
    assert len(looked(family)) == 1
