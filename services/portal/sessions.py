"""Browsers' sessions, on the server: an opaque cookie, of which only the hash is kept."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row
from psycopg_pool import AsyncConnectionPool

from shared.postgres import Conn

Pool = AsyncConnectionPool[AsyncConnection[TupleRow]]

RECHECK = 15
"""Seconds after which the provider is asked again whether its session still lives."""

TRUSTED = 600
"""Seconds that a session goes on while the provider does not answer."""


def secret() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def digest(value: str) -> bytes:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True)
class Began:
    """A sign-in under way."""

    nonce: str
    verifier: str
    return_to: str


@dataclass(frozen=True)
class Session:
    """`stale`: the provider has to be asked again; `orphaned`: it has not answered for too long."""

    secret: bytes
    issuer: str
    account_id: UUID
    person_id: UUID
    sid: str
    acr: str
    auth_time: int
    checked_at: datetime
    stale: bool
    orphaned: bool


BEGIN = """
INSERT INTO sign_ins (state, browser, nonce, verifier, return_to, expires_at)
VALUES (%s, %s, %s, %s, %s, now() + interval '15 minutes')
"""
TAKE = """
DELETE FROM sign_ins WHERE state = %s AND browser = %s AND expires_at > now() RETURNING nonce, verifier, return_to
"""
OPEN = """
INSERT INTO sessions (secret, issuer, subject, account_id, person_id, sid, acr, auth_time)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
# idle at most 12 hours, 7 days in all
FIND = f"""
SELECT secret, issuer, account_id, person_id, sid, acr, auth_time, checked_at,
  checked_at < now() - interval '{RECHECK} seconds' AS stale,
  checked_at < now() - interval '{TRUSTED} seconds' AS orphaned
FROM sessions
WHERE secret = ANY (%s) AND seen_at > now() - interval '12 hours' AND began_at > now() - interval '7 days'
"""
# what came to be doubted while the provider was asked stays in doubt
SEEN = """
UPDATE sessions s SET seen_at = now(), checked_at = now()
FROM unnest(%s::bytea[], %s::timestamptz[]) AS asked (secret, at)
WHERE s.secret = asked.secret AND s.checked_at = asked.at
"""
CLOSE = "DELETE FROM sessions WHERE secret = ANY (%s)"
SWEEP = (
    "DELETE FROM sign_ins WHERE expires_at < now()",
    "DELETE FROM sessions WHERE seen_at < now() - interval '12 hours' OR began_at < now() - interval '7 days'",
)


def sweep(conn: Conn) -> None:
    """Delete what has run out."""
    for statement in SWEEP:
        conn.execute(statement)


async def begin(pool: Pool, state: str, browser: str, began: Began) -> None:
    """Remember what the provider's answer must match."""
    async with pool.connection() as conn:
        await conn.execute(BEGIN, [digest(state), digest(browser), began.nonce, began.verifier, began.return_to])


async def take(pool: Pool, state: str, browser: str) -> Began | None:
    """What this browser began under this state, once."""
    async with pool.connection() as conn:
        row = await (await conn.execute(TAKE, [digest(state), digest(browser)])).fetchone()
    return Began(*row) if row else None


async def open_session(pool: Pool, claims: dict[str, Any]) -> str:
    """A session for the account of an id token that was found good. Returns the cookie."""
    cookie = secret()
    values = [claims["iss"], claims["sub"], UUID(claims["sub"]), UUID(claims["person"])]
    more = [str(claims["sid"]), str(claims.get("acr", "")), int(claims["auth_time"])]
    async with pool.connection() as conn:
        await conn.execute(OPEN, [digest(cookie), *values, *more])
    return cookie


def secret_of(cookie: str | None) -> bytes | None:
    """What is kept of a cookie; None for one that cannot be ours."""
    return digest(cookie) if cookie and len(cookie) <= 100 else None


async def find(pool: Pool, secrets: Collection[bytes]) -> list[Session]:
    """The living ones: asked at every request, so that an ended one is over on every replica."""
    async with pool.connection() as conn, conn.cursor(row_factory=class_row(Session)) as cursor:
        return await (await cursor.execute(FIND, [list(secrets)])).fetchall()


async def seen(pool: Pool, living: Sequence[Session]) -> None:
    """The provider said that they live."""
    async with pool.connection() as conn:
        await conn.execute(SEEN, [[one.secret for one in living], [one.checked_at for one in living]])


async def close(pool: Pool, ended: Sequence[Session]) -> None:
    async with pool.connection() as conn:
        await conn.execute(CLOSE, [[one.secret for one in ended]])
