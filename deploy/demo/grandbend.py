"""Brings the published district in through the public API: roster, timetable, accounts, gradebook, absences.

May be run again after an interruption: every command has a key that follows from what it says.
"""

import csv
import io
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from deploy.demo import imports
from deploy.demo.client import NAMESPACE, Client, NotAccepted
from deploy.demo.imports import when_known
from deploy.demo.people import DISTRICT, VISITORS, named
from deploy.demo.stack import Stack
from deploy.embedded.progress import say, step
from shared.contracts.roster import derived_id

TODAY = date(2022, 5, 25)
"""Where the demo's school calendar stands: the published year is 2021–2022."""
HERE = Path(__file__).parent / "grandbend"
ZONE = "America/Chicago"
HIGH_SCHOOL = "255901001"
KINDS = {"homework": "1", "quiz": "2", "test": "3", "lesson": "1", "project": "2", "exam": "4"}
WRITERS = 4
"""Commands sent at once."""

Row = dict[str, str]


def load_once(stack: Stack, folder: Path) -> None:
    """The first time only: a mark in the folder says that the district is in."""
    done = folder / "district-loaded"
    if not done.exists():
        load(Client(stack.ports, stack.environment["DIARY_OPERATOR_CLIENT_SECRET"]), TODAY)
        done.touch()


def load(client: Client, today: date, absences_since: date | None = None) -> Counter[str]:
    """Everything up to the demo's day. Returns how many commands were not accepted, by code.

    Absences before `absences_since` are left out; None: the whole year's.
    """
    with step("roster of the published district"):
        imports.roster(client, HERE, ZONE)
    with step("timetable"):
        imports.timetable(client, HERE, DISTRICT)
    with step("accounts of the demo"):
        imports.accounts(client, named(VISITORS, HERE))
    refused: Counter[str] = Counter()
    with step("gradebook"):
        gradebook(client, refused)
    with step("absences"):
        absences(client, today, absences_since or date.min, refused)
    for code, count in refused.items():
        say(f"  not accepted: {count} × {code}")
    return refused


def bundle(name: str) -> Iterator[Row]:
    """Rows of a file of the bundle."""
    with zipfile.ZipFile(HERE / "oneroster.zip") as opened, opened.open(f"{name}.csv") as file:
        yield from csv.DictReader(io.TextIOWrapper(file, "utf-8"))


def own(name: str) -> Iterator[Row]:
    """Rows of a file beside the bundle."""
    with (HERE / f"{name}.csv").open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def thing(kind: str, source_id: str) -> UUID:
    return derived_id(DISTRICT, kind, source_id)


def gradebook(client: Client, refused: Counter[str]) -> None:
    """The high school marks by hundred points; each line item is a work of the lesson of its first day."""
    school = thing("orgs", HIGH_SCHOOL)
    rule = {"scale": "hundred", "kinds": [{"kind": kind, "weight": weight} for kind, weight in KINDS.items()]}
    when_known(lambda: client.command("PUT", "grades", f"/schools/{school}/rule", rule, "rule"))
    numbers = {row["classSourcedId"]: int(row["lesson"]) for row in own("timetable")}
    results = defaultdict(list)
    for row in bundle("results"):
        results[row["lineItemSourcedId"]].append(row)
    for item in bundle("lineItems"):
        work = uuid5(NAMESPACE, item["sourcedId"])
        body = {
            "work_id": str(work),
            "group_id": str(thing("classes", item["classSourcedId"])),
            "on": item["assignDate"],
            "number": numbers[item["classSourcedId"]],
            "kind": _kind(item["title"]),
            "title": item["title"],
            "confirmed": True,
        }
        when_known(partial(client.command, "POST", "grades", "/works", body, item["sourcedId"]))
        marks = [
            {"pupil_id": str(thing("users", row["studentSourcedId"])), "value": row["score"]}
            for row in results[item["sourcedId"]]
        ]
        try:
            client.command("POST", "grades", f"/works/{work}/marks", {"marks": marks}, f"marks of {item['sourcedId']}")
        except NotAccepted as why:
            refused[why.args[0]] += len(marks)


def _kind(title: str) -> str:
    return "quiz" if "Quiz" in title else "test" if "Test" in title else "homework"


@dataclass(frozen=True)
class Meeting:
    """A lesson of a class, by the published timetable."""

    group: str
    on: date
    number: int


def absences(client: Client, today: date, since: date, refused: Counter[str]) -> None:
    """Take the roll of each lesson that somebody missed; all others of the class were present."""
    rolls = {meeting: said for meeting, said in missed().items() if since <= meeting.on <= today}
    done, total = 0, len(rolls)

    def take(pair: tuple[Meeting, dict[str, Row]]) -> None:
        nonlocal done
        meeting, said = pair
        path = f"/rolls/{thing('classes', meeting.group)}/{meeting.on}/{meeting.number}"
        body = {"entries": [_entry(pupil, row) for pupil, row in said.items()]}
        try:
            client.command("PUT", "attendance", path, body, f"roll {path}")
        except NotAccepted as why:
            refused[why.args[0]] += 1
        done += 1
        if done % 1000 == 0:
            say(f"  {done} of {total} rolls")

    if rolls:
        first = next(iter(rolls.items()))
        when_known(lambda: take(first))
    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(take, rolls.items()))
    say(f"  {total} rolls")


def _entry(pupil: str, row: Row) -> dict[str, Any]:
    reason = {"Absent excused": "excused", "Absent unexcused": "unexcused"}.get(row["reason"])
    state = "late" if row["category"] == "Tardy" else "absent"
    return {"pupil_id": str(thing("users", pupil)), "state": state, "reason": reason}


def missed() -> dict[Meeting, dict[str, Row]]:
    """By lesson, who missed it or came late, in order of day.

    A day's absence is one of every lesson of the pupil's that day, a day's lateness one of the first. What names one
    class says more than what names the day, and so does a part of a day: it is the last lesson, told apart.
    """
    lessons = _lessons_of_pupils()
    found: dict[Meeting, dict[str, Row]] = defaultdict(dict)
    events = sorted(own("attendance_events"), key=lambda row: (row["date"], bool(row["classId"]), row["category"]))
    for row in events:
        on = date.fromisoformat(row["date"])
        held = [m for m in lessons(row["studentId"], on) if row["classId"] in ("", m.group)]
        if not row["classId"] and held:
            held = held[:1] if row["category"] == "Tardy" else held[-1:] if row["category"] == "Partial" else held
        for meeting in held:
            found[meeting][row["studentId"]] = row
    return dict(sorted(found.items(), key=lambda pair: (pair[0].on, pair[0].group, pair[0].number)))


def _lessons_of_pupils() -> Callable[[str, date], list[Meeting]]:
    slots = defaultdict(list)
    for row in own("timetable"):
        slots[row["classSourcedId"], int(row["weekday"])].append(row)
    enrolled = defaultdict(list)
    for row in bundle("enrollments"):
        if row["role"] == "student":
            enrolled[row["userSourcedId"]].append(row)

    def lessons(pupil: str, on: date) -> list[Meeting]:
        day = on.isoformat()
        held = {
            Meeting(slot["classSourcedId"], on, int(slot["lesson"]))
            for row in enrolled[pupil]
            if row["beginDate"] <= day <= row["endDate"]
            for slot in slots[row["classSourcedId"], on.isoweekday()]
            if slot["beginDate"] <= day <= slot["endDate"]
        }
        return sorted(held, key=lambda meeting: meeting.number)

    return lessons
