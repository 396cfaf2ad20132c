"""SC9, SC21: only a good token of ours lets in, and rights are the roster's, not the token's."""

import base64
import hmac
import json
import time
from typing import Any
from uuid import uuid4

import pytest
from fastapi import APIRouter
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from shared import access
from shared.settings import Settings
from shared.testing.web import IDENTITY, Issuer
from shared.web import app, routes
from shared.web.auth import SignedIn, Teacher
from shared.web.state import State
from shared.web.tests.conftest import TEACHER, World
from shared.web.tokens import Keys, KeysUnavailable, NotSignedIn, verify

NOW = int(time.time())


def status(world: World, token: str) -> int:
    # as bytes: a header may hold any
    return world.client.get("/me", headers={b"Authorization": b"Bearer " + token.encode()}).status_code


def test_a_good_token_is_let_in(world: World) -> None:
    for audience in ("diary", "webtest", ["other", "webtest"]):
        assert status(world, world.portal.token(TEACHER, aud=audience)) == 200


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ({}, {"exp": NOW - 120}), ({}, {"nbf": NOW + 600}), ({}, {"iat": NOW + 600, "exp": NOW + 900}),
        ({}, {"aud": "portal"}), ({}, {"aud": "grades"}), ({}, {"aud": None}), ({}, {"iss": "https://evil.test"}),
        ({}, {"sub": "teacher"}), ({}, {"sub": None}), ({}, {"exp": None}), ({}, {"iat": None}), ({}, {"exp": "soon"}),
        ({"typ": "JWT"}, {}), ({"kid": "unknown"}, {}),
        ({}, {"roles": ["operator"], "sub": str(access.OPERATOR)}), ({}, {"sub": str(access.OPERATOR)}),
        ({}, {"roles": ["operator"]}),
    ],
)  # fmt: skip
def test_a_token_with_a_wrong_claim_is_not(world: World, header: dict[str, Any], claims: dict[str, Any]) -> None:
    assert status(world, world.portal.token(TEACHER, header=header, **claims)) == 401


