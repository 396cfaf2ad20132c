"""A service's processes. `services/<name>/main.py` only declares what the service is made of:

    SERVICE = Service(
        name="grades",
        routers=(api.router,),
        migrations=(Path(__file__).parent / "migrations", timetable.MIGRATIONS),
        projections=(access.projection("grades"), reactions.PROJECTION),
        topics=("diary.grades",),
        view=views.apply,
    )

The migrations of the stream, the event store, the access tables and the key ring come by themselves.
`python -m services grades` runs api, worker and relay in one process; with a role, that one alone.
"""

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import uvicorn
import uvloop
from fastapi import APIRouter, FastAPI
from psycopg_pool import PoolTimeout
from starlette.types import ASGIApp

from shared import access, audit, erasure, eventstore, garbage, postgres, recovery, sealed, stream, telemetry
from shared.clock import Calendar
from shared.eventstore import Apply, Ledger, gate, settle
from shared.postgres import Pool
from shared.sealed import KeyRing
from shared.settings import Settings
from shared.stream import Listener, Nudge, Projection, Relay, Store, Worker, live
from shared.web import app as web
from shared.web.state import State

log = logging.getLogger("diary.process")

ROLES = ("api", "worker", "relay")
OWN_VIEW = "own-view"  # how a service's own read model is called by those who want it rebuilt
POOL = 12  # connections of an API process
KEEP_ALIVE = 75  # seconds; longer than the portal keeps an idle connection, so that it never writes into a closed one
STORE = Store(settle.settled, settle.read, gate.last_epoch, gate.open_gate)
MINUTE, HOUR = 60.0, 3600.0
DRAIN = 10  # seconds that requests under way may still take after the signal to stop


def _no_view(conn: postgres.Conn, received: Sequence[object]) -> None:
    """Of a service whose own events make no table of its own."""


Beside = Callable[[Settings, Pool], Coroutine[Any, Any, None]]
"""A task beside the worker."""


@dataclass(frozen=True)
class Service:
    """What a service is made of.

    `topics` are those its events go to; empty: it has no event store, no ledger and no relay. `view` is its own read
    model, applied in the event's transaction, `tables` are all that it alone writes (a rebuild makes them anew).
    `ring` says whether it opens sealed text though it has no store, `erases` whether it decides about erasure and so
    may destroy keys.
    `around` surrounds the API's life; `beside` are tasks that run with the worker until cancelled, such as a sender;
    each gets the settings and a pool of the worker's role.
    `outermost` are ASGI middlewares that stand before everything else of its API.
    `database` is False for one without tables. `checks` are further conditions of readiness, made from the settings.
    """

    name: str
    routers: tuple[APIRouter, ...] = ()
    migrations: tuple[Path, ...] = ()
    projections: tuple[Projection, ...] = ()
    topics: tuple[str, ...] = ()
    view: Apply = _no_view
    tables: tuple[str, ...] = ()
    ring: bool = True
    erases: bool = False
    database: bool = True
    around: Callable[[FastAPI, State], AbstractAsyncContextManager[None]] | None = None
    outermost: tuple[Callable[[ASGIApp], ASGIApp], ...] = ()
    beside: tuple[Beside, ...] = ()
    checks: dict[str, Callable[[Settings], None]] = field(default_factory=dict)

    @property
    def folders(self) -> tuple[Path, ...]:
        """All migrations, those of the shared parts first."""
        parts = [stream.MIGRATIONS] if self.topics or self.projections else []
        parts += [eventstore.MIGRATIONS, audit.MIGRATIONS] if self.topics else []
        parts += [access.MIGRATIONS] if any(p.apply is access.apply for p in self.projections) else []
        parts += [erasure.MIGRATIONS] if any(p.tables == ("erased",) for p in self.projections) else []
        return (*parts, *self.migrations)


def roles_of(service: Service) -> tuple[str, ...]:
    """Those that have something to do: a process for each of them is the whole service."""
    works = service.projections or service.beside or service.topics
    return ("api", *(("worker",) if works else ()), *(("relay",) if service.topics else ()))


