"""A correction that names what it saw replaces nothing else: what another teacher wrote meanwhile stays."""

from services.grades.domain.marks import Cell, MarkChanged, correct_mark, remove_mark
from services.grades.tests.test_criteria import anna_has_6_and_7, column
from services.grades.tests.test_domain import ANNA, DAY, gave, given, opened

WHY = "опечатка"


def test_a_correction_that_names_what_it_saw_replaces_nothing_else() -> None:
    facts = given(opened, gave(ANNA, "4"))
    facts.when(correct_mark, Cell(ANNA, "5", seen=("3",)), WHY, DAY).refused(MarkChanged, at=["/value"])
    said = facts.when(correct_mark, Cell(ANNA, "5", seen=("4",)), WHY, DAY).events
    assert said is not None and len(said) == 1


def test_what_it_would_make_and_stands_already_is_no_conflict() -> None:
    given(opened, gave(ANNA, "4")).when(correct_mark, Cell(ANNA, "4", seen=("3",)), WHY, DAY).then()


def test_nothing_is_taken_away_that_was_not_seen() -> None:
    facts = given(opened, gave(ANNA, "4"))
    facts.when(remove_mark, ANNA, WHY, DAY, seen=("3",)).refused(MarkChanged, at=["/pupil_id"])
    said = facts.when(remove_mark, ANNA, WHY, DAY, seen=("4",)).events
    assert said is not None and len(said) == 1


def test_of_a_mark_by_criteria_the_points_are_what_was_seen() -> None:
    facts = given(column, anna_has_6_and_7)
    better = {"A": "8", "B": "7"}
    facts.when(correct_mark, Cell(ANNA, None, points=better, seen=("6", "6")), WHY, DAY).refused(
        MarkChanged, at=["/criteria"]
    )
    said = facts.when(correct_mark, Cell(ANNA, None, points=better, seen=("6", "7")), WHY, DAY).events
    assert said is not None and len(said) == 1
