"""A new timetable is told to those whose lessons it changes, when its first day is near."""

from datetime import datetime
from uuid import UUID, uuid4

import pytest

from services.notify.replans import tell
from services.notify.tests.conftest import Family, owe
from services.notify.tests.test_changes import NOON
from shared import clock
from shared.clock import Calendar
from shared.contracts.lessons import Cycle, Slot, TimetableSet
from shared.testing.school import LAST, SCHOOL, Running, day
from shared.testing.web import connect

OTHER = uuid4()


@pytest.fixture(autouse=True)
def unplanned(notify: Running) -> None:
    """No timetable is known of the school."""
    with connect(notify.settings, "notify", "worker") as conn:
        conn.execute("DELETE FROM facts_plans")
        conn.execute("DELETE FROM facts_replans")


def plan(group: UUID, number: int = 1, starts: int = 16, cycle: Cycle | None = None) -> TimetableSet:
    """From that day of September; another group of the school always has the same."""
    slots = tuple(
        Slot(group_id=of, weekday=1, number=place, starts=day(1), ends=LAST, day=1 if cycle else None)
        for of, place in ((group, number), (OTHER, 5))
    )
    return TimetableSet(school_id=SCHOOL, starts=day(starts), ends=LAST, anchor=day(6), slots=slots, cycle=cycle)


def said(family: Family, *plans: TimetableSet, at: datetime = NOON, who: UUID | None = None) -> list[str]:
    """What is read after the sender's look at that time of the school's clock."""
    family.learn("lessons", *plans)
    with connect(family.notify.settings, "notify", "worker") as conn:
        tell(conn, Calendar(at.date(), clock.now(), at.time()))
    owe(family.notify)
    return [notice["text"] for notice in family.feed(who)["notices"]]


def test_family_and_teacher_are_told_of_the_day_it_begins(family: Family, group: UUID, teacher: UUID) -> None:
    assert said(family, plan(group, starts=1)) == []
    assert said(family, plan(group, 2)) == ["Анна: новое расписание, 16.09.2021"]
    assert said(family, who=teacher) == ["Новое расписание ваших уроков, 16.09.2021"]
    assert said(family) == ["Анна: новое расписание, 16.09.2021"]


def test_who_has_the_same_lessons_as_before_is_not(family: Family, group: UUID) -> None:
    first = plan(group, starts=1)
    changed = plan(group).model_copy(update={"slots": first.slots[:1]})  # of the other group
    assert said(family, first, changed) == []


@pytest.mark.parametrize(("starts", "told"), [(22, 1), (23, 0), (14, 0)])
def test_when_the_day_is_near(family: Family, group: UUID, starts: int, told: int) -> None:
    said(family, plan(group, starts=1))
    assert len(said(family, plan(group, 2, starts))) == told


def test_a_later_word_on_the_same_day_is_news_again(family: Family, group: UUID) -> None:
    said(family, plan(group, starts=1), plan(group, 2))
    [notice] = family.feed()["notices"]
    headers = family.notify.headers(family.guardian)
    family.notify.http.post("/feed/seen", json={"notice_ids": [notice["notice_id"]]}, headers=headers)
    assert family.feed()["unread"] == 0
    said(family, plan(group, 3))
    assert family.feed()["unread"] == 1


def test_another_cycle_changes_the_lessons_of_all(family: Family, group: UUID) -> None:
    six, five = (Cycle(days=days, weekdays=(1, 2, 3, 4, 5)) for days in (6, 5))
    said(family, plan(group, starts=1, cycle=six))
    assert len(said(family, plan(group, cycle=five))) == 1
