"""What FD8 found: a session that stops in a transaction after a pipeline is not ended by the idle timeout."""

import time

import psycopg
import pytest

from deploy.embedded.postgres import Postgres
from shared import postgres as database
from shared.testing.web import connect, settings_for

SHORT = """
SELECT set_config('idle_in_transaction_session_timeout', '200ms', false),
       set_config('transaction_timeout', '400ms', false)
"""


@pytest.mark.parametrize("role", ["api", "worker", "relay"])
def test_every_role_that_serves_has_a_transaction_timeout(postgres: Postgres, role: str) -> None:
    settings = settings_for(postgres)
    database.create(settings, "limits")
    with connect(settings, "limits", role) as conn:
        row = conn.execute("SELECT current_setting('transaction_timeout')").fetchone()
    assert row == ("30s",)


def test_a_session_that_stops_after_a_pipeline_is_ended(postgres: Postgres) -> None:
    """Without the transaction timeout 28 of 32 such sessions lived on in spite of the idle timeout."""
    for _ in range(5):
        with psycopg.connect(postgres.admin_conninfo) as conn:
            conn.execute(SHORT)
            conn.commit()
            with conn.pipeline():
                conn.execute("SELECT 1")
            time.sleep(0.8)  # nothing comes to wait for: the session is to be left alone
            with pytest.raises(psycopg.Error, match="timeout"):
                conn.execute("SELECT 1")
