"""Security checks on the running product (proofs.md, SC…), as an attacker meets it: over HTTP and on the bus."""

import asyncio
import base64
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from aiokafka import AIOKafkaConsumer
from joserfc.jwk import ECKey

from deploy.demo.people import ADMINISTRATOR, PASSWORD, TEACHER
from deploy.demo.stack import ROOT
from deploy.embedded.supervisor import Child, answers, free_port
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, outsider, submit, until
from tests.acceptance.test_bad_requests import token
from tests.acceptance.test_messages_and_notices import opening
from tests.acceptance.town import Town, founded, signed_in

ON = date(2022, 3, 17)
WEEK = {"first": "2022-03-14", "last": "2022-03-20"}
YEAR = {"first": "2021-09-01", "last": "2022-05-31"}


@pytest.fixture
def marked(town: Town, anna: Person) -> UUID:
    """A column of 7A in which Petya has a mark."""
    return town.give(anna, ON, "4")


def test_sc_02_every_side_door_has_the_policy_of_the_front_door(
    diary: Diary, town: Town, marked: UUID, nina: Person
) -> None:
    """Another family of the same school, at everything that shows or exports a pupil's data."""
    petya = town.person("petya")
    today = {"first": "2022-01-01", "last": "2022-12-31"}
    doors: list[tuple[str, str, dict[str, object]]] = [
        ("reporting", "/diary", {"pupil_id": petya, **WEEK}),
        ("reporting", "/diary", {"pupil_id": petya, **WEEK, "as_of": "2026-01-01T00:00:00Z"}),
        ("reporting", "/marks", {"pupil_id": petya, **YEAR}),
        ("reporting", "/attendance", {"pupil_id": petya, **WEEK}),
        ("reporting", "/changes", {"pupil_id": petya, **today}),
        ("reporting", "/readings", {"pupil_id": petya, **today}),
        ("reporting", f"/history/{marked}", {}),
        ("reporting", "/live", {"pupil_id": petya}),
        ("reporting", "/live", {"group_id": town.group("7A")}),
        ("reporting", "/audit", {"school_id": town.school, **today}),
        ("reporting", "/audit.csv", {"school_id": town.school, **today}),
        ("reporting", "/school-day", {"school_id": town.school}),
        ("reporting", f"/readers/{petya}", {"since": "2022-01-01"}),
        ("grades", "/journal", {"group_id": town.group("7A"), **WEEK}),
        ("attendance", "/journal", {"group_id": town.group("7A"), **WEEK}),
        ("roster", f"/persons/{petya}", {}),
        ("roster", f"/groups/{town.group('7A')}/members", {}),
        ("roster", "/persons", {"query": "Ёлк"}),
        ("lessons", "/week", {"pupil_id": petya, **WEEK}),
    ]
    open_ = {}
    for service, path, query in doors:
        answer = nina.get(service, path, **query)
        if answer.status_code not in (403, 404):
            open_[path] = answer.text
    assert {path: text for path, text in open_.items() if text != "[]"} == {}
    assert nina.read("roster", "/names", ids=petya) in ({}, {str(petya): ""})
    assert str(petya) not in nina.get("roster", "/contacts").text


@pytest.mark.parametrize("field", ["role", "school_id", "author", "published", "version", "by"])
def test_sc_03_a_field_that_a_command_does_not_know_is_refused_at_its_name(
    town: Town, anna: Person, marked: UUID, field: str
) -> None:
    answer = anna.send("PATCH", "grades", f"/works/{marked}", {"kind": "lesson", "weight": "1", field: "x"})
    assert answer.status_code == 422
    assert field in {error["pointer"].strip("/") for error in answer.json()["errors"]}


