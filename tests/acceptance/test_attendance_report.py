"""What the academic office reports of attendance over a chosen period, by class and by pupil."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from python_calamine import CalamineWorkbook

from deploy.demo.people import Visitor
from tests.acceptance.browsing import opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.places import TODAY
from tests.acceptance.test_browser_pages import findings, settled
from tests.acceptance.town import Town, founded

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


@pytest.fixture(scope="module")
def inna(place: Town) -> Iterator[Person]:
    """Who runs the school."""
    with place.signed_in("inna") as person:
        yield person


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
