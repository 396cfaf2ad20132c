"""`python -m deploy.demo.district --schools 3 --into FOLDER`: writes a district's files."""

import argparse
import sys
from dataclasses import fields
from pathlib import Path
from typing import NoReturn

from deploy.demo.district import Nonsense, Plan, cast, write


class _OneLine(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage above it."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def main(arguments: list[str] | None = None) -> int:
    """Exit status 2, and why in one line, when no such district can be made."""
    parser = _OneLine(prog="python -m deploy.demo.district", description="Write the files of a district.")
    parser.add_argument("--schools", type=int, default=3)
    parser.add_argument("--seed", type=int, default=Plan.seed)
    parser.add_argument("--letters", type=int, default=Plan.letters, help="parallel classes a year")
    parser.add_argument("--year", type=int, default=Plan.year, help="the school year starts in September of it")
    parser.add_argument("--into", type=Path, required=True, metavar="FOLDER")
    asked = parser.parse_args(arguments)
    try:
        plan = Plan(asked.schools, asked.seed, asked.letters, asked.year)
        counts, visitors = write(plan, asked.into), cast(plan)
    except (Nonsense, OSError) as why:
        print(f"{parser.prog}: {why}", file=sys.stderr)
        return 2
    for told in (counts, visitors):
        print(", ".join(f"{field.name} {getattr(told, field.name)}" for field in fields(told)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
