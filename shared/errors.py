"""Refusals: answers to the user, not failures. Bugs and outages stay ordinary exceptions."""

from typing import ClassVar, Literal

Kind = Literal["invalid", "unauthenticated", "forbidden", "missing", "conflict", "too-large", "too-many", "unavailable"]


class Refused(Exception):
    """The request cannot be done.

    A subclass's docstring is the English sentence users see and `ru` the Russian one; both may name facts in braces.
    `at` is the JSON pointer of the field it belongs to («/marks/3/values/0»), empty for the whole request.
    """

    code: ClassVar[str] = "refused"
    kind: ClassVar[Kind] = "invalid"
    ru: ClassVar[str] = "Это сделать нельзя."

    def __init__(self, at: str = "", **facts: object) -> None:
        self.at = at
        self.facts = facts
        super().__init__(self.sentence("en"))

    def sentence(self, language: str) -> str:
        """The sentence for the user in `ru` or `en`, with its facts filled in."""
        text = self.ru if language == "ru" else " ".join((self.__doc__ or "").split())
        return text.format(**self.facts)


class SeveralRefused(Refused):
    """Some of it cannot be done; nothing was saved."""

    code = "several"
    ru = "Часть данных не подходит; ничего не сохранено."

    def __init__(self, refusals: list[Refused]) -> None:
        self.refusals = tuple(refusals)
        super().__init__()


class NotAllowed(Refused):
    """You have no right to do this."""

    code = "not-allowed"
    kind = "forbidden"
    ru = "На это у вас нет прав."


class NotFound(Refused):
    """There is no such thing, or you may not see it."""

    code = "not-found"
    kind = "missing"
    ru = "Такого нет, или вам его не видно."
