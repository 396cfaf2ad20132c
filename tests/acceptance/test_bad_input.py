"""What bad input gets: a sentence of its own, at its field, in Russian and English; and nothing is saved."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.acceptance.people import Person
from tests.acceptance.places import mark
from tests.acceptance.refusals import Told, refused
from tests.acceptance.town import LESSON_OF, Town

MAY_18, MAY_26 = date(2022, 5, 18), date(2022, 5, 26)
"""A day of the past week; tomorrow by the school's calendar."""


def marks_refused(person: Person, work: UUID, *marks: dict[str, str]) -> Told:
    return refused(person, "POST", "grades", f"/works/{work}/marks", {"marks": list(marks)})


def new_work(town: Town, group: str = "7A", **more: object) -> dict[str, object]:
    place = {"group_id": str(town.group(group)), "on": MAY_18.isoformat(), "number": LESSON_OF[group]}
    return {"work_id": str(uuid4()), **place, "kind": "test", **more}


def work_refused(person: Person, body: dict[str, object]) -> Told:
    return refused(person, "POST", "grades", "/works", body)


def columns(teacher: Person, town: Town, on: date = MAY_18) -> list[dict[str, Any]]:
    journal = teacher.read("grades", "/journal", group_id=town.group("7A"), first=on, last=on)
    found: list[dict[str, Any]] = journal["works"]
    return found


@pytest.fixture(scope="module")
def work(town: Town, anna: Person) -> UUID:
    return town.open_work(anna, MAY_18)


def test_d_05_a_mark_outside_the_scale(town: Town, anna: Person, work: UUID) -> None:
    told = marks_refused(anna, work, mark(town.person("petya"), "6"))
    assert (told.status, told.code, told.pointer) == (422, "grades.not-on-five-points", "/marks/0/value")
    allowed = "от 1 до 5, несколько через дробь (4/5); или «осв», «н/а», точка."
    assert told.ru == f"«6» — не оценка пятибалльной шкалы: {allowed}"
    assert told.en == "“6” is no mark of the five-point scale: 1 to 5, several as 4/5; or exempt, n/a, a dot."


def test_d_05_a_mark_outside_the_hundred_point_scale(teacher: Person) -> None:
    from tests.acceptance.places import PETER, open_work

    told = marks_refused(teacher, open_work(teacher), mark(PETER, "151"))
    assert (told.code, told.pointer) == ("grades.not-on-hundred-points", "/marks/0/value")
    assert told.ru.startswith("«151» — не оценка стобалльной шкалы: от 0 до 150")
    assert told.en.startswith("“151” is no mark of the hundred-point scale: 0 to 150")


def test_b_27_absence_typed_in_a_mark_cell_is_sent_to_the_roll(town: Town, anna: Person, work: UUID) -> None:
    told = marks_refused(anna, work, mark(town.person("petya"), "н"))
    assert (told.code, told.pointer) == ("grades.absence-belongs-to-roll", "/marks/0/value")
    assert told.ru == "Отсутствие отмечают в посещаемости урока, а не в клетке оценки."
    assert told.en == "Absence is entered in the roll of the lesson, not in a mark's cell."


def test_d_05_a_column_is_saved_whole_or_not_at_all_and_every_bad_cell_is_named(
    town: Town, anna: Person, work: UUID
) -> None:
    body = {"marks": [mark(town.person("petya"), "5"), mark(town.person("vera"), "4"), mark(uuid4(), "9")]}
    answer = anna.send("POST", "grades", f"/works/{work}/marks", body)
    errors = {(error["pointer"], error["code"]) for error in answer.json()["errors"]}
    assert (answer.status_code, errors) == (
        422,
        {
            ("/marks/1/pupil_id", "grades.pupil-not-in-class"),
            ("/marks/2/pupil_id", "grades.pupil-not-in-class"),
        },
    )
    assert next(column for column in columns(anna, town) if column["work_id"] == str(work))["marks"] == []


