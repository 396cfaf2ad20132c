"""Marks: the table, averages that anybody can add up, corrections, several marks in a cell."""

import csv
import io
import re
import zipfile
from collections import Counter
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

import pytest

from deploy.demo.grandbend import HERE, KINDS
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.places import ALGEBRA, ALGEBRA_IN_AUTUMN, PETER, TODAY, lesson, mark, open_work
from tests.acceptance.town import Town, founded

AUTUMN = {"first": date(2021, 8, 23), "last": date(2021, 12, 17)}
MAY_23 = date(2022, 5, 23)


def published() -> list[tuple[date, str, str]]:
    """Day, title and mark of Peter's published results."""
    with zipfile.ZipFile(HERE / "oneroster.zip") as archive:

        def rows(name: str) -> list[dict[str, str]]:
            return list(csv.DictReader(io.TextIOWrapper(archive.open(f"{name}.csv"), "utf-8")))

        items = {row["sourcedId"]: row for row in rows("lineItems")}
        results = [row for row in rows("results") if row["studentSourcedId"] == "604918"]
    found = [(items[row["lineItemSourcedId"]], row["score"]) for row in results]
    return sorted((date.fromisoformat(item["assignDate"]), item["title"], score) for item, score in found)


def kind_of(title: str) -> str:
    return "quiz" if "Quiz" in title else "test" if "Test" in title else "homework"


def own_average(marks: list[tuple[str, str]]) -> str:
    """By hand: the sum of marks times weights by the sum of weights, half up to 0.01."""
    total = sum((Decimal(value) * Decimal(weight) for value, weight in marks), Decimal(0))
    weights = sum((Decimal(weight) for _, weight in marks), Decimal(0))
    return str((total / weights).quantize(Decimal("0.01"), ROUND_HALF_UP))


def weighted() -> list[tuple[str, str]]:
    return [(score, KINDS[kind_of(title)]) for _, title, score in published()]


@pytest.fixture(scope="module")
def table(parent: Person) -> Any:
    """The marks table of Peter's autumn, as his mother sees it."""
    return parent.read("reporting", "/marks", pupil_id=PETER, **AUTUMN)


def test_g_08_the_table_has_date_kind_and_mark_of_every_result_and_averages_on_top(table: Any) -> None:
    (algebra,) = table["subjects"]
    assert algebra["subject"] == "Algebra I"
    shown = [(row["on"], row["title"], row["kind"], row["values"]) for row in algebra["marks"]]
    assert len(shown) == 10
    assert shown == [
        (on.isoformat(), title, kind_of(title), [score.removesuffix(".00")]) for on, title, score in published()
    ]
    assert algebra["average"] == own_average(weighted())
    assert table["overall"]["average"] == algebra["average"]


def test_g_08_the_overall_average_is_the_mean_of_the_subjects(town: Town, anna: Person, oleg: Person) -> None:
    petya, on = town.person("petya"), date(2022, 3, 1)
    town.give(anna, on, "4")
    for value in ("5", "4"):
        town.give(oleg, on, value, group="7R")
    table = until(lambda: _whole(oleg, petya, on))
    assert [(row["subject"], row["average"]) for row in table["subjects"]] == [
        ("Математика", "4.00"),
        ("Русский язык", "4.50"),
    ]
    assert table["overall"] == {"average": "4.25", "count": 3, "sum": "(4.00 + 4.50) / 2 = 4.25"}


def _whole(person: Person, pupil: UUID, on: date) -> Any:
    table = person.read("reporting", "/marks", pupil_id=pupil, first=on, last=on)
    return table if table["overall"]["count"] == 3 else None


def test_g_09_the_average_after_every_mark_can_be_followed(table: Any) -> None:
    followed = [row["average"] for row in table["subjects"][0]["marks"]]
    assert followed == [own_average(weighted()[: n + 1]) for n in range(10)]


