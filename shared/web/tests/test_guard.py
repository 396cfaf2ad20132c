import json
import socket
from collections.abc import Iterator
from uuid import uuid4

import pytest

from shared.web.guard import depth
from shared.web.tests.conftest import TEACHER, World

BIG = b'{"on": "' + b"x" * (1024 * 1024) + b'"}'


def send(world: World, body: bytes | Iterator[bytes], kind: str = "application/json") -> tuple[int, str]:
    headers = world.portal.headers(TEACHER) | {"Content-Type": kind, "Accept-Language": "en"}
    answer = world.client.post("/sheets", content=body, headers=headers)
    return answer.status_code, answer.json().get("code", "")


def test_a_body_over_a_mebibyte_is_refused_announced_or_in_chunks(world: World) -> None:
    assert send(world, BIG) == (413, "body.too-large")
    assert send(world, iter([BIG[:500_000], BIG[500_000:]])) == (413, "body.too-large")


def test_a_body_that_announces_too_much_is_refused_before_it_is_sent(world: World) -> None:
    address = world.client.base_url
    with socket.create_connection((address.host, address.port or 80), 5) as line:
        line.sendall(b"POST /sheets HTTP/1.1\r\nHost: x\r\nContent-Length: 10485760\r\n\r\n")
        assert line.recv(100).startswith(b"HTTP/1.1 413")


def test_who_sends_it_all_before_he_reads_still_reads_why(world: World) -> None:
    address = world.client.base_url
    with socket.create_connection((address.host, address.port or 80), 5) as line:
        line.sendall(b"POST /sheets HTTP/1.1\r\nHost: x\r\nContent-Length: 20971520\r\n\r\n" + b"x" * 20971520)
        assert line.recv(100).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[" * 40 + b"]" * 40, "body.too-deep"),
        (b"[" * 1_000_000, "body.too-deep"),
        (b'{"on": "a\\u0000"}', "body.not-text"),
        (b'{"on": "\\\\\\u0000"}', "body.not-text"),
        (b'{"on": "\x00"}', "body.not-text"),
        (b'{"on": "\\ud800"}', "body.not-text"),
        (b'{"\\uDC00": 1}', "body.not-text"),
        (b'{"on": "\xff"}', "body.not-text"),
        (json.dumps({"on": "x"}).encode("utf-16"), "body.not-text"),
        (b'{"on": ', "malformed"),
        (b'{"on": NaN', "malformed"),
    ],
)
def test_what_is_no_proper_text_is_refused(world: World, body: bytes, code: str) -> None:
    assert send(world, body) == (400, code)


@pytest.mark.parametrize("text", ["\\\\u0000", "\\ud83d\\ude00", "[[[[" * 30, '\\"' + "[" * 40])
def test_what_only_looks_so_is_taken(world: World, text: str) -> None:
    assert send(world, b'{"on": "%s"}' % text.encode())[1] == "fields"


def test_nul_in_an_address_is_refused(world: World) -> None:
    assert world.get("/things/%00").status_code == 400
    assert world.get("/me?x=%00").status_code == 400


def test_a_simple_content_type_is_not_read_as_json(world: World) -> None:
    assert send(world, b'{"on": "2021-10-01"}', "text/plain")[0] == 422


def test_an_upload_has_a_limit_of_its_own(world: World) -> None:
    def put(size: int) -> tuple[int, object]:
        files = {"file": ("x.zip", b"x" * size)}
        answer = world.client.post("/uploads", files=files, headers=world.portal.headers(TEACHER))
        return answer.status_code, answer.json() if answer.is_success else answer.json()["code"]

    assert put(2 * 1024 * 1024) == (200, 2 * 1024 * 1024)
    assert put(4 * 1024 * 1024) == (413, "body.too-large")


def test_depth_counts_brackets_outside_strings_only() -> None:
    assert depth(b'{"a": ["[[[", {"b": "\\"{{"}]}') == 3
    assert depth(b"1") == 0


def test_a_command_wants_an_idempotency_key(world: World) -> None:
    body = {"on": "2021-10-01"}
    assert world.post(body, headers={"Idempotency-Key": ""}).json()["code"] == "idempotency.key-missing"
    assert world.post(body, headers={"Idempotency-Key": "1"}).json()["code"] == "idempotency.key-malformed"
    assert world.post(body, headers={"If-Match": "abc"}).json()["code"] == "if-match.malformed"
    assert world.post(body, headers={"If-Match": '"3"'}).status_code == 200


def test_the_fingerprint_tells_a_repeat_from_another_request(world: World) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    first, again = (world.post({"on": "2021-10-01"}, headers=key).json() for _ in range(2))
    other = world.post({"on": "2021-10-02"}, headers=key).json()
    assert first == again
    assert first["actor"] == str(TEACHER)
    assert other["fingerprint"] != first["fingerprint"]


def test_an_upload_in_chunks_is_counted_on_its_way(world: World) -> None:
    def form() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.zip"\r\n\r\n'
        for _ in range(8):
            yield b"x" * 524288
        yield b"\r\n--b--\r\n"

    headers = world.portal.headers(TEACHER) | {"Content-Type": "multipart/form-data; boundary=b"}
    answer = world.client.post("/uploads", content=form(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "body.too-large")
