"""SC19, SC21: the provider, as its client and as an attacker meet it."""

from uuid import uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from services.identity.tests.conftest import CALLBACK, PASSWORD, World, query
from shared import access
from shared.testing.web import IDENTITY


@pytest.fixture(scope="module")
def login(world: World) -> str:
    world.open_account("Smirnova")
    return "smirnova"


def test_a_code_becomes_an_id_token_of_the_person(world: World) -> None:
    person = world.open_account("petrov")
    _, answer = world.signed_in("Petrov")
    assert (answer["state"], answer["iss"]) == ("the-state", IDENTITY)
    body = world.redeem(answer["code"]).json()
    keys = KeySet.import_key_set(httpx.get(world.address + "/jwks").json())
    token = jwt.decode(body["id_token"], keys, algorithms=["ES256"])
    claims = token.claims
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (IDENTITY, "portal", "the-nonce")
    assert claims["person"] == str(person)
    assert claims["acr"] == "urn:diary:acr:password"
    assert claims["exp"] - claims["iat"] <= 300
    assert {"auth_time", "sid", "sub"} <= claims.keys()
    user = httpx.get(world.address + "/userinfo", headers={"Authorization": f"Bearer {body['access_token']}"})
    assert user.json()["person"] == str(person)


def test_both_keys_are_published_so_that_they_can_be_changed(world: World) -> None:
    keys = httpx.get(world.address + "/jwks").json()["keys"]
    assert len({key["kid"] for key in keys}) == 2
    assert all("d" not in key for key in keys)


def test_a_code_is_good_once_and_its_second_use_ends_its_tokens(world: World, login: str) -> None:
    browser, answer = world.signed_in(login)
    token = world.redeem(answer["code"]).json()["access_token"]
    assert world.redeem(answer["code"]).json() == {"error": "invalid_grant"}
    userinfo = httpx.get(world.address + "/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert userinfo.status_code == 401
    assert "<form" in browser.authorize().text  # and the session is over


def test_a_code_is_good_for_sixty_seconds(world: World, login: str) -> None:
    _, answer = world.signed_in(login)
    with world_owner(world) as owner:
        left = owner.execute("SELECT max(expires_at) <= now() + interval '60 seconds' FROM codes").fetchone()
        owner.execute("UPDATE codes SET expires_at = now()")
    assert left == (True,)
    assert world.redeem(answer["code"]).json() == {"error": "invalid_grant"}


def world_owner(world: World):  # type: ignore[no-untyped-def]
    from shared.testing.web import connect

    return connect(world.settings, "identity", "migrate")


@pytest.mark.parametrize(
    "changed",
    [{"code_verifier": "w" * 50}, {"code_verifier": ""}, {"redirect_uri": CALLBACK + "/"}, {"redirect_uri": ""}],
)
def test_a_code_is_nothing_without_its_verifier_and_its_redirect(
    world: World, login: str, changed: dict[str, str]
) -> None:
    _, answer = world.signed_in(login)
    assert world.redeem(answer["code"], **changed).json() == {"error": "invalid_grant"}
    assert world.redeem(answer["code"]).json() == {"error": "invalid_grant"}  # used up by the wrong try


def test_a_client_needs_its_secret(world: World) -> None:
    form = {"grant_type": "client_credentials"}
    for auth in (("portal", "wrong"), ("operator", ""), ("nobody", ""), ("operator", "portal-secret")):
        answer = httpx.post(world.address + "/token", data=form, auth=auth)
        assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})
    answer = httpx.post(world.address + "/token", data=form, auth=("portal", "portal-secret"))
    assert answer.json() == {"error": "unauthorized_client"}
    answer = httpx.post(world.address + "/token", data={"grant_type": "password"}, auth=("portal", "portal-secret"))
    assert answer.json() == {"error": "unsupported_grant_type"}


def test_the_operators_client_gets_a_token_in_its_own_name(world: World) -> None:
    form = {"grant_type": "client_credentials", "client_id": "operator", "client_secret": "op-secret"}
    answer = httpx.post(world.address + "/token", data=form)
    keys = KeySet.import_key_set(httpx.get(world.address + "/jwks").json())
    token = jwt.decode(answer.json()["access_token"], keys, algorithms=["ES256"])
    assert token.header["typ"] == "at+jwt"
    assert (token.claims["sub"], token.claims["roles"]) == (str(access.OPERATOR), ["operator"])
    assert token.claims["exp"] - token.claims["iat"] <= 300


@pytest.mark.parametrize(
    "changed",
    [{"redirect_uri": "https://evil.test/"}, {"redirect_uri": CALLBACK + "?x=1"}, {"redirect_uri": CALLBACK + "/../x"},
     {"redirect_uri": ""}, {"client_id": "evil"}, {"client_id": "operator"}],
)  # fmt: skip
def test_an_unknown_redirect_is_never_gone_to(world: World, changed: dict[str, str]) -> None:
    answer = world.browser().authorize(**changed)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "evil.test" not in answer.text


@pytest.mark.parametrize(
    ("changed", "error"),
    [({"response_type": "token"}, "unsupported_response_type"), ({"code_challenge": ""}, "invalid_request"),
     ({"code_challenge_method": "plain"}, "invalid_request"), ({"code_challenge_method": ""}, "invalid_request"),
     ({"scope": "email"}, "invalid_scope"), ({"nonce": ""}, "invalid_request"), ({"prompt": "none"}, "login_required")],
)  # fmt: skip
def test_a_wrong_request_is_told_to_the_client(world: World, changed: dict[str, str], error: str) -> None:
    answer = query(world.browser().authorize(**changed))
    assert (answer["error"], answer["state"], answer["iss"]) == (error, "the-state", IDENTITY)


def test_signing_in_once_is_enough_until_the_session_ends(world: World, login: str) -> None:
    browser, answer = world.signed_in(login)
    second = query(browser.authorize())
    assert second["code"] != answer["code"]
    assert "<form" in browser.authorize(prompt="login").text
    sid = claims_of(world, answer["code"])["sid"]
    form = {"client_id": "portal", "client_secret": "portal-secret", "sid": str(sid)}
    several = {**form, "sid": [str(uuid4()), str(sid), "no id"]}
    assert httpx.post(world.address + "/introspect", data=several).json() == {"active": True, "living": [sid]}
    assert httpx.post(world.address + "/sign-out", data=form).status_code == 204
    assert httpx.post(world.address + "/introspect", data=form).json() == {"active": False, "living": []}
    assert "<form" in browser.authorize().text
    assert world.redeem(second["code"]).json() == {"error": "invalid_grant"}


def claims_of(world: World, code: str) -> dict[str, object]:
    keys = KeySet.import_key_set(httpx.get(world.address + "/jwks").json())
    claims: dict[str, object] = jwt.decode(world.redeem(code).json()["id_token"], keys, algorithms=["ES256"]).claims
    return claims


def test_each_sign_in_has_a_session_and_a_cookie_of_its_own(world: World, login: str) -> None:
    browser = world.browser()
    page = browser.authorize()
    browser.cookies["__Secure-identity-session"] = "planted"
    answer = browser.fill(page, login, PASSWORD)
    cookie = next(c for c in answer.headers.get_list("set-cookie") if "identity-session" in c)
    assert "planted" not in cookie
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/identity"} <= set(cookie.split("; "))
