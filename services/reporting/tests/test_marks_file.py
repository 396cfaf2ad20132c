"""The marks as files: what a spreadsheet reads in them, and that nothing in them is computed."""

import csv
import io
import zipfile
from datetime import date

import pypdfium2
import pytest
from python_calamine import CalamineWorkbook

from services.reporting.tests.test_audit import told as told
from services.reporting.tests.test_pages import get
from shared.testing.school import ANNA, BORIS, IGOR, MARIA, OLGA, PAVEL, Running, day
from shared.testing.web import connect

QUERY = f"pupil_id={ANNA}&first={day(13)}&last={day(19)}"


def taken(running: Running, kind: str, language: str = "ru", subject: str = "") -> bytes:
    headers = {**running.headers(PAVEL), "Accept-Language": language}
    more = f"&subject={subject}" if subject else ""
    answer = running.http.get(f"/marks.{kind}?{QUERY}{more}", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"] == f'attachment; filename="marks {day(13)} {day(19)}.{kind}"'
    assert answer.headers["cache-control"] == "no-store"
    return answer.content


def test_the_workbook_has_numbers_as_numbers_days_as_days_and_who_made_it_for_what(told: Running) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(taken(told, "xlsx")))
    marks, averages = (book.get_sheet_by_name(name).to_python() for name in ("Оценки", "Средние баллы"))
    head = {row[0]: str(row[1]) for row in marks[:4]}
    assert head["Оценки"] == "Ёлкина Анна" and head["Школа"] == "Школа № 1"
    assert head["Период"] == "13.09.2021 – 19.09.2021" and head["Сформировано"].startswith("15.09.2021")
    names, *rows = marks[5:]
    first, second = (dict(zip(names, row, strict=True)) for row in rows)
    assert (first["Предмет"], first["Дата"], first["Вид работы"]) == ("Алгебра", date(2021, 9, 15), "контрольная")
    assert (first["Вес"], first["Оценка"], first["Средний после неё"]) == (2.0, 5.0, 5.0)
    assert (second["Оценка"], second["Поставил(а)"]) == ("4/5", "Иванова Ольга")
    assert averages[1][:3] == ["Алгебра", 4.75, 3.0]


def test_no_cell_of_it_is_a_formula(told: Running) -> None:
    with connect(told.settings, "reporting", "worker") as conn:
        conn.execute("UPDATE diary_works SET title = '=1+1'")
    with zipfile.ZipFile(io.BytesIO(taken(told, "xlsx"))) as parts:
        sheets = b"".join(parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/"))
        assert b"<f>" not in sheets and b"=1+1" in parts.read("xl/sharedStrings.xml") + sheets
    assert "'=1+1" in taken(told, "csv").decode()


def test_the_lines_say_the_same(told: Running) -> None:
    text = taken(told, "csv", "en").decode()
    assert text.startswith("\ufeffMarks,")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[5][:3] == ["Subject", "Date", "Kind of work"]
    assert rows[6][1:3] == ["2021-09-15", "test"] and rows[6][4:7] == ["2", "5", "5"]


def text_of(file: bytes) -> str:
    """What a reader of the PDF sees, page after page."""
    document = pypdfium2.PdfDocument(file)
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def test_the_paper_says_the_same_with_school_period_who_and_when(told: Running) -> None:
    text = text_of(taken(told, "pdf"))
    for said in ("Школа № 1", "Ёлкина Анна", "13.09.2021 – 19.09.2021", "Алгебра", "15.09.2021", "контрольная", "4/5",
                 "4,75", "Сформировано 15.09.2021", "стр. 1 / 1"):  # fmt: skip
        assert said in text, text
    assert "Pupil" in text_of(taken(told, "pdf", "en"))


def test_what_a_teacher_wrote_is_no_markup_on_paper(told: Running) -> None:
    with connect(told.settings, "reporting", "worker") as conn:
        conn.execute("UPDATE diary_works SET title = '#panic() *я* $x$'")
    assert "#panic() *я* $x$" in text_of(taken(told, "pdf"))


@pytest.mark.parametrize("kind", ["xlsx", "csv", "pdf"])
def test_only_the_subjects_asked_for_are_in_it(told: Running, kind: str) -> None:
    def said(subject: str) -> str:
        file = taken(told, kind, subject=subject)
        if kind == "xlsx":
            return str(CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_name("Оценки").to_python())
        return text_of(file) if kind == "pdf" else file.decode()

    assert "контрольная" in said("Алгебра")
    assert "контрольная" not in said("Химия") and "Химия" in said("Химия"), "it says which were asked for"


def test_the_page_has_only_the_subjects_asked_for_and_their_average(told: Running) -> None:
    both = get(told, "/marks", PAVEL, 200, pupil_id=ANNA, first=day(13), last=day(19), subject="Алгебра&subject=Химия")
    assert [one["subject"] for one in both["subjects"]] == ["Алгебра"] and both["overall"]["average"] == "4.75"
    none = get(told, "/marks", PAVEL, 200, pupil_id=ANNA, first=day(13), last=day(19), subject="Химия")
    assert none == {"overall": {"average": None, "count": 0, "sum": ""}, "subjects": []}


@pytest.mark.parametrize("kind", ["xlsx", "csv", "pdf"])
def test_it_is_for_those_who_may_see_the_page(told: Running, kind: str) -> None:
    for who in (IGOR, OLGA, ANNA):
        assert told.http.get(f"/marks.{kind}?{QUERY}", headers=told.headers(who)).status_code == 200
    for pupil, who in ((ANNA, MARIA), (BORIS, PAVEL)):
        get(told, f"/marks.{kind}", who, 404, pupil_id=pupil, first=day(13), last=day(19))
