"""How many requests a process has under way at most: what waits for a thread or a connection does not wait without end.

The portal lets few enough through (services/portal/admission.py); this is for who asks a service itself: machine
clients, many portals. It refuses in a millisecond what could not be answered in time (O-05).
"""

import random

from prometheus_client import Counter
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import Refused
from shared.web.frame import QUIET
from shared.web.language import preferred
from shared.web.problems import problem

MOST = 400
"""Requests: some ten for each thread; a stream counts until it flows."""
AGAIN = (2, 8)
"""Seconds between which one is told, at random, to come again."""

BUSY = Counter("diary_http_busy", "requests told to come again, since too many are under way", ["service"])


class Busy(Refused):
    """Too much is asked at once. Nothing was saved: come again in a few seconds."""

    code = "busy"
    kind = "unavailable"
    ru = "Сейчас слишком много запросов. Ничего не сохранено: повторите через несколько секунд."


class Bound:
    """ASGI middleware. Health and metrics are always answered."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app, self._service, self._under_way = app, service, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in QUIET:
            return await self._app(scope, receive, send)
        if self._under_way >= MOST:
            BUSY.labels(self._service).inc()
            language = preferred(Headers(scope=scope).get("accept-language", ""))
            return await problem(Busy(retry_after=random.randint(*AGAIN)), language)(scope, receive, send)
        self._under_way += 1
        counted = True

        def leave() -> None:
            nonlocal counted
            self._under_way -= counted
            counted = False

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start" and _streams(message):
                leave()
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            leave()


def _streams(start: Message) -> bool:
    return any(
        name.lower() == b"content-type" and value.startswith(b"text/event-stream") for name, value in start["headers"]
    )
