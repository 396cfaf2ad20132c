"""What is new, in one's feed reader: asked for by its owner, fetched by an application that has only an address."""

import secrets
from uuid import UUID, uuid4
from xml.etree import ElementTree

import httpx
import pytest
from playwright.sync_api import Browser, expect

from deploy.demo.people import PARENT
from tests.acceptance.at_rest import hits
from tests.acceptance.browsing import PHONE, opened, picture
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.places import TODAY
from tests.acceptance.town import Town, founded, inhabitant


def shared(person: Person) -> tuple[UUID, str]:
    """A new feed: its id, and its address."""
    feed, secret = uuid4(), secrets.token_urlsafe(32)
    person.did("PUT", "notify", f"/feeds/{feed}", {"secret": secret})
    return feed, f"{person.url}/feed/{secret}.xml"


def fetched(address: str, **headers: str) -> httpx.Response:
    """As an application does: no cookie, no token."""
    return httpx.get(address, headers=headers, timeout=30)


def titles(address: str) -> list[str]:
    answer = fetched(address).raise_for_status()
    assert answer.headers["content-type"].startswith("application/rss+xml")
    root = ElementTree.fromstring(answer.content)
    assert (root.tag, root.attrib) == ("rss", {"version": "2.0"})
    return [item.findtext("title") or "" for item in root.iter("item")]


@pytest.fixture(scope="module")
def place(diary: Diary) -> Town:
    """A town whose mother has no notices of before."""
    return founded(diary)


olga = inhabitant("olga")
"""Mother of Petya."""
anna = inhabitant("anna")
"""Teacher of Petya."""


def test_k_01_a_feed_reader_learns_at_a_secret_address_that_there_is_a_new_mark(
    place: Town, olga: Person, anna: Person
) -> None:
    _, address = shared(olga)
    nothing = fetched(address)
    assert titles(address) == []
    unchanged = fetched(address, **{"If-None-Match": nothing.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    place.give(anna, TODAY, "4")
    until(lambda: olga.read("notify", "/feed")["notices"])
    assert titles(address) == ["Оценка: Математика"]
    item = next(ElementTree.fromstring(fetched(address).content).iter("item"))
    assert (item.findtext("link") or "").endswith("/notices")
    [notice] = olga.read("notify", "/feed")["notices"]
    assert item.findtext("guid") == notice["notice_id"]


def test_sc_33_a_feeds_address_is_its_owners_and_revocable_and_little_is_read_there(
    diary: Diary, place: Town, olga: Person, anna: Person
) -> None:
    petya = place.person("petya")
    remark = {"remark_id": str(uuid4()), "pupil_id": str(petya), "kind": "remark", "on": str(TODAY), "shown": True}
    anna.did("POST", "messaging", "/remarks", {**remark, "text": "Опоздал с тетрадью"})
    feed, address = shared(olga)
    secret = address.rpartition("/")[2].removesuffix(".xml")
    assert len(secret) * 6 >= 128, "bits"
    until(lambda: "Запись о поведении" in titles(address))
    answer = fetched(address)
    assert answer.headers["referrer-policy"] == "no-referrer" and "no-cache" in answer.headers["cache-control"]
    text = answer.content.decode()
    assert not any(word in text for word in ("Ёлкин", "Пётр", "Петя", "тетрад", ">4<", str(petya), str(olga.person_id)))
    for method in ("POST", "PUT", "DELETE", "PROPFIND"):
        assert httpx.request(method, address).status_code in (403, 404, 405), "read-only"
    for wrong in (secret[:-1], secret[::-1], secrets.token_urlsafe(32), "x", f"..%2f{secret}"):
        assert fetched(f"{diary.url}/feed/{wrong}.xml").status_code == 404
    assert fetched(f"{diary.url}/calendar/{secret}.ics").status_code == 404, "each secret opens its own door"
    with place.signed_in("nina") as nina:
        assert nina.read("notify", "/feeds")["feeds"] == []
        assert nina.send("DELETE", "notify", f"/feeds/{feed}").status_code == 404
        assert nina.send("POST", "notify", "/rss", {"secret": secret}).status_code == 403
    olga.did("DELETE", "notify", f"/feeds/{feed}")
    assert fetched(address).status_code == 404
    assert hits(diary, [secret]) == []


@pytest.mark.browser
def test_k_01_the_settings_give_out_a_feeds_address_once_and_take_it_back(diary: Diary, browser: Browser) -> None:
    with opened(browser, diary.url, PARENT, PHONE, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto(f"{diary.url}/settings")
        card = page.get_by_role("region", name="Лента RSS")
        card.get_by_role("button", name="Получить адрес").click()
        address = card.get_by_label("Адрес ленты").input_value()
        card.get_by_role("button", name="Скопировать").click()
        expect(card.get_by_role("button", name="Скопировано")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == address
        assert fetched(address).status_code == 200
        picture(page, "feed-address")
        page.reload()
        expect(card.get_by_text("Адрес выдан")).to_be_visible()
        expect(card.get_by_label("Адрес ленты")).to_have_count(0)
        card.get_by_role("button", name="Отозвать").click()
        expect(card.get_by_text("Адрес выдан")).to_have_count(0)
        assert fetched(address).status_code == 404


def test_sc_04_who_may_not_know_of_a_child_any_more_reads_nothing_at_an_old_address(place: Town, olga: Person) -> None:
    """The last of the town's: from here on Petya is nobody's child."""
    _, address = shared(olga)
    assert titles(address)
    place.imported(place.files("users.csv", ("101,,,,olga,7", "101,,,,,7"), ("801,,,,petya,,", "801,,,,,,")))
    until(lambda: titles(address) == [])
