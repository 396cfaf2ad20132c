"""A city's roster and timetable as rows, for benches that need tables of that size: by SQL, in seconds a district.

Schools of 600 in classes of 25, twelve subjects, 25 lessons a week; every pupil has one parent, and the first lessons
of a school's classes have each a teacher of its own.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from hashlib import md5
from typing import LiteralString
from uuid import UUID

from psycopg import sql

from shared.postgres import Conn

CLASS, CLASSES, SUBJECTS, DAILY = 25, 24, 12, 5
"""Pupils of a class, classes of a school, subjects of a class, its lessons a day."""

Named = dict[str, int | date]

ID = """
CREATE FUNCTION pg_temp.id(kind text, n bigint) RETURNS uuid IMMUTABLE LANGUAGE sql
    RETURN md5(kind || n)::uuid
"""
ROSTER_TABLES = (
    "access_schools", "access_roles", "access_family", "access_groups", "access_teaching", "access_members",
    "timetables", "timetable_slots", "timetable_bells",
)  # fmt: skip
ROSTER: tuple[LiteralString, ...] = (
    """INSERT INTO access_schools SELECT pg_temp.id('school', s), pg_temp.id('district', 0), 'school', 'Школа № ' || s,
       'Europe/Moscow' FROM generate_series(0, %(schools)s - 1) s""",
    """INSERT INTO access_roles SELECT pg_temp.id('pupil', p), 'pupil', pg_temp.id('school', p / 600), '2021-09-01',
       '2022-05-31' FROM generate_series(0, %(pupils)s - 1) p""",
    """INSERT INTO access_roles SELECT pg_temp.id('teacher', t), 'teacher', pg_temp.id('school', t / 36), '2021-09-01',
       '2022-05-31' FROM generate_series(0, %(schools)s * 36 - 1) t""",
    """INSERT INTO access_family SELECT pg_temp.id('pupil', p), pg_temp.id('parent', p), 'parent', '{see,act,notices}'
       FROM generate_series(0, %(pupils)s - 1) p""",
    """INSERT INTO access_groups SELECT pg_temp.id('group', g), pg_temp.id('school', g / 288), 'Предмет ' || g %% 12,
       'Предмет ' || g %% 12, '', '2021-09-01', '2022-05-31' FROM generate_series(0, %(schools)s * 288 - 1) g""",
    """INSERT INTO access_teaching SELECT pg_temp.id('group', g), pg_temp.id('school', g / 288),
       pg_temp.id('teacher', g / 8), '2021-09-01', '2022-05-31', true
       FROM generate_series(0, %(schools)s * 288 - 1) g""",
    """INSERT INTO access_members SELECT pg_temp.id('group', p / 25 * 12 + j), pg_temp.id('school', p / 600),
       pg_temp.id('pupil', p), '2021-09-01', '2022-05-31'
       FROM generate_series(0, %(pupils)s - 1) p, generate_series(0, 11) j""",
    """INSERT INTO timetables SELECT pg_temp.id('school', s), '2021-09-01', '2022-05-31', '2021-08-30'
       FROM generate_series(0, %(schools)s - 1) s""",
    """INSERT INTO timetable_slots SELECT pg_temp.id('school', c / 24), '2021-09-01',
       pg_temp.id('group', c * 12 + k %% 12), k / 5 + 1, k %% 5 + 1, 'every', '101', NULL, '2021-09-01', '2022-05-31'
       FROM generate_series(0, %(schools)s * 24 - 1) c, generate_series(0, 24) k""",
    """INSERT INTO timetable_bells SELECT pg_temp.id('school', s), n, lpad((7 + n)::text, 2, '0') || ':30',
       lpad((8 + n)::text, 2, '0') || ':15' FROM generate_series(0, %(schools)s - 1) s, generate_series(1, 5) n""",
)  # fmt: skip
KEYS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'p' AND conrelid = ANY (%s::text[]::regclass[])
"""
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = ANY (%s::text[]::regclass[]) AND NOT indisprimary
"""


def id_of(kind: str, number: int) -> UUID:
    """As `pg_temp.id` makes it."""
    return UUID(md5(f"{kind}{number}".encode(), usedforsecurity=False).hexdigest())


@contextmanager
def without_indexes(conn: Conn, tables: Sequence[str]) -> Iterator[None]:
    """The tables lose their keys and indexes and get the same ones again."""
    keys = conn.execute(KEYS, [list(tables)]).fetchall()
    indexes = conn.execute(INDEXES, [list(tables)]).fetchall()
    for name, _ in indexes:
        conn.execute(sql.SQL("DROP INDEX {}").format(sql.SQL(name)))
    for table, name, _ in keys:
        conn.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(sql.SQL(table), sql.Identifier(name)))
    yield
    add = "ALTER TABLE {} ADD CONSTRAINT {} {}"
    for table, name, definition in keys:
        conn.execute(sql.SQL(add).format(sql.SQL(table), sql.Identifier(name), sql.SQL(definition)))
    for _, definition in indexes:
        conn.execute(sql.SQL(definition))