def test_sc_04_a_right_withdrawn_ends_the_next_request_and_the_open_stream(diary: Diary) -> None:
    own = founded(diary)
    petya = own.person("petya")
    with own.signed_in("olga") as olga:
        until(lambda: olga.get("reporting", "/diary", pupil_id=petya, **WEEK).is_success)
        own.imported(own.files("users.csv", (",olga,7,", ",,7,"), ("801,,,,petya,,", "801,,,,,,")))
        began = time.monotonic()
        until(lambda: olga.get("reporting", "/diary", pupil_id=petya, **WEEK).status_code == 404, seconds=10)
        with olga.http.stream("GET", f"{diary.url}/api/reporting/live", params={"pupil_id": str(petya)}) as stream:
            assert stream.status_code == 404
        assert time.monotonic() - began < 10


def test_sc_08_an_id_of_another_school_is_told_as_one_that_is_taken_by_nobody(
    diary: Diary, town: Town, anna: Person, marked: UUID
) -> None:
    """Whoever guesses an id of elsewhere learns nothing by the answer: not of a work, nor of a conversation."""
    elsewhere = founded(diary)
    with elsewhere.signed_in("anna") as stranger:
        stranger.did("GET", "grades", f"/journal?group_id={elsewhere.group('7A')}&first={ON}&last={ON}")
        answers = []
        for work in (marked, uuid4()):
            body = {"marks": [{"pupil_id": str(elsewhere.person("petya")), "value": "5"}]}
            answers.append(stranger.send("POST", "grades", f"/works/{work}/marks", body))
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.json()["code"] for answer in answers}) == 1


def test_sc_09_nobody_becomes_another_by_a_header(diary: Diary, town: Town, nina: Person) -> None:
    petya, olga = town.person("petya"), str(town.person("olga"))
    claims = {"X-User": olga, "X-User-Id": olga, "X-School": str(town.school), "X-Person": olga, "X-Roles": "officer",
              "X-Forwarded-User": olga, "X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1",
              "Forwarded": "for=127.0.0.1"}  # fmt: skip
    query = {"pupil_id": str(petya), **WEEK}
    through = nina.http.get(f"{diary.url}/api/reporting/diary", params=query, headers=claims)
    bearer = {"Authorization": f"Bearer {token(diary, nina.person_id, aud='reporting')}"}
    inside = f"http://127.0.0.1:{diary.stack.ports['reporting']}/diary"
    direct = httpx.get(inside, params=query, headers=claims | bearer, timeout=30)
    bare = httpx.get(inside, params=query, headers=claims, timeout=30)
    assert (through.status_code, direct.status_code, bare.status_code) == (404, 404, 401)


def test_sc_11_a_harvest_of_pupils_pages_is_stopped(diary: Diary) -> None:
    """An administrator of a real school with hundreds of pupils, none of whom he teaches, opens one after the other."""
    person, school = _rows(diary, "reporting", OF_A_BIG_SCHOOL, ADMINISTRATOR.person_id)[0]
    with signed_in(diary, person, f"harvest-{uuid4().hex[:6]}") as head:
        pupils = _pupils(diary, school)
        assert len(pupils) > 60
        statuses: list[int] = []
        for pupil in pupils[:60]:
            answer = head.get("reporting", "/attendance", pupil_id=pupil, **WEEK)
            statuses.append(answer.status_code)
        seen = [status for status in statuses if status == 200]
        assert 429 in statuses and len(seen) <= 50, statuses
        stopped = head.get("reporting", "/attendance", pupil_id=pupils[59], **WEEK)
        assert stopped.json()["code"] == "reporting.too-many-pupils" and int(stopped.headers["retry-after"]) > 0


OF_A_BIG_SCHOOL = """
SELECT r.person_id, r.school_id FROM access_roles r WHERE r.role = 'administrator' AND r.person_id <> %s
  AND (SELECT count(DISTINCT m.person_id) FROM access_members m WHERE m.school_id = r.school_id) > 100
ORDER BY r.person_id LIMIT 1
"""
PUPILS = "SELECT DISTINCT person_id FROM access_members WHERE school_id = %s AND '2022-05-25' BETWEEN starts AND ends"


