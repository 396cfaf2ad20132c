"""The one round trip with which every command begins: its lock, then all that is to be known before deciding."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.errors import NotAllowed
from shared.eventstore import answers
from shared.eventstore.answers import Answer, Checking, ConcurrentChange, InProgress, Intent, KeyReused
from shared.postgres import Conn

Documents = dict[UUID, list[bytes]]

LOCK = "SELECT set_config('diary.scope', %s, true), pg_try_advisory_xact_lock(%s)"
# in one order for all; the rows of the streams are read by a later statement, hence by a younger snapshot
TURN = "SELECT pg_advisory_xact_lock(hashtextextended(s::text, 0)) FROM (SELECT unnest(%s::uuid[]) AS s ORDER BY 1) x"
ANSWER, DONE, GATE, PAST = range(4)
# a statement of its own, since its snapshot must be younger than the lock
LOOK = """
SELECT 0 AS what, NULL::uuid AS stream, version, body AS document, fingerprint, status, NULL::int AS place
FROM answers WHERE actor = %(actor)s AND command = %(command)s
UNION ALL
SELECT 1, stream, version, NULL, fingerprint, NULL, command_index
FROM events WHERE actor = %(actor)s AND command = %(command)s
UNION ALL
SELECT 2, NULL, epoch, NULL, NULL, NULL, (server_start = pg_postmaster_start_time())::int FROM opened
UNION ALL
SELECT 3, stream, version, document, NULL, NULL, version FROM events WHERE stream = ANY (%(streams)s)
ORDER BY what, stream, place
"""


@dataclass(frozen=True, slots=True)
class Start:
    """What a transaction begins with: the stored answer, or the gate's epoch and each stream's documents, oldest first.

    Of several streams the first is the one that `if_match` is about.
    """

    answer: Answer | None
    epoch: int
    past: Documents


def begin(conn: Conn, streams: Sequence[UUID], intent: Intent, in_turn: bool) -> Start:
    """Open the scope, take the command's lock, look its answer, the gate and the streams up.

    With no stored answer the command was not done, and nobody else can do it while this transaction lasts.
    `in_turn`: those who were overtaken once queue for the streams, so that a crowd cannot starve one of them.
    Raises InProgress, KeyReused, Checking, NotAllowed, ConcurrentChange.
    """
    asked = {"actor": intent.actor, "command": intent.key, "streams": list(streams)}
    with conn.pipeline():
        locked = conn.execute(LOCK, ["{" + ",".join(map(str, intent.scope)) + "}", answers.lock_of(intent)])
        if in_turn:
            conn.execute(TURN, [asked["streams"]])
        looked = conn.execute(LOOK, asked, binary=True)
    if (locked.fetchone() or (None, False))[1] is not True:
        raise InProgress
    found: list[list[Any]] = [[], [], [], []]
    for row in looked:
        found[row[0]].append(row)
    if (answer := _answered(found[ANSWER], found[DONE], intent)) is not None:
        return Start(answer, 0, {})
    if not found[GATE] or not found[GATE][0][6]:
        raise Checking
    past = _past(found[PAST], streams)
    if intent.if_match not in (None, len(past[streams[0]])):
        raise ConcurrentChange(version=len(past[streams[0]]))
    return Start(None, found[GATE][0][2], past)


def _answered(kept: Sequence[Any], done: Sequence[Any], intent: Intent) -> Answer | None:
    """The stored answer; one that was dropped from the cache is made again from its events, to the same bytes."""
    if not kept and not done:
        return None
    if (kept or done)[0][4] not in (None, intent.fingerprint):
        raise KeyReused
    if kept:
        return Answer(kept[0][5], kept[0][3], kept[0][2])
    done = sorted(done, key=lambda row: int(row[6]))
    return answers.answer(done[-1][1], done[-1][2], [f"{row[1]}:{row[2]}" for row in done])


def _past(rows: Sequence[Any], streams: Sequence[UUID]) -> Documents:
    past: Documents = {stream: [] for stream in streams}
    for _, stream, version, document, *_ in rows:
        if version != len(past[stream]) + 1:  # a part of the stream is out of scope
            raise NotAllowed
        past[stream].append(document)
    return past
