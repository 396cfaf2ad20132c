"""O-05: who gets a place when there are too few."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import pytest

from services.portal import admission
from services.portal.admission import Admission, Kind, TooBusy


def run(work: Callable[[Admission], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(work(Admission(10)))


async def full(at: Admission, stack: AsyncExitStack, kind: Kind, count: int) -> None:
    for _ in range(count):
        await stack.enter_async_context(at.place(kind))


def test_reading_leaves_a_fifth_of_the_places_to_writing() -> None:
    async def work(at: Admission) -> None:
        async with AsyncExitStack() as stack:
            await full(at, stack, "reading", 8)
            with pytest.raises(TooBusy):
                await stack.enter_async_context(at.place("reading"))
            await full(at, stack, "writing", 2)

    run(work)


def test_a_refusal_says_when_to_come_again_and_not_to_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(admission.QUEUE, "reading", 0)

    async def work(at: Admission) -> None:
        async with AsyncExitStack() as stack:
            await full(at, stack, "reading", 8)
            said = set()
            began = time.perf_counter()
            for _ in range(50):
                with pytest.raises(TooBusy) as refused:
                    await stack.enter_async_context(at.place("reading"))
                said.add(refused.value.facts["retry_after"])
            assert len(said) > 2 and time.perf_counter() - began < 1

    run(work)


def test_a_writer_waits_and_goes_before_those_who_read() -> None:
    async def work(at: Admission) -> None:
        order: list[str] = []

        async def one(kind: Kind, name: str) -> None:
            async with at.place(kind):
                order.append(name)

        async with AsyncExitStack() as stack:
            await full(at, stack, "writing", 2)
            await full(at, stack, "reading", 8)
            tasks = [asyncio.create_task(one("reading", "reader")), asyncio.create_task(one("writing", "writer"))]
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)
        assert order == ["writer", "reader"]

    run(work)


def test_who_goes_away_while_waiting_takes_no_place_with_him() -> None:
    async def work(at: Admission) -> None:
        async with AsyncExitStack() as stack:
            await full(at, stack, "writing", 10)
            task = asyncio.create_task(stack.enter_async_context(at.place("writing")))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        async with AsyncExitStack() as stack:
            await full(at, stack, "writing", 10)  # all ten are there

    run(work)


def test_who_is_called_in_the_moment_he_goes_away_gives_the_place_back() -> None:
    async def work(at: Admission) -> None:
        async with AsyncExitStack() as stack:
            await full(at, stack, "writing", 9)
            async with at.place("writing"):
                task = asyncio.create_task(stack.enter_async_context(at.place("writing")))
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        async with AsyncExitStack() as stack:
            await full(at, stack, "writing", 10)

    run(work)


def test_a_request_that_fails_frees_its_place() -> None:
    async def work(at: Admission) -> None:
        for _ in range(20):
            with pytest.raises(ZeroDivisionError):
                async with at.place("writing"):
                    raise ZeroDivisionError

    run(work)


@pytest.mark.parametrize(("language", "word"), [("ru", b"\xd0"), ("en", b"very busy")])
def test_when_nobody_can_wait_any_more_a_reader_is_told_so_before_anything_else_and_a_writer_is_not(
    monkeypatch: pytest.MonkeyPatch, language: str, word: bytes
) -> None:
    monkeypatch.setitem(admission.QUEUE, "reading", 0)
    reached: list[str] = []
    said: list[Any] = []

    async def inside(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope["method"])

    async def say(message: Any) -> None:
        said.append(message)

    async def nothing() -> Any:
        return {"type": "http.disconnect"}

    async def asked(method: str) -> None:
        headers = [(b"accept-language", language.encode())]
        scope = {"type": "http", "path": "/api/reporting/diary", "method": method, "headers": headers}
        await admission.Gate(inside)(scope, nothing, say)

    asyncio.run(asked("GET"))
    asyncio.run(asked("PUT"))
    assert reached == ["PUT"]
    start, body = said
    headers = dict(start["headers"])
    assert start["status"] == 503 and int(headers[b"retry-after"]) >= 2 and b"content-security-policy" in headers
    assert word in body["body"] and b"portal.busy" in body["body"]
