"""The city morning: the greatest city whose classes can take their rolls within five minutes on this machine.

    python -m tests.bench.city [--schools 1000] [--steps 100,200,300] [--seconds 30] [--held 300] [--core 0]

A school has 24 classes, so a city of 1,000 takes 80 rolls a second, while parents of 2 % of its pupils have the diary
open: 12,000 streams. The roster and timetable of `--schools` are filled in by SQL, and so are sessions of the teachers
and parents; everything else is the product as it is, asked through the portal. Steps are cities of so many schools,
each for `--seconds`, until one does not hold; the last that did is then played for its whole five minutes. Times count
from the moment that the schedule names. `--core`: all of the product on this one core, the sender on the others.
"""

import argparse
import asyncio
import math
import os
import random
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from statistics import quantiles
from typing import LiteralString
from uuid import UUID

import aiohttp
import psycopg

from deploy.demo.stack import Stack
from deploy.embedded.kafka import Kafka
from deploy.embedded.postgres import Postgres
from tests.bench.city_rows import CLASS, CLASSES, DAILY, ID, ROSTER, ROSTER_TABLES, SUBJECTS, id_of, without_indexes
from tests.bench.report import Figure, plain, write
from tests.bench.saves import used_by_the_machine
from tests.bench.settled import until_settled
from tests.bench.whole import Product, told

SCHOOLS = 1000
STEPS = (50, 100, 150, 200, 250, 300, 400, 500, 700, 1000)
SECONDS, HELD, WARM = 30.0, 300.0, 15.0
MORNING = 300.0
"""Seconds in which every class takes its roll."""
OPENING = 15.0
"""Pages opened a second."""
AGAIN = (429, 502, 503)
ANSWER = 30.0
SAVE, LAG = 250.0, 1000.0
"""Milliseconds: p99 of a save, and of the news on a parent's page."""
DRAIN = 60.0
MONDAY = date(2021, 11, 1)
TEACHERS = 36
"""Of a school."""

NAMES = """
INSERT INTO facts_names SELECT pg_temp.id('pupil', p), 'Петров', 'Пётр' FROM generate_series(0, %(pupils)s - 1) p
"""
PEOPLE: LiteralString = """
CREATE TEMP VIEW people AS
SELECT 'teacher' || n AS cookie, pg_temp.id('teacher', n) AS person, pg_temp.id('account-teacher', n) AS account,
       pg_temp.id('session-teacher', n) AS session FROM generate_series(0, {teachers} - 1) n
UNION ALL
SELECT 'parent' || n, pg_temp.id('parent', n), pg_temp.id('account-parent', n), pg_temp.id('session-parent', n)
FROM generate_series(0, {pupils} - 1, 50) n
"""
ACCOUNTS = """
INSERT INTO accounts (account_id, person_id, login, login_key, demo) SELECT account, person, cookie, cookie, true
FROM people
"""
SESSIONS = """
INSERT INTO sessions (session_id, secret, account_id, acr) SELECT session, sha256(cookie::bytea), account, ''
FROM people
"""
COOKIES = """
INSERT INTO sessions (secret, issuer, subject, account_id, person_id, sid, acr, auth_time)
SELECT sha256(cookie::bytea), %s, account::text, account, person, session::text, '', 0 FROM people
"""


@dataclass(frozen=True)
class Roll:
    """One class's roll of one lesson; the pupil whose parent watches is missing."""

    class_: int
    group: UUID
    on: date
    number: int
    teacher: int

    @property
    def watched(self) -> int:
        """The class's first pupil: in every second class a parent of his has the page open, which is 2 % of all."""
        return self.class_ * CLASS


@dataclass(frozen=True)
class Morning:
    """A city played. Milliseconds from the schedule, in its order, of those that came; `costs`: ms a roll.

    `idle`: processors that the open pages alone kept busy, by process. `lag`: seconds from the last answer until every
    service had taken everything in. `others`: processors used by what is neither the product nor the sender.
    """

    schools: int
    pages: int
    rate: float
    saves: tuple[float, ...]
    news: tuple[float, ...]
    refused: int
    untold: int
    lag: float
    costs: dict[str, float]
    idle: dict[str, float]
    others: float

    @property
    def holds(self) -> bool:
        """The goals: no refusal, p99 of a save, and what is seen late."""
        whole = not self.refused and not self.untold
        return whole and at(self.saves, 99) <= SAVE and at(self.news, 99) <= LAG

    def line(self) -> str:
        said, seen = ((at(values, 50), at(values, 99)) for values in (self.saves, self.news))
        costs = ", ".join(f"{name} {ms:.1f}" for name, ms in sorted(self.costs.items(), key=lambda c: -c[1])[:9])
        verdict = "holds" if self.holds else "does not hold"
        return (
            f"{self.schools} schools, {self.pages} pages, {self.rate:g} rolls/s {verdict}: "
            f"save p50 {said[0]:.0f} p99 {said[1]:.0f} ms, page p50 {seen[0]:.0f} p99 {seen[1]:.0f} ms, "
            f"{self.refused} refused, {self.untold} untold, {self.lag:.1f} s behind at the end; "
            f"idle pages {sum(self.idle.values()):.2f} processors; others {self.others:.2f}; ms a roll: {costs}"
        )


