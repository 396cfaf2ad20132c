"""Grades of terms as a school meets them: over HTTP, on a real store. The term is I, until 29 December."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from deploy.embedded.postgres import Postgres
from services.grades.main import SERVICE
from services.grades.tests.test_api import change, codes, column, marks, new_work, opened
from shared.contracts.grades import CouncilBegun, TermGraded, TermPublished
from shared.contracts.roster import GroupDescribed
from shared.testing.school import (
    ALGEBRA,
    ANNA,
    BORIS,
    ELSEWHERE,
    FIRST,
    GEOMETRY,
    GLEB,
    IGOR,
    LAST,
    MARIA,
    NINA,
    OLGA,
    PAVEL,
    SCHOOL,
    VERA,
    Running,
    id_of,
    learn,
    running,
)

TERM, YEAR = id_of("I"), id_of("year")
COUNCIL = f"/schools/{SCHOOL}/terms/{TERM}/council"
PUBLICATION = f"/schools/{SCHOOL}/terms/{TERM}/publication"


@pytest.fixture
def grades(postgres: Postgres) -> Iterator[Running]:
    """One for each test: a council locks the school's term for all."""
    with running(postgres, SERVICE) as service:
        yield service


def give(
    grades: Running, person: UUID = OLGA, term: UUID = TERM, reason: str = "", gleb: str | None = None, **values: str
) -> httpx.Response:
    """`give(grades, Anna="5")`: grades of algebra."""
    typed = [{"pupil_id": str(id_of(name)), "value": value} for name, value in values.items()]
    if gleb:
        typed.append({"pupil_id": str(GLEB), "value": gleb})
    body = {"group_id": str(ALGEBRA), "grades": typed, "reason": reason}
    return grades.send("PUT", f"/terms/{term}/grades", person, body)


def sheet(grades: Running, person: UUID = OLGA, term: UUID = TERM) -> dict[str, Any]:
    answer = grades.send("GET", f"/terms/{term}/sheet?group_id={ALGEBRA}", person)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def pupil(of: dict[str, Any], who: UUID) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in of["pupils"] if one["pupil_id"] == str(who))
    return found


def group(grades: Running, what: str = "", **more: object) -> httpx.Response:
    """Something asked about the algebra's list."""
    return grades.send("POST", f"/terms/{TERM}/{what}", NINA, {"group_id": str(ALGEBRA), **more})


def test_a_list_proposes_what_the_marks_come_to_and_keeps_what_was_given(grades: Running) -> None:
    for value, kind in (("5", "test"), ("4", "lesson")):
        grades.send("POST", f"{opened(grades, kind=kind)}/marks", OLGA, marks((ANNA, value)))
    before = sheet(grades)
    assert (before["term"]["stage"], before["may_write"], before["title"]) == ("open", True, "Алгебра")
    assert {one["pupil_id"] for one in before["pupils"]} == {str(ANNA), str(BORIS), str(VERA)}
    anna = pupil(before, ANNA)
    assert (anna["proposed"], anna["average"]["sum"]) == ("5", "4×1 + 5×2 = 14; 14 / 3 = 4.67")
    assert (anna["value"], pupil(before, BORIS)["proposed"]) == (None, None)
    assert give(grades, Anna="5", Boris="н/а").status_code == 200
    after = sheet(grades)
    assert [pupil(after, who)["value"] for who in (ANNA, BORIS, VERA)] == ["5", "not-attested", None]
    assert pupil(after, ANNA)["by"] == str(OLGA)
    (event,) = [one for one in grades.events() if isinstance(one, TermGraded)]
    assert (event.rule, event.grades[0].average, event.grades[0].count, event.shown) == (1, "4.67", 2, False)


def test_a_year_is_proposed_from_the_grades_of_its_terms(grades: Running) -> None:
    give(grades, Anna="4")
    give(grades, term=id_of("II"), Anna="5")  # refused: it has not begun
    year = pupil(sheet(grades, term=YEAR), ANNA)
    assert (year["proposed"], year["average"]["sum"]) == ("4", "4×1 = 4; 4 / 1 = 4.00")


def test_terms_are_told_to_the_staff_of_the_school_alone(grades: Running) -> None:
    answer = grades.send("GET", f"/schools/{SCHOOL}/terms", OLGA).json()
    assert [(term["title"], term["kind"]) for term in answer["terms"]] == [
        ("I", "term"), ("II", "term"), ("2021-2022", "year"),
    ]  # fmt: skip
    assert answer["today"] == "2021-09-15"
    for stranger in (MARIA, PAVEL, ANNA):
        assert grades.send("GET", f"/schools/{SCHOOL}/terms", stranger).status_code in (403, 404)