def main(service: Service, arguments: Sequence[str]) -> int:
    """What `python -m services <name> …` does; returns the exit status."""
    garbage.seldom()
    settings = Settings()
    match list(arguments):
        case ["migrate", *options]:
            migrate(service, settings, "--create" in options)
            if service.topics or service.projections:
                stream.topics.ensure(settings)
                grant(service, settings)
        case ["rebuild", *names] if set(names) <= {*rebuilt(service)}:
            garbage.seldom(garbage.YOUNG_OF_A_REBUILD)
            telemetry.setup(service.name, settings, "rebuild")
            rebuild(service, settings, names)
        case ["compare", *names] if set(names) <= {*rebuilt(service)} - {OWN_VIEW}:
            garbage.seldom(garbage.YOUNG_OF_A_REBUILD)
            telemetry.setup(service.name, settings, "compare")
            return _compare(service, settings, names)
        case ["replay", name] if name in {each.name for each in service.projections}:
            telemetry.setup(service.name, settings, "replay")
            return _replay(service, settings, name)
        case ["publish-again", topic] if topic in service.topics:
            stream.publish_again(settings, service.name, topic)
        case ["recover", "--verify", *options] if service.topics and set(options) <= {"--whole"}:
            return recovery.verify(settings, service.name, service.topics, "--whole" in options)
        case ["recover", "--heal", *options] if service.topics and set(options) <= {"--yes"}:
            telemetry.setup(service.name, settings, "recover")
            return _heal(service, settings, "--yes" in options)
        case ["recover", "--give-up", act, *options] if service.topics and _act(act, options):
            telemetry.setup(service.name, settings, "recover")
            return _give_up(service, settings, act.strip(), options)
        case ["audit", "verify", *options] if service.topics and set(options) <= {"--topic"}:
            return audit.verified(settings, service.name, "--topic" in options)
        case [] | ["all"]:
            _run(service, settings, ROLES)
        case [role] if role in ROLES:
            _run(service, settings, (role,))
        case _:
            print(f"{service.name} cannot do this: {' '.join(arguments)}", file=sys.stderr)
            print(f"It can rebuild: {', '.join(rebuilt(service)) or 'nothing'}", file=sys.stderr)
            return 2
    return 0


def migrate(service: Service, settings: Settings, create: bool = False) -> None:
    """Bring the tables up to date; with `create` make the database and its roles first, and the key ring's."""
    if service.database:
        if create:
            postgres.create(settings, service.name)
        postgres.migrate(settings, service.name, service.folders)
    if create and service.ring:
        sealed.create(settings, service.erases)


def grant(service: Service, settings: Settings) -> None:
    """Tell the brokers what the service may read and write, where it shows them a certificate."""
    if settings.kafka_ca:
        read = tuple(sorted({topic for each in service.projections for topic in each.topics}))
        stream.acls.ensure(settings, service.name, service.topics, read)


def _run(service: Service, settings: Settings, roles: Sequence[str]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(service, settings, roles))


