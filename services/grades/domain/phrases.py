"""A teacher's own phrases for comments and recommendations (B-17). Pure."""

from collections.abc import Sequence
from uuid import UUID

from services.grades.domain.texts import TextTooLong
from shared.contracts import Event, seal
from shared.contracts.grades import PhrasesSet
from shared.errors import Refused

MOST = 50
LONGEST = 300
"""Characters of one."""


class TooManyPhrases(Refused):
    """You have {most} phrases. Take away one that you do not need."""

    code = "grades.too-many-phrases"
    ru = "У вас уже {most} фраз. Уберите ту, которая не нужна."


def set_phrases(known: Sequence[str], teacher: UUID, typed: Sequence[str]) -> list[Event]:
    """Keep these, in this order; empty ones and repeats are passed over. Raises TooManyPhrases, TextTooLong."""
    wanted = tuple(dict.fromkeys(words for one in typed if (words := " ".join(one.split()))))
    if len(wanted) > MOST:
        raise TooManyPhrases("/phrases", most=MOST)
    for i, words in enumerate(wanted):
        if len(words) > LONGEST:
            raise TextTooLong(f"/phrases/{i}", most=LONGEST)
    if wanted == tuple(known):
        return []
    return [PhrasesSet(teacher_id=teacher, phrases=tuple(seal(teacher, words) for words in wanted))]
