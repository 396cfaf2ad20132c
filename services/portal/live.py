"""One stream for a browser, merged of those of the services. Its ids are made of theirs: each goes on where it was."""

import asyncio
import json
import random
from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import aiohttp

from services.portal.sessions import Session
from services.portal.tokens import Tokens
from shared.web.live import Sent

PARTS = ("reporting", "notify", "messaging")
WAITING = 100  # events that may wait for a slow browser; then the services wait
GONE = (401, 403, 404)  # the part is not for this person, at least not yet
OPENING = 2.0  # seconds that a stream's opening may hold its place
UNHEARD = 30.0  # seconds after which a stream is closed that nobody has begun to read
PATIENCE = 5  # refusals after which the pauses grow no more: about a minute
ANSWERED = 15.0  # seconds within which a service answers, or is asked again later
FIRST = "reporting"  # what the page is about; the other parts are for the counts in its corner
AFTERWARDS = 4  # streams of other parts that are opened at once while somebody waits for his page
LATEST = 10.0  # seconds that one of them waits at most until no page is being opened


class Turns:
    """In which order the streams of a process are opened: a crowd that comes back gets its pages before its counts."""

    def __init__(self) -> None:
        self._pages = 0
        self._none = asyncio.Event()
        self._none.set()
        self._others = asyncio.Semaphore(AFTERWARDS)

    @asynccontextmanager
    async def first(self) -> AsyncIterator[None]:
        """While what a page is about is being opened."""
        self._pages += 1
        self._none.clear()
        try:
            yield
        finally:
            self._pages -= 1
            if not self._pages:
                self._none.set()

    @asynccontextmanager
    async def afterwards(self) -> AsyncIterator[None]:
        """While something else is: when no page is, or it has waited long; a few at once."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._none.wait(), LATEST)
        async with self._others:
            yield


class Part:
    """The stream of one service, opened again when it breaks; when refused too: the right may be on its way."""

    def __init__(
        self, http: aiohttp.ClientSession, tokens: Tokens, session: Session, turns: Turns, name: str, address: str
    ) -> None:
        self.name = name
        self.service = name.partition(":")[0]
        self._turn = turns.first if self.service == FIRST else turns.afterwards
        self.asked = asyncio.Event()
        """Set when the service has answered for the first time, or could not be reached."""
        self._http, self._tokens, self._session, self._address = http, tokens, session, address

    async def run(self, into: "asyncio.Queue[Sent]", ids: dict[str, str]) -> None:
        """Put what it says into the queue; `ids` holds the last id of each part."""
        refused = 0
        while True:
            with suppress(aiohttp.ClientError, TimeoutError):
                refused = 0 if await self._listen(into, ids) else min(refused + 1, PATIENCE)
            self.asked.set()
            # seconds; the crowd of a restarted service disperses
            await asyncio.sleep(random.uniform(1, 3) * 2**refused)

    async def _listen(self, into: "asyncio.Queue[Sent]", ids: dict[str, str]) -> bool:
        """False when the service refuses; True when the stream ended and may be opened again."""
        headers = {"Authorization": f"Bearer {self._tokens.token(self._session, self.service)}"}
        if self.name in ids:
            headers["Last-Event-ID"] = ids[self.name]
        async with AsyncExitStack() as stack:
            async with self._turn(), asyncio.timeout(ANSWERED):
                opening = self._http.get(self._address, headers=headers, allow_redirects=False)
                answer = await stack.enter_async_context(opening)
            self.asked.set()
            if answer.status != 200:
                return answer.status not in GONE
            async for event in events(answer.content):
                if "id" in event:
                    ids[self.name] = event["id"]
                inner = {"event": event.get("event", "message"), "data": _read(event["data"])}
                await into.put(Sent(inner, self.service, urlencode(ids)))
        return True


def addresses(services: Mapping[str, str], pupils: Sequence[UUID], groups: Sequence[UUID]) -> dict[str, str]:
    """The streams to merge, by their parts' names. Each group is a part of its own: the right to one may end alone."""
    found = {name: f"{services[name]}/live" for name in PARTS if name in services}
    if following := found.pop("reporting", None):
        if pupils:
            found["reporting"] = f"{following}?{urlencode([('pupil_id', pupil) for pupil in pupils])}"
        found |= {f"reporting:{group}": f"{following}?group_id={group}" for group in dict.fromkeys(groups)}
    return found


class Merged(AsyncIterator[Sent]):
    """Events named for their service, `{"event", "data"}` of the service inside, for ever.

    `addresses` by names of parts: a service's, or `service:what` for one more stream of it. Each is refused alone.
    """

    def __init__(
        self,
        http: aiohttp.ClientSession,
        tokens: Tokens,
        session: Session,
        turns: Turns,
        addresses: dict[str, str],
        left_off: str | None,
    ) -> None:
        self._ids = {name: value for name, value in parse_qsl(left_off or "") if name in addresses}
        self._queue: asyncio.Queue[Sent] = asyncio.Queue(WAITING)
        self._parts = [Part(http, tokens, session, turns, name, address) for name, address in addresses.items()]
        self._tasks: list[asyncio.Task[None]] = []
        self._heard = False

    async def open(self) -> None:
        """Ask every service, and wait until those have answered that the page is about; for `OPENING` at most."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(part.run(self._queue, self._ids)) for part in self._parts]
        loop.call_later(UNHEARD, self._end_unheard)
        with suppress(TimeoutError):
            async with asyncio.timeout(OPENING):
                for part in self._parts:
                    if part.service == FIRST:
                        await part.asked.wait()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Sent:
        self._heard = True
        try:
            return await self._queue.get()
        except asyncio.CancelledError:  # the browser left, and nothing more is awaited in a scope that was cancelled
            self._end()
            raise

    async def aclose(self) -> None:
        """Closes the streams of the services. A generator's would not be called if nobody had begun to read it."""
        self._end()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _end(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _end_unheard(self) -> None:
        """The browser left before it got the first byte."""
        if not self._heard:
            self._end()


async def events(lines: AsyncIterable[bytes]) -> AsyncIterator[dict[str, str]]:
    """The events of a stream by their fields, comments and `retry` left out."""
    event: dict[str, str] = {}
    async for raw in lines:
        line = raw.decode().rstrip("\r\n")
        if not line:
            if "data" in event:
                yield event
            event = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            event[name] = f"{event[name]}\n{value}" if name == "data" and "data" in event else value


def _read(data: str) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return data
