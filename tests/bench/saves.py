"""How many class saves a second the chain takes, and what each costs the processor, process by process.

Real processes on loopback: grades API and relay, Kafka, reporting worker and API, notify worker. Teachers of two
classes save columns of 27 marks, `CLIENTS` at once, each as soon as the last is answered; the clock stops when the
diary has them all.
"""

import asyncio
import random
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import UUID

import aiohttp

from tests.drills.rig import Rig
from tests.drills.school import SCHOOLS, School, give_marks, open_work

CLIENTS = 8
TICK = 100.0  # ticks of /proc/<pid>/stat in a second

Save = tuple[str, dict[str, Any], dict[str, str]]
"""Path, body and headers of one command."""


@dataclass(frozen=True)
class Run:
    """`seconds` until the last answer, `lag` from then until the diary had all; `costs`: ms of processor a save."""

    saves: int
    seconds: float
    lag: float
    answers: tuple[float, ...]
    costs: dict[str, float]

    @property
    def rate(self) -> float:
        return self.saves / self.seconds

    def answer(self, percent: int) -> float:
        """Milliseconds within which so many of a hundred answers came."""
        return quantiles(self.answers, n=100, method="inclusive")[percent - 1] * 1000


def columns(rig: Rig, count: int, chance: random.Random) -> tuple[list[Save], list[Save]]:
    """What opens the columns, and what saves them."""
    opening, saving = [], []
    for n in range(count):
        school = SCHOOLS[n % len(SCHOOLS)]
        work, opened = open_work(rig.ledger, school, chance)
        opening.append(_command(rig, school, opened.path, opened.body, opened.key))
        given = give_marks(rig.ledger, school, work, school.pupils, chance)
        saving.append(_command(rig, school, given.path, given.body, given.key))
    return opening, saving


def _command(rig: Rig, school: School, path: str, body: dict[str, Any], key: UUID) -> Save:
    return path, body, {**rig.headers(school.teacher), "Idempotency-Key": str(key)}


def measure(rig: Rig, url: str, count: int, chance: random.Random) -> Run:
    """Open the columns, then save them against the clock. Raises AssertionError when one is not accepted."""
    opening, saving = columns(rig, count, chance)
    asyncio.run(_send(url, opening))
    _wait_for_the_diary(rig)
    before, began = _processor(rig), time.monotonic()
    answers = asyncio.run(_send(url, saving))
    ended = time.monotonic()
    _wait_for_the_diary(rig)
    lag, after = time.monotonic() - ended, _processor(rig)
    costs = {name: (after[name] - before[name]) / count * 1000 for name in after}
    return Run(count, ended - began, lag, tuple(answers), costs)


async def _send(url: str, commands: list[Save]) -> list[float]:
    """Seconds that each took."""
    waiting, took = iter(commands), list[float]()

    async def client(session: aiohttp.ClientSession) -> None:
        for path, body, headers in waiting:
            began = time.monotonic()
            async with session.post(url + path, json=body, headers=headers) as answer:
                said = await answer.read()
                assert answer.status == 200, said
            took.append(time.monotonic() - began)

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(client(session) for _ in range(CLIENTS)))
    return took


LAST = "SELECT max(id) FROM events"
REACHED = "SELECT max(sequence) FROM progress WHERE projection LIKE 'reporting.diary.%' AND topic = 'diary.grades'"


def _wait_for_the_diary(rig: Rig) -> None:
    last = rig.ask("grades", LAST)[0][0]
    rig.until(lambda: (rig.ask("reporting", REACHED)[0][0] or 0) >= last, 60, "the diary has all")


def _processor(rig: Rig) -> dict[str, float]:
    """Seconds of processor used so far, by process; PostgreSQL with all its sessions."""
    ours = {name: used(process.pid) for name, process in rig.processes.items()}
    return {**ours, "postgres": used_by_all(rig.postgres.pid), "kafka": used(rig.kafka.pid)}


def used(pid: int) -> float:
    """Seconds of processor of one process so far."""
    return sum(_ticks(pid)[:2]) / TICK


def used_by_all(pid: int) -> float:
    """The same with its children: those that live, and by the kernel's own count those that ended and were waited for.

    Sessions of PostgreSQL come and go. One that goes between two of our looks would be missed or counted twice: then
    we look again.
    """
    while True:
        members = set(family(pid))
        with suppress(OSError):  # it has ended meanwhile
            found = sum(_ticks(pid)) + sum(sum(_ticks(child)[:2]) for child in members - {pid})
            if set(family(pid)) == members:
                return found / TICK


def used_by_the_machine() -> float:
    """Seconds of processor that anything used so far, the kernel and other machines of the same host included."""
    user, nice, system, _idle, _waiting, interrupts, soft, stolen = (
        int(ticks) for ticks in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    )
    return (user + nice + system + interrupts + soft + stolen) / TICK


def _ticks(pid: int) -> tuple[int, int, int, int]:
    """In user and system mode, of the process and of its children that ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system, ended_user, ended_system = map(int, fields[11:15])
    return user, system, ended_user, ended_system


def family(pid: int) -> Iterator[int]:
    yield pid
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text()
        except OSError:  # it has ended meanwhile
            continue
        if int(fields.rpartition(")")[2].split()[1]) == pid:
            yield int(stat.parent.name)
