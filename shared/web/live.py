"""Server-sent events: a stream that ends when the reader leaves or his right does (rounds.py)."""

import asyncio
import json
import math
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import StreamingResponse

from shared.stream.live import EVERYTHING, Listener
from shared.web.rounds import Open, rounds_of

HEARTBEAT = 15.0  # seconds; proxies close what is silent longer
NAMES = 1_000  # of one event: a line of 39 kB
RETRY = (1_000, 15_000)  # milliseconds between which each reader waits before it comes again, at random


@dataclass(frozen=True)
class Sent:
    """One event. `id` comes back as Last-Event-ID when the reader reconnects; it holds no line break."""

    data: Any
    event: str = "message"
    id: str | None = None

    def encode(self) -> bytes:
        lines = [f"id: {self.id}"] if self.id is not None else []
        lines += [f"event: {self.event}", f"data: {json.dumps(self.data, ensure_ascii=False, default=str)}"]
        return ("\n".join(lines) + "\n\n").encode()


def last_event_id(request: Request) -> str | None:
    """Where the reader left off, by the header or (for the first connection of a page) the query."""
    found = request.headers.get("last-event-id") or request.query_params.get("last_event_id")
    return found if found and len(found) <= 1000 and found.isprintable() else None


async def names(listener: Listener) -> AsyncIterator[Sent]:
    """For the portal: lists of the names told to whom it concerns, many at once when many are. The first names all."""
    async with await listener.subscribe([EVERYTHING]) as told:
        yield Sent([EVERYTHING], "names")
        while True:
            yield Sent(await told.some(NAMES), "names")


def sse(
    request: Request, events: AsyncIterator[Sent], still: Callable[[], object], key: object = None
) -> StreamingResponse:
    """A stream of `events` until they end, the reader leaves, the process stops, or `still` refuses.

    `still` is asked when the process's rounds doubt the right, in a thread unless it is a coroutine function: it raises
    a Refused (or returns False) when the right is withdrawn. `key` is by what the rounds know the stream, if they need
    it. A failure to ask, such as a database that is away, leaves the stream open until the next round.
    """
    headers = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
    looked_after = rounds_of(request).looking_after(key, request.scope.get("diary.began", -math.inf))
    stream = _stream(events, still, looked_after)
    return StreamingResponse(stream, headers=headers, media_type="text/event-stream")


async def _stream(
    events: AsyncIterator[Sent], still: Callable[[], object], looked_after: AbstractContextManager[Open]
) -> AsyncIterator[bytes]:
    clock = asyncio.get_running_loop().time
    spoke = clock()
    coming: asyncio.Future[Sent] = asyncio.ensure_future(_next(events))
    try:
        yield f"retry: {random.randint(*RETRY)}\n\n".encode()
        with looked_after as mine:
            while True:
                waited: set[asyncio.Future[Any]] = {coming, mine.bell}
                silence = max(0.0, spoke + HEARTBEAT - clock())
                await asyncio.wait(waited, timeout=silence, return_when=asyncio.FIRST_COMPLETED)
                if mine.bell.done() and not await mine.stands(still):
                    return
                if coming.done():
                    yield coming.result().encode()
                    spoke = clock()
                    coming = asyncio.ensure_future(_next(events))
                elif clock() - spoke >= HEARTBEAT:
                    yield b": still here\n\n"
                    spoke = clock()
    except _Ended:
        return
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
        if close := getattr(events, "aclose", None):
            await close()


class _Ended(Exception):
    """A future cannot carry StopAsyncIteration out of a generator."""


async def _next(events: AsyncIterator[Sent]) -> Sent:
    try:
        return await anext(events)
    except StopAsyncIteration:
        raise _Ended from None
