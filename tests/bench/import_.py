"""How long a district takes to come in, and to be known by all nine services.

    python -m tests.bench.import_ [--times 1,3,10] [--bundle FILE.zip] [--into build/bench-import]

The published district, or so many of them side by side in one bundle, goes through the public API into the whole
product in processes of its own. Figures: seconds until roster answers `applied`, until every projection of every
service has taken in roster's last event, events a second, and the peak resident memory of each process.
"""

import argparse
import csv
import io
import os
import shutil
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg

from deploy.demo.client import Client
from deploy.demo.stack import ROOT, SERVICES, Stack
from tests.bench.report import Figure, plain, write

PUBLISHED = ROOT / "deploy/demo/grandbend/oneroster.zip"
TODAY = date(2022, 5, 25)
SHARED = ("academicSessions.csv", "manifest.csv")
"""Files that stand once in a bundle however many districts it is made of."""
IDS = frozenset(
    {
        "sourcedId", "parentSourcedId", "courseSourcedId", "schoolSourcedId", "userSourcedId", "orgSourcedId",
        "classSourcedId", "primaryOrgSourcedId", "agentSourcedIds",
    }
)  # fmt: skip
LEFT_OUT = frozenset({"categories.csv", "lineItems.csv", "results.csv"})


def multiplied(source: Path, times: int, target: Path) -> Path:
    """`times` districts in one: every school, class and person so often, under one district and one year."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in LEFT_OUT:
                with new.open(name, "w", force_zip64=True) as file:
                    for block in _file(old, name, times):
                        file.write(block)
    return target


def _file(old: zipfile.ZipFile, name: str, times: int) -> Iterator[bytes]:
    if name in SHARED:
        yield old.read(name)
        return
    head, *rows = csv.reader(io.TextIOWrapper(old.open(name), "utf-8"))
    for copy in range(times):
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        if copy == 0:
            writer.writerow(head)
        for row in rows:
            if copy == 0 or "district" not in row:
                writer.writerow(_copied(head, row, copy))
        yield out.getvalue().encode()


def _copied(head: Sequence[str], row: Sequence[str], copy: int) -> list[str]:
    return [_renamed(value, copy) if column in IDS else value for column, value in zip(head, row, strict=True)]


def _renamed(value: str, copy: int) -> str:
    kept = copy == 0 or value.startswith("SY") or value == DISTRICT
    return value if kept or not value else ",".join(f"{part}-{copy}" for part in value.split(","))


DISTRICT = "255901"


@dataclass(frozen=True)
class Outcome:
    """Seconds, counts, and MB by process."""

    roster: float
    known: float
    events: int
    counts: dict[str, int]
    peaks: dict[str, float]
    busy: dict[str, float]

    @property
    def rate(self) -> float:
        """Events a second, from the upload until all know them."""
        return self.events / (self.roster + self.known)


def measure(bundle: Path, folder: Path, zone: str = "America/Chicago") -> Outcome:
    """Bring one bundle into a fresh product in `folder`, which is emptied before and after."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        with Stack(folder, {"DIARY_SCHOOL_TODAY": TODAY.isoformat()}) as stack:
            client = Client(stack.ports, stack.environment["DIARY_OPERATOR_CLIENT_SECRET"])
            began, before = time.monotonic(), _busy(folder)
            with bundle.open("rb") as file:
                upload = {"file": ("oneroster.zip", file, "application/zip")}
                report = client.upload("roster", "/imports", upload, "bench", time_zone=zone, dry_run="false")
            if report["state"] != "applied":
                raise RuntimeError(f"the bundle was not applied: {report['state']} {report['errors'][:3]}")
            applied = time.monotonic()
            events = _until_known(stack.environment["DIARY_POSTGRES_ADMIN"])
            known = time.monotonic()
            busy = {name: seconds - before.get(name, 0) for name, seconds in _busy(folder).items()}
            return Outcome(applied - began, known - applied, events, report["counts"], _peaks(folder), busy)
    finally:
        log = (folder / "services.log").read_text() if (folder / "services.log").exists() else ""
        (folder.parent / "services.log").write_text(log)  # the last run's, for whoever asks why it was slow
        shutil.rmtree(folder, ignore_errors=True)