def test_b_08_a_mark_for_a_pupil_who_was_not_in_the_class_on_that_date(town: Town, anna: Person, work: UUID) -> None:
    told = marks_refused(anna, work, mark(town.person("vera"), "5"))
    assert (told.status, told.code, told.pointer) == (422, "grades.pupil-not-in-class", "/marks/0/pupil_id")
    assert told.ru == "18.05.2022 этот ученик не числился в группе."
    assert told.en == "The pupil was not in this group on 2022-05-18."


def test_b_08_a_mark_in_the_future(town: Town, anna: Person) -> None:
    told = marks_refused(anna, town.open_work(anna, MAY_26), mark(town.person("petya"), "5"))
    assert (told.status, told.code) == (422, "grades.mark-in-future")
    assert told.ru == "Урок будет 26.05.2022: оценку нельзя поставить раньше его дня."
    assert told.en == "The lesson is on 2022-05-26: no mark can be given before its day."


def test_b_08_a_roll_in_the_future(town: Town, anna: Person) -> None:
    told = refused(anna, "PUT", "attendance", town.roll(MAY_26), {"entries": []})
    assert (told.status, told.code) == (422, "attendance.lesson-in-future")
    assert told.ru == "Урок будет 26.05.2022: отметить посещаемость раньше нельзя."
    assert told.en == "The lesson is on 2022-05-26: its roll cannot be taken before its day."


def test_b_08_a_mark_by_a_teacher_without_the_assignment(town: Town, oleg: Person, work: UUID) -> None:
    told = marks_refused(oleg, work, mark(town.person("petya"), "5"))
    assert (told.status, told.code) == (403, "grades.not-your-lesson")
    assert told.ru == "18.05.2022 вы не вели эту группу и не заменяли её учителя."
    assert told.en == "You did not teach this group on 2022-05-18, nor stand in for its teacher."


def test_b_08_a_column_by_a_teacher_without_the_assignment(town: Town, oleg: Person) -> None:
    told = work_refused(oleg, new_work(town))
    assert (told.status, told.code) == (403, "grades.not-your-lesson")


def test_b_08_the_roll_of_anothers_lesson(town: Town, oleg: Person) -> None:
    told = refused(oleg, "PUT", "attendance", town.roll(MAY_18), {"entries": []})
    assert (told.status, told.code) == (403, "attendance.not-your-lesson")
    assert told.ru == "18.05.2022 вы не вели эту группу и не заменяли её учителя."
    assert told.en == "You did not teach this group on 2022-05-18, nor stand in for its teacher."


def test_d_03_a_second_work_for_the_same_lesson_and_kind_is_warned_of_before_it_is_saved(
    town: Town, anna: Person
) -> None:
    before = [column for column in columns(anna, town) if column["kind"] == "exam"]
    assert before == []
    anna.did("POST", "grades", "/works", new_work(town, kind="exam"))
    second = new_work(town, kind="exam")
    told = work_refused(anna, second)
    assert (told.status, told.code, told.pointer) == (409, "grades.same-kind-in-lesson", "/kind")
    assert told.ru == "У этого урока уже есть работа такого вида. Подтвердите, если нужна вторая."
    assert told.en == "This lesson already has a work of this kind. Confirm if you mean a second one."
    assert len([column for column in columns(anna, town) if column["kind"] == "exam"]) == 1
    anna.did("POST", "grades", "/works", {**second, "confirmed": True})
    assert len([column for column in columns(anna, town) if column["kind"] == "exam"]) == 2


def test_d_03_a_pupil_named_twice_in_a_save(town: Town, anna: Person, work: UUID) -> None:
    petya = town.person("petya")
    told = marks_refused(anna, work, mark(petya, "5"), mark(petya, "4"))
    assert (told.code, told.pointer) == ("grades.pupil-twice", "/marks/1/pupil_id")
    assert told.ru == "Этот ученик указан дважды в одном сохранении."


