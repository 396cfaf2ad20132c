"""A changed lesson is told to the class, the families and the teachers concerned, when its day is near."""

from datetime import date, datetime
from uuid import UUID, uuid4

import pytest

from services.notify.changes import tell
from services.notify.tests.conftest import Family, owe
from shared import clock
from shared.clock import Calendar
from shared.contracts import Event
from shared.contracts.lessons import LessonCancelled, LessonMoved, LessonRestored, LessonSubstituted
from shared.testing.school import SCHOOL, day
from shared.testing.web import connect

NOON = datetime(2021, 9, 15, 12)


def lesson(group: UUID, on: date) -> dict[str, object]:
    return {"lesson_id": group, "school_id": SCHOOL, "group_id": group, "on": on, "number": 3}


def changed(family: Family, *events: Event, at: datetime = NOON) -> list[str]:
    """What the family reads after the sender's look at that time of the school's clock."""
    family.learn("lessons", *events)
    with connect(family.notify.settings, "notify", "worker") as conn:
        tell(conn, Calendar(at.date(), clock.now(), at.time()))
    owe(family.notify)
    return [notice["text"] for notice in family.feed()["notices"]]


def test_each_change_is_said_in_one_sentence(family: Family, group: UUID) -> None:
    place = lesson(group, day(17))
    where = "Физика, 17.09.2021, 3-й урок"
    assert changed(family, LessonCancelled.model_validate(place)) == [f"Анна: урок отменён · {where}"]
    assert changed(family, LessonRestored.model_validate(place)) == [f"Анна: урок состоится по расписанию · {where}"]
    changed(family, LessonRestored.model_validate(place))
    moved = LessonMoved.model_validate({**place, "to_date": day(20), "to_number": 2, "room": "12"})
    assert changed(family, moved) == [f"Анна: урок перенесён на 20.09.2021, 2-й урок, кабинет 12 · {where}"]
    room = LessonMoved.model_validate({**place, "to_date": day(17), "to_number": 3, "room": "14"})
    assert changed(family, room) == [f"Анна: урок в другом кабинете, кабинет 14 · {where}"]
    other = LessonSubstituted.model_validate({**place, "teacher_id": uuid4()})
    (said,) = changed(family, other)
    assert said.startswith("Анна: замена, урок ведёт ") and said.endswith(where)
    assert family.feed()["notices"][0]["link"] == f"/diary/{family.pupil}?day=2021-09-17"


def test_moved_and_then_given_to_another_both_are_said_and_put_back_neither(family: Family, group: UUID) -> None:
    place = lesson(group, day(17))
    changed(family, LessonMoved.model_validate({**place, "to_date": day(20), "to_number": 2}))
    (said,) = changed(family, LessonSubstituted.model_validate({**place, "teacher_id": uuid4()}))
    assert said.startswith("Анна: замена, урок ведёт …, 20.09.2021, 2-й урок · ")
    changed(family, LessonRestored.model_validate(place))
    (said,) = changed(family, LessonSubstituted.model_validate({**place, "teacher_id": uuid4()}))
    assert said.startswith("Анна: замена, урок ведёт … · ")


def test_another_change_is_unread_again_and_owes_a_letter_again(family: Family, group: UUID) -> None:
    place = lesson(group, day(17))
    changed(family, LessonCancelled.model_validate(place))
    seen = {"notice_ids": [family.feed()["notices"][0]["notice_id"]]}
    assert family.notify.send("POST", "/feed/seen", family.guardian, seen).status_code < 300
    assert family.feed()["unread"] == 0
    changed(family, LessonRestored.model_validate(place))
    assert family.feed()["unread"] == 1


@pytest.mark.parametrize(("on", "told"), [(14, 0), (15, 1), (22, 1), (23, 0)])
def test_of_the_next_days_only(family: Family, group: UUID, on: int, told: int) -> None:
    assert len(changed(family, LessonCancelled.model_validate(lesson(group, day(on))))) == told


def test_what_is_far_is_told_when_it_is_near_and_what_was_put_back_before_is_not(family: Family, group: UUID) -> None:
    place = lesson(group, day(27))
    assert changed(family, LessonCancelled.model_validate(place)) == []
    assert len(changed(family, at=datetime(2021, 9, 20, 8))) == 1
    other = {**lesson(group, day(28)), "lesson_id": uuid4()}
    changed(family, LessonCancelled.model_validate(other), LessonRestored.model_validate(other))
    assert len(changed(family, at=datetime(2021, 9, 21, 8))) == 1


def test_the_teacher_and_the_substitute_are_told_of_the_class(family: Family, group: UUID, teacher: UUID) -> None:
    place = lesson(group, day(17))
    substitute = uuid4()
    changed(family, LessonSubstituted.model_validate({**place, "teacher_id": substitute}))
    for person in (teacher, substitute):
        assert family.told(person) == {"portal": "sent"}
    (notice,) = family.feed(teacher)["notices"]
    assert notice["text"].startswith("10А физика: замена, урок ведёт ")
    assert notice["link"] == "/timetable?week=2021-09-13"
