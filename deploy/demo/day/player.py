"""Sends a day's commands, each when its time has come, and keeps count: what was accepted, how long it took, what not.

One process, one thread, a number of workers: the load shares the machine with what it loads, so that a command may
cost the client little (README.md has the figures). Commands of one lane go one after the other, in their order.
"""

import asyncio
import json
import random
import time
from array import array
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid5

import aiohttp
import httpx

from deploy.demo.client import NAMESPACE, NotAccepted
from deploy.demo.day.lesson import Command
from deploy.demo.day.ways import SignInFailed, Way

AGAIN = ("in-progress", "concurrent-change")
UNKNOWN = (
    "not-found", "not-allowed", "attendance.no-such-lesson", "attendance.not-your-lesson", "attendance.nobody-in-group",
    "attendance.pupil-not-in-group", "grades.no-such-lesson", "grades.not-your-lesson", "grades.outside-term",
    "grades.pupil-not-in-class", "lessons.no-such-lesson", "messaging.wrong-addressee",
)  # fmt: skip
"""What a service says as long as it has not learnt the roster or the timetable."""
AWAY = (429, 502, 503, 504)
FIRST, LONGEST = 0.1, 5.0
"""Seconds of the first wait and of the longest; each is twice the one before it, less up to half by chance."""


@dataclass(frozen=True)
class Pace:
    """How fast: `speed` times as fast as the clock on the wall, None: as fast as it goes.

    `begins`: the minute of the day with which it starts. `patience`: seconds after which a command is given up.
    `answer`: seconds of silence after which a request is taken for lost.
    """

    speed: float | None = None
    begins: float = 0.0
    workers: int = 8
    patience: float = 60.0
    answer: float = 30.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one request. `reason`: why it was not accepted. `least`: seconds that the service asks to wait."""

    reason: str | None = None
    again: bool = False
    away: bool = False
    """It is the service that is not there, whatever is asked of it."""
    least: float = 0.0


@dataclass
class Report:
    """What became of the commands. Durations are in seconds, by kind of command, tries and waits included."""

    sent: int = 0
    requests: int = 0
    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By kind of command and reason."""
    durations: "dict[str, array[float]]" = field(default_factory=lambda: defaultdict(lambda: array("d")))
    behind: float = 0.0
    """The most seconds that a command began later than it should have, because all workers were busy."""
    seconds: float = 0.0
    cpu: float = 0.0
    """Processor seconds of this process meanwhile."""

    def lines(self) -> list[str]:
        """For the person in front of the screen."""
        done = sum(self.accepted.values())
        per = f", {done / self.seconds:.0f}/s, {1000 * self.cpu / self.sent:.2f} ms of our processor each"
        found = [f"  {done} of {self.sent} commands accepted in {self.seconds:.1f} s{per if self.sent else ''}"]
        for (kind, reason), count in sorted(self.refused.items(), key=lambda pair: -pair[1]):
            found.append(f"  not accepted: {count} × {kind}: {reason}")
        return found

    def quantile(self, kind: str, share: float) -> float:
        """Seconds within which that share of the accepted commands of a kind was done; 0 if there was none."""
        ordered = sorted(self.durations[kind])
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


