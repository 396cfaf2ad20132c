"""The list of a class on paper: what stands in it, who gets it, and that its families see who took it."""

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from python_calamine import CalamineWorkbook

from services.reporting.tests.test_audit import HEAD
from services.reporting.tests.test_audit import told as told
from services.reporting.tests.test_marks_file import text_of
from services.reporting.tests.test_pages import get
from shared.clock import now
from shared.testing.school import ALGEBRA, ANNA, BORIS, MARIA, OLGA, PAVEL, Running, day
from shared.testing.web import connect

WEEK = f"group_id={ALGEBRA}&first={day(13)}&last={day(19)}"


def taken(running: Running, who: UUID = OLGA, language: str = "ru", status: int = 200, kind: str = "pdf") -> Any:
    headers = {**running.headers(who), "Accept-Language": language}
    answer = running.http.get(f"/sheet.{kind}?{WEEK}", headers=headers)
    assert answer.status_code == status, answer.text
    return answer


@pytest.fixture(autouse=True)
def _nothing_taken_yet(told: Running) -> None:
    with connect(told.settings, "reporting", "worker") as conn:
        conn.execute("DELETE FROM exports")


def test_it_has_school_class_teacher_period_and_each_pupils_cells(told: Running) -> None:
    answer = taken(told)
    assert answer.headers["content-disposition"] == f'attachment; filename="sheet {day(13)} {day(19)}.pdf"'
    text = text_of(answer.content)
    for said in ("Ведомость оценок и посещаемости", "Школа № 1", "Алгебра", "Иванова Ольга", "13.09.2021 – 19.09.2021",
                 "Сформировано 15.09.2021", "Ёлкина Анна", "оп 5", "н 4/5", "4,75", "стр. 1 / 1"):  # fmt: skip
        assert said in text, f"{said} in {text}"
    assert "не так сосчитано" not in text


def test_the_workbook_has_the_same_rows_with_numbers_as_numbers(told: Running) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(taken(told, kind="xlsx").content))
    (sheet,) = book.sheet_names
    rows = book.get_sheet_by_name(sheet).to_python()
    assert rows[0][:2] == ["Ведомость оценок и посещаемости", "Школа № 1"]
    assert [row[1] for row in rows if row[0] == "Период"] == ["13.09.2021 – 19.09.2021"]
    (anna,) = [row for row in rows if row[0] == "Ёлкина Анна"]
    assert anna[-2:] == [4.75, 1.0]
    assert "н 4/5" in anna and "оп 5" in anna


def test_the_lines_are_csv_and_no_cell_is_a_formula(told: Running) -> None:
    text = taken(told, language="en", kind="csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    (head,) = [row for row in rows if row[:1] == ["Name"]]
    assert head[-2:] == ["Average", "Missed"] and "2021-09-15 · 2" in head
    (anna,) = [row for row in rows if row[:1] == ["Ёлкина Анна"]]
    assert anna[-2:] == ["4.75", "1"]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]


def test_an_absence_counts_as_missed_and_being_late_does_not(told: Running) -> None:
    lines = text_of(taken(told).content).splitlines()
    (anna,) = [line for line in lines if "Ёлкина Анна" in line]
    assert anna.split()[-2:] == ["4,75", "1"]


def test_it_is_in_the_readers_language(told: Running) -> None:
    text = text_of(taken(told, language="en").content)
    assert "Marks and attendance of a class" in text and "4.75" in text and "l 5" in text


@pytest.mark.parametrize("who", [PAVEL, ANNA, MARIA])
def test_it_is_for_those_who_may_read_the_journal(told: Running, who: UUID) -> None:
    assert taken(told, who, status=404).json()["code"] == "not-found"


def test_the_family_sees_who_took_the_list_and_the_teachers_is_his_work(told: Running) -> None:
    taken(told, HEAD)
    taken(told, OLGA)
    days = {"first": now().date() - timedelta(days=1), "last": now().date() + timedelta(days=1)}
    readers = get(told, "/readings", PAVEL, 200, pupil_id=ANNA, **days)["readings"]
    assert {(one["by"], one["near"]) for one in readers if one["page"] == "sheet"} == {
        (str(HEAD), False), (str(OLGA), True)
    }  # fmt: skip
    with connect(told.settings, "reporting", "worker") as conn:
        of_boris = conn.execute("SELECT by_id FROM readings WHERE page = 'sheet' AND pupil_id = %s", [BORIS]).fetchall()
    assert (HEAD,) in of_boris, "each pupil of the class has it"


def test_who_does_not_teach_the_class_takes_five_in_ten_minutes(told: Running) -> None:
    for _ in range(5):
        taken(told, HEAD)
    assert taken(told, HEAD, status=429).json()["code"] == "reporting.too-many-files"
    for _ in range(6):
        taken(told, OLGA)


def test_lists_do_not_use_up_the_pages_that_one_may_open(told: Running) -> None:
    admin = told.settings.postgres_admin.get_secret_value()
    with psycopg.connect(admin, dbname="diary_reporting", autocommit=True) as conn:
        conn.execute(
            "INSERT INTO readings SELECT gen_random_uuid(), %s, 'sheet', now()::date, %s, false, 1, now(), now()"
            " FROM generate_series(1, 60)",
            [HEAD, ANNA],
        )
    get(told, "/marks", HEAD, 200, pupil_id=ANNA, first=day(13), last=day(19))
