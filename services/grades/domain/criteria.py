"""Criteria of a work: what they are called, what points may be given by them, which share of all a mark is."""

import re
from collections.abc import Mapping
from fractions import Fraction

from shared.contracts.grades import Criterion, Points
from shared.errors import Refused, SeveralRefused

MOST_CRITERIA = 12

_CODE = re.compile(r"[A-ZК][0-9]{0,2}")
_WHOLE = re.compile(r"-?[0-9]{1,9}")
# Cyrillic capitals that look like Latin ones; «К1» stays as it is typed, but is the same as K1
_LATIN = str.maketrans("АВСЕНМОРТХ", "ABCEHMOPTX")


class TooManyCriteria(Refused):
    """A work has at most {most} criteria."""

    code = "grades.too-many-criteria"
    ru = "У работы не больше {most} критериев."


class CriterionMistyped(Refused):
    """“{text}” does not name a criterion: a capital letter, then at most two digits: A, B, K1."""

    code = "grades.criterion-mistyped"
    ru = "«{text}» — не обозначение критерия: нужна латинская буква или «К», за ней до двух цифр: A, B, К1."


class CriterionTwice(Refused):
    """The criterion “{text}” is named twice."""

    code = "grades.criterion-twice"
    ru = "Критерий «{text}» назван дважды."


class CriterionUnknown(Refused):
    """The work has no criterion “{text}”. It has: {codes}."""

    code = "grades.criterion-unknown"
    ru = "У работы нет критерия «{text}». Есть: {codes}."


class PointsMissing(Refused):
    """The points by criterion {text} are missing; it has 0 to {most}."""

    code = "grades.points-missing"
    ru = "Не указаны баллы по критерию {text}: от 0 до {most}."


class PointsNotWhole(Refused):
    """“{points}” by criterion {text} is no whole number of points."""

    code = "grades.points-not-whole"
    ru = "«{points}» по критерию {text} — не целое число баллов."


class PointsOutOfRange(Refused):
    """{points} by criterion {text} is out of range: it has 0 to {most} points."""

    code = "grades.points-out-of-range"
    ru = "{points} по критерию {text} — вне границ: баллов здесь от 0 до {most}."


def read_criteria(typed: tuple[tuple[str, int], ...]) -> tuple[Criterion, ...]:
    """A new work's criteria of code and most points (1 to 100), in their order; every bad one is named."""
    if len(typed) > MOST_CRITERIA:
        raise TooManyCriteria("/criteria", most=MOST_CRITERIA)
    found: dict[str, Criterion] = {}
    wrong: list[Refused] = []
    for i, (text, most) in enumerate(typed):
        code, at = _code(text), f"/criteria/{i}/code"
        if not _CODE.fullmatch(code):
            wrong.append(CriterionMistyped(at, text=text.strip()))
        elif _alike(code) in found:
            wrong.append(CriterionTwice(at, text=code))
        else:
            found[_alike(code)] = Criterion(code=code, most=most)
    _refuse(wrong)
    return tuple(found.values())


def read_points(typed: Mapping[str, str], criteria: tuple[Criterion, ...], at: str) -> tuple[Points, ...]:
    """Points by every criterion of the work, in its order, from code → what was typed; every bad one is named."""
    codes = ", ".join(criterion.code for criterion in criteria)
    left = {_alike(criterion.code): criterion for criterion in criteria}
    found: dict[str, Points] = {}
    wrong: list[Refused] = []
    for key, text in typed.items():
        pointer = f"{at}/{key.replace('~', '~0').replace('/', '~1')}"
        try:
            criterion = left.pop(_alike(_code(key)), None)
            if criterion is None:
                named = any(_alike(_code(key)) == _alike(one.code) for one in criteria)
                raise CriterionTwice(pointer, text=key) if named else CriterionUnknown(pointer, text=key, codes=codes)
            found[criterion.code] = Points(code=criterion.code, points=_points(text, criterion, pointer))
        except Refused as refusal:
            wrong.append(refusal)
    wrong += [PointsMissing(f"{at}/{one.code}", text=one.code, most=one.most) for one in left.values()]
    _refuse(wrong)
    return tuple(found[criterion.code] for criterion in criteria)


def share(points: tuple[Points, ...], criteria: tuple[Criterion, ...]) -> Fraction:
    """The points in per cent of all that the work's criteria are worth, exactly.

    >>> share((Points(code="A", points=6), Points(code="B", points=7)),
    ...       (Criterion(code="A", most=8), Criterion(code="B", most=8)))
    Fraction(325, 4)
    """
    return Fraction(100 * sum(one.points for one in points), sum(criterion.most for criterion in criteria))


def _points(text: str, criterion: Criterion, at: str) -> int:
    typed = text.strip()
    if not typed:
        raise PointsMissing(at, text=criterion.code, most=criterion.most)
    if not _WHOLE.fullmatch(typed):
        raise PointsNotWhole(at, text=criterion.code, points=typed)
    if not 0 <= int(typed) <= criterion.most:
        raise PointsOutOfRange(at, text=criterion.code, points=typed, most=criterion.most)
    return int(typed)


def _code(text: str) -> str:
    return text.strip().upper().translate(_LATIN)


def _alike(code: str) -> str:
    return code.replace("К", "K")


def _refuse(wrong: list[Refused]) -> None:
    if wrong:
        raise wrong[0] if len(wrong) == 1 else SeveralRefused(wrong)
