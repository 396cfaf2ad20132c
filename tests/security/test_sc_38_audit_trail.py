"""SC38: who owns the database server can change a store; the checkpoints that are kept outside of it find that.

What a service's role may do to `events` is SC6's; who read a pupil's pages is in tests/acceptance/test_audit.py (B-25).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from deploy.demo.keys import new_audit_key
from shared import audit
from shared.postgres import Conn
from shared.settings import Settings
from shared.testing import events
from tests.security.world import World

STORES = ("roster", "grades", "attendance", "messaging")
EDITS: dict[str, LiteralString] = {
    "an edit": "UPDATE events SET document = document || ' ' WHERE id = (SELECT min(id) FROM events)",
    "a row taken out": "DELETE FROM events WHERE id = (SELECT min(id) FROM events)",
    "the tail cut off": "DELETE FROM events WHERE id = (SELECT max(id) FROM events)",
    "another actor": "UPDATE events SET actor = gen_random_uuid() WHERE id = (SELECT max(id) FROM events)",
    "everything told anew": "UPDATE events SET document = convert_to(replace(convert_from(document, 'UTF8'),"
    " '\"time\":\"20', '\"time\":\"19'), 'UTF8')",
}


@pytest.fixture(params=STORES)
def signed(request: pytest.FixtureRequest, diary: World, tmp_path: Path) -> Iterator[tuple[Conn, audit.Kept]]:
    """A superuser's connection to a store, all of whose events are under a checkpoint, and the checkpoints."""
    service: str = request.param
    outside = {"audit_folder": str(tmp_path), "audit_key": new_audit_key()}
    settings = Settings(**(diary.running[service].settings.model_dump() | outside))
    admin = settings.postgres_admin.get_secret_value()
    with psycopg.connect(admin, dbname=f"diary_{service}", autocommit=True) as conn:
        events.store(conn, service, 20)
        conn.execute("DELETE FROM audit_tree")  # nothing is outside yet that it could go on from
        audit.Keeper(settings, service).once()
        yield conn, audit.Kept(settings, service)


@pytest.mark.parametrize("edit", EDITS)
def test_sc_38_a_superusers_change_is_found_by_what_is_kept_outside(signed: tuple[Conn, audit.Kept], edit: str) -> None:
    conn, kept = signed
    assert not audit.verify(conn, kept.all).changed
    with conn.transaction(force_rollback=True):
        assert conn.execute(EDITS[edit]).rowcount > 0
        assert audit.verify(conn, kept.all).changed
    assert not audit.verify(conn, kept.all).changed
