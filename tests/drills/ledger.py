"""The clients' side of a drill: every intent is noted with its key before it is sent, and what became of it after."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID, uuid4

import httpx

Outcome = Literal["ok", "refused", "unknown"]
NOT_SAVED = ("checking",)
"""Codes of 5xx answers that say for certain that nothing was saved."""
UNCERTAIN = ("in-progress",)
"""Codes of 4xx answers that leave open what becomes of the first of two equal requests."""


@dataclass
class Intent:
    """What a person wanted, under one Idempotency-Key. `answer` is the first good one, `said` the last refusal's code.

    `shaky`: some try of it ended so that it may have been saved, or may still be.
    """

    actor: UUID
    method: str
    path: str
    body: Any
    key: UUID
    outcome: Outcome = "unknown"
    answer: bytes = b""
    said: str = ""
    shaky: bool = False


class Ledger:
    """Thread-safe. `headers` signs a request of a person."""

    def __init__(self, headers: Callable[[UUID], dict[str, str]]) -> None:
        self.intents: list[Intent] = []
        self._headers = headers
        self._lock = threading.Lock()
        # a new connection for each request: one kept alive to a killed process would be a fault of the drill's own
        self._client = httpx.Client(timeout=40, limits=httpx.Limits(max_connections=64, max_keepalive_connections=0))

    def close(self) -> None:
        self._client.close()

    def want(self, actor: UUID, path: str, body: Any, method: str = "POST", key: UUID | None = None) -> Intent:
        """Note an intent; nothing is sent yet."""
        intent = Intent(actor, method, path, body, key or uuid4())
        with self._lock:
            self.intents.append(intent)
        return intent

    def ask(self, intent: Intent, to: str) -> httpx.Response:
        """Send it and note nothing. Raises httpx.HTTPError."""
        headers = {**self._headers(intent.actor), "Idempotency-Key": str(intent.key)}
        return self._client.request(intent.method, to + intent.path, json=intent.body, headers=headers)

    def send(self, intent: Intent, to: str) -> Intent:
        """Send it once and note what is known now. Never raises for what a fault does to the request.

        Raises AssertionError when an intent that was saved is answered otherwise than at first.
        """
        try:
            answer = self.ask(intent, to)
        except httpx.HTTPError as error:
            intent.said, intent.shaky = type(error).__name__, True
            return intent
        if answer.status_code < 300:
            if intent.outcome == "ok" and intent.answer != answer.content:
                raise AssertionError(f"another answer than at first: {intent.answer!r}, then {answer.content!r}")
            intent.outcome, intent.answer = "ok", answer.content
            return intent
        intent.said = code_of(answer)
        if intent.outcome == "ok" and answer.status_code < 500:
            raise AssertionError(f"saved, and then refused: {intent.path} {answer.status_code} {intent.said}")
        if (answer.status_code >= 500 and intent.said not in NOT_SAVED) or intent.said in UNCERTAIN:
            intent.shaky = True
        elif answer.status_code < 500 or not intent.shaky:
            intent.outcome = "refused"  # a try that gets as far as a refusal has found that no other one saved it
        return intent

    def counts(self) -> dict[str, int]:
        """How many intents came to what."""
        return dict(Counter(intent.outcome for intent in self.intents))

    def of(self, *outcomes: Outcome) -> list[Intent]:
        """A copy, safe to walk while others write."""
        with self._lock:
            return [intent for intent in self.intents if intent.outcome in outcomes]


def code_of(answer: httpx.Response) -> str:
    """The problem's code, or the status."""
    try:
        return str(answer.json()["code"])
    except (ValueError, KeyError, TypeError):
        return str(answer.status_code)