def _pupils(diary: Diary, school: UUID) -> list[UUID]:
    return [row[0] for row in _rows(diary, "reporting", PUPILS, school)]


def _rows(diary: Diary, service: str, query: str, *values: object) -> list[Any]:
    admin = diary.stack.environment["DIARY_POSTGRES_ADMIN"]
    with psycopg.connect(admin, dbname=f"diary_{service}", autocommit=True) as conn:
        return conn.execute(query.encode(), values or None).fetchall()


def test_sc_17_signing_out_ends_the_session_and_its_streams_at_once(diary: Diary, town: Town) -> None:
    with town.signed_in("vera") as vera:
        cookies = dict(vera.http.cookies)
        with vera.http.stream("GET", f"{diary.url}/live", timeout=httpx.Timeout(10, read=10)) as stream:
            lines = stream.iter_lines()
            next(lines)
            headers = {"X-Diary": "1", "Origin": diary.url}
            ended = httpx.post(f"{diary.url}/auth/sign-out", cookies=cookies, headers=headers, timeout=30)
            assert (ended.status_code, ended.headers["clear-site-data"]) == (204, '"cache", "storage"')
            began = time.monotonic()
            list(lines)  # until the portal closes it
            assert time.monotonic() - began < 5
        again = httpx.get(f"{diary.url}/auth/session", cookies=cookies, timeout=30)
        assert again.status_code == 401


def test_sc_17_a_closed_account_is_out_everywhere(diary: Diary, town: Town) -> None:
    login = f"nina2.{town.name}"
    own = founded(diary)
    with signed_in(diary, own.person("nina"), login) as nina:
        account = nina.http.get(f"{diary.url}/auth/session").json()["account_id"]
        diary.operator.command("POST", "identity", f"/accounts/{account}/closing", {"cause": "by-school"}, login)
        until(lambda: nina.http.get(f"{diary.url}/auth/session").status_code == 401, seconds=10)
        assert nina.get("roster", "/me").status_code == 401


def test_sc_18_and_22_each_sign_in_has_a_new_opaque_cookie_and_no_token_reaches_the_page(
    diary: Diary, town: Town
) -> None:
    found = set()
    for _ in range(2):
        with town.signed_in("vera") as vera:
            (cookie,) = [one for one in vera.http.cookies.jar if one.name.startswith("__Host-diary")]
            assert cookie.value is not None and len(base64.urlsafe_b64decode(cookie.value + "==")) >= 16
            found.add(cookie.value)
            page = vera.http.get(diary.url)
            assert not re.search(r"eyJ[A-Za-z0-9_-]{10,}", page.text + str(page.headers))
            session = vera.http.get(f"{diary.url}/auth/session")
            assert "eyJ" not in session.text + str(session.headers)
    assert len(found) == 2
    with outsider() as http:
        began = http.get(f"{diary.url}/auth/sign-in", follow_redirects=False)
        sent = began.headers["set-cookie"].lower()
        assert "httponly" in sent and "secure" in sent and "samesite=lax" in sent and "path=/" in sent
        assert sent.startswith("__host-") and "domain=" not in sent


def _authorize(diary: Diary, **changes: str) -> httpx.Response:
    with outsider() as http:
        began = http.get(f"{diary.url}/auth/sign-in", follow_redirects=False)
        asked = {name: values[0] for name, values in parse_qs(urlsplit(began.headers["location"]).query).items()}
        asked = {name: value for name, value in {**asked, **changes}.items() if value}
        return http.get(f"{diary.url}/identity/authorize", params=asked, follow_redirects=False)


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://elsewhere.example/"},
        {"redirect_uri": "{url}/auth/callback/"},
        {"redirect_uri": "{url}/auth/callback?x=1"},
        {"client_id": "nobody"},
    ],
)
def test_sc_19_nobody_is_sent_to_an_address_that_is_not_exactly_the_clients(
    diary: Diary, changes: dict[str, str]
) -> None:
    answer = _authorize(diary, **{name: value.format(url=diary.url) for name, value in changes.items()})
    assert answer.status_code >= 400 and "location" not in answer.headers


