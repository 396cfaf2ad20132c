"""What an import wants to be said: its events as rows, compared with what was said last, decided and shown in chunks.

Everything here runs in the caller's transaction, whose scope has the import's id.
"""

from collections.abc import Iterable
from uuid import UUID

from services.roster.domain import canonical, digest_of
from services.roster.staging import FEW_AT_ONCE, batches
from services.roster.views import shown
from shared.contracts import Event
from shared.contracts.roster import FamilySet
from shared.postgres import Conn

WANT = """
INSERT INTO wanted (import_id, stream, type, rank, key, digest, data)
SELECT %(id)s, r.stream, r.type, r.rank, r.key, decode(r.digest, 'hex'), r.data
FROM jsonb_to_recordset(%(rows)s::jsonb)
    AS r(stream uuid, type text, rank smallint, key uuid, digest text, data jsonb)
"""


def want(conn: Conn, import_id: UUID, events: Iterable[Event]) -> None:
    """Write down the events that the import wants, whether or not they say anything new."""
    for batch in batches(events, FEW_AT_ONCE):
        conn.execute(WANT, {"id": import_id, "rows": f"[{','.join(map(_row, batch))}]"})


RANKS = {"school_id": 0, "year_id": 1, "group_id": 2, "person_id": 3, "pupil_id": 3}
STREAMS = ("group_id", "year_id", "person_id", "pupil_id", "school_id")


def stream_of(event: Event) -> tuple[UUID, int]:
    """The stream a description belongs to, and its place in the order of the import."""
    name = next(name for name in STREAMS if name in type(event).model_fields)
    return getattr(event, name), RANKS[name]


def _row(event: Event) -> str:
    """As JSON, put together by hand: the event's own JSON is made once, for the digest and for the row."""
    stream, rank = stream_of(event)
    said = canonical(event)
    return (
        f'{{"stream":"{stream}","type":"{event.TYPE}","rank":{rank},"key":"{event.key}",'
        f'"digest":"{digest_of(said).hex()}","data":{shown(event, said)}}}'
    )


COUNT = "SELECT type, count(*) FROM wanted WHERE import_id = %(id)s GROUP BY 1"
DROP_KNOWN = """
DELETE FROM wanted w USING described d
WHERE w.import_id = %(id)s AND d.stream = w.stream AND d.type = w.type AND d.digest = w.digest
"""
DROP_EMPTY = """
DELETE FROM wanted w WHERE w.import_id = %(id)s AND w.type = %(families)s AND w.data->'ties' = '[]'
AND NOT EXISTS (SELECT FROM described d WHERE d.stream = w.stream AND d.type = w.type)
"""
CHANGES = """
SELECT w.type, d.stream IS NOT NULL AS known, count(*) FROM wanted w
LEFT JOIN described d ON d.stream = w.stream AND d.type = w.type
WHERE w.import_id = %(id)s GROUP BY 1, 2
"""
CHUNK = """
UPDATE wanted SET chunk = n.chunk FROM (
    SELECT stream, (dense_rank() OVER (ORDER BY rank, stream) - 1) / %(size)s AS chunk
    FROM wanted WHERE import_id = %(id)s
) n WHERE wanted.import_id = %(id)s AND wanted.stream = n.stream
"""


def compare(conn: Conn, import_id: UUID, chunk_streams: int) -> tuple[dict[str, int], list[tuple[str, bool, int]]]:
    """Keep only what says something new, cut into chunks. Returns counts by type, and (type, known before, count)."""
    params = {"id": import_id, "families": FamilySet.TYPE, "size": chunk_streams}
    conn.execute("ANALYZE wanted")
    counts: dict[str, int] = dict(conn.execute(COUNT, params).fetchall())
    conn.execute(DROP_KNOWN, params)
    conn.execute(DROP_EMPTY, params)
    changes = conn.execute(CHANGES, params).fetchall()
    conn.execute(CHUNK, params)
    return counts, [(type_, known, count) for type_, known, count in changes]
