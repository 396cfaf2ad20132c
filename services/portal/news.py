"""That notify and messaging have something new for somebody, heard once for all open pages of a process."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from uuid import UUID

import aiohttp

from services.portal.events import data, events
from services.portal.tokens import Tokens
from shared.stream.live import EVERYTHING

log = logging.getLogger("diary.portal")

SERVICES = ("notify", "messaging")
SILENCE = 45.0  # seconds; a service that is there speaks every 15
PATIENCE = 5  # failures after which the pauses grow no more: about a minute
DISPERSED = 30.0  # seconds over which pages are told that all of them are told

Tell = Callable[[str], None]


class News:
    """The services' word reaches a page as the service's name: read anew what you show of it.

    Nobody's word is passed over: what was told while a service was not heard is made good when it is heard again.
    """

    def __init__(self, http: aiohttp.ClientSession, tokens: Tokens, services: Mapping[str, str]) -> None:
        self._http, self._tokens = http, tokens
        self._addresses = {name: f"{services[name]}/live" for name in SERVICES if name in services}
        self._heard: set[str] = set()
        self._pages: dict[str, set[Tell]] = {}

    def follow(self, person: UUID, tell: Tell, resumed: bool) -> None:
        """A page of the person is open: until it leaves, `tell` is called with the name of a service.

        At first with each, for what came between the page and its stream; a page that `resumed` after a break is in no
        hurry, and perhaps one of thousands.
        """
        self._pages.setdefault(str(person), set()).add(tell)
        for service in self._heard:
            if resumed:
                self._later(str(person), tell, service)
            else:
                tell(service)

    def leave(self, person: UUID, tell: Tell) -> None:
        """The page is closed. May be repeated."""
        if pages := self._pages.get(str(person)):
            pages.discard(tell)
            if not pages:
                del self._pages[str(person)]

    async def run(self) -> None:
        """Listen to each of the services, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for service in self._addresses:
                group.create_task(self._follow(service))

    async def _follow(self, service: str) -> None:
        failed = 0
        while True:
            try:
                failed = 0 if await self._listen(service) else min(failed + 1, PATIENCE)
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:  # the last: what it says cannot be read
                log.warning("news not heard", extra={"service": service, "cause": type(error).__name__})
            self._heard.discard(service)
            await asyncio.sleep(random.uniform(1, 3) * 2**failed)

    async def _listen(self, service: str) -> bool:
        """False when the service refuses; True when it has ended its stream."""
        headers = {"Authorization": f"Bearer {self._tokens.own(service)}"}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=3, sock_read=SILENCE)
        asked = self._http.get(self._addresses[service], headers=headers, timeout=timeout, allow_redirects=False)
        async with asked as answer:
            if answer.status != 200:
                return False
            async for event in events(answer.content):
                self._heard.add(service)
                self._told(service, data(event))
        return True

    def _told(self, service: str, names: list[str]) -> None:
        for name in names:
            for tell in self._pages.get(name, ()):
                tell(service)
        if EVERYTHING in names:
            for person, pages in self._pages.items():
                for tell in pages:
                    self._later(person, tell, service)

    def _later(self, person: str, tell: Tell, service: str) -> None:
        """In a while, if the page is still open."""

        def now() -> None:
            if tell in self._pages.get(person, ()):
                tell(service)

        asyncio.get_running_loop().call_later(random.uniform(0, DISPERSED), now)
