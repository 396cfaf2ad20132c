"""Which of several timetables holds on a day."""

from datetime import date
from uuid import UUID

from shared.contracts.lessons import Slot, TimetableSet
from shared.contracts.timetable import in_force

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
