"""A writing service's own view, made anew beside the one in use, then switched to.

The view's functions name their tables without a schema, so that they fill the new ones when those come first in the
search path. Writers are held at the switch only: nobody waits longer than HOLD for the lock, and behind it lie the
few events since the last batch. Killed at any instant before the switch it leaves the view in use as it was.
"""

import logging
from collections.abc import Sequence
from time import sleep

import psycopg
from psycopg import sql
from psycopg.errors import DeadlockDetected, LockNotAvailable

from shared.contracts.envelope import Received, read
from shared.eventstore import settle
from shared.eventstore.ledger import Apply
from shared.postgres import Conn, conninfo
from shared.sealed import KeyRing, open_events
from shared.settings import Settings

log = logging.getLogger(__name__)

HOLD = "500ms"
"""How long the switch may wait for the writers under way; those who come meanwhile wait behind it."""
TRIES = 20
"""How often the switch is tried, a second apart, before TimeoutError."""
FEW = 200
"""Events that may still be missing when the writers are held."""

BESIDE = "DROP SCHEMA IF EXISTS beside CASCADE; CREATE SCHEMA beside"
LIKE = "CREATE TABLE beside.{table} (LIKE public.{table} INCLUDING ALL)"


def rebuild_view(
    settings: Settings, service: str, ring: KeyRing, view: Apply, tables: Sequence[str], batch: int = 500
) -> int:
    """Fill the view's tables from the whole store and switch to them. Returns the number of events applied.

    `tables` are all that `view` writes and nothing else writes; no foreign keys, triggers or other tables' views may
    hang on them (the switch then fails and changes nothing). Indexes get PostgreSQL's default names. Runs as the
    `migrate` role. Raises what the view and the key ring raise, TimeoutError when writers never let go of the view.
    """
    with psycopg.connect(conninfo(settings, service, "migrate"), autocommit=True) as conn:
        conn.execute("SELECT pg_advisory_lock(hashtext('rebuild view'))")
        conn.execute(BESIDE)
        for table in tables:
            conn.execute(sql.SQL(LIKE).format(table=sql.Identifier(table)))
        after, applied = _fill(conn, ring, view, 0, settle.settled(conn), batch)
        for table in tables:  # else the first questions would be planned for empty tables
            conn.execute(sql.SQL("ANALYZE beside.{}").format(sql.Identifier(table)))
        for attempt in range(TRIES):
            after, more = _fill(conn, ring, view, after, settle.settled(conn), batch)
            applied += more
            try:
                return applied + _switch(conn, ring, view, tables, after)
            except (LockNotAvailable, DeadlockDetected, _TooMany) as busy:
                log.info("the view is in use, attempt %d to switch: %s", attempt + 1, type(busy).__name__)
                sleep(0 if isinstance(busy, _TooMany) else 1)
        raise TimeoutError("writers did not let go of the view; the old one stays in use")


class _TooMany(Exception):
    """More came meanwhile than writers should wait for."""


def _fill(conn: Conn, ring: KeyRing, view: Apply, after: int, upto: int, batch: int) -> tuple[int, int]:
    applied = 0
    for rows in settle.read_all(conn, after, upto, batch):
        with conn.transaction():
            _apply(conn, ring, view, rows)
        applied += len(rows)
    return max(after, upto), applied


def _apply(conn: Conn, ring: KeyRing, view: Apply, rows: Sequence[settle.Row]) -> None:
    if not rows:
        return
    received: list[Received] = [read(row.document, row.id) for row in rows]
    conn.execute("SET LOCAL search_path = beside, public")
    view(conn, open_events(ring, received))
    conn.execute("SET LOCAL search_path = public")


TOP = "SELECT coalesce(max(id), 0) FROM events"


def _switch(conn: Conn, ring: KeyRing, view: Apply, tables: Sequence[str], after: int) -> int:
    """One transaction. Who had written to the view has ended when the lock is ours, so every such event is visible."""
    names = [sql.Identifier("public", table) for table in tables]
    with conn.transaction():
        conn.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(HOLD))
        conn.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.SQL(", ").join(names)))
        top = (conn.execute(TOP).fetchone() or (0,))[0]
        rows = settle.read(conn, after, top, FEW + 1)
        if len(rows) > FEW:
            raise _TooMany
        _apply(conn, ring, view, rows)
        rights = [statement for table in tables for statement in _rights(conn, table)]
        # at once, since the policies of one may ask another
        conn.execute(sql.SQL("DROP TABLE {}").format(sql.SQL(", ").join(names)))
        for table in tables:
            conn.execute(sql.SQL("ALTER TABLE {} SET SCHEMA public").format(sql.Identifier("beside", table)))
        for statement in rights:
            conn.execute(statement.encode())
        conn.execute("DROP SCHEMA beside")
    return len(rows)


# what LIKE does not copy, as statements to be run again: grants, row-level security, its policies
RIGHTS = """
SELECT format('GRANT %%s ON public.%%I TO %%s', a.privilege_type, c.relname,
              CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = %(table)s::regclass AND a.grantee <> c.relowner
UNION ALL
SELECT format('ALTER TABLE public.%%I ENABLE ROW LEVEL SECURITY', relname)
FROM pg_class WHERE oid = %(table)s::regclass AND relrowsecurity
UNION ALL
SELECT format('ALTER TABLE public.%%I FORCE ROW LEVEL SECURITY', relname)
FROM pg_class WHERE oid = %(table)s::regclass AND relforcerowsecurity
UNION ALL
SELECT format('CREATE POLICY %%I ON public.%%I AS %%s FOR %%s TO %%s %%s %%s', policyname, tablename, permissive, cmd,
              (SELECT string_agg(CASE r WHEN 'public' THEN r ELSE quote_ident(r) END, ', ') FROM unnest(roles) r),
              'USING (' || qual || ')', 'WITH CHECK (' || with_check || ')')
FROM pg_policies WHERE schemaname = 'public' AND tablename = %(name)s
"""


def _rights(conn: Conn, table: str) -> list[str]:
    return [str(statement) for (statement,) in conn.execute(RIGHTS, {"table": f'public."{table}"', "name": table})]
