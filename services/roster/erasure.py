"""Destroying the keys of erased people, beside the worker.

The decision is an event; the key follows within `AGAIN` seconds, and again within as many after the ring came back from
a backup: so long a restored key can be read with.
"""

import asyncio
import logging
from uuid import UUID

import psycopg
from psycopg_pool import PoolTimeout

from shared.postgres import Pool
from shared.sealed import Destroyed, KeyRing, NoAnswer
from shared.settings import Settings

AGAIN = 10.0
"""Seconds between two looks."""

log = logging.getLogger(__name__)

ALL = "SELECT person_id, act FROM erasures"


async def destroy_keys(settings: Settings, pool: Pool) -> None:
    """Until cancelled: every person of `erasures` has no key."""
    ring = KeyRing.connect(settings, erases=True)
    try:
        while True:
            try:
                await asyncio.to_thread(once, ring, pool)
            except (psycopg.OperationalError, PoolTimeout, NoAnswer) as error:
                log.warning("keys are destroyed later", extra={"cause": type(error).__name__})
            await asyncio.sleep(AGAIN)
    finally:
        ring.close()


def once(ring: KeyRing, pool: Pool) -> int:
    """Destroy what is still there. Returns how many keys. Raises NoAnswer, psycopg.OperationalError."""
    with pool.connection() as conn:
        acts: dict[UUID, str] = dict(conn.execute(ALL).fetchall())
    for person in acts:
        ring.forget(person)
    keys = ring.keys(acts, create=False) if acts else {}
    alive = [person for person in acts if not isinstance(keys.get(person), Destroyed)]
    for person in alive:
        ring.destroy(person, acts[person])
    if alive:
        log.info("keys destroyed", extra={"count": len(alive)})
    return len(alive)
