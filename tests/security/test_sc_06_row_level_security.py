"""SC6: the second wall, read from the catalogue of every service's database after its migrations.

A service's processes own nothing and bypass nothing; every table of a school's or person's rows lets the API see those
of its scope only; without a scope there are none; events are never changed.
"""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from shared.postgres import Conn, conninfo
from shared.sealed import SERVICE as KEYRING
from tests.security.world import SERVICES, World

SCOPES = ("school_id", "key", "person_id", "pupil_id", "guardian_id", "import_id")
"""Columns by which rows belong to somebody."""

OPEN: dict[str, str] = {
    "messaging.people": "names; shown only beside the participants of conversations that are in the scope",
    "notify.facts_names": "names; shown only beside notices that are in the scope",
    "reporting.diary_names": "names of teachers; shown only beside lessons that are in the scope",
    "access_family": "ties have no school; a question about them always names a person of them",
    "access_schools": "names and zones of schools are public",
    "terms": "terms of a district are public",
    "grades.publications": "ids of drafts and times, no people's data; each API process looks for what is due",
    "identity.accounts": "asked before it is known who asks",
    "roster.imports": "states and counts, no people's data; gone on with by id before it is known who asks",
    "portal.favourites": "asked by the session's own person alone; addresses, no names",
    "portal.sessions": "found by the hash of a secret cookie only",
    "held": "not granted to the API",
    "held_imports": "ids of imports and whether they are complete, no people's data",
}
"""Tables that the API sees whole, or not at all, and why that is right."""

TABLES = """
SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, r.rolname,
       ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY c.relname
"""
ROLES = """
SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication
FROM pg_roles WHERE rolname = ANY (%s)
"""
OWNED = "SELECT c.relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = ANY (%s)"
MEMBERS = """
SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = m.member
WHERE r.rolname = ANY (%s)
"""
GRANTED = """
SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants
WHERE table_schema = 'public' AND (grantee = ANY (%s) OR grantee = 'PUBLIC')
"""
POLICIES = """
SELECT tablename, cmd, qual, with_check, roles::text[] FROM pg_policies WHERE schemaname = 'public'
"""
FUNCTIONS = """
SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
"""
VIEWS = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')"
DATABASES = [name for name, service in SERVICES.items() if service.database]


def processes(service: str) -> list[str]:
    return [f"{service}_{role}" for role in ("api", "worker", "relay")]


def by_scope(rule: str | None) -> bool:
    """A rule may also ask a table that is itself behind the wall: what it does not show is not there.

    And one may show the very row whose secret is known, and names of schools to who looks for his child's.
    """
    if rule is None:
        return False
    named = rule.startswith("(( SELECT current_setting('diary.naming'")
    return (
        named or "diary_scope()" in rule or "FROM schools s" in rule or rule.startswith("(secret_hash = ( SELECT curr")
    )


@pytest.fixture(params=DATABASES)
def there(request: pytest.FixtureRequest, diary: World) -> Iterator[tuple[str, Conn]]:
    """A service's name and a superuser's connection to its database."""
    name = request.param
    admin = diary.running[name].settings.postgres_admin.get_secret_value()
    with psycopg.connect(admin, dbname=f"diary_{name}", autocommit=True) as conn:
        yield name, conn


def known(service: str, table: str) -> bool:
    return table in OPEN or f"{service}.{table}" in OPEN


def test_processes_are_plain_roles_that_own_nothing(there: tuple[str, Conn]) -> None:
    service, conn = there
    rows = conn.execute(ROLES, [processes(service)]).fetchall()
    assert [row[0] for row in rows if any(row[1:])] == []
    assert len(rows) == 3
    assert conn.execute(OWNED, [processes(service)]).fetchall() == []
    assert conn.execute(MEMBERS, [processes(service)]).fetchall() == []


def test_nothing_runs_with_its_owners_rights(there: tuple[str, Conn]) -> None:
    _, conn = there
    assert conn.execute(FUNCTIONS).fetchall() == []
    assert conn.execute(VIEWS).fetchall() == []


def test_every_table_of_somebodys_rows_is_behind_the_wall(there: tuple[str, Conn]) -> None:
    service, conn = there
    bare = []
    for table, enabled, forced, owner, columns in conn.execute(TABLES):
        assert owner == f"{service}_migrate", table
        if set(columns) & set(SCOPES) and not (enabled and forced) and not known(service, table):
            bare.append(table)
        assert enabled == forced, f"{table}: its owner walks through"
    assert bare == []


