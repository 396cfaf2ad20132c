"""The worker of reporting with a diary that cannot take in marks of one column: `python -m tests.drills.poisoned …`."""

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.reporting import diary
from services.reporting.main import SERVICE
from shared.contracts.envelope import Received
from shared.contracts.grades import MarksGiven
from shared.postgres import Conn
from shared.process import main
from tests.drills import broken

WORKS = {UUID(work) for work in os.environ["DRILL_POISON"].split(",")}


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """A bug that one event brings out."""
    if any(isinstance(one.event, MarksGiven) and one.event.work_id in WORKS for one in received):
        raise ZeroDivisionError("an average of nothing")
    diary.apply(conn, received)


if __name__ == "__main__":
    if breaking := os.environ.get("DRILL_BREAK"):
        broken.PATCHES[breaking]()
    poisoned = replace(diary.PROJECTION, apply=apply)
    projections = tuple(poisoned if each is diary.PROJECTION else each for each in SERVICE.projections)
    sys.exit(main(replace(SERVICE, projections=projections), sys.argv[2:]))
