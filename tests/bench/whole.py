"""The whole product with a generated school in it, for loads that go in by the portal as people do."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp

from deploy.demo import district, imports
from deploy.demo.client import Client
from deploy.demo.day.bundle import District, Group, read
from deploy.demo.day.ways import Signed
from deploy.demo.people import PASSWORD
from deploy.demo.stack import Stack
from deploy.embedded.kafka import Kafka
from deploy.embedded.postgres import Postgres
from tests.bench.saves import family, used, used_by_all
from tests.bench.settled import until_settled

PLAN = district.Plan(schools=1, seed=1, letters=1, year=2026)
TODAY = date(2026, 12, 2)
CLASSES = 8
LESSONS = 30
"""Days back from today in which columns are opened."""
OPENERS = 8
SETTLE = 120.0
"""Seconds within which whatever was sent has to be taken in everywhere."""


@dataclass(frozen=True)
class Class:
    """A class with the lesson places its columns go to, its teacher, and one pupil with a parent who watches."""

    group: UUID
    places: tuple[tuple[date, int], ...]
    pupils: tuple[UUID, ...]
    teacher: UUID
    watched: UUID
    parent: UUID


@dataclass(frozen=True)
class Column:
    """An opened column that waits for its marks."""

    of: Class
    work: UUID


@dataclass(frozen=True)
class Product:
    """All services, running. `servers` are PostgreSQL and Kafka by name, with their pids.

    `apart`: each role of a service is a process of its own.
    """

    stack: Stack
    servers: Mapping[str, int]
    apart: bool = field(default=False, kw_only=True)

    @property
    def services(self) -> dict[str, int]:
        """The services' processes by name, children of one: a service's, or `grades api` where roles are apart."""
        parent = int((self.stack.folder / "services.pid").read_text().split()[0])
        return {_name(pid): pid for pid in family(parent) if pid != parent}

    def settle(self) -> None:
        """Wait until everything that was sent is taken in everywhere. Raises TimeoutError."""
        until_settled(self.stack.environment["DIARY_POSTGRES_ADMIN"], SETTLE)

    def used(self) -> dict[str, float]:
        """Seconds of processor so far, by process; PostgreSQL with all its sessions; `sender` is this process."""
        found = {name: used(pid) for name, pid in self.services.items()}
        found["PostgreSQL"] = used_by_all(self.servers["PostgreSQL"])
        found["Kafka"] = used(self.servers["Kafka"])
        found["sender"] = time.process_time()
        return found


@dataclass(frozen=True)
class Whole(Product):
    """The product with a school in it; `people` signs in at the portal."""

    people: Signed
    classes: tuple[Class, ...]


def _name(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    if "services" in words:
        service, role = words[words.index("services") + 1 :][:2]
        return f"{service} {role}"
    return Path(f"/proc/{pid}/comm").read_text().strip()  # forked, and named by itself


@contextmanager
def whole(folder: Path, apart: bool = False) -> Iterator[Whole]:
    """Started, imported, and known to every service. `apart`: a process for each role, not for each service."""
    files = folder / "files"
    district.write(PLAN, files)
    settings = {"DIARY_SCHOOL_TODAY": TODAY.isoformat(), "DIARY_SCHOOL_TIME": "15:00"}
    with (
        Postgres(folder / "postgres") as postgres,
        Kafka(folder / "kafka") as kafka,
        Stack(folder / "diary", settings, servers=(postgres, kafka), apart=apart) as stack,
    ):
        operator = Client(stack.ports, stack.environment["DIARY_OPERATOR_CLIENT_SECRET"])
        imports.roster(operator, files, district.ZONE)
        imports.timetable(operator, files, district.DISTRICT)
        people = Signed(stack.url, operator, PASSWORD)
        servers = {"PostgreSQL": postgres.pid, "Kafka": kafka.pid}
        one = Whole(stack, servers, people, tuple(_classes(read(files))), apart=apart)
        one.settle()
        yield one


def _classes(found: District) -> Iterator[Class]:
    """The largest groups, each of another teacher."""
    (school,) = found.schools.values()
    taken: set[str] = set()
    days = [TODAY - timedelta(days=n) for n in range(1, LESSONS)]
    places = {day: school.lessons(day) for day in days}
    for group in sorted(school.groups.values(), key=lambda group: -len(group.pupils)):
        teacher = group.teacher(TODAY.isoformat())
        lessons = tuple((day, slot.number) for day in days for slot in places[day] if slot.group == group.name)
        if teacher is None or teacher in taken or not lessons:
            continue
        taken.add(teacher)
        yield _class(found, group, teacher, lessons)
        if len(taken) == CLASSES:
            return


def _class(found: District, group: Group, teacher: str, lessons: tuple[tuple[date, int], ...]) -> Class:
    members = group.members(TODAY.isoformat())
    watched = next(name for name in members if found.families.get(name))
    return Class(
        found.id("classes", group.name),
        lessons,
        tuple(found.id("users", name) for name in members),
        found.id("users", teacher),
        found.id("users", watched),
        found.id("users", found.families[watched][0]),
    )


async def opened(one: Whole, http: aiohttp.ClientSession, count: int) -> list[Column]:
    """So many columns, of all classes in turn, opened through the portal."""
    numbers, made = iter(range(count)), list[Column]()

    async def opener() -> None:
        for n in numbers:
            of = one.classes[n % len(one.classes)]
            on, number = of.places[n // len(one.classes) % len(of.places)]
            column = Column(of, uuid4())
            body = {"work_id": str(column.work), "group_id": str(of.group), "on": on.isoformat(), "number": number,
                    "kind": "lesson", "confirmed": True}  # fmt: skip
            await command(one, http, of.teacher, "/works", body)
            made.append(column)

    await asyncio.gather(*(opener() for _ in range(OPENERS)))
    return made


class NotAccepted(Exception):
    """A command was answered with something else than 200; the argument is the answer."""


async def command(one: Whole, http: aiohttp.ClientSession, actor: UUID, path: str, body: Any) -> None:
    """One command to grades as a page sends it. Raises NotAccepted, and what aiohttp raises."""
    address, headers = await one.people.address(http, actor, "grades")
    sent = {**headers, "Idempotency-Key": str(uuid4())}
    async with http.post(address + path, json=body, headers=sent) as answer:
        said = await answer.read()
        if answer.status != 200:
            raise NotAccepted(answer.status, said[:500])


@asynccontextmanager
async def page(one: Whole, http: aiohttp.ClientSession, of: Class) -> AsyncIterator[aiohttp.ClientResponse]:
    """A parent's open page: the live stream through the portal."""
    _, headers = await one.people.address(http, of.parent, "reporting")
    asked = {"pupil_id": str(of.watched)}
    endless = aiohttp.ClientTimeout(total=None)
    async with http.get(f"{one.stack.url}/live", params=asked, headers=headers, timeout=endless) as answer:
        assert answer.status == 200, await answer.read()
        yield answer


async def told(answer: aiohttp.ClientResponse) -> AsyncIterator[Any]:
    """What reporting says on it."""
    event = ""
    async for raw in answer.content:
        name, _, value = raw.decode().rstrip("\n").partition(": ")
        if name == "event":
            event = value
        elif name == "data" and event == "reporting":
            yield json.loads(value)["data"]
