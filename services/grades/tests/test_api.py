"""The journal of marks as its users meet it: over HTTP, on a real store."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from shared.access import OPERATOR
from shared.contracts.grades import MarkCorrected, MarksGiven, WorkOpened
from shared.contracts.lessons import lesson_id
from shared.testing.school import (
    ALGEBRA,
    ANNA,
    BORIS,
    CHEMISTRY,
    ELSEWHERE,
    GEOMETRY,
    GLEB,
    IGOR,
    MARIA,
    NINA,
    OLGA,
    PAVEL,
    SCHOOL,
    VERA,
    Running,
    day,
)


def new_work(on: int = 15, number: int = 2, kind: str = "lesson", **more: object) -> dict[str, Any]:
    """A work of algebra on that day of September; today is the 15th."""
    place = {"group_id": str(ALGEBRA), "on": day(on).isoformat(), "number": number}
    return {"work_id": str(uuid4()), **place, "kind": kind, "confirmed": True, **more}


def opened(grades: Running, **more: Any) -> str:
    """The path of a work that Olga has just opened."""
    work = new_work(**more)
    answer = grades.send("POST", "/works", OLGA, work)
    assert answer.status_code == 200, answer.text
    return f"/works/{work['work_id']}"


def marks(*cells: tuple[UUID, str]) -> dict[str, Any]:
    return {"marks": [{"pupil_id": str(pupil), "value": value} for pupil, value in cells]}


def change(pupil: UUID, reason: str, value: str | None = None) -> dict[str, Any]:
    return {"pupil_id": str(pupil), "reason": reason, **({"value": value} if value else {})}


def journal(grades: Running, person: UUID = OLGA, first: int = 1, last: int = 30, **more: str) -> httpx.Response:
    days = f"first={day(first)}&last={day(last)}"
    return grades.send("GET", f"/journal?group_id={ALGEBRA}&{days}", person, **more)


def column(grades: Running, path: str) -> dict[str, Any]:
    """The work as Olga's journal shows it."""
    works = journal(grades).json()["works"]
    found: dict[str, Any] = next(work for work in works if path.endswith(work["work_id"]))
    return found


def codes(answer: httpx.Response) -> dict[str, str]:
    """Pointer → code of what was refused."""
    return {error["pointer"]: error["code"] for error in answer.json()["errors"]}


# --- from a lesson to marks


def test_a_work_opened_from_a_lesson_stands_in_the_journal(grades: Running) -> None:
    work = new_work(kind="test", title="Дроби")
    answer = grades.send("POST", "/works", OLGA, work)
    assert answer.status_code == 200
    assert answer.json() == {"stream": work["work_id"], "version": 1, "events": [f"{work['work_id']}:1"]}
    assert answer.headers["etag"] == '"1"'
    shown = column(grades, work["work_id"])
    assert shown == {
        "work_id": work["work_id"], "lesson_id": str(lesson_id(ALGEBRA, day(15), 2)), "on": "2021-09-15", "number": 2,
        "kind": "test", "weight": "2", "scale": "five", "rule": 1, "criteria": [], "title": "Дроби",
        "draft": False, "planned": None, "version": 1, "marks": [],
    }  # fmt: skip


def test_a_saved_column_is_in_the_journal_at_once_with_comment_and_author(grades: Running) -> None:
    path = opened(grades)
    body = marks((ANNA, "4/5"), (BORIS, "осв"))
    body["marks"][0] |= {"comment": "Молодец, и доказательство красивое", "recommendation": "Попробуйте олимпиадные"}
    assert grades.send("POST", f"{path}/marks", OLGA, body).status_code == 200
    cells = {mark["pupil_id"]: mark for mark in column(grades, path)["marks"]}
    anna = cells[str(ANNA)]
    assert (anna["values"], anna["comment"]) == (["4", "5"], "Молодец, и доказательство красивое")
    assert anna["recommendation"] == "Попробуйте олимпиадные"
    assert (anna["by"], anna["was"]) == (str(OLGA), [])
    assert (cells[str(BORIS)]["values"], cells[str(BORIS)]["recommendation"]) == (["exempt"], None)


