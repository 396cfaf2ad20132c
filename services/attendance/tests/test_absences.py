"""Absences announced by families, and what becomes of them in the rolls; over HTTP, on a real store."""

import base64
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.attendance.domain.absences import COMING, PAST
from services.attendance.main import SERVICE
from shared.contracts.attendance import AbsenceAnnounced
from shared.contracts.roster import FamilySet, Tie
from shared.testing.rebuilt import before_and_after
from shared.testing.school import (
    ALGEBRA,
    ANNA,
    BORIS,
    IGOR,
    MARIA,
    NINA,
    OLGA,
    PAVEL,
    TODAY,
    VERA,
    Running,
    day,
    learn,
)
from shared.testing.web import connect

WEDNESDAY, NEXT = day(15), day(22)


def announce(attendance: Running, by: UUID = PAVEL, **more: Any) -> httpx.Response:
    body = {
        "absence_id": str(uuid4()),
        "pupil_id": str(ANNA),
        "first": str(NEXT),
        "last": str(NEXT),
        "reason": "illness",
    }
    return attendance.send("POST", "/absences", by, body | more)


def announced(attendance: Running, **more: Any) -> UUID:
    absence = uuid4()
    answer = announce(attendance, absence_id=str(absence), **more)
    assert answer.status_code == 200, answer.text
    return absence


PHOTO = b"\xff\xd8\xff" + bytes(2000)


def attached(file: bytes = PHOTO, media: str = "image/jpeg") -> dict[str, str]:
    return {"media": media, "content": base64.b64encode(file).decode()}


def paper(attendance: Running, absence: UUID, by: UUID) -> httpx.Response:
    return attendance.http.get(f"/absences/{absence}/paper", headers=attendance.headers(by))


def decide(
    attendance: Running, absence: UUID, by: UUID = OLGA, accepted: bool = True, words: str = ""
) -> httpx.Response:
    return attendance.send("POST", f"/absences/{absence}/decision", by, {"accepted": accepted, "words": words})


def withdraw(attendance: Running, absence: UUID, by: UUID = PAVEL) -> httpx.Response:
    return attendance.send("POST", f"/absences/{absence}/withdrawal", by)


def of_anna(attendance: Running, by: UUID = PAVEL) -> dict[str, dict[str, Any]]:
    path = f"/absences?pupil_id={ANNA}&first={day(1)}&last={day(30)}"
    answer = attendance.send("GET", path, by)
    assert answer.status_code == 200, answer.text
    return {one["absence_id"]: one for one in answer.json()["absences"]}


def in_roll(attendance: Running, by: UUID = OLGA) -> dict[str, dict[str, Any]]:
    """What the roll of the day to come is told."""
    answer = attendance.send("GET", f"/announced?group_id={ALGEBRA}&first={NEXT}&last={NEXT}", by)
    assert answer.status_code == 200, answer.text
    return {one["absence_id"]: one for one in answer.json()["absences"]}


def entry(attendance: Running, number: int = 2) -> dict[str, Any]:
    """What stands of Anna in Wednesday's roll."""
    journal = attendance.send("GET", f"/journal?group_id={ALGEBRA}&first={WEDNESDAY}&last={WEDNESDAY}", OLGA).json()
    (roll,) = [one for one in journal["rolls"] if one["number"] == number]
    found: dict[str, Any] = next(one for one in roll["entries"] if one["pupil_id"] == str(ANNA))
    return found


@pytest.fixture(scope="module")
def rolls(attendance: Running) -> Iterator[Running]:
    """Wednesday's rolls: Anna was away in the second lesson, nobody says why, and ill in the third."""
    for number, said in ((2, {"state": "absent"}), (3, {"state": "absent", "reason": "illness"})):
        body = {"entries": [{"pupil_id": str(ANNA), **said}, {"pupil_id": str(BORIS), "state": "absent"}]}
        answer = attendance.send("PUT", f"/rolls/{ALGEBRA}/{WEDNESDAY}/{number}", OLGA, body)
        assert answer.status_code == 200, answer.text
    yield attendance