async def run(service: Service, settings: Settings, roles: Sequence[str] = ROLES) -> None:
    """Run the roles in one event loop until SIGTERM or SIGINT, or until one of them fails: then all stop."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    await serve(service, settings, roles, stopping)


async def serve(service: Service, settings: Settings, roles: Sequence[str], stopping: asyncio.Event) -> None:
    """The same until `stopping` is set. Raises what a role failed with, in an ExceptionGroup."""
    telemetry.setup(service.name, settings, "+".join(roles))
    worker = Worker(settings, service.name, service.projections) if "worker" in roles and service.projections else None
    async with AsyncExitStack() as stack:
        state = await stack.enter_async_context(_state(service, settings, roles, worker))
        server = _server(service, settings, roles, state, stopping)
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(server.serve(), name="api")
            others = [group.create_task(each) for each in _background(service, settings, roles, worker)]
            log.info("started", extra={"service": service.name, "roles": list(roles), "port": settings.port})
            await asyncio.wait({serving, group.create_task(stopping.wait())}, return_when=asyncio.FIRST_COMPLETED)
            stopping.set()
            server.should_exit = True
            await asyncio.wait({serving})
            for task in others:
                task.cancel()
    log.info("stopped", extra={"service": service.name})


def _background(
    service: Service, settings: Settings, roles: Sequence[str], worker: Worker | None
) -> Iterator[Coroutine[Any, Any, None]]:
    if worker:
        yield worker.run()
    if "worker" in roles and (service.beside or service.topics):
        yield _beside(service, settings)
    if "relay" in roles and service.topics:
        yield Relay(settings, service.name, service.topics, STORE).run()
        if settings.audit_folder and settings.audit_key.get_secret_value():
            yield audit.Keeper(settings, service.name).run()
    yield garbage.run()


async def _beside(service: Service, settings: Settings) -> None:
    pool = postgres.pool(settings, service.name, "worker")
    try:
        async with asyncio.TaskGroup() as group:
            for task in (*service.beside, *((forget_answers,) if service.topics else ())):
                group.create_task(task(settings, pool), name=getattr(task, "__name__", ""))
    finally:
        pool.close()


def hourly(chore: Callable[[postgres.Conn], object]) -> Beside:
    """A task for `beside`: the chore at the start and once an hour, each time in a transaction of its own.

    While the database is away it is put off by a minute.
    """

    def once(pool: Pool) -> None:
        with pool.connection() as conn:
            chore(conn)

    async def task(settings: Settings, pool: Pool) -> None:
        while True:
            try:
                await asyncio.to_thread(once, pool)
                await asyncio.sleep(HOUR)
            except (psycopg.OperationalError, PoolTimeout) as error:
                log.warning("a chore is put off", extra={"cause": type(error).__name__})
                await asyncio.sleep(MINUTE)

    return task


def _forget(conn: postgres.Conn) -> None:
    while eventstore.forget(conn):
        conn.commit()


forget_answers = hourly(_forget)


@asynccontextmanager
async def _state(
    service: Service, settings: Settings, roles: Sequence[str], worker: Worker | None
) -> AsyncIterator[State]:
    """What the routes ask for; a process without the api role has only the checks."""
    checks: dict[str, Callable[[], None]] = {name: partial(check, settings) for name, check in service.checks.items()}
    if worker:
        checks["projections"] = partial(_well, worker)
    calendar = Calendar.starting(settings.school_today, settings.school_time)
    if "api" not in roles or not service.database:
        yield State(settings, calendar, checks=checks)
        return
    pool = postgres.pool(settings, service.name, "api", POOL)
    ring = KeyRing.connect(settings, service.erases) if service.ring else None
    nudge = Nudge(settings, service.name) if service.topics else None
    ledger = Ledger(pool, service.name, ring, service.view, nudge) if ring and nudge else None
    listener = Listener(settings, service.name)
    try:
        yield State(settings, calendar, pool, ledger, ring, listener, checks)
    finally:
        await listener.close()
        for opened in (ledger, nudge, ring, pool):
            if opened is not None:
                opened.close()


def _well(worker: Worker) -> None:
    if unwell := [name for name, well in worker.health().items() if not well]:
        raise RuntimeError(f"last batch failed: {unwell}")


class _Server(uvicorn.Server):
    """Signals are ours: they stop the other roles too."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server(
    service: Service, settings: Settings, roles: Sequence[str], state: State, stopping: asyncio.Event
) -> uvicorn.Server:
    app = application(service, settings, state, api="api" in roles)
    app.state.stopping = stopping
    config = uvicorn.Config(
        behind(service, app),
        host=settings.host,
        port=settings.port,
        http="httptools",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=DRAIN,
    )
    return _Server(config)


