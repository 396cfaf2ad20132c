"""Topics of many lessons at once, and a teacher's own templates of them."""

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.lessons.templates import LINES, MOST
from services.lessons.tests.conftest import ALGEBRA, COLLEAGUE, MONDAY, MOTHER, OFFICE, TEACHER, Lessons

FIRST, SECOND = {"on": "2021-10-04", "number": 1}, {"on": "2021-10-11", "number": 1}


def write(lessons: Lessons, *topics: dict[str, Any], who: UUID = TEACHER) -> Any:
    return lessons.command(who, "POST", "/topics", {"group_id": str(ALGEBRA), "topics": list(topics)})


def topics(lessons: Lessons) -> list[str | None]:
    found = lessons.week(OFFICE, first=MONDAY, last=MONDAY.replace(day=17), group_id=ALGEBRA)
    return [one["topic"] for one in found if one["number"] == 1]


def keep(lessons: Lessons, title: str, *lines: str, who: UUID = TEACHER, id_: UUID | None = None) -> Any:
    return lessons.command(who, "PUT", f"/templates/{id_ or uuid4()}", {"title": title, "topics": list(lines)})


def kept(lessons: Lessons, who: UUID = TEACHER) -> list[tuple[str, list[str]]]:
    found = lessons.ask(who, "/templates").json()["templates"]
    return [(one["title"], one["topics"]) for one in found]


def test_topics_of_many_lessons_are_one_decision(lessons: Lessons) -> None:
    answer = write(lessons, {**FIRST, "topic": "Дроби"}, {**SECOND, "topic": "Проценты"})
    assert answer.status_code == 200 and len(answer.json()["events"]) == 2
    assert topics(lessons) == ["Дроби", "Проценты"]
    again = write(lessons, {**FIRST, "topic": "Дроби"}, {**SECOND, "topic": "Степени"})
    assert len(again.json()["events"]) == 1
    assert topics(lessons) == ["Дроби", "Степени"]


def test_of_topics_that_do_not_all_fit_none_is_written(lessons: Lessons) -> None:
    answer = write(lessons, {**FIRST, "topic": "Дроби"}, {"on": "2021-10-05", "number": 1, "topic": "Проценты"})
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["pointer"], error["code"]) == (404, "/topics/1", "lessons.no-such-lesson")
    assert topics(lessons) == [None, None]


@pytest.mark.parametrize(("who", "status"), [(OFFICE, 200), (COLLEAGUE, 403), (MOTHER, 403)])
def test_they_are_written_by_who_teaches_or_runs_the_school(lessons: Lessons, who: UUID, status: int) -> None:
    assert write(lessons, {**FIRST, "topic": "Дроби"}, who=who).status_code == status


def test_a_template_is_its_teachers_own(lessons: Lessons) -> None:
    id_ = uuid4()
    assert keep(lessons, " Алгебра,  7 класс", "Дроби", "", " Проценты ", id_=id_).status_code == 200
    assert kept(lessons) == [("Алгебра, 7 класс", ["Дроби", "Проценты"])]
    assert kept(lessons, COLLEAGUE) == []
    keep(lessons, "Алгебра", "Степени", id_=id_)
    assert kept(lessons) == [("Алгебра", ["Степени"])]
    others = lessons.command(COLLEAGUE, "DELETE", f"/templates/{id_}", {})
    assert others.status_code == 404
    assert lessons.command(TEACHER, "DELETE", f"/templates/{id_}", {}).status_code == 200
    assert kept(lessons) == []


def test_the_id_of_anothers_template_makes_one_of_ones_own(lessons: Lessons) -> None:
    id_ = uuid4()
    keep(lessons, "Алгебра", "Дроби", id_=id_)
    assert keep(lessons, "Физика", "Силы", who=COLLEAGUE, id_=id_).status_code == 200
    assert (kept(lessons), kept(lessons, COLLEAGUE)) == ([("Алгебра", ["Дроби"])], [("Физика", ["Силы"])])
    assert lessons.command(COLLEAGUE, "DELETE", f"/templates/{id_}", {}).status_code == 200
    assert (kept(lessons), kept(lessons, COLLEAGUE)) == ([("Алгебра", ["Дроби"])], [])


@pytest.mark.parametrize(
    ("title", "lines", "pointer", "code"),
    [
        ("", ["Дроби"], "/title", "lessons.title-missing"),
        ("ш" * 101, ["Дроби"], "/title", "lessons.words-too-long"),
        ("Алгебра", [" "], "/topics", "lessons.topics-missing"),
        ("Алгебра", ["Дроби", "д" * 1001], "/topics/1", "lessons.words-too-long"),
        ("Алгебра", ["Дроби"] * (LINES + 1), "/topics", "lessons.too-many-topics"),
    ],
)
def test_what_no_template_can_be_is_refused_at_the_field(
    lessons: Lessons, title: str, lines: list[str], pointer: str, code: str
) -> None:
    answer = keep(lessons, title, *lines)
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["pointer"], error["code"]) == (422, pointer, code)
    assert kept(lessons) == []


def test_there_are_not_more_than_fifty(lessons: Lessons) -> None:
    for number in range(MOST):
        assert keep(lessons, f"{number}", "Дроби").status_code == 200
    refused = keep(lessons, "ещё", "Дроби")
    assert (refused.status_code, refused.json()["code"]) == (409, "lessons.too-many-templates")


def test_the_words_of_a_template_lie_sealed_in_the_store(lessons: Lessons) -> None:
    keep(lessons, "Мой шаблон", "Секретная тема")
    admin = lessons.settings.postgres_admin.get_secret_value()
    with psycopg.connect(admin, dbname="diary_lessons") as conn:
        rows = str(conn.execute("SELECT title, topics FROM templates").fetchall())
        events = str(conn.execute("SELECT convert_from(document, 'UTF8') FROM events").fetchall())
    assert "Мой шаблон" not in rows + events and "Секретная тема" not in rows + events