def test_words_are_sealed_in_the_store(grades: Running) -> None:
    path = opened(grades, title="Контрольная по дробям")
    body = marks((ANNA, "2"))
    body["marks"][0] |= {"comment": "Списывала", "recommendation": "Решать самой"}
    grades.send("POST", f"{path}/marks", OLGA, body)
    grades.send("POST", f"{path}/corrections", OLGA, change(ANNA, "пересдала", "4"))
    stored = "".join(event.model_dump_json() for event in grades.events())
    assert not [word for word in ("Контрольная", "Списывала", "Решать", "пересдала") if word in stored]


def test_a_correction_shows_what_stood_and_why(grades: Running) -> None:
    path = opened(grades)
    grades.send("POST", f"{path}/marks", OLGA, marks((ANNA, "4"), (BORIS, "3")))
    assert grades.send("POST", f"{path}/corrections", OLGA, change(ANNA, "неверно посчитано", "5")).status_code == 200
    grades.send("POST", f"{path}/removals", OLGA, change(BORIS, "не тому ученику"))
    grades.send("POST", f"{path}/marks", OLGA, marks((BORIS, "5")))
    cells = {mark["pupil_id"]: mark for mark in column(grades, path)["marks"]}
    assert cells[str(ANNA)]["values"] == ["5"]
    (was,) = cells[str(ANNA)]["was"]
    assert (was["values"], was["reason"], was["by"]) == (["4"], "неверно посчитано", str(OLGA))
    assert cells[str(BORIS)]["values"] == ["5"]
    assert [(w["values"], w["reason"]) for w in cells[str(BORIS)]["was"]] == [(["3"], "не тому ученику")]
    assert column(grades, path)["version"] == 5


def test_a_removed_mark_leaves_an_empty_cell_with_its_history(grades: Running) -> None:
    path = opened(grades)
    grades.send("POST", f"{path}/marks", OLGA, marks((ANNA, "2")))
    assert grades.send("POST", f"{path}/removals", OLGA, change(ANNA, "")).status_code == 422
    assert grades.send("POST", f"{path}/removals", OLGA, change(ANNA, "ошиблась строкой")).status_code == 200
    (cell,) = column(grades, path)["marks"]
    assert cell["values"] == [] and cell["was"][0]["values"] == ["2"]
    assert grades.send("DELETE", path, OLGA).status_code == 200
    assert not [work for work in journal(grades).json()["works"] if path.endswith(work["work_id"])]


def test_the_average_opens_to_its_sum(grades: Running) -> None:
    for on, kind, value in ((1, "test", "5"), (1, "lesson", "4"), (8, "quiz", "осв")):
        path = opened(grades, on=on, kind=kind)
        grades.send("POST", f"{path}/marks", OLGA, marks((ANNA, value)))
    averages = journal(grades, first=1, last=8).json()["averages"]
    made = averages[str(ANNA)]
    assert (made["average"], made["count"], made["sum"]) == ("4.67", 2, "4×1 + 5×2 = 14; 14 / 3 = 4.67")
    assert (made["weighted_sum"], made["weights"]) == ("14", "3")
    assert made["terms"] == [
        {"value": "4", "points": "4", "weight": "1"}, {"value": "5", "points": "5", "weight": "2"}
    ]  # fmt: skip
    russian = journal(grades, OLGA, 1, 8, **{"Accept-Language": "ru"}).json()["averages"]
    assert russian[str(ANNA)]["sum"] == "4×1 + 5×2 = 14; 14 / 3 = 4,67"