@pytest.mark.parametrize("person", [IGOR, MARIA, PAVEL, ANNA])
def test_nobody_else_reads_or_writes_a_list(grades: Running, person: UUID) -> None:
    assert give(grades, person, Anna="5").status_code in (403, 404)
    assert grades.send("GET", f"/terms/{TERM}/sheet?group_id={ALGEBRA}", person).status_code in (403, 404)
    assert grades.send("POST", COUNCIL, person, {"confirmed": True}).status_code in (403, 404)
    assert not [one for one in grades.events() if isinstance(one, TermGraded | CouncilBegun)]


def test_every_bad_cell_is_named_and_nothing_is_saved(grades: Running) -> None:
    answer = give(grades, Anna="6", Boris="4/5", gleb="4")
    assert codes(answer) == {
        "/grades/0/value": "grades.not-on-five-points",
        "/grades/1/value": "grades.not-one-grade",
        "/grades/2/pupil_id": "grades.pupil-not-in-class",
    }
    assert pupil(sheet(grades), ANNA)["value"] is None
    assert give(grades, term=uuid4(), Anna="5").status_code == 404
    assert give(grades, term=id_of("II"), Anna="5").json()["code"] == "grades.term-not-begun"


def test_the_council_is_told_of_gaps_and_locks_marks_and_grades(grades: Running) -> None:
    path = opened(grades)
    grades.send("POST", f"{path}/marks", OLGA, marks((ANNA, "4")))
    give(grades, Anna="4")
    assert grades.send("POST", COUNCIL, OLGA, {"confirmed": True}).status_code == 403
    refused = grades.send("POST", COUNCIL, NINA, {})
    assert codes(refused) == {"/confirmed": "grades.gaps-left"}
    assert refused.json()["errors"][0]["detail"].startswith("2 grades are missing in 1 groups")
    (gap,) = [g for g in of_school(grades) if g["missing"]]
    assert (gap["group_id"], gap["given"], gap["pupils"], gap["missing"]) == (str(ALGEBRA), 1, 3, 2)
    assert grades.send("POST", COUNCIL, NINA, {"confirmed": True}).status_code == 200
    locked = {
        "marks": grades.send("POST", f"{path}/marks", OLGA, marks((BORIS, "5"))),
        "correction": grades.send("POST", f"{path}/corrections", OLGA, change(ANNA, "описка", "5")),
        "removal": grades.send("POST", f"{path}/removals", OLGA, change(ANNA, "описка")),
        "weight": grades.send("PATCH", path, OLGA, {"weight": "9"}),
        "work": grades.send("POST", "/works", OLGA, new_work()),
        "grade": give(grades, Anna="5"),
        "by the office": give(grades, NINA, Anna="5", reason="педсовет"),
    }
    assert {name: answer.json()["code"] for name, answer in locked.items()} == dict.fromkeys(
        locked, "grades.term-locked"
    )
    assert column(grades, path)["marks"][0]["values"] == ["4"]


def of_school(grades: Running, person: UUID = NINA) -> list[dict[str, Any]]:
    answer = grades.send("GET", f"/schools/{SCHOOL}/terms/{TERM}/groups", person)
    found: list[dict[str, Any]] = answer.json()["groups"]
    return found


def test_a_teacher_gets_his_own_groups_and_the_office_all(grades: Running) -> None:
    assert [one["group_id"] for one in of_school(grades, OLGA)] == [str(ALGEBRA)]
    assert {one["group_id"] for one in of_school(grades)} == {str(ALGEBRA), str(GEOMETRY)}
    assert grades.send("GET", f"/schools/{ELSEWHERE}/terms/{TERM}/groups", NINA).status_code == 404


def test_the_class_itself_is_no_subject_to_be_graded(grades: Running) -> None:
    described = GroupDescribed(
        group_id=uuid4(), school_id=SCHOOL, title="7А класс", subject="Классный час", course="HOME", starts=FIRST,
        ends=LAST, homeroom=True,
    )  # fmt: skip
    learn(grades.settings, SERVICE, [described])
    assert "7А класс" not in {one["title"] for one in of_school(grades)}


