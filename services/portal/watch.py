"""Which open streams have lost their session: one question for all of a process, to the database and to identity."""

from collections.abc import Awaitable, Callable, Collection

from shared.web.rounds import Open


class Watch:
    """The look of the portal's rounds (shared/web/rounds.py). Streams are known by their session's secret."""

    def __init__(self, living: Callable[[Collection[bytes]], Awaitable[Collection[bytes]]]) -> None:
        """`living` tells which of these sessions live, by their secrets."""
        self._living = living

    async def __call__(self, streams: Collection[Open]) -> None:
        """Ring at streams whose session is over, or that brought none."""
        secrets = {one.key for one in streams if isinstance(one.key, bytes)}
        living = await self._living(secrets)
        for one in streams:
            if one.key not in living:
                one.ring()
