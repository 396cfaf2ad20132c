"""A command is done once, for ever: who asked for what, what was answered, and why it may be refused."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID

from shared.errors import Refused
from shared.postgres import Conn


@dataclass(frozen=True, slots=True)
class Intent:
    """Who asks for what, once.

    `key` is the client's Idempotency-Key, unique per actor for ever; `fingerprint` is a hash of the request, which
    tells a repeat from another request under the same key. `scope`: schools (or persons) whose rows may be touched.
    `if_match`: the version the client saw of the (first) stream.
    """

    actor: UUID
    key: UUID
    fingerprint: bytes
    scope: tuple[UUID, ...]
    correlation: str
    traceparent: str | None = None
    causation: str | None = None
    if_match: int | None = None
    import_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the command's sender is told: `{"stream", "version", "events"}`, the same bytes at every repeat.

    Stream and version are those of the last event made; of the first stream asked for if nothing had to be made.
    """

    status: int
    body: bytes
    version: int


class InProgress(Refused):
    """The same request is being worked on right now. Ask again in a moment."""

    code = "in-progress"
    kind = "conflict"
    ru = "Этот же запрос сейчас выполняется. Повторите чуть позже."


class KeyReused(Refused):
    """This Idempotency-Key was already used for another request."""

    code = "key-reused"
    kind = "invalid"
    ru = "Этот Idempotency-Key уже использован для другого запроса."


class ConcurrentChange(Refused):
    """Someone else changed this at the same time; it is now at version {version}. Look at it again."""

    code = "concurrent-change"
    kind = "conflict"
    ru = "Это одновременно изменил кто-то другой; текущая версия — {version}. Посмотрите ещё раз."


class Checking(Refused):
    """The store is being checked after a restart. Nothing was saved; try again shortly."""

    code = "checking"
    kind = "unavailable"
    ru = "После перезапуска идёт проверка хранилища. Ничего не сохранено; повторите попытку чуть позже."


class OutcomeUnknown(Refused):
    """The connection to the store was lost. Repeat with the same Idempotency-Key to learn whether it was saved."""

    code = "outcome-unknown"
    kind = "unavailable"
    ru = "Связь с хранилищем прервалась. Повторите запрос с тем же Idempotency-Key, чтобы узнать, сохранено ли."


def answer(stream: UUID, version: int, events: Sequence[str]) -> Answer:
    """The answer that names these events (ids `stream:version`) and the version reached."""
    body = json.dumps({"stream": str(stream), "version": version, "events": list(events)}, separators=(",", ":"))
    return Answer(200, body.encode(), version)


def lock_of(intent: Intent) -> int:
    """A 64-bit advisory lock for the command. Two commands that share one by chance only see a needless InProgress."""
    digest = blake2b(intent.actor.bytes + intent.key.bytes, digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


KEEP = "INSERT INTO answers (actor, command, fingerprint, status, version, body) VALUES (%s, %s, %s, %s, %s, %s)"


def keep(conn: Conn, intent: Intent, given: Answer) -> None:
    """Store the answer in the command's transaction."""
    row = [intent.actor, intent.key, intent.fingerprint, given.status, given.version, given.body]
    conn.execute(KEEP, row)


PORTION = 10_000
FORGET = """
DELETE FROM answers WHERE (actor, command) IN
    (SELECT actor, command FROM answers WHERE at < now() - make_interval(days => %s) ORDER BY at LIMIT %s)
"""


def forget(conn: Conn, days: int = 30) -> int:
    """Drop cached answers older than `days`, at most 10,000: a portion is well within a worker's transaction.

    Returns how many.
    """
    return conn.execute(FORGET, [days, PORTION]).rowcount
