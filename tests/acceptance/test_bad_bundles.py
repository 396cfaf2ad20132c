"""Broken bundles: each fault is told with file, line, field and a sentence in both languages, and nothing comes in."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest

from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person
from tests.acceptance.town import TIMETABLE, Files, Town, packed


@dataclass(frozen=True)
class Named:
    """One fault as it is told."""

    file: str
    line: int
    field: str
    code: str
    ru: str
    en: str


def faults(town: Town, by: Person, files: Files | bytes) -> list[Named]:
    """What an import is refused with."""
    ru, en = (town.upload(by, files, language) for language in ("ru", "en"))
    assert ru["state"] == en["state"] == "refused"
    assert set(ru["counts"].values()) <= {0}, "nothing is counted of what is refused"
    return [
        Named(one["file"], one["line"], one["field"], one["code"], one["text"], other["text"])
        for one, other in zip(ru["errors"], en["errors"], strict=True)
    ]


@pytest.fixture(autouse=True)
def nothing_changed(town: Town) -> Iterator[None]:
    """After every refusal the roster is as it was: the good bundle again changes nothing."""
    yield
    assert town.imported(town.files())["state"] == "unchanged"


def test_d_04_a_column_is_missing(town: Town, lev: Person) -> None:
    header = "sourcedId,status,dateLastModified,name,identifier,parentSourcedId"
    orgs = f"{header}\n{town.name},,,Город,1,\nS,,,Школа № 1,11,{town.name}\n"
    fault = faults(town, lev, {**town.files(), "orgs.csv": orgs})[0]
    assert (fault.file, fault.line, fault.field, fault.code) == ("orgs.csv", 1, "type", "csv.column-missing")
    assert fault.ru == "В заголовке нет столбца «type»."
    assert fault.en == "The column «type» is missing from the header."


def test_d_04_a_column_that_no_such_file_has(town: Town, lev: Person) -> None:
    (fault,) = faults(town, lev, town.files("orgs.csv", ("parentSourcedId", "parent")))[:1]
    assert (fault.file, fault.line, fault.code) == ("orgs.csv", 1, "csv.column-unknown")
    assert fault.ru == "В этом файле не бывает столбца «parent»; свои столбцы начинаются с «metadata.»."


def test_d_04_a_value_is_missing(town: Town, lev: Person) -> None:
    (fault,) = faults(town, lev, town.files("users.csv", ("Пётр,Ёлкин", "Пётр,")))
    assert (fault.file, fault.line, fault.field) == ("users.csv", 4, "familyName")
    assert (fault.code, fault.ru, fault.en) == ("csv.value-missing", "Значение обязательно.", "The value is required.")


def test_d_02_a_reference_to_nothing(town: Town, lev: Person) -> None:
    (fault,) = faults(town, lev, town.files("enrollments.csv", ("e3,,,7A,", "e3,,,7Z,")))
    assert (fault.file, fault.line, fault.field) == ("enrollments.csv", 4, "classSourcedId")
    assert (fault.code, fault.ru, fault.en) == (
        "csv.unknown-reference",
        "«7Z» нет в classes.csv.",
        "«7Z» is not in classes.csv.",
    )


def test_d_02_a_course_code_that_does_not_match(town: Town, lev: Person) -> None:
    (fault,) = faults(town, lev, town.files("classes.csv", ("7B,,,7Б математика,,MAT", "7B,,,7Б математика,,MTA")))
    assert (fault.file, fault.line, fault.field) == ("classes.csv", 3, "courseSourcedId")
    assert fault.ru == "«MTA» нет в courses.csv."


def test_d_03_an_id_that_stands_there_twice(town: Town, lev: Person) -> None:
    (fault,) = faults(town, lev, town.files("users.csv", ("oleg,,,true,oleg", "anna,,,true,oleg")))[:1]
    assert (fault.file, fault.line, fault.field, fault.code) == ("users.csv", 3, "sourcedId", "csv.duplicate-id")
    assert fault.ru == "Идентификатор «anna» уже есть в строке 2 с другим содержанием."
    assert fault.en == "The id «anna» already stands in line 2 with other content."


def test_d_01_a_date_of_another_form_and_one_that_ends_before_it_began(town: Town, lev: Person) -> None:
    wrong = (
        ("petya,student,false,2021-09-01", "petya,student,false,01.09.2021"),
        ("2021-09-01,2022-05-31\ne5", ",\ne5"),
    )
    (fault,) = faults(town, lev, town.files("enrollments.csv", *wrong))
    assert (fault.file, fault.line, fault.field, fault.code) == ("enrollments.csv", 4, "beginDate", "csv.bad-date")
    assert fault.ru == "«01.09.2021» не дата вида 2021-09-01."
    back = ("vera,student,false,2021-09-01,2022-05-31", "vera,student,false,2022-05-31,2021-09-01")
    (fault,) = faults(town, lev, town.files("enrollments.csv", back))
    assert (fault.line, fault.code) == (5, "csv.ends-before-start")


def test_sc_30_another_encoding(town: Town, lev: Person) -> None:
    files = town.files()
    users = files["users.csv"]
    assert isinstance(users, str)
    (fault,) = faults(town, lev, {**files, "users.csv": users.encode("cp1251")})[:1]
    assert (fault.file, fault.code) == ("users.csv", "csv.not-utf-8")
    assert fault.ru.startswith("Текст не в кодировке UTF-8")
    assert fault.ru.endswith("Сохраните файл как «CSV UTF-8».")
    assert fault.en.startswith("The text is not UTF-8")


def test_d_05_bom_and_semicolons_of_a_russian_excel_are_read(town: Town, lev: Person) -> None:
    files = town.files()
    orgs, courses = files["orgs.csv"], files["courses.csv"]
    assert isinstance(orgs, str) and isinstance(courses, str)
    excel = {
        name: text.replace(",", ";").replace("\n", "\r\n").encode("utf-8-sig")
        for name, text in (("orgs.csv", orgs), ("courses.csv", courses))
    }
    report = town.upload(lev, {**files, **excel})
    assert (report["state"], report["errors"]) == ("unchanged", [])


def test_sc_30_a_zip_bomb(town: Town, lev: Person) -> None:
    bomb = packed({**town.files(), "users.csv": b"0" * 64 * 1024 * 1024})
    assert len(bomb) < 1024 * 1024
    (fault,) = faults(town, lev, bomb)
    assert (fault.file, fault.code) == ("users.csv", "roster.unpacks-too-large")
    assert "не больше чем 200-кратное сжатие" in fault.ru
    assert "more than 200 times its packed size" in fault.en


@pytest.mark.parametrize("name", ["../users.csv", "/etc/users.csv", "C:\\users.csv", "a/../../users.csv"])
def test_sc_30_a_path_outside_the_zip(town: Town, lev: Person, name: str) -> None:
    (fault,) = faults(town, lev, {**town.files(), name: "x"})
    shown = zip_name(name)
    assert fault.code == "roster.path-outside"
    assert fault.ru == f"Запись архива «{shown}» указывает за пределы архива."
    assert fault.en == f"The archive entry «{shown}» points outside the archive."


def zip_name(name: str) -> str:
    """As the archive says it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(name, "")
        return archive.namelist()[0]


