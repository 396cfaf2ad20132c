"""SC18, SC20, SC22, SC23: the browser's session, from the sign-in page to its end."""

import base64
import json
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from services.portal.api import local
from services.portal.tests.conftest import Browser, World
from shared.testing.web import connect


def test_sign_in_cookie_request_sign_out(world: World) -> None:
    browser = world.browser()
    assert browser.get("/auth/session").status_code == 401
    assert browser.sees() == 401

    home = browser.sign_in("teacher", "/journal?group=1&день=2")
    assert home.status_code == 303
    assert home.headers["location"].startswith("/journal?group=1")
    assert browser.get("/auth/session").json()["person_id"] == str(world.people["teacher"])

    reached = browser.get("/api/grades/echo?a=1&b=%D1%8F").json()
    assert reached["person"] == str(world.people["teacher"])
    assert (reached["service"], reached["query"]) == ("grades", "a=1&b=%D1%8F")

    kept = dict(browser.cookies)
    assert browser.change("/auth/sign-out").status_code == 204
    assert browser.sees() == 401
    browser.cookies = kept  # whoever kept the cookie has nothing
    assert browser.sees() == 401
    away = browser.get("/auth/sign-in")
    assert "<form" in browser.get(away.headers["location"]).text  # and is signed out at the provider too


def test_the_cookie_is_opaque_and_for_the_browser_alone(world: World) -> None:
    browser = world.browser()
    answer = browser.sign_in("teacher")
    (cookie,) = [c for c in answer.headers.get_list("set-cookie") if c.startswith("__Host-diary=")]
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    value = browser.cookies["__Host-diary"]
    assert len(base64.urlsafe_b64decode(value + "=")) == 32 and value.count(".") == 0
    with connect(world.settings, "portal", "worker") as conn:
        stored = conn.execute("SELECT sessions::text FROM sessions").fetchall()
    assert value not in str(stored)


def test_no_token_reaches_the_browser(world: World) -> None:
    browser = world.browser()
    seen = [browser.sign_in("teacher"), browser.get("/auth/session"), browser.get("/api/grades/big")]
    for answer in seen:
        assert "eyJ" not in str(answer.headers) + answer.text[:5000]


def test_each_sign_in_gives_a_new_cookie_and_ends_the_old_session(world: World) -> None:
    browser = world.signed_in()
    old = browser.cookies["__Host-diary"]
    browser.sign_in("teacher")
    assert browser.cookies["__Host-diary"] != old
    assert Browser(world.origin, {"__Host-diary": old}).sees() == 401
    assert browser.sees() == 200


@pytest.mark.parametrize("changed", ["state", "iss", "code", "browser", "again"])
def test_an_answer_that_does_not_belong_to_what_was_begun_opens_nothing(world: World, changed: str) -> None:
    browser = world.browser()
    browser.sign_in("teacher")  # at the provider
    browser.cookies.pop("__Host-diary")
    back = browser.get(browser.get("/auth/sign-in").headers["location"]).headers["location"]
    query = {name: value[0] for name, value in parse_qs(urlsplit(back).query).items()}
    if changed == "browser":
        browser.cookies.pop("__Host-diary-sign-in")
    elif changed == "again":
        browser.ask("GET", "/auth/callback", params=query)
        browser.cookies.pop("__Host-diary")
    else:
        query[changed] = "https://evil.test" if changed == "iss" else "x" * 43
    answer = browser.ask("GET", "/auth/callback", params=query)
    assert answer.status_code in (303, 403)
    assert "__Host-diary" not in browser.cookies
    assert "unsafe-inline" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("address", "where"),
    [("/a?b=1", "/a?b=1"), ("//evil.test", "/"), ("https://evil.test", "/"), ("/\\evil.test", "/"), ("", "/"),
     ("/a\r\nX: 1", "/"), ("javascript:x", "/")],
)  # fmt: skip
def test_nobody_is_sent_elsewhere_after_signing_in(address: str, where: str) -> None:
    assert local(address) == where


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Diary": ""}, {"X-Diary": "0"}, {"Origin": "https://evil.test"}, {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "", "Sec-Fetch-Site": ""},
        {"Content-Type": "text/plain"}, {"Content-Type": "application/x-www-form-urlencoded"},
    ],
)  # fmt: skip
def test_a_change_that_no_page_of_ours_made_is_refused(world: World, headers: dict[str, str]) -> None:
    browser = world.signed_in()
    answer = browser.change("/api/grades/echo", {"a": 1}, **headers)
    assert answer.status_code == 403
    assert answer.json()["code"] in ("portal.foreign-request", "portal.content-type")
    if "Content-Type" not in headers:
        assert browser.change("/auth/sign-out", **headers).status_code == 403
    assert browser.change("/api/grades/echo", {"a": 1}).json()["body"] == '{"a":1}'


def test_no_other_origin_is_let_in_by_cors(world: World) -> None:
    answer = world.signed_in().get("/api/grades/echo", Origin="https://evil.test")
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_a_session_ended_at_the_provider_ends_here(world: World) -> None:
    browser = world.signed_in("parent")
    assert browser.sees() == 200
    with connect(world.settings, "identity", "api") as conn:
        conn.execute("UPDATE sessions SET ended_at = now() WHERE ended_at IS NULL")
    with connect(world.settings, "portal", "api") as conn:  # the next time the provider is asked
        conn.execute("UPDATE sessions SET checked_at = now() - interval '20 seconds'")
    assert browser.sees() == 401


def test_a_token_is_for_one_service_and_five_minutes(world: World) -> None:
    browser = world.signed_in()
    token = browser.get("/api/grades/echo").json()["headers"]["authorization"].removeprefix("Bearer ")
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert (claims["aud"], claims["iss"]) == ("grades", world.origin)
    assert claims["exp"] - claims["iat"] == 300 and claims["iat"] <= time.time() + 1
    address = world.settings.services.split("reporting=")[1].split(",")[0]
    answer = httpx.get(f"{address}/echo", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