def hs256(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    """As an attacker makes it; the library refuses a public key as a secret."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    signature = hmac.digest(secret, b".".join(parts), "sha256")
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def test_tokens_signed_in_other_ways_are_not(world: World) -> None:
    good = world.portal.token(TEACHER)
    claims = jwt.decode(good, world.portal.key).claims
    public = world.portal.key.as_pem(private=False)
    forged = {
        "none": good.rpartition(".")[0].replace(good.split(".")[0], "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0") + ".",
        "own key": Issuer().token(TEACHER, header={"kid": world.portal.key.kid}),
        "cut": good[:-4],
        "changed": good[:-30] + "AAAA" + good[-26:],
        "not a token": "a.b.c",
        "not ASCII": "токен.токен.токен",
    }
    head = {"typ": "at+jwt", "kid": world.portal.key.kid}
    forged["RS256"] = jwt.encode({"alg": "RS256"} | head, claims, RSAKey.generate_key(2048), algorithms=["RS256"])
    forged["HS256 by the public key"] = hs256({"alg": "HS256"} | head, claims, public)
    stranger = ECKey.generate_key("P-256", {"kid": "x"})
    for name, value in (
        ("jwk", stranger.as_dict(private=False)),
        ("jku", "https://evil.test/jwks"),
        ("x5u", "https://evil.test/x"),
    ):
        forged[name] = Issuer(key=stranger).token(TEACHER, header={name: value})
    assert {name: status(world, token) for name, token in forged.items()} == dict.fromkeys(forged, 401)


def test_without_a_token_the_answer_says_how(world: World) -> None:
    answer = world.client.get("/me")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="diary"')


def test_headers_of_others_mean_nothing(world: World) -> None:
    stranger = uuid4()
    answer = world.get("/me", stranger, headers={"X-User": str(TEACHER), "X-Forwarded-User": "root", "X-School": "1"})
    assert answer.json() == {"person": str(stranger), "roles": [], "scope": [str(stranger)]}
    assert world.get("/office", stranger, headers={"X-Roles": "office"}).status_code == 403


def test_the_operators_client_is_let_in_by_identity_only(world: World) -> None:
    identity = Issuer(IDENTITY, world.portal.key)
    token = identity.token(access.OPERATOR, roles=["operator"])
    answer = world.client.get("/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["roles"] == ["operator"]


def test_the_portals_own_token_opens_what_is_for_the_portal_and_nothing_else(world: World) -> None:
    own = world.portal.headers(access.PORTAL, roles=["portal"])
    assert world.client.get("/for-portal", headers=own).json() == {"person": str(access.PORTAL)}
    assert [world.client.get(path, headers=own).status_code for path in ("/me", "/office")] == [403, 403]
    assert world.get("/for-portal", TEACHER).status_code == 403
    ours = world.portal.issuer
    for issuer, claims in ((IDENTITY, {"roles": ["portal"]}), (ours, {"roles": ["operator"]}), (ours, {"roles": []})):
        forged = Issuer(issuer, world.portal.key).headers(access.PORTAL, **claims)
        assert world.client.get("/for-portal", headers=forged).status_code == 401


def test_a_role_withdrawn_ends_with_the_next_request(world: World) -> None:
    person = uuid4()
    assert world.get("/office", person).status_code == 403
    world.be(person, "office")
    assert world.get("/office", person).status_code == 200
    world.be(person)
    assert world.get("/office", person).status_code == 403


def test_keys_are_fetched_late_kept_and_looked_up_again_at_most_every_ten_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old, new, asked, clock = Issuer(), Issuer(), [], [1000.0]
    published = [old.key]

    def fetch(address: str) -> Any:
        asked.append(address)
        return KeySet(list(published)).as_dict(private=False)

    monkeypatch.setattr("shared.web.tokens.monotonic", lambda: clock[0])
    keys = Keys(["here"], fetch)
    assert asked == []

    def good(issuer: Issuer) -> bool:
        try:
            verify(issuer.token(TEACHER), keys, [issuer.issuer], ["diary"])
        except NotSignedIn:
            return False
        return True

    assert good(old) and good(old) and asked == ["here"]
    published.append(new.key)  # rotation: both are published for a while, nobody is thrown out
    assert not good(new) and asked == ["here"]
    clock[0] += 11
    assert good(new) and good(old) and len(asked) == 2
    published.remove(old.key)
    clock[0] += 400  # and a withdrawn key is forgotten
    assert good(new) and not good(old)


def test_keys_that_cannot_be_fetched_are_our_trouble_not_the_callers() -> None:
    with pytest.raises(KeysUnavailable):
        verify(Issuer().token(TEACHER), Keys(["http://127.0.0.1:1/jwks"]), [Issuer().issuer], ["diary"])


def test_each_route_says_who_may_call_it_and_what_it_checks(world: World) -> None:
    paths = world.app.openapi()["paths"]
    assert paths["/sheets"]["post"]["x-who"] == ["teacher"]
    assert paths["/things/{thing_id}"]["get"]["x-object"] == "thing"
    assert all("x-who" in operation for path in paths.values() for operation in path.values())


def test_a_route_that_does_not_say_so_cannot_be_served() -> None:
    def create(router: APIRouter) -> None:
        settings = Settings(environment="test")
        app.create("t", [router], settings, State(settings))

    silent, twice, unchecked = APIRouter(), APIRouter(), APIRouter()
    silent.get("/a")(lambda: 1)

    @twice.get("/a")
    def both(by: Teacher, also: SignedIn) -> None: ...

    @unchecked.get("/a/{pupil_id}")
    def sees(pupil_id: str, by: Teacher) -> None: ...

    outer = APIRouter()
    outer.include_router(silent, prefix="/inner")
    for router in (silent, twice, unchecked, outer):
        with pytest.raises(routes.Unlisted):
            create(router)
