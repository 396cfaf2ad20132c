"""Mending a store that is not the one that wrote its topics: what it lacks is put back, or given up in a new epoch.

Both go by what `recover.compare` found in the same session. Nothing is ever deleted, neither here nor in a topic.
"""

from collections.abc import Sequence
from datetime import datetime

from shared.eventstore import gate
from shared.postgres import Conn
from shared.stream.recover import Found


class NotHealable(Exception):
    """The store is not merely behind its topics: it holds other events under the same numbers or versions."""


HEALING = "INSERT INTO healing DEFAULT VALUES ON CONFLICT DO NOTHING"
HEALED = "DELETE FROM healing"
TAKEN = "SELECT count(*) FROM lost JOIN events USING (stream, version)"
# the command's events were stored in one transaction with numbers in their order
PUT_BACK = """
INSERT INTO events (id, stream, version, type, key, actor, command, command_index, import_id, time, document)
OVERRIDING SYSTEM VALUE
SELECT id, stream, version, type, key, actor, command, row_number() OVER (PARTITION BY actor, command ORDER BY id) - 1,
       import_id, time, document
FROM lost ORDER BY id
"""
NEXT = """
SELECT setval(name, greatest((SELECT max(id) FROM events), pg_sequence_last_value(name)))
FROM CAST(pg_get_serial_sequence('events', 'id') AS regclass) AS name
"""


def put_back(conn: Conn, found: Sequence[Found]) -> int:
    """Store what was found lacking, in one transaction, under the numbers it had. Returns how many events.

    From then on, until `done`, no relay opens the store: the service's own view does not know them yet. Raises
    NotHealable, and then nothing has changed.
    """
    if wrong := [each for each in found if each.differs or each.log]:
        raise NotHealable("; ".join(f"{each.topic}/{each.partition}: {each.log or 'other bytes'}" for each in wrong))
    with conn.transaction():
        if taken := (conn.execute(TAKEN).fetchone() or (0,))[0]:
            raise NotHealable(f"the store went on: it has other events in place of what the topic has, {taken} of them")
        conn.execute(HEALING)
        count = conn.execute(PUT_BACK).rowcount
        conn.execute(NEXT)
    return count


KEPT_POSITION = """
INSERT INTO relayed (topic, partition, epoch, sequence, log_offset)
VALUES (%(topic)s, %(partition)s, %(at)s, %(kept)s, %(offset)s)
ON CONFLICT (topic, partition) DO UPDATE
SET epoch = EXCLUDED.epoch, sequence = EXCLUDED.sequence, log_offset = EXCLUDED.log_offset
"""
CUT = """
INSERT INTO given_up (topic, partition, epoch, kept, log_end)
VALUES (%(topic)s, %(partition)s, %(epoch)s, %(kept)s, %(end)s)
"""
BACK_TO = "UPDATE relayed_upto SET sequence = least(sequence, %s)"


def give_up(conn: Conn, found: Sequence[Found], act: str) -> int:
    """Begin a new epoch, in one transaction: from the first record on that the store has not or has otherwise, what a
    partition holds is given up. Returns the epoch's number.

    From then on, until `done`, no relay opens the store; then each partition gets a record that says so. Raises
    NotHealable, and then nothing has changed.
    """
    if wrong := [each for each in found if each.log]:
        raise NotHealable("; ".join(f"{each.topic}/{each.partition}: {each.log}" for each in wrong))
    damaged = [each for each in found if not each.sound]
    with conn.transaction():
        stands = min(_first_bad(each) for each in damaged) - 1
        epoch = gate.begin_epoch(conn, stands, act)
        for each in found:
            of = {"topic": each.topic, "partition": each.partition, "epoch": epoch, "at": each.kept.epoch}
            of |= {"kept": each.kept.sequence, "offset": each.kept.offset, "end": each.end}
            conn.execute(CUT, of)
            if not each.sound:
                conn.execute(KEPT_POSITION, of)
        conn.execute(BACK_TO, [min(each.kept.sequence for each in damaged)])
        conn.execute(HEALING)
    return epoch


def _first_bad(found: Found) -> int:
    return min([*([found.first] if found.lacks else []), *found.which[:1]])


LOSES = """
SELECT type, count(*), min(time), max(time) FROM lost GROUP BY type ORDER BY type
"""


def lost(conn: Conn) -> list[tuple[str, int, datetime, datetime]]:
    """What the last comparison found lacking: how many of each type, the earliest and the latest."""
    return conn.execute(LOSES).fetchall()


def unfinished(conn: Conn) -> bool:
    """Whether a healing was begun, and its end has not come."""
    return conn.execute("SELECT FROM healing").fetchone() is not None


def done(conn: Conn) -> None:
    """The own view knows what was put back: a relay may open the store."""
    conn.execute(HEALED)