def test_what_a_mother_announces_stands_in_the_roll_beforehand(attendance: Running) -> None:
    absence = announced(attendance, words="Идём к врачу")
    told = in_roll(attendance)[str(absence)]
    assert (told["pupil_id"], told["reason"], told["state"]) == (str(ANNA), "illness", "announced")
    assert "words" not in told, "why is told to the school, not to every teacher"
    mine = of_anna(attendance)[str(absence)]
    assert (mine["words"], mine["by"], mine["lessons"]) == ("Идём к врачу", str(PAVEL), [])


def test_single_lessons_may_be_chosen_for_one_day(attendance: Running) -> None:
    absence = announced(attendance, lessons=[3, 2, 3])
    assert in_roll(attendance)[str(absence)]["lessons"] == [2, 3]


def test_the_school_may_announce_for_a_family_that_rang_up(attendance: Running) -> None:
    assert announce(attendance, NINA).status_code == 200


@pytest.mark.parametrize("by", [OLGA, IGOR, MARIA, ANNA, VERA])
def test_nobody_else_announces(attendance: Running, by: UUID) -> None:
    before = len(attendance.events())
    assert announce(attendance, by).status_code in (403, 404)
    assert len(attendance.events()) == before


def test_a_guardian_who_may_only_see_does_not(attendance: Running) -> None:
    onlooker = uuid4()
    ties = [
        Tie(guardian_id=who, relation="parent", rights=rights)
        for who, rights in ((PAVEL, ("see", "act", "notices")), (onlooker, ("see",)))
    ]
    learn(attendance.settings, SERVICE, [FamilySet(pupil_id=ANNA, ties=tuple(ties))])
    assert announce(attendance, onlooker).status_code == 404
    assert announce(attendance, pupil_id=str(BORIS)).status_code == 404


