"""Growing a service's tree as its events settle, and signing what it has come to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared import clock
from shared.audit.checkpoint import Checkpoint, sign
from shared.audit.tree import Growing, leaf
from shared.eventstore import gate, settle
from shared.postgres import Conn

MOST = 100_000
"""Events between two checkpoints, at most: so much is read again if the process ends."""


class Diverged(Exception):
    """The store is not the one of which more was signed before: it was set back or changed. Nothing is signed."""


TREE = "SELECT size, last, peaks FROM audit_tree"
SAVE = """
INSERT INTO audit_tree (size, last, peaks) VALUES (%s, %s, %s)
ON CONFLICT (one) DO UPDATE SET size = EXCLUDED.size, last = EXCLUDED.last, peaks = EXCLUDED.peaks
"""


@dataclass(frozen=True)
class Log:
    """Of one service. `known` is the newest checkpoint outside, `keep` adds a note there for good."""

    service: str
    key: Ed25519PrivateKey
    known: Checkpoint | None
    keep: Callable[[str], None]


def grow(conn: Conn, log: Log) -> Iterator[Checkpoint]:
    """Grow to the end of the settled events; yields each checkpoint when it is kept outside and here.

    A tree that does not contain the one of `known` is never signed. One at a time may do this. Raises Diverged.
    """
    size, last, peaks = conn.execute(TREE).fetchone() or (0, 0, [])
    tree, added, upto = Growing(size, list(peaks)), 0, settle.settled(conn)
    _same(tree, log.known)
    for rows in settle.read_all(conn, last, upto):
        for row in rows:
            tree.add([leaf(row.id, row.document)])
            _same(tree, log.known)
            last, added = row.id, added + 1
        if added >= MOST:
            yield _signed(conn, log, tree, last)
            added = 0
    if log.known and tree.size < log.known.size:
        raise Diverged(f"the store has {tree.size} events, a checkpoint outside speaks of {log.known.size}")
    if added:
        yield _signed(conn, log, tree, last)


def _same(tree: Growing, known: Checkpoint | None) -> None:
    if known and tree.size == known.size and tree.root() != known.root:
        raise Diverged(f"the first {known.size} events are not those of which a checkpoint outside speaks")


def _signed(conn: Conn, log: Log, tree: Growing, last: int) -> Checkpoint:
    epoch = gate.last_epoch(conn) or 1
    checkpoint = Checkpoint(log.service, epoch, tree.size, last, tree.root(), clock.now())
    if log.known is None or checkpoint.size > log.known.size:
        log.keep(sign(checkpoint, log.key))
    with conn.transaction():
        conn.execute(SAVE, [checkpoint.size, last, tree.peaks])
    return checkpoint
