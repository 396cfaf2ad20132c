"""A crowd that asks one service is told to come again, at once, and nobody else suffers."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from shared.web import bound
from shared.web.bound import Bound


class Slow:
    """Answers when it is told to; `/live` streams for ever."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        routes = [Route("/slow", self.slow), Route("/live", self.live), Route("/livez", self.livez)]
        self.app = Bound(Starlette(routes=routes), "test")

    async def slow(self, request: Request) -> Response:
        await self.go.wait()
        return PlainTextResponse("done")

    async def live(self, request: Request) -> Response:
        async def forever() -> AsyncIterator[bytes]:
            yield b"retry: 1\n\n"
            await self.go.wait()

        return StreamingResponse(forever(), media_type="text/event-stream")

    async def livez(self, request: Request) -> Response:
        return PlainTextResponse("alive")

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://test")


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bound, "MOST", 3)


def test_what_is_too_much_is_refused_at_once_and_the_rest_is_answered() -> None:
    async def crowd() -> None:
        slow = Slow()
        async with slow.client() as http:
            waiting = [asyncio.create_task(http.get("/slow")) for _ in range(3)]
            await asyncio.sleep(0.05)
            refused = await http.get("/slow", headers={"Accept-Language": "ru"})
            assert refused.status_code == 503 and 2 <= int(refused.headers["retry-after"]) <= 8
            assert refused.json()["code"] == "busy" and "Ничего не сохранено" in refused.json()["detail"]
            assert (await http.get("/livez")).text == "alive"
            slow.go.set()
            assert [answer.text for answer in await asyncio.gather(*waiting)] == ["done"] * 3
            assert (await http.get("/slow")).text == "done"

    asyncio.run(crowd())


def test_a_stream_counts_until_it_flows() -> None:
    async def pages() -> None:
        slow = Slow()
        async with slow.client() as http:
            streams = []
            for _ in range(9):
                streams.append(asyncio.create_task(http.get("/live")))
                await asyncio.sleep(0.01)
            waiting = [asyncio.create_task(http.get("/slow")) for _ in range(3)]
            await asyncio.sleep(0.05)
            assert (await http.get("/slow")).status_code == 503
            slow.go.set()
            assert {answer.status_code for answer in await asyncio.gather(*streams, *waiting)} == {200}
            assert (await http.get("/slow")).status_code == 200

    asyncio.run(pages())
