"""The product broken on purpose, in the drill's own processes: `make drill N=08 BREAK=unlocked` has to fail.

Each patch takes out one thing that a promise rests on. docs/reliability.md says which drill finds which, and how.
"""

import asyncio
import os
import runpy
import sys
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from aiokafka import AIOKafkaProducer
from psycopg.conninfo import make_conninfo

from shared.eventstore import recorder, settle, start
from shared.postgres import Conn
from shared.settings import Settings
from shared.stream import consume, parked, progress, projection, relay
from shared.stream.arrivals import Arrival
from shared.stream.brokers import brokers
from shared.stream.epochs import Cut
from shared.stream.headers import Place
from shared.stream.progress import Position
from shared.stream.relay import Lane
from shared.stream.tail import Acknowledged


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

    def all_fresh(
        at: Position, batch: Sequence[Arrival], cuts: Sequence[Cut] = (), acts: bool = False
    ) -> tuple[list[Arrival], Position]:
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


def offsets_first() -> None:
    """What was read counts as done before it is: a batch that fails is not asked for again."""

    def with_holes(
        at: Position, batch: Sequence[Arrival], cuts: Sequence[Cut] = (), acts: bool = False
    ) -> tuple[list[Arrival], Position]:
        places = [each.place for each in batch if each.place]
        fresh = [each for each in batch if each.place is None or each.place.sequence > at.sequence]
        last = max((place.sequence for place in places), default=0)
        epoch = max((place.epoch for place in places), default=0)
        return fresh, replace(at, epoch=epoch, sequence=max(last, at.sequence), next_offset=batch[-1].offset + 1)

    projection.continuing = with_holes  # type: ignore[attr-defined]
    consume.Consumption._again_later = lambda *_, **__: None  # type: ignore[method-assign]


def last_wins() -> None:
    """A position is moved whoever moved it before, and a frozen session keeps what it has in hand."""
    forward = """
    UPDATE progress SET epoch = %s, sequence = greatest(sequence, %s), next_offset = greatest(next_offset, %s)
    WHERE projection = %s AND topic = %s AND partition = %s
    """

    def advance(conn: Conn, projection: str, place: Place, at: Position, to: Position) -> None:
        conn.execute(forward, [to.epoch, to.sequence, to.next_offset, projection, *place])

    connected = projection.worker_conninfo

    def patient(settings: Settings, service: str) -> str:
        never = "-c idle_in_transaction_session_timeout=0 -c transaction_timeout=0"
        return make_conninfo(connected(settings, service), options=never)

    projection.advance = advance  # type: ignore[attr-defined]
    consume.worker_conninfo = patient  # type: ignore[attr-defined]


def any_number() -> None:
    """The relay takes a topic's partitions as it finds them."""
    relay.acknowledged = lambda conn, topics: {}  # type: ignore[attr-defined]


def two_in_flight() -> None:
    """A partition has two batches on their way at once, on connections of their own; readers look at no `prev`."""
    one_batch = relay.Leader._publish
    others: dict[Any, AIOKafkaProducer] = {}

    async def two_batches(leader: Any, lane: Lane) -> Acknowledged:
        waiting = list(lane.pending)[: relay.BATCH]
        if len(waiting) < 2:
            return await one_batch(leader, lane)
        if leader not in others:
            others[leader] = AIOKafkaProducer(**brokers(leader._settings), acks="all")
            await others[leader].start()
        half = len(waiting) // 2
        earlier, later = (
            Lane(lane.place, lane.saved, lane.queued, deque(each)) for each in (waiting[:half], waiting[half:])
        )
        other: Any = SimpleNamespace(_producer=others[leader])
        _, last = await asyncio.gather(one_batch(other, earlier), one_batch(leader, later))
        return last

    relay.Leader._publish = two_batches  # type: ignore[method-assign, assignment]
    offsets_first()


PATCHES: dict[str, Callable[[], None]] = {
    "unlocked": unlocked,
    "forgetful": forgetful,
    "two-leaders": two_leaders,
    "repeats-taken": repeats_taken,
    "passed-over": passed_over,
    "position-first": position_first,
    "offsets-first": offsets_first,
    "last-wins": last_wins,
    "any-number": any_number,
    "two-in-flight": two_in_flight,
}

if __name__ == "__main__":
    PATCHES[os.environ["DRILL_BREAK"]]()
    sys.argv[0] = "services"
    runpy.run_module("services", run_name="__main__")
