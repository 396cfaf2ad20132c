"""`python -m deploy.demo.day`: plays one school day into a demo that runs, and says what was not accepted."""

import argparse
import sys
from datetime import date
from pathlib import Path

import uvloop

from deploy.demo.client import Client
from deploy.demo.day import journal
from deploy.demo.day.bundle import read
from deploy.demo.day.lesson import Life
from deploy.demo.day.player import Pace, Player
from deploy.demo.day.ways import Signed, Straight, Way
from deploy.demo.keys import keys
from deploy.demo.people import PASSWORD
from deploy.embedded.progress import say


def main(arguments: list[str]) -> int:
    """Exit status 0 if everything was accepted, 1 if not, 2 for arguments that make no sense."""
    given = _arguments(arguments)
    life = Life(read(given.files), given.seed)
    commands = journal.day(life, given.on, reads=given.reads)
    if not commands:
        say(f"{given.on} has no lessons")
        return 2
    straight = Straight.into(given.demo)
    way: Way = straight
    if given.portal:
        operator = Client(straight.ports, keys(given.demo)["DIARY_OPERATOR_CLIENT_SECRET"])
        way = Signed(straight.issuer, operator, PASSWORD)
    pace = Pace(given.speed, commands[0].at, given.workers, given.patience)
    report = uvloop.run(Player(way, pace, life.district.name).play(commands))
    for line in report.lines():
        say(line)
    for kind in sorted(report.durations):
        middle, late = (1000 * report.quantile(kind, share) for share in (0.5, 0.99))
        say(f"  {kind:<16} {len(report.durations[kind]):>7} × p50 {middle:.1f} ms, p99 {late:.1f} ms")
    return int(bool(report.refused))


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.demo.day", description=__doc__)
    parser.add_argument("--files", type=Path, required=True, help="folder of the district's files")
    parser.add_argument("--demo", type=Path, required=True, help="folder of the running demo")
    parser.add_argument("--on", type=date.fromisoformat, required=True, help="the day, by the school's calendar")
    parser.add_argument("--speed", type=_speed, default=None, help="max (default), or minutes of school a minute")
    parser.add_argument("--workers", type=_positive, default=8, help="commands under way at once")
    parser.add_argument("--patience", type=float, default=60.0, help="seconds after which a command is given up")
    parser.add_argument("--reads", type=float, default=0.0, help="parents who look, for each pupil written about, 0–1")
    parser.add_argument("--seed", type=int, default=1, help="another seed is another life")
    parser.add_argument("--portal", action="store_true", help="sign in at the portal and go through it")
    return parser.parse_args(arguments)


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    if (speed := float(text)) <= 0:
        raise argparse.ArgumentTypeError("a number above 0, or max")
    return speed


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
