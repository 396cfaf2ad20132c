"""The way to the services: what goes on, what does not, and what comes back."""

import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from services.portal.tests.conftest import World


def test_who_one_claims_to_be_does_not_go_on(world: World) -> None:
    claimed = {
        "X-User": "root", "X-Forwarded-For": "1.2.3.4", "X-Forwarded-User": "root", "Forwarded": "for=1.2.3.4",
        "X-School": "1", "Authorization": "Bearer forged",
    }  # fmt: skip
    reached = world.signed_in().get("/api/grades/echo", **claimed).json()
    headers = reached["headers"]
    assert reached["person"] == str(world.people["teacher"])
    assert not {name for name in headers if name.startswith("x-") or name in ("forwarded", "cookie")}
    assert headers["authorization"] != "Bearer forged"


def test_what_belongs_to_a_command_goes_on(world: World) -> None:
    browser = world.signed_in()
    more = {"Idempotency-Key": "k", "If-Match": '"3"', "Accept-Language": "en", "X-Correlation-Id": "abcd-1234"}
    reached = browser.change("/api/grades/echo", {"текст": "да"}, **more).json()
    assert {name: reached["headers"][name.lower()] for name in more} == more
    assert reached["body"] == '{"текст":"да"}'


def test_answers_come_back_whole_without_cookies_of_services(world: World) -> None:
    answer = world.signed_in().get("/api/grades/big")
    assert len(answer.content) == 3_000_000
    assert (answer.headers["content-type"], answer.headers["x-own"], answer.headers["etag"]) == (
        "application/pdf", "kept", '"7"',
    )  # fmt: skip
    assert "set-cookie" not in answer.headers
    assert answer.headers.get_list("x-content-type-options") == ["nosniff"]


