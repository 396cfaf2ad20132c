"""What attendance learns of others."""

from services.attendance.reactions import PROJECTIONS
from services.attendance.tests.test_api import take
from shared.contracts import CONTRACTS
from shared.contracts.lessons import LessonCancelled
from shared.contracts.roster import Enrolment, EnrolmentsSet
from shared.testing.school import ALGEBRA, BORIS, FIRST, LAST, OLGA, SCHOOL, Running, day, learn, place


def test_every_type_of_its_topics_is_handled_or_left() -> None:
    for projection in PROJECTIONS:
        known = {event for event in CONTRACTS.values() if event.TOPIC in projection.topics}
        assert projection.handles | projection.leaves == known, projection.name


def test_a_lesson_cancelled_meanwhile_has_no_roll(attendance: Running) -> None:
    learn(attendance.settings, attendance.service, [LessonCancelled.model_validate(place(day(8), 3))], "lessons")
    assert take(attendance, 8, number=3).json()["code"] == "attendance.lesson-cancelled"


def test_a_teacher_who_lost_the_group_cannot_take_its_roll(attendance: Running) -> None:
    until = day(10)
    teaches = Enrolment(person_id=OLGA, role="teacher", starts=FIRST, ends=until)
    learns = Enrolment(person_id=BORIS, role="pupil", starts=FIRST, ends=LAST)
    lists = EnrolmentsSet(group_id=ALGEBRA, school_id=SCHOOL, enrolments=(teaches, learns))
    learn(attendance.settings, attendance.service, [lists])
    assert take(attendance, 15).json()["code"] == "attendance.not-your-lesson"
    assert take(attendance, 8).status_code == 200  # it was hers then