@pytest.mark.parametrize(
    "changes", [{"response_type": "token"}, {"code_challenge_method": "plain"}, {"code_challenge": ""}]
)
def test_sc_19_only_a_code_with_a_proof_is_given(diary: Diary, changes: dict[str, str]) -> None:
    answer = _authorize(diary, **changes)
    assert "error=" in answer.headers.get("location", "error=") and "code=" not in answer.headers.get("location", "")
    assert answer.status_code != 200


def test_sc_20_an_answer_that_belongs_to_another_browser_or_issuer_opens_nothing(diary: Diary) -> None:
    with outsider() as http:
        began = http.get(f"{diary.url}/auth/sign-in", follow_redirects=False)
        state = parse_qs(urlsplit(began.headers["location"]).query)["state"][0]
        for query in (
            {"state": state, "code": "abc", "iss": "https://elsewhere.example"},
            {"state": "another", "code": "abc", "iss": f"{diary.url}/identity"},
            {"code": "abc"},
        ):
            http.get(f"{diary.url}/auth/callback", params=query)
            assert http.get(f"{diary.url}/auth/session").status_code == 401


def _segment(part: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("service", ["roster", "lessons", "grades", "attendance", "reporting", "notify", "messaging"])
def test_sc_21_no_service_takes_a_token_that_is_not_the_issuers_own(diary: Diary, town: Town, service: str) -> None:
    anna, now = town.person("anna"), int(time.time())
    good = token(diary, anna, aud=service)
    head, body, signature = good.split(".")
    header = json.loads(base64.urlsafe_b64decode(head + "=="))
    foreign = ECKey.generate_key("P-256", {"use": "sig"})
    bad = {
        "alg none": f"{_segment({**header, 'alg': 'none'})}.{body}.",
        "HS256 over the public key": f"{_segment({**header, 'alg': 'HS256'})}.{body}.{signature}",
        "a foreign jku": f"{_segment({**header, 'jku': 'https://elsewhere.example/keys'})}.{body}.{signature}",
        "an unknown kid": f"{_segment({**header, 'kid': 'x'})}.{body}.{signature}",
        "a foreign key": token(diary, anna, foreign, aud=service),
        "expired": token(diary, anna, aud=service, exp=now - 90, iat=now - 400),
        "another audience": token(diary, anna, aud="elsewhere"),
        "no subject": token(diary, anna, aud=service, sub=""),
    }
    document = httpx.get(f"http://127.0.0.1:{diary.stack.ports[service]}/openapi.json", timeout=30).json()
    path = next(p for p, of in document["paths"].items() if "get" in of and "{" not in p and p != "/live")
    address = f"http://127.0.0.1:{diary.stack.ports[service]}{path}"
    statuses = {
        why: httpx.get(address, headers={"Authorization": f"Bearer {one}"}, timeout=30).status_code
        for why, one in bad.items()
    }
    assert set(statuses.values()) == {401}, statuses
    assert httpx.get(address, headers={"Authorization": f"Bearer {good}"}, timeout=30).status_code != 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example", "X-Diary": "1"},
        {"Origin": "null", "X-Diary": "1"},
        {"Origin": "{url}"},
        {"X-Diary": "1"},
        {"Origin": "{url}", "X-Diary": "1", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "{url}", "X-Diary": "1", "Content-Type": "text/plain"},
        {"Origin": "{url}", "X-Diary": "1", "Content-Type": "application/x-www-form-urlencoded"},
    ],
)
def test_sc_23_a_change_that_no_page_of_ours_made_is_refused(
    diary: Diary, anna: Person, headers: dict[str, str]
) -> None:
    sent = {name: value.format(url=diary.url) for name, value in headers.items()}
    content = {"Content-Type": "application/json", "Idempotency-Key": str(uuid4()), **sent}
    answer = anna.http.post(f"{diary.url}/api/grades/works", content=b"{}", headers=content)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "path",
    ["/", "/no-such-page", "/auth/session", "/api/grades/none", "/api/nobody/x", "/identity/none", "/auth/sign-in"],
)
def test_sc_24_every_answer_is_strict_error_pages_too(diary: Diary, path: str) -> None:
    answer = httpx.get(diary.url + path, timeout=30)
    headers = answer.headers
    policy = headers["content-security-policy"]
    assert "unsafe-inline" not in policy and "unsafe-eval" not in policy and "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert "max-age=31536000" in headers["strict-transport-security"]
    assert "includeSubDomains" in headers["strict-transport-security"]
    assert headers["referrer-policy"] in ("no-referrer", "same-origin", "strict-origin-when-cross-origin")


