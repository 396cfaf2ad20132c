"""Final grades: proposed with their sums, locked by the council, published to families, corrected by request."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from deploy.demo.people import Visitor
from shared.contracts.roster import derived_id
from tests.acceptance.browsing import NARROW, PHONE, opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.test_browser_pages import findings, overflow, settled
from tests.acceptance.town import Town, founded

AUTUMN = (date(2021, 9, 15), date(2021, 10, 13), date(2021, 12, 15))
"""Days of the first term with a lesson of 7A."""


@dataclass(frozen=True)
class School:
    """A town of its own: a council locks the term for everybody."""

    town: Town
    anna: Person
    inna: Person
    olga: Person

    @property
    def term(self) -> str:
        return str(derived_id(self.town.name, "academicSessions", "T1"))

    @property
    def year(self) -> str:
        return str(derived_id(self.town.name, "academicSessions", "Y"))

    @property
    def petya(self) -> str:
        return str(self.town.person("petya"))

    @property
    def group(self) -> str:
        return str(self.town.group("7A"))

    def given(self, value: str, reason: str = "", term: str = "") -> Any:
        body = {"group_id": self.group, "grades": [{"pupil_id": self.petya, "value": value}], "reason": reason}
        return self.anna.did("PUT", "grades", f"/terms/{term or self.term}/grades", body)

    def headed(self, what: str, body: object = None, term: str = "") -> Any:
        """What the headmistress does with the term."""
        path = f"/schools/{self.town.school}/terms/{term or self.term}/{what}"
        return self.inna.did("POST", "grades", path, body or {})

    def published(self, term: str = "") -> None:
        self.headed("council", {"confirmed": True}, term)
        self.inna.did("POST", "grades", f"/schools/{self.town.school}/terms/{term or self.term}/publication")

    def seen(self) -> dict[str, Any]:
        """Title of a term → Petya's grade of mathematics, as his mother's page has it."""
        years = self.olga.read("reporting", "/terms", pupil_id=self.petya)["years"]
        titles = {term["term_id"]: term["title"] for year in years for term in year["terms"]}
        subjects = [subject for year in years for subject in year["subjects"] if subject["subject"] == "Математика"]
        return {titles[grade["term_id"]]: grade for subject in subjects for grade in subject["grades"]}

    def notices(self) -> list[str]:
        notices = self.olga.read("notify", "/feed")["notices"]
        return [notice["text"] for notice in notices if notice["kind"] == "term"]


@pytest.fixture
def school(diary: Diary) -> Iterator[School]:
    town = founded(diary)
    with ExitStack() as people:
        yield School(town, *(people.enter_context(town.signed_in(name)) for name in ("anna", "inna", "olga")))


def test_g_02_grades_of_a_term_and_of_the_year_reach_the_family_when_they_are_published(school: School) -> None:
    for on, value, weight in zip(AUTUMN, ("5", "4", "4"), ("2", "1", "1"), strict=True):
        school.town.give(school.anna, on, value, weight=weight)
    sheet = school.anna.read("grades", f"/terms/{school.term}/sheet", group_id=school.group)
    (petya,) = sheet["pupils"]
    assert (petya["proposed"], petya["average"]["sum"]) == ("5", "5×2 + 4×1 + 4×1 = 18; 18 / 4 = 4,50")
    school.given("5")
    until(lambda: school.inna.get("reporting", f"/history/{sheet['sheet_id']}").status_code == 200)
    now = {"first": date.today() - timedelta(days=1), "last": date.today() + timedelta(days=1)}
    hidden = school.olga.read("reporting", "/changes", pupil_id=school.petya, **now)["operations"]
    assert "diary.grades.term-graded.v1" not in {one["type"] for one in hidden}
    assert school.olga.get("reporting", f"/history/{sheet['sheet_id']}").status_code == 404
    proof = school.olga.get("grades", f"/proofs/{sheet['sheet_id']}", pupil_id=school.petya)
    assert (school.seen(), school.notices(), proof.status_code) == ({}, [], 404)

    with school.olga.following(school.town.person("petya")) as live:
        school.published()
        until(lambda: [said for who, said in live.events if who == "reporting" and said.get("terms")])
    grade = school.seen()["I полугодие"]
    assert (grade["value"], grade["average"], grade["count"]) == ("5", "4.50", 3)
    (text,) = until(school.notices)
    assert text.startswith("Пётр: выставлены итоговые оценки, I полугодие")

    year = school.anna.read("grades", f"/terms/{school.year}/sheet", group_id=school.group)["pupils"][0]
    assert (year["proposed"], year["average"]["sum"]) == ("5", "5×1 = 5; 5 / 1 = 5,00")
    school.given("4", term=school.year)
    school.published(school.year)
    until(lambda: len(school.seen()) == 2)
    assert {title: grade["value"] for title, grade in school.seen().items()} == {"I полугодие": "5", "2021-2022": "4"}


def test_b_08_once_the_council_has_begun_marks_and_grades_stay_and_gaps_were_told_before(school: School) -> None:
    work = school.town.give(school.anna, AUTUMN[0], "4")
    path = f"/schools/{school.town.school}/terms/{school.term}"
    refused = school.inna.send("POST", "grades", f"{path}/council", {})
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["pointer"], error["code"]) == (409, "/confirmed", "grades.gaps-left")
    assert error["detail"].startswith("Не выставлено итоговых: 1, групп с пропусками: 1")
    (gap,) = [one for one in school.inna.read("grades", f"{path}/groups")["groups"] if one["missing"]]
    assert gap["group_id"] == school.group, "the gap names the very group"
    school.given("4")
    school.headed("council", {})
    marks = {"marks": [{"pupil_id": school.petya, "value": "5"}]}
    change = {"pupil_id": school.petya, "value": "5", "reason": "описка"}
    grade = {"group_id": school.group, "grades": [{"pupil_id": school.petya, "value": "5"}]}
    for method, what, body in (
        ("POST", f"/works/{work}/marks", marks),
        ("POST", f"/works/{work}/corrections", change),
        ("POST", f"/works/{work}/removals", {"pupil_id": school.petya, "reason": "описка"}),
        ("PATCH", f"/works/{work}", {"weight": "9"}),
        ("PUT", f"/terms/{school.term}/grades", grade),
    ):
        answer = school.anna.send(method, "grades", what, body)
        assert (answer.status_code, answer.json()["code"]) == (409, "grades.term-locked"), what
        assert "«I полугодие» — закрыто" in answer.json()["detail"]
    spring = school.town.give(school.anna, date(2022, 5, 24), "5")
    journal = school.anna.read("grades", "/journal", group_id=school.group, first="2022-05-24", last="2022-05-24")
    assert [one["work_id"] for one in journal["works"]] == [str(spring)], "the next term goes on"


def test_b_08_a_group_is_opened_again_by_request_with_a_reason_and_the_family_reads_what_stood(school: School) -> None:
    school.town.give(school.anna, AUTUMN[0], "4")
    school.given("4")
    school.published()
    until(lambda: school.seen())
    ask = {"group_id": school.group, "reason": "Пётр сдал долг"}
    school.anna.did("POST", "grades", f"/terms/{school.term}/reopening", ask)
    path = f"/schools/{school.town.school}/terms/{school.term}/groups"
    (waiting,) = [one for one in school.inna.read("grades", path)["groups"] if one["asked"]]
    assert waiting["asked"]["reason"] == "Пётр сдал долг"
    decision = {"group_id": school.group, "allowed": True}
    school.inna.did("POST", "grades", f"/terms/{school.term}/reopening/decision", decision)
    school.given("5", reason="сдал долг")
    until(lambda: school.seen()["I полугодие"]["value"] == "5")
    (was,) = school.seen()["I полугодие"]["was"]
    assert (was["value"], was["reason"], was["by"]) == ("4", "сдал долг", str(school.anna.person_id))
    assert "Пётр: итоговая оценка исправлена, 4 → 5, I полугодие · Математика" in until(
        lambda: [text for text in school.notices() if "исправлена" in text]
    )
    school.anna.did("POST", "grades", f"/terms/{school.term}/locking", {"group_id": school.group})
    again = {"group_id": school.group, "grades": [{"pupil_id": school.petya, "value": "3"}], "reason": "нет"}
    assert school.anna.send("PUT", "grades", f"/terms/{school.term}/grades", again).status_code == 409
    wanted = {
        "term-graded", "council-begun", "term-published", "reopening-asked", "reopening-decided",
        "term-grade-corrected", "sheet-locked",
    }  # fmt: skip
    until(lambda: wanted <= _kinds(school))


def _kinds(school: School) -> set[str]:
    """What was done in the school, by the journal of operations."""
    today = date.today()
    days = {"first": today - timedelta(days=1), "last": today + timedelta(days=1)}
    operations = school.inna.read("reporting", "/audit", school_id=school.town.school, **days)["operations"]
    return {one["type"].split(".")[2] for one in operations}


@pytest.mark.browser
def test_g_02_from_the_teachers_keyboard_through_the_council_to_the_mothers_phone(
    diary: Diary, school: School, browser: Browser
) -> None:
    for on, value in zip(AUTUMN, ("5", "4", "4"), strict=True):
        school.town.give(school.anna, on, value)
    name = school.town.name
    with (
        opened(browser, diary.url, Visitor("", f"anna.{name}", "")) as teacher,
        opened(browser, diary.url, Visitor("", f"inna.{name}", "")) as head,
        opened(browser, diary.url, Visitor("", f"olga.{name}", ""), PHONE) as mother,
    ):
        teacher.get_by_role("link", name="Итоги").click()
        expect(teacher.get_by_text("Оценок за эти дни нет: выставлять пока нечего")).to_be_visible()
        teacher.get_by_role("link", name="I полугодие", exact=True).click()
        expect(teacher.get_by_role("heading", name="Не выставлены")).to_be_visible()
        picture(teacher, "terms")
        teacher.get_by_role("link", name="7А математика").click()
        field = teacher.get_by_label("Итоговая: Ёлкин Пётр Олегович, предлагается 4")
        field.fill("7")
        field.press("Enter")
        row = teacher.locator(f'[data-pupil="{school.petya}"]')
        expect(row.get_by_role("alert")).to_contain_text("от 1 до 5")
        field.fill("5")
        field.press("Enter")
        expect(teacher.get_by_text("Сохранено")).to_be_visible()
        picture(teacher, "term-sheet")

        head.get_by_role("link", name="Итоги").click()
        head.get_by_role("link", name="I полугодие", exact=True).click()
        head.get_by_role("button", name="Начать педсовет").click()
        expect(head.get_by_text("педсовет, закрыто").first).to_be_visible()
        teacher.reload()
        expect(teacher.get_by_text("Начался педсовет: оценки и итоговые закрыты.")).to_be_visible()
        expect(teacher.locator(".grade-field")).to_have_count(0)
        mother.goto(f"{diary.url}/pupils/{school.petya}/marks")
        expect(mother.get_by_role("heading", name="Оценки", level=1)).to_be_visible()
        expect(mother.get_by_role("heading", name="Итоговые оценки")).to_have_count(0)

        head.get_by_role("button", name="Опубликовать итоговые").click()
        picture(head, "terms-council")
        head.get_by_role("button", name="Опубликовать", exact=True).click()
        expect(head.get_by_text("опубликовано").first).to_be_visible()
        finals = mother.get_by_role("region", name="Итоговые оценки, 2021/22")
        expect(finals.get_by_role("button", name="Математика, I полугодие: 5")).to_be_visible()
        picture(mother, "finals")


@pytest.mark.browser
def test_b_08_a_locked_journal_says_so_and_a_correction_asks_for_its_reason(
    diary: Diary, school: School, browser: Browser
) -> None:
    school.town.give(school.anna, AUTUMN[0], "4")
    school.given("4")
    school.published()
    name = school.town.name
    with (
        opened(browser, diary.url, Visitor("", f"anna.{name}", "")) as teacher,
        opened(browser, diary.url, Visitor("", f"inna.{name}", "")) as head,
    ):
        teacher.goto(f"{diary.url}/journal/{school.group}?first=2021-09-15&last=2021-09-15")
        expect(teacher.get_by_text("Закрыто для изменений: I полугодие")).to_be_visible()
        cell = teacher.locator('[role="gridcell"].locked').first
        cell.focus()
        teacher.keyboard.press("5")
        expect(teacher.locator('[role="status"]').filter(has_text="начался педсовет").first).to_be_attached()
        teacher.goto(f"{diary.url}/terms/{school.term}/{school.group}")
        teacher.get_by_role("button", name="Попросить открыть").click()
        teacher.get_by_role("button", name="Отправить просьбу").click()
        expect(teacher.get_by_role("alert")).to_contain_text("Напишите причину")
        teacher.get_by_label("Что нужно исправить").fill("Пётр сдал долг")
        teacher.get_by_role("button", name="Отправить просьбу").click()
        expect(teacher.get_by_text("Просьба открыть:")).to_be_visible()
        picture(teacher, "term-asked")

        head.goto(f"{diary.url}/terms?term={school.term}")
        expect(head.get_by_role("heading", name="1 просьба открыть группу")).to_be_visible()
        picture(head, "terms-requests")
        head.get_by_role("button", name="Открыть группу").click()
        expect(head.get_by_text("открыто снова")).to_be_visible()

        teacher.reload()
        field = teacher.get_by_label("Итоговая: Ёлкин Пётр Олегович, предлагается 4")
        field.fill("5")
        field.press("Enter")
        why = teacher.get_by_label("Почему 4 меняется на 5")
        why.fill("сдал долг")
        picture(teacher, "term-reason")
        why.press("Enter")
        expect(teacher.get_by_text("Было: 4, сдал долг")).to_be_visible()
        teacher.get_by_role("button", name="Закрыть снова").click()
        expect(teacher.get_by_text("Итоговые опубликованы.")).to_be_visible()


@pytest.mark.browser
def test_the_pages_of_final_grades_are_accessible_and_fit_a_narrow_screen(
    diary: Diary, school: School, browser: Browser
) -> None:
    school.town.give(school.anna, AUTUMN[0], "4")
    school.given("4")
    school.published()
    name = school.town.name
    until(school.seen)
    pages: tuple[tuple[str, str], ...] = (
        ("anna", f"/terms?term={school.term}"), ("anna", f"/terms/{school.term}/{school.group}"),
        ("inna", f"/terms?term={school.term}"), ("olga", f"/pupils/{school.petya}/marks"),
    )  # fmt: skip
    for who, address in pages:
        for scheme in ("light", "dark"):
            with opened(browser, diary.url, Visitor("", f"{who}.{name}", ""), NARROW, color_scheme=scheme) as page:
                page.goto(diary.url + address)
                settled(page)
                assert findings(page) == [], (who, address, scheme)
                assert overflow(page) <= 0, (who, address)
