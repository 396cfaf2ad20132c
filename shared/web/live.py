"""Server-sent events: a stream that ends when the reader leaves or his right does."""

import asyncio
import json
import logging
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import Any

from anyio import to_thread
from fastapi import Request
from fastapi.responses import StreamingResponse
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from shared.errors import Refused
from shared.postgres import Pool
from shared.web.state import state_of

log = logging.getLogger("diary.access")

HEARTBEAT = 15.0  # seconds; proxies close what is silent longer
RECHECK = 2.0  # seconds in which a withdrawn right ends the stream
FRESH = 0.5  # seconds for which the streams of a process share one answer about the facts
SURE = 60.0  # seconds after which a right is asked for though no fact moved: a day may have begun, a token ended
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


class Facts:
    """How far the service has come in what rights rest on. One question for all streams of the process.

    Thousands of open streams that each asked for their right every 2 s would be thousands of questions a second.
    """

    # while a big import is taken in step by step no position moves: then every look is another
    MOVED = """
    SELECT sum(epoch), sum(sequence), (SELECT count(*) FROM released WHERE drained),
           CASE WHEN EXISTS (SELECT FROM released WHERE NOT drained) THEN clock_timestamp() END
    FROM progress WHERE topic IN ('diary.roster', 'diary.lessons')
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._lock = asyncio.Lock()
        self._asked = -FRESH
        self._version: object = None

    async def version(self) -> object:
        """Equal to the last one as long as nothing moved. When the database is away it is equal to none."""
        async with self._lock:
            loop = asyncio.get_running_loop()
            if loop.time() - self._asked >= FRESH:
                self._version = await to_thread.run_sync(self._read)
                self._asked = loop.time()
            return self._version

    def _read(self) -> object:
        try:
            with self._pool.connection(timeout=FRESH) as conn:
                return conn.execute(self.MOVED).fetchone()
        except (OperationalError, PoolTimeout):
            return object()


def facts_of(request: Request) -> Facts | None:
    """Those of the process that answers; None for a service without a database."""
    pool = state_of(request).pool
    kept = request.app.state
    if pool is not None and not hasattr(kept, "facts"):
        kept.facts = Facts(pool)
    return getattr(kept, "facts", None)


def sse(
    request: Request, events: AsyncIterator[Sent], still: Callable[[], object], facts: Facts | None = None
) -> StreamingResponse:
    """A stream of `events` until they end, the reader leaves, the process stops, or `still` refuses.

    `still` is asked every 2 s, in a thread unless it is a coroutine function: it raises a Refused (or returns
    False) when the right is withdrawn. With `facts` it is asked when they moved, and once a minute.
    A failure to ask, such as a database that is away, leaves the stream open until the next time.
    """
    headers = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
    stopping: asyncio.Event = getattr(request.app.state, "stopping", None) or asyncio.Event()
    stream = _stream(events, _Right(still, facts), stopping)
    return StreamingResponse(stream, headers=headers, media_type="text/event-stream")


async def _stream(events: AsyncIterator[Sent], right: "_Right", stopping: asyncio.Event) -> AsyncIterator[bytes]:
    yield f"retry: {random.randint(*RETRY)}\n\n".encode()
    loop = asyncio.get_running_loop()
    asked, spoke = loop.time(), loop.time()
    stop = asyncio.ensure_future(stopping.wait())
    coming: asyncio.Future[Sent] = asyncio.ensure_future(_next(events))
    try:
        while True:
            until = max(0.0, asked + RECHECK - loop.time())
            waited: set[asyncio.Future[Any]] = {coming, stop}
            done, _ = await asyncio.wait(waited, timeout=until, return_when=asyncio.FIRST_COMPLETED)
            if stop in done:
                return
            if loop.time() - asked >= RECHECK:
                if not await right.stands():
                    return
                asked = loop.time()
            if coming in done:
                yield coming.result().encode()
                spoke = loop.time()
                coming = asyncio.ensure_future(_next(events))
            elif loop.time() - spoke >= HEARTBEAT:
                yield b": still here\n\n"
                spoke = loop.time()
    except _Ended:
        return
    finally:
        stop.cancel()
        coming.cancel()
        await asyncio.gather(coming, stop, return_exceptions=True)
        if isinstance(events, AsyncGenerator):
            await events.aclose()


class _Ended(Exception):
    """A future cannot carry StopAsyncIteration out of a generator."""


async def _next(events: AsyncIterator[Sent]) -> Sent:
    try:
        return await anext(events)
    except StopAsyncIteration:
        raise _Ended from None


class _Right:
    """The right to one stream, asked for again only when it may have changed."""

    def __init__(self, still: Callable[[], object], facts: Facts | None) -> None:
        self._still, self._facts = still, facts
        self._seen: object = None
        self._until = 0.0

    async def stands(self) -> bool:
        if self._facts is None:
            return await _allowed(self._still) is not False
        now, version = asyncio.get_running_loop().time(), await self._facts.version()
        if version == self._seen and now < self._until:
            return True
        allowed = await _allowed(self._still)
        # read before the question: what moves meanwhile is another version the next time
        self._seen, self._until = version if allowed else None, now + SURE
        return allowed is not False


async def _allowed(still: Callable[[], object]) -> bool | None:
    """None when it could not be asked."""
    try:
        found = await still() if iscoroutinefunction(still) else await to_thread.run_sync(still)
        return found is not False
    except Refused as refused:
        log.info("stream ended", extra={"code": refused.code})
        return False
    except Exception as error:
        log.warning("right not checked", extra={"cause": type(error).__name__})
        return None
