"""Proof of one object's history for those whom it is about: each event with the way from it to a signed checkpoint.

It opens the frame of an event (who, when, what was decided about) and one entry of it; of the others only hashes are in
it. `docs/how-to/check_proof.py` checks it with nothing of ours.
"""

from collections.abc import Callable, Collection
from uuid import UUID

from shared.audit.leaf import cut, entry_hash, nonces, salt_hash
from shared.audit.tree import node
from shared.contracts import Json
from shared.errors import Refused
from shared.postgres import Conn

READ = "SELECT id, document FROM events WHERE stream = %s ORDER BY version"
SIGNED = "SELECT size, note FROM audit_tree"
PLACE = "SELECT place FROM audit_nodes WHERE level = 0 AND number = %s"
NODE = "SELECT hash FROM audit_nodes WHERE level = %s AND place = %s"


class NotSignedYet(Refused):
    """The newest change is not under a signed checkpoint yet. Ask again in a minute."""

    code = "audit.not-signed-yet"
    kind = "conflict"
    ru = "Последнее изменение ещё не скреплено подписью. Повторите через минуту."


def prove(conn: Conn, stream: UUID, pupil: UUID, private: Collection[str] = ()) -> Json:
    """What the stream's events say of the pupil, and that they are in the log; events about others are left out.

    So are those of the types that are `private`: what they said was never said to the family.

    Raises NotSignedYet, also where nothing is signed at all.
    """
    size, note = conn.execute(SIGNED).fetchone() or (0, None)
    if note is None:
        raise NotSignedYet()
    events = conn.execute(READ, [stream], binary=True).fetchall()
    types = [f'"type":"{type_}"'.encode() for type_ in private]
    told = [
        _event(conn, number, bytes(document), str(pupil), size)
        for number, document in events
        if not any(type_ in document for type_ in types)
    ]
    return {"checkpoint": note, "events": [one for one in told if one is not None]}


def _event(conn: Conn, number: int, document: bytes, pupil: str, size: int) -> Json | None:
    made = cut(document)
    mine = [n for n, entry in enumerate(made.entries) if entry.startswith(pupil.encode())]
    if (made.entries and not mine) or (not made.entries and _of_another(document, pupil)):
        return None
    row = conn.execute(PLACE, [number]).fetchone()
    if row is None or row[0] >= size:
        raise NotSignedYet()
    own = nonces(made.salt, len(made.entries))
    hashes = [entry_hash(nonce, entry).hex() for nonce, entry in zip(own, made.entries, strict=True)]
    entries = [{"place": n, "nonce": own[n].hex(), "text": made.entries[n].decode()} for n in mine]
    frame = [made.head.decode(), made.middle.decode(), made.tail.decode()]
    shown = {"number": number, "frame": frame, "salt": salt_hash(made.salt).hex(), "hashes": hashes, "entries": entries}
    return {**shown, "leaf": row[0], "path": [one.hex() for one in path(_of(conn), row[0], size)]}


def _of_another(document: bytes, pupil: str) -> bool:
    """An event about one pupil alone, who is not this one."""
    return b'"pupil_id":"' in document and f'"pupil_id":"{pupil}"'.encode() not in document


Nodes = Callable[[int, int], bytes]
"""The hash of the whole subtree of 2^level leaves at this place among its like."""


def _of(conn: Conn) -> Nodes:
    def node(level: int, place: int) -> bytes:
        row = conn.execute(NODE, [level, place]).fetchone()
        if row is None:
            raise NotSignedYet()
        return bytes(row[0])

    return node


def path(nodes: Nodes, leaf: int, size: int) -> list[bytes]:
    """The inclusion proof of RFC 9162, 2.1.3, lowest first; it is built of whole subtrees alone."""
    return _path(nodes, leaf, 0, size)


def _path(nodes: Nodes, leaf: int, first: int, size: int) -> list[bytes]:
    if size == 1:
        return []
    half = 1 << (size - 1).bit_length() - 1
    if leaf < half:
        return [*_path(nodes, leaf, first, half), _root(nodes, first + half, size - half)]
    return [*_path(nodes, leaf - half, first + half, size - half), _root(nodes, first, half)]


def _root(nodes: Nodes, first: int, size: int) -> bytes:
    """Of the leaves from `first` on; split as the tree is, into subtrees that are whole."""
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return nodes(level, first >> level)
    half = 1 << (size - 1).bit_length() - 1
    return node(_root(nodes, first, half), _root(nodes, first + half, size - half))
