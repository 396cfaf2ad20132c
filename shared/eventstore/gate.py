"""The restore gate: after every start of the server somebody looks the store over before anything is written.

A store set back to an earlier point would give ids out again, and nothing in the database itself shows it. The relay
compares the store with the tail of its topic, then opens the gate for this start of the server.
"""

from shared.postgres import Conn

OPEN = """
INSERT INTO opened (epoch, server_start) VALUES (%s, pg_postmaster_start_time())
ON CONFLICT (one) DO UPDATE SET epoch = EXCLUDED.epoch, server_start = EXCLUDED.server_start
"""
CLOSED = "DY001"
"""The sqlstate with which `append` refuses to write through a closed gate."""
EPOCH = "SELECT epoch, server_start = pg_postmaster_start_time() FROM opened"


def open_gate(conn: Conn, epoch: int) -> None:
    """Let writers in until the server starts again. Only the relay may, after its tail check."""
    conn.execute(OPEN, [epoch])


def last_epoch(conn: Conn) -> int | None:
    """The epoch of the last opening, whether or not it holds for this start; None before the first."""
    row = conn.execute(EPOCH).fetchone()
    return None if row is None else int(row[0])


BEGUN = "INSERT INTO epochs (epoch, kept, act) SELECT %s, count(*), %s FROM events WHERE id <= %s"
SHUT = """
INSERT INTO opened (epoch, server_start) VALUES (%s, '-infinity')
ON CONFLICT (one) DO UPDATE SET epoch = EXCLUDED.epoch, server_start = EXCLUDED.server_start
"""


def begin_epoch(conn: Conn, stands: int, act: str) -> int:
    """Shut the gate and count anew: what came after the event of this number was given up by this act. Its number."""
    epoch = (last_epoch(conn) or 1) + 1
    conn.execute(BEGUN, [epoch, act, stands])
    conn.execute(SHUT, [epoch])
    return epoch


KEPT = "SELECT kept FROM epochs WHERE epoch = %s"


def kept(conn: Conn, epoch: int) -> int | None:
    """How many of the store's first events are those of the epoch before; None of the first epoch."""
    row = conn.execute(KEPT, [epoch]).fetchone()
    return None if row is None else int(row[0])


def is_open(conn: Conn) -> bool:
    """Whether writers are let in."""
    row = conn.execute(EPOCH).fetchone()
    return row is not None and bool(row[1])
