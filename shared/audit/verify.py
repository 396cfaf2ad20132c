"""A store beside the checkpoints that were kept outside of it: has anybody changed what they speak of?"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from shared.audit.checkpoint import Checkpoint
from shared.audit.leaf import leaf
from shared.audit.tree import Growing
from shared.contracts.envelope import ATTRIBUTES
from shared.postgres import Conn

BATCH = 2000
"""Events read at once."""
MOST = 10
"""Odd columns told of, at most."""


@dataclass(frozen=True)
class Verdict:
    """`changed`: sentences, empty if nothing is. `covered` events are under `checkpoints`, `newer` under none yet.

    `given_up`: sentences about what an operator gave up, which is a change that was told.
    """

    covered: int
    newer: int
    checkpoints: int
    changed: tuple[str, ...]
    given_up: tuple[str, ...] = ()


READ = """
SELECT id, stream::text, version, type, key::text, actor::text, command::text, document FROM events
WHERE id > %s ORDER BY id LIMIT %s
"""


def verify(conn: Conn, checkpoints: Callable[[], Iterable[Checkpoint]]) -> Verdict:
    """Compare every event with the checkpoints, which come oldest first, and its columns with its document.

    Constant memory; the checkpoints are read twice. A change is placed between the last checkpoint that still holds
    and the first that does not; of what lies behind nothing can be said then. Raises what reading them raises.
    """
    epochs = [each for each in checkpoints() if each.kept is not None]
    given_up, coming = _told(epochs), _standing(checkpoints(), epochs)
    tree, held, passed, odd, one = Growing(), 0, 0, list[str](), next(coming, None)
    for number, *columns, document in _events(conn):
        if len(odd) < MOST and (name := _other_column(columns, document)):
            odd.append(f"event {number}: its {name} is not what its document says")
        tree.add([leaf(number, document)])
        while one and one.size <= tree.size:
            if one.size < tree.size or one.root != tree.root():
                return Verdict(held, 0, passed, (_between(held, one), *odd), given_up)
            held, passed, one = tree.size, passed + 1, next(coming, None)
    if one:
        odd.insert(0, f"the store ends after {tree.size} events, and a checkpoint speaks of {one.size}")
    return Verdict(held, tree.size - held, passed, tuple(odd), given_up)


def _standing(checkpoints: Iterable[Checkpoint], epochs: Sequence[Checkpoint]) -> Iterator[Checkpoint]:
    """Without those that a later epoch gave up."""
    for each in checkpoints:
        if all(each.size <= (later.kept or 0) for later in epochs if later.epoch > each.epoch):
            yield each


def _told(epochs: Sequence[Checkpoint]) -> tuple[str, ...]:
    return tuple(
        f"epoch {each.epoch} was begun before {each.time:%Y-%m-%d %H:%M:%S} UTC: "
        f"what was signed of more than {each.kept} events was given up"
        for each in epochs
    )


def _between(held: int, broken: Checkpoint) -> str:
    return (
        f"something was changed from the {held + 1}. to the {broken.size}. event, up to number {broken.last}: "
        f"a checkpoint of {broken.time:%Y-%m-%d %H:%M:%S} UTC does not hold"
    )


def _events(conn: Conn) -> Iterator[tuple[Any, ...]]:
    after = 0
    while rows := conn.execute(READ, [after, BATCH], binary=True).fetchall():
        yield from rows
        after = rows[-1][0]


NAMES = ("stream", "version", "type", "key", "actor", "command")


def _other_column(columns: Sequence[Any], document: bytes) -> str | None:
    """The first column that says something else than the document."""
    if (found := ATTRIBUTES.match(document)) is None:
        return "form"
    id_, type_, key, actor, command = (part.decode(errors="replace") for part in found.group(1, 3, 6, 7, 8))
    stream, _, version = id_.rpartition(":")
    said = (stream, version, type_, key, actor, command)
    return next((name for name, has, says in zip(NAMES, columns, said, strict=True) if str(has) != says), None)
