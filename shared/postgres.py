"""PostgreSQL: one database a service, one role a process, forward-only migrations, scope for row-level security.

Roles are `<service>_api`, `_worker`, `_relay` (which own nothing and bypass nothing) and `_migrate` (which owns).
"""

import select
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg import Connection, sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow
from psycopg.types.json import Json
from psycopg_pool import ConnectionPool
from pydantic_core import to_json

from shared.settings import Settings

ROLES = ("migrate", "api", "worker", "relay")

Conn = Connection[TupleRow]
Pool = ConnectionPool[Conn]

# the idle timeout does not run after some pipelines: where psycopg sends a Flush behind the last Sync, that stops the
# server's timer (28 of 32 sessions tried). So every role has the other as well, or a frozen process could keep its
# locks for ever
LIMITS = {
    "api": {"transaction_timeout": "30s", "idle_in_transaction_session_timeout": "10s"},
    # a worker's connection is older than the rows: a plan kept from when a table was empty would read the whole of it
    # at every batch until the table is analysed (notify: 28 ms of server time a class save; 3 with plans made anew)
    "worker": {
        "transaction_timeout": "30s",
        "idle_in_transaction_session_timeout": "3s",
        "plan_cache_mode": "force_custom_plan",
    },
    "relay": {
        "idle_session_timeout": "5s",
        "transaction_timeout": "30s",
        "idle_in_transaction_session_timeout": "3s",
    },
    "eraser": {"transaction_timeout": "30s", "idle_in_transaction_session_timeout": "10s"},
    "migrate": {},
}


def conninfo(settings: Settings, service: str, role: str) -> str:
    """How the service's process of this role connects to its own database."""
    return make_conninfo(
        settings.postgres,
        user=f"{service}_{role}",
        dbname=f"diary_{service}",
        password=settings.postgres_password.get_secret_value(),
        application_name=f"{service} {role}",
        connect_timeout=10,  # a server that takes the connection and says nothing is tried again
    )


def pool(settings: Settings, service: str, role: str, size: int = 8) -> Pool:
    """An open pool; connections are checked when taken, so that a restart of the server is survived."""
    return ConnectionPool(conninfo(settings, service, role), min_size=1, max_size=size, open=True, check=_alive)


def _alive(conn: Conn) -> None:
    """A server that ended has closed its side, which can be read: only then is it worth a round trip to ask."""
    waiting = select.poll()
    waiting.register(conn.fileno(), select.POLLIN)
    if waiting.poll(0):
        ConnectionPool.check_connection(conn)


@contextmanager
def scoped(conn: Conn, ids: Iterable[UUID]) -> Iterator[Conn]:
    """A transaction that sees only rows of these schools (or persons). None given: no rows."""
    with conn.transaction():
        scope = "{" + ",".join(str(i) for i in ids) + "}"
        conn.execute("SELECT set_config('diary.scope', %s, true)", [scope])
        yield conn


def records(names: Sequence[str], rows: Iterable[Sequence[object]]) -> Json:
    """Many rows as one parameter of `json_to_recordset(%s) AS t (name type, …)`; ids and times as their text.

    A fraction of the processor time that as many arrays take, which psycopg writes value by value in Python.
    """
    return Json([dict(zip(names, row, strict=True)) for row in rows], dumps=to_json)


def create(settings: Settings, service: str, passwords: Mapping[str, str | None] | None = None) -> None:
    """Make the service's database and roles if they are not there. Needs `postgres_admin`; safe to repeat.

    `passwords` are of other roles than ROLES; with None a role keeps the one it has, if any.
    """
    passwords = passwords or dict.fromkeys(ROLES, settings.postgres_password.get_secret_value())
    with psycopg.connect(settings.postgres_admin.get_secret_value(), autocommit=True) as admin:
        for role, password in passwords.items():
            _make_role(admin, f"{service}_{role}", password, LIMITS[role])
        owner, database = sql.Identifier(f"{service}_migrate"), sql.Identifier(f"diary_{service}")
        if not _exists(admin, "SELECT 1 FROM pg_database WHERE datname = %s", f"diary_{service}"):
            admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, owner))
            admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
        for role in passwords:
            grant = sql.SQL("GRANT CONNECT ON DATABASE {} TO {}")
            admin.execute(grant.format(database, sql.Identifier(f"{service}_{role}")))


def _make_role(admin: Conn, role: str, password: str | None, limits: Mapping[str, str]) -> None:
    name = sql.Identifier(role)
    if not _exists(admin, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
    if password is not None:
        admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, sql.Literal(password)))
    for setting, value in limits.items():
        admin.execute(sql.SQL("ALTER ROLE {} SET {} = {}").format(name, sql.Identifier(setting), sql.Literal(value)))


def _exists(conn: Connection[TupleRow], query: str, name: str) -> bool:
    return conn.execute(query, [name]).fetchone() is not None


def migrate(settings: Settings, service: str, folders: Sequence[Path], roles: Sequence[str] = ROLES) -> None:
    """Bring the service's tables up to date: every `NNNN_*.sql` of the folders in order, once, in a transaction.

    In the SQL `{api}`, `{worker}`, `{relay}`, or what `roles` says, stand for the service's roles. Two migrations at
    once wait for each other.
    """
    names = {role: sql.Identifier(f"{service}_{role}") for role in roles}
    with psycopg.connect(conninfo(settings, service, "migrate"), autocommit=True) as conn:
        conn.execute("SELECT pg_advisory_lock(hashtext('migrate'))")
        conn.execute(
            "CREATE TABLE IF NOT EXISTS migrated (name text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())"
        )
        done = {row[0] for row in conn.execute("SELECT name FROM migrated")}
        for folder in folders:
            for file in sorted(folder.glob("*.sql")):
                name = f"{folder.parent.name}/{file.name}"
                if name not in done:
                    with conn.transaction():
                        conn.execute(sql.SQL(file.read_text("utf-8")).format(**names))
                        conn.execute("INSERT INTO migrated (name) VALUES (%s)", [name])
