"""Which timetable holds on a day, and which lessons it has: by weekdays or a cycle, without holidays."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest

from shared.contracts.lessons import Bell, Cycle, Holiday, Slot, TimetableSet
from shared.contracts.timetable import Bells, day_of, holiday_on, in_force, lessons_between

SCHOOL, GROUP = UUID(int=1), UUID(int=2)
FIRST, OCTOBER, LAST = date(2021, 9, 1), date(2021, 10, 1), date(2022, 5, 31)


def timetable(starts: date, number: int) -> TimetableSet:
    slot = Slot(group_id=GROUP, weekday=1, number=number, starts=starts, ends=LAST)
    return TimetableSet(school_id=SCHOOL, starts=starts, ends=LAST, anchor=date(2021, 8, 30), slots=(slot,))


def test_the_timetable_that_began_last_holds_and_never_before_it_begins() -> None:
    old, new = timetable(FIRST, 1), timetable(OCTOBER, 2)
    assert in_force([new, old], date(2021, 9, 30)) == old
    assert in_force([new, old], OCTOBER) == new
    assert in_force([old, new], date(2022, 6, 1)) is None


def test_of_two_that_began_on_one_day_the_last_given_holds() -> None:
    given, again = timetable(FIRST, 1), timetable(FIRST, 2)
    assert in_force([given, again], FIRST) == again


WORKING = Cycle(days=6, weekdays=(1, 2, 3, 4, 5))
MONDAY = date(2021, 9, 6)
BREAK = Holiday(starts=date(2021, 9, 8), ends=date(2021, 9, 9), title="Каникулы")


def days(first: date, count: int) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range(count))


def test_days_of_a_cycle_are_counted_one_after_another_over_weekends() -> None:
    counted = [day_of(WORKING, MONDAY, [], on) for on in days(MONDAY, 14)]
    assert counted == [1, 2, 3, 4, 5, None, None, 6, 1, 2, 3, 4, None, None]


def test_a_holiday_of_the_school_is_not_counted_and_one_of_some_groups_is() -> None:
    counted = [day_of(WORKING, MONDAY, [BREAK], on) for on in days(MONDAY, 5)]
    assert counted == [1, 2, None, None, 3]
    of_some = BREAK.model_copy(update={"groups": (GROUP,)})
    assert [day_of(WORKING, MONDAY, [of_some], on) for on in days(MONDAY, 5)] == [1, 2, 3, 4, 5]


def test_before_the_anchor_the_cycle_is_counted_backwards() -> None:
    assert [day_of(WORKING, MONDAY, [], on) for on in days(date(2021, 8, 30), 8)] == [2, 3, 4, 5, 6, None, None, 1]


def test_an_anchor_without_lessons_makes_the_next_day_with_lessons_the_first() -> None:
    sunday = MONDAY - timedelta(days=1)
    assert [day_of(WORKING, sunday, [], on) for on in days(sunday, 3)] == [None, 1, 2]


@pytest.mark.parametrize("length", [2, 4, 7, 20])
def test_a_cycle_of_any_length_gives_each_of_its_days_in_turn(length: int) -> None:
    cycle = Cycle(days=length, weekdays=(1, 2, 3, 4, 5, 6))
    counted = [day for on in days(FIRST, 200) if (day := day_of(cycle, FIRST, [BREAK], on))]
    assert counted == [n % length + 1 for n in range(len(counted))]


def test_lessons_go_by_the_days_of_the_cycle() -> None:
    slot = Slot(group_id=GROUP, weekday=1, day=6, number=2, starts=FIRST, ends=LAST)
    plan = timetable(FIRST, 1).model_copy(update={"cycle": WORKING, "anchor": MONDAY, "slots": (slot,)})
    met = [one.on for one in lessons_between([plan], [], [], MONDAY, date(2021, 9, 26))]
    assert met == [date(2021, 9, 13), date(2021, 9, 21)]
    later = [one.on for one in lessons_between([plan], [BREAK], [], MONDAY, date(2021, 9, 26))]
    assert later == [date(2021, 9, 15), date(2021, 9, 23)]


def test_on_a_holiday_of_some_groups_the_others_have_lessons() -> None:
    other = UUID(int=3)
    slots = tuple(Slot(group_id=group, weekday=1, number=1, starts=FIRST, ends=LAST) for group in (GROUP, other))
    plan = timetable(FIRST, 1).model_copy(update={"slots": slots})
    off = Holiday(starts=MONDAY, ends=MONDAY, title="Каникулы первых классов", groups=(GROUP,))
    assert [one.group_id for one in lessons_between([plan], [off], [], MONDAY, MONDAY)] == [other]
    assert holiday_on([off], MONDAY) is None and holiday_on([off], MONDAY, [GROUP, other]) is None
    assert holiday_on([off], MONDAY, [GROUP]) == "Каникулы первых классов"


def test_on_a_shortened_day_its_own_bells_ring() -> None:
    long, short = Bell(number=1, starts="08:30", ends="09:15"), Bell(number=1, starts="08:30", ends="09:00")
    second = Bell(number=2, starts="09:25", ends="10:10")
    bells = Bells({1: long, 2: second}, {MONDAY: {1: short}})
    assert [bells.at(MONDAY, 1), bells.at(MONDAY, 2), bells.at(FIRST, 1), bells.at(FIRST, 3)] == [
        short,
        second,
        long,
        None,
    ]
