"""What the diary of one week, a year's marks of one subject, and the pages of a school's office cost the database in a
city, by pg_stat_statements.

    python -m tests.bench.diary_page [--pupils 600000] [--pages 300]

Reporting's own tables are filled by SQL: schools of 600 in classes of 25, twelve subjects, 25 lessons a week, a roll
at every lesson, homework for each, and one mark a day for each pupil. The pupils asked about learn in the first thirty
schools, which have nine weeks of that; all others have the week asked about, so that the tables have a city's size.
Each page is asked for over HTTP by the pupil's parent; planning and execution of all statements of the API's role until
the answer are summed. The first pupil of each class of those schools has a year of marks besides, fourteen in each
subject before the weeks. Who runs one of those schools asks for the board of what is missing in a week's journals, and
for the attendance of the nine weeks.
"""

import argparse
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from statistics import quantiles
from typing import LiteralString
from uuid import UUID

import psycopg

from deploy.embedded.postgres import Postgres
from services.reporting.main import SERVICE
from shared.contracts.lessons import lesson_id
from shared.postgres import Conn
from shared.testing.school import Running, running
from tests.bench.city_rows import (
    CLASS,
    CLASSES,
    DAILY,
    ID,
    ROSTER,
    ROSTER_TABLES,
    SUBJECTS,
    Named,
    id_of,
    without_indexes,
)
from tests.bench.report import Figure, plain, write

PUPILS = 60_000
PAGES = 300
REPEATS = 5
MOST = 5.0
"""Milliseconds of the database a page."""
MOST_OF_A_YEAR = 20.0
"""The same for a year's marks of one subject."""
WHOLE_TERM = 30
"""Schools that have the whole term: the pupils asked about learn there."""
WEEKS = 9
FIRST = date(2021, 9, 6)
ASKED = FIRST + timedelta(weeks=WEEKS - 1)
"""Monday of the last week, the one that is asked about."""
A_WEEK = 5 * DAILY * CLASSES
"""Lessons of a school."""
BYTES_A_PUPIL = 30_000
"""Disk that the tables, their indexes and the log of their filling need for each, at most."""

HEAPS = (
    *ROSTER_TABLES, "diary_names", "diary_topics", "diary_homework", "diary_rolls", "diary_works", "diary_marks",
    "diary_presences",
)  # fmt: skip
LESSONS = "CREATE TEMP TABLE told (id uuid, of bigint, of_group uuid, on_date date, number int)"
FILLS: tuple[LiteralString, ...] = (
    *ROSTER,
    """INSERT INTO access_roles SELECT pg_temp.id('head', s), 'administrator', pg_temp.id('school', s), '2021-09-01',
       '2022-05-31' FROM generate_series(0, %(schools)s - 1) s""",
    """INSERT INTO diary_names SELECT pg_temp.id('teacher', t), 'Иванова', 'Ольга', 'Петровна'
       FROM generate_series(0, %(schools)s * 36 - 1) t""",
    """INSERT INTO diary_names SELECT pg_temp.id('pupil', p), 'Петров', 'Пётр', 'Ильич'
       FROM generate_series(0, %(pupils)s - 1) p""",
    "INSERT INTO diary_topics SELECT id, pg_temp.id('school', of / 24), 'Дроби и их сложение' FROM told",
    """INSERT INTO diary_homework SELECT gen_random_uuid(), pg_temp.id('school', of / 24), of_group, on_date - 2,
       number, '№ 345–348', id, on_date, number, 20, on_date - 2, '12:40', false, pg_temp.id('teacher', 0) FROM told""",
    """INSERT INTO diary_rolls SELECT id, pg_temp.id('school', of / 24), of_group, on_date, number, 24, 1, 0, on_date
       FROM told""",
    """INSERT INTO diary_works SELECT id, pg_temp.id('school', of / 24), of_group, id, on_date, number, 'answer', 1,
       'five', 1, '[]', NULL FROM told WHERE number <= 2""",
    # in the order of time, so that a pupil's rows lie as far apart as they do in life
    """INSERT INTO diary_marks (work_id, pupil_id, school_id, given, points, by_id, at, first_at, epoch, sequence)
       SELECT id, pg_temp.id('pupil', of * 25 + p), pg_temp.id('school', of / 24), '{4}', '[]',
              pg_temp.id('teacher', 0), on_date, on_date, 1, row_number() OVER ()
       FROM (SELECT * FROM told WHERE number <= 2 ORDER BY on_date, number) t, generate_series(0, 24) p
       WHERE p %% 2 = number - 1""",
    """INSERT INTO diary_presences (lesson_id, pupil_id, school_id, group_id, on_date, number, state, by_id, at, epoch,
                                    sequence)
       SELECT id, pg_temp.id('pupil', of * 25 + p), pg_temp.id('school', of / 24), of_group, on_date, number,
              CASE WHEN (p + of) %% 20 = 0 THEN 'absent' ELSE 'present' END, pg_temp.id('teacher', 0), on_date, 1,
              row_number() OVER ()
       FROM (SELECT * FROM told ORDER BY on_date, number) t, generate_series(0, 24) p""",
)  # fmt: skip


