"""Absences announced by families: into every teacher's roll beforehand, and beside what rolls said before."""

import struct
import zlib
from datetime import date, timedelta
from random import Random
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect

from deploy.demo.people import Visitor
from tests.acceptance.browsing import NARROW, PHONE, opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.places import TODAY
from tests.acceptance.test_browser_pages import findings, settled
from tests.acceptance.town import Town, founded, inhabitant

BEFORE = date(2022, 5, 24)


@pytest.fixture(scope="module")
def place(diary: Diary) -> Town:
    return founded(diary)


olga = inhabitant("olga")
"""Mother of Petya."""
anna = inhabitant("anna")
"""Who teaches 7A mathematics."""
inna = inhabitant("inna")


def announced(olga: Person, place: Town, on: date, **more: object) -> str:
    absence = str(uuid4())
    body = {"absence_id": absence, "pupil_id": str(place.person("petya")), "first": str(on), "last": str(on)}
    olga.did("POST", "attendance", "/absences", {**body, "reason": "illness", **more})
    return absence


def test_b_02_an_announced_absence_stands_in_each_teachers_roll_before_the_lesson(place: Town, olga: Person) -> None:
    absence = announced(olga, place, date(2022, 5, 27), lessons=[1])
    for teacher, group, numbers in (("anna", "7A", [1]), ("oleg", "7R", [1])):
        with place.signed_in(teacher) as person:
            asked = {"group_id": place.group(group), "first": "2022-05-27", "last": "2022-05-27"}
            told = person.read("attendance", "/announced", **asked)["absences"]
            assert [(one["absence_id"], one["lessons"]) for one in told] == [(absence, numbers)]


def test_b_03_what_the_school_accepts_stands_beside_the_teachers_entry_and_the_family_reads_both(
    place: Town, olga: Person, anna: Person, inna: Person
) -> None:
    petya = str(place.person("petya"))
    anna.did("PUT", "attendance", place.roll(BEFORE), {"entries": [{"pupil_id": petya, "state": "absent"}]})
    absence = announced(olga, place, BEFORE, reason="family", words="Уезжали к бабушке")
    inna.did("POST", "attendance", f"/absences/{absence}/decision", {"accepted": True})

    def lesson() -> dict[str, object]:
        days = olga.read("reporting", "/attendance", pupil_id=petya, first=BEFORE, last=BEFORE)["days"]
        found: dict[str, object] = next((one for day in days for one in day["lessons"]), {})
        return found

    until(lambda: lesson().get("reason") == "family")
    assert [was["reason"] for was in lesson()["was"]] == [None]  # type: ignore[attr-defined]
    now = {"first": date.today() - timedelta(days=1), "last": date.today() + timedelta(days=1)}
    changes = inna.read("reporting", "/changes", pupil_id=petya, **now)["operations"]
    kinds = {one["type"].split(".")[2] for one in changes if one["object_id"] == absence}
    assert kinds == {"absence-announced", "absence-decided"}, "who said so stands in the journal of operations"


def photograph() -> bytes:
    """A PNG larger than the service takes: 700 by 700 pixels of noise."""
    side, noise = 700, Random(7)
    lines = b"".join(b"\x00" + noise.randbytes(3 * side) for _ in range(side))

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines, 1)) + chunk(b"IEND", b"")


