"""Draft columns: marks that families do not see, replaced without a reason, given to all at once when published."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from deploy.embedded.postgres import Postgres
from services.grades import commands
from services.grades.domain import marks as deciding
from services.grades.domain.marks import Cell, Words, give_marks, plan_publication, publish, publish_as_planned
from services.grades.domain.scales import AbsenceBelongsToRoll, NotOnFivePoints
from services.grades.domain.work import NoDraft, PublicationInPast, TermLocked, WorkHasMarks, remove_work
from services.grades.main import SERVICE
from services.grades.publications import publish_due
from services.grades.tests.test_api import change, codes, column, journal, marks, opened
from services.grades.tests.test_domain import ANNA as A
from services.grades.tests.test_domain import BORIS as B
from services.grades.tests.test_domain import DAY, SCHOOL, WORK, given
from services.grades.tests.test_domain import opened as plain
from shared.clock import Calendar
from shared.contracts import seal
from shared.contracts.grades import DraftMark, Mark, MarksDrafted, MarksGiven, PublicationPlanned, WorkPublished
from shared.errors import NotFound
from shared.testing.school import ANNA, BORIS, IGOR, OLGA, PAVEL, TODAY, Running, running

draft = plain.model_copy(update={"draft": True})
PLACE: dict[str, Any] = {"work_id": WORK, "school_id": SCHOOL}


def drafted(*cells: tuple[Any, str], comment: str = "") -> MarksDrafted:
    written = tuple(
        DraftMark(pupil_id=p, values=(v,) if v else (), comment=seal(p, comment) if comment else None) for p, v in cells
    )
    return MarksDrafted(**PLACE, marks=written)


# --- decisions


def test_in_a_draft_what_stands_is_replaced_and_taken_back_without_a_reason() -> None:
    given(draft).when(give_marks, (Cell(A, "4"), Cell(B, "2")), DAY).then(drafted((A, "4"), (B, "2")))
    stood = given(draft, drafted((A, "4"), (B, "2")))
    stood.when(give_marks, (Cell(A, "5"), Cell(B, "")), DAY).then(drafted((A, "5"), (B, "")))
    stood.when(give_marks, (Cell(A, "4"),), DAY).then()
    stood.when(give_marks, (Cell(A, "4", "Молодец"),), DAY).then(drafted((A, "4"), comment="Молодец"))


def test_a_bad_draft_is_named_as_a_bad_mark_is() -> None:
    cells = (Cell(A, "7"), Cell(A, "5"), Cell(B, "н"))
    given(draft).when(give_marks, cells, DAY).refused(
        NotOnFivePoints, deciding.PupilTwice, AbsenceBelongsToRoll,
        at=["/marks/0/value", "/marks/1/pupil_id", "/marks/2/value"],
    )  # fmt: skip
    given(draft).when(deciding.correct_mark, Cell(A, "5"), "почему", DAY).refused(deciding.NoMarkToChange)


def test_publication_gives_what_stands_then_with_its_words() -> None:
    stood = given(draft, drafted((A, "4"), (B, "2")), drafted((A, "5"), (B, "")))
    given_ = Mark(pupil_id=A, values=("5",), comment=seal(A, "Молодец"))
    stood.when(publish, {A: Words("Молодец")}, DAY).then(WorkPublished(**PLACE), MarksGiven(**PLACE, marks=(given_,)))
    given(draft).when(publish, {}, DAY).then(WorkPublished(**PLACE))
    given(plain).when(publish, {}, DAY).refused(NoDraft)
    given(draft, WorkPublished(**PLACE)).when(publish, {}, DAY).refused(NoDraft)


def test_who_left_the_group_meanwhile_gets_no_mark_and_a_locked_term_none_at_all() -> None:
    stood = given(draft, drafted((A, "4"), (B, "2")))
    left = replace(DAY, pupils=frozenset({A}))
    mark = Mark(pupil_id=A, values=("4",))
    stood.when(publish, {}, left).then(WorkPublished(**PLACE), MarksGiven(**PLACE, marks=(mark,)))
    stood.when(publish, {}, replace(DAY, locked="I четверть")).refused(TermLocked)


def test_a_draft_may_be_thrown_away_and_a_published_column_may_not() -> None:
    assert given(draft, drafted((A, "4"))).when(remove_work, DAY).events
    shown = MarksGiven(**PLACE, marks=(Mark(pupil_id=A, values=("4",)),))
    given(draft, drafted((A, "4")), WorkPublished(**PLACE), shown).when(remove_work, DAY).refused(WorkHasMarks)


NOON = datetime(2021, 9, 6, 12)
EVENING = PublicationPlanned(**PLACE, on=NOON.date(), time="18:00")


def test_a_draft_is_planned_for_a_later_time_and_called_off_again() -> None:
    given(draft).when(plan_publication, NOON.replace(hour=18), NOON, DAY).then(EVENING)
    given(draft, EVENING).when(plan_publication, NOON.replace(hour=18), NOON, DAY).then()
    given(draft, EVENING).when(plan_publication, None, NOON, DAY).then(PublicationPlanned(**PLACE))
    given(draft).when(plan_publication, NOON, NOON, DAY).refused(PublicationInPast, at=["/at"])
    given(plain).when(plan_publication, NOON.replace(hour=18), NOON, DAY).refused(NoDraft)


def test_what_was_planned_happens_unless_the_plan_is_another_by_then() -> None:
    six, seven = NOON.replace(hour=18), NOON.replace(hour=19)
    stood = given(draft, drafted((A, "4")), EVENING)
    mark = Mark(pupil_id=A, values=("4",))
    stood.when(publish_as_planned, six, {}, DAY).then(WorkPublished(**PLACE), MarksGiven(**PLACE, marks=(mark,)))
    stood.when(publish_as_planned, seven, {}, DAY).then()
    given(draft, EVENING, WorkPublished(**PLACE)).when(publish_as_planned, six, {}, DAY).then()
    locked = replace(DAY, locked="I четверть")
    stood.when(publish_as_planned, six, {}, locked).then(PublicationPlanned(**PLACE))


# --- over HTTP


@pytest.fixture(scope="module")
def grades(postgres: Postgres) -> Iterator[Running]:
    with running(postgres, SERVICE) as service:
        yield service


def test_the_journal_shows_a_draft_to_its_teacher_and_no_average_has_it(grades: Running) -> None:
    path = opened(grades, draft=True)
    body = marks((ANNA, "2"), (BORIS, "4"))
    body["marks"][0]["comment"] = "Списано?"
    assert grades.send("POST", f"{path}/marks", OLGA, body).status_code == 200
    assert grades.send("POST", f"{path}/marks", OLGA, marks((ANNA, "3"), (BORIS, ""))).status_code == 200
    shown = column(grades, path)
    assert (shown["draft"], [(m["pupil_id"], m["values"], m["comment"]) for m in shown["marks"]]) == (
        True, [(str(ANNA), ["3"], "Списано?")],
    )  # fmt: skip
    assert journal(grades).json()["averages"] == {}
    assert not [event for event in grades.events() if isinstance(event, MarksGiven)]
    assert "Списано" not in "".join(event.model_dump_json() for event in grades.events())


def test_published_it_is_a_column_like_any_other(grades: Running) -> None:
    path = opened(grades, draft=True)
    body = marks((ANNA, "4"))
    body["marks"][0] |= {"comment": "Хорошо", "recommendation": "Повторите § 12"}
    grades.send("POST", f"{path}/marks", OLGA, body)
    for stranger in (IGOR, PAVEL, ANNA):
        assert grades.send("POST", f"{path}/publication", stranger).status_code == 403
    assert grades.send("POST", f"{path}/publication", OLGA).status_code == 200
    (mark,) = column(grades, path)["marks"]
    assert (column(grades, path)["draft"], mark["values"], mark["comment"]) == (False, ["4"], "Хорошо")
    assert mark["recommendation"] == "Повторите § 12"
    assert journal(grades).json()["averages"][str(ANNA)]["average"] == "4.00"
    assert grades.send("POST", f"{path}/publication", OLGA).json()["code"] == "grades.no-draft"
    assert codes(grades.send("POST", f"{path}/marks", OLGA, marks((ANNA, "5")))) == {
        "/marks/0/value": "grades.already-marked"
    }
    assert grades.send("POST", f"{path}/corrections", OLGA, change(ANNA, "описка", "5")).status_code == 200


def test_a_planned_draft_is_published_once_by_whichever_process_looks(grades: Running) -> None:
    path = opened(grades, draft=True)
    grades.send("POST", f"{path}/marks", OLGA, marks((ANNA, "4")))
    here = Calendar.starting(TODAY)
    now = here.at("Europe/Moscow").replace(tzinfo=None, second=0, microsecond=0)
    answer = grades.send("PUT", f"{path}/publication", OLGA, {"at": now.isoformat()})
    assert codes(answer) == {"/at": "grades.publication-in-past"}
    soon = now + timedelta(minutes=2)
    assert grades.send("PUT", f"{path}/publication", OLGA, {"at": soon.isoformat()}).status_code == 200
    assert column(grades, path)["planned"] == soon.isoformat()
    publish_due(grades.pool, grades.ledger, grades.ring, here)
    assert column(grades, path)["draft"], "its time has not come"
    sooner = Calendar(TODAY, here.since, (here.at("Europe/Moscow") + timedelta(minutes=3)).time())
    for _ in range(2):
        publish_due(grades.pool, grades.ledger, grades.ring, sooner)
    shown = column(grades, path)
    assert (shown["draft"], shown["planned"], shown["marks"][0]["values"]) == (False, None, ["4"])
    told = [
        event for event in grades.events() if isinstance(event, WorkPublished) and path.endswith(str(event.work_id))
    ]
    assert len(told) == 1


def test_a_draft_that_cannot_be_published_holds_up_no_other(grades: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [opened(grades, draft=True) for _ in range(2)]
    here = Calendar.starting(TODAY)
    soon = here.at("Europe/Moscow").replace(tzinfo=None) + timedelta(minutes=2)
    for n, path in enumerate(paths):
        at = (soon + timedelta(minutes=n)).isoformat()
        assert grades.send("PUT", f"{path}/publication", OLGA, {"at": at}).status_code == 200
    works = [path.rpartition("/")[2] for path in paths]
    first = works[0]
    really = commands.publish_as_planned

    def breaks(ledger: Any, ring: Any, calendar: Any, planned: Any) -> Any:
        if str(planned.work_id) == first:
            raise NotFound()
        return really(ledger, ring, calendar, planned)

    monkeypatch.setattr(commands, "publish_as_planned", breaks)
    sooner = Calendar(TODAY, here.since, (here.at("Europe/Moscow") + timedelta(minutes=5)).time())
    publish_due(grades.pool, grades.ledger, grades.ring, sooner)
    assert {work: column(grades, work)["draft"] for work in works} == {work: work == first for work in works}