def at(values: Sequence[float], percent: int) -> float:
    """Infinite where hardly anything came."""
    return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else math.inf


def rolls(schools: int, lesson: int) -> list[Roll]:
    """Of every class, for the week's lesson of this number from 0: class by class another one of the same time."""
    weekday, number = divmod(lesson, DAILY)
    found = []
    for class_ in range(schools * CLASSES):
        group = class_ * SUBJECTS + lesson % SUBJECTS
        on = MONDAY + timedelta(days=weekday)
        found.append(Roll(class_, id_of("group", group), on, number + 1, group // 8))
    return found


def fill(server: Postgres, schools: int, issuer: str) -> None:
    """Roster, timetable and sessions of so many schools, where the services look for them."""
    named = {"schools": schools, "pupils": schools * CLASSES * CLASS}
    for service in ("attendance", "reporting", "notify"):
        with psycopg.connect(server.conninfo(f"diary_{service}"), autocommit=True) as conn:
            conn.execute(ID)
            tables = [name for name in ROSTER_TABLES if _there(conn, name)]
            with without_indexes(conn, tables):
                for statement in ROSTER:
                    if statement.split()[2] in tables:
                        conn.execute(statement, named)
            if service == "notify":
                conn.execute(NAMES, named)
            conn.execute("VACUUM ANALYZE")
    people = PEOPLE.format(teachers=schools * TEACHERS, pupils=named["pupils"])
    for service in ("identity", "portal"):
        with psycopg.connect(server.conninfo(f"diary_{service}"), autocommit=True) as conn:
            conn.execute(ID)
            conn.execute(people.encode())
            if service == "identity":
                conn.execute(ACCOUNTS)
                conn.execute(SESSIONS)
            else:
                conn.execute(COOKIES, [issuer])
            conn.execute("VACUUM ANALYZE")


def _there(conn: "psycopg.Connection[tuple[object, ...]]", table: str) -> bool:
    row = conn.execute("SELECT to_regclass(%s) IS NOT NULL", [table]).fetchone()
    return row is not None and row[0] is True


@contextmanager
def city(folder: Path, schools: int) -> Iterator[Product]:
    """The whole product with the rows of so many schools, in their last lesson of the week."""
    settings = {"DIARY_SCHOOL_TODAY": (MONDAY + timedelta(days=4)).isoformat(), "DIARY_SCHOOL_TIME": "15:00"}
    with (
        Postgres(folder / "postgres") as postgres,
        Kafka(folder / "kafka") as kafka,
        Stack(folder / "diary", settings, servers=(postgres, kafka)) as stack,
    ):
        began = time.monotonic()
        fill(postgres, schools, stack.environment["DIARY_IDENTITY_URL"])
        print(f"{schools} schools filled in within {time.monotonic() - began:.0f} s", flush=True)
        yield Product(stack, {"PostgreSQL": postgres.pid, "Kafka": kafka.pid})


class Pages:
    """Parents' open pages, more with each city; `told` holds when news of a pupil came first."""

    def __init__(self, one: Product, http: aiohttp.ClientSession) -> None:
        self._one, self._http = one, http
        self._open: dict[int, asyncio.Task[None]] = {}
        self.told: dict[UUID, float] = {}

    async def show(self, pupils: Sequence[int]) -> None:
        """One page each and no others, so many opened a second; returns when all have their first snapshot.

        Raises TimeoutError.
        """
        await self._close(self._open.keys() - set(pupils))
        more = [pupil for pupil in pupils if pupil not in self._open]
        ready = asyncio.Semaphore(0)
        for pupil in more:
            self._open[pupil] = asyncio.create_task(self._watch(pupil, ready))
            await asyncio.sleep(1 / OPENING)
        async with asyncio.timeout(DRAIN):
            for _ in more:
                await ready.acquire()

    @property
    def lost(self) -> int:
        """Pages that were not served or did not stay open."""
        return sum(task.done() for task in self._open.values())

    async def close(self) -> None:
        await self._close(set(self._open))

    async def _close(self, pupils: Collection[int]) -> None:
        closed = [self._open.pop(pupil) for pupil in pupils]
        for task in closed:
            task.cancel()
        await asyncio.gather(*closed, return_exceptions=True)

    async def _watch(self, pupil: int, ready: asyncio.Semaphore) -> None:
        id_, asked = id_of("pupil", pupil), {"pupil_id": str(id_of("pupil", pupil))}
        endless = aiohttp.ClientTimeout(total=None)
        address, headers = f"{self._one.stack.url}/live", cookie("parent", pupil)
        while True:
            answer = await self._http.get(address, params=asked, headers=headers, timeout=endless)
            if answer.status == 200:
                break
            assert answer.status in AGAIN, await answer.read()
            answer.close()
            await asyncio.sleep(random.uniform(1, 3))  # as a browser does
        async with answer:
            news = told(answer)
            await anext(news)
            ready.release()
            async for _ in news:
                self.told.setdefault(id_, time.monotonic())


def cookie(kind: str, number: int) -> dict[str, str]:
    """The header of a session that `fill` made."""
    return {"Cookie": f"__Host-diary={kind}{number}"}


class Mornings:
    """Cities played one after the other; each takes another lesson of the week."""

    def __init__(self, one: Product, http: aiohttp.ClientSession, alone: Mapping[str, float]) -> None:
        """`alone`: processors that the product uses with no page open."""
        self._one, self._http, self._alone = one, http, alone
        self._pages = Pages(one, http)
        self._lessons = iter(range(5 * DAILY))

    async def play(self, schools: int, seconds: float) -> Morning:
        """A city of so many schools, for so long of its five minutes."""
        await self._pages.show([class_ * CLASS for class_ in range(0, schools * CLASSES, 2)])
        idle = {name: busy - self._alone[name] for name, busy in (await _idle(self._one)).items()}
        played = await _morning(self._one, self._http, self._pages, schools, seconds, next(self._lessons))
        played = replace(played, idle=idle)
        print(f"{seconds:g} s of {played.line()}", flush=True)
        return played

    async def close(self) -> None:
        await self._pages.close()


async def _morning(
    one: Product, http: aiohttp.ClientSession, pages: Pages, schools: int, seconds: float, lesson: int
) -> Morning:
    """A city of so many schools, for so long of its five minutes."""
    rate, taken = schools * CLASSES / MORNING, rolls(schools, lesson)
    random.Random(lesson).shuffle(taken)
    taken = taken[: int(rate * seconds)]
    pages.told.clear()
    before, machine, began = one.used(), used_by_the_machine(), time.monotonic()
    due, answered, refused = await take(one, http, taken, rate)
    ended = time.monotonic()
    await asyncio.to_thread(until_settled, one.stack.environment["DIARY_POSTGRES_ADMIN"], DRAIN)
    lag = time.monotonic() - ended
    watched = {id_of("pupil", roll.watched) for roll in taken if roll.class_ % 2 == 0} & answered.keys()
    await _until_told(watched, pages.told)
    spent = {name: used - before[name] for name, used in one.used().items()}
    others = used_by_the_machine() - machine - sum(spent.values())
    return Morning(
        schools=schools,
        pages=schools * CLASSES // 2,
        rate=rate,
        saves=tuple((answered[pupil] - at_) * 1000 for pupil, at_ in due.items() if pupil in answered),
        news=tuple((pages.told[pupil] - due[pupil]) * 1000 for pupil in watched if pupil in pages.told),
        refused=refused,
        untold=len(watched - pages.told.keys()) + pages.lost,
        lag=lag,
        costs={name: seconds_ / len(due) * 1000 for name, seconds_ in spent.items()},
        idle={},
        others=max(0.0, others) / (time.monotonic() - began),
    )


IDLE = 10.0
"""Seconds for which the open pages are left alone."""


async def _idle(one: Product) -> dict[str, float]:
    """Processors used while nobody asks for anything, by process."""
    before = one.used()
    await asyncio.sleep(IDLE)
    return {name: (used - before[name]) / IDLE for name, used in one.used().items()}


async def take(
    one: Product, http: aiohttp.ClientSession, taken: Sequence[Roll], rate: float
) -> tuple[dict[UUID, float], dict[UUID, float], int]:
    """When each was due, and when those that were accepted were answered, by the pupil who is missing."""
    due: dict[UUID, float] = {}
    answered: dict[UUID, float] = {}
    refusals: list[str] = []

    async def send(roll: Roll) -> None:
        pupil = id_of("pupil", roll.watched)
        address = f"{one.stack.url}/api/attendance/rolls/{roll.group}/{roll.on}/{roll.number}"
        headers = {**cookie("teacher", roll.teacher), "X-Diary": "1", "Origin": one.stack.url}
        headers["Idempotency-Key"] = str(id_of(f"roll {roll.group} {roll.on}", roll.number))
        body = {"entries": [{"pupil_id": str(pupil), "state": "absent"}]}
        try:
            async with http.put(address, json=body, headers=headers) as answer:
                said = await answer.read()
                if answer.status == 200:
                    answered[pupil] = time.monotonic()
                else:
                    refusals.append(f"{answer.status} {said[:200]!r}")
        except (aiohttp.ClientError, TimeoutError) as error:
            refusals.append(type(error).__name__)

    began, under_way = time.monotonic(), []
    for number, roll in enumerate(taken):
        moment = began + number / rate
        due[id_of("pupil", roll.watched)] = moment
        await asyncio.sleep(max(0.0, moment - time.monotonic()))
        under_way.append(asyncio.create_task(send(roll)))
    await asyncio.gather(*under_way)
    for refusal in sorted(set(refusals))[:3]:
        print("refused:", refusal, flush=True)
    return due, answered, len(refusals)


async def _until_told(watched: Collection[UUID], came: Mapping[UUID, float]) -> None:
    """What all services have taken in is on the pages a moment later."""
    deadline = time.monotonic() + 2
    while not came.keys() >= set(watched) and time.monotonic() < deadline:
        await asyncio.sleep(0.01)


async def greatest(one: Product, steps: Sequence[int], seconds: float, held: float) -> Morning | None:
    """The largest of the cities that holds, played for `held` seconds; None if none holds."""
    connector, timeout = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(ANSWER)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
        mornings = Mornings(one, http, await _idle(one))
        try:
            await mornings.play(steps[0], WARM)
            holding: list[int] = []
            for schools in steps:
                if not (await mornings.play(schools, seconds)).holds:
                    break
                holding.append(schools)
            for schools in reversed(holding):
                if (played := await mornings.play(schools, held)).holds:
                    return played
            return None
        finally:
            await mornings.close()


def figures(played: Morning, cores: int) -> list[Figure]:
    name = f"city morning on {cores} core{'s' if cores > 1 else ''}"
    return [
        plain(f"{name}, schools", "", [played.schools]),
        plain(f"{name}, pages open", "", [played.pages]),
        plain(f"{name}, rolls", "/s", [played.rate]),
        plain(f"{name}, refused", "", [played.refused], 0),
        plain(f"{name}, save p50", "ms", [at(played.saves, 50)]),
        plain(f"{name}, save p99", "ms", [at(played.saves, 99)], SAVE),
        plain(f"{name}, page p50", "ms", [at(played.news, 50)]),
        plain(f"{name}, page p99", "ms", [at(played.news, 99)], LAG),
        plain(f"{name}, used by others meanwhile", "processors", [played.others]),
        plain(f"{name}, idle pages", "processors", [sum(played.idle.values())]),
        *(plain(f"{name}, processor of {who} a roll", "ms", [ms]) for who, ms in played.costs.items()),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schools", type=int, default=SCHOOLS, help="whose rows fill the tables")
    parser.add_argument("--steps", default=",".join(map(str, STEPS)), help="cities that are tried, rising")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each step")
    parser.add_argument("--held", type=float, default=HELD, help="seconds of the greatest that held")
    parser.add_argument("--core", type=int, help="the product on this core alone")
    asked = parser.parse_args(arguments)
    steps = [int(step) for step in asked.steps.split(",") if int(step) <= asked.schools]
    cores = sorted(os.sched_getaffinity(0))
    if asked.core is not None:
        os.sched_setaffinity(0, {asked.core})  # what is started from here on stays there
    with tempfile.TemporaryDirectory(prefix="diary-bench-") as made:
        Path(made).chmod(0o755)
        with city(Path(made), asked.schools) as one:
            if asked.core is not None:
                os.sched_setaffinity(0, set(cores) - {asked.core})
            held = asyncio.run(greatest(one, steps, asked.seconds, asked.held))
            if held is None:
                raise SystemExit("no city holds")
            write(figures(held, 1 if asked.core is not None else len(cores)))


if __name__ == "__main__":
    main()