def test_the_head_of_a_column_changes_and_keeps_its_title(grades: Running) -> None:
    path = opened(grades, kind="test", title="Дроби")
    assert grades.send("PATCH", path, OLGA, {"kind": "exam"}, **{"If-Match": '"1"'}).json()["version"] == 2
    shown = column(grades, path)
    assert (shown["kind"], shown["weight"], shown["title"]) == ("exam", "3", "Дроби")
    grades.send("PATCH", path, OLGA, {"weight": 1.5})
    assert column(grades, path)["weight"] == "1.5"
    grades.send("PATCH", path, OLGA, {"title": None})
    assert column(grades, path)["title"] is None
    assert grades.send("PATCH", path, OLGA, {"title": None}).json()["events"] == []
    late = grades.send("PATCH", path, OLGA, {"kind": "quiz"}, **{"If-Match": '"1"'})
    assert (late.status_code, late.json()["facts"]["version"]) == (409, 4)


# --- once for ever


def test_a_repeated_command_gets_the_same_bytes_and_makes_nothing(grades: Running) -> None:
    path, key = opened(grades), uuid4()
    first = grades.http.post(f"{path}/marks", json=marks((ANNA, "5")), headers=grades.headers(OLGA, key))
    grades.send("POST", f"{path}/corrections", OLGA, change(ANNA, "ошибка", "4"))
    again = grades.http.post(f"{path}/marks", json=marks((ANNA, "5")), headers=grades.headers(OLGA, key))
    assert (again.status_code, again.content, again.headers["etag"]) == (200, first.content, first.headers["etag"])
    assert column(grades, path)["version"] == 3
    other = grades.http.post(f"{path}/marks", json=marks((ANNA, "3")), headers=grades.headers(OLGA, key))
    assert (other.status_code, other.json()["code"]) == (422, "key-reused")


def test_one_command_sent_many_times_at_once_makes_one_event(grades: Running) -> None:
    path = opened(grades)
    headers, body = grades.headers(OLGA, uuid4()), marks((ANNA, "5"), (BORIS, "4"))
    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(lambda _: grades.http.post(f"{path}/marks", json=body, headers=headers), range(8)))
    done = {answer.content for answer in answers if answer.status_code == 200}
    assert len(done) == 1
    assert {answer.status_code for answer in answers} <= {200, 409}
    given = [e for e in grades.events() if isinstance(e, MarksGiven) and path.endswith(str(e.work_id))]
    assert len(given) == 1


def test_two_works_of_a_kind_asked_for_at_once_are_not_both_opened_unasked(grades: Running) -> None:
    works = [new_work(number=3, kind="project", confirmed=False) for _ in range(4)]
    with ThreadPoolExecutor(4) as crowd:
        answers = list(crowd.map(lambda work: grades.send("POST", "/works", OLGA, work), works))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


# --- what is refused


@pytest.mark.parametrize(
    ("change", "status", "pointer", "code"),
    [
        ({"kind": ""}, 422, "/kind", "grades.kind-missing"),
        ({"kind": "dance"}, 422, "/kind", "grades.kind-unknown"),
        ({"weight": "тяжёлый"}, 422, "/weight", "grades.weight-mistyped"),
        ({"on": "2021-12-31"}, 422, "/on", "grades.outside-term"),
        ({"on": "2021-13-01"}, 422, "/on", "field.not-date"),
        ({"on": "2021-09-16"}, 422, "/number", "grades.no-such-lesson"),
        ({"on": "2021-09-20"}, 422, "/number", "grades.no-such-lesson"),  # a holiday
        ({"on": "2021-09-06"}, 422, "/number", "grades.lesson-cancelled"),
        ({"number": 4}, 422, "/number", "grades.no-such-lesson"),
        ({"group_id": str(CHEMISTRY)}, 404, "/group_id", "not-found"),
        ({"surprise": 1}, 422, "/surprise", "field.unknown"),
    ],
)
def test_a_work_is_refused_with_its_sentence_at_the_field(
    grades: Running, change: dict[str, str], status: int, pointer: str, code: str
) -> None:
    for language in ("ru", "en"):
        answer = grades.send("POST", "/works", OLGA, new_work() | change, **{"Accept-Language": language})
        assert answer.status_code in (status, 409) and codes(answer) == {pointer: code}
        assert answer.headers["content-language"] == language


