"""The Russian district of the demo: three schools of the generator, with half a term of life in them.

Of the last school days everything is there, of every class. Before them, back to the beginning of the term's half, only
the visitors' classes have been taught: a visitor opens those, and the first start is to take a minute and not an hour.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import uvloop

from deploy.demo import district, imports
from deploy.demo.client import Client
from deploy.demo.day import journal
from deploy.demo.day.bundle import District, read
from deploy.demo.day.lesson import Command, Life
from deploy.demo.day.player import Pace, Player, Report
from deploy.demo.day.ways import Straight
from deploy.demo.people import Visitor, named, of_plan
from deploy.demo.stack import Stack
from deploy.embedded.progress import say, step

PLAN = district.Plan(schools=3, seed=1, letters=2, year=2026)
TODAY = date(2026, 12, 2)
"""A Wednesday in the middle of the second quarter."""
NOW = 10 * 60 + 40
"""Minutes after midnight up to which today has been taught at the first start."""
WHOLE_DAYS = 2
"""School days of which every class has everything: this week's, since Monday."""
SHOWN_DAYS = 20
"""School days of which the visitors' classes have everything: the second quarter so far."""
WORKERS = 8
"""Commands under way at once."""


@dataclass(frozen=True)
class Day:
    """A piece of the history: `groups` None means every class; `corrected`: those that were taught the day before."""

    on: date
    groups: frozenset[str] | None
    corrected: frozenset[str] | None
    until: float = 24 * 60

    def commands(self, life: Life) -> Iterator[Command]:
        return (c for c in journal.day(life, self.on, self.groups, self.corrected) if c.at <= self.until)


def files(folder: Path) -> Path:
    """The district's files, written at the first start."""
    made, written = folder / "files", folder / "files" / "written"
    if not written.exists():
        with step("a district of three schools"):
            say(f"  {district.write(PLAN, made)}")
        written.touch()
    return made


def visitors(folder: Path) -> list[Visitor]:
    return named(of_plan(PLAN), files(folder))


def load(stack: Stack, folder: Path) -> None:
    """Bring everything in that is not in yet: may be interrupted anywhere and goes on there."""
    client = Client(stack.ports, stack.environment["DIARY_OPERATOR_CLIENT_SECRET"])
    there = files(folder)
    _once(folder, "roster", lambda: imports.roster(client, there, district.ZONE))
    _once(folder, "timetable", lambda: imports.timetable(client, there, district.DISTRICT))
    _once(folder, "accounts", lambda: imports.accounts(client, visitors(folder)))
    _once(folder, "history", lambda: history(stack, folder, read(there)))


def _once(folder: Path, name: str, do: Callable[[], object]) -> None:
    """A mark in the folder says that it is done."""
    mark = folder / f"{name}-loaded"
    if not mark.exists():
        with step(name):
            do()
        mark.touch()


def history(stack: Stack, folder: Path, whole: District) -> Report:
    """Play the days before today, and today's morning. Days that an interrupted start has played are passed over."""
    player = Player(Straight.into(folder, stack.ports), Pace(workers=WORKERS), whole.name)
    uvloop.run(_played(player, folder, whole))
    for line in player.report.lines():
        say(line)
    return player.report


async def _played(player: Player, folder: Path, whole: District) -> None:
    life = Life(whole, PLAN.seed)
    for piece in days(whole, shown(whole)):
        done = folder / f"played-{piece.on}"
        if done.exists():
            continue
        refused = player.report.refused.total()
        await player.play(piece.commands(life), learning=piece.groups is not None)
        if player.report.refused.total() == refused:
            done.touch()


def days(whole: District, classes: frozenset[str]) -> list[Day]:
    """The history in order of time."""
    past = whole.school_days(TODAY, SHOWN_DAYS)
    first = len(past) - WHOLE_DAYS
    taught = [frozenset[str](), *(classes if n < first else None for n in range(len(past))), None]
    found = [Day(on, taught[n + 1], taught[n]) for n, on in enumerate(past)]
    return [*found, Day(TODAY, None, taught[-2], NOW)]


def shown(whole: District) -> frozenset[str]:
    """Classes that visitors open: those where the teacher teaches, or where one of the two children learns."""
    cast = district.cast(PLAN)
    return frozenset(
        group.name
        for school in whole.schools.values()
        for group in school.groups.values()
        if group.pupils.keys() & {cast.pupil, cast.sibling} or cast.teacher in (name for name, _ in group.teachers)
    )
