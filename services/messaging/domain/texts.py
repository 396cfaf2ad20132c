"""What people write: needed, and of a bounded length."""

from uuid import UUID

from shared.contracts import Sealed, seal
from shared.errors import Refused

LONGEST = 4000
"""Characters."""


class TextMissing(Refused):
    """Write the message."""

    code = "messaging.text-missing"
    ru = "Напишите текст сообщения."


class TextTooLong(Refused):
    """The message has {length} characters; at most {limit} are possible."""

    code = "messaging.text-too-long"
    ru = "В сообщении {length} знаков, можно не больше {limit}."


class ReasonMissing(Refused):
    """Say why: the reason is kept."""

    code = "messaging.reason-missing"
    ru = "Укажите причину: она сохранится."


def text(owner: UUID, written: str, at: str = "/text", missing: type[Refused] = TextMissing) -> Sealed:
    """What was written, to be sealed with the owner's key. Raises TextTooLong, and `missing` for nothing."""
    words = written.strip()
    if not words:
        raise missing(at)
    if len(words) > LONGEST:
        raise TextTooLong(at, length=len(words), limit=LONGEST)
    return seal(owner, words)
