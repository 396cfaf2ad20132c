"""Draft marks: no average, notice, feed, export or event of a family's view has them until they are published."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, expect

from deploy.demo.people import Visitor
from tests.acceptance.browsing import PHONE, opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.test_browser_journal import cell, followed, show
from tests.acceptance.test_browser_pages import findings
from tests.acceptance.town import Town, founded, inhabitant

SHOWN, HIDDEN, OTHER = date(2022, 5, 17), date(2022, 5, 18), date(2022, 5, 19)
PLANNED = date(2022, 4, 20)  # in no average of the others
RANGE = {"first": "2022-05-01", "last": "2022-05-31"}


@pytest.fixture(scope="module")
def place(diary: Diary) -> Town:
    return founded(diary)


anna = inhabitant("anna")
olga = inhabitant("olga")


def drafted(place: Town, anna: Person, on: date, value: str, comment: str = "") -> UUID:
    """A draft column with Petya's mark in it."""
    work = place.open_work(anna, on, draft=True)
    mark = {"pupil_id": str(place.person("petya")), "value": value, "comment": comment}
    anna.did("POST", "grades", f"/works/{work}/marks", {"marks": [mark]})
    return work


def everything(place: Town, olga: Person, work: UUID) -> str:
    """All that the mother's pages, files, feeds and proofs say, in one text."""
    petya = place.person("petya")
    now = {"first": date.today() - timedelta(days=1), "last": date.today() + timedelta(days=1)}
    answers = [
        olga.get("reporting", "/diary", pupil_id=petya, **RANGE),
        olga.get("reporting", "/marks", pupil_id=petya, **RANGE),
        olga.get("reporting", "/marks.csv", pupil_id=petya, **RANGE),
        olga.get("reporting", "/terms", pupil_id=petya),
        olga.get("reporting", "/changes", pupil_id=petya, **now),
        olga.get("reporting", f"/history/{work}"),
        olga.get("grades", f"/proofs/{work}", pupil_id=petya),
        olga.get("notify", "/feed"),
        olga.get("notify", "/deliveries"),
    ]
    return "\n".join(answer.text for answer in answers)


def _clock(place: Town, anna: Person) -> datetime:
    """What the school's clock shows, to the minute."""
    asked = {"teacher_id": place.person("anna"), "first": "2022-05-25", "last": "2022-05-25"}
    (school,) = until(lambda: anna.read("reporting", "/lessons", **asked)["schools"])
    return datetime.fromisoformat(f"{school['today']}T{school['now']}")


@pytest.fixture(scope="module")
def planned(place: Town, anna: Person) -> UUID:
    """A draft that is to be published at the school's next minute; where that begins meanwhile, at the one after."""
    work = drafted(place, anna, PLANNED, "3")

    def plan() -> bool:
        body = {"at": (_clock(place, anna) + timedelta(minutes=1)).isoformat()}
        return anna.send("PUT", "grades", f"/works/{work}/publication", body).status_code == 200

    until(plan)
    return work


@pytest.mark.usefixtures("planned")
def test_b_05_a_draft_is_nowhere_until_it_is_published_to_all_at_once(place: Town, anna: Person, olga: Person) -> None:
    place.give(anna, SHOWN, "5")
    petya = place.person("petya")
    until(lambda: _average(place, olga) == "5.00")
    with olga.following(petya) as live:
        work = drafted(place, anna, HIDDEN, "2", "Переписать к пятнице")
        later = place.give(anna, OTHER, "5")  # what comes after it has come: the draft is not merely late
        until(lambda: str(later) in str(live.events))
        told = everything(place, olga, work)
        assert str(work) not in told.replace(f"/history/{work}", "") and "Переписать" not in told
        assert str(work) not in str(live.events)
        assert olga.get("grades", f"/proofs/{work}", pupil_id=petya).status_code == 404
        assert _average(place, olga) == "5.00"
        anna.did("POST", "grades", f"/works/{work}/publication")
        until(lambda: str(work) in str(live.events))
    (mark,) = [m for m in _marks(place, olga) if m["work_id"] == str(work)]
    assert (mark["values"], mark["comment"], _average(place, olga)) == (["2"], "Переписать к пятнице", "4.00")
    notices = until(lambda: [n["text"] for n in olga.read("notify", "/feed")["notices"] if "оценка 2" in n["text"]])
    assert len(notices) == 1


def test_b_05_what_stood_in_a_draft_before_is_told_to_no_family(place: Town, anna: Person, olga: Person) -> None:
    work = drafted(place, anna, OTHER, "2", "Совсем плохо")
    mark = {"pupil_id": str(place.person("petya")), "value": "4", "comment": "Хорошо"}
    anna.did("POST", "grades", f"/works/{work}/marks", {"marks": [mark]})
    anna.did("POST", "grades", f"/works/{work}/publication")
    until(lambda: str(work) in str(_marks(place, olga)))
    told = everything(place, olga, work)
    assert "Совсем плохо" not in told
    until(lambda: olga.get("reporting", f"/history/{work}").status_code == 200)
    entries = olga.read("reporting", f"/history/{work}")["entries"]
    assert [(entry["type"], entry["after"]["values"]) for entry in entries] == [("diary.grades.marks-given.v2", ["4"])]
    proof = until(lambda: _proof(place, olga, work)) or []
    assert [event["entries"][0]["text"].count('"values":["4"]') for event in proof if event["entries"]] == [1]
    mine = {entry["type"].split(".")[2] for entry in anna.read("reporting", f"/history/{work}")["entries"]}
    assert mine >= {"marks-drafted", "work-published", "marks-given"}, "the school's journal of operations has it all"


