"""Tables of a projection made a second time in a schema of their own, with all that hangs on them, and the switch."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString

import psycopg
from psycopg import sql

from shared.postgres import Conn
from shared.stream.progress import stem_of
from shared.stream.projection import Projection

OWN = ("progress", "parked", "held", "held_imports")
"""Tables of the stream itself that a rebuild needs its own rows of."""

ONE = "SELECT pg_try_advisory_lock(hashtext('diary.rebuild'), hashtext(%s))"
PATH = "SELECT set_config('search_path', %s, false)"


class CannotRebuild(Exception):
    """The projection cannot be rebuilt; its tables stay as they are."""


@contextmanager
def beside(conn: Conn, projection: Projection) -> Iterator[str]:
    """A schema with empty copies of the tables, first on the search path of `conn`; dropped in the end.

    Raises CannotRebuild, also when the projection is being rebuilt already.
    """
    stem, number = stem_of(projection.name)
    schema = "rebuild_" + re.sub(r"\W", "_", stem) + f"_{number}"
    row = conn.execute(ONE, [stem]).fetchone()
    if not (row and row[0]):
        raise CannotRebuild(f"{stem} is being rebuilt already")
    name = sql.Identifier(schema)
    try:
        with conn.transaction():
            conn.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(name))
            conn.execute(sql.SQL("CREATE SCHEMA {}").format(name))
            for table in OWN:
                conn.execute(sql.SQL("CREATE TABLE {}.{} (LIKE public.{} INCLUDING ALL)").format(name, *_twice(table)))
            for table in projection.tables:
                _check(conn, table, projection.tables)
                _copy(conn, schema, table)
            for table in projection.tables:
                _reference(conn, schema, table)
            if not projection.by_keys:
                index(conn, projection, schema)
        conn.execute(PATH, [f"{schema}, public"])
        yield schema
    finally:
        conn.execute(PATH, ["public"])
        conn.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(name))


@contextmanager
def session(conninfo: str, schema: str) -> Iterator[Conn]:
    """A further session for which the tables' names mean those beside. After a crash they are made anew in any case."""
    with psycopg.connect(conninfo, autocommit=True, options="-c synchronous_commit=off") as conn:
        conn.execute(PATH, [f"{schema}, public"])
        yield conn


def _twice(table: str) -> tuple[sql.Identifier, sql.Identifier]:
    return sql.Identifier(table), sql.Identifier(table)


IN_THE_WAY = """
SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgrelid = %(table)s::regclass AND NOT tgisinternal
UNION ALL
SELECT 'serial column ' || attname FROM pg_depend d JOIN pg_class c ON d.objid = c.oid AND c.relkind = 'S'
    JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE d.deptype = 'a' AND d.refobjid = %(table)s::regclass
UNION ALL
SELECT 'view ' || r.ev_class::regclass FROM pg_depend d JOIN pg_rewrite r ON d.objid = r.oid
WHERE d.classid = 'pg_rewrite'::regclass AND d.refobjid = %(table)s::regclass
UNION ALL
SELECT 'foreign key of ' || conrelid::regclass FROM pg_constraint
WHERE contype = 'f' AND confrelid = %(table)s::regclass AND NOT conrelid = ANY(%(tables)s::text[]::regclass[])
"""


def _check(conn: Conn, table: str, tables: tuple[str, ...]) -> None:
    found = conn.execute(IN_THE_WAY, {"table": f"public.{table}", "tables": [f"public.{t}" for t in tables]}).fetchall()
    if found:
        raise CannotRebuild(
            f"table {table} has {', '.join(sorted({row[0] for row in found}))}: a switch would not move it"
        )


# names of constraints and indexes are kept, so that later migrations find them
KEYS = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = %s::regclass AND contype IN ('p', 'u', 'x') ORDER BY conname
"""
INDEXES = """
SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i
WHERE i.indrelid = %s::regclass AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""
POLICIES = """
SELECT polname, polpermissive, polcmd, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid),
       array(SELECT CASE r WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END FROM unnest(polroles) r)
FROM pg_policy WHERE polrelid = %s::regclass
"""
SECURITY = "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass"
GRANTS = """
SELECT privilege_type, NULL, grantee FROM pg_class, aclexplode(relacl) WHERE oid = %(table)s::regclass
UNION ALL
SELECT privilege_type, attname, grantee FROM pg_attribute, aclexplode(attacl) WHERE attrelid = %(table)s::regclass
"""
COMMANDS: dict[str, LiteralString] = {"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE", "*": "ALL"}


def _copy(conn: Conn, schema: str, table: str) -> None:
    old, new = f"public.{table}", sql.Identifier(schema, table)
    like = "CREATE TABLE {} (LIKE {} INCLUDING ALL EXCLUDING INDEXES)"
    conn.execute(sql.SQL(like).format(new, sql.Identifier("public", table)))
    for name, definition in conn.execute(KEYS, [old]).fetchall():
        _add_constraint(conn, new, name, definition)
    _secure(conn, old, new)


def index(conn: Conn, projection: Projection, schema: str) -> None:
    """Make the indexes that are no keys. One made of all rows at once costs a fraction of one that grows with them."""
    for table in projection.tables:
        for (definition,) in conn.execute(INDEXES, [f"public.{table}"]).fetchall():
            moved = definition.replace(" ON public.", f" ON {sql.Identifier(schema).as_string(conn)}.", 1)
            conn.execute(sql.SQL(moved))


