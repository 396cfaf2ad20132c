"""Decisions of an import wait here until the import's own last event has come; then they are taken in, in order.

That event may come through another partition and to another worker, so both sides lock: holders shared, a releaser
alone. Later events of a stream of which something waits, wait behind it. What waits is not read before it is taken.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
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


RELEASED = "SELECT import_id FROM held_imports WHERE projection = %s AND import_id = ANY(%s) AND complete"


def released(conn: Conn, projection: str, imports: Iterable[UUID]) -> set[UUID]:
    """Those of the imports that are complete."""
    return {row[0] for row in conn.execute(RELEASED, [projection, list(imports)])}


HOLD = """
INSERT INTO held (projection, topic, partition, log_offset, epoch, sequence, subject, import_id, document)
SELECT %s::text, * FROM unnest(%b::text[], %b::int[], %b::bigint[], %b::int[], %b::bigint[], %b::uuid[], %b::uuid[],
                               %b::bytea[])
ON CONFLICT DO NOTHING
"""


HOLD_IMPORTS = """
INSERT INTO held_imports (projection, import_id) SELECT %s, unnest(%s::uuid[]) ON CONFLICT DO NOTHING
"""


def hold(conn: Conn, projection: str, arrivals: Sequence[Arrival]) -> None:
    """Let them wait, unread. Only for events with a place and a subject."""
    rows = [
        (a.topic, a.partition, a.offset, a.place.epoch, a.place.sequence, a.subject, a.import_id, a.document)
        for a in arrivals
        if a.place
    ]
    if rows:
        imports = sorted({a.import_id for a in arrivals if a.import_id})  # in one order: two workers never cross
        conn.execute(HOLD_IMPORTS, [projection, imports])
        conn.execute(HOLD, [projection, *map(list, zip(*rows, strict=True))])


RELEASE = """
INSERT INTO held_imports (projection, import_id, complete) VALUES (%s, %s, true)
ON CONFLICT (projection, import_id) DO UPDATE SET complete = true
"""


def release(conn: Conn, projection: str, import_id: UUID) -> None:
    """The import is complete: what waited for it may be taken."""
    conn.execute(RELEASE, [projection, import_id])


@dataclass(frozen=True)
class Bars:
    """Where streams are barred by an import that is not complete: of each, the first place that has to wait."""

    subjects: list[UUID]
    epochs: list[int]
    sequences: list[int]


OPEN = "SELECT import_id FROM held_imports WHERE projection = %s AND NOT complete"
BARS = """
SELECT DISTINCT ON (subject) subject, epoch, sequence FROM held
WHERE projection = %s AND import_id = ANY(%s) ORDER BY subject, epoch, sequence
"""


def bars(conn: Conn, projection: str) -> Bars:
    """As they are until the transaction ends; ask under `lock_alone`. What waits is looked through only if need be."""
    unfinished_imports = [row[0] for row in conn.execute(OPEN, [projection])]
    rows = conn.execute(BARS, [projection, unfinished_imports]).fetchall() if unfinished_imports else []
    return Bars([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])


# No row is compared with other rows of the table, and both statements are cheap by the key whatever the server believes
# of the table, which is wrong both after an autovacuum between two imports and in the middle of one: it is asked for
# one row in order, then for a narrow range. Asked for many rows in order it read and sorted all that waited, each time.
FREE = """
(import_id IS NULL OR import_id IN (
    SELECT import_id FROM held_imports WHERE projection = %(projection)s AND complete))
AND (subject <> ALL (%(subjects)s::uuid[]) OR NOT EXISTS (
    SELECT FROM unnest(%(subjects)s::uuid[], %(epochs)s::int[], %(sequences)s::bigint[]) AS bar (barred, e, s)
    WHERE barred = subject AND (e, s) < (epoch, sequence)))
"""
FIRST = f"""
SELECT topic, epoch, sequence FROM held
WHERE projection = %(projection)s AND (topic, epoch, sequence) > (%(topic)s, %(epoch)s, %(sequence)s) AND {FREE}
ORDER BY topic, epoch, sequence LIMIT 1
"""
TAKE = f"""
DELETE FROM held WHERE projection = %(projection)s AND topic = %(topic)s AND epoch = %(epoch)s
AND sequence >= %(sequence)s AND sequence < %(end)s AND {FREE}
RETURNING topic, partition, log_offset, epoch, sequence, document
"""
BEGINNING = ("", 0, 0)
"""Before every topic, epoch and sequence."""


def take(conn: Conn, projection: str, barred: Bars, after: tuple[str, int, int], window: int) -> Sequence[Arrival]:
    """Take the next events that need not wait any more out, in the order of their source, from `after` on.

    They are those of the next `window` numbers of the source. With `after` a transaction that takes many times does not
    step over its own deleted rows again and again.
    """
    asked = {"projection": projection, **asdict(barred)}
    place = zip(("topic", "epoch", "sequence"), after, strict=True)
    first = conn.execute(FIRST, asked | dict(place)).fetchone()
    if first is None:
        return []
    asked |= dict(zip(("topic", "epoch", "sequence"), first, strict=True)) | {"end": first[2] + window}
    rows = conn.execute(TAKE, asked, binary=True).fetchall()
    rows.sort(key=lambda row: row[4])
    return [reread(row[0], row[1], row[2], Headers(row[3], row[4], 0), row[5]) for row in rows]


ALL_TAKEN = "UPDATE held_imports SET drained = true WHERE projection = %s AND complete AND NOT drained"
UNFINISHED = "SELECT EXISTS (SELECT FROM held_imports WHERE projection = %s AND complete AND NOT drained)"


def all_taken(conn: Conn, projection: str) -> None:
    """Nothing waits any more for the imports that are complete."""
    conn.execute(ALL_TAKEN, [projection])


def unfinished(conn: Conn, projection: str) -> bool:
    """Whether something of a complete import may still wait: the process ended between two transactions."""
    row = conn.execute(UNFINISHED, [projection]).fetchone()
    return bool(row and row[0])