def test_a_policy_of_the_api_asks_for_the_scope(there: tuple[str, Conn]) -> None:
    service, conn = there
    api = f"{service}_api"
    for table, command, seen, written, roles in conn.execute(POLICIES):
        if {api, "public"} & set(roles) and not known(service, table):
            assert by_scope(seen or written), table
            if command in ("INSERT", "UPDATE", "ALL"):  # without a check of its own, USING is it
                assert by_scope(written or seen), table


def test_what_is_granted_is_behind_a_policy_or_named_here(there: tuple[str, Conn]) -> None:
    service, conn = there
    walled = {table for table, enabled, *_ in conn.execute(TABLES) if enabled}
    columns = {table: set(names) for table, _, _, _, names in conn.execute(TABLES)}
    granted = {row[1] for row in conn.execute(GRANTED, [[f"{service}_api"]])}
    loose = {table for table in granted - walled if columns[table] & set(SCOPES)}
    assert {table for table in loose if not known(service, table)} == set()


def test_nobody_empties_a_table_or_changes_an_event(there: tuple[str, Conn]) -> None:
    service, conn = there
    granted = conn.execute(GRANTED, [processes(service)]).fetchall()
    assert [row for row in granted if row[2] in ("TRUNCATE", "REFERENCES", "TRIGGER")] == []
    assert [row for row in granted if row[0] == "PUBLIC"] == []
    assert [row for row in granted if row[1] == "events" and row[2] not in ("SELECT", "INSERT")] == []
    writers = {row[0] for row in granted if row[1] == "events" and row[2] == "INSERT"}
    assert writers <= {f"{service}_api"}


def test_without_a_scope_there_are_no_rows(there: tuple[str, Conn], diary: World) -> None:
    service, admin = there
    walled = [table for table, enabled, *_ in admin.execute(TABLES) if enabled and not known(service, table)]
    granted = {row[1] for row in admin.execute(GRANTED, [[f"{service}_api"]]) if row[2] == "SELECT"}
    with psycopg.connect(conninfo(diary.running[service].settings, service, "api"), autocommit=True) as api:
        for table in (table for table in walled if table in granted):
            count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
            assert api.execute(count).fetchone() == (0,), table


def test_a_role_reads_no_other_services_database(diary: World) -> None:
    settings = diary.running["grades"].settings
    for other in (*(name for name in DATABASES if name != "grades"), KEYRING):
        mine = conninfo(settings, "grades", "api").replace("diary_grades", f"diary_{other}")
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(mine)


def test_only_who_decides_about_erasure_may_destroy_a_key(diary: World) -> None:
    refused = set()
    for name, service in diary.running.items():
        owner = uuid4()
        made = service.ring.keys([owner], create=True)
        try:
            service.ring.destroy(owner, "act 1")
        except psycopg.errors.InsufficientPrivilege:
            refused.add(name)
            service.ring.forget(owner)
            assert service.ring.keys([owner], create=False) == made
    assert set(SERVICES) - refused == {"roster", "identity"}


def test_every_exception_is_needed(diary: World) -> None:
    needed = set()
    for service in DATABASES:
        admin = diary.running[service].settings.postgres_admin.get_secret_value()
        with psycopg.connect(admin, dbname=f"diary_{service}") as conn:
            api = f"{service}_api"
            loose = {row[0] for row in conn.execute(TABLES) if set(row[4]) & set(SCOPES) and not row[1]}
            loose |= {row[0] for row in conn.execute(POLICIES) if api in row[4] and not by_scope(row[2] or row[3])}
        needed |= {name for table in loose for name in (table, f"{service}.{table}")}
    assert set(OPEN) - needed == set()


def test_there_is_something_to_hide(diary: World) -> None:
    """The tests above would pass on empty tables: these hold rows."""
    for service, table in (("grades", "access_roles"), ("reporting", "diary_marks"), ("lessons", "timetables")):
        admin = diary.running[service].settings.postgres_admin.get_secret_value()
        with psycopg.connect(admin, dbname=f"diary_{service}") as conn:
            (count,) = conn.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone() or (0,)
        assert count > 0, table
