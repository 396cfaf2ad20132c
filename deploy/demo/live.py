"""`make demo LIVE=1`: today's lessons are taught while one looks, by teachers who sign in at the portal."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import uvloop

from deploy.demo.client import Client
from deploy.demo.day import journal
from deploy.demo.day.bundle import District
from deploy.demo.day.lesson import Life
from deploy.demo.day.player import Pace, Player, Report
from deploy.demo.day.ways import Signed
from deploy.demo.people import PASSWORD, Visitor
from deploy.demo.stack import Stack
from deploy.embedded.progress import say

SPEED = 60.0
"""Minutes of school a minute, unless SPEED says otherwise: a lesson takes 45 seconds."""
READS = 0.1
"""Parents who look into the diary, for each pupil of whom something was written."""
WORKERS = 6


@dataclass(frozen=True)
class Clock:
    """Where the demo's calendar stands, kept in its folder: a day that was played to its end is over."""

    today: date
    minute: float

    @property
    def at_school(self) -> str:
        """The hour at which the school's calendar starts: whenever one looks, there is school."""
        minute = int(min(max(self.minute, 8 * 60), 15 * 60))
        return f"{minute // 60:02}:{minute % 60:02}"

    @staticmethod
    def kept(folder: Path, first: "Clock") -> "Clock":
        """As the last live day left it; `first` at the first start."""
        file = folder / "calendar.json"
        if not file.exists():
            return first
        found = json.loads(file.read_text(encoding="utf-8"))
        return Clock(date.fromisoformat(found["today"]), found["minute"])

    def keep(self, folder: Path) -> None:
        draft = folder / "calendar.new"
        draft.write_text(json.dumps({"today": self.today.isoformat(), "minute": self.minute}), encoding="utf-8")
        draft.rename(folder / "calendar.json")


def play(
    stack: Stack, folder: Path, life: Life, clock: Clock, speed: float, visitors: Sequence[Visitor] = ()
) -> Report:
    """The rest of today at so many times the speed of life. Returns when the school day is over.

    `visitors` have accounts and sign in by these.
    """
    commands = [command for command in journal.day(life, clock.today, reads=READS) if command.at > clock.minute]
    if not commands:
        say(f"{clock.today} has no lessons to play")
        return Report()
    begins = max(clock.minute, commands[0].at - 1)
    say(f"Live: {len(commands)} commands of {clock.today} from {_hour(begins)} on, {speed:g} times as fast as life")
    operator = Client(stack.ports, stack.environment["DIARY_OPERATOR_CLIENT_SECRET"])
    way = Signed(stack.url, operator, PASSWORD, {visitor.person_id: visitor.login for visitor in visitors})
    player = Player(way, Pace(speed, begins, WORKERS), life.district.name)
    uvloop.run(player.play(commands))
    say(f"The school day of {clock.today} is over:")
    for line in player.report.lines():
        say(line)
    if following := life.district.next_school_day(clock.today):
        Clock(following, 0).keep(folder)
        say(f"The next start is on {following}.")
    return player.report


def scales(operator: Client, district: District) -> dict[str, str]:
    """By school, the scale of its rule."""
    return {
        name: str(operator.get("grades", f"/schools/{district.id('orgs', name)}/rule")["scale"])
        for name in district.schools
    }


def _hour(minute: float) -> str:
    return f"{int(minute) // 60:02}:{int(minute) % 60:02}"
