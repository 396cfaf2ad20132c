"""SC7: one connection serves people of two schools in turn, and nobody ever sees the other's rows."""

import random
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from shared import postgres
from shared.postgres import Conn, Pool, scoped
from tests.security.tiers import BEYOND, OWN
from tests.security.world import World

REQUESTS = 1000
SEEN = "SELECT DISTINCT school_id FROM access_groups UNION SELECT DISTINCT school_id FROM access_members"
TABLES = ("grades", "attendance", "reporting", "lessons", "messaging")


class Broken(Exception):
    """A request that fails in the middle of its transaction."""


@pytest.mark.parametrize("service", TABLES)
def test_sc_07_a_pooled_connection_never_shows_the_last_ones_rows(diary: World, service: str) -> None:
    schools = {OWN.school, BEYOND.school}
    dice = random.Random(7)
    wanted = [dice.choice([OWN.school, BEYOND.school, None]) for _ in range(REQUESTS)]
    fails = [dice.random() < 0.1 for _ in range(REQUESTS)]
    pool = postgres.pool(diary.running[service].settings, service, "api", 1)
    try:
        with ThreadPoolExecutor(8) as crowd:
            found = list(crowd.map(lambda asked: _asked(pool, *asked), zip(wanted, fails, strict=True)))
        with pool.connection() as conn:
            assert _seen(conn) == set(), "outside a scope there is nothing"
    finally:
        pool.close()
    for school, rows in zip(wanted, found, strict=True):
        assert rows == ({school} if school else set())
    assert set().union(*found) == schools


def _asked(pool: Pool, school: UUID | None, fails: bool) -> set[UUID]:
    rows: set[UUID] = set()
    try:
        with pool.connection() as conn, scoped(conn, [school] if school else []):
            rows = _seen(conn)
            if fails:
                raise Broken
    except Broken:
        pass
    return rows


def _seen(conn: Conn) -> set[UUID]:
    return {row[0] for row in conn.execute(SEEN)}
