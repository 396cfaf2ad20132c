"""What the portal is made of."""

import asyncio
from pathlib import Path

from services.portal import api, sessions, state, tokens
from shared.postgres import Pool
from shared.process import Service
from shared.settings import Settings

HOUR = 3600.0


async def sweep(settings: Settings, pool: Pool) -> None:
    """Once an hour delete what has run out."""

    def once() -> None:
        with pool.connection() as conn:
            for statement in sessions.SWEEP:
                conn.execute(statement)

    while True:
        await asyncio.to_thread(once)
        await asyncio.sleep(HOUR)


def can_sign(settings: Settings) -> None:
    """Not ready without a signing key."""
    tokens.published(settings)


SERVICE = Service(
    name="portal",
    routers=(api.router, api.last),
    migrations=(Path(__file__).parent / "migrations",),
    ring=False,
    around=state.running,
    beside=(sweep,),
    checks={"signing key": can_sign},
)
