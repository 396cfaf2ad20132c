"""The one way in: load, decide, append, with the view and the answer in the same transaction."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from random import random
from secrets import token_hex
from time import sleep
from typing import Any, Generic, TypeVar
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import InfrastructureFactory, TrackingRecorder
from eventsourcing.utils import Environment
from psycopg import DatabaseError
from psycopg.errors import DeadlockDetected, UniqueViolation
from psycopg_pool import PoolTimeout

from shared import clock
from shared.contracts import Event
from shared.contracts.envelope import Envelope, Received, read
from shared.errors import NotAllowed
from shared.eventstore import answers, gate, settle
from shared.eventstore.answers import Answer, Checking, ConcurrentChange, InProgress, Intent, OutcomeUnknown
from shared.eventstore.mapper import DocumentMapper, Recorded
from shared.eventstore.recorder import ConnectionLost, LedgerFactory, noticing_loss
from shared.eventstore.start import begin
from shared.postgres import Conn, Pool, scoped
from shared.sealed import KeyRing, open_events, seal_event
from shared.sealed.boxes import owners

S = TypeVar("S")
Apply = Callable[[Conn, Sequence[Received]], None]

TRIES = 8
PAUSE = 0.02
"""Seconds at most before deciding again after a conflict; lets the crowd disperse."""
SEARCH = 0.25
"""Seconds between two searches for the outcome after a lost connection; the server may still be committing."""
PATIENCE = 10.0
"""Seconds to wait for a free connection."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Change(Generic[S]):
    """What is to happen to one stream.

    `decide` gets the stream's state and the transaction's connection, to ask the service's own tables. It returns the
    new events (an empty list = already so) or raises a refusal. It may be called again after a conflict.
    """

    stream: UUID
    initial: S
    evolve: Callable[[S, Event], S]
    decide: Callable[[S, Conn], Sequence[Event]]