@pytest.mark.parametrize(
    ("said", "pointer", "code"),
    [
        ({"last": str(NEXT - timedelta(days=1))}, "/last", "attendance.days-reversed"),
        ({"first": str(TODAY - PAST - timedelta(days=1))}, "/first", "attendance.too-long-ago"),
        ({"last": str(TODAY + COMING), "first": str(TODAY)}, "/last", "attendance.too-many-days"),
        ({"last": str(TODAY + COMING + timedelta(days=1)), "first": str(TODAY + COMING)}, "/last",
         "attendance.too-far-ahead"),
        ({"last": str(NEXT + timedelta(days=1)), "lessons": [2]}, "/lessons", "attendance.lessons-of-several-days"),
        ({"reason": "unexcused"}, "/reason", "attendance.reason-unknown"),
        ({"words": "x" * 1001}, "/words", "attendance.words-too-long"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(attendance: Running, said: dict[str, Any], pointer: str, code: str) -> None:
    answer = announce(attendance, **said)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), answer.text
    assert answer.json()["errors"][0]["code"] == code


def test_accepted_it_stands_beside_absences_that_had_no_reason_and_nothing_else(rolls: Running) -> None:
    absence = announced(rolls, first=str(WEDNESDAY), last=str(WEDNESDAY), reason="family")
    answer = decide(rolls, absence)
    assert answer.status_code == 200 and len(answer.json()["events"]) == 2
    second, third = entry(rolls, 2), entry(rolls, 3)
    assert (second["state"], second["reason"], second["by"]) == ("absent", "family", str(OLGA))
    assert [was["reason"] for was in second["was"]] == [None], "what the teacher said stays readable"
    assert (third["reason"], third["was"]) == ("illness", [])
    mine = of_anna(rolls)[str(absence)]
    assert (mine["state"], mine["decided_by"]) == ("accepted", str(OLGA))
    assert decide(rolls, absence).json()["events"] == [], "the same word again changes nothing"


def test_declined_it_says_why_and_leaves_the_roll(attendance: Running) -> None:
    absence = announced(attendance)
    assert decide(attendance, absence, NINA, accepted=False, words="Нужна справка").status_code == 200
    mine = of_anna(attendance)[str(absence)]
    assert (mine["state"], mine["answer"]) == ("declined", "Нужна справка")
    assert str(absence) not in in_roll(attendance)
    other = decide(attendance, absence, OLGA)
    assert (other.status_code, other.json()["code"]) == (409, "attendance.absence-decided")


def test_taken_back_it_leaves_the_roll_and_nobody_decides_any_more(attendance: Running) -> None:
    absence = announced(attendance)
    assert [withdraw(attendance, absence).status_code for _ in range(2)] == [200, 200]
    assert of_anna(attendance)[str(absence)]["state"] == "withdrawn"
    assert str(absence) not in in_roll(attendance)
    late = decide(attendance, absence)
    assert (late.status_code, late.json()["code"]) == (409, "attendance.absence-taken-back")


def test_families_decide_nothing_and_strangers_see_nothing(attendance: Running) -> None:
    absence = announced(attendance)
    for by in (PAVEL, MARIA):
        assert decide(attendance, absence, by).status_code in (403, 404), by
    for by in (OLGA, MARIA):
        assert withdraw(attendance, absence, by).status_code in (403, 404), by
    path = f"/absences?pupil_id={ANNA}&first={day(1)}&last={day(30)}"
    assert attendance.send("GET", path, MARIA).status_code == 404
    assert decide(attendance, uuid4()).status_code == 404


def test_the_office_sees_what_waits_until_it_is_decided(attendance: Running) -> None:
    absence = announced(attendance, words="Справка будет")

    def waits() -> dict[str, Any]:
        found = attendance.send("GET", "/absences/waiting", NINA).json()["absences"]
        return {one["absence_id"]: one["words"] for one in found}

    assert waits()[str(absence)] == "Справка будет"
    decide(attendance, absence, NINA)
    assert str(absence) not in waits()
    assert attendance.send("GET", "/absences/waiting", OLGA).status_code == 403


def test_the_words_stand_sealed(attendance: Running) -> None:
    announced(attendance, words="СловаДляПоиска")
    said = [event for event in attendance.events() if isinstance(event, AbsenceAnnounced) and event.words]
    assert said and all(event.words.text is None for event in said if event.words)


def test_the_command_makes_the_view_anew(rolls: Running) -> None:
    decide(rolls, announced(rolls))
    before, after = before_and_after(rolls.settings, SERVICE)
    assert after == before and before["absences"]


def test_a_paper_goes_with_it_and_comes_back_as_it_was(attendance: Running) -> None:
    largest = PHOTO + bytes(400_000 - len(PHOTO))
    absence = announced(attendance, paper=attached(largest))
    read = of_anna(attendance)[str(absence)]
    assert read["paper"] == "image/jpeg"
    answer = paper(attendance, absence, PAVEL)
    assert (answer.content, answer.headers["content-type"]) == (largest, "image/jpeg")
    assert answer.headers["content-disposition"] == f'attachment; filename="{absence}.jpeg"'
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(("who", "status"), [(PAVEL, 200), (NINA, 200), (OLGA, 404), (IGOR, 404), (MARIA, 404)])
def test_a_paper_is_read_by_the_family_and_who_runs_the_school(attendance: Running, who: UUID, status: int) -> None:
    assert paper(attendance, announced(attendance, paper=attached()), who).status_code == status


def test_where_none_was_attached_there_is_none(attendance: Running) -> None:
    assert paper(attendance, announced(attendance), PAVEL).status_code == 404
    assert paper(attendance, uuid4(), PAVEL).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (attached(PHOTO + bytes(400_000)), "paper-too-large"),
        (attached(b"MZ\x90\x00"), "paper-unreadable"),
        (attached(PHOTO, "application/pdf"), "paper-unreadable"),
        (attached(b"<svg onload=alert(1)>", "image/png"), "paper-unreadable"),
        ({"media": "image/png", "content": "не base64"}, "paper-unreadable"),
    ],
)
def test_what_is_no_photograph_and_no_pdf_is_refused_at_the_field(
    attendance: Running, wrong: dict[str, str], code: str
) -> None:
    answer = announce(attendance, paper=wrong)
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["pointer"], error["code"]) == (422, "/paper", f"attendance.{code}")


def test_its_bytes_lie_sealed_in_the_store(attendance: Running) -> None:
    mark = b"secret paper of a doctor"
    announced(attendance, paper=attached(PHOTO + mark * 20))
    inside = base64.b64encode(mark * 3)[4:-4].decode()
    with connect(attendance.settings, "attendance", "relay") as conn:
        found = conn.execute("SELECT count(*) FROM events WHERE position(%s IN document) > 0", [inside.encode()])
        assert found.fetchone() == (0,)
