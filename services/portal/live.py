"""One stream for a browser, merged of those of the services. Its ids are made of theirs: each goes on where it was."""

import asyncio
import json
import random
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import aiohttp

from services.portal.sessions import Session
from services.portal.tokens import Tokens
from shared.web.live import Sent

PARTS = ("reporting", "notify", "messaging")
WAITING = 100  # events that may wait for a slow browser; then the services wait
GONE = (401, 403, 404)  # the part is not for this person, at least not yet
PATIENCE = 5  # refusals after which the pauses grow no more: about a minute


class Part:
    """The stream of one service, opened again when it breaks; when refused too: the right may be on its way."""

    def __init__(self, http: aiohttp.ClientSession, tokens: Tokens, session: Session, name: str, address: str) -> None:
        self.name = name
        self.service = name.partition(":")[0]
        self.id: str | None = None
        self._http, self._tokens, self._session, self._address = http, tokens, session, address

    async def run(self, into: "asyncio.Queue[Sent]", ids: dict[str, str]) -> None:
        """Put what it says into the queue; `ids` holds the last id of each part."""
        refused = 0
        while True:
            with suppress(aiohttp.ClientError, TimeoutError):
                refused = 0 if await self._listen(into, ids) else min(refused + 1, PATIENCE)
            # seconds; the crowd of a restarted service disperses
            await asyncio.sleep(random.uniform(1, 3) * 2**refused)

    async def _listen(self, into: "asyncio.Queue[Sent]", ids: dict[str, str]) -> bool:
        """False when the service refuses; True when the stream ended and may be opened again."""
        headers = {"Authorization": f"Bearer {self._tokens.token(self._session, self.service)}"}
        if self.name in ids:
            headers["Last-Event-ID"] = ids[self.name]
        async with self._http.get(self._address, headers=headers, allow_redirects=False) as answer:
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


async def merged(
    http: aiohttp.ClientSession, tokens: Tokens, session: Session, addresses: dict[str, str], left_off: str | None
) -> AsyncGenerator[Sent, None]:
    """Events named for their service, `{"event", "data"}` of the service inside.

    `addresses` by names of parts: a service's, or `service:what` for one more stream of it. Each is refused alone.
    """
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
