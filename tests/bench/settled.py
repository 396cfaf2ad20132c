"""Whether the product is at rest: all that was decided is published and taken in by every service that reads it."""

import time
from collections.abc import Iterator

import psycopg
from psycopg.rows import TupleRow

from deploy.demo.stack import SERVICES

PAUSE = 0.25
"""Seconds between two looks: each opens nine connections, which cost PostgreSQL something."""

TABLES = "SELECT to_regclass('relayed') IS NOT NULL, to_regclass('progress') IS NOT NULL"
STORES = "SELECT to_regclass('events') IS NOT NULL"
UNPUBLISHED = "SELECT count(*) FROM events WHERE id > (SELECT sequence FROM relayed_upto)"
PUBLISHED = "SELECT topic, partition, epoch, sequence FROM relayed WHERE sequence > 0"
TAKEN_IN = "SELECT projection, topic, partition, epoch, sequence FROM progress"
WAITING = "SELECT count(*) FROM held"
NOT_OWED = """
SELECT count(*) FROM notices n
WHERE owed_at IS NULL AND (kind <> 'mark' OR EXISTS (SELECT FROM facts_works w WHERE w.work_id = n.object_id))
"""

Conn = psycopg.Connection[TupleRow]
Position = tuple[int, int]
"""Epoch and sequence."""


def until_settled(admin: str, seconds: float) -> None:
    """Wait until nothing is under way. Raises TimeoutError, naming what still is."""
    deadline = time.monotonic() + seconds
    while left := under_way(admin):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:.0f} s: {', '.join(left)}")
        time.sleep(PAUSE)


def under_way(admin: str) -> list[str]:
    """What is not published, not taken in, or not made a delivery yet; `admin`: a superuser's conninfo."""
    published: dict[tuple[str, int], Position] = {}
    taken: list[tuple[str, tuple[str, int], Position]] = []
    left: list[str] = []
    for service in SERVICES:
        with psycopg.connect(admin, dbname=f"diary_{service}", autocommit=True) as conn:
            publishes, consumes = conn.execute(TABLES).fetchone() or (False, False)
            if publishes:
                published |= {(row[0], row[1]): (row[2], row[3]) for row in conn.execute(PUBLISHED)}
            if consumes:
                taken += [(row[0], (row[1], row[2]), (row[3], row[4])) for row in conn.execute(TAKEN_IN)]
            left += [f"{service}: {count} {what}" for what, count in _own(conn, service, consumes) if count]
    behind = [f"{projection} in {topic}/{number}" for projection, (topic, number), at in taken
              if at < published.get((topic, number), (0, 0))]  # fmt: skip
    return left + behind


def _own(conn: Conn, service: str, consumes: bool) -> Iterator[tuple[str, int]]:
    if _one(conn, STORES):
        yield "events not published", _one(conn, UNPUBLISHED)
    if consumes:
        yield "decisions of an import held", _one(conn, WAITING)
    if service == "notify":
        yield "notices without deliveries", _one(conn, NOT_OWED)


def _one(conn: Conn, query: str) -> int:
    row = conn.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0
