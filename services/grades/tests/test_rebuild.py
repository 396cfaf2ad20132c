"""The operator's command makes the journal anew while teachers go on marking."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from services.grades.main import SERVICE
from services.grades.tests.test_api import change, marks, opened
from shared.process import rebuilt
from shared.settings import Settings
from shared.testing.rebuilt import empty, rows
from shared.testing.school import ALGEBRA, ANNA, BORIS, OLGA, Running, day
from shared.testing.web import environment

ROOT = Path(__file__).parents[3]


def command(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m services grades …` with these settings."""
    run = [sys.executable, "-m", "services", "grades", *arguments]
    return subprocess.run(run, env=environment(settings), cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_a_damaged_journal_is_right_after_the_command_and_nobody_is_refused_meanwhile(grades: Running) -> None:
    for on in (1, 8, 15):
        path = opened(grades, on=on)
        grades.send("POST", f"{path}/marks", OLGA, marks((ANNA, "4"), (BORIS, "5")))
        grades.send("POST", f"{path}/corrections", OLGA, change(ANNA, "ошибка", "5"))
    before = rows(grades.settings, SERVICE)
    empty(grades.settings, SERVICE)
    done, answers = threading.Event(), list[int]()

    def teach() -> None:
        while not done.is_set():
            path = opened(grades, on=15)
            answers.append(grades.send("POST", f"{path}/marks", OLGA, marks((ANNA, "3"))).status_code)

    with ThreadPoolExecutor(2) as teachers:
        teaching = [teachers.submit(teach) for _ in range(2)]
        try:
            ran = command(grades.settings, "rebuild", "own-view")
        finally:
            done.set()
        for each in teaching:
            each.result()
    assert ran.returncode == 0, ran.stderr
    assert "own-view: rebuilt" in ran.stdout
    assert answers and set(answers) == {200}
    after = rows(grades.settings, SERVICE)
    assert all(row in after[table] for table in SERVICE.tables for row in before[table])
    assert len(after["works"]) == len(before["works"]) + len(answers)
    assert len(after["marks"]) == len(before["marks"]) + len(answers)
    page = grades.send("GET", f"/journal?group_id={ALGEBRA}&first={day(1)}&last={day(1)}", OLGA).json()
    assert [mark["values"] for work in page["works"] for mark in work["marks"]] == [["5"], ["5"]]


def test_without_a_name_it_is_the_own_view_and_every_projection() -> None:
    assert rebuilt(SERVICE) == ("own-view", *(each.name for each in SERVICE.projections))


def test_what_cannot_be_rebuilt_is_told(grades: Running) -> None:
    ran = command(grades.settings, "rebuild", "diary.nothing.1")
    assert ran.returncode == 2
    assert "own-view" in ran.stderr
