"""The library's recorder over our table: a writer never waits for a reader, nor for a writer of another stream.

The stock recorder locks the table, and tries an insert again after a lost connection, which turns «saved, but the
answer was lost» into a conflict. This one does neither.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    InfrastructureFactory,
    Notification,
    NotSupportedError,
    StoredEvent,
    TrackingRecorder,
)
from eventsourcing.utils import Environment

from shared.eventstore import settle
from shared.eventstore.mapper import StoredDocument
from shared.postgres import Conn, Pool, records

WRITERS = (settle.SPACE, settle.WRITING)
APPEND = "SELECT append(%s, %s, %s, %b, %s, %b::bytea[])"
FACTS = ("stream", "version", "type", "key", "actor", "command", "import_id", "time")
SELECT = """
SELECT stream, version, type, document FROM events
WHERE stream = %(stream)s AND version > coalesce(%(gt)s::int, 0) AND (%(lte)s::int IS NULL OR version <= %(lte)s::int)
ORDER BY CASE WHEN %(desc)s THEN -version ELSE version END LIMIT %(limit)s
"""
NOTIFICATIONS = """
SELECT stream, version, type, document, id FROM events
WHERE id >= %(start)s AND id <= %(stop)s AND (%(types)s::text[] = '{}' OR type = ANY (%(types)s::text[]))
ORDER BY id LIMIT %(limit)s
"""


class LedgerRecorder(ApplicationRecorder):
    """The events of one service. What it reads by its own pool is what the pool's role may see without a scope."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Append in the caller's transaction `conn`, as its last statement before the commit. Inside a pipeline nothing
        is awaited: the commit's round trip brings what was refused.

        `epoch` and `fingerprint` come with it. Never tried again here. Raises psycopg's DatabaseError with the
        sqlstate `gate.CLOSED` when the gate is closed, UniqueViolation when a version or a command is there already.
        """
        conn: Conn = kwargs["conn"]
        facts = records(FACTS, map(_facts, stored_events))
        documents = [event.state for event in stored_events]
        conn.execute(APPEND, [*WRITERS, kwargs["epoch"], kwargs["fingerprint"], facts, documents])
        return None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        question = {"stream": originator_id, "gt": gt, "lte": lte, "desc": desc, "limit": limit}
        with self._pool.connection() as conn:
            return [StoredEvent(*row) for row in conn.execute(SELECT, question, binary=True)]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Settled events only: what is not returned between two ids will never be there."""
        first = (start or 0) + (0 if inclusive_of_start else 1)
        with self._pool.connection() as conn:
            top = settle.settled(conn)
            last = top if stop is None else min(stop, top)
            question = {"start": first, "stop": last, "types": list(topics), "limit": limit}
            return [Notification(*row) for row in conn.execute(NOTIFICATIONS, question, binary=True)]

    def max_notification_id(self) -> int | None:
        with self._pool.connection() as conn:
            return settle.settled(conn) or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> NoReturn:
        """Not this way: the relay publishes the events, a subscriber reads the topic."""
        raise NotSupportedError("subscribe to the service's topic")


def _facts(event: StoredEvent) -> tuple[object, ...]:
    if not isinstance(event, StoredDocument):
        raise TypeError("DocumentMapper makes what this table stores")
    identity = (event.originator_id, event.originator_version, event.topic)
    return (*identity, event.key, event.actor, event.command, event.import_id, event.time)


class LedgerFactory(InfrastructureFactory[TrackingRecorder]):
    """Gives the library our recorder. There are no snapshots: a stream is a lesson, a work, a person, and short."""

    def __init__(self, env: Environment, pool: Pool) -> None:
        super().__init__(env)
        self._pool = pool

    def application_recorder(self) -> LedgerRecorder:
        return LedgerRecorder(self._pool)

    def aggregate_recorder(self, purpose: str = "events") -> LedgerRecorder:
        if purpose != "events":
            raise NotSupportedError(f"no table for {purpose}")
        return LedgerRecorder(self._pool)

    def is_snapshotting_enabled(self) -> bool:
        return False

    def tracking_recorder(self, tracking_recorder_class: type[TrackingRecorder] | None = None) -> NoReturn:
        raise NotSupportedError("positions are kept by shared.stream")

    def process_recorder(self) -> NoReturn:
        raise NotSupportedError("positions are kept by shared.stream")


class ConnectionLost(Exception):
    """The connection went away inside a transaction; whether a commit was done is not known."""


@contextmanager
def noticing_loss(conn: Conn) -> Iterator[None]:
    """Turn an error of a connection that is gone into ConnectionLost, whatever psycopg calls it."""
    try:
        yield
    except Exception as error:
        if conn.closed:
            raise ConnectionLost from error
        raise