class Ledger(Application[UUID]):
    """The service's event store. Thread-safe; one for each process."""

    def __init__(
        self, pool: Pool, service: str, ring: KeyRing, view: Apply, decided: Callable[[], None] = lambda: None
    ) -> None:
        """`view` is the writing service's own read model: it gets the events opened, boxes kept.

        `decided` is called after each commit of events and nudges the relay: it must neither block nor raise.
        """
        self._pool, self._service, self._ring, self._view, self._decided = pool, service, ring, view, decided
        super().__init__()

    def construct_factory(self, env: Environment) -> InfrastructureFactory[TrackingRecorder]:
        return LedgerFactory(env, self._pool)

    def construct_mapper(self) -> DocumentMapper:
        return DocumentMapper()

    def change(
        self,
        stream: UUID,
        initial: S,
        evolve: Callable[[S, Event], S],
        decide: Callable[[S, Conn], Sequence[Event]],
        intent: Intent,
    ) -> Answer:
        """Load the stream, decide, append, once for ever; a repeat of the command gets the first answer's bytes.

        A concurrent writer makes it decide again, at most TRIES times in all, unless the client sent `if_match`.
        Raises what `decide` raises (then nothing is left behind), InProgress, KeyReused, ConcurrentChange, Checking,
        OutcomeUnknown, NotAllowed (an event outside the scope), and what sealing raises.
        """
        return self.change_many([Change(stream, initial, evolve, decide)], intent)

    def change_many(self, changes: Sequence[Change[Any]], intent: Intent) -> Answer:
        """Several streams in one transaction, decided in the order given, all or nothing, with one answer.

        As `change` otherwise. `if_match` is about the first stream. A later change of the same stream sees the
        earlier one's events.
        """
        lost = False
        clash: UniqueViolation | DeadlockDetected | None = None
        for _ in range(TRIES):
            pause = SEARCH
            try:
                # after a loss not in turn: our own lost transaction may hold it still
                return self._once(changes, intent, in_turn=clash is not None and not lost)
            except (UniqueViolation, DeadlockDetected) as overtaken:
                clash, pause = overtaken, random() * PAUSE
            except ConnectionLost:
                lost = True
            except InProgress:
                if not lost:  # else it is our own lost transaction, not yet ended
                    raise
            except PoolTimeout:
                if lost:
                    break
                raise
            sleep(pause)
        if lost or clash is None:
            raise OutcomeUnknown
        raise self._overtaken(changes[0].stream, intent, clash)

    def _once(self, changes: Sequence[Change[Any]], intent: Intent, in_turn: bool) -> Answer:
        streams = list(dict.fromkeys(change.stream for change in changes))
        with self._pool.connection(timeout=PATIENCE) as conn, noticing_loss(conn):
            started = begin(conn, streams, intent, in_turn)
            if started.answer is not None:
                return started.answer
            past = {stream: [read(each).event for each in kept] for stream, kept in started.past.items()}
            new = self._recorded(_decide(conn, changes, intent, past), intent, started.epoch)
            given = _answer(streams[0], past, new)
            with _gate_noticed(), conn.pipeline():  # the commit goes in it too: one round trip less
                if new:
                    self._view(conn, open_events(self._ring, _in_key_order(new)))
                answers.keep(conn, intent, given)
                if new:
                    self.save(*new, conn=conn, epoch=started.epoch, fingerprint=intent.fingerprint)
                conn.commit()
        if new:
            self._nudge()
        return given

    def _recorded(self, decided: "Decided", intent: Intent, epoch: int) -> list[Recorded]:
        """Sealed, each in its envelope."""
        if people := {owner for _, _, event in decided for owner in owners(event)}:
            self._ring.keys(people, create=True)  # one look-up for all; each event then finds its keys in the cache
        now = clock.now()
        new = []
        for stream, version, event in decided:
            envelope = Envelope(
                id=f"{stream}:{version}",
                source=f"/diary/{self._service}/{epoch}",
                type=event.TYPE,
                subject=stream,
                time=now,
                actor=intent.actor,
                command_id=intent.key,
                correlation_id=intent.correlation,
                key=event.key,
                salt=token_hex(16),
                causation_id=intent.causation,
                traceparent=intent.traceparent,
                import_id=intent.import_id,
            )
            new.append(Recorded(stream, version, seal_event(self._ring, event, envelope.id), envelope))
        return new

    def _nudge(self) -> None:
        try:
            self._decided()
        except Exception:  # the events are saved: the answer must not become an error
            log.exception("the relay could not be nudged; it will look by itself")

    def _overtaken(
        self, stream: UUID, intent: Intent, clash: UniqueViolation | DeadlockDetected
    ) -> ConcurrentChange | UniqueViolation | DeadlockDetected:
        """The refusal after the last try; the clash itself if it was in a table of the view: that may be a bug."""
        if clash.diag.constraint_name in (None, *OURS):
            return ConcurrentChange(version=len(self.history(stream, intent.scope)))
        return clash

    def history(self, stream: UUID, scope: Iterable[UUID]) -> list[Received]:
        """The stream's events, oldest first, as far as the scope shows them."""
        with self._pool.connection(timeout=PATIENCE) as conn, scoped(conn, scope):
            return [read(document, id_) for id_, document in conn.execute(HISTORY, [stream], binary=True)]

    def everything(self, after: int, upto: int, limit: int = 1000) -> list[Received]:
        """At most `limit` events with after < id <= upto in order of id; `upto` comes from `settle.settled`.

        For the pools of worker and relay; the api role sees nothing without a scope.
        """
        with self._pool.connection(timeout=PATIENCE) as conn:
            return [read(row.document, row.id) for row in settle.read(conn, after, upto, limit)]


OURS = ("events_stream_version", "events_command", "answers_command")
HISTORY = "SELECT id, document FROM events WHERE stream = %s ORDER BY version"

Past = dict[UUID, list[Event]]
Decided = list[tuple[UUID, int, Event]]


@contextmanager
def _gate_noticed() -> Iterator[None]:
    """Turn the server's refusal to write through a closed gate into Checking."""
    try:
        yield
    except DatabaseError as refused:
        if refused.sqlstate == gate.CLOSED:
            raise Checking from refused
        raise


def _decide(conn: Conn, changes: Sequence[Change[Any]], intent: Intent, past: Past) -> Decided:
    """All new events with stream and version, in the order decided; `past` grows by them."""
    decided: Decided = []
    scope = frozenset(intent.scope)  # an import's chunk has hundreds of keys
    for change in changes:
        events = past[change.stream]
        for event in change.decide(reduce(change.evolve, events, change.initial), conn):
            if event.key not in scope:
                raise NotAllowed
            events.append(event)
            decided.append((change.stream, len(events), event))
    return decided


def _answer(first: UUID, past: Past, new: Sequence[Recorded]) -> Answer:
    if not new:
        return answers.answer(first, len(past[first]), [])
    return answers.answer(new[-1].originator_id, new[-1].originator_version, [one.envelope.id for one in new])


def _in_key_order(new: Sequence[Recorded]) -> list[Received]:
    """For the view: two transactions that touch the same rows touch them in the same order."""
    ordered = sorted(new, key=lambda one: (one.envelope.key, one.originator_id, one.originator_version))
    return [Received(one.event, one.envelope) for one in ordered]