@pytest.mark.parametrize("content", [b"", b"no zip at all", b"PK\x03\x04 broken"])
def test_sc_30_what_is_no_zip(town: Town, lev: Person, content: bytes) -> None:
    (fault,) = faults(town, lev, content)
    assert (fault.code, fault.ru) == ("roster.not-a-zip", "Это не zip-архив, или архив повреждён.")
    assert fault.en == "The file is not a zip archive, or it is damaged."


def test_sc_30_of_a_bundle_with_one_fault_nothing_is_taken(town: Town, lev: Person) -> None:
    renamed = town.files("users.csv", ("Ёлкин", "Другая-Фамилия"))
    broken = {**renamed, "orgs.csv": town.files("orgs.csv", ("school", "shop"))["orgs.csv"]}
    assert town.upload(lev, broken, dry_run="false")["state"] == "refused"
    assert town.upload(lev, town.files())["state"] == "unchanged"


def test_d_05_every_fault_is_named_not_just_the_first(town: Town, lev: Person) -> None:
    wrong = (
        ("e3,,,7A,", "e3,,,7Z,"),
        ("e6,,,7R,S,petya,student", "e6,,,7R,S,petya,pupil"),
        ("e7,,,7R,S,vera", "e7,,,7R,S,"),
    )
    found = {(one.line, one.field, one.code) for one in faults(town, lev, town.files("enrollments.csv", *wrong))}
    assert found == {
        (4, "classSourcedId", "csv.unknown-reference"),
        (7, "role", "csv.bad-choice"),
        (8, "userSourcedId", "csv.value-missing"),
    }


def test_d_02_a_timetable_of_a_class_that_there_is_not(town: Town, diary: Diary) -> None:
    wrong = TIMETABLE.replace("7B,1,2", "7Z,1,2").replace("7R,2,3", "7R,9,3")
    files = {"timetable": ("timetable.csv", wrong.encode(), "text/csv")}
    report = diary.operator.upload("lessons", "/imports", files, str(uuid4()), district=town.name)
    found = {(one["file"], one["line"], one["field"], one["code"]) for one in report["errors"]}
    assert report["state"] == "refused"
    assert ("timetable.csv", 7, "classSourcedId", "lessons.unknown-class") in found
    assert ("timetable.csv", 13, "weekday", "csv.bad-form") in found
