"""What memory each process of the product takes, at rest, after a load and in an import, and what an open page costs.

    python -m tests.bench.memory [--apart] [pages …]

`--apart`: each role of a service is a process of its own, as on Kubernetes; without it a service is one, forked from a
process that has loaded the code. A page is one live stream through the portal, which opens one at reporting; the slope
over the numbers of open pages is what one takes in each process.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp

from deploy.demo.client import Client
from tests.bench.import_ import PUBLISHED
from tests.bench.portal import hold
from tests.bench.report import Figure, plain, write
from tests.bench.whole import Whole, page, whole

PAGES = (100, 500, 1000)
AT_ONCE = 50
SESSION = 5
"""Pages of one sign-in of a class: the portal lets a session have sixteen, and a parent may have three children."""
SETTLED = 5.0
"""Seconds after the last page was opened until memory is read."""
RATE, SECONDS = 10, 30
"""300 class saves."""
GOAL, GOAL_STREAM = 120.0, 40.0
"""MB of a process, kB of a stream in one process."""
STREAMING = ("portal", "reporting", "notify", "messaging")
MOST = 1.0
"""kB a page under which a process is not named: it does not hold the stream."""


@dataclass(frozen=True)
class Memory:
    """Megabytes. `resident` counts what is shared in full, `proportional` its part; `peak` is of `resident`."""

    resident: float
    proportional: float
    peak: float


def of_process(pid: int) -> Memory:
    """As the kernel counts it now."""
    found = {}
    for file in ("smaps_rollup", "status"):
        for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
            name, _, value = line.partition(":")
            if name in ("Rss", "Pss", "VmHWM"):
                found[name] = int(value.split()[0]) / 1024
    return Memory(found["Rss"], found["Pss"], found["VmHWM"])


def processes(one: Whole) -> dict[str, Memory]:
    """By process, by name."""
    return {name: of_process(pid) for name, pid in sorted(one.services.items())}


def loaded(one: Whole) -> dict[str, Memory]:
    """The same after some hundred class saves."""
    held = asyncio.run(hold(one, RATE, SECONDS))
    print(held.line(), flush=True)
    return processes(one)


def imported(one: Whole) -> dict[str, Memory]:
    """The same after the published district came in and was taken in everywhere; the peak is of that time alone."""
    for pid in one.services.values():
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak begins anew: proc(5)
    operator = Client(one.stack.ports, one.stack.environment["DIARY_OPERATOR_CLIENT_SECRET"])
    with PUBLISHED.open("rb") as file:
        upload = {"file": ("oneroster.zip", file, "application/zip")}
        zone = "America/Chicago"
        report = operator.upload("roster", "/imports", upload, "memory", time_zone=zone, dry_run="false")
    assert report["state"] == "applied", report["errors"][:3]
    one.settle()
    return processes(one)


async def open_pages(one: Whole, numbers: Sequence[int]) -> dict[int, dict[str, Memory]]:
    """Memory of each process while so many pages are open."""
    found: dict[int, dict[str, Memory]] = {}
    people: dict[int, Whole] = {}

    def signed(number: int) -> Whole:
        """Each so many pages are of browsers that signed in by themselves."""
        return people.setdefault(
            number // (SESSION * len(one.classes)), replace(one, people=replace(one.people, _cookies={}, _doors={}))
        )

    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http, AsyncExitStack() as pages:
        readers: list[asyncio.Task[None]] = []
        for number in numbers:
            while len(readers) < number:
                some = range(len(readers), min(number, len(readers) + AT_ONCE))
                contexts = [page(signed(n), http, one.classes[n % len(one.classes)]) for n in some]
                answers = await asyncio.gather(*(pages.enter_async_context(each) for each in contexts))
                readers += [asyncio.create_task(_read(answer)) for answer in answers]
            await asyncio.sleep(SETTLED)
            found[number] = processes(one)
        for reader in readers:
            reader.cancel()
    return found


async def _read(answer: aiohttp.ClientResponse) -> None:
    async for _ in answer.content:
        pass


def slopes(found: Mapping[int, Mapping[str, Memory]]) -> dict[str, float]:
    """Kilobytes a page in each process, between the least and the greatest number of open ones."""
    few, many = min(found), max(found)
    return {
        name: (there.proportional - found[few][name].proportional) / (many - few) * 1024
        for name, there in found[many].items()
    }


def figures(when: str, found: Mapping[str, Memory], apart: bool, peak: bool = False) -> list[Figure]:
    """Of each process; the goal is one of a process's resident memory, so it stands where nothing is forked."""
    prefix = f"memory {when}{', roles apart' if apart else ''}"
    made: list[Figure] = []
    for name, mb in found.items():
        made.append(plain(f"{prefix}, {name}, resident", "MB", [mb.resident], GOAL if apart else None))
        made.append(plain(f"{prefix}, {name}, proportional", "MB", [mb.proportional], None if apart else GOAL))
        if peak:
            made.append(plain(f"{prefix}, {name}, peak", "MB", [mb.peak]))
    return made


def page_figures(found: Mapping[int, Mapping[str, Memory]], apart: bool) -> list[Figure]:
    """A page is one stream in the portal and one in each of three services."""
    prefix = f"memory of an open page{', roles apart' if apart else ''}"
    each = slopes(found)
    made = [plain(f"{prefix}, all services together", "kB", [sum(each.values())])]
    for name, kilobytes in each.items():
        if name.split()[0] in STREAMING and kilobytes > MOST:
            made.append(plain(f"{prefix}, {name}", "kB", [kilobytes], GOAL_STREAM))
    return made


def measured(one: Whole, numbers: Sequence[int] = PAGES) -> list[Figure]:
    """All of it, in an order in which nothing earlier spoils what comes later."""
    apart = one.apart
    found = figures("at rest", processes(one), apart)
    found += page_figures(asyncio.run(open_pages(one, numbers)), apart)
    found += figures(f"after {RATE * SECONDS} class saves", loaded(one), apart)
    return found + figures("after an import of 2,900 people", imported(one), apart, peak=True)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", type=int, default=PAGES, help="numbers of open pages, rising")
    parser.add_argument("--apart", action="store_true", help="each role of a service is a process")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="diary-bench-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        with whole(folder, asked.apart) as one:
            write(measured(one, asked.pages))


if __name__ == "__main__":
    main()
