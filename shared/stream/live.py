"""Live pages: a worker tells the API processes the names of what changed, after its commit."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo

from shared.postgres import Conn, conninfo
from shared.settings import Settings

CHANNEL = "diary_live"
EVERYTHING = "*"
"""The name that touches everyone: the tables were switched to rebuilt ones."""

log = logging.getLogger(__name__)

TELL = f"SELECT pg_notify('{CHANNEL}', name) FROM unnest(%s::text[]) AS name"


def tell(conn: Conn, names: Iterable[str]) -> None:
    """Say what changed, each name once. In a statement of its own: NOTIFY in a transaction makes its commits queue."""
    if once := sorted(set(names)):
        conn.execute(TELL, [once])


class Subscription(AsyncIterator[str]):
    """Yields each of its names that has changed, until it is closed. Holds at most every name once, however slow its
    reader is.

    Names told before it began are not in it, all of them come after a lost connection.
    """

    def __init__(self, names: Iterable[str], kept_in: "Subscribers") -> None:
        self.names = frozenset(names)
        self._kept_in = kept_in
        self._changed: dict[str, None] = {}
        self._some = asyncio.Event()
        for name in self.names:
            kept_in.setdefault(name, set()).add(self)

    def put(self, name: str) -> None:
        """One of its names has changed: called by the listener."""
        self._changed[name] = None
        self._some.set()

    async def some(self, most: int) -> list[str]:
        """So many of those that have changed, at least one."""
        await self._some.wait()
        found = [name for name, _ in zip(self._changed, range(most), strict=False)]
        for name in found:
            del self._changed[name]
        if not self._changed:
            self._some.clear()
        return found

    async def __anext__(self) -> str:
        await self._some.wait()
        name = next(iter(self._changed))
        del self._changed[name]
        if not self._changed:
            self._some.clear()
        return name

    def close(self) -> None:
        """Want no more."""
        for name in self.names:
            if waiting := self._kept_in.get(name):
                waiting.discard(self)
                if not waiting:
                    del self._kept_in[name]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()


Subscribers = dict[str, set[Subscription]]
"""By name: a name that was told is looked up, however many pages are open."""


class Listener:
    """The one LISTEN connection of an API process. It connects at the first `subscribe`, and again when it is lost."""

    def __init__(self, settings: Settings, service: str) -> None:
        # a listener sends nothing, so only keep-alives notice a server that is gone
        alive = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "connect_timeout": 5}
        self._conninfo = make_conninfo(conninfo(settings, service, "api"), **alive)
        self._subscribers: Subscribers = {}
        self._task: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()

    async def subscribe(self, names: Iterable[str]) -> Subscription:
        """What is told from now on. Subscribe first, then read the snapshot: nothing falls between.

        Who subscribes to `EVERYTHING` gets every name that is told. Waits until the connection listens.
        """
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        await self._listening.wait()
        return Subscription(names, self._subscribers)

    async def close(self) -> None:
        """Stop listening."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except psycopg.Error as error:
                log.warning("listening begins again: %s", error)
            self._listening.clear()
            await asyncio.sleep(0.5)

    async def _listen(self) -> None:
        async with await AsyncConnection.connect(self._conninfo, autocommit=True) as conn:
            await conn.execute(f"LISTEN {CHANNEL}")
            self._listening.set()
            self._put(EVERYTHING)  # what was told while nobody listened is not known
            async for note in conn.notifies():
                self._put(note.payload)

    def _put(self, name: str) -> None:
        for told in list(self._subscribers) if name == EVERYTHING else [name]:
            for subscription in self._subscribers.get(told, ()):
                subscription.put(told)
        for subscription in self._subscribers.get(EVERYTHING, ()):
            subscription.put(name)
