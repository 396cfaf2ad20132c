"""Requests that no page of ours sends: forged tokens, keys used twice, bodies too large or too deep."""

import base64
import http.client
import json
import time
from datetime import date
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person
from tests.acceptance.places import mark
from tests.acceptance.refusals import Told, told
from tests.acceptance.town import Town

MiB = 1024 * 1024


def token(diary: Diary, person: UUID, key: ECKey | None = None, **claims: object) -> str:
    """As the portal signs it; whatever is given is otherwise."""
    own = ECKey.import_key(diary.stack.environment["DIARY_PORTAL_KEY"])
    own.ensure_kid()
    now = int(time.time())
    good = {"iss": diary.url, "aud": "grades", "sub": str(person), "account": str(uuid4()), "sid": "s", "acr": "1"}
    times = {"auth_time": now, "iat": now, "exp": now + 300}
    return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": own.kid}, {**good, **times, **claims}, key or own)


def unsigned(signed: str) -> str:
    """The same claims under `alg: none`."""
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').rstrip(b"=").decode()
    return f"{header}.{signed.split('.')[1]}."


def journal(diary: Diary, town: Town, bearer: str, address: str = "", language: str = "ru") -> httpx.Response:
    """The journal of 7A, asked of grades itself unless an address is given."""
    url = address or f"http://127.0.0.1:{diary.stack.ports['grades']}"
    query = {"group_id": str(town.group("7A")), "first": "2022-05-18", "last": "2022-05-18"}
    headers = {"Authorization": f"Bearer {bearer}", "Accept-Language": language}
    return httpx.get(f"{url}/journal", params=query, headers=headers, timeout=30)


def test_i_06_a_token_that_is_expired_or_forged_opens_nothing(diary: Diary, town: Town) -> None:
    anna, now = town.person("anna"), int(time.time())
    assert journal(diary, town, token(diary, anna)).status_code == 200
    forger = ECKey.import_key(ec.generate_private_key(ec.SECP256R1()))
    bad = {
        "expired": token(diary, anna, iat=now - 900, exp=now - 600),
        "signed by another key": token(diary, anna, forger),
        "not signed": unsigned(token(diary, anna)),
        "changed": token(diary, anna)[:-6] + "AAAAAA",
        "for another service": token(diary, anna, aud="roster"),
        "of another issuer": token(diary, anna, iss="https://elsewhere.example"),
        "not yet valid": token(diary, anna, iat=now + 900, exp=now + 1200),
        "no token at all": "nonsense",
    }
    for name, bearer in bad.items():
        refusal = told(lambda language, bearer=bearer: journal(diary, town, bearer, language=language))  # type: ignore[misc]
        assert (refusal.status, refusal.code) == (401, "not-signed-in"), name
        assert (refusal.ru, refusal.en) == ("Сначала войдите.", "Sign in first.")
        through_the_portal = journal(diary, town, bearer, f"{diary.url}/api/grades")
        assert through_the_portal.status_code == 401, name


def test_i_06_a_token_of_another_person_gives_no_more_than_he_may(diary: Diary, town: Town) -> None:
    assert journal(diary, town, token(diary, town.person("olga"))).status_code == 403
    assert journal(diary, town, token(diary, uuid4())).status_code == 403
    machine = token(diary, town.person("anna"), roles=["operator"])
    answer = httpx.post(
        f"http://127.0.0.1:{diary.stack.ports['identity']}/accounts",
        headers={"Authorization": f"Bearer {machine}", "Idempotency-Key": str(uuid4())},
        json={"person_id": str(town.person("oleg")), "login": "x", "password": "y"},
    )
    assert answer.status_code == 401, "the audience is grades"


def test_g_01_the_same_idempotency_key_with_another_body(town: Town, anna: Person) -> None:
    work, key = town.open_work(anna, date(2022, 4, 20)), uuid4()
    path, petya = f"/works/{work}/marks", town.person("petya")
    first = anna.send("POST", "grades", path, {"marks": [mark(petya, "5")]}, key)
    other = {"marks": [mark(petya, "2")]}
    refusal = told(lambda language: anna.send("POST", "grades", path, other, key, language))
    assert (first.status_code, refusal.status, refusal.code) == (200, 422, "key-reused")
    assert refusal.ru == "Этот Idempotency-Key уже использован для другого запроса."
    assert refusal.en == "This Idempotency-Key was already used for another request."
    table = anna.read("grades", "/journal", group_id=town.group("7A"), first="2022-04-20", last="2022-04-20")
    assert [row["values"] for row in table["works"][-1]["marks"]] == [["5"]]