def test_sc_29_an_exported_file_holds_no_formula(town: Town, anna: Person, inna: Person) -> None:
    work = town.open_work(anna, ON, title="=cmd|' /C calc'!A0")
    now = datetime.now(UTC).date()
    today = {"first": str(now - timedelta(days=1)), "last": str(now + timedelta(days=1))}

    of_school = {"school_id": town.school, **today}
    until(lambda: str(work) in inna.get("reporting", "/audit", **of_school).text)
    lines = inna.get("reporting", "/audit.csv", **of_school).text.splitlines()
    dangerous = re.compile(r'(^|,)"?[=+@\t\r]|(^|,)"?-[^0-9]')
    assert not [line for line in lines if dangerous.search(line)]
    assert "title: =cmd" in "\n".join(lines)


def test_sc_34_a_stream_is_for_our_own_page_and_one_browser_has_few(diary: Diary, town: Town) -> None:
    with town.signed_in("vera") as vera, ExitStack() as open_:
        cookies = dict(vera.http.cookies)

        def follow(**headers: str) -> httpx.Response:
            http = open_.enter_context(httpx.Client(cookies=cookies, timeout=30))
            return open_.enter_context(http.stream("GET", f"{diary.url}/live", headers=headers))

        assert follow(Origin="https://elsewhere.example").status_code == 403
        assert follow(**{"Sec-Fetch-Site": "cross-site"}).status_code == 403
        statuses, reading = [], []
        for _ in range(20):
            answer = follow(**{"Sec-Fetch-Site": "same-origin"})
            statuses.append(answer.status_code)
            if answer.status_code == 200:
                reading.append(answer.iter_raw())  # kept: a reader that goes away closes its stream
                next(reading[-1])
        assert statuses.count(200) == 16 and set(statuses) == {200, 429}, statuses
    with town.signed_in("vera") as vera, vera.following(town.person("vera")):
        pass  # those that were closed count no more


INJECTIONS = (
    "' OR '1'='1", "'; DROP TABLE events; --", "\\'; SELECT pg_sleep(5)--", "%' UNION SELECT 1--", "$$;$$",
    "${jndi:ldap://127.0.0.1/a}", "{{7*7}}", "../../etc/passwd", "<script>alert(1)</script>", "(a+)+$" * 20,
    "\r\nSet-Cookie: x=1", "%0d%0aX: 1", "a\u202eb", "𝕏" * 50, "-1", "9" * 400,
)  # fmt: skip


