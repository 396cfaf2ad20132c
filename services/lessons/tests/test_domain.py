"""Decisions about plans and lessons."""

from datetime import date, timedelta

import pytest

from services.lessons import domain
from services.lessons.domain import Differs, Place, Plan, Target
from services.lessons.tests.conftest import ALGEBRA, COLLEAGUE, PHYSICS, SCHOOL, TEACHER
from shared.contracts import seal
from shared.contracts.lessons import (
    Bell,
    BellsSet,
    Holiday,
    HolidaysSet,
    LessonCancelled,
    LessonMoved,
    LessonRestored,
    LessonSubstituted,
    Slot,
    TimetableSet,
    TopicWritten,
    lesson_id,
)
from shared.errors import Refused
from shared.testing.given import Given

MONDAY = date(2021, 10, 4)
MAY = date(2022, 5, 31)
PLACE = Place(lesson_id(ALGEBRA, MONDAY, 1), SCHOOL, ALGEBRA, MONDAY, 1)

plan = Given(domain.plan_evolved, Plan())
lesson = Given(domain.differs, Differs())


def timetable(number: int, starts: date = date(2021, 9, 1)) -> TimetableSet:
    slot = Slot(group_id=ALGEBRA, weekday=1, number=number, starts=date(2021, 9, 1), ends=MAY)
    return TimetableSet(school_id=SCHOOL, starts=starts, ends=MAY, anchor=date(2021, 8, 30), slots=(slot,))


def target(**more: object) -> Target:
    usual = {"on": date(2021, 10, 7), "number": 2, "room": None, "taken": False, "holiday": None}
    return Target(**(usual | {"in_force": True, "bell": True} | more))  # type: ignore[arg-type]


cancelled = LessonCancelled(**PLACE.named())
moved = LessonMoved(**PLACE.named(), to_date=date(2021, 10, 7), to_number=2)


def test_the_first_timetable_holds_from_its_own_first_day() -> None:
    plan().when(domain.set_timetable, timetable(1), MONDAY, None).then(timetable(1))


def test_the_same_timetable_says_nothing_new() -> None:
    plan(timetable(1)).when(domain.set_timetable, timetable(1), MONDAY, None).then()


def test_a_changed_timetable_begins_tomorrow() -> None:
    tomorrow = MONDAY + timedelta(days=1)
    plan(timetable(1)).when(domain.set_timetable, timetable(2), MONDAY, None).then(timetable(2, tomorrow))


def test_a_changed_timetable_may_begin_later_but_not_today() -> None:
    later = date(2021, 11, 8)
    plan(timetable(1)).when(domain.set_timetable, timetable(2), MONDAY, later).then(timetable(2, later))
    plan(timetable(1)).when(domain.set_timetable, timetable(2), MONDAY, MONDAY).refused(domain.TooEarly)


def test_a_timetable_still_to_come_is_replaced_from_its_own_first_day() -> None:
    coming = timetable(2, date(2021, 11, 8))
    decided = plan(timetable(1), coming).when(domain.set_timetable, timetable(3), MONDAY, None)
    decided.then(timetable(3, date(2021, 11, 8)))


def test_bells_and_holidays_are_set_whole_and_once() -> None:
    bells = BellsSet(school_id=SCHOOL, bells=(Bell(number=1, starts="08:30", ends="09:15"),))
    autumn = Holiday(starts=date(2021, 11, 1), ends=date(2021, 11, 7), title="Осенние каникулы")
    holidays = HolidaysSet(school_id=SCHOOL, holidays=(autumn,))
    plan().when(domain.set_bells, bells).then(bells)
    plan(bells).when(domain.set_bells, bells).then()
    plan().when(domain.set_holidays, holidays).then(holidays)
    plan(holidays).when(domain.set_holidays, holidays).then()


def test_a_lesson_is_cancelled_once() -> None:
    lesson().when(domain.cancel, PLACE, None).then(cancelled)
    lesson(cancelled).when(domain.cancel, PLACE, None).then()


def test_a_lesson_is_moved_and_moved_again() -> None:
    lesson().when(domain.move, PLACE, target()).then(moved)
    lesson(moved).when(domain.move, PLACE, target()).then()
    lesson(moved).when(domain.move, PLACE, target(number=3)).then(moved.model_copy(update={"to_number": 3}))


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"taken": True}, domain.SlotTaken),
        ({"holiday": "Каникулы"}, domain.OnHoliday),
        ({"bell": False}, domain.NoSuchBell),
        ({"in_force": False}, domain.OutsideTimetable),
    ],
)
def test_a_lesson_is_not_moved_where_it_cannot_be(facts: dict[str, object], refusal: type[Refused]) -> None:
    lesson().when(domain.move, PLACE, target(**facts)).refused(refusal)


def test_a_cancelled_lesson_is_neither_moved_nor_substituted_nor_given_a_topic() -> None:
    lesson(cancelled).when(domain.move, PLACE, target()).refused(domain.LessonIsCancelled)
    lesson(cancelled).when(domain.substitute, PLACE, COLLEAGUE, True).refused(domain.LessonIsCancelled)
    lesson(cancelled).when(domain.write_topic, PLACE, None, seal(SCHOOL, "тема")).refused(domain.LessonIsCancelled)


def test_only_a_teacher_substitutes() -> None:
    gives = LessonSubstituted(**PLACE.named(), teacher_id=COLLEAGUE)
    lesson().when(domain.substitute, PLACE, COLLEAGUE, True).then(gives)
    lesson(gives).when(domain.substitute, PLACE, COLLEAGUE, True).then()
    lesson().when(domain.substitute, PLACE, TEACHER, False).refused(domain.NotATeacher)


def test_a_changed_lesson_is_put_back_where_the_timetable_has_it() -> None:
    gives = LessonSubstituted(**PLACE.named(), teacher_id=COLLEAGUE)
    back = LessonRestored(**PLACE.named())
    lesson(gives, cancelled).when(domain.restore, PLACE, taken=False).then(back)
    lesson(cancelled, back).when(domain.restore, PLACE, taken=False).then()
    lesson(cancelled, back).when(domain.substitute, PLACE, COLLEAGUE, True).then(gives)
    lesson(cancelled).when(domain.restore, PLACE, taken=True).refused(domain.SlotTaken)


def test_a_topic_is_written_when_it_is_another() -> None:
    topic = seal(SCHOOL, "Дроби")
    lesson().when(domain.write_topic, PLACE, None, topic).then(TopicWritten(**PLACE.named(), topic=topic))
    lesson().when(domain.write_topic, PLACE, "Дроби", topic).then()


def test_the_places_of_two_groups_never_share_an_id() -> None:
    assert lesson_id(ALGEBRA, MONDAY, 1) != lesson_id(PHYSICS, MONDAY, 1)