@pytest.mark.browser
def test_b_02_from_a_mothers_phone_into_the_roll_and_back_with_the_schools_word(
    diary: Diary, place: Town, olga: Person, anna: Person, inna: Person, browser: Browser
) -> None:
    petya = place.person("petya")
    with (
        opened(browser, diary.url, Visitor("", f"olga.{place.name}", ""), PHONE) as mother,
        opened(browser, diary.url, Visitor("", f"anna.{place.name}", "")) as teacher,
        opened(browser, diary.url, Visitor("", f"inna.{place.name}", "")) as head,
    ):
        mother.goto(f"{diary.url}/pupils/{petya}/attendance")
        mother.get_by_role("button", name="Сообщить об отсутствии").click()
        card = mother.get_by_role("region", name="Сообщения об отсутствии")
        card.get_by_label("С какого дня").fill("2022-01-01")
        card.get_by_role("button", name="Отправить школе").click()
        expect(card.get_by_role("alert")).to_contain_text("Здесь можно объяснить пропуски начиная с")
        card.get_by_label("С какого дня").fill(str(TODAY))
        card.get_by_label("По какой день").fill(str(TODAY))
        card.get_by_label("Подробнее").fill("Температура с утра")
        attached = card.get_by_label("Документ, если есть")
        attached.set_input_files({"name": "справка.docx", "mimeType": "application/msword", "buffer": b"PK"})
        expect(card).to_contain_text("Файл не похож ни на фотографию, ни на PDF.")
        attached.set_input_files({"name": "справка.png", "mimeType": "image/png", "buffer": photograph()})
        expect(card).not_to_contain_text("Файл не похож")
        picture(mother, "absence-form")
        card.get_by_role("button", name="Отправить школе").click()
        mine = card.get_by_role("listitem").filter(has_text="25.05.2022")
        expect(mine).to_contain_text("болезнь")
        expect(mine).to_contain_text("Отправлено")

        teacher.goto(f"{diary.url}/roll/{place.group('7A')}/{TODAY}/1")
        row = teacher.locator(f'[data-pupil="{petya}"]')
        expect(row).to_contain_text("Семья предупредила: болезнь")
        expect(teacher.get_by_role("main")).not_to_contain_text("Температура с утра")
        picture(teacher, "absence-in-roll")
        teacher.get_by_role("button", name="Остальные на месте").click()
        expect(row).to_contain_text("отсутствовал(а): болезнь")
        expect(teacher.get_by_text("Сохранено")).to_be_visible()

        head.goto(f"{diary.url}/school")
        waiting = head.get_by_role("listitem").filter(has_text="Температура с утра")
        expect(waiting).to_be_visible()
        picture(head, "absence-waiting")
        with head.expect_download() as started:
            waiting.get_by_role("link", name="Документ").click()
        file = started.value.path().read_bytes()
        assert file.startswith(b"\xff\xd8\xff") and len(file) <= 400_000  # made smaller by the page
        waiting.get_by_role("button", name="Принять", exact=True).click()
        expect(waiting).to_have_count(0)
        mother.reload()
        expect(mine).to_contain_text("Принято")


@pytest.mark.browser
def test_b_02_what_the_school_declines_says_why_and_the_form_is_accessible(
    diary: Diary, place: Town, olga: Person, inna: Person, browser: Browser
) -> None:
    petya = place.person("petya")
    announced(olga, place, date(2022, 5, 30), words="Хотим поспать")
    with opened(browser, diary.url, Visitor("", f"inna.{place.name}", "")) as head:
        head.goto(f"{diary.url}/pupils/{petya}/attendance")
        one = head.get_by_role("listitem").filter(has_text="Хотим поспать")
        one.get_by_role("button", name="Не принимать").click()
        one.get_by_role("button", name="Не принимать").click()
        expect(one.get_by_role("alert")).to_contain_text("Напишите, почему")
        one.get_by_label("Почему не принимаете").fill("Это не причина")
        one.get_by_role("button", name="Не принимать").click()
        expect(one).to_contain_text("Не принято")
    with opened(browser, diary.url, Visitor("", f"olga.{place.name}", ""), NARROW) as page:
        page.goto(f"{diary.url}/pupils/{petya}/attendance")
        settled(page)
        expect(page.get_by_text("Ответ школы: Это не причина")).to_be_visible()
        page.get_by_role("button", name="Сообщить об отсутствии").click()
        expect(page.get_by_label("Причина")).to_be_visible()
        assert findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
