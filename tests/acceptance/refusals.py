"""What a refused command says, in both languages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from tests.acceptance.people import Person


@dataclass(frozen=True)
class Told:
    """`pointer` is empty when the refusal is not about a field of the body; the sentences are those at the field."""

    status: int
    code: str
    pointer: str
    ru: str
    en: str


def refused(person: Person, method: str, service: str, path: str, body: object) -> Told:
    """What both readers are told of the one thing that is wrong. The command is sent twice, and saved neither time."""
    return told(lambda language: person.send(method, service, path, body, language=language))


def told(asked: Callable[[str], httpx.Response]) -> Told:
    """The same refusal in Russian and in English, of a question asked in a language."""
    ru, en = asked("ru"), asked("en")
    assert ru.status_code == en.status_code >= 400, (ru.text, en.text)
    for answer in (ru, en):
        assert answer.headers["content-type"] == "application/problem+json"
    one, other = _only(ru.json()), _only(en.json())
    assert (one["code"], one["pointer"]) == (other["code"], other["pointer"])
    return Told(ru.status_code, one["code"], one["pointer"], one["detail"], other["detail"])


def _only(problem: dict[str, Any]) -> dict[str, Any]:
    assert len(problem["errors"]) <= 1, problem
    return {"pointer": "", **problem} if not problem["errors"] else dict(problem["errors"][0])