def test_b_01_the_sum_shown_equals_ones_own(table: Any, teacher: Person) -> None:
    shown = table["subjects"][0]["sum"]
    terms = re.findall(r"(\d+(?:,\d+)?)×(\d+(?:,\d+)?)", shown)
    assert Counter(terms) == Counter((score.removesuffix(".00"), weight) for score, weight in weighted())
    assert shown.endswith(f"= {own_average(weighted())}".replace(".", ","))
    journal = teacher.read("grades", "/journal", group_id=ALGEBRA_IN_AUTUMN, **AUTUMN)
    average = journal["averages"][str(PETER)]
    assert (average["average"], average["count"]) == (own_average(weighted()), 10)
    assert Counter(term["value"] for term in average["terms"]) == Counter(value.replace(",", ".") for value, _ in terms)


def test_b_01_a_half_is_rounded_up(town: Town, anna: Person) -> None:
    first, last = date(2021, 9, 15), date(2021, 9, 16)
    town.give(anna, first, "3", weight="1")
    town.give(anna, last, "4", weight="7")
    average = in_journal(anna, town.group("7A"), first, town.person("petya"), last)
    assert (average["sum"], average["average"]) == ("3×1 + 4×7 = 31; 31 / 8 = 3,88", "3.88")


def test_b_01_a_new_rule_leaves_what_was_marked_by_the_old_one_as_it_was(diary: Diary) -> None:
    town = founded(diary)
    address, first, last = f"/schools/{town.school}/rule", date(2021, 9, 15), date(2021, 9, 17)
    with town.signed_in("inna") as inna, town.signed_in("anna") as anna, town.signed_in("olga") as olga:
        old = inna.read("grades", address)
        light = {"scale": "five", "kinds": [{"kind": "lesson", "weight": "1"}, {"kind": "test", "weight": "2"}]}
        inna.did("PUT", "grades", address, light)
        town.give(anna, first, "3")
        test = town.open_work(anna, date(2021, 9, 16), kind="test")
        petya = town.person("petya")
        anna.did("POST", "grades", f"/works/{test}/marks", {"marks": [{"pupil_id": str(petya), "value": "5"}]})
        before = in_journal(anna, town.group("7A"), first, petya, last)
        assert before["sum"] == "3×1 + 5×2 = 13; 13 / 3 = 4,33"
        heavy = {"scale": "five", "kinds": [{"kind": "lesson", "weight": "1"}, {"kind": "test", "weight": "5"}]}
        inna.did("PUT", "grades", address, heavy)
        assert in_journal(anna, town.group("7A"), first, petya, last) == before
        town.open_work(anna, last, kind="test")
        journal = anna.read("grades", "/journal", group_id=town.group("7A"), first=first, last=last)
        assert journal["rule"]["rule"] == old["rule"] + 2
        assert [(work["kind"], work["weight"]) for work in journal["works"]] == [
            ("lesson", "1"), ("test", "2"), ("test", "5"),
        ]  # fmt: skip
        seen = {"pupil_id": petya, "first": first, "last": last}
        until(lambda: olga.read("reporting", "/marks", **seen)["subjects"][0]["average"] == "4.33")


def in_journal(teacher: Person, group: UUID, on: date, pupil: UUID, last: date | None = None) -> Any:
    """The pupil's average of the works of a day, or of all from it to the last."""
    journal = teacher.read("grades", "/journal", group_id=group, first=on, last=last or on)
    return journal["averages"].get(str(pupil), {"average": None})


def of_day(person: Person, pupil: UUID, on: date) -> list[dict[str, Any]]:
    """The marks of a day of the pupil's diary."""
    days = person.read("reporting", "/diary", pupil_id=pupil, first=on, last=on)["days"]
    return [row for lesson_ in days[0]["lessons"] for row in lesson_["marks"]]


