"""Imports over HTTP: what comes in, what a repeat does, what a change changes, what a crash leaves."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from threading import Event
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.roster import api, imports, staging, views
from services.roster.main import SERVICE
from services.roster.tests.conftest import GRANDBEND, OCTOBER, Roster, bundle, differences, edited, known_as
from shared.access import OPERATOR
from shared.eventstore import Intent, Ledger
from shared.postgres import Conn, scoped
from shared.sealed import NoAnswer
from shared.testing.rebuilt import before_and_after

NOTHING_LEFT = ("staged", "wanted", "import_held")


def published() -> bytes:
    return GRANDBEND.read_bytes()


def test_the_published_district_comes_in_whole_and_again_changes_nothing(roster: Roster) -> None:
    packed = published()
    first = roster.send(packed, time_zone="America/Chicago").json()
    assert first["state"] == "applied" and first["errors"] == []
    assert first["counts"] == {
        "schools": 4, "years": 1, "groups": 520, "enrolments": 520, "persons": 2900, "roles": 2900, "families": 960,
    }  # fmt: skip
    assert roster.count("enrolments") == 13959  # one row stands twice in the file
    assert roster.count("family") == 1872
    events = roster.count("events")
    again = roster.send(packed, time_zone="America/Chicago").json()
    assert again["state"] == "unchanged" and differences(again) == {}
    assert roster.count("events") == events
    assert all(roster.count(table) == 0 for table in NOTHING_LEFT)


def test_a_dry_run_says_what_would_change_and_changes_nothing(roster: Roster) -> None:
    report = roster.imported(bundle(), dry_run=True)
    assert report["state"] == "checked" and report["dry_run"] is True
    assert differences(report) == {
        "schools": {"added": 3}, "years": {"added": 1}, "groups": {"added": 2}, "enrolments": {"added": 2},
        "persons": {"added": 10}, "roles": {"added": 10}, "families": {"added": 2},
    }  # fmt: skip
    assert roster.count("events") == 0 and roster.count("persons") == 0
    assert all(roster.count(table) == 0 for table in NOTHING_LEFT)


CHANGES: dict[str, tuple[dict[str, str | bytes | None], dict[str, dict[str, int]]]] = {
    "a surname": (edited("users.csv", ("Жукова,,102", "Жукова-Белова,,102")), {"persons": {"changed": 1}}),
    "a room": (edited("classes.csv", ("scheduled,12", "scheduled,14")), {"groups": {"changed": 1}}),
    "a subject": (edited("courses.csv", ("ИЗО", "Живопись")), {"groups": {"changed": 1}}),
    "a guardian gone": (edited("users.csv", ('"m1,f1"', "m1")), {"families": {"changed": 1}}),
    "a parent who becomes a relative": (
        edited("roles.csv", ("m1,primary,parent", "m1,primary,relative")),
        {"families": {"changed": 1}},
    ),
    "a teacher leaves": (
        edited("enrollments.csv", ("e1,,,7A,S1,t1,teacher,true,,\n", "")),
        {"enrolments": {"changed": 1}},
    ),
    "a new term": (
        edited("academicSessions.csv", ("Q2,,,", "Q3,,,III четверть,term,2022-01-10,2022-03-20,Y,2022\nQ2,,,")),
        {"years": {"changed": 1}},
    ),
    "a class gone": (
        edited("classes.csv", ("5B,,,5Б ИЗО,,ART,,scheduled,3,S2,Y,,,\n", ""))
        | edited("enrollments.csv", ("e4,,,5B,S2,t2,teacher,true,,\ne5,,,5B,S2,p3,student,false,,\n", "")),
        {"groups": {"removed": 1}},
    ),
    "a person gone": (
        edited("users.csv", ("a1,,,true,a1,,Инна,Директорова,,701,,,,,,\n", ""))
        | edited("roles.csv", ("r9,,,a1,primary,principal,,,S1,\n", "")),
        {"roles": {"changed": 1}},
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_bundle_makes_only_the_events_of_what_changed(district: Roster, what: str) -> None:
    change, expected = CHANGES[what]
    events = district.count("events")
    report = district.imported(bundle(change))
    assert (report["state"], differences(report)) == ("applied", expected)
    assert district.count("events") == events + 2  # the change, and that the import is applied
    assert district.imported(bundle(change))["state"] == "unchanged"


def test_going_back_to_the_first_bundle_brings_a_closed_class_back(district: Roster) -> None:
    before = district.shown()
    district.imported(bundle(CHANGES["a class gone"][0]))
    assert district.imported(bundle())["state"] == "applied"
    assert district.shown()["groups"] == before["groups"]


def test_a_pupil_who_left_stays_on_the_list_until_the_day_before(district: Roster) -> None:
    change = edited("enrollments.csv", ("e2,,,7A,S1,p1,student,false,,\n", ""))
    district.imported(bundle(change))
    with district.admin() as conn:
        rows = conn.execute("SELECT starts, ends FROM enrolments WHERE person_id = %s", [known_as("p1")]).fetchall()
    assert [(str(starts), str(ends)) for starts, ends in rows] == [("2021-09-01", "2021-10-03")]
    assert district.imported(bundle(change))["state"] == "unchanged"


def test_a_broken_bundle_changes_nothing_and_says_where_in_both_languages(district: Roster) -> None:
    events = district.count("events")
    broken = bundle(edited("enrollments.csv", ("e3,,,7A,S1,p2", "e3,,,7A,S1,nobody")))
    answer = district.send(broken, district.as_operator() | {"Accept-Language": "en"})
    assert answer.status_code == 200 and answer.json()["state"] == "refused"
    assert answer.json()["errors"] == [
        {
            "file": "enrollments.csv", "line": 4, "field": "userSourcedId", "code": "csv.unknown-reference",
            "text": "«nobody» is not in users.csv.",
        }
    ]  # fmt: skip
    import_id = answer.json()["import_id"]
    again = district.client.get(f"/imports/{import_id}", headers=district.as_operator() | {"Accept-Language": "ru"})
    assert again.json()["errors"][0]["text"] == "«nobody» нет в users.csv."
    assert district.count("events") == events


CROSS: dict[str, tuple[dict[str, str | bytes | None], tuple[str, int, str, str]]] = {
    "an id twice": (
        edited("users.csv", ("t2,,,true", "t1,,,true")),
        ("users.csv", 3, "sourcedId", "csv.duplicate-id"),
    ),
    "an unknown term": (
        edited("classes.csv", ('"Q1,Q2"', '"Q1,Q9"')),
        ("classes.csv", 2, "termSourcedIds", "csv.unknown-reference"),
    ),
    "an unknown guardian": (
        edited("users.csv", ('"m1,f1"', '"m1,zz"')),
        ("users.csv", 4, "agentSourcedIds", "csv.unknown-reference"),
    ),
    "demographics of nobody": (
        edited("demographics.csv", ("p1,", "p9,")),
        ("demographics.csv", 2, "sourcedId", "csv.unknown-reference"),
    ),
    "no district": (
        edited("orgs.csv", ("Город,district", "Город,local")),
        ("orgs.csv", 0, "type", "roster.one-district"),
    ),
    "two districts": (
        edited("orgs.csv", ("Школа № 2,school", "Школа № 2,district")),
        ("orgs.csv", 0, "type", "roster.one-district"),
    ),
    "a class of another school": (
        edited("enrollments.csv", ("e5,,,5B,S2", "e5,,,5B,S1")),
        ("enrollments.csv", 6, "schoolSourcedId", "roster.wrong-school"),
    ),
    "a class of the district's office": (
        edited("classes.csv", ("scheduled,3,S2", "scheduled,3,D")),
        ("classes.csv", 3, "schoolSourcedId", "csv.bad-choice"),
    ),
    "a term of no year": (
        edited("academicSessions.csv", ("2021-12-28,Y", "2021-12-28,Q2")),
        ("classes.csv", 2, "termSourcedIds", "roster.no-year"),
    ),
}


@pytest.mark.parametrize("what", CROSS)
def test_what_two_rows_say_must_agree(roster: Roster, what: str) -> None:
    change, place = CROSS[what]
    report = roster.imported(bundle(change))
    assert report["state"] == "refused"
    assert place in [(e["file"], e["line"], e["field"], e["code"]) for e in report["errors"]]


def test_of_many_errors_the_first_thousand_are_told_and_all_are_counted(roster: Roster) -> None:
    rows = "".join(f"x{n},,,7A,S1,nobody,student,false,,\n" for n in range(1500))
    whole = bundle(edited("enrollments.csv", ("e5,", rows + "e5,")))
    report = roster.imported(whole)
    assert (report["error_count"], len(report["errors"])) == (1500, 1000)


def test_the_same_command_again_is_the_same_import(roster: Roster) -> None:
    headers = roster.as_operator()
    packed = bundle()
    first = roster.send(packed, headers).json()
    assert roster.send(packed, headers).json() == first
    other = roster.send(bundle(edited("orgs.csv", ("Школа № 2", "Школа № 3"))), headers)
    assert (other.status_code, other.json()["code"]) == (422, "roster.key-of-another-bundle")


@pytest.mark.parametrize("step", [(staging, "stage"), (views, "show_chunks")], ids=["judged", "shown"])
def test_a_repeat_while_it_is_under_way_is_told_so_and_does_not_wait(
    roster: Roster, monkeypatch: pytest.MonkeyPatch, step: tuple[ModuleType, str]
) -> None:
    headers, packed, under_way, repeated = roster.as_operator(), bundle(), Event(), Event()
    goes_on = getattr(*step)

    def slowly(*given: Any) -> Any:
        under_way.set()
        assert repeated.wait(20), "the repeat waits for the first"
        return goes_on(*given)

    monkeypatch.setattr(*step, slowly)
    with ThreadPoolExecutor(1) as other:
        first = other.submit(roster.send, packed, headers)
        assert under_way.wait(20)
        again = roster.send(packed, headers)
        repeated.set()
    assert (again.status_code, again.json()["code"]) == (409, "in-progress")
    assert first.result().json()["state"] == "applied"


def test_a_key_ring_that_is_silent_for_a_moment_ends_no_import(roster: Roster, monkeypatch: pytest.MonkeyPatch) -> None:
    decide, silent = Ledger.change_many, iter([True, True, False, True])

    def sometimes(ledger: Ledger, changes: Any, intent: Intent) -> Any:
        if next(silent, False):
            raise NoAnswer()
        return decide(ledger, changes, intent)

    monkeypatch.setattr(Ledger, "change_many", sometimes)
    monkeypatch.setattr(imports, "CHUNK", 6)
    monkeypatch.setattr(imports, "PAUSE", 0.01)
    assert roster.imported(bundle())["state"] == "applied"
    assert next(silent, None) is None


def test_one_that_stays_silent_ends_it_and_the_same_command_goes_on(
    roster: Roster, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers, packed = roster.as_operator(), bundle()

    def silent(*_: Any) -> Any:
        raise NoAnswer()

    with monkeypatch.context() as away:
        away.setattr(imports, "AWAY", 0.0)
        away.setattr(Ledger, "change_many", silent)
        assert roster.send(packed, headers).status_code == 503
    assert roster.send(packed, headers).json()["state"] == "applied"


READ = """
SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'wanted'
"""


def test_to_ask_how_far_an_import_is_reads_none_of_what_it_wants(
    roster: Roster, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers, packed = roster.as_operator(), bundle()
    with monkeypatch.context() as stopped:
        stopped.setattr(imports, "_show", lambda *_: None)
        assert roster.send(packed, headers).json()["state"] == "applying"
    with roster.pool.connection() as conn:
        import_id = conn.execute("SELECT import_id FROM imports").fetchall()[0][0]
    with roster.pool.connection() as conn, scoped(conn, [import_id]):
        assert (conn.execute("SELECT count(*) FROM wanted").fetchone() or (0,))[0] > 20
    with roster.pool.connection() as conn, scoped(conn, [import_id]):
        before = conn.execute(READ).fetchone()
        assert conn.execute(imports.HOW_FAR, [import_id]).fetchone()
        assert conn.execute(READ).fetchone() == before
    assert roster.send(packed, headers).json()["state"] == "applied"


def test_only_those_who_run_the_district_import_into_it(district: Roster) -> None:
    changed = bundle(edited("orgs.csv", ("Школа № 2", "Школа № 22")))
    assert district.send(changed, district.portal.headers(known_as("t1"))).status_code == 403
    assert district.send(changed, district.portal.headers(known_as("a1"))).status_code == 403  # of one school only
    answer = district.send(changed, district.portal.headers(known_as("o1")))
    assert (answer.status_code, answer.json()["state"]) == (200, "applied")
    orgs = "sourcedId,name,type\nD2,Другой,district\nS1,Ш,school\nS2,Ш,school\n"
    foreign: dict[str, str | bytes | None] = {"orgs.csv": orgs}
    answer = district.send(
        bundle(foreign | edited("roles.csv", (",D,", ",D2,"))), district.portal.headers(known_as("o1"))
    )
    assert answer.status_code == 403
    seen = district.client.get(f"/imports/{uuid4()}", headers=district.portal.headers(known_as("o1")))
    assert seen.status_code == 404


def test_a_body_of_200_megabytes_is_refused_with_a_sentence_before_it_is_sent(roster: Roster) -> None:
    there = HTTPConnection(roster.client.base_url.host, roster.client.base_url.port or 80, timeout=20)
    there.putrequest("POST", "/imports")
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(200 * 1024 * 1024)}
    for name, value in (roster.as_operator() | headers).items():
        there.putheader(name, value)
    there.endheaders(b"--x\r\n")
    answer = there.getresponse()
    problem = json.loads(answer.read())
    there.close()
    assert answer.status == 413 and problem["code"] == "body.too-large"
    assert str(api.UPLOAD // 1024) in problem["detail"]


def test_a_time_zone_must_be_one(roster: Roster) -> None:
    answer = roster.send(bundle(), time_zone="Europe/Atlantis")
    assert answer.json()["code"] == "roster.no-such-zone"


ORGS = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId,metadata.timeZone\n"


def test_e_01_a_school_may_say_a_time_zone_of_its_own(roster: Roster) -> None:
    orgs = ORGS + "D,,,Город,district,1,,\nS1,,,Школа № 1,school,11,D,Asia/Kamchatka\nS2,,,Школа № 2,school,12,D,\n"
    report = roster.send(bundle({"orgs.csv": orgs}), time_zone="Europe/Moscow").json()
    assert report["errors"] == [] and report["state"] == "applied"
    moved = roster.send(bundle({"orgs.csv": orgs}), time_zone="Asia/Omsk").json()
    assert differences(moved)["schools"] == {"changed": 2}, "that of the import is the others'"


def test_e_01_a_zone_that_is_none_is_named_with_its_line(roster: Roster) -> None:
    orgs = ORGS + "D,,,Город,district,1,,\nS1,,,Школа № 1,school,11,D,MSK\nS2,,,Школа № 2,school,12,D,\n"
    [error] = roster.send(bundle({"orgs.csv": orgs})).json()["errors"]
    said = (error["file"], error["line"], error["field"], error["code"])
    assert said == ("orgs.csv", 3, "metadata.timeZone", "roster.no-such-zone")


class Killed(BaseException):
    """The process ends here."""


class Mortal(Ledger):
    """Dies after it has saved so many decisions."""

    left = 0

    def change_many(self, changes: Any, intent: Intent) -> Any:
        if self.left == 0:
            raise Killed
        self.left -= 1
        return super().change_many(changes, intent)


def prepared(roster: Roster, import_id: UUID) -> None:
    asked = imports.Asked(import_id, OPERATOR, False, "Europe/Moscow", OCTOBER, None)
    packed = io.BytesIO(bundle())
    assert imports.prepare(roster.pool, asked, packed) == "applying"


@pytest.mark.parametrize("lives", range(4))
def test_killed_after_any_decision_and_started_again_it_ends_the_same(
    roster: Roster, monkeypatch: pytest.MonkeyPatch, lives: int
) -> None:
    monkeypatch.setattr(imports, "CHUNK", 6)
    assert roster.imported(bundle())["state"] == "applied"
    whole, events = roster.shown(), roster.count("events")
    roster.empty()
    import_id = uuid4()
    prepared(roster, import_id)
    with roster.admin() as conn:
        chunks = (conn.execute("SELECT count(DISTINCT chunk) FROM wanted").fetchone() or [0])[0]
    dying = Mortal(roster.pool, "roster", roster.ledger._ring, roster.ledger._view)
    dying.left = lives
    for _ in range(2):
        with pytest.raises(Killed):
            imports.apply(roster.pool, dying, import_id)
    assert all(rows == [] for rows in roster.shown().values()), "nothing is shown before it is applied"
    dying.left = chunks - lives + 1  # and the word that all is; what was decided is not gone through again
    imports.apply(roster.pool, dying, import_id)
    assert (roster.shown(), roster.count("events")) == (whole, events)
    assert all(roster.count(table) == 0 for table in NOTHING_LEFT)


@pytest.mark.parametrize("steps", range(4))
def test_killed_while_it_is_shown_and_started_again_it_ends_the_same(
    roster: Roster, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    monkeypatch.setattr(imports, "CHUNK", 4)
    assert roster.imported(bundle())["state"] == "applied"
    whole, events = roster.shown(), roster.count("events")
    roster.empty()
    import_id, left = uuid4(), [steps]
    prepared(roster, import_id)
    show_chunks = views.show_chunks

    def dying(conn: Conn, import_id: UUID, first: int, last: int) -> None:
        if left[0] == 0:
            raise Killed
        left[0] -= 1
        show_chunks(conn, import_id, first, last)

    with monkeypatch.context() as mortal:
        mortal.setattr(imports, "SHOWN_CHUNKS", 1)
        mortal.setattr(imports, "SHOWING", 0.0)  # each step a transaction of its own
        mortal.setattr(views, "show_chunks", dying)
        with pytest.raises(Killed):
            imports.apply(roster.pool, roster.ledger, import_id)
    assert roster.shown() != whole
    assert roster.send(bundle()).json()["code"] == "roster.import-under-way"
    imports.resume_all(roster.pool, roster.ledger)
    assert (roster.shown(), roster.count("events")) == (whole, events)
    assert all(roster.count(table) == 0 for table in NOTHING_LEFT)
    assert roster.imported(bundle())["state"] == "unchanged"


def test_while_one_import_is_under_way_another_waits_and_it_can_be_resumed(roster: Roster) -> None:
    import_id = uuid4()
    prepared(roster, import_id)
    assert roster.send(bundle()).json()["code"] == "roster.import-under-way"
    path = f"/imports/{import_id}"
    assert roster.client.get(path, headers=roster.as_operator()).json()["state"] == "applying"
    resumed = roster.client.post(f"{path}/resumption", headers=roster.as_operator())
    assert (resumed.status_code, resumed.json()["state"]) == (200, "applied")
    assert roster.client.post(f"{path}/resumption", headers=roster.as_operator()).status_code == 409
    assert roster.send(bundle()).json()["state"] == "unchanged"


def test_the_command_makes_the_view_anew_and_no_import_is_applied_again(district: Roster) -> None:
    with district.admin() as conn:
        applied = conn.execute("SELECT applied_at FROM imports").fetchall()
    before, after = before_and_after(district.settings, SERVICE)
    assert after == before and before["persons"] and before["described"]
    with district.admin() as conn:
        assert conn.execute("SELECT applied_at FROM imports").fetchall() == applied
    again = district.imported(bundle())
    assert again["state"] == "unchanged" and differences(again) == {}
