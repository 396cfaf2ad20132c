"""Words beside a mark or a grade: a comment, a reason."""

from uuid import UUID

from shared.contracts import Sealed, seal
from shared.errors import Refused

LONGEST = 1000
"""Characters."""


class TextTooLong(Refused):
    """At most {most} characters fit here."""

    code = "grades.text-too-long"
    ru = "Здесь помещается не больше {most} знаков."


class ReasonMissing(Refused):
    """Say why: the reason is kept with the mark."""

    code = "grades.reason-missing"
    ru = "Укажите причину: она сохранится вместе с оценкой."


def text(owner: UUID, typed: str, at: str) -> Sealed | None:
    """What is typed, to be sealed with the owner's key; None for nothing. Raises TextTooLong."""
    words = typed.strip()
    if len(words) > LONGEST:
        raise TextTooLong(at, most=LONGEST)
    return seal(owner, words) if words else None


def reason(owner: UUID, typed: str) -> Sealed:
    """The same where words are needed. Raises ReasonMissing."""
    words = text(owner, typed, "/reason")
    if words is None:
        raise ReasonMissing("/reason")
    return words