def application(service: Service, settings: Settings, state: State, api: bool = True) -> FastAPI:
    """The service's API as an ASGI application; without `api` only health and metrics."""
    lifespan = partial(_lifespan, service, state) if api and service.around else None
    app = web.create(service.name, service.routers if api else (), settings, state, lifespan)
    return app


def behind(service: Service, app: ASGIApp) -> ASGIApp:
    """The API behind what stands before everything else of it, the framework's own telemetry too."""
    for each in service.outermost:
        app = each(app)
    return app


@asynccontextmanager
async def _lifespan(service: Service, state: State, app: FastAPI) -> AsyncIterator[None]:
    if service.around is None:
        yield
        return
    async with service.around(app, state):
        yield


def rebuilt(service: Service) -> tuple[str, ...]:
    """What of the service can be made anew, in that order; deliveries cannot, they would be sent again."""
    own = (OWN_VIEW,) if service.tables else ()
    return (*own, *(each.name for each in service.projections if each.tables and not each.from_now))


def rebuild(service: Service, settings: Settings, names: Sequence[str] = ()) -> None:
    """Make these anew beside the live ones, and switch; all that can be, if none is named. Says what is done.

    Readers and writers go on meanwhile. Raises what `rebuild_view` and `stream.rebuild` raise: what was not switched
    stays as it was.
    """
    for name in names or rebuilt(service):
        if name == OWN_VIEW:
            count = _rebuild_own(service, settings)
        else:
            count = stream.rebuild(settings, service.name, next(p for p in service.projections if p.name == name))
        print(f"{name}: rebuilt from {count} events and switched")


def _compare(service: Service, settings: Settings, names: Sequence[str]) -> int:
    """Say whether these projections, or all, are what their events make; the exit status is 1 if one is not."""
    status = 0
    for name in names or [each for each in rebuilt(service) if each != OWN_VIEW]:
        projection = next(each for each in service.projections if each.name == name)
        count, differing = stream.compare(settings, service.name, projection)
        for table, (live_only, made_only) in differing.items():
            print(f"{name}: {table} has {live_only} rows that its events do not make, and lacks {made_only}")
            status = 1
        print(f"{name}: {'DIFFERS' if differing else 'the same'}, compared with what {count} events make")
    return status


def _rebuild_own(service: Service, settings: Settings) -> int:
    ring = KeyRing.connect(settings)
    try:
        count = eventstore.rebuild_view(settings, service.name, ring, service.view, service.tables)
    finally:
        ring.close()
    with psycopg.connect(postgres.conninfo(settings, service.name, "migrate"), autocommit=True) as conn:
        live.tell(conn, [live.EVERYTHING])
    return count


def _heal(service: Service, settings: Settings, agreed: bool) -> int:
    own_view, asked = partial(_own_view, service, settings), partial(_asked, agreed)
    return recovery.heal(settings, service.name, service.topics, own_view, asked)


def _act(act: str, options: Sequence[str]) -> bool:
    """Whether that names an act: an option in its place would be one forgotten."""
    return bool(act.strip()) and not act.startswith("-") and set(options) <= {"--yes", "--whole"}


def _give_up(service: Service, settings: Settings, act: str, options: Sequence[str]) -> int:
    own_view, asked = partial(_own_view, service, settings), partial(_asked, "--yes" in options)
    whole = "--whole" in options
    return recovery.give_up(settings, service.name, service.topics, own_view, asked, act, whole)


def _own_view(service: Service, settings: Settings) -> None:
    if service.tables:
        rebuild(service, settings, [OWN_VIEW])


def _asked(agreed: bool) -> bool:
    with suppress(EOFError):  # nobody sits there
        return agreed or input("Go on? Type yes: ").strip() == "yes"
    return False


def _replay(service: Service, settings: Settings, name: str) -> int:
    """Try parked events again; the exit status is 1 if some are still parked."""
    chosen = next(each for each in service.projections if each.name == name)
    taken, left = stream.replay(settings, service.name, chosen)
    print(f"{name}: {taken} taken in, {left} still parked")
    return 1 if left else 0
