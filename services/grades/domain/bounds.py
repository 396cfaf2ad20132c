"""Bounds: which mark of the scale a share of the points is, by the school's rule or by the scale's own measure."""

import re
from fractions import Fraction

from services.grades.domain.scales import read_cell
from shared.contracts.averages import LETTERS, NON_MARKS
from shared.contracts.grades import Bound, Scale
from shared.errors import Refused, SeveralRefused

Bounds = tuple[Bound, ...]
"""From the best mark to the worst, whose bound is 0. None at all: the scale's own."""

_PERCENT = re.compile(r"[0-9]{1,2}|100")


class NoBoundsOnHundred(Refused):
    """On the hundred-point scale the mark is the share of the points itself: it has no bounds."""

    code = "grades.no-bounds-on-hundred"
    ru = "В стобалльной шкале оценка — сам процент набранных баллов: границ у неё нет."


class NoMarkAtBound(Refused):
    """“{text}” is no single mark of the scale."""

    code = "grades.no-mark-at-bound"
    ru = "«{text}» — не одна оценка этой шкалы."


class PercentMistyped(Refused):
    """“{text}” is no share of the points: a whole number of per cent from 0 to 100."""

    code = "grades.percent-mistyped"
    ru = "«{text}» — не доля баллов: нужно целое число процентов от 0 до 100."


class BoundsNotFalling(Refused):
    """Bounds go from the best mark to the worst, each lower than the one before."""

    code = "grades.bounds-not-falling"
    ru = "Границы идут от лучшей оценки к худшей, каждая ниже предыдущей."


class LowestBoundNotZero(Refused):
    """The last bound must be 0 per cent: every sum of points is some mark."""

    code = "grades.lowest-bound-not-zero"
    ru = "Последняя граница должна быть 0 %: любой сумме баллов соответствует какая-то оценка."


def _made(*bounds: tuple[str, int]) -> Bounds:
    return tuple(Bound(value=value, percent=percent) for value, percent in bounds)


OWN: dict[Scale, Bounds] = {
    "five": _made(("5", 85), ("4", 65), ("3", 45), ("2", 0)),
    "hundred": (),
    "letters": _made(
        ("A+", 97), ("A", 93), ("A-", 90), ("B+", 87), ("B", 83), ("B-", 80), ("C+", 77), ("C", 73), ("C-", 70),
        ("D+", 67), ("D", 63), ("D-", 60), ("F", 0),
    ),
    "pass": _made(("pass", 50), ("fail", 0)),
}  # fmt: skip
"""The measure of each scale until a school sets its own."""

_BEST_FIRST: dict[Scale, tuple[str, ...]] = {
    "five": ("5", "4", "3", "2", "1"), "letters": tuple(LETTERS), "pass": ("pass", "fail"),
}  # fmt: skip


def value_of(percent: Fraction, scale: Scale, bounds: Bounds) -> str:
    """The mark that `percent` (0 to 100) of the points are: the best whose bound it reaches.

    On the hundred-point scale the share itself, rounded half up to a whole number.

    >>> value_of(Fraction(85), "five", ()), value_of(Fraction(125, 2), "hundred", ())
    ('5', '63')
    """
    if scale == "hundred":
        return str((2 * percent.numerator + percent.denominator) // (2 * percent.denominator))
    return next(bound.value for bound in bounds or OWN[scale] if percent >= bound.percent)


def read_bounds(scale: Scale, typed: tuple[tuple[str, str], ...]) -> Bounds:
    """Bounds as typed: value and per cent. None is none of one's own; every bad line is named."""
    if not typed:
        return ()
    if scale == "hundred":
        raise NoBoundsOnHundred("/bounds")
    bounds: list[Bound] = []
    wrong: list[Refused] = []
    for i, (value, percent) in enumerate(typed):
        try:
            bounds.append(Bound(value=_mark(scale, value, i), percent=_percent(percent, i)))
            if not _falls(scale, bounds[-2:]):
                raise BoundsNotFalling(f"/bounds/{i}")
        except Refused as refusal:
            wrong.append(refusal)
    if not wrong and bounds[-1].percent != 0:
        wrong.append(LowestBoundNotZero(f"/bounds/{len(bounds) - 1}/percent"))
    if wrong:
        raise wrong[0] if len(wrong) == 1 else SeveralRefused(wrong)
    return tuple(bounds)


def _mark(scale: Scale, text: str, i: int) -> str:
    values = read_cell(text, scale, f"/bounds/{i}/value")
    if len(values) > 1 or values[0] in NON_MARKS:
        raise NoMarkAtBound(f"/bounds/{i}/value", text=text.strip())
    return values[0]


def _percent(text: str, i: int) -> int:
    if not _PERCENT.fullmatch(text.strip()):
        raise PercentMistyped(f"/bounds/{i}/percent", text=text.strip())
    return int(text)


def _falls(scale: Scale, pair: list[Bound]) -> bool:
    ranks = [_BEST_FIRST[scale].index(bound.value) for bound in pair]
    return len(pair) < 2 or (ranks[0] < ranks[1] and pair[0].percent > pair[1].percent)
