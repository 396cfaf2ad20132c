"""The product broken on purpose, in the drill's own processes: `make drill N=08 BREAK=unlocked` has to fail.

Each patch takes out one thing that a promise rests on. docs/reliability.md says which drill finds which, and how.
"""

import os
import runpy
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

from shared.eventstore import recorder, settle, start
from shared.postgres import Conn
from shared.stream import parked, progress, projection, relay
from shared.stream.arrivals import Arrival
from shared.stream.progress import Place, Position


def unlocked() -> None:
    """Writers take no shared lock before they draw their ids, so that a reader by id cannot know of them."""
    recorder.WRITERS = (settle.SPACE, settle.WRITING + 1)


def forgetful() -> None:
    """A repeated command is not looked up: only the unique constraint stands between it and a second event."""
    start._answered = lambda kept, done, intent: None


def two_leaders() -> None:
    """A relay leads without holding the lock."""
    relay._locked = lambda conn: True


def repeats_taken() -> None:
    """A projection takes in whatever comes, without comparing it with its position."""

    def all_fresh(at: Position, batch: Sequence[Arrival]) -> tuple[list[Arrival], Position]:
        last = max((a.place.sequence for a in batch if a.place), default=0)
        epoch = max((a.place.epoch for a in batch if a.place), default=0)
        return list(batch), replace(at, epoch=epoch, sequence=max(last, at.sequence), next_offset=batch[-1].offset + 1)

    projection.continuing = all_fresh  # type: ignore[attr-defined]


def passed_over() -> None:
    """What cannot be taken in is logged and passed over, as many consumers do."""
    parked.park = lambda conn, projection, arrival, why: None


def position_first() -> None:
    """The position is committed before the rows are written, in a transaction of its own."""
    moved = progress.advance

    def advance(conn: Conn, projection: str, place: Place, at: Position, to: Position) -> None:
        moved(conn, projection, place, at, to)
        conn.execute("COMMIT")
        conn.execute("BEGIN")

    projection.advance = advance  # type: ignore[attr-defined]


PATCHES: dict[str, Callable[[], None]] = {
    "unlocked": unlocked,
    "forgetful": forgetful,
    "two-leaders": two_leaders,
    "repeats-taken": repeats_taken,
    "passed-over": passed_over,
    "position-first": position_first,
}

if __name__ == "__main__":
    PATCHES[os.environ["DRILL_BREAK"]]()
    sys.argv[0] = "services"
    runpy.run_module("services", run_name="__main__")
