"""The audit journal, the pages as they stood, and who looked at them."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.reporting import export, history, readings
from services.reporting.tests.test_pages import TEST, get, project, said, streams, week
from shared.contracts import Event
from shared.contracts.grades import KindOfWork, MarkCorrected, RuleSet, WorkChanged
from shared.contracts.lessons import Bell, BellsOfDay, BellsSet, Cycle, Holiday, HolidaysSet, TimetableSet
from shared.contracts.roster import FamilySet, RoleHeld, RolesSet, Tie
from shared.testing.school import (
    ANNA,
    BORIS,
    CLASS,
    DISTRICT,
    FIRST,
    IGOR,
    LAST,
    MARIA,
    NINA,
    OLGA,
    PAVEL,
    SCHOOL,
    VERA,
    Running,
    day,
    id_of,
    learn,
    received,
)
from shared.testing.web import connect

HEAD, CHIEF = id_of("Galina, who runs the school"), id_of("Denis of the district")
BEGAN = datetime(2021, 9, 15, 9, tzinfo=UTC)
NOW: dict[str, Any] = {"first": day(13), "last": day(19)}


def rule(number: int, weight: str) -> RuleSet:
    kind = KindOfWork(kind="test", weight=weight)
    return RuleSet(school_id=SCHOOL, rule=number, scale="five", kinds=(kind,))


def role(person: UUID, name: str, school: UUID) -> RolesSet:
    held = RoleHeld.model_validate({"role": name, "school_id": school, "starts": FIRST, "ends": LAST})
    return RolesSet(person_id=person, roles=(held,))


@pytest.fixture(scope="module")
def told(reporting: Running) -> Running:
    """The events of test_pages, a minute apart since 9:00 on the 15th, and what is decided about a school."""
    learn(
        reporting.settings, reporting.service, [role(HEAD, "administrator", SCHOOL), role(CHIEF, "officer", DISTRICT)]
    )
    project(reporting, list(streams().values()))
    column = WorkChanged(work_id=TEST, school_id=SCHOOL, kind="exam", weight="3", title=said("=1+1"))
    family = FamilySet(pupil_id=ANNA, ties=(Tie(guardian_id=PAVEL, relation="parent", rights=("see",)),))
    events = received([rule(2, "2"), rule(3, "4")], "grades") + received([column], "grades")
    rights = received([role(ANNA, "pupil", SCHOOL), family])
    with connect(reporting.settings, "reporting", "worker") as conn, conn.transaction():
        for number, one in enumerate((*events, *rights)):
            later = replace(
                one.envelope,
                id=f"{one.envelope.subject}:{number + 50}",
                time=BEGAN + timedelta(hours=1, minutes=number),
            )
            history.apply(conn, [replace(one, envelope=later)])
    return reporting


def operations(running: Running, who: UUID = HEAD, path: str = "/audit", **query: Any) -> list[dict[str, Any]]:
    asked = {**({"school_id": SCHOOL} if path == "/audit" else {}), **NOW, **query}
    found: list[dict[str, Any]] = get(running, path, who, **asked)["operations"]
    return found


def test_the_journal_of_a_school_has_every_operation_the_newest_first(told: Running) -> None:
    found = operations(told)
    names = [one["type"].split(".")[2] for one in found]
    assert names[:3] == ["work-changed", "rule-set", "rule-set"]
    assert {"marks-given", "mark-corrected", "mark-removed", "roll-taken", "presence-corrected", "topic-written"} <= {
        *names
    }
    assert [one["at"] for one in found] == sorted((one["at"] for one in found), reverse=True)
    roll = found[names.index("roll-taken")]
    assert (roll["by"], roll["group"], roll["on"]) == (str(OLGA), "Алгебра", "2021-09-15")
    assert all(entry["after"]["state"] == "absent" for entry in roll["entries"][:1])


def test_what_tells_the_whole_of_a_thing_shows_what_stood_before(told: Running) -> None:
    changed, third, second = operations(told)[:3]
    (column,) = changed["entries"]
    assert (column["before"]["kind"], column["after"]["kind"]) == ("test", "exam")
    assert (second["entries"][0]["before"], second["entries"][0]["after"]["kinds"]) == (None, ["test × 2"])
    assert third["entries"][0]["before"]["kinds"] == ["test × 2"]


def test_pages_of_the_journal_join_without_a_gap(told: Running) -> None:
    whole = operations(told)
    parts: list[Any] = []
    before = None
    while True:
        answer = get(told, "/audit", HEAD, school_id=SCHOOL, size=3, **NOW, **({"before": before} if before else {}))
        parts += answer["operations"]
        before = answer["next"] and answer["next"].replace("+", "%2B")
        if before is None:
            break
    assert parts == whole and len(whole) > 6


def test_the_journal_is_asked_by_person_by_author_and_by_type(told: Running) -> None:
    of_boris = operations(told, person_id=BORIS)
    assert {entry["pupil_id"] for one in of_boris for entry in one["entries"]} <= {str(BORIS), None} and of_boris
    assert operations(told, by_id=IGOR) == []
    only = operations(told, types=MarkCorrected.TYPE)
    assert [one["type"] for one in only] == [MarkCorrected.TYPE]
    assert operations(told, first=day(16)) == []


def test_who_has_which_right_stands_in_the_journal_of_the_person(told: Running) -> None:
    found = operations(told, person_id=ANNA)
    family = next(one for one in found if one["type"] == FamilySet.TYPE)
    assert family["entries"][1]["object_id"] == str(PAVEL)
    assert family["entries"][1]["after"] == {"relation": "parent", "rights": ["see"]}


def test_a_family_reads_the_journal_of_its_child_and_of_no_other(told: Running) -> None:
    found = operations(told, PAVEL, "/changes", pupil_id=ANNA)
    assert MarkCorrected.TYPE in {one["type"] for one in found}
    assert {entry["pupil_id"] for one in found for entry in one["entries"]} <= {str(ANNA), None}
    get(told, "/changes", PAVEL, 404, pupil_id=BORIS, **NOW)


@pytest.mark.parametrize(("who", "status"), [(CHIEF, 200), (NINA, 403), (OLGA, 403), (PAVEL, 403), (MARIA, 403)])
def test_the_schools_journal_is_for_those_who_run_it(told: Running, who: UUID, status: int) -> None:
    get(told, "/audit", who, status, school_id=SCHOOL, **NOW)


def test_nobody_is_asked_for_who_was_never_at_the_school(told: Running) -> None:
    get(told, "/audit", HEAD, 404, school_id=SCHOOL, person_id=MARIA, **NOW)
    get(told, "/audit", HEAD, 404, school_id=id_of("other school"), **NOW)


def test_the_file_says_the_same_and_nothing_in_it_is_a_formula(told: Running) -> None:
    answer = told.http.get(f"/audit.csv?school_id={SCHOOL}&first={day(13)}&last={day(19)}", headers=told.headers(HEAD))
    assert answer.headers["content-disposition"].startswith("attachment") and answer.text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == sum(len(one["entries"]) for one in operations(told))
    corrected = next(row for row in rows if row["type"] == MarkCorrected.TYPE)
    assert (corrected["before"], corrected["after"], corrected["pupil"]) == ("values: 4", "values: 5", "Ёлкина Анна")
    assert export.cell("=1+1") == "'=1+1" and export.cell("＝1") == "'＝1" and export.cell("4/5") == "4/5"


def test_who_takes_file_after_file_away_is_stopped_and_each_is_written_down(told: Running) -> None:
    path = f"/audit.csv?school_id={SCHOOL}&first={day(13)}&last={day(19)}"
    statuses = [told.http.get(path, headers=told.headers(CHIEF)).status_code for _ in range(readings.FILES + 2)]
    assert statuses == [200] * readings.FILES + [429] * 2
    with connect(told.settings, "reporting", "worker") as conn:
        rows = conn.execute("SELECT school_id, operations FROM exports WHERE by_id = %s", [CHIEF]).fetchall()
    assert rows == [(SCHOOL, len(operations(told)))] * readings.FILES


def shown(running: Running, path: str, at: datetime | None = None) -> Any:
    query: dict[str, Any] = {"as_of": at.isoformat().replace("+", "%2B")} if at else {}
    return week(running, path, **query)


def second_lesson(diary: Any) -> Any:
    return next(day["lessons"][0] for day in diary["days"] if day["on"] == "2021-09-15")


def test_the_diary_is_shown_as_it_stood(told: Running) -> None:
    """Works at 9:00 and 9:01, marks at 9:02 and 9:03, the correction at 9:04; roll 9:00, corrected 9:01; topic 9:00."""
    at = {minute: shown(told, "/diary", BEGAN + timedelta(minutes=minute)) for minute in (-1, 0, 2, 4)}
    before = second_lesson(at[-1])
    assert (before["marks"], before["attendance"], before["topic"]) == ([], None, None)
    assert second_lesson(at[0])["attendance"]["state"] == "absent" and second_lesson(at[0])["topic"] == "Дроби"
    given = second_lesson(at[2])["marks"][0]
    assert (given["values"], given["was"], given["kind"]) == (["4"], [], "test")
    corrected = second_lesson(at[4])["marks"][0]
    assert (corrected["values"], corrected["was"][0]["values"]) == (["5"], ["4"])
    assert second_lesson(at[4])["attendance"]["state"] == "late"


@pytest.mark.parametrize("path", ["/diary", "/marks", "/attendance"])
def test_as_it_stands_now_is_what_the_page_shows(told: Running, path: str) -> None:
    """Both ways of reading say the same of the present moment; the column was only changed in the journal above."""
    then, now = shown(told, path, BEGAN + timedelta(minutes=30)), shown(told, path)
    if path == "/diary":  # the lesson that was moved here was moved later than that
        then, now = second_lesson(then), second_lesson(now)
    assert then == now


def test_a_cancellation_decided_later_is_not_in_the_earlier_page(told: Running) -> None:
    path = f"/diary?pupil_id={ANNA}&first={day(6)}&last={day(6)}"
    assert told.http.get(path, headers=told.headers(PAVEL)).json()["days"][0]["lessons"][0]["cancelled"]
    earlier = told.http.get(f"{path}&as_of=2021-09-01T00:00:00Z", headers=told.headers(PAVEL)).json()
    assert not earlier["days"][0]["lessons"][0]["cancelled"]


def test_a_moment_without_a_zone_is_refused_at_its_field(told: Running) -> None:
    problem = week(told, "/diary", as_of="2021-09-15T12:00:00", status=422)
    assert problem["errors"][0]["pointer"] == "/as_of"


def read_by(running: Running, who: UUID, status: int = 200) -> list[dict[str, Any]]:
    today = datetime.now(UTC).date()
    found = get(running, "/readings", who, status, pupil_id=ANNA, first=today - timedelta(days=1), last=today)
    return found["readings"] if status == 200 else []


def test_a_parent_sees_who_looked_at_the_childs_pages_and_when(told: Running) -> None:
    week(told, "/diary", who=OLGA)
    week(told, "/diary", who=OLGA)
    week(told, "/marks", who=NINA)
    week(told, "/marks", who=ANNA)
    looked = {(one["by"], one["page"]): one for one in read_by(told, PAVEL)}
    assert looked[str(OLGA), "diary"]["near"] and looked[str(OLGA), "diary"]["times"] == 1
    assert not looked[str(NINA), "marks"]["near"]
    assert str(ANNA) not in {by for by, _ in looked}, "her own look is nobody's business"
    assert read_by(told, HEAD)
    read_by(told, OLGA, 404)
    opened = get(told, f"/readers/{NINA}", CHIEF, since=datetime.now(UTC).date() - timedelta(days=1))["opened"]
    assert [(one["pupil_id"], one["page"]) for one in opened] == [(str(ANNA), "marks")]


def test_who_opens_very_many_pupils_whom_he_does_not_teach_is_stopped(
    told: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "MOST", 2)
    for pupil in CLASS[:2]:
        week(told, "/attendance", pupil, who=HEAD)
    problem = week(told, "/attendance", VERA, who=HEAD, status=429)
    assert problem["code"] == "reporting.too-many-pupils"
    week(told, "/attendance", CLASS[0], who=HEAD)  # those already open stay so
    for pupil in CLASS:
        week(told, "/attendance", pupil, who=OLGA)  # a teacher goes on with her class


def test_old_lines_are_forgotten(told: Running) -> None:
    week(told, "/diary", who=NINA)
    with connect(told.settings, "reporting", "migrate") as conn:
        conn.execute("ALTER TABLE readings NO FORCE ROW LEVEL SECURITY")
        conn.execute("UPDATE readings SET on_date = on_date - 401 WHERE by_id = %s AND page = 'diary'", [NINA])
        conn.execute("ALTER TABLE readings FORCE ROW LEVEL SECURITY")
    with connect(told.settings, "reporting", "worker") as conn:
        readings.forget(conn)
    assert (str(NINA), "diary") not in {(one["by"], one["page"]) for one in read_by(told, PAVEL)}


def test_a_plan_is_told_with_its_shortened_days_its_cycle_and_whose_holidays_they_are(told: Running) -> None:
    on = day(15)
    rung, short = Bell(number=1, starts="08:30", ends="09:15"), Bell(number=1, starts="08:30", ends="09:00")
    span = {"starts": on, "ends": on}
    plan: list[Event] = [
        BellsSet(school_id=SCHOOL, bells=(rung,), days=(BellsOfDay(on=on, bells=(short,)),)),
        HolidaysSet(school_id=SCHOOL, holidays=(Holiday(**span, title="Каникулы", groups=(TEST,)),)),
        TimetableSet(school_id=SCHOOL, **span, anchor=on, slots=(), cycle=Cycle(days=6, weekdays=(1, 2, 3, 4, 5))),
    ]
    with connect(told.settings, "reporting", "worker") as conn, conn.transaction():
        for number, one in enumerate(received(plan, "lessons")):
            id_, at = f"{one.envelope.subject}:{number + 90}", BEGAN + timedelta(hours=2)
            history.apply(conn, [replace(one, envelope=replace(one.envelope, id=id_, time=at))])
    after: dict[str, Any] = {}
    for event in plan:
        after |= operations(told, types=event.TYPE)[0]["entries"][0]["after"]  # the newest of its type
    assert after["bells"] == ["1: 08:30-09:15", "2021-09-15 1: 08:30-09:00"]
    assert after["holidays"] == ["Каникулы 2021-09-15 - 2021-09-15 (1)"]
    assert after["cycle"] == "6, 2021-09-15"
