"""What a service does when a person was erased: opened copies of his names and texts go (152-FZ, architecture.md 17).

What is sealed needs nothing: its key is gone. A service that keeps something opened names the statements that drop it,
each with one parameter, `%(people)s`, the ids of those erased. They may be run again and again.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg_pool import PoolTimeout

from shared import clock
from shared.contracts import Event, roster
from shared.contracts.envelope import Received
from shared.contracts.roster import PersonErased
from shared.postgres import Conn, Pool
from shared.settings import Settings
from shared.stream import Projection

MIGRATIONS = Path(__file__).parent / "migrations"
AGAIN = 60.0
"""Seconds between two looks for what was opened with a key that a process still remembered (30 s), or came late."""
LATE = timedelta(days=2)
"""For so long after an erasure something may come late."""

Statements = Sequence[LiteralString]

log = logging.getLogger(__name__)

REMEMBER = """
INSERT INTO erased (person_id, at) SELECT * FROM unnest(%s::uuid[], %s::timestamptz[]) ON CONFLICT DO NOTHING
"""
LATELY = "SELECT array_agg(person_id) FROM erased WHERE at > %s"

LEAVES: frozenset[type[Event]] = frozenset(
    {
        roster.SchoolDescribed, roster.YearPlanned, roster.GroupDescribed, roster.GroupClosed, roster.EnrolmentsSet,
        roster.PersonDescribed, roster.RolesSet, roster.FamilySet, roster.ImportApplied, *roster.TIE_REQUESTS,
    }
)  # fmt: skip


def projection(service: str, statements: Statements) -> Projection:
    """What a service adds to its projections to take part."""

    def apply(conn: Conn, received: Sequence[Received]) -> None:
        erased = {one.event.person_id: one.time for one in received if isinstance(one.event, PersonErased)}
        conn.execute(REMEMBER, [list(erased), list(erased.values())])
        forget(conn, statements, list(erased))

    topics = ("diary.roster",)
    return Projection(f"{service}.erasure.1", topics, apply, frozenset({PersonErased}), LEAVES, tables=("erased",))


def forget(conn: Conn, statements: Statements, people: Sequence[object]) -> int:
    """Drop what the service has opened of these people. Returns how many rows that were."""
    return sum(conn.execute(statement, {"people": people}).rowcount for statement in statements)


class Sweep:
    """A task beside the worker: the same again for those erased lately."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def __call__(self, settings: Settings, pool: Pool) -> None:
        while True:
            try:
                if found := await asyncio.to_thread(self.once, pool):
                    log.info("late copies of erased people dropped", extra={"rows": found})
            except (psycopg.OperationalError, PoolTimeout) as error:
                log.warning("late copies are dropped later", extra={"cause": type(error).__name__})
            await asyncio.sleep(AGAIN)

    def once(self, pool: Pool) -> int:
        """How many rows were dropped."""
        with pool.connection() as conn:
            (people,) = conn.execute(LATELY, [clock.now() - LATE]).fetchone() or (None,)
            return forget(conn, self._statements, people) if people else 0