STORED = "SELECT max(id), count(*) FROM events"
PROJECTIONS = "SELECT projection, max(sequence) FROM progress WHERE topic = 'diary.roster' GROUP BY 1"
WAITING = "SELECT FROM held LIMIT 1"


def _until_known(admin: str) -> int:
    """Wait until every projection has taken in the last event, and what it held. Returns how many events there are."""
    with psycopg.connect(admin, dbname="diary_roster", autocommit=True) as conn:
        last, events = conn.execute(STORED).fetchone() or (0, 0)
    for service in SERVICES:
        if service == "portal":
            continue
        with psycopg.connect(admin, dbname=f"diary_{service}", autocommit=True) as conn:
            while not _knows(conn, last):
                time.sleep(0.2)
    return int(events)


def _knows(conn: psycopg.Connection[Any], last: int) -> bool:
    reached = [row[1] for row in conn.execute(PROJECTIONS)]
    return bool(reached) and min(reached) >= last and conn.execute(WAITING).fetchone() is None


def _processes(folder: Path) -> dict[str, list[int]]:
    """Process ids by name: services by their place, then PostgreSQL and Kafka."""
    serving = int((folder / "services.pid").read_text().split()[0])
    found: dict[str, list[int]] = {"(start)": [serving]}
    for name, pid in zip(SERVICES, sorted(_children(serving)), strict=False):
        found[name] = [pid]
    for name in ("postgres", "kafka"):
        for file in (folder / name).glob("*.pid"):
            pid = int(file.read_text().split()[0])
            found[name] = [pid, *_children(pid)]
    return found


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _peaks(folder: Path) -> dict[str, float]:
    """Highest resident memory so far in MB; of PostgreSQL the greatest of its processes."""
    return {name: max(map(_peak, pids)) for name, pids in _processes(folder).items()}


def _peak(pid: int) -> float:
    """0 for a session of PostgreSQL that has ended meanwhile."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return 0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0)


def _busy(folder: Path) -> dict[str, float]:
    """CPU seconds so far, those of ended children included."""
    return {name: sum(map(_cpu, pids)) for name, pids in _processes(folder).items()} if folder.exists() else {}


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0
    return sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def figures(times: int, outcome: Outcome) -> list[Figure]:
    name = f"import of {times} × the published district"
    return [
        plain(f"{name}, roster", "s", [outcome.roster]),
        plain(f"{name}, until all know it", "s", [outcome.known]),
        plain(f"{name}, events until known", "1/s", [outcome.rate]),
        *(plain(f"{name}, peak memory of {who}", "MB", [mb]) for who, mb in outcome.peaks.items()),
    ]


def _print(outcome: Outcome) -> None:
    print(f"  {outcome.events} events, {outcome.rate:.0f}/s: {outcome.counts}")
    for who, mb in outcome.peaks.items():
        print(f"  {who:<12}{mb:>8.0f} MB{outcome.busy.get(who, 0):>9.1f} s of CPU")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", default="1,3,10", help="sizes, in published districts")
    parser.add_argument("--bundle", type=Path, help="this bundle instead, once")
    parser.add_argument("--zone", default="America/Chicago", help="time zone of the schools")
    parser.add_argument("--into", type=Path, default=ROOT / "build/bench-import", help="folder for the servers")
    asked = parser.parse_args(arguments)
    found: list[Figure] = []
    asked.into.mkdir(parents=True, exist_ok=True)
    for times in [1] if asked.bundle else map(int, asked.times.split(",")):
        bundle = asked.bundle or multiplied(PUBLISHED, times, asked.into / f"{times}.zip")
        outcome = measure(bundle, asked.into / "servers", asked.zone)
        found += figures(times, outcome)
        print(f"{times} ×: roster {outcome.roster:.1f} s, until known {outcome.known:.1f} s")
        _print(outcome)
    if not asked.bundle:
        write(found)


if __name__ == "__main__":
    main()
