"""Marks made of points by criteria: what may be typed, and which mark of the scale the points are."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from services.grades.domain import bounds, criteria, marks, scales
from services.grades.domain.bounds import OWN, read_bounds, value_of
from services.grades.domain.criteria import read_criteria, read_points, share
from services.grades.domain.marks import Cell, correct_mark, give_marks, remove_mark
from services.grades.domain.rule import BUILT_IN, set_rule
from services.grades.domain.work import open_work
from services.grades.tests.test_domain import ANNA, ASK, BORIS, DAY, HUNDRED, SCHOOL, WORK, given, given_rule, hundred
from services.grades.tests.test_domain import opened as plain_column
from shared.contracts import seal
from shared.contracts.grades import (
    Bound,
    Criterion,
    Mark,
    MarkCorrected,
    MarkRemoved,
    MarksGiven,
    Points,
    Scale,
)
from shared.errors import Refused

A_B = (Criterion(code="A", most=8), Criterion(code="B", most=8))
column = plain_column.model_copy(update={"criteria": A_B})


def points(a: int, b: int) -> tuple[Points, ...]:
    return (Points(code="A", points=a), Points(code="B", points=b))


def typed(**by: str) -> Cell:
    return Cell(ANNA, None, points=by)


def gave(value: str, *by: Points) -> MarksGiven:
    return MarksGiven(
        work_id=WORK, school_id=SCHOOL, marks=(Mark(pupil_id=ANNA, values=(value,), criteria=by),)
    )  # fmt: skip


anna_has_6_and_7 = gave("4", *points(6, 7))


# --- a column with criteria


def test_a_work_is_opened_with_its_criteria() -> None:
    ask = replace(ASK, criteria=(("a", 8), (" В ", 8)))  # the second is Cyrillic
    given().when(open_work, ask, DAY, BUILT_IN, same_kind=False).then(column)
    given(column).when(open_work, ask, DAY, BUILT_IN, same_kind=False).then()


def test_every_bad_criterion_is_named() -> None:
    ask = replace(ASK, criteria=(("A", 8), ("А", 8), ("AB", 8), ("К1", 2), ("k1", 2), ("", 1)))
    given().when(open_work, ask, DAY, BUILT_IN, same_kind=False).refused(
        criteria.CriterionTwice, criteria.CriterionMistyped, criteria.CriterionTwice, criteria.CriterionMistyped,
        at=["/criteria/1/code", "/criteria/2/code", "/criteria/4/code", "/criteria/5/code"],
    )  # fmt: skip


def test_twelve_criteria_are_the_most() -> None:
    twelve = tuple((f"К{n}", 1) for n in range(1, 13))
    assert len(read_criteria(twelve)) == 12
    with pytest.raises(criteria.TooManyCriteria):
        read_criteria((*twelve, ("A", 1)))


# --- marks


def test_points_are_saved_with_the_mark_they_make() -> None:
    given(column).when(give_marks, (typed(A="6", B=" 7 "),), DAY).then(anna_has_6_and_7)  # 81.25 %


def test_points_are_kept_in_the_order_of_the_work_however_they_are_typed() -> None:
    given(column).when(give_marks, (typed(b="7", А="6"),), DAY).then(anna_has_6_and_7)


def test_the_bounds_of_the_works_rule_decide() -> None:
    strict = (Bound(value="5", percent=81), Bound(value="2", percent=0))
    given(column).when(give_marks, (typed(A="6", B="7"),), DAY, strict).then(gave("5", *points(6, 7)))


def test_the_same_points_again_are_nothing_to_do_and_others_are_a_correction() -> None:
    given(column, anna_has_6_and_7).when(give_marks, (typed(A="6", B="7"),), DAY).then()
    given(column, anna_has_6_and_7).when(give_marks, (typed(A="7", B="6"),), DAY).refused(
        marks.AlreadyMarked, at=["/marks/0/criteria"]
    )


def test_every_bad_point_of_every_cell_is_named() -> None:
    cells = (typed(A="9", B="-1"), Cell(BORIS, None, points={"A": "6,5", "C/D": "1"}), Cell(WORK, "5"))
    given(column).when(give_marks, cells, DAY).refused(
        criteria.PointsOutOfRange, criteria.PointsOutOfRange, criteria.PointsNotWhole, criteria.CriterionUnknown,
        criteria.PointsMissing, marks.PupilNotInClass,
        at=[
            "/marks/0/criteria/A", "/marks/0/criteria/B", "/marks/1/criteria/A", "/marks/1/criteria/C~1D",
            "/marks/1/criteria/B", "/marks/2/pupil_id",
        ],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", criteria.PointsMissing), (" ", criteria.PointsMissing), ("9", criteria.PointsOutOfRange),
        ("-1", criteria.PointsOutOfRange), ("1.5", criteria.PointsNotWhole), ("٤", criteria.PointsNotWhole),
        ("1e1", criteria.PointsNotWhole), ("н/а", criteria.PointsNotWhole), ("1" * 20, criteria.PointsNotWhole),
    ],
)  # fmt: skip
def test_what_is_no_points_says_why(text: str, refusal: type[Refused]) -> None:
    with pytest.raises(refusal) as refused:
        read_points({"A": text, "B": "0"}, A_B, "/criteria")
    assert refused.value.at == "/criteria/A"
    assert refused.value.sentence("ru") and refused.value.sentence("en")


@pytest.mark.parametrize(("text", "value"), [("н/а", "not-attested"), ("осв", "exempt"), (".", "missing")])
def test_codes_that_are_no_marks_stand_in_any_column(text: str, value: str) -> None:
    given(column).when(give_marks, (Cell(ANNA, text),), DAY).then(gave(value))


@pytest.mark.parametrize(
    ("cell", "refusal", "at"),
    [
        (Cell(ANNA, "5"), scales.CriteriaWanted, "/marks/0/value"),
        (Cell(ANNA, "н/а/5"), scales.CriteriaWanted, "/marks/0/value"),
        (Cell(ANNA, "7"), scales.CriteriaWanted, "/marks/0/value"),
        (Cell(ANNA, "н"), scales.AbsenceBelongsToRoll, "/marks/0/value"),
        (Cell(ANNA, ""), scales.CellEmpty, "/marks/0/value"),
        (Cell(ANNA, "н/а", points={"A": "1", "B": "1"}), marks.ValueOrCriteria, "/marks/0"),
        (Cell(ANNA, None), marks.ValueOrCriteria, "/marks/0"),
    ],
)
def test_a_column_with_criteria_takes_no_plain_mark(cell: Cell, refusal: type[Refused], at: str) -> None:
    given(column).when(give_marks, (cell,), DAY).refused(refusal, at=[at])


def test_a_column_without_criteria_takes_no_points() -> None:
    given(plain_column).when(give_marks, (typed(A="6"),), DAY).refused(
        marks.NoCriteriaHere, at=["/marks/0/criteria"]
    )  # fmt: skip


def test_a_correction_and_a_removal_keep_the_points() -> None:
    why = seal(ANNA, "пересчитано")
    to_5 = MarkCorrected(
        work_id=WORK, school_id=SCHOOL, pupil_id=ANNA, before=("4",), after=("5",), reason=why,
        before_criteria=points(6, 7), after_criteria=points(7, 7),
    )  # fmt: skip
    given(column, anna_has_6_and_7).when(correct_mark, typed(A="7", B="7"), "пересчитано", DAY).then(to_5)
    given(column, anna_has_6_and_7, to_5).when(remove_mark, ANNA, "пересчитано", DAY).then(
        MarkRemoved(
            work_id=WORK, school_id=SCHOOL, pupil_id=ANNA, before=("5",), reason=why, before_criteria=points(7, 7)
        )
    )


def test_other_points_that_make_the_same_mark_are_a_correction_all_the_same() -> None:
    (event,) = given(column, anna_has_6_and_7).when(correct_mark, typed(A="7", B="6"), "местами", DAY).events or ()
    assert isinstance(event, MarkCorrected)
    assert (event.before, event.after, event.after_criteria) == (("4",), ("4",), points(7, 6))
    given(column, anna_has_6_and_7).when(correct_mark, typed(A="6", B="7"), "", DAY).then()


def test_points_may_give_way_to_a_code_and_come_back() -> None:
    ill = MarkCorrected(
        work_id=WORK, school_id=SCHOOL, pupil_id=ANNA, before=("4",), after=("exempt",), reason=seal(ANNA, "болела"),
        before_criteria=points(6, 7),
    )  # fmt: skip
    given(column, anna_has_6_and_7).when(correct_mark, Cell(ANNA, "осв"), "болела", DAY).then(ill)
    wrong = given(column, anna_has_6_and_7, ill).when(correct_mark, typed(A="9", B="7"), "написала", DAY)
    wrong.refused(criteria.PointsOutOfRange, at=["/criteria/A"])
    given(column, anna_has_6_and_7).when(correct_mark, Cell(ANNA, "5"), "x", DAY).refused(
        scales.CriteriaWanted, at=["/value"]
    )


# --- which mark the points are


@pytest.mark.parametrize(
    ("scale", "percent", "value"),
    [
        ("five", "100", "5"), ("five", "85", "5"), ("five", "84.99", "4"), ("five", "65", "4"), ("five", "64.99", "3"),
        ("five", "45", "3"), ("five", "44.99", "2"), ("five", "0", "2"),
        ("pass", "50", "pass"), ("pass", "49.99", "fail"), ("pass", "0", "fail"),
        ("hundred", "0", "0"), ("hundred", "0.5", "1"), ("hundred", "0.49", "0"), ("hundred", "62.5", "63"),
        ("hundred", "99.5", "100"), ("hundred", "100", "100"),
        ("letters", "97", "A+"), ("letters", "96.99", "A"), ("letters", "60", "D-"), ("letters", "59.99", "F"),
    ],
)  # fmt: skip
def test_a_bound_belongs_to_the_better_mark(scale: Scale, percent: str, value: str) -> None:
    assert value_of(Fraction(percent), scale, ()) == value


def test_thirds_are_not_rounded_before_they_are_compared() -> None:
    thirds = (Bound(value="pass", percent=67), Bound(value="fail", percent=0))
    two_of_three = share((Points(code="A", points=2),), (Criterion(code="A", most=3),))
    assert two_of_three == Fraction(200, 3)
    assert value_of(two_of_three, "pass", thirds) == "fail"  # 66.67 would be rounded to 67
    assert value_of(share((Points(code="A", points=1),), (Criterion(code="A", most=8),)), "hundred", ()) == "13"  # 12.5


column_of_points = st.lists(st.integers(1, 100), min_size=1, max_size=12).flatmap(
    lambda most: st.tuples(st.just(most), st.tuples(*(st.integers(0, m) for m in most)))
)


@hypothesis_given(column_of_points, st.sampled_from(["five", "hundred", "letters", "pass"]))
def test_whatever_points_are_given_there_is_a_mark_the_scale_can_write(
    column: tuple[list[int], tuple[int, ...]], scale: Scale
) -> None:
    most, given_ = column
    by = read_criteria(tuple((f"К{n}", m) for n, m in enumerate(most)))
    got = read_points({f"k{n}": str(p) for n, p in enumerate(given_)}, by, "")
    value = value_of(share(got, by), scale, ())
    Mark(pupil_id=ANNA, values=(value,), criteria=got)
    assert scales.read_cell(value, scale) == (value,)
    if scale != "hundred":
        reached = [bound for bound in OWN[scale] if 100 * sum(given_) >= bound.percent * sum(most)]
        assert value == reached[0].value


# --- bounds of a school's own

FIVE = replace(HUNDRED, scale="five")
OWN_BOUNDS = (("5", "90"), ("4", "70"), ("3", "50"), ("2", "1"), ("1", "0"))


def test_bounds_are_part_of_the_numbered_rule() -> None:
    with_bounds = hundred.model_copy(update={"scale": "five", "bounds": read_bounds("five", OWN_BOUNDS)})
    given_rule().when(set_rule, replace(FIVE, bounds=OWN_BOUNDS)).then(with_bounds)
    given_rule(with_bounds).when(set_rule, FIVE).then()  # left out: as they are
    given_rule(with_bounds).when(set_rule, replace(FIVE, bounds=())).then(
        with_bounds.model_copy(update={"rule": 3, "bounds": ()})
    )
    given_rule(with_bounds).when(set_rule, HUNDRED).then(hundred.model_copy(update={"rule": 3}))


@pytest.mark.parametrize(
    ("scale", "typed", "refusals", "at"),
    [
        ("hundred", (("90", "0"),), [bounds.NoBoundsOnHundred], ["/bounds"]),
        ("five", (("4/5", "0"),), [bounds.NoMarkAtBound], ["/bounds/0/value"]),
        ("five", (("осв", "0"),), [bounds.NoMarkAtBound], ["/bounds/0/value"]),
        ("five", (("6", "0"),), [scales.NotOnFivePoints], ["/bounds/0/value"]),
        ("five", (("5", "101"),), [bounds.PercentMistyped], ["/bounds/0/percent"]),
        ("five", (("5", "84.5"),), [bounds.PercentMistyped], ["/bounds/0/percent"]),
        ("five", (("5", "85"), ("4", "85"), ("2", "0")), [bounds.BoundsNotFalling], ["/bounds/1"]),
        ("five", (("4", "85"), ("5", "65"), ("2", "0")), [bounds.BoundsNotFalling], ["/bounds/1"]),
        ("pass", (("pass", "40"), ("pass", "0")), [bounds.BoundsNotFalling], ["/bounds/1"]),
        ("five", (("5", "85"), ("4", "65")), [bounds.LowestBoundNotZero], ["/bounds/1/percent"]),
        (
            "letters", (("Z", "90"), ("B", "x"), ("C", "0")), [scales.NotALetter, bounds.PercentMistyped],
            ["/bounds/0/value", "/bounds/1/percent"],
        ),
    ],
)  # fmt: skip
def test_every_bad_bound_is_named(
    scale: Scale, typed: tuple[tuple[str, str], ...], refusals: list[type[Refused]], at: list[str]
) -> None:
    given_rule().when(set_rule, replace(HUNDRED, scale=scale, bounds=typed)).refused(*refusals, at=at)
