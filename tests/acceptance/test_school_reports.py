"""What those who run a school read over a period: attendance, discipline, what is missing in the journals."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect
from python_calamine import CalamineWorkbook

from deploy.demo.people import Visitor
from tests.acceptance.browsing import opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.places import TODAY
from tests.acceptance.test_browser_pages import findings, settled
from tests.acceptance.town import Town, founded, inhabitant

DAYS = [TODAY - timedelta(days=n) for n in (2, 1, 0)]
PERIOD = {"first": DAYS[0], "last": TODAY}


@pytest.fixture(scope="module")
def place(diary: Diary) -> Town:
    """Petya (7A) missed one of three lessons without a reason and was late for another."""
    town = founded(diary)
    with town.signed_in("anna") as anna:
        petya = str(town.person("petya"))
        entries: list[dict[str, Any]] = [{"state": "absent"}, {"state": "late", "minutes": 5}]
        for on, entry in zip(DAYS, entries, strict=False):
            anna.did("PUT", "attendance", town.roll(on), {"entries": [{"pupil_id": petya, **entry}]})
        anna.did("PUT", "attendance", town.roll(TODAY), {"entries": []})
    return town


inna = inhabitant("inna")
"""Who runs the school."""


def report(by: Person, place: Town) -> Any:
    answer = by.get("reporting", "/school-attendance", school_id=place.school, **PERIOD)
    found = answer.json() if answer.status_code == 200 else {"lessons": 0}
    return found if found["lessons"] == 3 else None


def test_a_04_hours_absences_lates_and_share_are_told_of_school_class_and_pupil(place: Town, inna: Person) -> None:
    found = until(lambda: report(inna, place))
    (form,) = found["classes"]
    (petya,) = form["pupils"]
    counted = {"lessons": 3, "absent": 1, "unexcused": 1, "late": 1, "share": "66.7"}
    assert form["name"] == "7А" and petya["name"] == "Ёлкин Пётр Олегович"
    for row in (found, form, petya):
        assert {kind: row[kind] for kind in counted} == counted
    with place.signed_in("oleg") as teacher:
        refused = teacher.get("reporting", "/school-attendance", school_id=place.school, **PERIOD)
        assert refused.status_code == 403


@pytest.mark.browser
def test_a_04_the_office_reads_it_opens_a_class_and_takes_it_away(
    diary: Diary, place: Town, inna: Person, browser: Browser
) -> None:
    until(lambda: report(inna, place))
    with opened(browser, diary.url, Visitor("", f"inna.{place.name}", "")) as page:
        page.goto(f"{diary.url}/school?school={place.school}")
        page.get_by_role("link", name="Отчёт о посещаемости").click()
        expect(page.get_by_role("row", name="7А 3 1 1 1 66,7 %")).to_be_visible()
        page.locator("summary").filter(has_text="7А").click()
        expect(page.get_by_role("row", name="Ёлкин Пётр Олегович 3 1 1 1 66,7 %")).to_be_visible()
        settled(page)
        assert findings(page) == []
        picture(page, "attendance-report")
        page.get_by_role("button", name="Скачать").click()
        with page.expect_download() as started:
            page.get_by_role("link", name="Excel (XLSX)").click()
        rows = CalamineWorkbook.from_path(started.value.path()).get_sheet_by_index(0).to_python()
        assert ["7А", "Ёлкин Пётр Олегович", 3.0, 1.0, 1.0, 1.0, 66.7] in rows


def behaved(by: Person, place: Town, pupil: str, kind: str, **more: object) -> str:
    remark = str(uuid4())
    body = {"remark_id": remark, "pupil_id": str(place.person(pupil)), "kind": kind, "on": str(TODAY)}
    by.did("POST", "messaging", "/remarks", {**body, "shown": True, "text": "Слова для семьи", **more})
    return remark


def test_b_24_remarks_feed_the_report_on_discipline(place: Town, inna: Person) -> None:
    with place.signed_in("anna") as anna, place.signed_in("oleg") as oleg:
        behaved(anna, place, "petya", "praise")
        behaved(oleg, place, "petya", "remark")
        behaved(anna, place, "petya", "incident", shown=False)  # it waits for the tutor's words
        taken_back = behaved(oleg, place, "vera", "incident")
        oleg.did("POST", "messaging", f"/remarks/{taken_back}/withdrawal", {"reason": "Это была не она"})
        behaved(oleg, place, "vera", "praise")

        def reported() -> Any:
            answer = inna.get("reporting", "/school-discipline", school_id=place.school, **PERIOD)
            found = answer.json() if answer.status_code == 200 else {"praise": 0}
            return found if (found["praise"], found["incident"]) == (2, 0) and found["late"] else None

        found = until(reported)
        refused = oleg.get("reporting", "/school-discipline", school_id=place.school, **PERIOD)
        assert refused.status_code == 403
    petya = {"praise": 1, "remark": 1, "incident": 0, "late": 1, "unexcused": 1}
    assert [(one["name"], [p["name"] for p in one["pupils"]]) for one in found["classes"]] == [
        ("7А", ["Ёлкин Пётр Олегович"]),
        ("7Б", ["Жукова Вера"]),
    ]
    assert {kind: found["classes"][0]["pupils"][0][kind] for kind in petya} == petya
    file = inna.get("reporting", "/school-discipline.csv", school_id=place.school, **PERIOD)
    assert "7А,Ёлкин Пётр Олегович,1,1,0,1,1" in file.text
    assert "Слова для семьи" not in file.text


@pytest.mark.browser
def test_b_07_who_runs_the_school_sees_what_is_missing_and_opens_that_very_lesson(
    diary: Diary, place: Town, inna: Person, browser: Browser
) -> None:
    with place.signed_in("anna") as anna:
        place.open_work(anna, DAYS[0], kind="test", title="Диктант")
        anna.did("PUT", "lessons", f"/lessons/{place.group('7A')}/{DAYS[1]}/1/topic", {"topic": "Дроби"})
        anna.did("PUT", "lessons", f"/lessons/{place.group('7A')}/{DAYS[1]}/1/homework", {"task": None})

    def board() -> Any:
        answer = inna.get("reporting", "/completeness", school_id=place.school, **PERIOD)
        found = answer.json() if answer.status_code == 200 else {"teachers": []}
        return {row["name"]: row for row in found["teachers"]} if found.get("works") else None

    rows = until(board)
    kinds = ("lessons", "rolls", "works", "topics", "homework")
    assert {kind: rows["Петрова Анна Ивановна"][kind] for kind in kinds} == dict(
        zip(kinds, (3, 0, 1, 2, 2), strict=True)
    )
    assert {kind: rows["Сидоров Олег"][kind] for kind in kinds} == dict(zip(kinds, (4, 4, 0, 4, 4), strict=True))
    with opened(browser, diary.url, Visitor("", f"inna.{place.name}", "")) as page:
        page.goto(f"{diary.url}/school?school={place.school}")
        page.get_by_role("link", name="Заполнение журналов").click()
        expect(page.get_by_role("heading", name="Заполнение журналов")).to_be_visible()
        page.goto(f"{page.url}&first={DAYS[0]}&last={TODAY}")
        anna_row = page.get_by_role("group").filter(has_text="Петрова Анна Ивановна")
        anna_row.locator("summary").first.click()
        expect(anna_row.get_by_role("link", name="7А математика")).to_have_count(5)  # a work, two topics, two tasks
        settled(page)
        assert findings(page) == []
        picture(page, "completeness")
        remind = anna_row.get_by_role("link", name="Напомнить")
        expect(remind).to_be_visible()
        anna_row.get_by_role("link", name="7А математика").first.click()  # the work without marks
        expect(page).to_have_url(
            f"{diary.url}/journal/{place.group('7A')}?first={DAYS[0] - timedelta(days=27)}&last={DAYS[0]}"
        )
