"""A thousand open streams ask one question; each still learns in time that its session is over."""

import asyncio
from collections.abc import Collection

import pytest

from services.portal import watch
from services.portal.watch import Watch

SECRETS = [number.to_bytes(2, "big") for number in range(1000)]


class Sessions:
    """Those that live; `questions` holds what was asked."""

    def __init__(self) -> None:
        self.living = set(SECRETS)
        self.questions: list[Collection[bytes]] = []
        self.away = False

    async def ask(self, secrets: Collection[bytes]) -> Collection[bytes]:
        self.questions.append(secrets)
        await asyncio.sleep(0)
        if self.away:
            raise OSError
        return self.living & set(secrets)


async def all_live(watched: Watch) -> list[bool]:
    return await asyncio.gather(*(watched.lives(secret) for secret in SECRETS))


def test_streams_that_ask_at_the_same_time_share_one_question() -> None:
    async def streams() -> None:
        sessions = Sessions()
        assert all(await all_live(watched := Watch(sessions.ask)))
        assert all(await all_live(watched))
        assert len(sessions.questions) <= 2

    asyncio.run(streams())


def test_an_ended_session_is_known_when_the_answer_is_no_longer_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    async def streams() -> None:
        monkeypatch.setattr(watch, "FRESH", 0.05)
        sessions = Sessions()
        await all_live(watched := Watch(sessions.ask))
        sessions.living.remove(SECRETS[7])
        await asyncio.sleep(0.06)
        assert [n for n, lives in enumerate(await all_live(watched)) if not lives] == [7]

    asyncio.run(streams())


def test_a_new_stream_need_not_wait_for_the_next_question() -> None:
    async def streams() -> None:
        sessions = Sessions()
        watched = Watch(sessions.ask)
        assert await watched.lives(SECRETS[0])
        assert await watched.lives(SECRETS[1])
        assert not await watched.lives(b"ended long ago")

    asyncio.run(streams())


def test_sessions_without_streams_are_asked_about_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    async def streams() -> None:
        monkeypatch.setattr(watch, "FRESH", 0.0)
        monkeypatch.setattr(watch, "LEFT", 0.05)
        sessions = Sessions()
        await all_live(watched := Watch(sessions.ask))
        await asyncio.sleep(0.06)
        await watched.lives(SECRETS[0])
        assert sessions.questions[-1] == {SECRETS[0]}

    asyncio.run(streams())


def test_a_failure_to_ask_is_told_once_and_leaves_the_others_what_they_knew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def streams() -> None:
        monkeypatch.setattr(watch, "FRESH", 0.05)
        sessions = Sessions()
        await all_live(watched := Watch(sessions.ask))
        await asyncio.sleep(0.06)
        sessions.away = True
        answers = await asyncio.gather(*(watched.lives(secret) for secret in SECRETS), return_exceptions=True)
        assert sum(isinstance(answer, OSError) for answer in answers) == 1
        assert sum(answer is True for answer in answers) == len(SECRETS) - 1

    asyncio.run(streams())
