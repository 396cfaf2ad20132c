"""Who becomes a guardian by the school's word: a claim it confirms, a code it gives out, a tie it ends."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Browser, expect

from deploy.demo.people import Visitor
from tests.acceptance.browsing import NARROW, PHONE, opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.test_browser_pages import findings, settled
from tests.acceptance.town import Town, inhabitant


@pytest.fixture(scope="module")
def place(diary: Diary) -> Town:
    town = Town(diary)
    town.imported(town.files())
    return town


olga = inhabitant("olga")
"""Mother of Petya, and a stranger to Vera."""
nina = inhabitant("nina")
"""Mother of Vera, and a stranger to Petya."""
inna = inhabitant("inna")
"""Who runs the school."""
WEEK = "2022-05-23"
EVERYWHERE: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("reporting", "/diary", {"first": WEEK, "last": WEEK}),
    ("reporting", "/marks", {"first": WEEK, "last": WEEK}),
    ("reporting", "/attendance", {"first": WEEK, "last": WEEK}),
    ("lessons", "/week", {"first": WEEK, "last": WEEK}),
    ("grades", "/targets", {}),
    ("messaging", "/remarks", {"first": WEEK, "last": WEEK}),
)


def sees(by: Person, pupil: UUID) -> set[int]:
    return {by.get(service, path, pupil_id=pupil, **days).status_code for service, path, days in EVERYWHERE}


def claimed(by: Person, place: Town) -> UUID:
    claim_id = uuid4()
    named = {"child": "Ёлкин Пётр Олегович", "class_title": "7А", "relation": "relative"}
    by.did("POST", "roster", "/claims", {"claim_id": str(claim_id), "school_id": str(place.school), **named})
    return claim_id


def invited(by: Person, pupil: UUID) -> tuple[UUID, str]:
    body = {"invitation_id": str(uuid4()), "pupil_id": str(pupil)}
    return UUID(body["invitation_id"]), by.did("POST", "roster", "/invitations", body)["code"]


def ended(by: Person, pupil: UUID, guardian: UUID) -> None:
    by.did("PUT", "roster", f"/persons/{pupil}/guardians/{guardian}", {"rights": []})


def test_sc_05_who_names_school_and_class_gets_nothing_until_the_school_confirms(
    place: Town, nina: Person, inna: Person
) -> None:
    petya = place.person("petya")
    assert sees(nina, petya) == {404}
    claim_id = claimed(nina, place)
    waiting = inna.read("roster", "/claims/waiting")["claims"]
    assert [(one["guardian"], one["child"]) for one in waiting] == [("Жукова Нина", "Ёлкин Пётр Олегович")]
    assert sees(nina, petya) == {404}
    refused = nina.send("POST", "roster", f"/claims/{claim_id}/decision", {"pupil_id": str(petya)})
    assert refused.status_code == 403
    inna.did("POST", "roster", f"/claims/{claim_id}/decision", {"pupil_id": str(petya)})
    until(lambda: sees(nina, petya) == {200})
    (notice,) = until(lambda: [one for one in nina.read("notify", "/feed")["notices"] if one["kind"] == "claim"])
    assert (notice["text"], notice["link"]) == ("Школа подтвердила вашу заявку: дневник ребёнка открыт", "/join")
    ended(inna, petya, nina.person_id)
    until(lambda: sees(nina, petya) == {404})


def test_sc_05_a_code_has_128_bits_opens_once_and_not_when_it_was_taken_back(
    place: Town, nina: Person, olga: Person, inna: Person
) -> None:
    vera = place.person("vera")
    invitation, code = invited(inna, vera)
    assert re.fullmatch("[A-Z2-7]{26}", code)
    inna.did("POST", "roster", f"/invitations/{invitation}/withdrawal")
    taken_back = redeemed(olga, code)
    _, code = invited(inna, vera)
    assert redeemed(olga, code).status_code == 200
    until(lambda: sees(olga, vera) == {200})
    used = redeemed(nina, code)
    assert {(answer.status_code, answer.json()["code"]) for answer in (taken_back, used, redeemed(nina, "A" * 26))} == {
        (422, "roster.code-invalid")
    }
    ended(inna, vera, olga.person_id)
    until(lambda: sees(olga, vera) == {404})


def redeemed(by: Person, code: str) -> Any:
    return by.send("POST", "roster", "/invitations/redemption", {"code": code})


def test_b_10_what_the_school_said_of_a_tie_outlives_the_next_import(place: Town, olga: Person, inna: Person) -> None:
    petya = place.person("petya")
    path = f"/persons/{petya}/guardians/{olga.person_id}"
    inna.did("PUT", "roster", path, {"rights": ["see"]})
    until(lambda: olga.get("attendance", "/absences", pupil_id=petya, first=WEEK, last=WEEK).status_code == 200)
    place.imported(place.files("users.csv", ("Вера,Жукова", "Вера,Рощина")))
    guardians = inna.read("roster", f"/persons/{petya}")["guardians"]
    assert [(one["rights"], one["by_school"]) for one in guardians] == [(["see"], True)]
    inna.did("PUT", "roster", path, {"rights": ["see", "act", "notices"]})


@pytest.mark.browser
def test_b_10_a_parent_names_the_child_and_the_school_confirms_it_on_its_page(
    diary: Diary, place: Town, nina: Person, inna: Person, browser: Browser
) -> None:
    with (
        opened(browser, diary.url, Visitor("", f"nina.{place.name}", ""), PHONE) as mother,
        opened(browser, diary.url, Visitor("", f"inna.{place.name}", "")) as head,
    ):
        mother.goto(f"{diary.url}/join")
        mother.get_by_role("button", name="Отправить школе").click()
        expect(mother.get_by_text("Заполните это поле").first).to_be_visible()
        mother.get_by_label("Школа", exact=True).fill("11")
        mother.get_by_role("button", name=f"Школа № 1 Город {place.name}").click()
        mother.get_by_label("Фамилия, имя и отчество ребёнка").fill("Ёлкин Пётр")
        mother.get_by_label("Класс", exact=True).fill("7А")
        mother.get_by_role("button", name="Отправить школе").click()
        mine = mother.get_by_role("list", name="Мои заявки")
        expect(mine).to_contain_text("Ждёт ответа школы")
        picture(mother, "join")
        mother.set_viewport_size(NARROW)
        assert findings(mother) == []
        assert mother.evaluate("document.documentElement.scrollWidth <= innerWidth")

        head.goto(f"{diary.url}/school")
        card = head.get_by_role("region", name="Ждёт решения: 1 заявка родителя")
        expect(card).to_contain_text("Жукова Нина")
        card.get_by_role("button", name="Найти ученика").click()
        card.get_by_role("radio", name="Ёлкин Пётр Олегович").check()
        picture(head, "claim")
        assert findings(head) == []
        card.get_by_role("button", name="Подтвердить", exact=True).click()
        expect(card).to_have_count(0)

        mother.reload()
        expect(mine).to_contain_text("Подтверждена, дневник открыт")
        until(lambda: sees(nina, place.person("petya")) == {200})
    ended(inna, place.person("petya"), nina.person_id)


@pytest.mark.browser
def test_b_10_a_code_from_the_pupils_page_opens_the_diary_to_who_signs_in_with_it(
    diary: Diary, place: Town, olga: Person, inna: Person, browser: Browser
) -> None:
    vera = place.person("vera")
    with opened(browser, diary.url, Visitor("", f"inna.{place.name}", "")) as head:
        head.goto(f"{diary.url}/pupils/{vera}/guardians")
        settled(head)
        head.get_by_role("button", name="Выдать код").click()
        code = head.locator(".code-letters").inner_text()
        expect(head.get_by_role("img", name="Код картинкой")).to_be_visible()
        picture(head, "invitation")
        assert findings(head) == []
        head.get_by_role("button", name="Готово").click()
        expect(head.get_by_role("list", name="Выданные приглашения")).to_contain_text("Действует")
        expect(head.get_by_text(code)).to_have_count(0)
        shown = f"/join#{code.replace('-', '')}"
        with opened(browser, diary.url, Visitor("", f"olga.{place.name}", ""), PHONE, at=shown) as guest:
            expect(guest.get_by_label("Код", exact=True)).to_have_value(code)
            assert "#" not in guest.url
            guest.get_by_role("button", name="Открыть дневник").click()
            guest.get_by_role("status").get_by_role("link", name="Вера").click()
            guest.wait_for_url(re.compile(f"/pupils/{vera}/diary"))
        head.reload()
        expect(head.get_by_role("list", name="Выданные приглашения")).to_contain_text("Использовано")
        sees_it = head.get_by_role("region", name="Кто видит дневник")
        guardian = sees_it.get_by_role("listitem").filter(has_text="Ёлкина Ольга")
        guardian.get_by_role("button", name="Закрыть доступ").click()
        expect(guardian).to_contain_text("сразу перестанет видеть дневник")
        head.get_by_role("button", name="Закрыть доступ", exact=True).click()
        expect(sees_it).not_to_contain_text("Ёлкина Ольга")
    until(lambda: sees(olga, vera) == {404})
