"""How many requests go on to the services at once; what is too much waits a little and is then told to come again.

Under more than the machine can do, every request let in makes all others slower until none is in time. So only as
many are under way as keep the services busy; reading never takes the last fifth of the places, waits the shortest and
is refused first: teachers' writes and signing in still get through (O-05). Where nobody can wait any more a
reader is told so before anything else is done for him: a refusal costs a fraction of an answer.
"""

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Literal

from fastapi import Depends, Request
from prometheus_client import Counter, Gauge
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.errors import Refused
from shared.web.frame import PAIRS
from shared.web.language import Language, preferred
from shared.web.problems import problem

Kind = Literal["reading", "writing"]

PLACES = 16
"""Requests under way in one process of the portal: eight keep two cores busy; with 32 as many are answered, later."""
SHARE = 0.8
"""Of the places, at most, for reading."""
QUEUE: dict[Kind, int] = {"reading": 32, "writing": 256}
"""Requests that may wait for a place; the next is refused at once."""
PATIENCE: dict[Kind, float] = {"reading": 0.5, "writing": 5.0}
"""Seconds that one waits before it is refused."""
AGAIN = (2, 8)
"""Seconds between which a refused reader is told, at random, to come again: the crowd disperses."""

UNDER_WAY = Gauge("diary_admission_under_way", "requests that went on to the services", ["kind"])
REFUSED = Counter("diary_admission_refused", "requests told to come again", ["kind"])


class TooBusy(Refused):
    """The diary is very busy at the moment. What you typed is kept: it is tried again in a few seconds."""

    code = "portal.busy"
    kind = "unavailable"
    ru = "Сейчас в дневнике очень много людей. То, что вы ввели, сохранено: через несколько секунд будет новая попытка."


class Admission:
    """Of one process and one event loop. `places` are those in all."""

    def __init__(self, places: int = PLACES) -> None:
        self._most: dict[Kind, int] = {"reading": int(places * SHARE), "writing": places}
        self._under_way: dict[Kind, int] = {"reading": 0, "writing": 0}
        self._waiting: dict[Kind, deque[asyncio.Future[None]]] = {"reading": deque(), "writing": deque()}

    @asynccontextmanager
    async def place(self, kind: Kind) -> AsyncIterator[None]:
        """A place as long as the block runs. Raises TooBusy."""
        if self._waiting[kind] or not self._free(kind):
            await self._wait(kind)
        else:
            self._take(kind)
        try:
            yield
        finally:
            self._leave(kind)

    def hopeless(self) -> bool:
        """Whether so many wait to read already that one more would be refused."""
        return len(self._waiting["reading"]) >= QUEUE["reading"]

    def _free(self, kind: Kind) -> bool:
        whole = sum(self._under_way.values()) < self._most["writing"]
        return whole and (kind == "writing" or self._under_way["reading"] < self._most["reading"])

    def _take(self, kind: Kind) -> None:
        self._under_way[kind] += 1
        UNDER_WAY.labels(kind).set(self._under_way[kind])

    def _leave(self, kind: Kind) -> None:
        self._under_way[kind] -= 1
        UNDER_WAY.labels(kind).set(self._under_way[kind])
        self._next()

    async def _wait(self, kind: Kind) -> None:
        if len(self._waiting[kind]) >= QUEUE[kind]:
            raise _too_busy(kind)
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[kind].append(mine)
        try:
            async with asyncio.timeout(PATIENCE[kind]):
                await asyncio.shield(mine)
        except TimeoutError:
            if not mine.done():
                raise _too_busy(kind) from None
        except asyncio.CancelledError:
            if mine.done():  # the place had just become his
                self._leave(kind)
            raise
        finally:
            mine.cancel()

    def _next(self) -> None:
        """Let in who waits, writers first; those that gave up are passed over."""
        for kind in ("writing", "reading"):
            waiting = self._waiting[kind]
            while waiting and (waiting[0].done() or self._free(kind)):
                first = waiting.popleft()
                if not first.done():
                    self._take(kind)
                    first.set_result(None)


def _too_busy(kind: Kind) -> TooBusy:
    REFUSED.labels(kind).inc()
    return TooBusy(retry_after=random.randint(*AGAIN))


BODIES: dict[Language, bytes] = {
    "ru": bytes(problem(TooBusy(), "ru").body),
    "en": bytes(problem(TooBusy(), "en").body),
}
READING = ("GET", "HEAD")
API, LIVE = "/api/", "/live"


class Gate:
    """ASGI middleware before everything else; it holds the places of the process (`scope["diary.admission"]`)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._admission = Admission()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            reads = scope["path"].startswith((API, LIVE)) and scope["method"] in READING
            if reads and self._admission.hopeless():
                return await _refuse(scope, send)
            scope["diary.admission"] = self._admission
        await self._app(scope, receive, send)


async def _refuse(scope: Scope, send: Send) -> None:
    REFUSED.labels("reading").inc()
    body = BODIES[preferred(Headers(scope=scope).get("accept-language", ""))]
    again = str(random.randint(*AGAIN)).encode()
    own = [(b"content-type", b"application/problem+json"), (b"retry-after", again)]
    length = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 503, "headers": [*own, *length, *PAIRS]})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


async def _admission(request: Request) -> Admission:
    found: Admission = request.scope["diary.admission"]
    return found


TheAdmission = Annotated[Admission, Depends(_admission)]
