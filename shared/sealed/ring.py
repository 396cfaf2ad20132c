"""The key ring: one key for each person or school, in a database of its own, wrapped by the operator's master key.

It gives one of three answers: a key, *destroyed* (when, by which act), or none at all (`NoAnswer`). Only the second
means erased; after the third the asker has to wait.
"""

import base64
import binascii
import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import Connection
from psycopg.abc import RV, PQGen
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout

from shared.sealed.boxes import NONCE, Destroyed, NoAnswer
from shared.sealed.cache import Cache
from shared.sealed.roles import SERVICE, conninfo
from shared.settings import Settings

PATIENCE = 2.0
"""Seconds for a connection, and again for a statement."""

FIND = "SELECT owner, wrapped, master, destroyed_at, act FROM keys WHERE owner = ANY (%s)"
MAKE = "SELECT owner, wrapped, master, destroyed_at, act FROM make_keys(%s, %s, %s::smallint)"
DESTROY = "SELECT destroy_key(%s, %s)"

Row = tuple[UUID, bytes | None, int, datetime | None, str | None]


class _Impatient(Connection[TupleRow]):
    """Gives up on a server that took the statement and says nothing more, which no server-side timeout can see."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = PATIENCE) -> RV:
        return super().wait(gen, interval, PATIENCE if timeout is None else timeout)


class KeyRing:
    """Thread-safe; one for each process. Answers are remembered for 30 s, so a destroyed key dies out in that time."""

    def __init__(self, pool: ConnectionPool[_Impatient], masters: Sequence[bytes]) -> None:
        self._pool = pool
        self._masters = masters
        self._cache = Cache()

    @staticmethod
    def connect(settings: Settings, erases: bool = False) -> "KeyRing":
        """A ring that connects when it is first asked, so that a process can start while the ring is down.

        Only one that `erases` may destroy keys: it is for the services that decide about erasure (roles.py).

        Raises ValueError if DIARY_KEYRING_MASTER is not base64 of 32 bytes. Several, separated by commas, are the
        masters number 1, 2, …: new keys are wrapped by the last, the others still read theirs.
        """
        pool = ConnectionPool(
            make_conninfo(conninfo(settings, erases), connect_timeout=int(PATIENCE)),
            connection_class=_Impatient,
            kwargs={"autocommit": True},
            min_size=0,
            max_size=4,
            open=True,
            timeout=PATIENCE,
            reconnect_timeout=PATIENCE,  # the pool's own back-off would grow to minutes
            max_idle=60,
            configure=_limit,
            check=ConnectionPool.check_connection,
            name=SERVICE,
        )
        return KeyRing(pool, _masters(settings))

    def keys(self, owners: Iterable[UUID], create: bool) -> dict[UUID, bytes | Destroyed]:
        """The keys of all these owners in at most one round trip; with `create`, new ones for those who have none.

        Without `create`, owners who never had a key are left out. Safe to race: all callers get the same key.
        Raises NoAnswer.
        """
        wanted = set(owners)
        answer = self._cache.get(wanted)
        if missing := sorted(wanted - answer.keys()):
            rows = self._ask(MAKE, [missing, *self._fresh(missing)]) if create else self._ask(FIND, [missing])
            found = {row[0]: self._answer(row) for row in rows}
            self._cache.put(found)
            answer.update(found)
        return answer

    def destroy(self, owner: UUID, act: str) -> None:
        """Destroy the owner's key for good; `act` names the decision. Repeating it changes nothing.

        Raises NoAnswer, and psycopg's InsufficientPrivilege from a ring that was not connected to erase.
        Copies of the key live on in other processes for 30 s, and in the ring's backups until those are replaced.
        """
        self._ask(DESTROY, [owner, act])
        self.forget(owner)

    def forget(self, owner: UUID) -> None:
        """Ask the ring itself about this owner the next time."""
        self._cache.drop(owner)

    def close(self) -> None:
        self._cache = Cache()
        self._pool.close()

    def _ask(self, query: str, parameters: list[Any]) -> list[Any]:
        try:
            conn = self._pool.getconn(PATIENCE)
        except (PoolTimeout, psycopg.OperationalError) as why:
            raise NoAnswer("the key ring cannot be reached") from why
        try:
            return conn.execute(query, parameters).fetchall()
        except psycopg.OperationalError as why:
            conn.close()  # it may be in the middle of an answer
            raise NoAnswer("the key ring broke off") from why
        finally:
            self._pool.putconn(conn)

    def _fresh(self, owners: Sequence[UUID]) -> tuple[list[bytes], int]:
        number = len(self._masters)
        wrapped = []
        for owner in owners:
            nonce = os.urandom(NONCE)
            key = AESGCM.generate_key(256)
            wrapped.append(nonce + AESGCM(self._masters[-1]).encrypt(nonce, key, owner.bytes))
        return wrapped, number

    def _answer(self, row: Row) -> bytes | Destroyed:
        owner, wrapped, master, destroyed_at, act = row
        if wrapped is None:
            assert destroyed_at is not None and act is not None, "a constraint of the table"
            return Destroyed(destroyed_at, act)
        if not 1 <= master <= len(self._masters):
            raise NoAnswer(f"the key of {owner} is wrapped by master {master}, which is not in DIARY_KEYRING_MASTER")
        try:
            return AESGCM(self._masters[master - 1]).decrypt(wrapped[:NONCE], wrapped[NONCE:], owner.bytes)
        except InvalidTag as why:
            raise NoAnswer(f"the key of {owner} is not wrapped by master {master} of DIARY_KEYRING_MASTER") from why


def _limit(conn: _Impatient) -> None:
    conn.execute("SELECT set_config('statement_timeout', %s, false)", [f"{PATIENCE:.0f}s"])


def _masters(settings: Settings) -> list[bytes]:
    try:
        masters = [base64.b64decode(m, validate=True) for m in settings.keyring_master.get_secret_value().split(",")]
    except binascii.Error as why:
        raise ValueError("DIARY_KEYRING_MASTER is not base64") from why
    if any(len(master) != 32 for master in masters):
        raise ValueError("DIARY_KEYRING_MASTER must be base64 of exactly 32 bytes")
    return masters
