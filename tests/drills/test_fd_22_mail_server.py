"""FD22: the mail server hangs, is busy, and takes a letter in the moment the sender dies (K-06).

What is shown on the portal never waits for it. A letter comes twice only where nobody can know whether it arrived, and
then under the same Message-ID.
"""

import asyncio
import email
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from email.policy import default

import pytest

from tests.drills.checks import check, told_once
from tests.drills.rig import Rig
from tests.drills.school import SCHOOLS

pytestmark = pytest.mark.drill

HUNG, BUSY = 12.0, 6.0
SENT = 240.0
"""Seconds: 90 until what a dead sender had taken is known to be unknown, then the pauses between tries."""
BATCH = 20
"""Letters that a sender takes at once, and so may be in its hand when it dies."""


class MailServer:
    """Speaks SMTP as far as a sender needs it, on loopback in a thread; `mode` says how it behaves from now on."""

    def __init__(self) -> None:
        self.mode = "good"
        self.letters: Counter[str] = Counter()
        self.at_kill: Callable[[], None] = lambda: None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        starting = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._talk, "127.0.0.1", 0), self._loop)
        self._server = starting.result(10)
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            if self.mode == "hangs":
                await asyncio.sleep(3600)
            await self._say(writer, "421 too busy" if self.mode == "busy" else "220 here")
            while line := (await reader.readline()).decode().strip().upper():
                if line == "DATA":
                    await self._say(writer, "354 go on")
                    self._keep(await reader.readuntil(b"\r\n.\r\n"))
                    if self.mode == "kills":
                        self.mode = "good"
                        self.at_kill()
                await self._say(writer, "221 bye" if line == "QUIT" else "250 ok")
        writer.close()

    async def _say(self, writer: asyncio.StreamWriter, line: str) -> None:
        writer.write(f"{line}\r\n".encode())
        await writer.drain()

    def _keep(self, letter: bytes) -> None:
        self.letters[str(email.message_from_bytes(letter, policy=default)["Message-ID"])] += 1


CONSENT = "INSERT INTO consents (person_id, channel, address, at) VALUES ('{0}', 'email', 'p{1}@home.example', now())"
WISH = "INSERT INTO wishes (person_id, kind, channels) VALUES ('{0}', 'mark', '{{portal,email}}')"
STATES = "SELECT state, count(*) FROM deliveries WHERE channel = 'email' GROUP BY state"
OF_ALL = "SELECT delivery_id::text FROM deliveries WHERE channel = 'email'"


def test_fd_22_letters_come_once_or_are_known_to_be_doubtful(rig: Rig) -> None:
    post = MailServer()
    api, relay = rig.process("grades", "api"), rig.process("grades", "relay")
    smtp = {"DIARY_SMTP": post.address, "DIARY_SMTP_SENDER": "diary@school.example"}
    notify = rig.process("notify", "worker", settings=smtp)
    try:
        rig.start(api, relay, rig.process("reporting", "worker"), notify)
        rig.opened()
        for number, parent in enumerate(parent for school in SCHOOLS for parent in school.parents):
            rig.tell("notify", CONSENT.format(parent, number))
            rig.tell("notify", WISH.format(parent))
        post.mode = "hangs"
        rig.written(api, 10)
        assert told_once(rig) == [], "the portal does not wait for the mail server"
        assert not post.letters and _states(rig)
        rig.note(f"the mail server hangs; the portal has told everybody; letters: {_states(rig)}")
        time.sleep(HUNG)
        post.mode = "busy"
        time.sleep(BUSY)
        rig.note(f"it is busy; letters: {_states(rig)}")
        post.at_kill = notify.kill_now
        post.mode = "kills"
        rig.written(api, 10)
        rig.until(lambda: post.mode == "good", 120, "a letter arrives, and the sender dies before it hears so")
        rig.note("the sender is killed with a letter handed over")
        notify.child.kill()
        rig.start(notify)
        rig.until(lambda: set(_states(rig)) == {"sent"}, SENT, "every letter is sent")
    finally:
        post.close()
    wanted = {f"<{row[0]}@school.example>" for row in rig.ask("notify", OF_ALL)}
    assert set(post.letters) == wanted
    twice = [one for one, times in post.letters.items() if times > 1]
    rig.note(f"{len(wanted)} letters, {len(twice)} of them twice")
    assert 1 <= len(twice) <= BATCH and max(post.letters.values()) == 2
    assert not check(rig).faults


def _states(rig: Rig) -> dict[str, int]:
    return dict(rig.ask("notify", STATES))
