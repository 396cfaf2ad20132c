"""Grades of terms: given what happened, when something is asked, then this happens."""

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid5

import pytest

from services.grades.domain import terms, texts, work
from services.grades.domain.marks import PupilNotInClass, PupilTwice
from services.grades.domain.rule import BUILT_IN
from services.grades.domain.scales import NotOnFivePoints
from services.grades.domain.terms import (
    Council,
    Gaps,
    Place,
    Sheet,
    Standing,
    ask_reopening,
    begin_council,
    decide_reopening,
    give,
    lock,
    proposed,
    publish,
    withdraw_council,
)
from shared.contracts.averages import average
from shared.contracts.grades import (
    CouncilBegun,
    CouncilWithdrawn,
    Graded,
    ReopeningAsked,
    ReopeningDecided,
    Scale,
    Session,
    SheetLocked,
    TermGrade,
    TermGradeCorrected,
    TermGraded,
    TermPublished,
)
from shared.testing.given import Given


def id_of(name: str) -> UUID:
    return uuid5(UUID(int=0), name)


SCHOOL, GROUP = id_of("school"), id_of("group")
ANNA, BORIS, STRANGER = id_of("Anna"), id_of("Boris"), id_of("stranger")
QUARTER = Session(
    term_id=id_of("Q1"),
    year_id=id_of("year"),
    kind="term",
    title="I четверть",
    starts=date(2021, 9, 1),
    ends=date(2021, 10, 24),
)  # fmt: skip
PLACE = Place(SCHOOL, GROUP, QUARTER)
OPEN = Standing(
    today=date(2021, 10, 22),
    stage="open",
    reopened=False,
    rule=BUILT_IN,
    may_write=True,
    pupils=frozenset({ANNA, BORIS}),
    averages={ANNA: average("five", [("5", "1"), ("4", "1")])},
)
COUNCIL = replace(OPEN, stage="council")
AGAIN = replace(OPEN, stage="published", reopened=True)


def graded(*given: tuple[UUID, str | None], shown: bool = False) -> TermGraded:
    grades = tuple(
        TermGrade(pupil_id=pupil, value=value, **({"average": "4.50", "count": 2} if pupil == ANNA else {"count": 0}))
        for pupil, value in given
    )
    return TermGraded(**PLACE.fields, scale="five", rule=1, grades=grades, shown=shown)


given = Given(terms.evolve, Sheet())
given_council = Given(terms.evolve_council, Council())
begun = CouncilBegun(school_id=SCHOOL, term=QUARTER)
published = TermPublished(school_id=SCHOOL, term=QUARTER, on=OPEN.today, pupils=())
NO_GAPS = Gaps(0, 0)


# --- a list of grades


def test_a_grade_keeps_the_average_it_was_given_from() -> None:
    given().when(give, PLACE, [(ANNA, "5"), (BORIS, "н/а")], "", OPEN).then(
        graded((ANNA, "5"), (BORIS, "not-attested"))
    )


def test_until_the_council_the_last_grade_stands_and_needs_no_reason() -> None:
    given(graded((ANNA, "5"))).when(give, PLACE, [(ANNA, "4")], "", OPEN).then(graded((ANNA, "4")))
    given(graded((ANNA, "5"))).when(give, PLACE, [(ANNA, "")], "", OPEN).then(graded((ANNA, None)))


def test_the_same_grade_again_is_no_event() -> None:
    given(graded((ANNA, "5"))).when(give, PLACE, [(ANNA, "5"), (BORIS, " ")], "", OPEN).then()


def test_every_cell_that_cannot_be_saved_is_named() -> None:
    cells = [(ANNA, "7"), (BORIS, "4/5"), (STRANGER, "4"), (ANNA, ".")]
    given().when(give, PLACE, cells, "", OPEN).refused(
        NotOnFivePoints, terms.NotOneGrade, PupilNotInClass, terms.NotOneGrade,
        at=["/grades/0/value", "/grades/1/value", "/grades/2/pupil_id", "/grades/3/value"],
    )  # fmt: skip
    given().when(give, PLACE, [(ANNA, "5"), (ANNA, "4")], "", OPEN).refused(PupilTwice, at=["/grades/1/pupil_id"])


def test_nobody_else_grades_and_nothing_before_its_time() -> None:
    given().when(give, PLACE, [(ANNA, "5")], "", replace(OPEN, may_write=False)).refused(terms.NotYourGroup)
    early = replace(OPEN, today=date(2021, 8, 31))
    given().when(give, PLACE, [(ANNA, "5")], "", early).refused(terms.TermNotBegun)


def test_nothing_changes_once_the_council_has_begun() -> None:
    given(graded((ANNA, "5"))).when(give, PLACE, [(ANNA, "4")], "описка", COUNCIL).refused(work.TermLocked)


