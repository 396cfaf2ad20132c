"""Taking events in: the position moves first, the rows after, in one transaction; what cannot be taken in is parked."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import psycopg
from psycopg.conninfo import make_conninfo

from shared.contracts import Event
from shared.contracts.envelope import Received
from shared.postgres import Conn, conninfo
from shared.sealed import KeyRing, NoAnswer, open_events
from shared.settings import Settings
from shared.stream import held, parked
from shared.stream.arrivals import Arrival, describe
from shared.stream.epochs import Cut
from shared.stream.progress import Position, advance, continuing, position, stem_of

CHUNK = 1000
"""Events given to `apply` at once, at most."""

TAKEN = 250
"""Numbers of the source whose events, after they waited, are taken in at once: reading and opening them must not keep
the session idle for long (`LIMITS` in postgres; with 1,000 a machine of fifteen times its load ended the session, and
again at each try)."""
RELEASED = 10_000
RELEASING = 4.0
"""Events of a complete import taken in by one transaction, at most, and seconds after which it takes no more: a
district is shown at once, a city in steps that end long before the role's `transaction_timeout`."""

RETRIED = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    NoAnswer,
    OSError,
)
"""Troubles of the surroundings, not of an event: the same batch is tried again."""

Apply = Callable[[Conn, Sequence[Received]], None]


@dataclass(frozen=True)
class Projection:
    """What a service makes of events, its own or others'.

    `name` ends in a number (`reporting.diary.1`); with another number it is rebuilt beside the live one.
    `apply` gets events of one partition in order; between topics and partitions there is no order. It uses
    unqualified table names, and all tables it writes are in `tables`, so that a rebuild can fill others.
    `handles` are given to it, `leaves` are known and left aside; a type in neither is parked.
    `from_now`: a delivery; it acts on what happened after its first start, and is never rebuilt.
    `touched` names what changed, told to the API processes after the commit; it may ask the tables just written.
    `opens`: it gets sealed texts opened (None where the key was destroyed), and waits while the key ring is silent.
    `by_keys`: `apply` finds rows by primary and unique keys alone; a rebuild makes the other indexes when all is there.
    """

    name: str
    topics: tuple[str, ...]
    apply: Apply
    handles: frozenset[type[Event]]
    leaves: frozenset[type[Event]] = frozenset()
    from_now: bool = False
    touched: Callable[[Conn, Sequence[Received]], Iterable[str]] | None = None
    tables: tuple[str, ...] = ()
    opens: bool = False
    by_keys: bool = False

    def __post_init__(self) -> None:
        stem_of(self.name)
        if both := self.handles & self.leaves:
            raise ValueError(f"{self.name} both handles and leaves {sorted(event.TYPE for event in both)}")


def opened(projection: Projection, settings: Settings) -> Projection:
    """The same with sealed texts opened before they are applied, if it `opens`."""
    if not projection.opens:
        return projection
    ring = KeyRing.connect(settings)

    def apply(conn: Conn, received: Sequence[Received]) -> None:
        projection.apply(conn, open_events(ring, received))

    return replace(projection, apply=apply, opens=False)


@dataclass(frozen=True)
class Done:
    """What became of a batch. `applied` holds also what had been waiting for an import.

    `more`: something still waits for an import that is complete; call `go_on` until it is False.
    """

    reached: Position
    applied: tuple[Received, ...]
    parked: int
    more: bool = False


def project(conn: Conn, projection: Projection, batch: Sequence[Arrival], cuts: Sequence[Cut] = ()) -> Done:
    """Take in what of a partition's batch continues the position, in one transaction. Repeats are skipped.

    `cuts`: what of the partition is known to have been given up. Raises NotNext when the batch does not continue the
    position, and RETRIED errors; then nothing has changed.
    """
    place = (batch[0].topic, batch[0].partition)
    with conn.transaction():
        at = position(conn, projection.name, place)
        fresh, reached = continuing(at, batch, cuts, acts=projection.from_now or not projection.tables)
        advance(conn, projection.name, place, at, reached)
        intake = Intake(conn, projection, fresh)
        intake.take(fresh)
    return Done(reached, tuple(intake.applied), intake.parked, intake.more)


def go_on(conn: Conn, projection: Projection) -> Done:
    """Take in more of what waited for a complete import, in one transaction; nothing if all is taken.

    Raises RETRIED errors; then nothing has changed, and calling it again goes on.
    """
    with conn.transaction():
        if not held.unfinished(conn, projection.name):
            return Done(Position(), (), 0)
        held.lock_alone(conn, projection.name)
        intake = Intake(conn, projection, ())
        intake.take_released()
    return Done(Position(), tuple(intake.applied), intake.parked, intake.more)


ORDER = "SELECT 1 FROM progress WHERE projection = %s ORDER BY topic, partition FOR UPDATE"


def replay(settings: Settings, service: str, projection: Projection) -> tuple[int, int]:
    """Try parked events again in order, until all were tried. Returns how many were taken in and how many are left."""
    took, after, stuck = 0, ("", -1, -1), set[UUID]()
    projection = opened(projection, settings)
    with psycopg.connect(worker_conninfo(settings, service), autocommit=True) as conn:
        while True:
            with conn.transaction():
                conn.execute(ORDER, [projection.name])  # nobody parks meanwhile
                again = parked.take(conn, projection.name, after, CHUNK)
                intake = Intake(conn, projection, again, blocked=stuck)
                intake.take(again)
                left = parked.count(conn, projection.name)
            took += len(again) - intake.parked
            if not again:
                return took, left
            after = (again[-1].topic, again[-1].partition, again[-1].offset)


