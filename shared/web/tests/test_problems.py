import logging

import pytest

from shared.web.language import preferred
from shared.web.tests.conftest import TEACHER, World

GOOD = {"on": "2021-10-01"}
PUPIL = "6f1f8f2e-7c1c-5a41-9d0c-3a1f6f0d8b12"


def test_a_refusal_is_told_at_its_field_in_the_readers_language(world: World) -> None:
    body = GOOD | {"lines": [{"pupil_id": PUPIL, "value": "4"}, {"pupil_id": PUPIL, "value": "9"}]}
    answer = world.post(body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "Часть данных не подходит; ничего не сохранено."
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/lines/1/value", "webtest.off-scale")
    assert error["detail"] == "9 нет в шкале."
    assert world.post(body, language="en").json()["errors"][0]["detail"] == "9 is not on the scale."


@pytest.mark.parametrize(
    ("body", "pointer", "code", "russian", "english"),
    [
        ({}, "/on", "field.missing", "Это поле нужно заполнить.", "This is required."),
        ({"on": "01.10.2021"}, "/on", "field.not-date", "Введите дату вида 2026-09-01.",
         "Enter a date such as 2026-09-01."),
        (GOOD | {"weight": 6}, "/weight", "field.too-great", "Наибольшее допустимое значение: 5.",
         "This must be 5 or less."),
        (GOOD | {"weight": "x"}, "/weight", "field.not-integer", "Введите целое число.", "Enter a whole number."),
        (GOOD | {"kind": "quiz"}, "/kind", "field.not-in-list", "Здесь допустимо: 'test' или 'exam'.",
         "Allowed here: 'test' or 'exam'."),
        (GOOD | {"role": "administrator"}, "/role", "field.unknown", "Такого поля здесь нет.",
         "This field is not known here."),
        (GOOD | {"lines": [{"pupil_id": "x", "value": "4"}]}, "/lines/0/pupil_id", "field.not-id",
         "Это не идентификатор.", "This is not an id."),
        (GOOD | {"lines": [{"pupil_id": PUPIL, "value": "4444"}]}, "/lines/0/value", "field.too-long",
         "Слишком длинно; наибольшее число знаков: 3.", "Too long; the greatest number of characters is 3."),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_for_people(
    world: World, body: object, pointer: str, code: str, russian: str, english: str
) -> None:
    for language, text in (("ru", russian), ("en", english)):
        answer = world.post(body, language=language)
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["code"], error["detail"]) == (pointer, code, text)
        assert answer.headers["content-language"] == language


def test_a_wrong_query_is_told_by_its_name(world: World) -> None:
    answer = world.get(f"/things/{PUPIL}?first=tomorrow")
    assert answer.json()["errors"][0] | {"detail": ""} == {
        "pointer": "/first", "in": "query", "code": "field.not-date", "detail": "",
    }  # fmt: skip


def test_a_bug_is_answered_with_a_number_and_no_cause(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        answer = world.client.get("/bug")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    number = answer.json()["facts"]["id"]
    assert any(getattr(record, "failure", None) == number and record.exc_info for record in caplog.records)


@pytest.mark.parametrize("path", ["/nowhere", "/bug", "/me", "/livez"])
def test_every_answer_has_the_security_headers(world: World, path: str) -> None:
    headers = world.client.get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers or "uvicorn" not in headers["server"]


def test_refusals_are_logged_with_who_and_what_and_nothing_else(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "diary.access"):
        assert world.get(f"/things/{PUPIL}?first=2021-01-01").status_code == 404
    (record,) = [r for r in caplog.records if r.name == "diary.access"]
    assert (record.person, record.route) == (str(TEACHER), "/things/{thing_id}")  # type: ignore[attr-defined]
    assert record.objects == {"thing_id": PUPIL}  # type: ignore[attr-defined]


def test_nothing_found_and_wrong_method_are_problems_too(world: World) -> None:
    assert world.client.get("/nowhere").json()["code"] == "not-found"
    answer = world.client.delete("/me")
    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")


@pytest.mark.parametrize(
    ("header", "language"),
    [("", "ru"), ("en", "en"), ("en-GB,en;q=0.9,ru;q=0.8", "en"), ("ru-RU,ru;q=0.9,en;q=0.8", "ru"), ("de", "ru"),
     ("en;q=0", "ru"), ("en;q=x", "ru"), ("*", "ru"), (",;,=", "ru")],
)  # fmt: skip
def test_russian_unless_english_is_liked_better(header: str, language: str) -> None:
    assert preferred(header) == language
