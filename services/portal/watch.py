"""Whether the sessions of open streams still live: one question for all of a process, not one for each."""

import asyncio
from collections.abc import Awaitable, Callable, Collection

from shared.web.live import RECHECK

FRESH = 1.0
"""Seconds for which the streams of a process share one answer."""
LEFT = 5 * RECHECK
"""Seconds after which a session that no stream asked about is not looked at any more."""


class Watch:
    """Made for one loop. A stream that ends needs to say nothing: it just does not ask again."""

    def __init__(self, living: Callable[[Collection[bytes]], Awaitable[Collection[bytes]]]) -> None:
        """`living` tells which of these sessions live, by their secrets."""
        self._question = living
        self._lock = asyncio.Lock()
        self._wanted: dict[bytes, float] = {}
        self._asked: Collection[bytes] = ()
        self._living: Collection[bytes] = ()
        self._at = -FRESH

    async def lives(self, secret: bytes) -> bool:
        """By an answer that is at most FRESH seconds old. Raises what the database does when it is away."""
        clock = asyncio.get_running_loop().time
        self._wanted[secret] = clock()
        async with self._lock:  # those who wait here are in the next question
            if clock() - self._at >= FRESH or secret not in self._asked:
                await self._ask(clock())
            return secret in self._living

    async def _ask(self, now: float) -> None:
        self._wanted = {secret: at for secret, at in self._wanted.items() if now - at < LEFT}
        asked, self._at = frozenset(self._wanted), now  # a failed question is not asked again by each who waits
        self._living = await self._question(asked)
        self._asked = asked