def worker_conninfo(settings: Settings, service: str) -> str:
    """With limits that notice a server that is gone within some seconds."""
    alive = {"keepalives_idle": 2, "keepalives_interval": 1, "keepalives_count": 3, "connect_timeout": 5}
    return make_conninfo(conninfo(settings, service, "worker"), **alive)


SINCE = "SELECT at FROM since WHERE projection = %s"


class Intake:
    """Sorts the events of one transaction: applied, held, parked, or left aside.

    `blocked` are streams whose events are parked whatever they are; without it those that have something parked.
    """

    def __init__(
        self, conn: Conn, projection: Projection, arrivals: Sequence[Arrival], blocked: set[UUID] | None = None
    ) -> None:
        self.applied: list[Received] = []
        self.parked = 0
        self.more = False
        self._conn, self._projection, self._name = conn, projection, projection.name
        self._ready: list[tuple[Arrival, Received]] = []
        self._to_hold: list[Arrival] = []
        self._subjects = {arrival.subject for arrival in arrivals if arrival.subject and not self._left(arrival)}
        self._imports = held.lock(conn, self._name, arrivals)
        self._blocked = parked.blocked(conn, self._name, self._subjects) if blocked is None else blocked
        self._look_at_imports({arrival.import_id for arrival in arrivals if arrival.import_id})
        row = conn.execute(SINCE, [self._name]).fetchone() if projection.from_now else None
        self._since: datetime | None = row[0] if row else None

    def _look_at_imports(self, imports: set[UUID]) -> None:
        self._waiting = held.waiting(self._conn, self._name, self._subjects) if self._imports else set[UUID]()
        self._released = held.released(self._conn, self._name, imports) if imports else set[UUID]()

    def take(self, arrivals: Sequence[Arrival]) -> None:
        """Sort them in their order."""
        for arrival in arrivals:
            if arrival.releases:
                self._release(arrival.releases)
            if self._left(arrival):
                continue
            if self._must_wait(arrival):
                self._to_hold.append(arrival)
            else:
                self._sort(arrival)
        self._hold()
        self._apply_ready()

    def _left(self, arrival: Arrival) -> bool:
        """Left aside: need not even be read, nor kept first."""
        return not arrival.trouble and arrival.kind in self._projection.leaves

    def _must_wait(self, arrival: Arrival) -> bool:
        if arrival.subject is None or arrival.place is None or arrival.trouble:
            return False
        if arrival.import_id and arrival.import_id not in self._released:
            self._waiting.add(arrival.subject)
        return arrival.subject in self._waiting

    def _sort(self, arrival: Arrival) -> None:
        received, trouble = arrival.read()
        if received and type(received.event) in self._projection.handles:
            self._ready.append((arrival, received))
            return
        self._apply_ready()  # those before it are not behind it
        unlisted = f"{self._name} neither handles nor leaves {received.event.TYPE}" if received else trouble
        self._park(arrival, unlisted)

    def _release(self, import_id: UUID) -> None:
        self._hold()
        self._apply_ready()
        held.release(self._conn, self._name, import_id)
        self._released.add(import_id)
        self.take_released()
        self._waiting = held.waiting(self._conn, self._name, self._subjects)

    def take_released(self) -> None:
        """Take in what waited for complete imports, within the bounds of one transaction; the lock is ours alone."""
        after, taken_in, until = held.BEGINNING, 0, time.monotonic() + RELEASING
        barred = held.bars(self._conn, self._name)
        while taken := held.take(self._conn, self._name, barred, after, TAKEN):
            subjects = {arrival.subject for arrival in taken if arrival.subject}
            self._blocked |= parked.blocked(self._conn, self._name, subjects)
            for arrival in taken:
                self._sort(arrival)
            self._apply_ready()
            after, taken_in = _place_of(taken[-1]), taken_in + len(taken)
            if taken_in >= RELEASED or time.monotonic() > until:
                self.more = True
                return
        self.more = False
        held.all_taken(self._conn, self._name)

    def _hold(self) -> None:
        held.hold(self._conn, self._name, self._to_hold)
        self._to_hold = []

    def _apply_ready(self) -> None:
        ready, self._ready = self._ready, []
        if self._since:
            ready = [each for each in ready if each[1].time >= self._since]
        for start in range(0, len(ready), CHUNK):
            self._apply(ready[start : start + CHUNK])

    def _apply(self, some: Sequence[tuple[Arrival, Received]]) -> None:
        """Apply them at once; if that fails by halves, until the one that cannot be applied stands alone."""
        some = list(self._unblocked(some))
        if not some:
            return
        received = [each[1] for each in some]
        try:
            with self._conn.transaction():
                self._projection.apply(self._conn, received)
        except RETRIED:
            raise
        except Exception as error:
            if len(some) == 1:
                self._park(some[0][0], describe(error))
                return
            self._apply(some[: len(some) // 2])
            self._apply(some[len(some) // 2 :])
        else:
            self.applied += received

    def _unblocked(self, some: Sequence[tuple[Arrival, Received]]) -> Iterator[tuple[Arrival, Received]]:
        for arrival, received in some:
            if arrival.subject in self._blocked:
                self._park(arrival, "behind an earlier one of its stream")
            else:
                yield arrival, received

    def _park(self, arrival: Arrival, why: str) -> None:
        parked.park(self._conn, self._name, arrival, why)
        self.parked += 1
        if arrival.subject:
            self._blocked.add(arrival.subject)


def _place_of(arrival: Arrival) -> tuple[str, int, int]:
    assert arrival.place is not None, "only what has a place is held"
    return arrival.topic, arrival.place.epoch, arrival.place.sequence
