"""Comments, remarks and signed weeks as families and teachers meet them: over HTTP, on a real store."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.messaging.reactions import ERASED, touched
from services.messaging.tests.conftest import DIRECTOR, DIRECTOR_ELSEWHERE, GALINA, TUTOR
from shared.access import OPERATOR
from shared.testing.rebuilt import before_and_after
from shared.testing.school import ALGEBRA, ANNA, BORIS, GEOMETRY, IGOR, MARIA, NINA, OLGA, PAVEL, SCHOOL, VERA, Running
from shared.testing.web import connect

TODAY, MONDAY = "2021-09-15", "2021-09-13"
DAYS = {"first": "2021-09-01", "last": "2030-01-01"}


def comment(
    messaging: Running,
    by: UUID,
    work: UUID,
    text: str = "Почему?",
    *,
    pupil: UUID = ANNA,
    group: UUID | None = ALGEBRA,
    about: str = "mark",
) -> httpx.Response:
    body = {"comment_id": str(uuid4()), "about": about, "on": "2021-09-08", "text": text}
    path = f"/threads/{work}/{pupil}/comments"
    return messaging.send("POST", path, by, {**body, **({"group_id": str(group)} if group else {})})


def thread(messaging: Running, by: UUID, work: UUID, pupil: UUID = ANNA) -> httpx.Response:
    return messaging.send("GET", f"/threads/{work}/{pupil}", by)


def read(messaging: Running, by: UUID, path: str, **query: Any) -> Any:
    answer = messaging.http.get(path, params={**DAYS, **query}, headers=messaging.headers(by))
    return answer.json() if answer.status_code == 200 else answer.status_code


def remark(messaging: Running, by: UUID = OLGA, pupil: UUID = ANNA, **more: Any) -> httpx.Response:
    body = {"remark_id": str(uuid4()), "pupil_id": str(pupil), "kind": "remark", "on": TODAY, "shown": True}
    return messaging.send("POST", "/remarks", by, {**body, "text": "Болтала на уроке", **more})


def made(messaging: Running, by: UUID = OLGA, **more: Any) -> str:
    answer = remark(messaging, by, **more)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["stream"])


def texts(messaging: Running, by: UUID, pupil: UUID = ANNA) -> dict[str, str]:
    """What he reads of the pupil, by remark."""
    found = read(messaging, by, "/remarks", pupil_id=pupil)
    return {one["remark_id"]: one["text"] for one in found["remarks"]}


def test_teacher_and_guardian_write_beside_a_mark_and_each_reads_the_other(messaging: Running) -> None:
    work = uuid4()
    assert comment(messaging, PAVEL, work, "Почему три?").status_code == 200
    assert comment(messaging, OLGA, work, "Две ошибки").status_code == 200
    for reader in (PAVEL, OLGA, NINA, TUTOR):
        found = thread(messaging, reader, work).json()["comments"]
        assert [(one["author"], one["text"]) for one in found] == [("guardian", "Почему три?"), ("staff", "Две ошибки")]
    assert [one["author_name"] for one in found] == ["Ёлкин Павел", "Иванова Ольга"]


@pytest.mark.parametrize("stranger", [ANNA, VERA, IGOR, MARIA, GALINA, DIRECTOR_ELSEWHERE, OPERATOR])
def test_nobody_else_reads_or_writes_it(messaging: Running, stranger: UUID) -> None:
    work, before = uuid4(), len(messaging.events())
    assert comment(messaging, PAVEL, work).status_code == 200
    assert thread(messaging, stranger, work).status_code == 404
    assert comment(messaging, stranger, work).status_code == 404
    assert len(messaging.events()) == before + 1


def test_a_teacher_reads_what_stands_beside_his_own_groups_records_alone(messaging: Running) -> None:
    algebra, geometry = uuid4(), uuid4()
    comment(messaging, PAVEL, algebra, "Об алгебре")
    comment(messaging, PAVEL, geometry, "О геометрии", group=GEOMETRY)

    def said(by: UUID) -> set[str]:
        found = read(messaging, by, "/comments", pupil_id=ANNA)["comments"]
        return {one["text"] for one in found} & {"Об алгебре", "О геометрии"}

    assert [said(by) for by in (OLGA, IGOR, PAVEL, DIRECTOR)] == [
        {"Об алгебре"}, {"О геометрии"}, {"Об алгебре", "О геометрии"}, {"Об алгебре", "О геометрии"}
    ]  # fmt: skip
    counts = read(messaging, IGOR, "/threads", pupil_id=ANNA)["threads"]
    assert str(geometry) in {one["object_id"] for one in counts}
    assert str(algebra) not in {one["object_id"] for one in counts}
    assert str(algebra) in {one["object_id"] for one in read(messaging, OLGA, "/threads", group_id=ALGEBRA)["threads"]}
    assert read(messaging, IGOR, "/threads", group_id=ALGEBRA) == 404


def test_comments_are_chosen_by_kind_of_author_and_by_day(messaging: Running) -> None:
    work = uuid4()
    comment(messaging, PAVEL, work, "Родитель")
    comment(messaging, OLGA, work, "Учитель")

    def said(**query: Any) -> set[str]:
        found = read(messaging, PAVEL, "/comments", pupil_id=ANNA, **query)["comments"]
        return {one["text"] for one in found if one["object_id"] == str(work)}

    assert (said(author="staff"), said(author="guardian"), said()) == (
        {"Учитель"}, {"Родитель"}, {"Учитель", "Родитель"},
    )  # fmt: skip
    assert said(last="2021-09-01") == set()


def test_a_comment_is_of_a_group_in_which_the_child_learns(messaging: Running) -> None:
    for group in (None, uuid4()):
        assert comment(messaging, OLGA, uuid4(), group=group).status_code == 404
    assert comment(messaging, OLGA, uuid4(), pupil=BORIS, group=GEOMETRY).status_code == 404
    assert comment(messaging, OLGA, uuid4(), about="remark", group=None).status_code == 404


def test_what_a_teacher_shows_at_once_the_family_reads_at_once(messaging: Running) -> None:
    one = made(messaging, kind="praise", text="Помогла классу", group_id=str(ALGEBRA))
    for reader in (PAVEL, ANNA, OLGA, IGOR, NINA):
        assert texts(messaging, reader)[one] == "Помогла классу"
    assert [read(messaging, by, "/remarks", pupil_id=ANNA) for by in (MARIA, GALINA, VERA)] == [404] * 3


def test_what_waits_is_read_by_its_author_and_by_who_words_it_and_by_the_family_in_those_words(
    messaging: Running,
) -> None:
    one = made(messaging, kind="incident", text="Подралась", shown=False)
    assert all(one in texts(messaging, by) for by in (OLGA, TUTOR, NINA, DIRECTOR))
    assert not any(one in texts(messaging, by) for by in (PAVEL, ANNA, IGOR))
    assert one in {row["remark_id"] for row in read(messaging, TUTOR, "/remarks/waiting")["remarks"]}
    assert one not in {row["remark_id"] for row in read(messaging, OLGA, "/remarks/waiting")["remarks"]}
    words = {"text": "Поссорилась на перемене; помирились"}
    for stranger in (OLGA, IGOR, MARIA, PAVEL):
        assert messaging.send("POST", f"/remarks/{one}/showing", stranger, words).status_code in (403, 404)
    assert messaging.send("POST", f"/remarks/{one}/showing", TUTOR, words).status_code == 200
    assert texts(messaging, PAVEL)[one] == texts(messaging, ANNA)[one] == words["text"]
    found = {row["remark_id"]: row["written"] for row in read(messaging, OLGA, "/remarks", pupil_id=ANNA)["remarks"]}
    assert found[one] == "Подралась"
    family = {row["remark_id"]: row["written"] for row in read(messaging, PAVEL, "/remarks", pupil_id=ANNA)["remarks"]}
    assert family[one] is None, "the author's words stay in the school"
    assert one not in {row["remark_id"] for row in read(messaging, TUTOR, "/remarks/waiting")["remarks"]}


def test_what_waits_is_changed_by_its_author_and_the_tutor_words_what_stands(messaging: Running) -> None:
    one = made(messaging, kind="incident", text="Подралась", shown=False)
    other = {"text": "Подралась на перемене"}
    for stranger in (TUTOR, DIRECTOR, IGOR, MARIA, PAVEL):
        assert messaging.send("PUT", f"/remarks/{one}", stranger, other).status_code in (403, 404)
    assert messaging.send("PUT", f"/remarks/{one}", OLGA, {"text": " "}).status_code == 422
    assert messaging.send("PUT", f"/remarks/{one}", OLGA, other, **{"If-Match": '"1"'}).status_code == 200

    def row(by: UUID) -> Any:
        found = read(messaging, by, "/remarks", pupil_id=ANNA)["remarks"]
        return next(row for row in found if row["remark_id"] == one)

    assert (row(TUTOR)["text"], row(TUTOR)["version"], row(TUTOR)["written"]) == (other["text"], 2, None)
    assert row(TUTOR)["reworded_at"] is not None
    assert one not in texts(messaging, PAVEL)
    words = {"text": "Поссорилась"}
    late = messaging.send("POST", f"/remarks/{one}/showing", TUTOR, words, **{"If-Match": '"1"'})
    assert (late.status_code, late.json()["code"]) == (409, "concurrent-change"), "he has not read what stands"
    assert messaging.send("POST", f"/remarks/{one}/showing", TUTOR, words, **{"If-Match": '"2"'}).status_code == 200
    assert (row(OLGA)["text"], row(OLGA)["written"]) == (words["text"], other["text"])
    assert (row(PAVEL)["written"], row(PAVEL)["reworded_at"]) == (None, None), "what stays in the school"
    after = messaging.send("PUT", f"/remarks/{one}", OLGA, other)
    assert (after.status_code, after.json()["code"]) == (409, "messaging.remark-is-shown")


def test_what_is_taken_back_the_family_reads_no_more(messaging: Running) -> None:
    one = made(messaging)
    why = {"reason": "Не тот ученик"}
    assert messaging.send("POST", f"/remarks/{one}/withdrawal", IGOR, why).status_code == 404
    assert messaging.send("POST", f"/remarks/{one}/withdrawal", OLGA, {"reason": " "}).status_code == 422
    assert messaging.send("POST", f"/remarks/{one}/withdrawal", OLGA, why).status_code == 200
    assert one not in texts(messaging, PAVEL)
    (row,) = [r for r in read(messaging, OLGA, "/remarks", pupil_id=ANNA)["remarks"] if r["remark_id"] == one]
    assert (row["reason"], row["withdrawn_at"] is not None) == ("Не тот ученик", True)


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"text": " "}, "/text", "messaging.text-missing"),
        ({"text": "а" * 5000}, "/text", "messaging.text-too-long"),
        ({"on": "2021-09-16"}, "/on", "messaging.remark-in-future"),
        ({"on": "2021-08-01"}, "/on", "messaging.remark-too-long-ago"),
    ],
)
def test_what_is_wrong_with_a_remark_is_said_at_its_field(
    messaging: Running, change: dict[str, Any], pointer: str, code: str
) -> None:
    answer = remark(messaging, **change)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)


def test_remarks_are_made_by_those_who_teach_the_child_or_run_its_school(messaging: Running) -> None:
    assert [remark(messaging, by).status_code for by in (OLGA, IGOR, NINA, DIRECTOR)] == [200] * 4
    assert remark(messaging, PAVEL).status_code == 403
    assert [remark(messaging, by).status_code for by in (MARIA, DIRECTOR_ELSEWHERE)] == [404, 404]
    assert remark(messaging, OLGA, BORIS, group_id=str(GEOMETRY)).status_code == 404


def test_comments_stand_beside_a_remark_too(messaging: Running) -> None:
    one = UUID(made(messaging))
    assert comment(messaging, PAVEL, one, "Поговорим дома", about="remark", group=None).status_code == 200
    assert thread(messaging, OLGA, one).json()["comments"][0]["on"] == TODAY
    assert thread(messaging, IGOR, one).status_code == 404


def sign(messaging: Running, by: UUID, monday: str = MONDAY, pupil: UUID = ANNA) -> httpx.Response:
    return messaging.send("PUT", f"/signatures/{pupil}/{monday}", by, {})


def test_a_week_is_signed_with_one_button_and_its_teachers_see_it(messaging: Running) -> None:
    assert sign(messaging, PAVEL).status_code == 200
    assert sign(messaging, PAVEL).status_code == 200, "once more: as it stands now"
    for query in ({"pupil_id": ANNA}, {"group_id": ALGEBRA}):
        (one,) = read(messaging, OLGA, "/signatures", **query)["signatures"]
        assert (one["monday"], one["by_name"]) == (MONDAY, "Ёлкин Павел")
    assert read(messaging, MARIA, "/signatures", pupil_id=ANNA) == 404
    assert read(messaging, IGOR, "/signatures", group_id=ALGEBRA) == 404


def test_only_who_may_act_for_the_child_signs_and_only_weeks_that_began(messaging: Running) -> None:
    assert sign(messaging, GALINA, pupil=BORIS).status_code == 404
    assert sign(messaging, OLGA).status_code == 403
    for monday, code in (("2021-09-14", "messaging.no-week"), ("2021-09-20", "messaging.week-to-come")):
        answer = sign(messaging, PAVEL, monday)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)


def test_the_portal_is_told_whose_pages_change(messaging: Running) -> None:
    with connect(messaging.settings, "messaging", "worker") as worker:
        seen = messaging.ledger.history(UUID(made(messaging)), [SCHOOL])
        assert set(touched(worker, seen)) >= {str(ANNA), str(PAVEL)}
        hidden = messaging.ledger.history(UUID(made(messaging, shown=False)), [SCHOOL])
        assert not {str(ANNA), str(PAVEL)} & set(touched(worker, hidden))


def test_the_command_makes_the_records_anew(messaging: Running) -> None:
    comment(messaging, PAVEL, uuid4())
    made(messaging, shown=False)
    sign(messaging, PAVEL)
    before, after = before_and_after(messaging.settings, messaging.service)
    assert after == before and before["comments"] and before["remarks"] and before["signatures"]


def test_an_authors_remark_of_anothers_lesson_is_his_to_talk_about(messaging: Running) -> None:
    one = UUID(made(messaging, by=IGOR, group_id=str(ALGEBRA)))
    assert comment(messaging, PAVEL, one, "Что случилось?", about="remark", group=None).status_code == 200
    assert [said["text"] for said in thread(messaging, IGOR, one).json()["comments"]] == ["Что случилось?"]


def test_a_destroyed_childs_records_lose_their_words_and_stay(messaging: Running) -> None:
    pupil = uuid4()
    with connect(messaging.settings, "messaging", "worker") as conn, conn.transaction(force_rollback=True):
        place = {"thread": uuid4(), "school": SCHOOL, "pupil": pupil, "by": OLGA}
        conn.execute(
            """INSERT INTO comments VALUES (%(thread)s, %(thread)s, 1, %(school)s, 'mark', %(thread)s, %(pupil)s, NULL,
               '2021-09-08', %(by)s, 'staff', 'слова', now())""", place,
        )  # fmt: skip
        conn.execute(
            """INSERT INTO remarks (remark_id, school_id, pupil_id, kind, on_date, author_id, at, written, text)
               VALUES (%(thread)s, %(school)s, %(pupil)s, 'remark', '2021-09-08', %(by)s, now(), 'слова', 'иные')""",
            place,
        )
        for statement in ERASED:
            conn.execute(statement, {"people": [pupil]})
        left = conn.execute("SELECT text FROM comments WHERE pupil_id = %s", [pupil]).fetchall()
        left += conn.execute("SELECT written || text FROM remarks WHERE pupil_id = %s", [pupil]).fetchall()
        assert left == [("",), ("",)]
