"""Properties of the rule by which lessons exist, whatever timetables, holidays and differences there are."""

from datetime import date, timedelta
from uuid import UUID, uuid5

from hypothesis import given, settings
from hypothesis import strategies as st

from services.lessons.tests.conftest import SCHOOL
from shared.contracts.lessons import (
    Holiday,
    LessonCancelled,
    LessonMoved,
    LessonRestored,
    Slot,
    TimetableSet,
    lesson_id,
)
from shared.contracts.timetable import Exception_, lessons_between

FIRST = date(2021, 9, 1)
LAST = date(2021, 10, 31)
GROUPS = [uuid5(SCHOOL, str(n)) for n in range(3)]

days = st.dates(FIRST, LAST)
numbers = st.integers(1, 4)
spans = st.tuples(days, days).map(sorted)


@st.composite
def timetables(draw: st.DrawFn) -> TimetableSet:
    """A timetable as an import makes it: no group twice at one moment."""
    places = draw(st.lists(st.tuples(st.sampled_from(GROUPS), st.integers(1, 7), numbers), unique=True, max_size=12))
    slots = []
    for group, weekday, number in places:
        starts, ends = draw(spans)
        week = draw(st.sampled_from(["every", "A", "B"]))
        slots.append(Slot(group_id=group, weekday=weekday, number=number, week=week, starts=starts, ends=ends))
    starts, ends = draw(spans)
    return TimetableSet(school_id=SCHOOL, starts=starts, ends=ends, anchor=draw(days), slots=tuple(slots))


@st.composite
def exceptions(draw: st.DrawFn) -> Exception_:
    group, on, number = draw(st.sampled_from(GROUPS)), draw(days), draw(numbers)
    place = {
        "lesson_id": lesson_id(group, on, number),
        "school_id": SCHOOL,
        "group_id": group,
        "on": on,
        "number": number,
    }
    kind = draw(st.sampled_from(["cancelled", "moved", "restored"]))
    if kind == "cancelled":
        return LessonCancelled(**place)
    if kind == "restored":
        return LessonRestored(**place)
    return LessonMoved(**place, to_date=draw(days), to_number=draw(numbers))


holidays = spans.map(lambda span: Holiday(starts=span[0], ends=span[1], title="Каникулы"))
plans = st.lists(timetables(), max_size=3)
free = st.lists(holidays, max_size=2)
changes = st.lists(exceptions(), max_size=10)


@settings(max_examples=60, deadline=None)
@given(plans, free, changes)
def test_every_lesson_has_an_id_of_its_own_and_stands_once(
    plan: list[TimetableSet], no_lessons: list[Holiday], differences: list[Exception_]
) -> None:
    ids = [one.id for one in lessons_between(plan, no_lessons, differences, FIRST, LAST)]
    assert len(ids) == len(set(ids))


@settings(max_examples=60, deadline=None)
@given(plans, free, changes)
def test_once_everything_is_put_back_the_timetable_holds_again(
    plan: list[TimetableSet], no_lessons: list[Holiday], differences: list[Exception_]
) -> None:
    back = [
        LessonRestored.model_validate(one.model_dump(include=set(LessonRestored.model_fields))) for one in differences
    ]
    restored = lessons_between(plan, no_lessons, [*differences, *back], FIRST, LAST)
    assert restored == lessons_between(plan, no_lessons, [], FIRST, LAST)


@settings(max_examples=60, deadline=None)
@given(plans, free, changes)
def test_a_lesson_keeps_the_id_of_its_place_in_the_timetable(
    plan: list[TimetableSet], no_lessons: list[Holiday], differences: list[Exception_]
) -> None:
    for one in lessons_between(plan, no_lessons, differences, FIRST, LAST):
        on, number = one.moved_from or (one.on, one.number)
        assert one.id == lesson_id(one.group_id, on, number)
        assert not any(h.starts <= on <= h.ends for h in no_lessons)


@settings(max_examples=60, deadline=None)
@given(plans, free, changes, days)
def test_two_halves_of_a_range_have_together_what_the_whole_has(
    plan: list[TimetableSet], no_lessons: list[Holiday], differences: list[Exception_], cut: date
) -> None:
    whole = lessons_between(plan, no_lessons, differences, FIRST, LAST)
    before = lessons_between(plan, no_lessons, differences, FIRST, cut)
    after = lessons_between(plan, no_lessons, differences, cut + timedelta(days=1), LAST)
    assert before + after == whole


@settings(max_examples=40, deadline=None)
@given(plans, changes, days, numbers)
def test_a_moved_lesson_is_at_its_new_place_and_nowhere_else(
    plan: list[TimetableSet], differences: list[Exception_], to: date, number: int
) -> None:
    planned: list[tuple[UUID, date, int]] = [
        (one.group_id, one.on, one.number) for one in lessons_between(plan, [], [], FIRST, LAST)
    ]
    for group, on, was in planned[:5]:
        place = {"lesson_id": lesson_id(group, on, was), "school_id": SCHOOL, "group_id": group}
        last = LessonMoved(**place, on=on, number=was, to_date=to, to_number=number)
        found = lessons_between(plan, [], [*differences, last], FIRST, LAST)
        assert [(one.on, one.number) for one in found if one.id == last.lesson_id] == [(to, number)]