def test_a_second_work_of_a_kind_is_warned_about_before_it_is_saved(grades: Running) -> None:
    assert grades.send("POST", "/works", OLGA, new_work(on=1, kind="exam")).status_code == 200
    second = new_work(on=1, kind="exam", confirmed=False)
    answer = grades.send("POST", "/works", OLGA, second)
    assert (answer.status_code, codes(answer)) == (409, {"/kind": "grades.same-kind-in-lesson"})
    assert grades.send("POST", "/works", OLGA, second | {"confirmed": True}).status_code == 200


def test_every_bad_cell_is_named_and_none_is_saved(grades: Running) -> None:
    path = opened(grades, on=1)
    sent = marks((ANNA, "5"), (BORIS, "6"), (VERA, "4"), (GLEB, "н"))
    answer = grades.send("POST", f"{path}/marks", OLGA, sent)
    assert answer.status_code == 422
    assert codes(answer) == {
        "/marks/1/value": "grades.not-on-five-points",
        "/marks/2/pupil_id": "grades.pupil-not-in-class",  # she came on the 10th
        "/marks/3/value": "grades.absence-belongs-to-roll",
    }
    assert column(grades, path)["marks"] == []
    good = grades.send("POST", f"{path}/marks", OLGA, marks((ANNA, "5"), (GLEB, "4")))
    assert good.status_code == 200  # Gleb was in the class until the 7th


def test_a_mark_is_not_given_before_the_lessons_day(grades: Running) -> None:
    path = opened(grades, on=22, kind="exam")  # a coming exam may be announced
    answer = grades.send("POST", f"{path}/marks", OLGA, marks((ANNA, "5")))
    assert (answer.status_code, answer.json()["code"]) == (422, "grades.mark-in-future")
    assert "22.09.2021" in grades.send(
        "POST", f"{path}/marks", OLGA, marks((ANNA, "5")), **{"Accept-Language": "ru"}
    ).json()["detail"]  # fmt: skip


def test_a_mark_that_stands_is_corrected_not_given_anew(grades: Running) -> None:
    path = opened(grades)
    grades.send("POST", f"{path}/marks", OLGA, marks((ANNA, "4")))
    answer = grades.send("POST", f"{path}/marks", OLGA, marks((ANNA, "5")))
    assert (answer.status_code, codes(answer)) == (409, {"/marks/0/value": "grades.already-marked"})
    assert grades.send("POST", f"{path}/marks", OLGA, marks((ANNA, "4"))).json()["events"] == []
    assert grades.send("DELETE", path, OLGA).json()["code"] == "grades.work-has-marks"


# --- who may


def test_only_the_groups_teacher_a_substitute_and_the_office_write(grades: Running) -> None:
    path = opened(grades, on=15)
    for stranger, status in ((IGOR, 403), (MARIA, 404), (PAVEL, 403), (ANNA, 403)):
        answer = grades.send("POST", f"{path}/marks", stranger, marks((ANNA, "5")))
        assert answer.status_code == status, stranger
    assert grades.send("POST", f"{path}/marks", NINA, marks((ANNA, "5"))).status_code == 200
    assert grades.send("POST", f"{path}/marks", OPERATOR, marks((BORIS, "5"))).status_code == 200


def test_a_substitute_marks_the_lesson_he_gave_and_no_other(grades: Running) -> None:
    gave, not_his = new_work(on=8, number=2, kind="quiz"), new_work(on=8, number=3, kind="quiz")
    assert grades.send("POST", "/works", IGOR, gave).status_code == 200
    assert grades.send("POST", f"/works/{gave['work_id']}/marks", IGOR, marks((ANNA, "5"))).status_code == 200
    refused = grades.send("POST", "/works", IGOR, not_his)
    assert (refused.status_code, refused.json()["code"]) == (403, "grades.not-your-lesson")
    assert journal(grades, IGOR, 8, 8).status_code == 200
    assert journal(grades, IGOR, 9, 30).status_code == 403


