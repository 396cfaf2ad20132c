"""What counts after a retake, and by when what is missing is to be handed in."""

from datetime import date
from decimal import Decimal

from services.grades.domain.work import Standing
from shared.contracts.averages import points
from shared.contracts.grades import Retakes, Scale
from shared.errors import Refused

MOST = 4
"""Marks in one cell."""


class DueWithoutDot(Refused):
    """A day of handing in belongs to a dot: the work is still owed."""

    code = "grades.due-without-dot"
    ru = "Срок сдачи указывают вместе с точкой: работа ещё не сдана."


class DueBeforeLesson(Refused):
    """The day of handing in must not be before the lesson on {on}."""

    code = "grades.due-before-lesson"
    ru = "Срок сдачи не может быть раньше урока {on:%d.%m.%Y}."


def read_due(values: tuple[str, ...], due: date | None, on: date, at: str) -> date | None:
    """The day by which to hand in. Raises DueWithoutDot, DueBeforeLesson."""
    if due is None:
        return None
    if "missing" not in values:
        raise DueWithoutDot(at)
    if due < on:
        raise DueBeforeLesson(at, on=on)
    return due


def after_retake(policy: Retakes, scale: Scale, first: Standing, again: Standing) -> Standing:
    """What stands by the school's rule. A first mark that counted for nothing gives way under every rule.

    Both marks of a work with criteria, or more than a cell holds, do not stand beside each other: the new one does.
    """
    before, now = _worth(first, scale), _worth(again, scale)
    if before is None or policy == "replace":
        return again
    if policy == "best":
        return again if now is not None and now >= before else first
    if first.points or again.points or len(first.values) + len(again.values) > MOST:
        return again
    return Standing((*first.values, *again.values))


def _worth(mark: Standing, scale: Scale) -> Decimal | None:
    """The mean of what its values count; None if none does. Of pass and fail a pass is worth more."""
    if scale == "pass":
        passed = [Decimal(value == "pass") for value in mark.values if value in ("pass", "fail")]
        return max(passed, default=None)
    counted = [worth for value in mark.values if (worth := points(value, scale)) is not None]
    return sum(counted, Decimal(0)) / len(counted) if counted else None
