"""The audit trail as an operator asks for it: by a command, of the running product."""

import os
import subprocess
import sys
from uuid import UUID

import psycopg

from deploy.demo.stack import ROOT
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.places import PETER, mark, open_work

ONE_BIT = """
UPDATE events SET document = set_bit(document, 1600, 1 - get_bit(document, 1600)) WHERE stream = %s AND version = 2
"""


def test_v_03_whoever_changes_a_stored_mark_past_the_product_is_found_out(diary: Diary, teacher: Person) -> None:
    work = open_work(teacher)
    teacher.did("POST", "grades", f"/works/{work}/marks", {"marks": [mark(PETER, "60")]})
    assert "are unchanged" in until(lambda: _covered(diary))

    _as_owner_of_the_server(diary, work)
    try:
        status, said = _verified(diary)
        assert status == 1 and "something was changed from" in said and "CHANGED" in said
    finally:
        _as_owner_of_the_server(diary, work)  # the same bit back
    assert _verified(diary)[0] == 0


def _covered(diary: Diary) -> str:
    """What is said when every event is under a checkpoint, else nothing."""
    status, said = _verified(diary)
    return said if status == 0 and "; 0 newer ones" in said else ""


def _verified(diary: Diary) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "services", "grades", "audit", "verify"],
        env=os.environ | diary.stack.environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def _as_owner_of_the_server(diary: Diary, work: UUID) -> None:
    admin = diary.stack.environment["DIARY_POSTGRES_ADMIN"]
    with psycopg.connect(admin, dbname="diary_grades", autocommit=True) as conn:
        assert conn.execute(ONE_BIT, [work]).rowcount == 1
