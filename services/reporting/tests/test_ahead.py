"""What lies before a pupil: debts with their day, tests that come, topics that are weak."""

from datetime import date
from typing import Any

from services.reporting.tests.test_pages import get, project, said
from shared.contracts import Event
from shared.contracts.grades import Mark, MarkCorrected, MarksGiven, WorkOpened, WorkPublished, WorkRemoved
from shared.contracts.lessons import TopicWritten, lesson_id
from shared.testing.school import ALGEBRA, ANNA, BORIS, IGOR, MARIA, OLGA, PAVEL, SCHOOL, Running, day, id_of, received

DAYS: dict[str, Any] = {"first": day(1), "last": day(30)}


def opened(name: str, on: date, kind: str = "test", *, draft: bool = False) -> WorkOpened:
    return WorkOpened(
        work_id=id_of(name), school_id=SCHOOL, group_id=ALGEBRA, lesson_id=lesson_id(ALGEBRA, on, 2), on=on, number=2,
        kind=kind, weight="2", scale="five", rule=1, title=said(name), draft=draft,
    )  # fmt: skip


def gave(name: str, *values: str, due: date | None = None) -> MarksGiven:
    return MarksGiven(
        work_id=id_of(name), school_id=SCHOOL, marks=(Mark(pupil_id=ANNA, values=values, due=due),)
    )  # fmt: skip


def topic(on: date, words: str) -> TopicWritten:
    place = {"lesson_id": lesson_id(ALGEBRA, on, 2), "school_id": SCHOOL, "group_id": ALGEBRA, "on": on, "number": 2}
    return TopicWritten.model_validate({**place, "topic": said(words)})


def told(reporting: Running, *events: Event) -> None:
    lessons = [event for event in events if isinstance(event, TopicWritten)]
    grades = [event for event in events if not isinstance(event, TopicWritten)]
    project(reporting, [received(lessons, "lessons", OLGA), received(grades, "grades", OLGA)])


def ahead(reporting: Running, who: Any = PAVEL) -> dict[str, Any]:
    found: dict[str, Any] = get(reporting, "/ahead", who, pupil_id=ANNA, **DAYS)
    return found


OWED = (
    opened("late", day(1), "homework"), gave("late", "missing", due=day(10)),
    opened("soon", day(8), "homework"), gave("soon", "4", "missing", due=day(20)),
    opened("whenever", day(8), "homework"), gave("whenever", "missing"),
    opened("done", day(13), "homework"), gave("done", "missing", due=day(14)),
)  # fmt: skip
HANDED_IN = MarkCorrected(
    work_id=id_of("done"), school_id=SCHOOL, pupil_id=ANNA, before=("missing",), after=("4",), retake=("4",),
    reason=said("сдано"),
)  # fmt: skip


def test_debts_stand_in_the_order_of_their_days_and_say_which_are_overdue(reporting: Running) -> None:
    told(reporting, *OWED, HANDED_IN)
    found = [(one["title"], one["due"], one["overdue"]) for one in ahead(reporting)["debts"]]
    assert found == [("late", "2021-09-10", True), ("soon", "2021-09-20", False), ("whenever", None, False)]
    of_group = get(reporting, "/debts", OLGA, group_id=ALGEBRA, **DAYS)["debts"]
    assert [(one["pupil_id"], one["title"]) for one in of_group] == [
        (str(ANNA), "late"), (str(ANNA), "soon"), (str(ANNA), "whenever"),
    ]  # fmt: skip
    for stranger in (PAVEL, IGOR, MARIA):
        get(reporting, "/debts", stranger, 403 if stranger == PAVEL else 404, group_id=ALGEBRA, **DAYS)


def test_tests_that_come_are_shown_from_today_on_and_no_draft_among_them(reporting: Running) -> None:
    told(
        reporting,
        topic(day(22), "Квадратный корень"),
        *(opened("yesterday", day(14)), opened("today", day(15), "quiz"), opened("next", day(22))),
        *(opened("lesson", day(22), "lesson"), opened("hidden", day(22), draft=True)),
        *(opened("gone", day(22)), WorkRemoved(work_id=id_of("gone"), school_id=SCHOOL)),
    )
    found = ahead(reporting)["coming"]
    assert [(one["title"], one["topic"]) for one in found] == [("today", None), ("next", "Квадратный корень")]
    told(
        reporting,
        *(opened("today", day(15), "quiz"), gave("today", "5"), opened("hidden", day(22), draft=True)),
        WorkPublished(work_id=id_of("hidden"), school_id=SCHOOL),
    )
    assert [one["title"] for one in ahead(reporting)["coming"]] == ["hidden"], "marked is not to come any more"


def test_weak_topics_are_those_of_low_marks_the_lowest_first(reporting: Running) -> None:
    told(
        reporting,
        *(topic(day(1), "Дроби"), topic(day(8), "Степени"), topic(day(13), "Корни")),
        *(opened("fractions", day(1)), gave("fractions", "3"), opened("powers", day(8)), gave("powers", "2", "3")),
        *(opened("roots", day(13)), gave("roots", "5")),
    )
    found = [(one["topic"], one["average"], one["count"]) for one in ahead(reporting)["weak"]]
    assert found == [("Степени", "2.50", 2), ("Дроби", "3.00", 1)]


def test_what_lies_before_a_pupil_is_for_those_who_may_see_him(reporting: Running) -> None:
    told(reporting, *OWED)
    assert len(ahead(reporting, ANNA)["debts"]) == 4
    for stranger in (MARIA, BORIS):
        get(reporting, "/ahead", stranger, 404, pupil_id=ANNA, **DAYS)
