"""The office's report of attendance: by class and pupil, over any period, as a page and as files."""

import csv
import io
from typing import Any
from uuid import UUID

import pytest
from python_calamine import CalamineWorkbook

from services.reporting.tests.test_audit import HEAD
from services.reporting.tests.test_audit import told as told
from shared.testing.school import ANNA, MARIA, NINA, OLGA, PAVEL, SCHOOL, Running, day

WEEK = f"school_id={SCHOOL}&first={day(13)}&last={day(19)}"


def asked(running: Running, kind: str = "", who: UUID = NINA, language: str = "ru", status: int = 200) -> Any:
    headers = {**running.headers(who), "Accept-Language": language}
    answer = running.http.get(f"/school-attendance{kind}?{WEEK}", headers=headers)
    assert answer.status_code == status, answer.text
    return answer


def test_school_class_and_pupil_add_up(told: Running) -> None:
    found = asked(told).json()
    (one,) = found["classes"]
    kinds = ("lessons", "absent", "unexcused", "late")
    assert {kind: found[kind] for kind in kinds} == {kind: sum(p[kind] for p in one["pupils"]) for kind in kinds}
    anna = next(pupil for pupil in one["pupils"] if pupil["pupil_id"] == str(ANNA))
    assert anna["name"] == "Ёлкина Анна" and anna["lessons"] > anna["absent"] > 0
    assert 0 < float(anna["share"]) < 100
    names = [pupil["name"] or "" for pupil in one["pupils"]]
    assert names == sorted(names, key=lambda name: name.replace("Ё", "Е"))


def test_the_files_have_the_same_numbers(told: Running) -> None:
    found = asked(told).json()
    book = CalamineWorkbook.from_filelike(io.BytesIO(asked(told, ".xlsx").content))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0][:2] == ["Посещаемость", "Школа № 1"]
    (whole,) = [row for row in rows if row[0] == "Всего"]
    assert whole[2:6] == [float(found[kind]) for kind in ("lessons", "absent", "unexcused", "late")]
    lines = list(csv.reader(io.StringIO(asked(told, ".csv", language="en").content.decode("utf-8-sig"))))
    (total,) = [row for row in lines if row[:1] == ["Total"]]
    assert total[2:] == [*(str(found[kind]) for kind in ("lessons", "absent", "unexcused", "late")), found["share"]]


@pytest.mark.parametrize("who", [HEAD, NINA])
def test_it_is_for_those_who_run_the_school(told: Running, who: UUID) -> None:
    asked(told, who=who)


@pytest.mark.parametrize(("who", "status"), [(OLGA, 403), (PAVEL, 403), (MARIA, 403)])
def test_it_is_for_nobody_else(told: Running, who: UUID, status: int) -> None:
    asked(told, who=who, status=status)


def test_a_period_without_rolls_is_empty_and_a_reversed_one_refused(told: Running) -> None:
    headers = told.headers(NINA)
    empty = told.http.get(f"/school-attendance?school_id={SCHOOL}&first=2021-07-01&last=2021-07-31", headers=headers)
    assert (empty.json()["classes"], empty.json()["lessons"], empty.json()["share"]) == ([], 0, None)
    wrong = told.http.get(f"/school-attendance?school_id={SCHOOL}&first={day(19)}&last={day(13)}", headers=headers)
    assert wrong.status_code == 422