def test_g_02_a_mark_of_an_ordinary_lesson_is_the_same_in_journal_and_diary(teacher: Person, parent: Person) -> None:
    work = open_work(teacher, title="Устный ответ")
    teacher.did("POST", "grades", f"/works/{work}/marks", {"marks": [mark(PETER, "78", "уверенно у доски")]})
    journal = teacher.read("grades", "/journal", group_id=ALGEBRA, first=TODAY, last=TODAY)
    (column,) = [row for row in journal["works"] if row["work_id"] == str(work)]
    assert column["lesson_id"] == str(lesson())
    seen = until(lambda: [row for row in of_day(parent, PETER, TODAY) if row["work_id"] == str(work)])[0]
    (given,) = column["marks"]
    for name in ("values", "comment", "by"):
        assert seen[name] == given[name]
    assert (seen["kind"], seen["title"], seen["comment"]) == ("lesson", "Устный ответ", "уверенно у доски")


def test_b_06_a_correction_is_shown_with_what_stood_before_and_replaces_its_notice_quietly(
    town: Town, anna: Person, olga: Person
) -> None:
    petya, on = town.person("petya"), MAY_23
    work = town.give(anna, on, "4")
    first_notice = about(olga, "оценка 4 ")
    fix = {"pupil_id": str(petya), "value": "5", "reason": "не засчитан верный ответ"}
    anna.did("POST", "grades", f"/works/{work}/corrections", fix)
    changed = until(lambda: [row for row in of_day(olga, petya, on) if row["work_id"] == str(work) and row["was"]])[0]
    assert changed["values"] == ["5"]
    assert [(was["values"], was["reason"]) for was in changed["was"]] == [(["4"], "не засчитан верный ответ")]
    (notice,) = until(lambda: [n for n in notices(olga) if "исправлена, 4 → 5" in n["text"]])
    assert notice["notice_id"] == first_notice
    assert not [n for n in notices(olga) if "оценка 4 " in n["text"]]


def notices(person: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = person.read("notify", "/feed")["notices"]
    return found


def about(person: Person, words: str) -> str:
    """The id of the notice that says this."""
    found = until(lambda: [n for n in notices(person) if words in n["text"]])
    return str(found[0]["notice_id"])


def test_b_27_two_marks_in_one_lesson_are_two_and_codes_count_nothing(town: Town, anna: Person, olga: Person) -> None:
    petya, on = town.person("petya"), date(2022, 2, 2)
    for value, weight in (("4/5", "2"), ("осв", "3"), ("н/а", "3"), (".", "3")):
        town.give(anna, on, value, weight=weight)
    journal = anna.read("grades", "/journal", group_id=town.group("7A"), first=on, last=on)
    stored = [column["marks"][0]["values"] for column in journal["works"]]
    assert sorted(stored) == [["4", "5"], ["exempt"], ["missing"], ["not-attested"]]
    average = journal["averages"][str(petya)]
    assert (average["sum"], average["count"]) == ("4×2 + 5×2 = 18; 18 / 4 = 4,50", 2)
    until(lambda: len(of_day(olga, petya, on)) == 4)
    table = olga.read("reporting", "/marks", pupil_id=petya, first=on, last=on)
    assert table["subjects"][0]["average"] == "4.50"


def test_t_04_performance_is_counted_without_anybody_asking(town: Town, anna: Person) -> None:
    petya, on = town.person("petya"), date(2022, 4, 5)
    group = town.group("7A")
    work = town.give(anna, on, "3")
    assert in_journal(anna, group, on, petya)["average"] == "3.00"
    fix = {"pupil_id": str(petya), "value": "5", "reason": "апелляция"}
    anna.did("POST", "grades", f"/works/{work}/corrections", fix)
    assert in_journal(anna, group, on, petya)["average"] == "5.00"
    anna.did("POST", "grades", f"/works/{work}/removals", {"pupil_id": str(petya), "reason": "не тот ученик"})
    assert in_journal(anna, group, on, petya)["average"] is None
