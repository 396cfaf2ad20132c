"""Signing in as people do it, and as those do who guess."""

import base64
import json
import re
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest

from services.identity.domain import account_of
from services.identity.tests.conftest import PASSWORD, World, query
from shared.testing.web import PORTAL, connect


@pytest.fixture(autouse=True)
def forget_guesses(world: World) -> None:
    world.worker.execute("DELETE FROM guesses")


def test_the_page_is_in_the_readers_language_and_strict(world: World) -> None:
    browser = world.browser()
    page = browser.authorize()
    for words in ("Логин", "Пароль", "Войти", 'lang="ru"', 'autocomplete="current-password"'):
        assert words in page.text
    policy = page.headers["content-security-policy"]
    assert "unsafe-inline" not in policy and "default-src 'none'" in policy
    assert "<script" not in page.text and "style=" not in page.text and "onpaste" not in page.text
    assert page.headers["cache-control"] == "no-store"
    browser.language = "en"
    assert "Sign in" in browser.authorize().text
    style = browser.ask("GET", "/sign-in.css")
    assert style.headers["content-type"].startswith("text/css")


def test_a_mistake_is_told_at_its_field_and_the_login_stays(world: World) -> None:
    browser = world.browser()
    page = browser.authorize()
    wrong = browser.fill(page, '<b>"кто"', "not it at all")
    assert wrong.status_code == 422
    assert "Неверный логин или пароль." in wrong.text
    assert 'aria-describedby="password-error"' in wrong.text
    assert 'value="&lt;b&gt;&quot;кто&quot;"' in wrong.text
    assert "not it at all" not in wrong.text
    empty = browser.fill(page, "", "")
    assert "Введите логин." in empty.text and "Введите пароль." in empty.text


def test_known_and_unknown_logins_get_the_same_words_and_the_same_time(world: World) -> None:
    world.open_account("kuznetsova")

    def answer(login: str) -> tuple[str, float]:
        browser = world.browser()
        page = browser.authorize()
        began = time.perf_counter()
        text = browser.fill(page, login, "a wrong password it is").text
        hidden = page.text.split('name="csrf" value="')[1].split('"')[0]
        request = page.text.split('name="request" value="')[1].split('"')[0]
        return text.replace(login, "").replace(hidden, "").replace(request, ""), time.perf_counter() - began

    times: dict[str, list[float]] = {"known": [], "unknown": []}
    for n in range(5):
        world.worker.execute("DELETE FROM guesses")
        text, seconds = answer("kuznetsova")
        other, more = answer(f"nobody{n}")
        assert text == other
        times["known"].append(seconds)
        times["unknown"].append(more)
    ratio = statistics.median(times["known"]) / statistics.median(times["unknown"])
    assert 0.7 < ratio < 1.4, times  # without the hash for nobody it is some 10


def test_guessing_waits_longer_each_time_known_login_or_not(world: World) -> None:
    world.open_account("guessed")
    for login in ("guessed", "unguessed"):
        browser = world.browser()
        page = browser.authorize()
        texts = [unescape(browser.fill(page, login, f"wrong password {n}").text) for n in range(5)]
        assert all("Неверный логин или пароль." in text for text in texts[:4])
        assert "Слишком много попыток. Повторите через" in texts[4]


def test_of_many_guesses_at_once_few_are_judged(world: World) -> None:
    world.open_account("crowded")
    browser = world.browser()
    page = browser.authorize()
    with ThreadPoolExecutor(10) as crowd:
        texts = list(crowd.map(lambda n: browser.fill(page, "crowded", f"wrong {n}").text, range(12)))
    assert sum("Неверный логин" in text for text in texts) <= 5


def test_a_stranger_who_guesses_does_not_keep_the_owner_out(world: World) -> None:
    world.open_account("owner")
    owner, _ = world.signed_in("owner")
    stranger = world.browser()
    page = stranger.authorize()
    for n in range(6):
        stranger.fill(page, "owner", f"wrong {n}")
    assert "Слишком много" in stranger.fill(page, "owner", PASSWORD).text
    again = world.browser()
    again.cookies = {k: v for k, v in owner.cookies.items() if "device" in k}
    assert "code" in query(again.fill(again.authorize(), "owner", PASSWORD))


def test_a_form_of_another_site_or_browser_is_refused(world: World) -> None:
    world.open_account("careful")
    browser, other = world.browser(), world.browser()
    page = browser.authorize()
    assert other.fill(page, "careful", PASSWORD).status_code == 400
    assert browser.fill(page, "careful", PASSWORD, Origin="https://evil.test").status_code == 400
    assert browser.fill(page, "careful", PASSWORD, **{"Sec-Fetch-Site": "cross-site"}).status_code == 400
    assert "code" in query(browser.fill(page, "careful", PASSWORD, Origin=PORTAL, **{"Sec-Fetch-Site": "same-origin"}))
    assert browser.fill(page, "careful", PASSWORD).status_code == 400  # a request is answered once


