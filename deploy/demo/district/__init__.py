"""A school district that looks like life, made from a seed: OneRoster bundle, timetable, bells, holidays.

It knows nothing of the product: it writes the files that the imports take.
"""

from pathlib import Path

from deploy.demo.district.plan import DISTRICT, ZONE, Cast, Counts, Nonsense, Plan

__all__ = ["DISTRICT", "ZONE", "Cast", "Counts", "Nonsense", "Plan", "cast", "write"]


def write(plan: Plan, folder: Path) -> Counts:
    """Write oneroster.zip, timetable.csv, bells.csv, holidays.csv into the folder, made if it is not there.

    The same plan gives the same bytes. Memory is that of one school.
    """
    raise NotImplementedError


def cast(plan: Plan) -> Cast:
    """The demo's visitors, as `write` writes them; makes one school only."""
    raise NotImplementedError
