"""Marks, works and rules: given what happened, when something is asked, then this happens."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from uuid import UUID, uuid5

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from services.grades.domain import marks, rule, scales, texts, work
from services.grades.domain.marks import Cell, correct_mark, give_marks, remove_mark
from services.grades.domain.rule import BUILT_IN, SetRule, set_rule
from services.grades.domain.scales import read_cell
from services.grades.domain.work import ChangeWork, Day, OpenWork, Work, change_work, open_work, remove_work
from shared.contracts import averages, seal
from shared.contracts.averages import plain, shown
from shared.contracts.grades import (
    KindOfWork,
    Mark,
    MarkCorrected,
    MarkRemoved,
    MarksGiven,
    RuleSet,
    Scale,
    WorkChanged,
    WorkOpened,
    WorkRemoved,
)
from shared.contracts.lessons import lesson_id
from shared.contracts.timetable import Lesson
from shared.errors import NotFound, Refused
from shared.testing.given import Given


def id_of(name: str) -> UUID:
    return uuid5(UUID(int=0), name)


SCHOOL, GROUP, WORK, TEACHER = id_of("school"), id_of("group"), id_of("work"), id_of("teacher")
ANNA, BORIS, VERA, STRANGER = id_of("Anna"), id_of("Boris"), id_of("Vera"), id_of("stranger")
MONDAY = date(2021, 9, 6)
LESSON = Lesson(lesson_id(GROUP, MONDAY, 2), GROUP, MONDAY, 2, "220", TEACHER)
DAY = Day(today=MONDAY, on=MONDAY, in_term=True, lesson=LESSON, may_write=True, pupils=frozenset({ANNA, BORIS, VERA}))
ASK = OpenWork(WORK, SCHOOL, GROUP, MONDAY, 2, kind="test", weight=None, title="Дроби", confirmed=False)

opened = WorkOpened(
    work_id=WORK, school_id=SCHOOL, group_id=GROUP, lesson_id=LESSON.id, on=MONDAY, number=2, kind="test", weight="2",
    scale="five", rule=1, title=seal(SCHOOL, "Дроби"),
)  # fmt: skip
removed = WorkRemoved(work_id=WORK, school_id=SCHOOL)


def gave(pupil: UUID, *values: str, comment: str = "") -> MarksGiven:
    mark = Mark(pupil_id=pupil, values=values, comment=seal(pupil, comment) if comment else None)
    return MarksGiven(work_id=WORK, school_id=SCHOOL, marks=(mark,))


anna_has_4 = gave(ANNA, "4")
given = Given(work.evolve, Work())


# --- opening a work from a lesson


def test_a_work_is_opened_with_the_weight_of_its_kind() -> None:
    given().when(open_work, ASK, DAY, BUILT_IN, same_kind=False).then(opened)


def test_a_weight_of_its_own_is_read_with_a_comma() -> None:
    heavy = opened.model_copy(update={"weight": "2.5"})
    given().when(open_work, replace(ASK, weight="2,50"), DAY, BUILT_IN, same_kind=False).then(heavy)


def test_the_same_work_opened_again_is_nothing_to_do() -> None:
    given(opened).when(open_work, ASK, DAY, BUILT_IN, same_kind=True).then()


def test_a_work_of_a_moved_lesson_stands_on_its_new_day() -> None:
    moved = replace(LESSON, on=MONDAY + timedelta(days=1), number=5, moved_from=(MONDAY, 2))
    there = opened.model_copy(update={"on": moved.on, "number": 5})
    given().when(open_work, ASK, replace(DAY, lesson=moved, on=moved.on), BUILT_IN, same_kind=False).then(there)


@pytest.mark.parametrize(
    ("ask", "day", "refusal", "at"),
    [
        (replace(ASK, kind=""), DAY, work.KindMissing, "/kind"),
        (replace(ASK, kind="dance"), DAY, work.KindUnknown, "/kind"),
        (replace(ASK, weight="100"), DAY, rule.WeightMistyped, "/weight"),
        (replace(ASK, weight="много"), DAY, rule.WeightMistyped, "/weight"),
        (replace(ASK, title="x" * 201), DAY, work.TitleTooLong, "/title"),
        (replace(ASK, title="two\nlines"), DAY, work.TitleTooLong, "/title"),
        (ASK, replace(DAY, in_term=False), work.OutsideTerm, "/on"),
        (ASK, replace(DAY, lesson=None), work.NoSuchLesson, "/number"),
        (ASK, replace(DAY, lesson=replace(LESSON, cancelled=True)), work.LessonIsCancelled, "/number"),
        (ASK, replace(DAY, may_write=False), work.NotYourLesson, ""),
    ],
)
def test_a_work_is_not_opened(ask: OpenWork, day: Day, refusal: type[Refused], at: str) -> None:
    given().when(open_work, ask, day, BUILT_IN, same_kind=False).refused(refusal, at=[at])


def test_a_second_work_of_a_kind_in_one_lesson_is_asked_about_first() -> None:
    given().when(open_work, ASK, DAY, BUILT_IN, same_kind=True).refused(work.SameKindInLesson, at=["/kind"])
    given().when(open_work, replace(ASK, confirmed=True), DAY, BUILT_IN, same_kind=True).then(opened)


def test_an_id_that_something_else_has_is_refused() -> None:
    other = opened.model_copy(update={"number": 3})
    a_rule = RuleSet(school_id=SCHOOL, rule=2, scale="five", kinds=BUILT_IN.kinds)
    for fact in (other, a_rule):
        given(fact).when(open_work, ASK, DAY, BUILT_IN, same_kind=False).refused(work.WorkIdTaken)
    given(opened, removed).when(open_work, ASK, DAY, BUILT_IN, same_kind=False).refused(work.WorkIdTaken)


# --- its head


def test_kind_weight_and_title_change_together() -> None:
    quiz = ChangeWork(kind="quiz", weight="1.5", title="Дроби, часть 2")
    given(opened, anna_has_4).when(change_work, quiz, DAY, BUILT_IN, title="Дроби").then(
        WorkChanged(work_id=WORK, school_id=SCHOOL, kind="quiz", weight="1.5", title=seal(SCHOOL, "Дроби, часть 2"))
    )


def test_the_same_head_is_nothing_to_do() -> None:
    same = ChangeWork(kind="test", weight="2,0", title=" Дроби ")
    given(opened).when(change_work, same, DAY, BUILT_IN, title="Дроби").then()


def test_a_column_keeps_a_kind_that_the_rule_has_dropped() -> None:
    smaller = replace(BUILT_IN, kinds=(KindOfWork(kind="quiz", weight="1"),))
    lighter = ChangeWork(kind="test", weight="1", title="Дроби")
    given(opened).when(change_work, lighter, DAY, smaller, title="Дроби").then(
        WorkChanged(work_id=WORK, school_id=SCHOOL, kind="test", weight="1", title=seal(SCHOOL, "Дроби"))
    )
    other = replace(lighter, kind="exam")
    given(opened).when(change_work, other, DAY, smaller, title="Дроби").refused(work.KindUnknown, at=["/kind"])


def test_only_an_empty_work_is_removed_and_only_once() -> None:
    given(opened).when(remove_work, DAY).then(removed)
    given(opened, removed).when(remove_work, DAY).then()
    given(opened, anna_has_4).when(remove_work, DAY).refused(work.WorkHasMarks)
    given(opened).when(remove_work, replace(DAY, may_write=False)).refused(work.NotYourLesson)
    given().when(remove_work, DAY).refused(NotFound)


# --- giving marks


def test_a_column_is_given_in_one_event() -> None:
    cells = (Cell(ANNA, "4"), Cell(BORIS, "4/5", "Молодец"), Cell(VERA, "осв"))
    saved = (
        Mark(pupil_id=ANNA, values=("4",)),
        Mark(pupil_id=BORIS, values=("4", "5"), comment=seal(BORIS, "Молодец")),
        Mark(pupil_id=VERA, values=("exempt",)),
    )
    given(opened).when(give_marks, cells, DAY).then(MarksGiven(work_id=WORK, school_id=SCHOOL, marks=saved))


def test_the_same_mark_again_is_nothing_to_do() -> None:
    given(opened, anna_has_4).when(give_marks, (Cell(ANNA, " 4 "),), DAY).then()
    given(opened, anna_has_4).when(give_marks, (Cell(ANNA, "4"), Cell(BORIS, "5")), DAY).then(gave(BORIS, "5"))


def test_every_bad_cell_is_named_and_nothing_is_saved() -> None:
    cells = (Cell(ANNA, "5"), Cell(BORIS, "6"), Cell(STRANGER, "5"), Cell(VERA, "н"), Cell(ANNA, "3"))
    given(opened, anna_has_4).when(give_marks, cells, DAY).refused(
        marks.AlreadyMarked,
        scales.NotOnFivePoints,
        marks.PupilNotInClass,
        scales.AbsenceBelongsToRoll,
        marks.PupilTwice,
        at=["/marks/0/value", "/marks/1/value", "/marks/2/pupil_id", "/marks/3/value", "/marks/4/pupil_id"],
    )


def test_no_mark_before_the_lesson_by_the_schools_calendar() -> None:
    sunday = replace(DAY, today=MONDAY - timedelta(days=1))
    given(opened).when(give_marks, (Cell(ANNA, "5"),), sunday).refused(marks.MarkInFuture)
    moved_on = replace(DAY, on=MONDAY + timedelta(days=1))
    given(opened).when(give_marks, (Cell(ANNA, "5"),), moved_on).refused(marks.MarkInFuture)


def test_no_mark_by_one_who_did_not_teach_that_day() -> None:
    other = replace(DAY, may_write=False)
    given(opened).when(give_marks, (Cell(ANNA, "5"),), other).refused(work.NotYourLesson)
    given(opened, anna_has_4).when(correct_mark, Cell(ANNA, "5"), "ошибка", other).refused(work.NotYourLesson)
    given(opened, anna_has_4).when(remove_mark, ANNA, "ошибка", other).refused(work.NotYourLesson)


def test_no_mark_without_a_work() -> None:
    given().when(give_marks, (Cell(ANNA, "5"),), DAY).refused(NotFound)
    given(opened, removed).when(give_marks, (Cell(ANNA, "5"),), DAY).refused(NotFound)
    given(opened).when(give_marks, (), DAY).refused(marks.NothingToMark, at=["/marks"])


def test_a_comment_is_not_lost_without_a_word() -> None:
    late = (Cell(ANNA, "4", "Подтянулась"),)
    given(opened, anna_has_4).when(give_marks, late, DAY).refused(marks.CommentComesWithMark, at=["/marks/0/comment"])
    long = (Cell(ANNA, "4", "я" * 1001),)
    given(opened).when(give_marks, long, DAY).refused(texts.TextTooLong, at=["/marks/0/comment"])


# --- correcting and removing


def test_a_correction_keeps_the_old_mark_and_the_reason() -> None:
    given(opened, anna_has_4).when(correct_mark, Cell(ANNA, "5"), "неверно посчитано", DAY).then(
        MarkCorrected(
            work_id=WORK, school_id=SCHOOL, pupil_id=ANNA, before=("4",), after=("5",),
            reason=seal(ANNA, "неверно посчитано"),
        )
    )  # fmt: skip


def test_a_correction_needs_a_mark_a_reason_and_another_value() -> None:
    given(opened).when(correct_mark, Cell(ANNA, "5"), "ошибка", DAY).refused(marks.NoMarkToChange, at=["/pupil_id"])
    given(opened, anna_has_4).when(correct_mark, Cell(ANNA, "5"), "  ", DAY).refused(
        texts.ReasonMissing, at=["/reason"]
    )
    wrong = Cell(ANNA, "7")
    given(opened, anna_has_4).when(correct_mark, wrong, "ошибка", DAY).refused(scales.NotOnFivePoints, at=["/value"])
    given(opened, anna_has_4).when(correct_mark, Cell(ANNA, "4"), "", DAY).then()


def test_a_removed_mark_says_what_it_was_and_makes_room_for_another() -> None:
    taken_back = MarkRemoved(
        work_id=WORK, school_id=SCHOOL, pupil_id=ANNA, before=("4",), reason=seal(ANNA, "не тому ученику")
    )
    given(opened, anna_has_4).when(remove_mark, ANNA, "не тому ученику", DAY).then(taken_back)
    given(opened, anna_has_4, taken_back).when(give_marks, (Cell(ANNA, "3"),), DAY).then(gave(ANNA, "3"))
    given(opened).when(remove_mark, ANNA, "x", DAY).refused(marks.NoMarkToChange)


# --- scales


@pytest.mark.parametrize(
    ("scale", "text", "values"),
    [
        ("five", "5", ("5",)),
        ("five", "1", ("1",)),
        ("five", " 4 / 5 ", ("4", "5")),
        ("five", "ОСВ", ("exempt",)),
        ("five", "н/а", ("not-attested",)),
        ("five", "N/A", ("not-attested",)),
        ("five", ".", ("missing",)),
        ("five", "5/н/а", ("5", "not-attested")),
        ("hundred", "4,5", ("4.5",)),
        ("hundred", "4.50", ("4.5",)),
        ("hundred", "103.00", ("103",)),
        ("hundred", "150", ("150",)),
        ("hundred", "007", ("7",)),
        ("hundred", "0", ("0",)),
        ("letters", "a-", ("A-",)),
        ("letters", "В+", ("B+",)),  # the Cyrillic letter
        ("pass", "Зачёт", ("pass",)),
        ("pass", "незачет", ("fail",)),
        ("pass", "pass", ("pass",)),
    ],
)
def test_a_cell_is_read_as_the_teacher_writes_it(scale: Scale, text: str, values: tuple[str, ...]) -> None:
    assert read_cell(text, scale) == values
    Mark(pupil_id=ANNA, values=values)  # the contract takes it


@pytest.mark.parametrize(
    ("scale", "text", "refusal"),
    [
        ("five", "", scales.CellEmpty),
        ("five", "6", scales.NotOnFivePoints),
        ("five", "0", scales.NotOnFivePoints),
        ("five", "4,5", scales.NotOnFivePoints),
        ("five", "4/", scales.NotOnFivePoints),
        ("five", "٤", scales.NotOnFivePoints),  # a digit, but not ours
        ("five", "5/5/5/5/5", scales.TooManyMarksInCell),
        ("five", "н", scales.AbsenceBelongsToRoll),
        ("five", "Н/Б", scales.AbsenceBelongsToRoll),
        ("hundred", "150.01", scales.NotOnHundredPoints),
        ("hundred", "-1", scales.NotOnHundredPoints),
        ("hundred", "1e2", scales.NotOnHundredPoints),
        ("hundred", "9.999", scales.NotOnHundredPoints),
        ("letters", "E", scales.NotALetter),
        ("letters", "F+", scales.NotALetter),
        ("pass", "5", scales.NotPassOrFail),
    ],
)
def test_a_cell_that_cannot_be_read_says_what_the_scale_allows(scale: Scale, text: str, refusal: type[Refused]) -> None:
    with pytest.raises(refusal) as refused:
        read_cell(text, scale, "/marks/3/value")
    assert refused.value.at == "/marks/3/value"
    assert refused.value.sentence("ru") and refused.value.sentence("en")


# --- averages


def test_the_average_shows_its_sum() -> None:
    made = averages.average("five", [("5", "2"), ("4", "1"), ("exempt", "3")])
    assert (made.weighted_sum, made.weights, made.average) == (Decimal(14), Decimal(3), Decimal("4.67"))
    assert shown(made, "ru") == "5×2 + 4×1 = 14; 14 / 3 = 4,67"
    assert shown(made, "en") == "5×2 + 4×1 = 14; 14 / 3 = 4.67"


def test_letters_say_the_points_they_count() -> None:
    made = averages.average("letters", [("A", "1"), ("B+", "2")])
    assert shown(made, "en") == "A (4)×1 + B+ (3.3)×2 = 10.6; 10.6 / 3 = 3.53"


def test_halves_are_rounded_up() -> None:
    assert averages.average("hundred", [("4", "1"), ("4.01", "1")]).average == Decimal("4.01")  # 4.005


@pytest.mark.parametrize(
    ("scale", "written"),
    [("five", []), ("five", [("5", "0")]), ("five", [("missing", "1")]), ("pass", [("pass", "1")])],
)
def test_nothing_that_counts_is_no_average(scale: Scale, written: list[tuple[str, str]]) -> None:
    made = averages.average(scale, written)
    assert made.average is None and shown(made, "ru") == ""


hundredths = st.integers(0, 15000).map(lambda n: plain(Decimal(n).scaleb(-2)))
weights = st.integers(0, 9999).map(lambda n: plain(Decimal(n).scaleb(-2)))
entries = st.lists(st.tuples(hundredths | st.sampled_from(sorted(averages.NON_MARKS)), weights), max_size=60)


@hypothesis_given(entries, st.randoms(use_true_random=False))
def test_the_average_is_the_users_own_sum_in_any_order(entries: list[tuple[str, str]], random: Random) -> None:
    counted = [(Fraction(v), Fraction(w)) for v, w in entries if v not in averages.NON_MARKS]
    total = sum(w for _, w in counted)
    made = averages.average("hundred", entries)
    if total == 0:
        assert made.average is None
    else:
        exact = sum(v * w for v, w in counted) / total
        assert made.average is not None and made.average.as_tuple().exponent == -2
        assert Fraction(-1, 200) < Fraction(made.average) - exact <= Fraction(1, 200)
    random.shuffle(entries)
    assert averages.average("hundred", entries).average == made.average


# --- the school's rule

given_rule = Given(rule.evolve, BUILT_IN)
HUNDRED = SetRule(SCHOOL, "hundred", (("lesson", "1"), ("exam", "2,5")))
hundred = RuleSet(
    school_id=SCHOOL, rule=2, scale="hundred",
    kinds=(KindOfWork(kind="lesson", weight="1"), KindOfWork(kind="exam", weight="2.5")),
)  # fmt: skip


def test_rules_are_numbered_after_the_built_in_one() -> None:
    given_rule().when(set_rule, HUNDRED).then(hundred)
    given_rule(hundred).when(set_rule, HUNDRED).then()
    letters = replace(HUNDRED, scale="letters")
    given_rule(hundred).when(set_rule, letters).then(hundred.model_copy(update={"rule": 3, "scale": "letters"}))


def test_every_bad_line_of_a_rule_is_named() -> None:
    typed = replace(HUNDRED, kinds=(("exam", "2"), ("exam", "3"), ("Тест", "1"), ("quiz", "-1")))
    given_rule().when(set_rule, typed).refused(
        rule.KindTwice, rule.KindMistyped, rule.WeightMistyped,
        at=["/kinds/1/kind", "/kinds/2/kind", "/kinds/3/weight"],
    )  # fmt: skip
    given_rule().when(set_rule, replace(HUNDRED, kinds=())).refused(rule.NoKinds, at=["/kinds"])
