"""How long a full page of the journal takes to be answered in a city: 35 pupils by 60 columns, over HTTP.

    python -m tests.bench.journal_page [--pupils 600000] [--pages 200]

Grades' own tables are filled by SQL: schools of 600 in classes of 25 with twelve groups, one work of each group with a
mark of every second pupil; the groups asked about have 60 works, 35 pupils each marked in two of three, and every tenth
mark was corrected once. Time is from before the request is sent until the answer is read, by the group's teacher.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import LiteralString

import psycopg

from deploy.embedded.postgres import Postgres
from services.grades.main import SERVICE
from shared.postgres import Conn
from shared.testing.school import Running, running
from tests.bench.city_rows import CLASS, CLASSES, ID, ROSTER, ROSTER_TABLES, SUBJECTS, id_of, without_indexes
from tests.bench.report import Figure, plain, write

PUPILS, PAGES, REPEATS = 60_000, 200, 5
ROWS, COLUMNS = 35, 60
FULL = 40
"""Groups with a full page: the first of so many classes."""
MOST = 150.0
"""Milliseconds of an answer."""
BYTES_A_PUPIL = 12_000
"""Disk that the tables need for each, at most."""

FILLS: tuple[LiteralString, ...] = (
    *ROSTER,
    """INSERT INTO works (work_id, school_id, group_id, lesson_id, on_date, number, kind, weight, scale, rule, criteria,
                          version)
       SELECT pg_temp.id('work', g), pg_temp.id('school', g / 288), pg_temp.id('group', g), pg_temp.id('lesson', g),
              '2021-09-06', 1, 'lesson', '1', 'five', 1, '[]', 2
       FROM generate_series(0, %(schools)s * 288 - 1) g""",
    """INSERT INTO marks (work_id, pupil_id, school_id, cell, points, given_by, given_at)
       SELECT pg_temp.id('work', g), pg_temp.id('pupil', g / 12 * 25 + p), pg_temp.id('school', g / 288), '{4}', '[]',
              pg_temp.id('teacher', g / 8), '2021-09-06'
       FROM generate_series(0, %(schools)s * 288 - 1) g, generate_series(0, 24) p WHERE (g + p) %% 2 = 0""",
    """INSERT INTO works (work_id, school_id, group_id, lesson_id, on_date, number, kind, weight, scale, rule, criteria,
                          version)
       SELECT pg_temp.id('full work', c * 60 + n), pg_temp.id('school', c / 24), pg_temp.id('group', c * 12),
              pg_temp.id('full lesson', c * 60 + n), date '2021-10-01' + n, 1, 'test', '2', 'five', 1, '[]', 2
       FROM generate_series(0, %(full)s - 1) c, generate_series(0, 59) n""",
    """INSERT INTO marks (work_id, pupil_id, school_id, cell, points, given_by, given_at)
       SELECT pg_temp.id('full work', c * 60 + n), pg_temp.id('pupil', c * 25 + p), pg_temp.id('school', c / 24), '{5}',
              '[]', pg_temp.id('teacher', c * 12 / 8), '2021-10-01'
       FROM generate_series(0, %(full)s - 1) c, generate_series(0, 59) n, generate_series(0, 34) p
       WHERE (n + p) %% 3 > 0""",
    """INSERT INTO mark_changes (work_id, pupil_id, version, school_id, before, points, reason_box, reason_event,
                                 changed_by, changed_at)
       SELECT pg_temp.id('full work', c * 60 + n), pg_temp.id('pupil', c * 25 + p), 3, pg_temp.id('school', c / 24),
              '{3}', '[]', '', '', pg_temp.id('teacher', c * 12 / 8), '2021-10-02'
       FROM generate_series(0, %(full)s - 1) c, generate_series(0, 59) n, generate_series(0, 34) p
       WHERE (n + p) %% 30 = 1""",
)  # fmt: skip


def fill(conn: Conn, pupils: int) -> None:
    """Rows of so many pupils, by the superuser."""
    schools = pupils // (CLASS * CLASSES)
    conn.execute("SET maintenance_work_mem = '256MB'")
    conn.execute(ID)
    with without_indexes(conn, (*ROSTER_TABLES, "works", "marks", "mark_changes")):
        for statement in FILLS:
            conn.execute(statement, {"schools": schools, "pupils": schools * CLASS * CLASSES, "full": FULL})
    conn.execute("VACUUM ANALYZE")


@contextmanager
def city(folder: Path, pupils: int) -> Iterator[Running]:
    """A server of its own. Raises ValueError when the disk or the number is too small."""
    if pupils < 2 * CLASS * CLASSES:
        raise ValueError(f"{pupils} pupils are too few: at least {2 * CLASS * CLASSES}")
    if (free := shutil.disk_usage(folder).free) < (wanted := pupils * BYTES_A_PUPIL):
        raise ValueError(f"{pupils} pupils want {wanted / 1e9:.0f} GB of disk, {free / 1e9:.0f} are free")
    with Postgres(folder / "postgres") as server, running(server, SERVICE) as service:
        with psycopg.connect(server.conninfo("diary_grades"), autocommit=True) as owner:
            fill(owner, pupils)
        yield service


def page(service: Running, class_: int) -> float:
    """Milliseconds of a full page. Raises AssertionError unless it is one."""
    asked = {"group_id": str(id_of("group", class_ * SUBJECTS)), "first": "2021-10-01", "last": "2021-11-30"}
    headers = service.headers(id_of("teacher", class_ * SUBJECTS // 8))
    began = time.perf_counter()
    answer = service.http.get("/journal", params=asked, headers=headers)
    spent = (time.perf_counter() - began) * 1000
    assert answer.status_code == 200, answer.text
    works = answer.json()["works"]
    assert len(works) == COLUMNS and len({mark["pupil_id"] for work in works for mark in work["marks"]}) == ROWS
    return spent


def measure(service: Running, pages: int, pupils: int) -> list[Figure]:
    """p50 and p99 of the repeats."""
    chance = random.Random(5)
    for class_ in range(FULL):
        page(service, class_)
    runs = [[page(service, chance.randrange(FULL)) for _ in range(pages // REPEATS)] for _ in range(REPEATS)]
    cuts = [quantiles(run, n=100, method="inclusive") for run in runs]
    name = f"journal of {ROWS} × {COLUMNS}, {pupils} pupils"
    return [
        plain(f"{name}, answer p50", "ms", [cut[49] for cut in cuts], MOST),
        plain(f"{name}, answer p99", "ms", [cut[98] for cut in cuts], MOST),
    ]


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.journal_page")
    parser.add_argument("--pupils", type=int, default=PUPILS)
    parser.add_argument("--pages", type=int, default=PAGES)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="diary-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        try:
            with city(folder, asked.pupils) as service:
                write(measure(service, max(asked.pages, 2 * REPEATS), asked.pupils))
        except ValueError as error:
            parser.error(str(error))


if __name__ == "__main__":
    main(sys.argv[1:])
