"""What a body must be before anyone reads it: not too large, no JSON that is too deep, no text that is none.

Small bodies are read whole here and handed on; uploads flow through and are only counted. Either way the body's
SHA-256 grows in `scope["diary.digest"]`, which the idempotency key is compared by.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import accumulate

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import Refused
from shared.web.problems import language_of, problem

BODY_LIMIT = 1024 * 1024
"""Bytes of an ordinary body; uploads have their own limit (routes.upload)."""

DEPTH_LIMIT = 32
"""How deep arrays and objects may lie in each other."""

LINGER = 2.0
"""Seconds for which the rest of a body that is too large is taken and thrown away."""

PAIR = re.compile(rb"\[\]|\{\}")
STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


class BodyTooLarge(Refused):
    """This is too large: at most {limit_kib} KiB are taken here."""

    code = "body.too-large"
    kind = "too-large"
    ru = "Слишком большой объём данных: здесь принимается не больше {limit_kib} КиБ."


class TooDeep(Refused):
    """The data lie too deep in each other: at most {limit} levels are taken."""

    code = "body.too-deep"
    ru = "Слишком глубокая вложенность данных: принимается не больше {limit} уровней."


class NotText(Refused):
    """There are characters in it that are not text (NUL, or half of a character)."""

    code = "body.not-text"
    ru = "В запросе есть знаки, которые не являются текстом (NUL или половина знака)."


class Guard:
    """ASGI middleware; `uploads` are the routes whose bodies flow, with their limits in bytes."""

    def __init__(self, app: ASGIApp, uploads: Sequence[tuple[BaseRoute, int]] = ()) -> None:
        self.app = app
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        scope["diary.digest"] = hashlib.sha256()
        upload = self._upload_limit(scope)
        limit = upload or BODY_LIMIT
        try:
            check_address(scope)
            if _announced(scope) > limit:
                raise BodyTooLarge(limit_kib=limit // 1024)
            if upload:
                return await self.app(scope, _counted(scope, receive, limit), send)
            body = await _whole(receive, limit)
            scope["diary.digest"].update(body)
            if _is_json(scope):
                check_json(body)
        except Refused as refused:
            answer = problem(refused, language_of(Request(scope)), None if refused.kind == "too-large" else 400)
            answer.headers["Connection"] = "close"
            if refused.kind == "too-large":
                return await _answer_and_linger(answer, scope, receive, send)
            return await answer(scope, receive, send)
        await self.app(scope, _again(body, receive), send)

    def _upload_limit(self, scope: Scope) -> int | None:
        for route, limit in self._uploads:
            if route.matches(scope)[0] is Match.FULL:
                return limit
        return None


async def _answer_and_linger(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer, then take for a moment what still comes: who is cut off while he sends never reads the answer."""

    async def hold_end(message: Message) -> None:
        await send({**message, "more_body": True} if message["type"] == "http.response.body" else message)

    await answer(scope, receive, hold_end)
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER):
            while (message := await receive())["type"] == "http.request" and message.get("more_body", False):
                pass
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def check_address(scope: Scope) -> None:
    """Raises NotText for NUL in the path or the query."""
    if "\x00" in scope["path"] or b"%00" in scope["query_string"] or b"\x00" in scope["query_string"]:
        raise NotText()


def check_json(body: bytes) -> None:
    """Raises TooDeep and NotText. Other mistakes are left to the parser, which knows where they are."""
    if depth(body) > DEPTH_LIMIT:
        raise TooDeep(limit=DEPTH_LIMIT)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise NotText() from None
    if "\x00" in text or NUL.search(body):
        raise NotText()
    if b"\\ud" in body.lower() and _has_lone_surrogate(text):
        raise NotText()


def depth(body: bytes) -> int:
    """How deep brackets outside strings lie in each other; linear in the body's length, whatever it is.

    >>> depth(b'{"a": [1, "[[["]}')
    2
    """
    brackets = STRING.sub(b"", body).translate(None, NOT_BRACKETS)
    left = brackets
    for level in range(DEPTH_LIMIT + 1):  # a level a round, as long as it is no attack
        if not left:
            return level
        left = PAIR.sub(b"", left)
    return max(accumulate(STEP[b] for b in brackets), default=0)


def _has_lone_surrogate(text: str) -> bool:
    try:
        read = json.loads(text)
    except ValueError:
        return False
    return any("\ud800" <= char <= "\udfff" for word in _words(read) for char in word)


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _words(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from _words(item)


def _announced(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "0")
    return int(length) if length.isdigit() else 0


def _is_json(scope: Scope) -> bool:
    kind = Headers(scope=scope).get("content-type", "application/json").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


async def _whole(receive: Receive, limit: int) -> bytes:
    """The body; a client that goes away leaves what has come, and the application sees its disconnect."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > limit:
            raise BodyTooLarge(limit_kib=limit // 1024)
        if not message.get("more_body", False):
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _counted(scope: Scope, receive: Receive, limit: int) -> Receive:
    size = 0

    async def count() -> Message:
        nonlocal size
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        scope["diary.digest"].update(chunk)
        if size > limit:
            raise BodyTooLarge(limit_kib=limit // 1024)
        return message

    return count