def test_a_long_json_answer_travels_packed_and_nothing_else_does(world: World) -> None:
    browser = world.signed_in()
    said = {"text": "да" * 2000}
    packed = browser.change("/api/grades/echo", said, **{"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json()["body"].count("да") == 2000
    assert int(packed.headers.get("content-length", 0)) < 4000
    assert "content-encoding" not in browser.change("/api/grades/echo", said, **{"Accept-Encoding": "br"}).headers
    assert "content-encoding" not in browser.get("/api/grades/big", **{"Accept-Encoding": "gzip"}).headers


def test_an_upload_flows_through(world: World) -> None:
    browser = world.signed_in()
    ours = {"X-Diary": "1", "Origin": world.origin}
    files = {"file": ("школа.zip", b"z" * 5_000_000)}
    assert browser.ask("POST", "/api/grades/uploads", ours, files=files).json() == 5_000_000
    files = {"file": ("школа.zip", b"z" * 11_000_000)}
    assert browser.ask("POST", "/api/grades/uploads", ours, files=files).status_code == 413


@pytest.mark.parametrize(
    "path",
    ["/api/grades/metrics", "/api/grades/openapi.json", "/api/grades/livez", "/api/grades/x/../metrics",
     "/api/nobody/x",
     "/api/grades/%2e%2e/metrics", "/api/portal/x", "/api/identity/token", "/api/identity/sign-in", "/identity/metrics",
     "/identity/accounts", "/identity/x/%2e%2e/metrics", "/api/grades"],
)  # fmt: skip
def test_what_is_for_the_inside_stays_there(world: World, path: str) -> None:
    browser = world.signed_in()
    with httpx.Client(base_url=world.origin) as raw:
        request = raw.build_request("GET", "/")
        request.url = request.url.copy_with(raw_path=path.encode())
        request.headers["cookie"] = f"__Host-diary={browser.cookies['__Host-diary']}"
        answer = raw.send(request)
    assert answer.status_code == 404
    assert "diary_http_requests" not in answer.text


def test_a_service_that_is_away_is_told_as_such(world: World) -> None:
    answer = world.signed_in().get("/api/dead/x", **{"Accept-Language": "ru"})
    assert (answer.status_code, answer.json()["code"]) == (503, "portal.service-unavailable")
    assert answer.json()["detail"].startswith("Эта часть дневника")


def test_a_machine_client_brings_its_own_token_and_no_cookie(world: World) -> None:
    answer = httpx.post(f"{world.origin}/api/grades/echo", json={"a": 1}, headers=world.operator())
    assert answer.status_code == 200
    answer = httpx.post(f"{world.origin}/api/grades/echo", json={}, headers={"Authorization": "Bearer forged"})
    assert answer.status_code == 401


def follow(
    world: World, last: str = "", query: str = "?pupil_id=6f1f8f2e-7c1c-5a41-9d0c-3a1f6f0d8b12"
) -> Iterator[str]:
    browser = world.signed_in()
    headers = {"Cookie": f"__Host-diary={browser.cookies['__Host-diary']}"} | ({"Last-Event-ID": last} if last else {})
    with httpx.stream("GET", f"{world.origin}/live{query}", headers=headers, timeout=10) as answer:
        assert answer.status_code == 200
        yield from answer.iter_lines()


def test_one_stream_holds_those_of_all_services_and_goes_on_where_it_was(world: World) -> None:
    stream = follow(world)
    told: dict[str, str] = {}
    last = ""
    for line in stream:
        if line.startswith("id: "):
            last = line.removeprefix("id: ")
        if line.startswith("event: "):
            told[line.removeprefix("event: ")] = next(stream)
        if len(told) == 3:
            break
    assert told.keys() == {"following", "reporting", "notify"}
    assert '{"event": "counted", "data": {"n": ' in told["reporting"]
    assert '{"part": "reporting"}' in told["following"]

    again = follow(world, "reporting=500")
    found = {line for _, line in zip(range(12), again, strict=False) if line.startswith("data:")}
    assert any('"n": 501' in line for line in found)
    assert "reporting=" in last


def test_without_a_child_only_ones_own_news_come(world: World) -> None:
    stream = follow(world, query="")
    events = {line for _, line in zip(range(4), stream, strict=False) if line.startswith("event:")}
    assert events == {"event: notify"}


def test_a_journals_group_is_followed_by_a_stream_of_its_own(world: World) -> None:
    group = "6f1f8f2e-7c1c-5a41-9d0c-3a1f6f0d8b13"
    until(lambda: world.echoes["reporting"].streams == 0, 15)  # those of earlier tests
    stream = follow(world, query=f"?pupil_id=6f1f8f2e-7c1c-5a41-9d0c-3a1f6f0d8b12&group_id={group}")
    for line in stream:
        if f"reporting%3A{group}=" in line and "reporting=" in line:
            break
    assert next(stream) in ("event: reporting", "event: notify")
    assert world.echoes["reporting"].streams == 2


def until(condition: object, seconds: float) -> float:
    began = time.monotonic()
    while not condition():  # type: ignore[operator]
        assert time.monotonic() - began < seconds
        time.sleep(0.02)
    return time.monotonic() - began


def test_a_browser_that_leaves_ends_the_streams_behind_it(world: World) -> None:
    until(lambda: world.echoes["reporting"].streams == 0, 15)  # those of earlier tests
    stream = follow(world)
    for line in stream:
        if line == "event: reporting":
            break
    assert world.echoes["reporting"].streams == 1
    stream.close()  # type: ignore[attr-defined]
    until(lambda: world.echoes["reporting"].streams == 0, 5)


def test_a_passed_on_stream_ends_at_once_with_its_browser(world: World) -> None:
    browser = world.signed_in()
    headers = {"Cookie": f"__Host-diary={browser.cookies['__Host-diary']}"}
    until(lambda: world.echoes["reporting"].streams == 0, 15)  # those of earlier tests
    with httpx.stream("GET", f"{world.origin}/api/reporting/live", headers=headers) as answer:
        assert next(answer.iter_lines()).startswith("retry:")
        until(lambda: world.echoes["reporting"].streams == 1, 15)
    until(lambda: world.echoes["reporting"].streams == 0, 5)


def test_a_stream_closes_within_two_seconds_of_signing_out(world: World) -> None:
    browser = world.signed_in()
    headers = {"Cookie": f"__Host-diary={browser.cookies['__Host-diary']}"}
    closed = threading.Event()

    def read() -> None:
        with httpx.stream("GET", f"{world.origin}/live", headers=headers, timeout=10) as answer:
            for _ in answer.iter_lines():
                pass
        closed.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    time.sleep(0.5)
    browser.change("/auth/sign-out")
    assert closed.wait(4)  # two seconds, and what a busy machine adds
