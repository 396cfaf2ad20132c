"""The rule by which marks are averaged, with the sum it is made from: a user can add it up by hand and gets the same.

Pure; whoever shows an average uses it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from shared.contracts.grades import Scale

LETTERS = {
    "A+": "4.3", "A": "4", "A-": "3.7", "B+": "3.3", "B": "3", "B-": "2.7", "C+": "2.3", "C": "2", "C-": "1.7",
    "D+": "1.3", "D": "1", "D-": "0.7", "F": "0",
}  # fmt: skip
"""Points a letter counts in an average, as grade-point averages are commonly made."""

NON_MARKS = frozenset({"exempt", "not-attested", "missing"})
"""They stand in a cell and count in no average."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One mark that counts: as it is written, the points it stands for, and its work's weight."""

    value: str
    points: Decimal
    weight: Decimal


@dataclass(frozen=True, slots=True)
class Average:
    """`average` is rounded half up to 0.01; None when nothing counts (no marks, or only weights of 0)."""

    scale: Scale
    terms: tuple[Counted, ...]
    weighted_sum: Decimal
    weights: Decimal
    average: Decimal | None


def average(scale: Scale, marks: Iterable[tuple[str, str]]) -> Average:
    """The average of (value, weight of its work) in one scale.

    Codes that are no marks count nothing, letters count their points, pass and fail have no average. Two marks in
    one cell are two marks. The order does not matter.

    >>> average("five", [("5", "2"), ("4", "1"), ("exempt", "3")]).average
    Decimal('4.67')
    """
    terms = tuple(
        Counted(value, counts, Decimal(weight))
        for value, weight in marks
        if (counts := points(value, scale)) is not None
    )
    weighted_sum = sum((term.points * term.weight for term in terms), Decimal(0))
    weights = sum((term.weight for term in terms), Decimal(0))
    return Average(scale, terms, weighted_sum, weights, _half_up(weighted_sum, weights) if weights else None)


def shown(average: Average, language: str) -> str:
    """The sum in one line, with a decimal comma in Russian; empty when there is no average.

    >>> shown(average("five", [("5", "2"), ("4", "1")]), "ru")
    '5×2 + 4×1 = 14; 14 / 3 = 4,67'
    """
    if average.average is None:
        return ""
    terms = " + ".join(f"{_term(term)}×{plain(term.weight)}" for term in average.terms)
    total = plain(average.weighted_sum)
    text = f"{terms} = {total}; {total} / {plain(average.weights)} = {average.average}"
    return text.replace(".", ",") if language == "ru" else text


def points(value: str, scale: Scale) -> Decimal | None:
    """What a value counts in an average; None for codes that are no marks, and for pass and fail.

    >>> points("B+", "letters"), points("exempt", "five")
    (Decimal('3.3'), None)
    """
    if value in NON_MARKS or scale == "pass":
        return None
    return Decimal(LETTERS[value] if scale == "letters" else value)


def plain(number: Decimal) -> str:
    """A decimal without needless zeros or an exponent.

    >>> plain(Decimal("100.00")), plain(Decimal("4.50"))
    ('100', '4.5')
    """
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _term(term: Counted) -> str:
    written = plain(term.points)
    return written if term.value == written else f"{term.value} ({written})"


def _half_up(dividend: Decimal, divisor: Decimal) -> Decimal:
    """Exactly, in whole numbers: a quotient in decimals would be rounded twice."""
    hundredths = Fraction(dividend) / Fraction(divisor) * 100
    return Decimal((2 * hundredths.numerator + hundredths.denominator) // (2 * hundredths.denominator)).scaleb(-2)
