"""A teacher's mark reaches the parent: G-01, A-03, C-01, V-01 and V-02 in one breath, over HTTP."""

from email import message_from_bytes, policy
from uuid import uuid4

import httpx

from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.places import ALGEBRA, PETER, TODAY, lesson, mark, open_work


def test_g_01_a_mark_is_stored_at_once_and_reaches_the_parent_live(teacher: Person, parent: Person) -> None:
    work = open_work(teacher)
    with parent.following(PETER) as live:
        teacher.did("POST", "grades", f"/works/{work}/marks", {"marks": [mark(PETER, "87,5")]})
        seen = until(lambda: [mark for event, data in live.events for mark in data.get("marks", [])])
    assert (seen[0]["work_id"], seen[0]["values"]) == (str(work), ["87.5"])
    week = parent.read("reporting", "/diary", pupil_id=PETER, first=TODAY, last=TODAY)
    lessons = {row["lesson_id"]: row for row in week["days"][0]["lessons"]}
    assert ["87.5"] in [row["values"] for row in lessons[str(lesson())]["marks"]]


def test_g_01_the_same_command_twice_is_one_mark_and_one_answer(teacher: Person) -> None:
    work, key = open_work(teacher), uuid4()
    body = {"marks": [mark(PETER, "90")]}
    first, again = (teacher.send("POST", "grades", f"/works/{work}/marks", body, key) for _ in range(2))
    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    other = teacher.send("POST", "grades", f"/works/{work}/marks", {"marks": [mark(PETER, "91")]}, key)
    assert (other.status_code, other.json()["code"]) == (422, "key-reused")


def letters_to(diary: Diary, address: str) -> list[str]:
    found = []
    for file in diary.letters.glob("*.eml"):
        letter = message_from_bytes(file.read_bytes(), policy=policy.default)
        if letter["To"] == address:
            body = letter.get_body()
            found.append(f"{letter['Subject']}\n{body.get_content() if body else ''}")
    return found


def test_a_03_an_absence_writes_to_the_parent_who_consented(diary: Diary, teacher: Person, parent: Person) -> None:
    address = "tameka.nash@family.grandbend.example"
    parent.did("POST", "notify", "/consents", {"channel": "email", "address": address})
    body = {"entries": [{"pupil_id": str(PETER), "state": "absent"}]}
    on = TODAY.replace(day=24)
    teacher.did("PUT", "attendance", f"/rolls/{ALGEBRA}/{on}/2", body)
    missed = "Peter: отсутствие на уроке"
    letter = until(lambda: [letter for letter in letters_to(diary, address) if missed in letter])[0]
    assert "24.05.2022, 2-й урок" in letter
    feed = parent.read("notify", "/feed")
    assert any(notice["kind"] == "absence" for notice in feed["notices"])


def test_v_03_the_event_log_says_who_changed_what(teacher: Person) -> None:
    work = open_work(teacher)
    teacher.did("POST", "grades", f"/works/{work}/marks", {"marks": [mark(PETER, "60")]})
    fix = {"pupil_id": str(PETER), "value": "65", "reason": "задача 3 решена верно"}
    teacher.did("POST", "grades", f"/works/{work}/corrections", fix)

    def corrected() -> list[dict[str, object]]:
        answer = teacher.get("reporting", f"/history/{work}")
        entries = answer.json().get("entries", []) if answer.status_code == httpx.codes.OK else []
        return [entry for entry in entries if entry["before"]]

    (entry,) = until(corrected)
    assert entry["by"] == str(teacher.person_id)
    assert (entry["before"], entry["after"]) == ({"values": ["60"]}, {"values": ["65"]})
    assert entry["reason"] == "задача 3 решена верно"


def test_v_01_one_trace_goes_from_the_click_to_the_open_page(teacher: Person, parent: Person) -> None:
    work, trace = open_work(teacher), uuid4().hex
    body = {"marks": [mark(PETER, "71")]}
    with parent.following(PETER) as live:
        teacher.send(
            "POST", "grades", f"/works/{work}/marks", body, traceparent=f"00-{trace}-00f067aa0ba902b7-01"
        ).raise_for_status()
        seen = until(lambda: [mark for event, data in live.events for mark in data.get("marks", [])])
    assert trace in seen[-1]["trace"]
