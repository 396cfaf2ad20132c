"""One stream for a browser, merged of those of the services. Its ids are made of theirs: each goes on where it was."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Self
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import aiohttp

from services.portal.events import data, events
from services.portal.news import News
from services.portal.sessions import Session
from services.portal.tokens import Tokens
from shared.web.live import Sent

WAITING = 100  # events that may wait for a slow browser; then the services wait
GONE = (401, 403, 404)  # the part is not for this person, at least not yet
OPENING = 2.0  # seconds that a stream's opening may hold its place
UNHEARD = 30.0  # seconds after which a stream is closed that nobody has begun to read
PATIENCE = 5  # refusals after which the pauses grow no more: about a minute
ANSWERED = 15.0  # seconds within which a service answers, or is asked again later
FOLLOWED = "reporting"
"""The service whose streams are opened for each page; what the others say is heard once for all pages (news.py)."""


class Part:
    """A stream of one service, opened again when it breaks; when refused too: the right may be on its way."""

    def __init__(self, http: aiohttp.ClientSession, tokens: Tokens, session: Session, name: str, address: str) -> None:
        self.name = name
        self.asked = asyncio.Event()
        """Set when the service has answered for the first time, or could not be reached."""
        self._http, self._tokens, self._session, self._address = http, tokens, session, address

    async def run(self, put: Callable[[Sent], Awaitable[None]], ids: dict[str, str]) -> None:
        """`put` what it says; `ids` holds the last id of each part."""
        refused = 0
        while True:
            with suppress(aiohttp.ClientError, TimeoutError):
                refused = 0 if await self._listen(put, ids) else min(refused + 1, PATIENCE)
            self.asked.set()
            # seconds; the crowd of a restarted service disperses
            await asyncio.sleep(random.uniform(1, 3) * 2**refused)

    async def _listen(self, put: Callable[[Sent], Awaitable[None]], ids: dict[str, str]) -> bool:
        """False when the service refuses; True when the stream ended and may be opened again."""
        headers = {"Authorization": f"Bearer {self._tokens.token(self._session, FOLLOWED)}"}
        if self.name in ids:
            headers["Last-Event-ID"] = ids[self.name]
        async with AsyncExitStack() as stack:
            async with asyncio.timeout(ANSWERED):
                opening = self._http.get(self._address, headers=headers, allow_redirects=False)
                answer = await stack.enter_async_context(opening)
            self.asked.set()
            if answer.status != 200:
                return answer.status not in GONE
            await put(Sent({"event": "following", "data": {"part": self.name}}, "following"))
            async for event in events(answer.content):
                if "id" in event:
                    ids[self.name] = event["id"]
                inner = {"event": event.get("event", "message"), "data": data(event)}
                await put(Sent(inner, FOLLOWED, urlencode(ids)))
        return True


def addresses(services: Mapping[str, str], pupils: Sequence[UUID], groups: Sequence[UUID]) -> dict[str, str]:
    """The streams to merge, by their parts' names. Each group is a part of its own: the right to one may end alone."""
    if FOLLOWED not in services:
        return {}
    following = f"{services[FOLLOWED]}/live"
    found = {f"{FOLLOWED}:{group}": f"{following}?group_id={group}" for group in dict.fromkeys(groups)}
    if pupils:
        found[FOLLOWED] = f"{following}?{urlencode([('pupil_id', pupil) for pupil in pupils])}"
    return found


class Merged(AsyncIterator[Sent]):
    """Events named for their service, `{"event", "data"}` of the service inside, for ever.

    `addresses` by names of parts: a service's, or `service:what` for one more stream of it. Each is refused alone, and
    `following` tells that one is open. Of the services of `news` only their names come: read anew.
    """

    def __init__(
        self,
        http: aiohttp.ClientSession,
        tokens: Tokens,
        session: Session,
        news: News,
        addresses: dict[str, str],
        left_off: str | None,
    ) -> None:
        self._ids = {name: value for name, value in parse_qsl(left_off or "") if name in addresses}
        self._queue: asyncio.Queue[Sent] = asyncio.Queue()
        self._room = asyncio.Semaphore(WAITING)
        self._untold: set[str] = set()
        self._parts = [Part(http, tokens, session, name, address) for name, address in addresses.items()]
        self._news, self._person = news, session.person_id
        self._tasks: list[asyncio.Task[None]] = []
        self._heard = False

    async def open(self) -> None:
        """Ask the services, and wait until all have answered; for `OPENING` at most."""
        loop = asyncio.get_running_loop()
        self._news.follow(self._person, self._tell, resumed=bool(self._ids))
        self._tasks = [loop.create_task(part.run(self._put, self._ids)) for part in self._parts]
        loop.call_later(UNHEARD, self._end_unheard)
        with suppress(TimeoutError):
            async with asyncio.timeout(OPENING):
                for part in self._parts:
                    await part.asked.wait()

    async def _put(self, sent: Sent) -> None:
        await self._room.acquire()
        self._queue.put_nowait(sent)

    def _tell(self, service: str) -> None:
        """Said once, however often it is told before the browser has read it."""
        if service not in self._untold:
            self._untold.add(service)
            self._queue.put_nowait(Sent({"event": service, "data": {}}, service))

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Sent:
        self._heard = True
        try:
            sent = await self._queue.get()
        except asyncio.CancelledError:  # the browser left, and nothing more is awaited in a scope that was cancelled
            self._end()
            raise
        if sent.event in self._untold:
            self._untold.discard(sent.event)
        else:
            self._room.release()
        return sent

    async def aclose(self) -> None:
        """Closes the streams of the services. A generator's would not be called if nobody had begun to read it."""
        self._end()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _end(self) -> None:
        self._news.leave(self._person, self._tell)
        for task in self._tasks:
            task.cancel()

    def _end_unheard(self) -> None:
        """The browser left before it got the first byte."""
        if not self._heard:
            self._end()
