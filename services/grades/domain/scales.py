"""Scales: what a teacher may type into a cell of the journal. What it counts: shared.contracts.averages."""

import re
from decimal import Decimal
from functools import lru_cache

from shared.contracts.averages import LETTERS, plain
from shared.contracts.grades import Scale
from shared.errors import Refused

MOST_VALUES = 4
"""How many marks one cell holds, as in 4/5."""

MOST_POINTS = Decimal(150)
"""The hundred-point scale with extra credit."""

_NON_MARK_WORDS = {
    "осв": "exempt", "осв.": "exempt", "exempt": "exempt", "ex": "exempt",
    "на": "not-attested", "na": "not-attested", "not-attested": "not-attested",
    ".": "missing", "точка": "missing", "missing": "missing",
}  # fmt: skip
_PASS_WORDS = {
    "зачет": "pass", "зач": "pass", "з": "pass", "pass": "pass", "p": "pass",
    "незачет": "fail", "незач": "fail", "нз": "fail", "fail": "fail", "f": "fail",
}  # fmt: skip
# «h» is what the Latin key gives that looks like «Н»
_ROLL_WORDS = frozenset({"н", "h", "нб", "б", "у", "оп", "absent", "late"})

# the slash in these codes does not part two marks
_CODES_WITH_SLASH = (("н/а", "на"), ("n/a", "na"), ("н/б", "нб"))
_LOOK_ALIKES = str.maketrans("авс", "abc")
_POINTS = re.compile(r"[0-9]{1,3}([.,][0-9]{1,2})?")


class CellEmpty(Refused):
    """Type a mark, or a code: exempt, n/a, or a dot for owed work."""

    code = "grades.cell-empty"
    ru = "Введите оценку или код: «осв», «н/а», точка."


class TooManyMarksInCell(Refused):
    """One cell holds at most {most} marks."""

    code = "grades.too-many-marks-in-cell"
    ru = "В одной клетке не больше {most} оценок."


class AbsenceBelongsToRoll(Refused):
    """Absence is entered in the roll of the lesson, not in a mark's cell."""

    code = "grades.absence-belongs-to-roll"
    ru = "Отсутствие отмечают в посещаемости урока, а не в клетке оценки."


class NotOnFivePoints(Refused):
    """“{text}” is no mark of the five-point scale: 1 to 5, several as 4/5; or exempt, n/a, a dot."""

    code = "grades.not-on-five-points"
    ru = "«{text}» — не оценка пятибалльной шкалы: от 1 до 5, несколько через дробь (4/5); или «осв», «н/а», точка."


class NotOnHundredPoints(Refused):
    """“{text}” is no mark of the hundred-point scale: 0 to 150, at most two decimals; or exempt, n/a, a dot."""

    code = "grades.not-on-hundred-points"
    ru = "«{text}» — не оценка стобалльной шкалы: от 0 до 150, до двух знаков после запятой; или «осв», «н/а», точка."


class NotALetter(Refused):
    """“{text}” is no mark of the letter scale: A+ to D-, or F; or exempt, n/a, a dot."""

    code = "grades.not-a-letter"
    ru = "«{text}» — не оценка буквенной шкалы: от A+ до D- или F; или «осв», «н/а», точка."


class CriteriaWanted(Refused):
    """Here a mark is made of points by criteria; “{text}” is no code beside them: exempt, n/a, a dot."""

    code = "grades.criteria-wanted"
    ru = "Здесь ставят баллы по критериям, а вместо них — только код: «осв», «н/а», точка; «{text}» — не код."


class NotPassOrFail(Refused):
    """“{text}” is neither pass nor fail; or type exempt, n/a, a dot."""

    code = "grades.not-pass-or-fail"
    ru = "«{text}» — это не «зачёт» и не «незачёт»; можно ещё «осв», «н/а», точку."


_NOT_ON: dict[Scale, type[Refused]] = {
    "five": NotOnFivePoints,
    "hundred": NotOnHundredPoints,
    "letters": NotALetter,
    "pass": NotPassOrFail,
}


def read_cell(text: str, scale: Scale, at: str = "") -> tuple[str, ...]:
    """The marks a cell's text means, in their canonical form: «4,50» is `4.5`, «н/а» is `not-attested`.

    Raises the refusal that says what the scale allows; «н» has one of its own.

    >>> read_cell("4/5", "five"), read_cell("74,50", "hundred"), read_cell("Осв", "letters")
    (('4', '5'), ('74.5',), ('exempt',))
    """
    return tuple(_value(word, _on_scale(word, scale), _NOT_ON[scale], at, text.strip()) for word in _cell(text, at))


def read_codes(text: str, at: str = "") -> tuple[str, ...]:
    """The codes a cell's text means where marks are points by criteria. Raises CriteriaWanted for anything else.

    >>> read_codes("н/а")
    ('not-attested',)
    """
    return tuple(_value(word, None, CriteriaWanted, at, text.strip()) for word in _cell(text, at))


def _cell(text: str, at: str) -> tuple[str, ...]:
    words = _words(text)
    if words == ("",):
        raise CellEmpty(at)
    if len(words) > MOST_VALUES:
        raise TooManyMarksInCell(at, most=MOST_VALUES)
    return words


@lru_cache(maxsize=4096)  # cells say much the same
def _words(text: str) -> tuple[str, ...]:
    low = text.strip().casefold().replace("ё", "е")
    for code, word in _CODES_WITH_SLASH:
        low = low.replace(code, word)
    return tuple(word.strip() for word in low.split("/"))


def _value(word: str, on_scale: str | None, otherwise: type[Refused], at: str, typed: str) -> str:
    if (value := _NON_MARK_WORDS.get(word) or on_scale) is not None:
        return value
    if word in _ROLL_WORDS:
        raise AbsenceBelongsToRoll(at)
    raise otherwise(at, text=typed)


def _on_scale(word: str, scale: Scale) -> str | None:
    match scale:
        case "five":
            return word if word in ("1", "2", "3", "4", "5") else None
        case "hundred":
            number = Decimal(word.replace(",", ".")) if _POINTS.fullmatch(word) else None
            return None if number is None or number > MOST_POINTS else plain(number)
        case "letters":
            letter = word.translate(_LOOK_ALIKES).upper()
            return letter if letter in LETTERS else None
        case "pass":
            return _PASS_WORDS.get(word)