@pytest.mark.parametrize("text", INJECTIONS)
def test_sc_36_whatever_is_typed_is_text(diary: Diary, town: Town, anna: Person, olga: Person, text: str) -> None:
    began = time.monotonic()
    petya = town.person("petya")
    answers = [
        anna.get("roster", "/persons", query=text),
        anna.get("reporting", "/diary", pupil_id=text, **WEEK),
        anna.get("reporting", "/changes", pupil_id=petya, types=text, before=text, **WEEK),
        anna.get("grades", "/journal", group_id=text, first=text, last=text),
        anna.send("POST", "grades", "/works", {"work_id": text, "group_id": text, "on": text, "number": text}),
        olga.send("POST", "messaging", "/conversations", opening(town, anna.person_id) | {"subject": text}),
        olga.http.get(f"{diary.url}/{quote(text, safe='')}"[:900]),
    ]
    with outsider() as http:
        page = http.get(f"{diary.url}/auth/sign-in")
        answers.append(submit(http, diary.url, page.text, text, text))
    assert {a.status_code for a in answers if a.status_code >= 500} == set(), [a.text for a in answers][:3]
    assert not any("set-cookie: x=1" in str(a.headers).lower() or "x" in a.headers for a in answers)
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
def test_sc_36_what_is_no_text_is_refused(town: Town, anna: Person, text: str) -> None:
    body = json.dumps({"work_id": str(uuid4()), "group_id": str(town.group("7A")), "on": str(ON), "number": 1,
                       "kind": "lesson", "title": text})  # fmt: skip
    headers = {"Idempotency-Key": str(uuid4()), "X-Diary": "1", "Origin": anna.url, "Content-Type": "application/json"}
    answer = anna.http.post(f"{anna.url}/api/grades/works", content=body.encode(), headers=headers)
    assert 400 <= answer.status_code < 500


SECRET = "тайна-" + uuid4().hex
"""What is typed here is found nowhere but where it is asked for."""


@pytest.fixture(scope="module")
def planted(diary: Diary, town: Town, anna: Person, olga: Person) -> Iterator[str]:
    """A secret typed into everything that takes text, and failed sign-ins with it."""
    petya = str(town.person("petya"))
    work = town.open_work(anna, ON, title=f"тема {SECRET}")
    given = {"marks": [{"pupil_id": petya, "value": "5", "comment": f"молодец {SECRET}"}]}
    anna.did("POST", "grades", f"/works/{work}/marks", given)
    anna.did("POST", "grades", f"/works/{work}/corrections", {"pupil_id": petya, "value": "4", "reason": SECRET})
    anna.did("PUT", "lessons", f"/lessons/{town.group('7A')}/{ON}/1/topic", {"topic": f"тема {SECRET}"})
    letter = opening(town, anna.person_id) | {"subject": SECRET, "text": f"письмо {SECRET}"}
    olga.did("POST", "messaging", "/conversations", letter)
    olga.get("roster", "/persons", query=SECRET)
    with outsider() as http:
        page = http.get(f"{diary.url}/auth/sign-in")
        submit(http, diary.url, page.text, SECRET, SECRET + PASSWORD)
    until(lambda: SECRET in olga.get("reporting", "/diary", pupil_id=petya, **WEEK).text)
    yield SECRET


def test_sc_37_the_log_says_who_did_what_and_nothing_that_was_typed(diary: Diary, planted: str) -> None:
    text = (diary.stack.folder / "services.log").read_text(errors="replace")
    assert planted not in text and PASSWORD not in text
    assert "Ёлкин" not in text and "Петрова" not in text, "no names"
    assert not re.search(r"eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}", text), "no tokens"
    assert "postgresql://" not in text and "PRIVATE KEY" not in text


def test_sc_39_nothing_that_was_typed_and_no_name_is_in_the_clear_on_the_bus(
    diary: Diary, town: Town, planted: str
) -> None:
    records = asyncio.run(all_records(diary.stack.environment["DIARY_KAFKA"]))
    assert len(records) > 1000
    words = (planted, "Ёлкин", "Петрова", "Жукова", f"anna.{town.name}")
    forms = {word: (word.encode(), json.dumps(word)[1:-1].encode()) for word in words}
    clear = {word for word, ways in forms.items() for record in records if any(way in record for way in ways)}
    assert clear == set()
    for service in ("roster", "grades", "attendance", "messaging", "lessons", "notify"):
        stored = "SELECT count(*) FROM events WHERE position(convert_to(%s, 'UTF8') IN document) > 0"
        assert _rows(diary, service, stored, planted) == [(0,)]
    for service in ("reporting", "notify", "messaging", "grades"):
        parked = "SELECT count(*) FROM parked WHERE position(convert_to(%s, 'UTF8') IN document) > 0"
        assert _rows(diary, service, parked, planted) == [(0,)]


