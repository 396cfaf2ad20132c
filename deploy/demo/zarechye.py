"""The Russian district of the demo: three schools of the generator, with half a term of life in them.

Of the last school days everything is there, of every class. Before them, back to the beginning of the term's half, only
the visitors' classes have been taught: a visitor opens those, and the first start is to take a minute and not an hour.
The visitors' classes come first; the head's school and the other schools come in while visitors look.
"""

from collections.abc import Callable, Iterator, Sequence
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
    """A piece of the history: those of `groups` are taught; `corrected`: those that were taught the day before."""

    on: date
    groups: frozenset[str]
    corrected: frozenset[str]
    until: float = 24 * 60

    def commands(self, life: Life) -> Iterator[Command]:
        made = journal.day(life, self.on, self.groups, self.corrected, played=TODAY)
        return (command for command in made if command.at <= self.until)


@dataclass(frozen=True)
class Part:
    """Classes that are played together, and the school days of which they have everything, before today's morning."""

    name: str
    groups: frozenset[str]
    days: int

    def pieces(self, whole: District) -> list[Day]:
        """In order of time."""
        past = whole.school_days(TODAY, self.days)
        before = [frozenset[str](), *(self.groups for _ in past)]
        return [*map(Day, past, [self.groups] * len(past), before), Day(TODAY, self.groups, before[-1], NOW)]


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
    whole = read(there)
    _once(folder, "history", lambda: history(stack, folder, whole, [first(whole)]))


def load_rest(stack: Stack, folder: Path) -> None:
    """The rest of the history, which nobody has to wait for."""
    if not (folder / "rest-loaded").exists():
        whole = read(files(folder))
        report = history(stack, folder, whole, others(whole))
        if not report.refused:
            (folder / "rest-loaded").touch()


def _once(folder: Path, name: str, do: Callable[[], object]) -> None:
    """A mark in the folder says that it is done."""
    mark = folder / f"{name}-loaded"
    if not mark.exists():
        with step(name):
            do()
        mark.touch()


def history(stack: Stack, folder: Path, whole: District, parts: Sequence[Part]) -> Report:
    """Play the days before today, and today's morning. Days that an interrupted start has played are passed over."""
    player = Player(Straight.into(folder, stack.ports), Pace(workers=WORKERS), whole.name)
    uvloop.run(_played(player, folder, whole, parts))
    for line in player.report.lines():
        say(line)
    return player.report


async def _played(player: Player, folder: Path, whole: District, parts: Sequence[Part]) -> None:
    life = Life(whole, PLAN.seed)
    for part in parts:
        for piece in part.pieces(whole):
            done = folder / f"played-{part.name}-{piece.on}"
            if done.exists():
                continue
            refused = player.report.refused.total()
            await player.play(piece.commands(life), learning=True)
            if player.report.refused.total() == refused:
                done.touch()


def first(whole: District) -> Part:
    """What visitors open: the classes of the teacher, the parent and the pupil."""
    return Part("visitors", shown(whole), SHOWN_DAYS)


def others(whole: District) -> list[Part]:
    """All other classes: first those of the school whose head is a visitor, then the other schools'."""
    home = next(one for one in whole.schools.values() if district.cast(PLAN).home in one.groups)
    groups = frozenset(name for school in whole.schools.values() for name in school.groups)
    school = frozenset(home.groups) - shown(whole)
    return [
        Part("school", school, WHOLE_DAYS),
        Part("others", groups - shown(whole) - school, WHOLE_DAYS),
    ]


def shown(whole: District) -> frozenset[str]:
    """Classes that visitors open: those where the teacher teaches, or where one of the two children learns."""
    cast = district.cast(PLAN)
    return frozenset(
        group.name
        for school in whole.schools.values()
        for group in school.groups.values()
        if group.pupils.keys() & {cast.pupil, cast.sibling} or cast.teacher in (name for name, _ in group.teachers)
    )
