"""Reading the store by id without missing anything and without ever stopping a writer.

A writer takes a *shared* advisory lock before its ids are drawn and keeps it until its transaction ends. So whoever
may still commit an id up to the present maximum is in `pg_locks` now; a reader waits for those few to end.
"""

from collections.abc import Iterator
from time import sleep
from typing import NamedTuple
from uuid import UUID

from shared.postgres import Conn

SPACE, WRITING = 0x64696172, 1
"""The two halves of the advisory lock that writers share; `append` takes it (migrations)."""

MAX = "SELECT coalesce(max(id), 0), current_setting('transaction_isolation') FROM events"
# a transaction is known by its virtual id; the lock is of this database only
HOLDERS = """
SELECT virtualtransaction FROM pg_locks
WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND classid::bigint = %s AND objid::bigint = %s AND objsubid = 2
"""
PAUSES = (0.001, 0.002, 0.005, 0.010, 0.020)
"""Seconds between two looks; the last one for ever."""


class Row(NamedTuple):
    """An event as it stands in the store; `document` is what is published."""

    id: int
    key: UUID
    type: str
    document: bytes
    stream: UUID
    version: int
    import_id: UUID | None


def settled(conn: Conn) -> int:
    """An id up to which nothing can appear any more: every event up to it is committed or will never be.

    Waits for the writers that are between drawing their ids and their end, which `transaction_timeout` bounds; nobody
    waits for us. The connection must be in autocommit or READ COMMITTED, as the rows are to be read by a later
    statement; ValueError otherwise. 0 for an empty store.
    """
    top, isolation = conn.execute(MAX).fetchone() or (0, "")
    if isolation != "read committed":
        raise ValueError(f"settling needs a new snapshot for each statement, not {isolation}")
    if awaited := writing(conn):
        for pause in _pauses():
            sleep(pause)
            awaited &= writing(conn)
            if not awaited:
                break
    return int(top)


def writing(conn: Conn) -> set[str]:
    """The transactions that have drawn ids, or are about to, and have not ended."""
    return {str(transaction) for (transaction,) in conn.execute(HOLDERS, [SPACE, WRITING])}


def _pauses() -> Iterator[float]:
    yield from PAUSES
    while True:
        yield PAUSES[-1]


READ = """
SELECT id, key, type, document, stream, version, import_id FROM events
WHERE id > %s AND id <= %s ORDER BY id LIMIT %s
"""


def read(conn: Conn, after: int, upto: int, limit: int) -> list[Row]:
    """At most `limit` events with after < id <= upto, in order of id. `upto` must come from `settled`.

    Fewer than `limit` means there are no more up to `upto`. Ids have gaps where a transaction was rolled back.
    """
    return [Row(*row) for row in conn.execute(READ, [after, upto, limit], binary=True)]


def read_all(conn: Conn, after: int, upto: int, batch: int = 1000) -> Iterator[list[Row]]:
    """All events with after < id <= upto in batches, each read by a statement of its own."""
    while rows := read(conn, after, upto, batch):
        yield rows
        after = rows[-1].id
