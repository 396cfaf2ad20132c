"""The audit trail as an operator asks for it: by a command, of the running product."""

import os
import subprocess
import sys

import psycopg

from deploy.demo.stack import ROOT
from tests.acceptance.conftest import Diary
from tests.acceptance.people import until

ONE_BIT = """
UPDATE events SET document = set_bit(document, 1600, 1 - get_bit(document, 1600))
WHERE id = (SELECT max(id) FROM events)
"""


def test_v_03_whoever_changes_a_stored_roll_past_the_product_is_found_out(diary: Diary) -> None:
    assert "are unchanged" in until(lambda: _covered(diary))

    _as_owner_of_the_server(diary)
    try:
        status, said = _verified(diary)
        assert status == 1 and "something was changed from" in said and "CHANGED" in said
    finally:
        _as_owner_of_the_server(diary)  # the same bit back
    assert _verified(diary)[0] == 0


def _covered(diary: Diary) -> str:
    """What is said when every event is under a checkpoint, else nothing."""
    status, said = _verified(diary)
    return said if status == 0 and "; 0 newer ones" in said else ""


def _verified(diary: Diary) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "services", "attendance", "audit", "verify"],
        env=os.environ | diary.stack.environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def _as_owner_of_the_server(diary: Diary) -> None:
    admin = diary.stack.environment["DIARY_POSTGRES_ADMIN"]
    with psycopg.connect(admin, dbname="diary_attendance", autocommit=True) as conn:
        assert conn.execute(ONE_BIT).rowcount == 1