def _marks(place: Town, olga: Person) -> list[dict[str, Any]]:
    table = olga.read("reporting", "/marks", pupil_id=place.person("petya"), **RANGE)
    return [mark for subject in table["subjects"] for mark in subject["marks"]]


def _average(place: Town, olga: Person) -> str | None:
    found: str | None = olga.read("reporting", "/marks", pupil_id=place.person("petya"), **RANGE)["overall"]["average"]
    return found


def _proof(place: Town, olga: Person, work: UUID) -> list[dict[str, Any]] | None:
    """None while the newest change is not under a signed checkpoint."""
    answer = olga.get("grades", f"/proofs/{work}", pupil_id=place.person("petya"))
    return answer.json()["events"] if answer.status_code == 200 else None


@pytest.mark.browser
def test_b_05_a_teacher_keeps_a_draft_in_the_grid_and_publishes_it(
    diary: Diary, place: Town, anna: Person, olga: Person, browser: Browser
) -> None:
    until(lambda: followed(anna, place.group("7A")))
    petya = place.person("petya")
    with (
        opened(browser, diary.url, Visitor("", f"anna.{place.name}", "")) as page,
        opened(browser, diary.url, Visitor("", f"olga.{place.name}", ""), PHONE) as mother,
    ):
        show(page, place)
        day = date(2022, 5, 23)
        cell(page, day).focus()
        page.keyboard.press("3")
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Черновик: семьи увидят оценки после публикации").check()
        picture(page, "draft-dialog")
        dialog.get_by_role("button", name="Добавить", exact=True).click()
        expect(cell(page, day)).to_have_text("3")
        expect(page.get_by_text("Сохранено")).to_be_visible()
        cell(page, day).focus()
        page.keyboard.press("4")
        page.keyboard.press("Enter")
        expect(cell(page, day)).to_have_text("4")
        expect(page.get_by_text("Не сохранено")).to_have_count(0)
        expect(page.get_by_text("Сохранено")).to_be_visible()
        page.reload()
        expect(cell(page, day)).to_have_text("4")
        expect(cell(page, day)).to_have_attribute("aria-label", "черновик 4")
        picture(page, "draft-grid")
        assert findings(page) == []
        head = page.get_by_role("columnheader").filter(has_text=f"{day:%d.%m}").first.get_by_role("button")
        dialog = page.get_by_role("dialog")
        head.click()
        dialog.get_by_role("button", name="Опубликовать позже").click()
        dialog.get_by_label("Когда опубликовать").fill("2022-05-24T18:00")
        dialog.get_by_role("button", name="Назначить").click()
        expect(dialog.get_by_text("выберите время позже")).to_be_visible()
        dialog.get_by_label("Когда опубликовать").fill("2022-05-26T18:00")
        picture(page, "draft-later")
        dialog.get_by_role("button", name="Назначить").click()
        expect(dialog).to_have_count(0)
        head.click()
        expect(dialog.get_by_text("Черновик: будет опубликован 26 мая в 18:00.")).to_be_visible()
        dialog.get_by_role("button", name="Не публиковать в это время").click()
        expect(dialog).to_have_count(0)
        mother.goto(f"{diary.url}/pupils/{petya}/diary?day={day}")
        expect(mother.get_by_role("heading", name="23 мая")).to_be_visible()
        expect(mother.get_by_role("button", name="4", exact=True)).to_have_count(0)

        head.click()
        dialog.get_by_role("button", name="Опубликовать", exact=True).click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(cell(page, day)).to_have_attribute("aria-label", "4")
        marks = [m for m in until(lambda: _of_day(place, olga, day))]
        assert [m["values"] for m in marks] == [["4"]]


def _of_day(place: Town, olga: Person, day: date) -> list[dict[str, Any]]:
    asked = {"pupil_id": place.person("petya"), "first": day, "last": day}
    subjects = olga.read("reporting", "/marks", **asked)["subjects"]
    return [mark for subject in subjects for mark in subject["marks"]]


def test_b_05_what_was_planned_is_published_at_its_time(place: Town, anna: Person, olga: Person, planned: UUID) -> None:
    """The last of the module: its time comes while the others run."""
    found = until(lambda: _of_day(place, olga, PLANNED), 180)
    assert [(mark["work_id"], mark["values"]) for mark in found] == [(str(planned), ["3"])]
    columns = anna.read("grades", "/journal", group_id=place.group("7A"), first=PLANNED, last=PLANNED)["works"]
    assert [(work["draft"], work["planned"]) for work in columns if work["work_id"] == str(planned)] == [(False, None)]