@pytest.mark.parametrize("login", ["a\x00b", "' OR 1=1 --", "x" * 900, "имя фамилия", "\ud800"])
def test_odd_logins_are_only_wrong(world: World, login: str) -> None:
    browser = world.browser()
    page = browser.authorize()
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    form = urlencode(hidden | {"login": login, "password": "x"}, errors="surrogatepass")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert browser.ask("POST", "/sign-in", content=form, headers=headers).status_code == 422


def test_the_log_shows_ones_own_sign_ins_and_nobody_elses(world: World) -> None:
    person = world.open_account("logged")
    world.open_account("another")
    browser = world.browser()
    browser.fill(browser.authorize(), "logged", "wrong it is")
    world.signed_in("logged")
    world.signed_in("another")
    account = world.worker.execute("SELECT 1").fetchone() and account_id(world, "logged")
    answer = httpx.get(world.address + "/sign-ins", headers=world.portal.headers(person, account=account))
    assert [entry["outcome"] for entry in answer.json()] == ["signed-in", "wrong-password"]


def account_id(world: World, login: str) -> str:
    with connect(world.settings, "identity", "api") as conn:
        row = conn.execute("SELECT account_id FROM accounts WHERE login_key = %s", [login]).fetchone()
    assert row
    return str(row[0])


def test_outside_a_demo_there_are_no_buttons_and_their_form_is_refused(world: World) -> None:
    person = world.open_account("shown", demo=True, button={"role": "teacher", "name": "Петрова Анна Ивановна"})
    browser = world.browser()
    page = browser.authorize()
    assert "Петрова" not in page.text and 'name="button"' not in page.text
    assert "autofocus" in page.text
    pressed = browser.press(page, str(account_of(person)))
    assert pressed.status_code == 400 and "location" not in pressed.headers


def test_only_demo_accounts_have_buttons(world: World) -> None:
    body = {"person_id": str(uuid4()), "login": "typed", "password": PASSWORD}
    button = {"role": "teacher", "name": "Кто-то"}
    assert world.command("POST", "/accounts", body | {"button": button}).status_code == 403
    wrong = body | {"demo": True, "button": button | {"role": "king"}}
    assert world.command("POST", "/accounts", wrong).status_code == 422


def test_in_a_demo_one_press_signs_in_and_the_page_says_as_whom(demo: World) -> None:
    person = demo.open_account("anna", demo=True, button={"role": "teacher", "name": "<Петрова> Анна"})
    mother = demo.open_account("mother", demo=True, button={"role": "parent", "name": "Ольга Ёлкина"})
    hidden = demo.open_account("hidden", demo=True)
    browser = demo.browser()
    page = browser.authorize()
    for words in ("Войти как учитель", "&lt;Петрова&gt; Анна", "Войти как родитель", "Логин", "не нужен"):
        assert words in page.text
    assert page.text.index("Войти как учитель") < page.text.index("Войти как родитель")
    assert "style=" not in page.text and "<script" not in page.text
    assert browser.press(page, str(account_of(hidden))).status_code == 400
    code = query(browser.press(page, str(account_of(mother))))["code"]
    claims = jwt_claims(demo.redeem(code).json()["id_token"])
    assert claims["person"] == str(mother) != str(person)
    english = demo.browser()
    english.language = "en"
    assert "Sign in as a teacher" in english.authorize().text


def test_a_button_is_pressed_by_its_own_page_only(demo: World) -> None:
    person = demo.open_account("pressed", demo=True, button={"role": "pupil", "name": "Пётр Ёлкин"})
    browser, other = demo.browser(), demo.browser()
    page = browser.authorize()
    account = str(account_of(person))
    assert other.press(page, account).status_code == 400
    assert browser.press(page, account, Origin="https://evil.test").status_code == 400
    assert browser.press(page, "x" * 20).status_code == 400
    assert "code" in query(browser.press(page, account, Origin=PORTAL))


def test_a_mistyped_password_leaves_the_buttons_there(demo: World) -> None:
    demo.open_account("again", demo=True, button={"role": "officer", "name": "Лев Окружной"})
    browser = demo.browser()
    text = browser.fill(browser.authorize(), "nobody", "wrong").text
    assert "Лев Окружной" in text and "Неверный логин или пароль." in text


def jwt_claims(token: str) -> dict[str, str]:
    body = token.split(".")[1]
    found: dict[str, str] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found
