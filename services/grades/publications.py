"""Drafts that were planned to be published: each API process looks every few seconds, and the ledger lets one do it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from anyio import to_thread
from fastapi import FastAPI

from services.grades import commands, views
from shared.clock import Calendar
from shared.eventstore import Checking, ConcurrentChange, InProgress, Ledger, OutcomeUnknown
from shared.postgres import Pool
from shared.sealed import KeyRing, NoAnswer
from shared.web.state import State

log = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two looks."""
LATER = (Checking, ConcurrentChange, InProgress, OutcomeUnknown, NoAnswer)
"""Troubles that pass: the next look finds it again."""


@asynccontextmanager
async def in_time(app: FastAPI, state: State) -> AsyncIterator[None]:
    """While the API runs."""
    if state.pool is None or state.ledger is None or state.ring is None:
        yield
        return
    looking = asyncio.create_task(_look(state.pool, state.ledger, state.ring, state.calendar))
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking


async def _look(pool: Pool, ledger: Ledger, ring: KeyRing, calendar: Calendar) -> None:
    while True:
        try:
            await to_thread.run_sync(publish_due, pool, ledger, ring, calendar)
        except Exception:  # whatever it is: the service serves, and what is due stays due
            log.exception("what was planned to be published could not be looked for")
        await asyncio.sleep(EVERY)


def publish_due(pool: Pool, ledger: Ledger, ring: KeyRing, calendar: Calendar) -> None:
    """Publish every draft whose time has come at its school."""
    furthest = calendar.at("UTC").replace(tzinfo=None) + timedelta(hours=14)
    with pool.connection() as conn:
        found = views.planned(conn, furthest)
    for planned in found:
        if planned.at > calendar.at(planned.zone).replace(tzinfo=None):
            continue
        try:
            commands.publish_as_planned(ledger, ring, calendar, planned)
        except LATER:
            continue
        except Exception:  # it holds up no other
            log.exception("a draft could not be published", extra={"work": str(planned.work_id)})