def test_g_01_a_command_without_a_proper_key(town: Town, anna: Person) -> None:
    work = town.open_work(anna, date(2022, 4, 21))
    body = {"marks": [mark(town.person("petya"), "5")]}

    def asked(language: str) -> httpx.Response:
        headers = {"X-Diary": "1", "Origin": anna.url, "Accept-Language": language, "Idempotency-Key": "not-a-uuid"}
        return anna.http.post(f"{anna.url}/api/grades/works/{work}/marks", json=body, headers=headers)

    refusal = told(asked)
    assert (refusal.status, refusal.code) == (422, "idempotency.key-malformed")
    assert (refusal.ru, refusal.en) == ("Idempotency-Key не является UUID.", "The Idempotency-Key is not a UUID.")


def raw(person: Person, service: str, path: str, kind: str, announced: int, piece: bytes) -> Told:
    """Announce a body, send its first piece only, and read what is said to it, in both languages."""

    def asked(language: str) -> httpx.Response:
        address = urlsplit(person.url)
        assert address.hostname and address.port
        line = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
        cookies = "; ".join(f"{name}={value}" for name, value in person.http.cookies.items())
        headers = {
            "Content-Type": kind,
            "Content-Length": str(announced),
            "Cookie": cookies,
            "X-Diary": "1",
            "Origin": person.url,
            "Idempotency-Key": str(uuid4()),
            "Accept-Language": language,
        }
        line.putrequest("POST", f"/api/{service}{path}")
        for name, value in headers.items():
            line.putheader(name, value)
        line.endheaders()
        line.send(piece)
        answer = line.getresponse()
        content = answer.read()
        line.close()
        return httpx.Response(answer.status, headers=answer.getheaders(), content=content)

    return told(asked)


def test_d_05_a_body_of_10_mb(town: Town, anna: Person) -> None:
    refusal = raw(anna, "grades", "/works", "application/json", 10 * MiB, b'{"title": "' + b"x" * 65536)
    assert (refusal.status, refusal.code) == (413, "body.too-large")
    assert refusal.ru == "Слишком большой объём данных: здесь принимается не больше 1024 КиБ."
    assert refusal.en == "This is too large: at most 1024 KiB are taken here."


def test_d_05_a_body_of_10_mb_sent_whole_is_refused_too(town: Town, anna: Person) -> None:
    answer = anna.send("POST", "grades", "/works", {"title": "x" * 10 * MiB})
    assert (answer.status_code, answer.json()["code"]) == (413, "body.too-large")


def test_d_05_a_bundle_of_200_mb(town: Town, inna: Person) -> None:
    form = b'--b\r\nContent-Disposition: form-data; name="file"; filename="b.zip"\r\n\r\nPK\x03\x04'
    kind = "multipart/form-data; boundary=b"
    refusal = raw(inna, "roster", "/imports", kind, 200 * MiB, form + b"\0" * 65536)
    assert (refusal.status, refusal.code) == (413, "body.too-large")
    assert refusal.ru == "Слишком большой объём данных: здесь принимается не больше 102400 КиБ."
    assert refusal.en == "This is too large: at most 102400 KiB are taken here."


@pytest.mark.parametrize("levels", [33, 100_000])
def test_d_05_json_that_is_too_deep(town: Town, anna: Person, levels: int) -> None:
    body = b'{"title": ' + b"[" * levels + b"]" * levels + b"}"

    def asked(language: str) -> httpx.Response:
        headers = {"Idempotency-Key": str(uuid4()), "X-Diary": "1", "Origin": anna.url, "Accept-Language": language}
        address = f"{anna.url}/api/grades/works"
        return anna.http.post(address, content=body, headers={**headers, "Content-Type": "application/json"})

    refusal = told(asked)
    assert (refusal.status, refusal.code) == (400, "body.too-deep")
    assert refusal.ru == "Слишком глубокая вложенность данных: принимается не больше 32 уровней."
    assert refusal.en == "The data lie too deep in each other: at most 32 levels are taken."


@pytest.mark.parametrize("body", ["{", "[1, 2", json.dumps({"marks": "x"}) + "}"])
def test_d_05_json_that_is_none(town: Town, anna: Person, body: str) -> None:
    headers = {"Idempotency-Key": str(uuid4()), "X-Diary": "1", "Origin": anna.url, "Content-Type": "application/json"}
    answer = anna.http.post(f"{anna.url}/api/grades/works", content=body.encode(), headers=headers)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["detail"] == "Запрос не является правильным JSON."
