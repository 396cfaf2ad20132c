"""What notify and messaging say reaches the pages of whom it concerns, and is heard once for all of them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import aiohttp
import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import StreamingResponse

from deploy.embedded.supervisor import free_port
from services.portal import news
from services.portal.news import News
from services.portal.tests.conftest import pem
from services.portal.tokens import Tokens
from shared.settings import Settings
from shared.testing.web import serving
from shared.web import live

ANNA, BORIS = uuid4(), uuid4()


class Teller:
    """A service that says what it is given; `None` ends the stream."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.loop: asyncio.AbstractEventLoop | None = None
        self._told: asyncio.Queue[list[str] | None] = asyncio.Queue()

    def app(self) -> FastAPI:
        made, router = FastAPI(), APIRouter()

        @router.get("/live")
        async def follow(request: Request) -> StreamingResponse:
            self.loop = asyncio.get_running_loop()
            self.asked.append(request.headers["authorization"])
            return StreamingResponse(self._say(), media_type="text/event-stream")

        made.include_router(router)
        return made

    async def _say(self) -> AsyncIterator[bytes]:
        yield live.Sent(["*"], "names").encode()
        while (names := await self._told.get()) is not None:
            yield live.Sent(names, "names").encode()

    def tell(self, *names: UUID) -> None:
        assert self.loop
        self.loop.call_soon_threadsafe(self._told.put_nowait, [str(name) for name in names])

    def end(self) -> None:
        assert self.loop
        self.loop.call_soon_threadsafe(self._told.put_nowait, None)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(15):
        while not true():
            await asyncio.sleep(0.01)


def among(notify: Teller, what: Callable[[News], Coroutine[None, None, None]]) -> None:
    """Do it while the news of this service are heard; of messaging, which is away, there are none."""

    @asynccontextmanager
    async def heard(address: str) -> AsyncIterator[News]:
        settings = Settings(environment="test", public_url="https://diary.test", portal_key=pem())
        services = {"notify": address, "messaging": f"http://127.0.0.1:{free_port()}"}
        async with aiohttp.ClientSession() as http:
            made = News(http, Tokens(settings), services)
            running = asyncio.create_task(made.run())
            await until(lambda: len(notify.asked) == 1)
            yield made
            running.cancel()

    async def run(address: str) -> None:
        async with heard(address) as made:
            await what(made)

    with serving(notify.app()) as address:
        asyncio.run(run(address))


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "DISPERSED", 0.05)


def test_a_word_reaches_every_page_of_the_person_and_nobody_elses() -> None:
    notify, told = Teller(), list[str]()

    async def pages(heard: News) -> None:
        heard.follow(ANNA, lambda name: told.append(f"first {name}"), False)
        heard.follow(ANNA, lambda name: told.append(f"second {name}"), False)
        heard.follow(BORIS, lambda name: told.append(f"Boris {name}"), False)
        await until(lambda: len(told) == 3)  # what came before
        told.clear()
        notify.tell(ANNA, uuid4())
        await until(lambda: len(told) == 2)
        assert told == ["first notify", "second notify"] or told == ["second notify", "first notify"]
        assert len(notify.asked) == 1

    among(notify, pages)


def test_a_page_that_has_left_is_told_nothing() -> None:
    notify, told = Teller(), list[str]()

    async def pages(heard: News) -> None:
        stays, leaves = (lambda _: told.append("stays")), (lambda _: told.append("leaves"))
        heard.follow(ANNA, stays, False)
        heard.follow(ANNA, leaves, False)
        await until(lambda: {"stays", "leaves"} <= set(told))
        told.clear()
        heard.leave(ANNA, leaves)
        heard.leave(ANNA, leaves)
        notify.tell(ANNA)
        await until(lambda: told == ["stays"])

    among(notify, pages)


def test_after_a_break_all_pages_are_told_and_not_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    notify, told = Teller(), list[float]()

    async def pages(heard: News) -> None:
        for _ in range(100):
            heard.follow(uuid4(), lambda _: told.append(asyncio.get_running_loop().time()), False)
        await until(lambda: len(told) == 100)
        told.clear()
        monkeypatch.setattr(news, "DISPERSED", 1.0)
        notify.end()
        await until(lambda: len(told) == 100)
        assert len(notify.asked) == 2
        assert told[-1] - told[0] > 0.5

    among(notify, pages)


def test_a_page_that_comes_back_after_a_break_is_told_in_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    notify, told = Teller(), list[str]()

    async def pages(heard: News) -> None:
        heard.follow(BORIS, told.append, False)
        await until(lambda: told == ["notify"])
        monkeypatch.setattr(news, "DISPERSED", 0.6)
        came = [list[str]() for _ in range(20)]
        for mine in came:
            heard.follow(ANNA, mine.append, True)
        assert not any(came)
        heard.follow(ANNA, told.append, False)
        assert told == ["notify", "notify"], "a page that begins is told at once"
        await until(lambda: all(mine == ["notify"] for mine in came))

    among(notify, pages)
