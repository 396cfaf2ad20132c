"""What the roster service is made of."""

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import sleep

from fastapi import FastAPI

from services.roster import api, erasure, imports, ties_api, views
from shared import access
from shared.eventstore import Checking, InProgress, Ledger, OutcomeUnknown
from shared.postgres import Pool
from shared.process import Service
from shared.sealed.boxes import NoAnswer
from shared.web.state import State

log = logging.getLogger(__name__)

PAUSE = 2.0
"""Seconds before an interrupted import is tried again, while the store is not open or the key ring silent."""


@asynccontextmanager
async def going_on(app: FastAPI, state: State) -> AsyncIterator[None]:
    """While the API runs: finish, in a thread of its own, what a crash interrupted."""
    stopping = threading.Event()
    if state.pool is not None and state.ledger is not None:
        threading.Thread(target=_go_on, args=(state.pool, state.ledger, stopping), daemon=True).start()
    try:
        yield
    finally:
        stopping.set()


def _go_on(pool: Pool, ledger: Ledger, stopping: threading.Event) -> None:
    while not stopping.is_set():
        try:
            return imports.resume_all(pool, ledger)
        except (Checking, InProgress, OutcomeUnknown, NoAnswer):
            sleep(PAUSE)
        except Exception:  # whatever it is: the service serves, and the import can be resumed by its route
            log.exception("an interrupted import could not go on")
            return None


SERVICE = Service(
    name="roster",
    routers=(api.router, ties_api.router),
    migrations=(Path(__file__).parent / "migrations",),
    projections=(access.projection("roster"),),
    topics=("diary.roster",),
    view=views.apply,
    tables=views.TABLES,
    around=going_on,
    beside=(erasure.destroy_keys,),
    erases=True,
)
