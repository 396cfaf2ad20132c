"""The journal's tables: that a rebuild leaves the same, and that scopes are walls."""

from typing import Any

from services.attendance import views
from services.attendance.tests.test_api import correct, page, said, take
from shared.contracts.envelope import read
from shared.postgres import Conn, scoped
from shared.testing.rebuilt import before_and_after
from shared.testing.school import ALGEBRA, ANNA, BORIS, ELSEWHERE, SCHOOL, Running, day, erase, newcomer
from shared.testing.web import connect


def _rows(conn: Conn) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table: conn.execute(f"SELECT * FROM {table} t ORDER BY t::text".encode()).fetchall() for table in views.TABLES
    }


def test_a_rebuild_from_the_store_leaves_the_same_rows(attendance: Running) -> None:
    for on in (1, 8, 15):
        take(attendance, on, said(ANNA, "absent"), said(BORIS, "late", 5))
        correct(attendance, on, 2, said(ANNA, "late", 30) | {"note": "пришла позже"})
        correct(attendance, on, 2, said(ANNA, "present"))
    with connect(attendance.settings, "attendance", "relay") as conn:
        rows = conn.execute("SELECT id, document FROM events ORDER BY id").fetchall()
    events = [read(document, id_) for id_, document in rows]
    assert len(events) == 9
    with connect(attendance.settings, "attendance", "worker") as conn:
        live = _rows(conn)
        for batch in (1, 4, len(events)):
            for table in views.TABLES:
                conn.execute(f"DELETE FROM {table}".encode())
            for start in range(0, len(events), batch):
                views.apply(conn, events[start : start + batch])
            assert _rows(conn) == live


def test_rolls_taken_in_one_batch_are_all_there(attendance: Running) -> None:
    take(attendance, 15, number=3)
    with attendance.pool.connection() as conn, scoped(conn, [SCHOOL]):
        found = views.rolls(conn, ALGEBRA, day(15), day(15))
    assert len(found.rolls) == 2 and len(found.presences) == 6


def test_another_schools_scope_sees_no_row(attendance: Running) -> None:
    with attendance.pool.connection() as conn, scoped(conn, [ELSEWHERE]):
        assert not views.rolls(conn, ALGEBRA, day(1), day(30)).rolls
        assert not views.counts(conn, ALGEBRA, day(1), day(30))


def test_notes_go_with_the_persons_key_and_the_entry_stays(attendance: Running) -> None:
    erased = newcomer(attendance)
    for pupil in (erased, ANNA):  # he came after the roll, and has now an entry of his own
        correct(attendance, 15, 3, said(pupil, "late"))
        correct(attendance, 15, 3, said(pupil, "absent") | {"note": "болен"})
    erase(attendance, erased)
    shown = page(attendance, "journal", first=15, last=15).json()
    entries = {e["pupil_id"]: e for roll in shown["rolls"] if roll["number"] == 3 for e in roll["entries"]}
    assert shown["texts"] is True
    assert entries[str(erased)]["state"] == "absent" and entries[str(erased)]["was"][-1]["note"] is None
    assert entries[str(ANNA)]["was"][-1]["note"] == "болен"


def test_the_journal_comes_without_notes_when_the_key_ring_is_down(attendance: Running) -> None:
    attendance.ring.close()
    shown = page(attendance, "journal", last=15).json()
    assert shown["texts"] is False and shown["rolls"]


def test_the_command_makes_the_view_anew(attendance: Running) -> None:
    before, after = before_and_after(attendance.settings, attendance.service)
    assert after == before and before["presences"]
