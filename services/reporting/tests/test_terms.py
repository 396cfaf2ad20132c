"""Grades of terms as families read them: nothing before the school publishes, then what stands and what stood."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from services.reporting import diary, pages
from services.reporting.pages import Seen
from services.reporting.tests.test_marks_file import text_of
from services.reporting.tests.test_pages import PEOPLE, get, project, said
from shared.contracts import Event
from shared.contracts.envelope import Received
from shared.contracts.grades import Graded, Session, TermGrade, TermGradeCorrected, TermGraded, TermPublished
from shared.postgres import scoped
from shared.testing.school import ALGEBRA, ANNA, BORIS, NINA, OLGA, PAVEL, SCHOOL, Running, day, id_of, received
from shared.testing.web import connect

SHEET = id_of("algebra in the first term")
TERM = Session(
    term_id=id_of("I"), year_id=id_of("year"), kind="term", title="I четверть", starts=day(1), ends=date(2021, 12, 29)
)
PLACE: dict[str, Any] = {"sheet_id": SHEET, "school_id": SCHOOL, "group_id": ALGEBRA, "term": TERM}


def graded(anna: str, average: str) -> TermGraded:
    grades = (
        TermGrade(pupil_id=ANNA, value=anna, average=average, count=3),
        TermGrade(pupil_id=BORIS, value="not-attested", count=0),
    )
    return TermGraded(**PLACE, scale="five", rule=1, grades=grades, shown=False)


PUBLISHED = TermPublished(
    school_id=SCHOOL, term=TERM, on=day(15), pupils=(Graded(pupil_id=ANNA), Graded(pupil_id=BORIS))
)
CORRECTED = TermGradeCorrected(
    **PLACE, pupil_id=ANNA, before="4", after="5", average="4.60", count=4, reason=said("сдала долг"), shown=True
)
EVENTS = (graded("3", "3.33"), graded("4", "4.33"), PUBLISHED, CORRECTED)
BEGAN = datetime(2021, 9, 15, 9, tzinfo=UTC)


def stream(*events: Event) -> list[Received]:
    """In their order, a minute apart."""
    found = received(events, "grades", OLGA)
    return [
        replace(one, envelope=replace(one.envelope, time=BEGAN + timedelta(minutes=n))) for n, one in enumerate(found)
    ]


def after(minutes: int) -> str:
    return (BEGAN + timedelta(minutes=minutes, seconds=30)).strftime("%Y-%m-%dT%H:%M:%SZ")


def only(reporting: Running, who: Any = PAVEL, **more: Any) -> dict[str, Any]:
    """The one grade that Anna has."""
    (year,) = get(reporting, "/terms", who, pupil_id=ANNA, **more)["years"]
    (subject,) = year["subjects"]
    (grade,) = subject["grades"]
    assert (subject["subject"], [term["title"] for term in year["terms"]]) == ("Алгебра", ["I четверть"])
    found: dict[str, Any] = grade
    return found


@pytest.mark.parametrize("who", [PAVEL, ANNA, OLGA, NINA])
def test_nobody_is_shown_a_grade_before_the_school_publishes_it(reporting: Running, who: Any) -> None:
    project(reporting, [stream(*EVENTS[:2])])
    assert get(reporting, "/terms", who, pupil_id=ANNA) == {"years": []}


def test_no_other_page_of_the_family_tells_it_either(reporting: Running) -> None:
    project(reporting, [stream(*EVENTS[:2])])
    get(reporting, f"/history/{SHEET}", PAVEL, 404)
    asked: dict[str, Any] = {"pupil_id": ANNA, "first": day(15), "last": day(15)}
    assert get(reporting, "/changes", PAVEL, **asked) == {"operations": [], "next": None}
    with reporting.pool.connection() as conn, scoped(conn, [SCHOOL]):
        assert not any(pages.changes(conn, ANNA, Seen()))
    with connect(reporting.settings, "reporting", "worker") as worker:
        assert set(diary.touched(worker, stream(*EVENTS[:2]))) == {str(ALGEBRA)}
    assert len(get(reporting, f"/history/{SHEET}", OLGA)["entries"]) == 4, "the teacher reads his own list's history"


def test_published_it_stands_with_what_it_was_given_from(reporting: Running) -> None:
    project(reporting, [stream(*EVENTS[:3])])
    grade = only(reporting)
    assert (grade["value"], grade["average"], grade["count"], grade["was"]) == ("4", "4.33", 3, [])
    assert get(reporting, "/terms", PAVEL, 404, pupil_id=BORIS)
    assert len(get(reporting, f"/history/{SHEET}", PAVEL)["entries"]) == 2
    with connect(reporting.settings, "reporting", "worker") as worker:
        assert set(diary.touched(worker, stream(*EVENTS)[2:3])) == {str(ANNA), str(BORIS)}


def test_a_correction_shows_what_stood_and_why(reporting: Running) -> None:
    project(reporting, [stream(*EVENTS)])
    grade = only(reporting)
    (was,) = grade["was"]
    assert (grade["value"], grade["average"]) == ("5", "4.60")
    assert (was["value"], was["reason"], was["by"]) == ("4", "сдала долг", str(OLGA))


def test_as_of_a_moment_it_stands_as_it_stood(reporting: Running) -> None:
    project(reporting, [stream(*EVENTS)])
    assert get(reporting, "/terms", PAVEL, pupil_id=ANNA, as_of=after(1)) == {"years": []}
    then = only(reporting, as_of=after(2))
    assert (then["value"], then["was"]) == ("4", [])
    assert only(reporting, as_of=after(3))["was"][0]["value"] == "4"


def test_an_open_page_is_told_once(reporting: Running) -> None:
    project(reporting, [stream(*EVENTS)])
    with reporting.pool.connection() as conn, scoped(conn, [SCHOOL]):
        news = pages.changes(conn, ANNA, Seen())
        assert [row["term_id"] for row in news.terms] == [TERM.term_id]
        assert not any(pages.changes(conn, ANNA, news.now))
        assert pages.reached(conn, ANNA) == news.now


def test_in_whatever_pieces_they_come_the_page_is_the_same(reporting: Running) -> None:
    told = stream(*EVENTS)
    project(reporting, [told])
    whole = only(reporting)
    for cut in range(1, len(told)):
        project(reporting, [told[:cut], told[cut:]])
        assert only(reporting) == whole


def file_of(reporting: Running, path: str, who: Any, **query: Any) -> bytes:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    answer = reporting.http.get(f"/{path}?{asked}", headers={**reporting.headers(who), "Accept-Language": "ru"})
    assert answer.status_code == 200, answer.text
    return answer.content


@pytest.mark.parametrize("published", [False, True])
def test_in_files_and_on_paper_they_stand_once_their_term_is_published(reporting: Running, published: bool) -> None:
    project(reporting, [stream(*EVENTS[: 4 if published else 2]), received(PEOPLE, "roster", OLGA)])
    period: dict[str, Any] = {"first": day(1), "last": date(2021, 12, 31)}
    of_pupil, of_class = {"pupil_id": ANNA, **period}, {"group_id": ALGEBRA, **period}
    book = CalamineWorkbook.from_filelike(io.BytesIO(file_of(reporting, "marks.xlsx", PAVEL, **of_pupil)))
    assert ("Итоговые оценки" in book.sheet_names) == published
    if published:
        rows = book.get_sheet_by_name("Итоговые оценки").to_python()
        assert rows == [["Предмет", "I четверть"], ["Алгебра", 5.0]]
    lines = list(csv.reader(io.StringIO(file_of(reporting, "marks.csv", PAVEL, **of_pupil).decode())))
    assert (["Алгебра", "5"] in lines) == published
    for file in (file_of(reporting, "marks.pdf", PAVEL, **of_pupil), file_of(reporting, "sheet.pdf", OLGA, **of_class)):
        assert ("I четверть" in text_of(file)) == published
    sheet = list(csv.reader(io.StringIO(file_of(reporting, "sheet.csv", OLGA, **of_class).decode())))
    cells = {row[0]: row[-1] for row in sheet if row}
    if published:
        assert (cells["Фамилия, имя"], cells["Ёлкина Анна"]) == ("I четверть", "5")
    else:
        assert cells["Фамилия, имя"] == "Пропущено"


def test_terms_that_end_outside_the_period_stand_in_no_file_of_it(reporting: Running) -> None:
    project(reporting, [stream(*EVENTS)])
    september: dict[str, Any] = {"first": day(1), "last": day(30)}
    assert "I четверть" not in file_of(reporting, "marks.csv", PAVEL, pupil_id=ANNA, **september).decode()
    assert "I четверть" not in file_of(reporting, "sheet.csv", OLGA, group_id=ALGEBRA, **september).decode()
