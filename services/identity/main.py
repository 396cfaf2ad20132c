"""What the identity service is made of."""

import asyncio
from pathlib import Path

from services.identity import api, keys, sessions
from shared import access
from shared.postgres import Pool
from shared.process import Service
from shared.settings import Settings

HOUR = 3600.0


async def sweep(settings: Settings, pool: Pool) -> None:
    """Once an hour delete what has run out."""

    def once() -> None:
        with pool.connection() as conn:
            sessions.sweep(conn)

    while True:
        await asyncio.to_thread(once)
        await asyncio.sleep(HOUR)


def can_sign(settings: Settings) -> None:
    """Not ready without a signing key."""
    keys.signing(settings)


SERVICE = Service(
    name="identity",
    routers=(api.router,),
    migrations=(Path(__file__).parent / "migrations",),
    projections=(access.projection("identity"),),
    topics=("diary.identity",),
    erases=True,
    beside=(sweep,),
    checks={"signing key": can_sign},
)