def test_a_moved_lesson_is_found_on_either_day_and_counts_on_the_new_one(grades: Running) -> None:
    for on, number in ((13, 2), (14, 5)):
        path = opened(grades, on=on, number=number)
        shown = column(grades, path)
        assert (shown["on"], shown["number"]) == ("2021-09-14", 5)
        assert shown["lesson_id"] == str(lesson_id(ALGEBRA, day(13), 2))


def test_the_journal_is_for_staff_of_the_group(grades: Running) -> None:
    for person, status in ((OLGA, 200), (NINA, 200), (OPERATOR, 200), (IGOR, 403), (MARIA, 404), (PAVEL, 403)):
        assert journal(grades, person, 9, 30).status_code == status, person
    wrong = journal(grades, OLGA, 15, 1)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "grades.range-wrong")
    assert grades.http.get(f"/journal?group_id={GEOMETRY}&first=2021-09-01&last=2021-09-30").status_code == 401


# --- the school's rule


def test_a_school_changes_its_rule_and_earlier_columns_keep_theirs(grades: Running) -> None:
    before = opened(grades, on=22, number=3, kind="test")
    hundred = {"scale": "hundred", "kinds": [{"kind": "test", "weight": "2,5"}, {"kind": "lesson", "weight": 1}]}
    path = f"/schools/{SCHOOL}/rule"
    assert grades.send("GET", path, OLGA).json()["rule"] == 1
    for stranger, status in ((MARIA, 404), (PAVEL, 403), (NINA, 200), (OPERATOR, 200)):
        assert grades.send("GET", path, stranger).status_code == status, stranger
    assert grades.send("GET", f"/schools/{OLGA}/rule", OLGA).status_code == 404  # in her scope, but no school
    assert grades.send("PUT", path, OLGA, hundred).status_code == 403
    assert grades.send("PUT", f"/schools/{ELSEWHERE}/rule", NINA, hundred).status_code == 403
    assert grades.send("PUT", path, NINA, hundred).status_code == 200
    try:
        assert grades.send("PUT", path, NINA, hundred).json()["events"] == []
        assert grades.send("GET", path, OLGA).json() == {
            "rule": 2,
            "scale": "hundred",
            "kinds": [{"kind": "test", "weight": "2.5"}, {"kind": "lesson", "weight": "1"}],
            "bounds": [],
            "retakes": "replace",
        }
        after = opened(grades, on=15, number=3, kind="test")
        assert grades.send("POST", f"{after}/marks", OLGA, marks((ANNA, "103"), (BORIS, "99,5"))).status_code == 200
        old, new = column(grades, before), column(grades, after)
        assert (old["scale"], old["weight"], old["rule"]) == ("five", "2", 1)
        assert (new["scale"], new["weight"], new["rule"]) == ("hundred", "2.5", 2)
        assert {m["pupil_id"]: m["values"] for m in new["marks"]} == {str(ANNA): ["103"], str(BORIS): ["99.5"]}
        assert codes(grades.send("POST", "/works", OLGA, new_work(kind="exam"))) == {"/kind": "grades.kind-unknown"}
    finally:
        kinds = ("lesson", "homework", "quiz", "test", "project", "exam")
        back = [{"kind": k, "weight": w} for k, w in zip(kinds, "111223", strict=True)]
        assert grades.send("PUT", path, NINA, {"scale": "five", "kinds": back}).status_code == 200


def test_events_name_who_decided_and_carry_what_was_before(grades: Running) -> None:
    path = opened(grades)
    grades.send("POST", f"{path}/marks", OLGA, marks((ANNA, "4")))
    grades.send("POST", f"{path}/corrections", NINA, change(ANNA, "апелляция", "5"))
    id_ = UUID(path.rpartition("/")[2])
    history = grades.ledger.history(id_, [SCHOOL])
    assert [type(one.event) for one in history] == [WorkOpened, MarksGiven, MarkCorrected]
    assert [one.envelope.actor for one in history] == [OLGA, OLGA, NINA]
    corrected = history[-1].event
    assert isinstance(corrected, MarkCorrected) and (corrected.before, corrected.after) == (("4",), ("5",))
