"""The whole product with a generated school in it, for loads that go in by the portal as people do."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
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
from tests.bench.saves import family, used

PLAN = district.Plan(schools=1, seed=1, letters=1, year=2026)
TODAY = date(2026, 12, 2)
CLASSES = 8
LESSONS = 30
"""Days back from today in which columns are opened."""
OPENERS = 8


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
class Whole:
    """`people` signs in at the portal; `servers` are PostgreSQL and Kafka by name, with their pids."""

    stack: Stack
    people: Signed
    classes: tuple[Class, ...]
    servers: Mapping[str, int]

    @property
    def services(self) -> dict[str, int]:
        """The services' processes by name; they are the children of one."""
        parent = int((self.stack.folder / "services.pid").read_text().split()[0])
        children = [pid for pid in family(parent) if pid != parent]
        return {Path(f"/proc/{pid}/comm").read_text().strip(): pid for pid in children}

    def used(self) -> dict[str, float]:
        """Seconds of processor so far, by process; PostgreSQL with all its sessions; `sender` is this process."""
        found = {name: used(pid) for name, pid in self.services.items()}
        found["PostgreSQL"] = sum(map(used, family(self.servers["PostgreSQL"])))
        found["Kafka"] = used(self.servers["Kafka"])
        found["sender"] = time.process_time()
        return found


@contextmanager
def whole(folder: Path) -> Iterator[Whole]:
    """Started, imported, and known to every service."""
    files = folder / "files"
    district.write(PLAN, files)
    settings = {"DIARY_SCHOOL_TODAY": TODAY.isoformat(), "DIARY_SCHOOL_TIME": "15:00"}
    with (
        Postgres(folder / "postgres") as postgres,
        Kafka(folder / "kafka") as kafka,
        Stack(folder / "diary", settings, postgres=postgres, kafka=kafka) as stack,
    ):
        operator = Client(stack.ports, stack.environment["DIARY_OPERATOR_CLIENT_SECRET"])
        imports.roster(operator, files, district.ZONE)
        imports.timetable(operator, files, district.DISTRICT)
        people = Signed(stack.url, operator, PASSWORD)
        servers = {"PostgreSQL": postgres.pid, "Kafka": kafka.pid}
        yield Whole(stack, people, tuple(_classes(read(files))), servers)


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


async def command(one: Whole, http: aiohttp.ClientSession, actor: UUID, path: str, body: Any) -> None:
    """One command to grades as a page sends it. Raises AssertionError when it is not accepted."""
    address, headers = await one.people.address(http, actor, "grades")
    sent = {**headers, "Idempotency-Key": str(uuid4())}
    async with http.post(address + path, json=body, headers=sent) as answer:
        said = await answer.read()
        assert answer.status == 200, said


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


def pss(pid: int) -> float:
    """Megabytes: what the process has alone, and its part of what it shares."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise LookupError(f"no Pss of {pid}")
