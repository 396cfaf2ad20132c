"""Growing a service's tree as its events settle, and signing what it has come to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared import clock
from shared.audit.checkpoint import Checkpoint, sign
from shared.audit.leaf import leaf
from shared.audit.tree import Growing
from shared.eventstore import gate, settle
from shared.postgres import Conn

MOST = 100_000
"""Events between two checkpoints, at most: so much is read again if the process ends."""


class Diverged(Exception):
    """The store is not the one of which more was signed before: it was set back or changed. Nothing is signed."""


TREE = "SELECT size, last, peaks FROM audit_tree"
SAVE = """
INSERT INTO audit_tree (size, last, peaks, note) VALUES (%s, %s, %s, %s)
ON CONFLICT (one) DO UPDATE SET
    size = EXCLUDED.size, last = EXCLUDED.last, peaks = EXCLUDED.peaks, note = EXCLUDED.note
"""
# a store that was set back has nodes of events that are other ones now
KEEP = """
INSERT INTO audit_nodes (level, place, hash, number)
SELECT * FROM unnest(%b::int2[], %b::int8[], %b::bytea[], %b::int8[])
ON CONFLICT (level, place) DO UPDATE SET hash = EXCLUDED.hash, number = EXCLUDED.number
"""
NODES = 20_000
"""Written at once."""

Node = tuple[int, int, bytes, int | None]


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
    nodes: list[Node] = []
    _same(tree, log.known)
    for rows in settle.read_all(conn, last, upto):
        for row in rows:
            whole = tree.grow(leaf(row.id, row.document))
            nodes += [(level, place, hashed, None if level else row.id) for level, place, hashed in whole]
            _same(tree, log.known)
            last, added = row.id, added + 1
        if len(nodes) >= NODES:
            _keep(conn, nodes)
        if added >= MOST:
            _keep(conn, nodes)
            yield _signed(conn, log, tree, last)
            added = 0
    if log.known and tree.size < log.known.size:
        raise Diverged(f"the store has {tree.size} events, a checkpoint outside speaks of {log.known.size}")
    if added:
        _keep(conn, nodes)
        yield _signed(conn, log, tree, last)


def _keep(conn: Conn, nodes: list[Node]) -> None:
    """Ways to a checkpoint are made of these. Written before it: an unsigned one is written once more after a crash."""
    if nodes:
        conn.execute(KEEP, [list(column) for column in zip(*nodes, strict=True)])
        nodes.clear()


def _same(tree: Growing, known: Checkpoint | None) -> None:
    if known and tree.size == known.size and tree.root() != known.root:
        raise Diverged(f"the first {known.size} events are not those of which a checkpoint outside speaks")


def _signed(conn: Conn, log: Log, tree: Growing, last: int) -> Checkpoint:
    epoch = gate.last_epoch(conn) or 1
    checkpoint = Checkpoint(log.service, epoch, tree.size, last, tree.root(), clock.now())
    note = sign(checkpoint, log.key)
    if log.known is None or checkpoint.size > log.known.size:
        log.keep(note)
    with conn.transaction():
        conn.execute(SAVE, [checkpoint.size, last, tree.peaks, note])
    return checkpoint