class Player:
    """Plays commands in the names of many people. Made for one loop; `play` may be called again."""

    def __init__(self, way: Way, pace: Pace, namespace: str) -> None:
        """`namespace` tells one district's commands from another's: Idempotency-Keys follow from it."""
        self._way, self._pace, self._namespace = way, pace, namespace
        self._lanes: dict[str, deque[Command]] = {}
        self._ready: asyncio.Queue[str] = asyncio.Queue(2 * pace.workers)
        self._failed: set[str] = set()
        self._signed_anew: set[str] = set()
        self._away: dict[str, float] = {}
        self._again: frozenset[str] = frozenset()
        self.report = Report()

    async def play(self, commands: Iterable[Command], learning: bool = False) -> Report:
        """Send all; returns when each was accepted or given up. Cancelled, it leaves the rest unsent.

        `learning`: the services may still be reading what was imported just now, and are asked again.
        """
        self._again = frozenset((*AGAIN, *UNKNOWN) if learning else AGAIN)
        began, cpu = time.monotonic(), time.process_time()
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=3, sock_read=self._pace.answer)
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=20)
        jar = aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(connector=connector, timeout=timeout, cookie_jar=jar) as http:
            workers = [asyncio.create_task(self._work(http)) for _ in range(self._pace.workers)]
            try:
                await self._dispatch(commands)
                await self._ready.join()
            finally:
                for worker in workers:
                    worker.cancel()
                await asyncio.gather(*workers, return_exceptions=True)
        self.report.seconds += time.monotonic() - began
        self.report.cpu += time.process_time() - cpu
        return self.report

    async def _dispatch(self, commands: Iterable[Command]) -> None:
        began = time.monotonic()
        for command in commands:
            if self._pace.speed:
                due = began + (command.at - self._pace.begins) * 60 / self._pace.speed
                if (wait := due - time.monotonic()) > 0:
                    await asyncio.sleep(wait)
            if waiting := self._lanes.get(command.lane):
                waiting.append(command)
                continue
            self._lanes[command.lane] = deque([command])
            asked = time.monotonic()
            await self._ready.put(command.lane)
            if self._pace.speed:
                self.report.behind = max(self.report.behind, time.monotonic() - asked)

    async def _work(self, http: aiohttp.ClientSession) -> None:
        while True:
            lane = await self._ready.get()
            waiting = self._lanes[lane]
            while waiting:
                await self._do(http, waiting[0])
                waiting.popleft()
            del self._lanes[lane]
            self._ready.task_done()

    async def _do(self, http: aiohttp.ClientSession, command: Command) -> None:
        """One command to its end."""
        self.report.sent += 1
        if command.needs in self._failed:
            return self._give_up(command, "needs one that was not accepted")
        began = time.monotonic()
        reason = await self._until_answered(http, command, began)
        if reason is None:
            self.report.accepted[command.kind] += 1
            self.report.durations[command.kind].append(time.monotonic() - began)
        else:
            self._give_up(command, reason)

    def _give_up(self, command: Command, reason: str) -> None:
        self._failed.add(command.once)
        self.report.refused[command.kind, reason] += 1

    async def _until_answered(self, http: aiohttp.ClientSession, command: Command, began: float) -> str | None:
        """None when it was accepted, else why not. A service that stays away is waited for once, not by each."""
        wait = FIRST
        while True:
            outcome = await self._try(http, command)
            if not outcome.away:
                self._away.pop(command.service, None)
            if not outcome.again:
                return outcome.reason
            since = min(began, self._away.setdefault(command.service, began)) if outcome.away else began
            pause = max(random.uniform(0.5, 1) * wait, outcome.least)
            if time.monotonic() + pause - since > self._pace.patience:
                return outcome.reason
            await asyncio.sleep(pause)
            wait = min(2 * wait, LONGEST)

    async def _try(self, http: aiohttp.ClientSession, command: Command) -> Outcome:
        self.report.requests += 1
        try:
            address, who = await self._way.address(http, command.actor, command.service)
            headers, body = self._headers(command, who), _body(command)
            async with http.request(command.method, address + command.path, data=body, headers=headers) as answer:
                if answer.status < 400:
                    await answer.read()
                    return Outcome()
                return self._judged(command, answer, await _problem(answer))
        except (aiohttp.ClientError, httpx.TransportError, TimeoutError) as error:
            return Outcome(f"no answer ({_spoken(error)})", again=True, away=True)
        except SignInFailed:
            return Outcome("not signed in", again=True)
        except NotAccepted as error:
            return Outcome(f"no account ({error.args[0]})")

    def _headers(self, command: Command, who: Mapping[str, str]) -> dict[str, str]:
        headers = {**who, "Content-Type": "application/json"}
        if command.method != "GET":
            headers["Idempotency-Key"] = str(uuid5(NAMESPACE, f"{self._namespace}/{command.once}"))
        return headers

    def _judged(self, command: Command, answer: aiohttp.ClientResponse, problem: Mapping[str, Any]) -> Outcome:
        code, status = str(problem.get("code", "")), answer.status
        reason = f"{status} {code}".strip()
        if status == 401:
            self._way.forget(command.actor)
            first = command.once not in self._signed_anew
            self._signed_anew.add(command.once)
            return Outcome(reason, again=first)
        asked = answer.headers.get("Retry-After", "")
        least = float(asked) if asked.isdigit() else 0.0
        return Outcome(reason, status in AWAY or code in self._again, status in AWAY, least)


def _body(command: Command) -> bytes | None:
    return None if command.body is None else json.dumps(command.body, ensure_ascii=False).encode()


async def _problem(answer: aiohttp.ClientResponse) -> Mapping[str, Any]:
    try:
        found = json.loads(await answer.read())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _spoken(error: BaseException) -> str:
    """Timeouts and refused connections without addresses and ports, so that equal reasons are counted as one."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return "connection refused"
    return "no answer in time" if isinstance(error, TimeoutError) else type(error).__name__
