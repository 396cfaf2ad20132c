"""One stream for a browser, merged of those of the services. Its ids are made of theirs: each goes on where it was."""

import asyncio
import json
import random
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, urlencode

import aiohttp

from services.portal.sessions import Session
from services.portal.tokens import Tokens
from shared.web.live import Sent

PARTS = ("reporting", "notify", "messaging")
WAITING = 100  # events that may wait for a slow browser; then the services wait
GONE = (401, 403, 404)  # the part is not for this person


class Part:
    """The stream of one service, opened again when it breaks, until it is refused."""

    def __init__(self, http: aiohttp.ClientSession, tokens: Tokens, session: Session, name: str, address: str) -> None:
        self.name = name
        self.id: str | None = None
        self._http, self._tokens, self._session, self._address = http, tokens, session, address

    async def run(self, into: "asyncio.Queue[Sent]", ids: dict[str, str]) -> None:
        """Put what it says into the queue; `ids` holds the last id of each part."""
        while True:
            try:
                if not await self._listen(into, ids):
                    return
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(random.uniform(1, 3))  # seconds; the crowd of a restarted service disperses

    async def _listen(self, into: "asyncio.Queue[Sent]", ids: dict[str, str]) -> bool:
        """False when the service refuses; True when the stream ended and may be opened again."""
        headers = {"Authorization": f"Bearer {self._tokens.token(self._session, self.name)}"}
        if self.name in ids:
            headers["Last-Event-ID"] = ids[self.name]
        async with self._http.get(self._address, headers=headers, allow_redirects=False) as answer:
            if answer.status != 200:
                return answer.status not in GONE
            async for event in events(answer.content):
                if "id" in event:
                    ids[self.name] = event["id"]
                inner = {"event": event.get("event", "message"), "data": _read(event["data"])}
                await into.put(Sent(inner, self.name, urlencode(ids)))
        return True


async def merged(
    http: aiohttp.ClientSession, tokens: Tokens, session: Session, addresses: dict[str, str], left_off: str | None
) -> AsyncGenerator[Sent, None]:
    """Events named for their service, `{"event", "data"}` of the service inside."""
    ids = {name: value for name, value in parse_qsl(left_off or "") if name in addresses}
    queue: asyncio.Queue[Sent] = asyncio.Queue(WAITING)
    parts = [Part(http, tokens, session, name, address) for name, address in addresses.items()]
    tasks = [asyncio.create_task(part.run(queue, ids)) for part in parts]
    try:
        while True:
            yield await queue.get()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


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