def _add_constraint(conn: Conn, table: sql.Identifier, name: str, definition: LiteralString) -> None:
    add = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}")
    conn.execute(add.format(table, sql.Identifier(name), sql.SQL(definition)))


def _secure(conn: Conn, old: str, new: sql.Identifier) -> None:
    enabled, _ = conn.execute(SECURITY, [old]).fetchone() or (False, False)
    if enabled:  # not forced before the switch: it would bind us, the owner, who fill the copy
        conn.execute(sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(new))
    for name, permissive, command, using, check, roles in conn.execute(POLICIES, [old]).fetchall():
        parts: list[sql.Composable] = [sql.SQL("CREATE POLICY {} ON {}").format(sql.Identifier(name), new)]
        parts.append(sql.SQL("AS PERMISSIVE" if permissive else "AS RESTRICTIVE"))
        parts.append(
            sql.SQL("FOR ") + sql.SQL(COMMANDS[command]) + sql.SQL(" TO ") + sql.SQL(", ").join(map(sql.SQL, roles))
        )
        parts += [sql.SQL(f"USING ({using})")] if using else []
        parts += [sql.SQL(f"WITH CHECK ({check})")] if check else []
        conn.execute(sql.SQL(" ").join(parts))
    for privilege, column, grantee in conn.execute(GRANTS, {"table": old}).fetchall():
        what = sql.SQL(privilege) + (sql.SQL(" ({})").format(sql.Identifier(column)) if column else sql.SQL(""))
        whom = conn.execute("SELECT pg_get_userbyid(%s)", [grantee]).fetchone() if grantee else None
        to = sql.Identifier(whom[0]) if whom else sql.SQL("PUBLIC")
        conn.execute(sql.SQL("GRANT {} ON {} TO {}").format(what, new, to))


FOREIGN = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'"


def _reference(conn: Conn, schema: str, table: str) -> None:
    """Foreign keys, when all tables are there: they point at the copies, where there are copies."""
    found = conn.execute(FOREIGN, [f"public.{table}"]).fetchall()
    conn.execute(PATH, [f"{schema}, public"])
    for name, definition in found:
        _add_constraint(conn, sql.Identifier(schema, table), name, definition)
    conn.execute(PATH, ["public"])


LOCK_TIMEOUT = "SET LOCAL lock_timeout = '1s'"
NUMBER = """
INSERT INTO public.rebuilds (stem, number) VALUES (%s, %s)
ON CONFLICT (stem) DO UPDATE SET number = EXCLUDED.number, at = now()
"""


def switch(conn: Conn, projection: Projection, schema: str) -> None:
    """Let the tables change places, with positions and all, in the caller's transaction. Raises LockNotAvailable."""
    stem, number = stem_of(projection.name)
    conn.execute(LOCK_TIMEOUT)  # readers who come meanwhile queue behind us
    new, old = sql.Identifier(schema), sql.Identifier(f"{schema}_old")
    conn.execute(sql.SQL("CREATE SCHEMA {}").format(old))
    forced = [table for table in projection.tables if _forced(conn, table)]
    for table in projection.tables:
        conn.execute(sql.SQL("ALTER TABLE public.{} SET SCHEMA {}").format(sql.Identifier(table), old))
    for table in projection.tables:
        conn.execute(sql.SQL("ALTER TABLE {}.{} SET SCHEMA public").format(new, sql.Identifier(table)))
    for table in forced:
        conn.execute(sql.SQL("ALTER TABLE public.{} FORCE ROW LEVEL SECURITY").format(sql.Identifier(table)))
    for table in OWN:
        owned = sql.SQL("DELETE FROM public.{} WHERE regexp_replace(projection, '[.][0-9]+$', '') = %s")
        conn.execute(owned.format(sql.Identifier(table)), [stem])
        copied = sql.SQL("INSERT INTO public.{} SELECT * FROM {}.{}")
        conn.execute(copied.format(sql.Identifier(table), new, sql.Identifier(table)))
    conn.execute(NUMBER, [stem, number])
    conn.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(old))


ONLY = """
SELECT count(*) FROM (SELECT to_jsonb(t) FROM {one} AS t EXCEPT ALL SELECT to_jsonb(t) FROM {other} AS t) AS rows
"""


def show_to(conn: Conn, schema: str, role: str) -> None:
    """Let the role read the tables beside, as it may read the live ones."""
    conn.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(sql.Identifier(schema), sql.Identifier(role)))


def differences(worker: str, projection: Projection, schema: str) -> dict[str, tuple[int, int]]:
    """For each table that differs: rows only the live one has, rows only the one beside has.

    `worker` is the connection string of the role that sees all rows of the live tables; their owner does not.
    """
    found = {}
    with psycopg.connect(worker, autocommit=True, options="-c transaction_timeout=0") as reader:
        for table in projection.tables:
            live, beside = sql.Identifier("public", table), sql.Identifier(schema, table)
            pairs = ({"one": live, "other": beside}, {"one": beside, "other": live})
            counts = [reader.execute(sql.SQL(ONLY).format(**pair)).fetchone() or (0,) for pair in pairs]
            if any(count for (count,) in counts):
                found[table] = (counts[0][0], counts[1][0])
    return found


def _forced(conn: Conn, table: str) -> bool:
    _, forced = conn.execute(SECURITY, [f"public.{table}"]).fetchone() or (False, False)
    return bool(forced)
