"""Every refusal can be told to the user: a code of its own, one sentence in each language, with the same facts."""

import importlib
import pkgutil
import string
from collections import Counter
from collections.abc import Iterator

import pytest

import services
import shared
from shared.errors import Refused


def _load_all() -> None:
    for package in (services, shared):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not {"tests", "testing", "web_build", "__main__"} & set(found.name.split(".")):
                importlib.import_module(found.name)


def _below(kind: type[Refused]) -> Iterator[type[Refused]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


@pytest.fixture(scope="module")
def refusals() -> list[type[Refused]]:
    _load_all()
    ours = {kind for kind in _below(Refused) if ".tests." not in kind.__module__}
    return sorted(ours, key=lambda kind: (kind.__module__, kind.__name__))


def _facts(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def _complaints(kind: type[Refused]) -> Iterator[str]:
    english = " ".join((kind.__doc__ or "").split())
    if not {"ru", "code"} <= vars(kind).keys():
        yield "inherits its code or its Russian sentence"
    if not english or any("а" <= letter <= "я" for letter in english.lower()):
        yield "the docstring is the English sentence"
    if not any("а" <= letter <= "я" for letter in kind.ru.lower()):
        yield "`ru` is the Russian sentence"
    if _facts(english) != _facts(kind.ru):
        yield f"names {_facts(english)} in English and {_facts(kind.ru)} in Russian"


def test_a_refusal_has_its_own_sentence_in_both_languages(refusals: list[type[Refused]]) -> None:
    wrong = [f"{kind.__module__}.{kind.__name__}: {what}" for kind in refusals for what in _complaints(kind)]
    assert wrong == []


def test_no_two_refusals_share_a_code(refusals: list[type[Refused]]) -> None:
    codes = Counter(kind.code for kind in refusals)
    assert [code for code, times in codes.items() if times > 1] == []
