"""A thousand open streams ask one question; each still learns in time that its session is over."""

import asyncio
from collections.abc import Collection
from contextlib import ExitStack

import pytest

from services.portal.watch import Watch
from shared.web import rounds
from shared.web.rounds import Open, Rounds

SECRETS = [number.to_bytes(2, "big") for number in range(1000)]


class Sessions:
    """Those that live; `questions` holds what was asked."""

    def __init__(self) -> None:
        self.living = set(SECRETS)
        self.questions: list[Collection[bytes]] = []
        self.away = False

    async def ask(self, secrets: Collection[bytes]) -> Collection[bytes]:
        self.questions.append(secrets)
        if self.away:
            raise OSError
        return self.living & set(secrets)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "RECHECK", 0.02)


def doubted(streams: list[Open]) -> list[object]:
    return [one.key for one in streams if one.bell.done()]


def test_all_streams_share_one_question_and_only_the_ended_session_is_doubted() -> None:
    async def streams() -> None:
        sessions = Sessions()
        going = Rounds(Watch(sessions.ask), asyncio.Event())
        with ExitStack() as stack:
            opened = [stack.enter_context(going.looking_after(secret)) for secret in SECRETS]
            await asyncio.sleep(0.1)
            assert doubted(opened) == []
            assert 1 <= len(sessions.questions) <= 6
            sessions.living.remove(SECRETS[7])
            await asyncio.wait_for(opened[7].bell, 1)
            assert doubted(opened) == [SECRETS[7]]

    asyncio.run(streams())


def test_a_stream_without_a_session_is_doubted_at_once() -> None:
    async def streams() -> None:
        with Rounds(Watch(Sessions().ask), asyncio.Event()).looking_after(None) as mine:
            await asyncio.wait_for(mine.bell, 1)

    asyncio.run(streams())


def test_while_the_database_is_away_streams_stay_open_and_later_the_look_goes_on() -> None:
    async def streams() -> None:
        sessions = Sessions()
        with Rounds(Watch(sessions.ask), asyncio.Event()).looking_after(SECRETS[0]) as mine:
            sessions.away = True
            await asyncio.sleep(0.1)
            assert not mine.bell.done()
            sessions.away, sessions.living = False, set()
            await asyncio.wait_for(mine.bell, 1)

    asyncio.run(streams())


def test_nobody_is_asked_about_when_the_last_stream_has_gone() -> None:
    async def streams() -> None:
        sessions = Sessions()
        going = Rounds(Watch(sessions.ask), asyncio.Event())
        with going.looking_after(SECRETS[0]):
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.05)
        asked = len(sessions.questions)
        await asyncio.sleep(0.1)
        assert len(sessions.questions) == asked
        with going.looking_after(SECRETS[0]):
            await asyncio.sleep(0.1)
        assert len(sessions.questions) > asked

    asyncio.run(streams())


def test_a_process_that_stops_ends_its_streams_at_once() -> None:
    async def streams() -> None:
        stopping = asyncio.Event()
        with Rounds(Watch(Sessions().ask), stopping).looking_after(SECRETS[0]) as mine:
            stopping.set()
            await asyncio.wait_for(mine.bell, 1)
            assert not await mine.stands(lambda: True)

    asyncio.run(streams())