def test_a_locked_group_is_opened_again_on_request_and_the_change_keeps_its_reason(grades: Running) -> None:
    path = opened(grades)
    give(grades, Anna="4")
    grades.send("POST", COUNCIL, NINA, {"confirmed": True})
    ask = {"group_id": str(ALGEBRA), "reason": "Анна сдала долг"}
    assert grades.send("POST", f"/terms/{TERM}/reopening", IGOR, ask).status_code == 403
    assert grades.send("POST", f"/terms/{TERM}/reopening", OLGA, ask).status_code == 200
    (waiting,) = [one for one in of_school(grades) if one["asked"]]
    assert (waiting["asked"]["by"], waiting["asked"]["reason"]) == (str(OLGA), "Анна сдала долг")
    assert "сдала" not in "".join(event.model_dump_json() for event in grades.events())
    decide = {"group_id": str(ALGEBRA), "allowed": True}
    assert grades.send("POST", f"/terms/{TERM}/reopening/decision", OLGA, decide).status_code == 403
    assert group(grades, "reopening/decision", allowed=True).status_code == 200
    assert sheet(grades)["reopened"] and sheet(grades)["asked"] is None
    assert grades.send("POST", f"{path}/marks", OLGA, marks((ANNA, "5"))).status_code == 200
    assert codes(give(grades, Anna="5")) == {"/reason": "grades.reason-missing"}
    assert give(grades, Anna="5", reason="сдала долг").status_code == 200
    anna = pupil(sheet(grades), ANNA)
    assert (anna["value"], [(w["value"], w["reason"], w["by"]) for w in anna["was"]]) == (
        "5", [("4", "сдала долг", str(OLGA))],
    )  # fmt: skip
    assert grades.send("POST", PUBLICATION, NINA).json()["code"] == "grades.still-open"
    assert grades.send("POST", f"/terms/{TERM}/locking", OLGA, {"group_id": str(ALGEBRA)}).status_code == 200
    assert give(grades, Anna="4", reason="нет").json()["code"] == "grades.term-locked"
    assert grades.send("POST", PUBLICATION, NINA).status_code == 200
    (told,) = [one for one in grades.events() if isinstance(one, TermPublished)]
    assert [one.pupil_id for one in told.pupils] == [ANNA]


def test_a_council_that_was_called_off_opens_the_term_for_everybody(grades: Running) -> None:
    path = opened(grades)
    assert grades.send("POST", PUBLICATION, NINA).json()["code"] == "grades.council-not-begun"
    grades.send("POST", COUNCIL, NINA, {"confirmed": True})
    group(grades, "reopening/decision", allowed=True)
    assert codes(grades.send("POST", f"{COUNCIL}/withdrawal", NINA, {})) == {"/reason": "grades.reason-missing"}
    assert grades.send("POST", f"{COUNCIL}/withdrawal", NINA, {"reason": "перенесён"}).status_code == 200
    assert grades.send("POST", f"{path}/marks", OLGA, marks((ANNA, "4"))).status_code == 200
    assert give(grades, Anna="4").status_code == 200
    grades.send("POST", COUNCIL, NINA, {"confirmed": True})
    assert not sheet(grades)["reopened"], "what the first council opened again is not open in the second"
    assert give(grades, Anna="5").json()["code"] == "grades.term-locked"


def test_no_mark_slips_past_a_council_that_begins_meanwhile(grades: Running) -> None:
    """Whatever was answered 200 stands before the council in the log, and nothing of the term after it."""
    paths = [opened(grades) for _ in range(12)]
    with ThreadPoolExecutor(8) as crowd:
        saves = [crowd.submit(grades.send, "POST", f"{p}/marks", OLGA, marks((ANNA, "5"))) for p in paths[:6]]
        council = crowd.submit(grades.send, "POST", COUNCIL, NINA, {"confirmed": True})
        saves += [crowd.submit(grades.send, "POST", f"{p}/marks", OLGA, marks((ANNA, "5"))) for p in paths[6:]]
    assert council.result().status_code == 200
    told = [type(event).__name__ for event in grades.events()]
    begun = told.index("CouncilBegun")
    assert "MarksGiven" not in told[begun:]
    assert [save.result().status_code for save in saves].count(200) == told.count("MarksGiven")


def test_a_term_after_which_a_pupil_left_shows_no_stranger(grades: Running) -> None:
    assert str(GLEB) not in {one["pupil_id"] for one in sheet(grades)["pupils"]}
