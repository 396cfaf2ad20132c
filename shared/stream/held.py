"""Decisions of an import wait here until the import's own last event has come; then they are taken in, in order.

That event may come through another partition and to another worker, so both sides lock: holders shared, a releaser
alone. Later events of a stream of which something waits, wait behind it. What waits is not read before it is taken.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from shared.postgres import Conn
from shared.stream.arrivals import Arrival, reread
from shared.stream.headers import Headers

LOCK_SHARED = "SELECT pg_advisory_xact_lock_shared(hashtext('diary.held'), hashtext(%s))"
LOCK = "SELECT pg_advisory_xact_lock(hashtext('diary.held'), hashtext(%s))"
SOMETHING = "SELECT EXISTS (SELECT FROM held WHERE projection = %s)"


def lock_alone(conn: Conn, projection: str) -> None:
    """Nobody else holds or takes until the transaction ends."""
    conn.execute(LOCK, [projection])


def lock(conn: Conn, projection: str, arrivals: Iterable[Arrival]) -> bool:
    """Whether the batch has to do with imports. If so, nobody releases one until the transaction ends."""
    imports = {(arrival.import_id, arrival.releases) for arrival in arrivals}
    if any(releases for _, releases in imports):
        lock_alone(conn, projection)
        return True
    row = conn.execute(SOMETHING, [projection]).fetchone()
    if any(import_id for import_id, _ in imports) or (row and row[0]):
        conn.execute(LOCK_SHARED, [projection])
        return True
    return False


WAITING = "SELECT DISTINCT subject FROM held WHERE projection = %s AND subject = ANY(%s)"


def waiting(conn: Conn, projection: str, subjects: Iterable[UUID]) -> set[UUID]:
    """Those of the streams of which something waits."""
    return {row[0] for row in conn.execute(WAITING, [projection, list(subjects)])}


RELEASED = "SELECT import_id FROM released WHERE projection = %s AND import_id = ANY(%s)"


def released(conn: Conn, projection: str, imports: Iterable[UUID]) -> set[UUID]:
    """Those of the imports that are complete."""
    return {row[0] for row in conn.execute(RELEASED, [projection, list(imports)])}


HOLD = """
INSERT INTO held (projection, topic, partition, log_offset, epoch, sequence, subject, import_id, document)
SELECT %s::text, * FROM unnest(%b::text[], %b::int[], %b::bigint[], %b::int[], %b::bigint[], %b::uuid[], %b::uuid[],
                               %b::bytea[])
ON CONFLICT DO NOTHING
"""


def hold(conn: Conn, projection: str, arrivals: Sequence[Arrival]) -> None:
    """Let them wait, unread. Only for events with a place and a subject."""
    rows = [
        (a.topic, a.partition, a.offset, a.place.epoch, a.place.sequence, a.subject, a.import_id, a.document)
        for a in arrivals
        if a.place
    ]
    if rows:
        conn.execute(HOLD, [projection, *map(list, zip(*rows, strict=True))])


RELEASE = "INSERT INTO released (projection, import_id) VALUES (%s, %s) ON CONFLICT DO NOTHING"
TAKE = """
WITH complete AS (SELECT import_id FROM released WHERE projection = %(projection)s),
taken AS (
    DELETE FROM held WHERE (projection, topic, epoch, sequence) IN (
        SELECT projection, topic, epoch, sequence FROM held h
        WHERE projection = %(projection)s AND (topic, epoch, sequence) > (%(topic)s, %(epoch)s, %(sequence)s)
          AND (import_id IS NULL OR import_id IN (SELECT import_id FROM complete))
          AND NOT EXISTS (
            SELECT FROM held e WHERE e.projection = h.projection AND e.subject = h.subject
              AND (e.epoch, e.sequence) < (h.epoch, h.sequence)
              AND e.import_id NOT IN (SELECT import_id FROM complete))
        ORDER BY topic, epoch, sequence LIMIT %(limit)s)
    RETURNING topic, partition, log_offset, epoch, sequence, document)
SELECT * FROM taken ORDER BY topic, epoch, sequence
"""


def release(conn: Conn, projection: str, import_id: UUID) -> None:
    """The import is complete: what waited for it may be taken."""
    conn.execute(RELEASE, [projection, import_id])


BEGINNING = ("", 0, 0)
"""Before every topic, epoch and sequence."""


def take(conn: Conn, projection: str, after: tuple[str, int, int], limit: int) -> Sequence[Arrival]:
    """Take the next events that need not wait any more out, in the order of their source, from `after` on.

    With `after` a transaction that takes many times does not step over its own deleted rows again and again.
    """
    topic, epoch, sequence = after
    asked = {"projection": projection, "topic": topic, "epoch": epoch, "sequence": sequence, "limit": limit}
    rows = conn.execute(TAKE, asked, binary=True).fetchall()
    return [reread(row[0], row[1], row[2], Headers(row[3], row[4], 0), row[5]) for row in rows]


ALL_TAKEN = "UPDATE released SET drained = true WHERE projection = %s AND NOT drained"
UNFINISHED = "SELECT EXISTS (SELECT FROM released WHERE projection = %s AND NOT drained)"


def all_taken(conn: Conn, projection: str) -> None:
    """Nothing waits any more for the imports that are complete."""
    conn.execute(ALL_TAKEN, [projection])


def unfinished(conn: Conn, projection: str) -> bool:
    """Whether something of a complete import may still wait: the process ended between two transactions."""
    row = conn.execute(UNFINISHED, [projection]).fetchone()
    return bool(row and row[0])
