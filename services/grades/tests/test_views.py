"""The journal's tables: what a run of events leaves, and that a rebuild leaves the same."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from psycopg.types.json import Jsonb

from services.grades import views
from services.grades.domain.rule import BUILT_IN
from services.grades.tests.test_api import change, marks, opened
from shared.contracts.envelope import Received, read
from shared.contracts.lessons import lesson_id
from shared.postgres import Conn, scoped
from shared.testing.school import ALGEBRA, ANNA, BORIS, ELSEWHERE, OLGA, SCHOOL, Running, day, erase, newcomer
from shared.testing.web import connect


def _written(grades: Running) -> list[Received]:
    with connect(grades.settings, "grades", "relay") as conn:
        return [read(document, id_) for id_, document in conn.execute("SELECT id, document FROM events ORDER BY id")]


def _rows(conn: Conn) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table: conn.execute(f"SELECT * FROM {table} t ORDER BY t::text".encode()).fetchall() for table in views.TABLES
    }


def test_a_rebuild_from_the_store_leaves_the_same_rows(grades: Running) -> None:
    for on in (1, 8, 15):
        path = opened(grades, on=on, kind="test", title="Дроби")
        body = marks((ANNA, "4"), (BORIS, "4/5"))
        body["marks"][0] |= {"comment": "Подтянулась", "recommendation": "Так держать"}
        grades.send("POST", f"{path}/marks", OLGA, body)
        grades.send("POST", f"{path}/corrections", OLGA, change(ANNA, "ошибка", "5"))
        grades.send("POST", f"{path}/corrections", OLGA, change(ANNA, "снова", "3"))
        grades.send("POST", f"{path}/removals", OLGA, change(BORIS, "не тому"))
        grades.send("POST", f"{path}/marks", OLGA, marks((BORIS, "2")))
        grades.send("PATCH", path, OLGA, {"kind": "quiz", "title": None})
    path = opened(grades, on=15, criteria=[{"code": "A", "most": 8}])
    by_points = {"pupil_id": str(ANNA), "criteria": {"A": 5}}
    grades.send("POST", f"{path}/marks", OLGA, {"marks": [by_points]})
    grades.send("POST", f"{path}/corrections", OLGA, {**by_points, "criteria": {"A": 6}, "reason": "ошибка"})
    grades.send("DELETE", opened(grades, on=15), OLGA)
    for published in (False, True):
        path = opened(grades, on=15, draft=True)
        grades.send("POST", f"{path}/marks", OLGA, marks((ANNA, "4"), (BORIS, "3")))
        grades.send("POST", f"{path}/marks", OLGA, marks((ANNA, "5"), (BORIS, "")))
        if published:
            grades.send("POST", f"{path}/publication", OLGA)
    for phrases in (["Молодец!", "Ещё раз"], ["Ещё раз"]):
        assert grades.send("PUT", "/phrases", OLGA, {"phrases": phrases}).status_code == 200
    for wished in ("4", "", "4,5"):
        wish = {"pupil_id": str(ANNA), "subject": "Алгебра", "value": wished}
        assert grades.send("PUT", "/targets", OLGA, wish).status_code == 200
    events = _written(grades)
    with connect(grades.settings, "grades", "worker") as conn:
        live = _rows(conn)
        for batch in (1, 7, len(events)):  # however they are cut into batches
            for table in views.TABLES:
                conn.execute(f"DELETE FROM {table}".encode())
            for start in range(0, len(events), batch):
                views.apply(conn, events[start : start + batch])
            assert _rows(conn) == live
    assert all(live[table] for table in ("phrases", "targets", "marks", "mark_changes"))
    assert any(row[-2] for row in live["works"])


def test_another_schools_scope_sees_no_row(grades: Running) -> None:
    opened(grades)
    with grades.pool.connection() as conn:
        with scoped(conn, [SCHOOL]):
            assert views.columns(conn, ALGEBRA, day(1), day(30)).works
        with scoped(conn, [ELSEWHERE]):
            assert not views.columns(conn, ALGEBRA, day(1), day(30)).works
        with scoped(conn, []):
            assert views.rule(conn, SCHOOL) == BUILT_IN
            assert conn.execute("SELECT count(*) FROM marks").fetchone() == (0,)


def test_who_asks_for_a_second_work_of_a_kind_waits_for_the_first(grades: Running) -> None:
    lesson, first_id, second_id = lesson_id(ALGEBRA, day(1), 2), uuid4(), uuid4()

    def ask() -> bool:
        with grades.pool.connection() as conn, scoped(conn, [SCHOOL]):
            return views.same_kind(conn, lesson, "dictation", second_id)

    with ThreadPoolExecutor(1) as crowd, grades.pool.connection() as first:
        with scoped(first, [SCHOOL]):
            assert not views.same_kind(first, lesson, "dictation", first_id)
            place = [
                first_id,
                SCHOOL,
                ALGEBRA,
                lesson,
                day(1),
                2,
                "dictation",
                "1",
                "five",
                1,
                Jsonb([]),
                False,
                None,
                None,
                1,
            ]
            first.execute(views.OPEN, place)
            asked = crowd.submit(ask)
            with pytest.raises(TimeoutError):
                asked.result(timeout=0.3)
        assert asked.result(timeout=5) is True


def test_words_about_a_person_go_with_his_key_and_marks_stay(grades: Running) -> None:
    path, erased = opened(grades, on=1), newcomer(grades)
    body = marks((ANNA, "4"), (erased, "5"))
    for mark in body["marks"]:
        mark["comment"] = "Хорошо"
    grades.send("POST", f"{path}/marks", OLGA, body)
    erase(grades, erased)
    page = grades.send("GET", f"/journal?group_id={ALGEBRA}&first={day(1)}&last={day(1)}", OLGA).json()
    work = next(work for work in page["works"] if path.endswith(work["work_id"]))
    shown = {mark["pupil_id"]: (mark["values"], mark["comment"]) for mark in work["marks"]}
    assert page["texts"] is True
    assert shown == {str(ANNA): (["4"], "Хорошо"), str(erased): (["5"], None)}


def test_the_journal_comes_without_words_when_the_key_ring_is_down(grades: Running) -> None:
    path = opened(grades, title="Тема")
    grades.send("POST", f"{path}/marks", OLGA, marks((ANNA, "5")))
    grades.ring.close()
    page = grades.send("GET", f"/journal?group_id={ALGEBRA}&first={day(15)}&last={day(15)}", OLGA).json()
    assert page["texts"] is False
    work = next(work for work in page["works"] if path.endswith(work["work_id"]))
    assert work["title"] is None and work["marks"][0]["values"] == ["5"]
