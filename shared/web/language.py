"""The reader's language, from Accept-Language: Russian unless English is liked better."""

from typing import Literal

Language = Literal["ru", "en"]


def preferred(accept_language: str) -> Language:
    """`ru` or `en`; `ru` when the header is empty, names neither, or likes both alike.

    >>> preferred("en-GB,en;q=0.9,ru;q=0.8")
    'en'
    """
    liked = {"ru": 0.0, "en": 0.0}
    for item in accept_language[:500].split(","):
        tag, _, rest = item.strip().partition(";")
        name = tag.strip().lower().partition("-")[0]
        if name in liked:
            liked[name] = max(liked[name], _weight(rest))
    return "en" if liked["en"] > liked["ru"] else "ru"


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
