"""Whether the rights to open streams still stand: one look every 2 s for all streams of a process.

Thousands of open pages that each woke up and asked would be thousands of wakings and questions a second. The look
names those streams whose right is doubtful; only they ask.
"""

import asyncio
import logging
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from inspect import iscoroutinefunction
from typing import Protocol

from anyio import to_thread
from fastapi import Request
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from shared.errors import Refused
from shared.postgres import Pool
from shared.web.state import state_of

log = logging.getLogger("diary.access")

RECHECK = 2.0  # seconds in which a withdrawn right ends the stream
SURE = 600.0  # seconds, less up to half by chance, after which a right is asked for though no fact moved: a new day
PATIENCE = 0.5  # seconds that a look waits for a connection


class Open:
    """A stream that is looked after. `bell` is done when it has to ask; `key` tells the look whose it is.

    `began`: a moment, by time.monotonic(), before its right was asked for first.
    """

    def __init__(self, key: object, began: float, stopping: asyncio.Event) -> None:
        self.key, self.began = key, began
        self.seen: object = None
        self.sure_until = 0.0
        self._stopping = stopping
        self._doubt: object = None
        self.bell: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def ring(self, doubt: object = None) -> None:
        """`doubt` is what was seen when the right became doubtful."""
        self._doubt = doubt
        if not self.bell.done():
            self.bell.set_result(None)

    async def stands(self, still: Callable[[], object]) -> bool:
        """Whether the stream may go on, by its own question; asked for again by the next doubt."""
        if self._stopping.is_set():
            return False
        doubt = self._doubt
        self.bell = asyncio.get_running_loop().create_future()  # what moves from now on is another doubt
        allowed = await _allowed(still)
        self.trust(doubt if allowed else None)
        return allowed is not False

    def trust(self, seen: object) -> None:
        """The right was asked for when nothing later than `seen` had happened."""
        self.seen, self.sure_until = seen, time.monotonic() + SURE * random.uniform(0.5, 1)


class Look(Protocol):
    """How doubtful streams are found."""

    async def __call__(self, streams: Collection[Open]) -> None:
        """Ring at those. What it raises leaves all as they are until the next time."""


class Rounds:
    """Made for one loop; goes round as long as a stream is open."""

    def __init__(self, look: Look, stopping: asyncio.Event) -> None:
        self._look, self._stopping = look, stopping
        self._streams: set[Open] = set()
        self._held: Counter[object] = Counter()
        self._going: asyncio.Task[None] | None = None

    def held(self, key: object) -> int:
        """How many streams of this key are open."""
        return self._held[key]

    @contextmanager
    def looking_after(self, key: object = None, began: float = -math.inf) -> Iterator[Open]:
        """While the stream is open."""
        one = Open(key, began, self._stopping)
        self._streams.add(one)
        self._held[key] += 1
        if self._going is None or self._going.done():
            self._going = asyncio.create_task(self._go())
        try:
            yield one
        finally:
            self._streams.discard(one)
            self._held[key] -= 1
            if not self._held[key]:
                del self._held[key]

    async def _go(self) -> None:
        while self._streams:
            try:
                await asyncio.wait_for(self._stopping.wait(), RECHECK)
            except TimeoutError:
                await self._once()
            else:
                for one in list(self._streams):
                    one.ring()
                return

    async def _once(self) -> None:
        try:
            await self._look(list(self._streams))
        except Exception as error:
            log.warning("rights not looked at", extra={"cause": type(error).__name__})


async def everyone(streams: Collection[Open]) -> None:
    """The look of a process that knows nothing by which to tell."""
    for one in streams:
        one.ring()


class Facts:
    """The look of a service with a database: a right is doubtful when that on which rights rest has moved."""

    # while a big import is taken in step by step no position moves: then every look is another
    MOVED = """
    SELECT sum(epoch), sum(sequence), (SELECT count(*) FROM held_imports WHERE drained),
           CASE WHEN EXISTS (SELECT FROM held_imports WHERE complete AND NOT drained) THEN clock_timestamp() END
    FROM progress WHERE topic IN ('diary.roster', 'diary.lessons')
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._version: object = None
        self._read_at = math.inf

    async def __call__(self, streams: Collection[Open]) -> None:
        """How far they have come is read before anyone asks: what moves meanwhile is another doubt.

        Who came after the look before, since when nothing has moved, asked in his request and need not ask again.
        """
        version = await to_thread.run_sync(self._read)
        now, still_so, before = time.monotonic(), version == self._version, self._read_at
        for one in streams:
            if one.seen is None and still_so and one.began >= before:
                one.trust(version)
            elif one.seen != version or now >= one.sure_until:
                one.ring(version)
        self._version, self._read_at = version, now

    def _read(self) -> object:
        """Equal to the last one as long as nothing moved. When the database is away it is equal to none."""
        try:
            with self._pool.connection(timeout=PATIENCE) as conn:
                return conn.execute(self.MOVED).fetchone()
        except (OperationalError, PoolTimeout):
            return object()


def rounds_of(request: Request) -> Rounds:
    """Those of the process that answers."""
    kept = request.app.state
    if not hasattr(kept, "rounds"):
        pool = state_of(request).pool
        look: Look = getattr(kept, "look", None) or (Facts(pool) if pool else everyone)
        kept.rounds = Rounds(look, getattr(kept, "stopping", None) or asyncio.Event())
    rounds: Rounds = kept.rounds
    return rounds


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