def test_opened_again_a_change_needs_its_reason_and_a_missing_grade_does_not() -> None:
    stood = given(graded((ANNA, "4")))
    stood.when(give, PLACE, [(ANNA, "5")], " ", AGAIN).refused(texts.ReasonMissing, at=["/reason"])
    outcome = stood.when(give, PLACE, [(ANNA, "5"), (BORIS, "3")], "сдала долг", AGAIN)
    assert outcome.events is not None
    new, corrected = outcome.events
    assert new == graded((BORIS, "3"), shown=True)
    assert isinstance(corrected, TermGradeCorrected)
    assert (corrected.pupil_id, corrected.before, corrected.after, corrected.average) == (ANNA, "4", "5", "4.50")
    assert (corrected.reason.text, corrected.reason.owner_id, corrected.shown) == ("сдала долг", ANNA, True)


def test_who_asks_for_a_locked_list_says_why() -> None:
    given().when(lambda _: ask_reopening(PLACE, "", COUNCIL)).refused(texts.ReasonMissing, at=["/reason"])
    given().when(lambda _: ask_reopening(PLACE, "долг", OPEN)).refused(terms.NotLocked)
    (asked,) = ask_reopening(PLACE, "долг", COUNCIL)
    assert isinstance(asked, ReopeningAsked)
    assert (asked.reason.text, asked.reason.owner_id) == ("долг", SCHOOL)
    given(asked).when(decide_reopening, PLACE, True, "", COUNCIL).then(ReopeningDecided(**PLACE.fields, allowed=True))
    refused = given(asked, ReopeningDecided(**PLACE.fields, allowed=False))
    refused.when(decide_reopening, PLACE, False, "", COUNCIL).refused(terms.NothingAsked)


def test_a_list_is_opened_again_only_while_it_is_locked() -> None:
    given().when(decide_reopening, PLACE, True, "", OPEN).refused(terms.NotLocked)
    given().when(decide_reopening, PLACE, True, "", AGAIN).refused(terms.NotLocked)
    given().when(lambda _: lock(PLACE, AGAIN)).then(SheetLocked(**PLACE.fields))
    given().when(lambda _: lock(PLACE, COUNCIL)).then()


# --- the school's council


def test_a_council_begins_with_gaps_only_if_that_is_meant() -> None:
    ask = given_council().when
    gaps = Gaps(3, 2)
    ask(begin_council, SCHOOL, QUARTER, OPEN.today, gaps, confirmed=False).refused(terms.GapsLeft, at=["/confirmed"])
    ask(begin_council, SCHOOL, QUARTER, OPEN.today, gaps, confirmed=True).then(begun)
    ask(begin_council, SCHOOL, QUARTER, OPEN.today, NO_GAPS, confirmed=False).then(begun)
    given_council(begun).when(begin_council, SCHOOL, QUARTER, OPEN.today, NO_GAPS, confirmed=False).then()
    early = date(2021, 8, 31)
    ask(begin_council, SCHOOL, QUARTER, early, NO_GAPS, confirmed=False).refused(terms.TermNotBegun)


def test_a_council_is_called_off_with_a_reason_until_the_term_is_published() -> None:
    given_council(begun).when(withdraw_council, SCHOOL, QUARTER, "").refused(texts.ReasonMissing, at=["/reason"])
    given_council().when(withdraw_council, SCHOOL, QUARTER, "рано").refused(terms.CouncilNotBegun)
    given_council(begun, published).when(withdraw_council, SCHOOL, QUARTER, "рано").refused(terms.AlreadyPublished)
    (off,) = withdraw_council(Council("council"), SCHOOL, QUARTER, "рано")
    assert isinstance(off, CouncilWithdrawn) and off.reason.text == "рано"
    given_council(begun, off).when(publish, SCHOOL, QUARTER, OPEN.today, [], 0).refused(terms.CouncilNotBegun)


def test_published_is_what_the_council_decided_about() -> None:
    told = published.model_copy(update={"pupils": tuple(Graded(pupil_id=p) for p in sorted((ANNA, BORIS)))})
    given_council(begun).when(publish, SCHOOL, QUARTER, OPEN.today, [ANNA, BORIS], 0).then(told)
    given_council(begun).when(publish, SCHOOL, QUARTER, OPEN.today, [], 2).refused(terms.StillOpen)
    given_council(begun, published).when(publish, SCHOOL, QUARTER, OPEN.today, [ANNA], 0).then()
    late = given_council(begun, published)
    late.when(begin_council, SCHOOL, QUARTER, OPEN.today, NO_GAPS, confirmed=True).refused(terms.AlreadyPublished)


@pytest.mark.parametrize(
    ("scale", "marks", "grade"),
    [
        ("five", ["4", "5"], "5"),
        ("five", ["4", "4", "5"], "4"),
        ("five", ["2", "3", "2"], "2"),
        ("five", ["exempt"], None),
        ("hundred", ["74.5", "74.5"], "75"),
        ("letters", ["A", "B+"], "A-"),
        ("letters", ["C", "C"], "C"),
        ("pass", ["pass"], None),
    ],
)
def test_the_grade_that_is_proposed_is_the_nearest_of_the_scale(
    scale: Scale, marks: list[str], grade: str | None
) -> None:
    assert proposed(average(scale, [(mark, "1") for mark in marks])) == grade
