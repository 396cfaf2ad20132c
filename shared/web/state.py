"""What a route may ask for beside its request: the ledger, the pool, the key ring, the calendar, the settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from shared.clock import Calendar
from shared.eventstore import Ledger
from shared.postgres import Pool
from shared.sealed import KeyRing
from shared.settings import Settings
from shared.stream.live import Listener


@dataclass(frozen=True)
class State:
    """Made once for the API of a service; None is what the service does not have.

    `checks` are the further conditions of `/readyz`, by name: each raises when it is not met.
    """

    settings: Settings
    calendar: Calendar = field(default_factory=Calendar)
    pool: Pool | None = None
    ledger: Ledger | None = None
    ring: KeyRing | None = None
    listener: Listener | None = None
    checks: Mapping[str, Callable[[], None]] = field(default_factory=dict)


def state_of(request: Request) -> State:
    """The state of the application that answers this request."""
    state: State = request.app.state.diary
    return state


async def _settings(request: Request) -> Settings:
    return state_of(request).settings


async def _calendar(request: Request) -> Calendar:
    return state_of(request).calendar


async def _pool(request: Request) -> Pool:
    pool = state_of(request).pool
    if pool is None:
        raise LookupError("this service has no database")
    return pool


async def _ledger(request: Request) -> Ledger:
    ledger = state_of(request).ledger
    if ledger is None:
        raise LookupError("this service has no event store")
    return ledger


async def _ring(request: Request) -> KeyRing:
    ring = state_of(request).ring
    if ring is None:
        raise LookupError("this service has no key ring")
    return ring


async def _listener(request: Request) -> Listener:
    listener = state_of(request).listener
    if listener is None:
        raise LookupError("this service has no live names to listen to")
    return listener


TheSettings = Annotated[Settings, Depends(_settings)]
TheCalendar = Annotated[Calendar, Depends(_calendar)]
ThePool = Annotated[Pool, Depends(_pool)]
TheLedger = Annotated[Ledger, Depends(_ledger)]
TheRing = Annotated[KeyRing, Depends(_ring)]
TheListener = Annotated[Listener, Depends(_listener)]