async def all_records(bootstrap: str) -> list[bytes]:
    """Each record of every topic of ours with its key and headers, as any consumer may read them."""
    consumer: Any = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        topics = [topic for topic in await consumer.topics() if topic.startswith("diary.")]
        consumer.subscribe(topics)
        await consumer.getmany(timeout_ms=1000)
        await consumer.seek_to_beginning()
        ends = await consumer.end_offsets(consumer.assignment())
        found: list[bytes] = []
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    headers = b"".join(value for _, value in record.headers)
                    found.append(record.value + headers + (record.key or b""))
        return found
    finally:
        await consumer.stop()


def test_e_15_a_demo_account_does_not_sign_in_where_people_really_learn(diary: Diary) -> None:
    """The same database under a production start: its demo accounts are there, and nobody gets in by them."""
    with production(diary, "identity") as address, outsider() as http:
        began = httpx.get(f"{diary.url}/auth/sign-in", timeout=30)
        asked = urlsplit(began.headers["location"]).query
        page = httpx.get(f"{address}/authorize?{asked}", timeout=30)
        cookies = "; ".join(one.partition(";")[0] for one in page.headers.get_list("set-cookie"))
        assert 'type="password"' in page.text and "button_role" not in page.text
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        form = {**hidden, "login": TEACHER.login, "password": PASSWORD}
        answer = http.post(
            f"{address}/sign-in", data=form, headers={"Origin": diary.url, "Cookie": cookies}, follow_redirects=False
        )
        assert (
            answer.status_code < 500
            and "неверн" in answer.text.lower()
            and "code=" not in answer.headers.get("location", "")
        )
    body = {"person_id": str(uuid4()), "login": f"demo-{uuid4().hex[:6]}", "password": PASSWORD, "demo": True}
    with production(diary, "identity") as address:
        headers = {"Authorization": f"Bearer {_operators_token(diary)}", "Idempotency-Key": str(uuid4())}
        refused = httpx.post(f"{address}/accounts", json=body, headers=headers, timeout=30)
        assert refused.json()["code"] == "identity.demo-account"


def test_e_15_a_set_calendar_does_not_start_in_production(diary: Diary) -> None:
    own = {"DIARY_ENVIRONMENT": "production", "DIARY_ENCRYPTED_OUTSIDE": "true"}
    environment = os.environ | diary.stack.environment | own
    command = [sys.executable, "-m", "services", "reporting", "api"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and "DIARY_SCHOOL_TODAY is for the demo" in done.stderr


@contextmanager
def production(diary: Diary, service: str) -> Iterator[str]:
    """One more API process of the service, on the same database, as production starts it."""
    port = free_port()
    given = {k: v for k, v in diary.stack.environment.items() if k not in ("DIARY_SCHOOL_TODAY", "DIARY_SCHOOL_TIME")}
    own = {"DIARY_ENVIRONMENT": "production", "DIARY_ENCRYPTED_OUTSIDE": "true", "DIARY_PORT": str(port)}
    environment = os.environ | given | own
    folder = diary.stack.folder
    command = [sys.executable, "-m", "services", service, "api"]
    child = Child(f"{service} in production", command, folder / f"production-{service}.log", folder / "production.pid")
    child.start(environment, ROOT)
    try:
        child.wait_until(lambda: answers(port), seconds=60)
        yield f"http://127.0.0.1:{port}"
    finally:
        child.stop()


def _operators_token(diary: Diary) -> str:
    secret = diary.stack.environment["DIARY_OPERATOR_CLIENT_SECRET"]
    form = {"grant_type": "client_credentials", "client_id": "operator", "client_secret": secret}
    address = f"http://127.0.0.1:{diary.stack.ports['identity']}/token"
    return str(httpx.post(address, data=form, timeout=30).raise_for_status().json()["access_token"])