# fourteen works a subject in the spring before, of which the class's first pupil has the marks
YEAR: tuple[LiteralString, ...] = (
    """INSERT INTO diary_works SELECT pg_temp.id('earlier work', g * 14 + n), pg_temp.id('school', g / 288),
       pg_temp.id('group', g), pg_temp.id('earlier lesson', g * 14 + n), date '2021-09-01' - 7 * (n + 1), 1, 'answer',
       1, 'five', 1, '[]', NULL FROM generate_series(0, %(classes)s * 12 - 1) g, generate_series(0, 13) n""",
    """INSERT INTO diary_marks (work_id, pupil_id, school_id, given, points, by_id, at, first_at, epoch, sequence)
       SELECT pg_temp.id('earlier work', g * 14 + n), pg_temp.id('pupil', g / 12 * 25), pg_temp.id('school', g / 288),
              '{5}', '[]', pg_temp.id('teacher', 0), '2021-06-01', '2021-06-01', 1, 0
       FROM generate_series(0, %(classes)s * 12 - 1) g, generate_series(0, 13) n""",
)  # fmt: skip


def lessons(schools: int) -> Iterator[tuple[UUID, int, UUID, date, int]]:
    """Every lesson given: its id, the class, its group, day and number."""
    for class_ in range(schools * CLASSES):
        groups = [id_of("group", class_ * SUBJECTS + subject) for subject in range(SUBJECTS)]
        first = 0 if class_ < WHOLE_TERM * CLASSES else WEEKS - 1
        for week, weekday, number in product(range(first, WEEKS), range(5), range(DAILY)):
            group, on = groups[(weekday * DAILY + number) % SUBJECTS], FIRST + timedelta(weeks=week, days=weekday)
            yield lesson_id(group, on, number + 1), class_, group, on, number + 1


def fill(conn: Conn, pupils: int) -> None:
    """Rows of so many pupils, by the superuser, whom no policy binds; keys and indexes are made after them."""
    schools = pupils // (CLASS * CLASSES)
    named: Named = {"schools": schools, "pupils": schools * CLASS * CLASSES}
    conn.execute("SET maintenance_work_mem = '256MB'")
    conn.execute(ID)
    conn.execute(LESSONS)
    with conn.cursor().copy("COPY told FROM STDIN") as copy:
        for lesson in lessons(schools):
            copy.write_row(lesson)
    with without_indexes(conn, HEAPS):
        for statement in FILLS:
            conn.execute(statement, named)
        for statement in YEAR:
            conn.execute(statement, {"classes": min(WHOLE_TERM, schools) * CLASSES})
    conn.execute("VACUUM ANALYZE")


@dataclass(frozen=True)
class Cost:
    """What the database did for one page."""

    milliseconds: float
    statements: int
    blocks: int


SPENT = """
SELECT coalesce(sum(total_plan_time + total_exec_time), 0), coalesce(sum(calls), 0)::bigint,
       coalesce(sum(shared_blks_hit + shared_blks_read), 0)::bigint
FROM pg_stat_statements WHERE userid = 'reporting_api'::regrole
"""
SLOWEST = """
SELECT (total_plan_time + total_exec_time) / %s, calls::float / %s, regexp_replace(query, '[[:space:]]+', ' ', 'g')
FROM pg_stat_statements WHERE userid = 'reporting_api'::regrole ORDER BY 1 DESC LIMIT 8
"""


