"""SC17: a closed account and a changed password end sessions at once, on every replica, open streams included."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from deploy.embedded.kafka import Kafka
from services.portal.accounts import DOUBT, END
from services.portal.main import SERVICE
from services.portal.tests.conftest import PASSWORD, Browser, World, postgres_pool
from shared.process import STORE, application, behind
from shared.settings import Settings
from shared.stream import Relay, Worker, topics
from shared.testing.web import connect, serving
from shared.web.state import State

AT_ONCE = 5.0
"""Seconds; without the news of identity it would be 15. Nearly all of it is what a stream may take."""


@contextmanager
def streaming(settings: Settings) -> Iterator[None]:
    """Identity's relay and the portal's worker, in a thread."""

    async def run() -> None:
        relay = Relay(settings, "identity", ("diary.identity",), STORE)
        worker = Worker(settings, "portal", SERVICE.projections)
        tasks = [asyncio.create_task(relay.run()), asyncio.create_task(worker.run())]
        await asyncio.to_thread(stopping.wait)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    stopping = threading.Event()
    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(30)


@pytest.fixture(scope="module")
def replica(world: World, servers_folder: Path) -> Iterator[str]:
    """Another replica of the portal; identity's relay, the portal's worker and a broker of their own run as well."""
    with ExitStack() as stack:
        broker = stack.enter_context(Kafka(servers_folder / "portal-ending"))
        settings = world.settings.model_copy(update={"kafka": broker.bootstrap})
        topics.ensure(settings)
        stack.enter_context(streaming(settings))
        pool = stack.enter_context(postgres_pool(world.settings, "portal"))
        yield stack.enter_context(
            serving(behind(SERVICE, application(SERVICE, world.settings, State(world.settings, pool=pool))))
        )


@pytest.fixture
def person(world: World) -> tuple[str, str]:
    """The login and the account of somebody whom no other test knows."""
    login = f"leaver-{uuid4().hex[:8]}"
    body = {"person_id": str(uuid4()), "login": login, "password": PASSWORD}
    answer = httpx.post(f"{world.origin}/api/identity/accounts", json=body, headers=world.operator(), timeout=30)
    assert answer.status_code == 200, answer.text
    return login, str(answer.json()["stream"])


def close(world: World, account: str) -> None:
    path = f"{world.origin}/api/identity/accounts/{account}/closing"
    answer = httpx.post(path, json={"cause": "by-school"}, headers=world.operator(), timeout=30)
    assert answer.status_code == 200, answer.text


def until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def follow(origin: str, path: str, browser: Browser) -> float:
    """Read a stream to its end, which is when."""
    cookie = {"Cookie": f"__Host-diary={browser.cookies['__Host-diary']}"}
    with httpx.stream("GET", origin + path, headers=cookie, timeout=30) as answer:
        assert answer.status_code == 200
        deadline = time.monotonic() + 30
        for _ in answer.iter_bytes():
            assert time.monotonic() < deadline, f"{path} goes on"
    return time.monotonic()


def ready(world: World) -> bool:
    """The worker has taken in what identity said so far."""
    with connect(world.settings, "identity", "relay") as store, connect(world.settings, "portal", "worker") as portal:
        (last,) = store.execute("SELECT max(id) FROM events").fetchone() or (None,)
        (taken,) = portal.execute("SELECT max(sequence) FROM progress").fetchone() or (None,)
    return last is not None and last == taken


@pytest.mark.slow
def test_a_closed_account_is_out_at_once_on_every_replica_and_its_streams_end(
    world: World, replica: str, person: tuple[str, str]
) -> None:
    login, account = person
    until(lambda: ready(world), 60)
    browser, stays = world.signed_in(login), world.signed_in("teacher")
    there = Browser(replica, dict(browser.cookies))
    assert browser.sees() == there.sees() == 200
    page = f"/live?pupil_id={uuid4()}"
    streams = [(world.origin, page), (replica, page), (world.origin, "/api/reporting/live")]
    with ThreadPoolExecutor(3) as pool:
        open_ones = [pool.submit(follow, origin, path, browser) for origin, path in streams]
        until(lambda: sum(echo.streams for echo in world.echoes.values()) == len(streams), 20)
        closed = time.monotonic()
        close(world, account)
        until(lambda: browser.sees() == there.sees() == 401, AT_ONCE)
        assert [ended.result() - closed < AT_ONCE for ended in open_ones] == [True] * 3
    assert stays.sees() == 200
    until(lambda: not any(echo.streams for echo in world.echoes.values()), 5)


@pytest.mark.slow
def test_a_changed_password_ends_the_other_sessions_at_once_and_leaves_this_one(
    world: World, replica: str, person: tuple[str, str]
) -> None:
    login, _ = person
    until(lambda: ready(world), 60)
    here, elsewhere = world.signed_in(login), Browser(replica, world.signed_in(login).cookies)
    assert here.sees() == elsewhere.sees() == 200
    changed = here.ask(
        "PUT", "/api/identity/password", json={"old": PASSWORD, "new": "другие четыре верных слова"},
        headers={"X-Diary": "1", "Origin": world.origin, "Idempotency-Key": str(uuid4())},
    )  # fmt: skip
    assert changed.status_code == 200, changed.text
    until(lambda: elsewhere.sees() == 401, AT_ONCE)
    assert here.sees() == 200


def test_who_is_let_in_again_after_a_closing_stays_when_the_news_comes_late(world: World) -> None:
    """Events may come again: what began after the closing is not ended by it, unless the provider says so."""
    browser = world.signed_in("parent")
    with connect(world.settings, "portal", "worker") as conn:
        found = conn.execute("SELECT account_id, began_at FROM sessions WHERE person_id = %s", [world.people["parent"]])
        for account, _ in found.fetchall():
            conn.execute(END, [account, datetime(2026, 1, 1, tzinfo=UTC)])
            conn.execute(DOUBT, [account])
    assert browser.sees() == 200
