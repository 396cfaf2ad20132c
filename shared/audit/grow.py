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


TREE = "SELECT size, last, peaks FROM audit_tree WHERE split_part(split_part(note, E'\\n', 1), '/', 3) = %s"
SAVE = """
INSERT INTO audit_tree (size, last, peaks, note) VALUES (%s, %s, %s, %s)
ON CONFLICT (one) DO UPDATE SET
    size = EXCLUDED.size, last = EXCLUDED.last, peaks = EXCLUDED.peaks, note = EXCLUDED.note
"""
# written once more after a crash
KEEP = """
INSERT INTO audit_nodes (level, place, hash, number)
SELECT * FROM unnest(%b::int2[], %b::int8[], %b::bytea[], %b::int8[])
ON CONFLICT (level, place) DO UPDATE SET hash = EXCLUDED.hash, number = EXCLUDED.number
"""
# what was before grew out of another history
FORGET = "DELETE FROM audit_nodes"
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

    A tree that does not contain the one of `known` is never signed, nor an epoch of which nothing is known outside. One
    at a time may do this. Raises Diverged.
    """
    epoch = gate.last_epoch(conn) or 1
    size, last, peaks = conn.execute(TREE, [str(epoch)]).fetchone() or (0, 0, [])
    tree, added, upto = Growing(size, list(peaks)), 0, settle.settled(conn)
    nodes: list[Node] = []
    if log.known and log.known.epoch != epoch:
        raise Diverged(f"the store is in epoch {epoch}, the newest checkpoint outside is of epoch {log.known.epoch}")
    _same(tree, log.known)
    if size == 0:
        conn.execute(FORGET)
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
            yield _signed(conn, log, tree, last, epoch)
            added = 0
    if log.known and tree.size < log.known.size:
        raise Diverged(f"the store has {tree.size} events, a checkpoint outside speaks of {log.known.size}")
    if added:
        _keep(conn, nodes)
        yield _signed(conn, log, tree, last, epoch)


def _keep(conn: Conn, nodes: list[Node]) -> None:
    """Ways to a checkpoint are made of these. Written before it: an unsigned one is written once more after a crash."""
    if nodes:
        conn.execute(KEEP, [list(column) for column in zip(*nodes, strict=True)])
        nodes.clear()


def _same(tree: Growing, known: Checkpoint | None) -> None:
    if known and tree.size == known.size and tree.root() != known.root:
        raise Diverged(f"the first {known.size} events are not those of which a checkpoint outside speaks")


def _signed(conn: Conn, log: Log, tree: Growing, last: int, epoch: int) -> Checkpoint:
    checkpoint = Checkpoint(log.service, epoch, tree.size, last, tree.root(), clock.now())
    note = sign(checkpoint, log.key)
    if log.known is None or checkpoint.size > log.known.size:
        log.keep(note)
    with conn.transaction():
        conn.execute(SAVE, [checkpoint.size, last, tree.peaks, note])
    return checkpoint


def begin_epoch(conn: Conn, log: Log) -> None:
    """Say outside that the store's epoch was begun, and which of its events are those of before: an operator's word.

    Nothing if it was said already. Reads the store up to there.
    """
    epoch = gate.last_epoch(conn) or 1
    if log.known and log.known.epoch >= epoch:
        return
    kept, tree, last = gate.kept(conn, epoch) or 0, Growing(), 0
    for rows in settle.read_all(conn, 0, settle.settled(conn)):
        for row in rows[: kept - tree.size]:
            tree.add([leaf(row.id, row.document)])
            last = row.id
        if tree.size == kept:
            break
    log.keep(sign(Checkpoint(log.service, epoch, tree.size, last, tree.root(), clock.now(), kept), log.key))
