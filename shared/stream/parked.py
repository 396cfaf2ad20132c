"""Events that could not be taken in wait here, with their position, and later ones of their streams behind them."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from shared.postgres import Conn
from shared.stream.arrivals import Arrival, reread
from shared.stream.headers import Headers

PARK = """
INSERT INTO parked (projection, topic, partition, log_offset, epoch, sequence, subject, document, why)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""


def park(conn: Conn, projection: str, arrival: Arrival, why: str) -> None:
    """Put it aside; `why` must hold no values of the event."""
    epoch, sequence = (arrival.place.epoch, arrival.place.sequence) if arrival.place else (None, None)
    where = [projection, arrival.topic, arrival.partition, arrival.offset]
    conn.execute(PARK, [*where, epoch, sequence, arrival.subject, arrival.document, why])


BLOCKED = "SELECT DISTINCT subject FROM parked WHERE projection = %s AND subject = ANY(%s)"


def blocked(conn: Conn, projection: str, subjects: Iterable[UUID]) -> set[UUID]:
    """Those of the streams that have something parked."""
    return {row[0] for row in conn.execute(BLOCKED, [projection, list(subjects)])}


TAKE = """
WITH taken AS (
    DELETE FROM parked WHERE (projection, topic, partition, log_offset) IN (
        SELECT projection, topic, partition, log_offset FROM parked
        WHERE projection = %s AND (topic, partition, log_offset) > (%s, %s, %s)
        ORDER BY topic, partition, log_offset LIMIT %s)
    RETURNING topic, partition, log_offset, epoch, sequence, document)
SELECT * FROM taken ORDER BY topic, partition, log_offset
"""


def take(conn: Conn, projection: str, after: tuple[str, int, int], limit: int) -> Sequence[Arrival]:
    """Take the next parked events out, in the order of their logs, to try them again."""
    rows = conn.execute(TAKE, [projection, *after, limit]).fetchall()
    return [
        reread(row[0], row[1], row[2], Headers(row[3], row[4], 0) if row[3] is not None else None, row[5])
        for row in rows
    ]


COUNT = "SELECT count(*) FROM parked WHERE projection = %s"


def count(conn: Conn, projection: str) -> int:
    """How many are parked."""
    row = conn.execute(COUNT, [projection]).fetchone()
    return int(row[0]) if row else 0