class City:
    """The service on its filled tables. `admin` is the superuser beside it, in another database."""

    def __init__(self, service: Running, admin: Conn, pupils: int) -> None:
        self._service, self._admin = service, admin
        self._among = min(WHOLE_TERM, pupils // (CLASS * CLASSES)) * CLASS * CLASSES
        self._asked = {"first": str(ASKED), "last": str(ASKED + timedelta(days=6))}

    def pages(self, count: int, chance: random.Random) -> list[Cost]:
        """Pages of so many pupils drawn by chance."""
        return [self.page(chance.randrange(self._among)) for _ in range(count)]

    def page(self, pupil: int) -> Cost:
        """The page as the pupil's parent gets it. Raises AssertionError unless it is the whole week."""
        before = self._spent()
        asked = {"pupil_id": str(id_of("pupil", pupil)), **self._asked}
        answer = self._service.http.get("/diary", params=asked, headers=self._service.headers(id_of("parent", pupil)))
        after = self._spent()
        assert answer.status_code == 200, answer.text
        given = [lesson for day in answer.json()["days"] for lesson in day["lessons"]]
        assert len(given) == DAILY * 5
        assert all(lesson["attendance"] and lesson["topic"] and lesson["homework"] for lesson in given)
        assert sum(len(lesson["marks"]) for lesson in given) == 5
        return Cost(after[0] - before[0], after[1] - before[1], after[2] - before[2])

    def year(self, class_: int) -> Cost:
        """A year's marks of one subject, of the class's first pupil. Raises AssertionError unless all are there."""
        pupil, before = class_ * CLASS, self._spent()
        days = {"first": str(ASKED - timedelta(days=300)), "last": str(ASKED + timedelta(days=6))}
        asked = {"pupil_id": str(id_of("pupil", pupil)), **days, "subject": "Предмет 3"}
        answer = self._service.http.get("/marks", params=asked, headers=self._service.headers(id_of("parent", pupil)))
        after = self._spent()
        assert answer.status_code == 200, answer.text
        (subject,) = answer.json()["subjects"]
        assert len(subject["marks"]) >= 14
        return Cost(after[0] - before[0], after[1] - before[1], after[2] - before[2])

    def years(self, count: int, chance: random.Random) -> list[Cost]:
        return [self.year(chance.randrange(self._among // CLASS)) for _ in range(count)]

    def homework(self, pupil: int) -> Cost:
        """A pupil's tasks of the week as his parent gets them. Raises AssertionError unless all are there."""
        before = self._spent()
        asked = {"pupil_id": str(id_of("pupil", pupil)), **self._asked}
        answer = self._service.http.get(
            "/homework", params=asked, headers=self._service.headers(id_of("parent", pupil))
        )
        after = self._spent()
        assert answer.status_code == 200, answer.text
        assert len(answer.json()["homework"]) == DAILY * 5
        return Cost(after[0] - before[0], after[1] - before[1], after[2] - before[2])

    def of_school(self, path: str, school: int, weeks: int, given: int) -> Cost:
        """A page of the school's office, of its first weeks. Raises AssertionError unless it counts all `given`."""
        before = self._spent()
        days = {"first": str(FIRST), "last": str(FIRST + timedelta(weeks=weeks, days=-1))}
        asked = {"school_id": str(id_of("school", school)), **days}
        answer = self._service.http.get(path, params=asked, headers=self._service.headers(id_of("head", school)))
        after = self._spent()
        assert answer.status_code == 200, answer.text
        assert answer.json()["lessons"] == given, answer.text[:500]
        return Cost(after[0] - before[0], after[1] - before[1], after[2] - before[2])

    def boards(self, count: int, chance: random.Random) -> list[Cost]:
        """What is missing in the journals of a week."""
        return [self.of_school("/completeness", self._school(chance), 1, A_WEEK) for _ in range(count)]

    def reports(self, count: int, chance: random.Random) -> list[Cost]:
        """The attendance of all the weeks, each pupil's lessons counted."""
        given = WEEKS * A_WEEK * CLASS
        return [self.of_school("/school-attendance", self._school(chance), WEEKS, given) for _ in range(count)]

    def _school(self, chance: random.Random) -> int:
        return chance.randrange(self._among // (CLASS * CLASSES))

    def tasks(self, count: int, chance: random.Random) -> list[Cost]:
        return [self.homework(chance.randrange(self._among)) for _ in range(count)]

    def slowest(self, pages: int) -> list[str]:
        """The statements that cost most, milliseconds and calls a page, since `forget`."""
        rows = self._admin.execute(SLOWEST, [pages, pages]).fetchall()
        return [f"{spent:7.3f} ms {calls:4.1f} × {query[:100]}" for spent, calls, query in rows]

    def forget(self) -> None:
        self._admin.execute("SELECT pg_stat_statements_reset()")

    def _spent(self) -> tuple[float, int, int]:
        row = self._admin.execute(SPENT).fetchone()
        assert row is not None, "a sum is always one row"
        return float(row[0]), int(row[1]), int(row[2])


def counting(server: Postgres) -> None:
    """Let the server count its statements, which it can only be told at its start."""
    with psycopg.connect(server.admin_conninfo, autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
    server.stop()
    server.start()
    with psycopg.connect(server.admin_conninfo, autocommit=True) as admin:
        admin.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        admin.execute("ALTER SYSTEM SET pg_stat_statements.track_planning = on")
        admin.execute("SELECT pg_reload_conf()")


@contextmanager
def city(folder: Path, pupils: int) -> Iterator[City]:
    """A server of its own with so many pupils in it. Raises ValueError when the disk or the number is too small."""
    if pupils < CLASS * CLASSES:
        raise ValueError(f"{pupils} pupils are no school: at least {CLASS * CLASSES}")
    if (free := shutil.disk_usage(folder).free) < (wanted := pupils * BYTES_A_PUPIL):
        raise ValueError(f"{pupils} pupils want {wanted / 1e9:.0f} GB of disk, {free / 1e9:.0f} are free")
    with Postgres(folder / "postgres") as server:
        counting(server)
        with running(server, SERVICE) as service, psycopg.connect(server.admin_conninfo, autocommit=True) as admin:
            with psycopg.connect(server.conninfo("diary_reporting"), autocommit=True) as owner:
                fill(owner, pupils)
            yield City(service, admin, pupils)


def measure(of: City, pages: int, pupils: int) -> list[Figure]:
    """p50 and p99 of the repeats, and statements a page."""
    chance = random.Random(5)
    of.pages(50, chance)
    of.forget()
    runs = [of.pages(pages // REPEATS, chance) for _ in range(REPEATS)]
    cuts = [quantiles([cost.milliseconds for cost in run], n=100, method="inclusive") for run in runs]
    of.years(20, chance)
    filtered = [of.years(pages // REPEATS, chance) for _ in range(REPEATS)]
    of_a_year = [quantiles([cost.milliseconds for cost in run], n=100, method="inclusive") for run in filtered]
    more = [figure for name, ask in others(of).items() for figure in _others(name, ask, pages, pupils, chance)]
    name, year = f"diary page of a week, {pupils} pupils", f"a year's marks of one subject, {pupils} pupils"
    return [
        plain(f"{year}, database time p50", "ms", [cut[49] for cut in of_a_year], MOST_OF_A_YEAR),
        plain(f"{year}, database time p99", "ms", [cut[98] for cut in of_a_year], MOST_OF_A_YEAR),
        plain(f"{name}, database time p50", "ms", [cut[49] for cut in cuts], MOST),
        plain(f"{name}, database time p99", "ms", [cut[98] for cut in cuts], MOST),
        plain(f"{name}, statements", "", [sum(c.statements for c in run) / len(run) for run in runs]),
        *more,
    ]


Ask = Callable[[int, random.Random], list[Cost]]


def others(of: City) -> dict[str, Ask]:
    """Pages that are asked for less often, by name; no goal is stated for them."""
    return {
        "a pupil's homework of a week": of.tasks,
        "the board of a school's week": of.boards,
        "a school's attendance of nine weeks": of.reports,
    }


def _others(name: str, ask: Ask, pages: int, pupils: int, chance: random.Random) -> list[Figure]:
    count = max(pages // REPEATS // 6, 2)
    ask(count, chance)
    spent = [[cost.milliseconds for cost in ask(count, chance)] for _ in range(REPEATS)]
    cuts = [quantiles(run, n=100, method="inclusive") for run in spent]
    named = f"{name}, {pupils} pupils, database time"
    return [
        plain(f"{named} p50", "ms", [cut[49] for cut in cuts]),
        plain(f"{named} p99", "ms", [cut[98] for cut in cuts]),
    ]


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.diary_page")
    parser.add_argument("--pupils", type=int, default=PUPILS)
    parser.add_argument("--pages", type=int, default=PAGES)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="diary-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        try:
            with city(folder, asked.pupils) as filled:
                write(measure(filled, max(asked.pages, 2 * REPEATS), asked.pupils))
                print("\n".join(filled.slowest(max(asked.pages, 2 * REPEATS))))
        except ValueError as error:
            parser.error(str(error))


if __name__ == "__main__":
    main(sys.argv[1:])
