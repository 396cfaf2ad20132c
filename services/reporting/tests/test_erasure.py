"""Of an erased pupil the pages keep what was decided and drop the words; also what comes late."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.reporting import diary
from services.reporting.main import SERVICE
from services.reporting.tests.test_pages import TEST, get, project, streams, week
from shared import erasure, postgres
from shared.contracts import Sealed
from shared.contracts.grades import Mark, MarksGiven
from shared.contracts.messaging import RemarkMade
from shared.contracts.roster import PersonErased
from shared.testing.school import ANNA, DISTRICT, OLGA, SCHOOL, Running, day, id_of, learn, received
from shared.testing.web import connect

ERASED = PersonErased(person_id=ANNA, district_id=DISTRICT, act="12 от 29.11.2026")


@pytest.fixture
def erased(reporting: Running) -> Running:
    project(reporting, list(streams().values()))
    before = week(reporting, "/diary")
    assert "не так сосчитано" in str(before) and "пришла" in str(before)
    learn(reporting.settings, SERVICE, [ERASED])
    return reporting


def test_marks_and_absences_stay_and_their_words_go(erased: Running) -> None:
    after = week(erased, "/diary")
    lesson = next(day["lessons"][0] for day in after["days"] if day["on"] == "2021-09-15")
    assert [mark["values"] for mark in lesson["marks"]] == [["5"]]
    assert (lesson["marks"][0]["was"][0]["values"], lesson["marks"][0]["was"][0]["reason"]) == (["4"], None)
    assert lesson["attendance"]["state"] == "late"
    history = get(erased, f"/history/{TEST}", OLGA)["entries"]
    assert {entry["reason"] for entry in history if entry["pupil_id"] == str(ANNA)} == {None}
    assert "не так сосчитано" not in str((after, history)) and "пришла" not in str(after)


def test_what_was_opened_with_a_remembered_key_goes_a_minute_later(erased: Running) -> None:
    with connect(erased.settings, "reporting", "worker") as conn:
        conn.execute("INSERT INTO diary_names VALUES (%s, 'Ёлкина', 'Анна')", [ANNA])
    pool = postgres.pool(erased.settings, "reporting", "worker", 1)
    try:
        sweep = erasure.Sweep(diary.ERASED)
        assert sweep.once(pool) == 1
        assert sweep.once(pool) == 0
    finally:
        pool.close()


def test_another_pupils_words_stay(erased: Running) -> None:
    entries = get(erased, f"/history/{TEST}", OLGA)["entries"]
    assert "не его работа" in {entry["reason"] for entry in entries}


def test_the_words_of_a_remark_go_from_the_journal_of_operations_and_its_kind_stays(reporting: Running) -> None:
    words = Sealed(owner_id=ANNA, box="AA==", text="Помогла новенькому")
    remark = {"remark_id": id_of("remark"), "school_id": SCHOOL, "pupil_id": ANNA, "kind": "praise", "on": day(15)}
    made = RemarkMade.model_validate({**remark, "author_id": OLGA, "shown": True, "text": words})
    project(reporting, [received([made], "messaging", OLGA)])
    now = datetime.now(UTC).date()
    asked: dict[str, Any] = {"pupil_id": ANNA, "first": now - timedelta(days=1), "last": now + timedelta(days=1)}

    def entry() -> dict[str, Any]:
        (operation,) = get(reporting, "/changes", OLGA, **asked)["operations"]
        (found,) = operation["entries"]
        return dict(found["after"])

    assert entry()["text"] == "Помогла новенькому"
    learn(reporting.settings, SERVICE, [ERASED])
    assert (entry()["text"], entry()["remark"]) == (None, "praise")


def test_a_recommendation_goes_from_the_diary(reporting: Running) -> None:
    project(reporting, list(streams().values()))
    words = Sealed(owner_id=ANNA, box="AA==", text="Решите № 231")
    mark = Mark(pupil_id=ANNA, values=("5",), recommendation=words)
    learn(reporting.settings, SERVICE, [MarksGiven(work_id=TEST, school_id=SCHOOL, marks=(mark,))], "grades")
    assert "Решите № 231" in str(week(reporting, "/diary"))
    learn(reporting.settings, SERVICE, [ERASED])
    assert "Решите" not in str(week(reporting, "/diary"))