@pytest.mark.parametrize("missing", [{"kind": ""}, {}], ids=["empty", "left out"])
def test_d_04_a_missing_kind(town: Town, anna: Person, missing: dict[str, str]) -> None:
    body = {name: value for name, value in new_work(town).items() if name != "kind"}
    told = work_refused(anna, {**body, **missing})
    assert (told.status, told.code, told.pointer) == (422, "grades.kind-missing", "/kind")
    assert (told.ru, told.en) == ("Выберите вид работы.", "Choose the kind of work.")


def test_d_04_a_missing_reason_of_a_correction(town: Town, anna: Person) -> None:
    work = town.give(anna, date(2022, 5, 17), "3")
    body = {"pupil_id": str(town.person("petya")), "value": "4"}
    told = refused(anna, "POST", "grades", f"/works/{work}/corrections", body)
    assert (told.status, told.code, told.pointer) == (422, "grades.reason-missing", "/reason")
    assert told.ru == "Укажите причину: она сохранится вместе с оценкой."
    assert told.en == "Say why: the reason is kept with the mark."


def test_d_02_a_kind_that_the_school_does_not_have(town: Town, anna: Person) -> None:
    told = work_refused(anna, new_work(town, kind="essay"))
    assert (told.status, told.code, told.pointer) == (422, "grades.kind-unknown", "/kind")
    assert told.ru.startswith("В правиле школы нет вида работы «essay». Есть: lesson, homework, ")


def test_d_02_a_lesson_number_that_is_not_this_subjects(town: Town, anna: Person) -> None:
    told = work_refused(anna, new_work(town, number=2))
    assert (told.status, told.code, told.pointer) == (422, "grades.no-such-lesson", "/number")
    assert told.ru == "По расписанию у группы 18.05.2022 нет урока № 2."
    assert told.en == "The group has no lesson 2 on 2022-05-18 by the timetable."


def test_d_01_a_date_outside_the_term(town: Town, anna: Person) -> None:
    told = work_refused(anna, new_work(town, on="2022-07-04"))
    assert (told.status, told.code, told.pointer) == (422, "grades.outside-term", "/on")
    assert told.ru == "04.07.2022 не входит в учебный год. Проверьте дату."
    assert told.en == "2022-07-04 is outside the terms of the school year. Check the date."


@pytest.mark.parametrize("typed", ["2022-13-45", "18.05.2022", "вчера", "0222-05-18T", ""])
def test_d_01_a_mistyped_date(town: Town, anna: Person, typed: str) -> None:
    told = work_refused(anna, new_work(town, on=typed))
    assert (told.status, told.code, told.pointer) == (422, "field.not-date", "/on")
    assert told.ru == "Введите дату вида 2026-09-01."
    assert told.en == "Enter a date such as 2026-09-01."


def test_d_05_minutes_of_one_who_was_not_late(town: Town, anna: Person) -> None:
    entry = {"pupil_id": str(town.person("petya")), "state": "absent", "minutes": 5}
    told = refused(anna, "PUT", "attendance", town.roll(date(2022, 5, 13)), {"entries": [entry]})
    assert (told.status, told.code, told.pointer) == (422, "attendance.minutes-without-late", "/entries/0/minutes")
    assert told.ru == "Минуты указывают только при опоздании."
    assert told.en == "Minutes belong to a late arrival only."


def test_b_08_an_entry_of_a_pupil_who_is_not_in_the_class(town: Town, anna: Person) -> None:
    body = {"entries": [{"pupil_id": str(town.person("vera")), "state": "absent"}]}
    told = refused(anna, "PUT", "attendance", town.roll(MAY_18), body)
    assert (told.status, told.code, told.pointer) == (422, "attendance.pupil-not-in-group", "/entries/0/pupil_id")
    assert told.ru == "18.05.2022 этот ученик не числился в группе."
    assert told.en == "The pupil was not in this group on 2022-05-18."
