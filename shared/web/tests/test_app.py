import json
import logging
import time
from collections.abc import Iterator
from uuid import UUID, uuid4

import httpx
import pytest

from shared.telemetry import JsonLines
from shared.web.tests.conftest import TEACHER, World


def lines(world: World, person: UUID = TEACHER, last: str = "") -> Iterator[str]:
    sent = world.portal.headers(person) | ({"Last-Event-ID": last} if last else {})
    with world.client.stream("GET", "/live", headers=sent) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield from answer.iter_lines()


def test_a_stream_says_when_to_come_again_and_goes_on_where_it_was_left(world: World) -> None:
    stream = lines(world, last="41")
    assert 1_000 <= int(next(stream).removeprefix("retry: ")) <= 15_000
    assert next(stream) == ""
    assert [next(stream) for _ in range(3)] == ["id: 42", "event: counted", 'data: {"n": 42}']


def test_a_stream_ends_within_two_seconds_when_the_right_is_withdrawn(world: World) -> None:
    person = uuid4()
    world.be(person, "teacher")
    stream = lines(world, person)
    next(stream)
    world.be(person)
    withdrawn = time.monotonic()
    for _ in stream:
        pass
    assert time.monotonic() - withdrawn < 3.5


def test_a_right_is_not_asked_for_again_while_no_fact_has_moved(world: World) -> None:
    """Otherwise every open page would be a question every 2 s."""
    person = uuid4()
    world.be(person, "teacher")
    stream = lines(world, person)
    opened = time.monotonic()
    while time.monotonic() - opened < 3:  # it was asked once since
        next(stream)
    world.be(person, moved=False)
    withdrawn = time.monotonic()
    while time.monotonic() - withdrawn < 3:
        next(stream)
    world.be(person)
    for _ in stream:
        pass
    assert time.monotonic() - withdrawn < 7


BEGUN = "INSERT INTO held_imports (projection, import_id, complete) VALUES ('webtest.access.1', %s, true)"
DRAINED = "UPDATE held_imports SET drained = true"


def test_a_right_is_asked_for_while_a_big_import_is_taken_in_though_no_position_moves(world: World) -> None:
    """Such an import may take a right away in any of its steps, and its steps move nothing."""
    person = uuid4()
    world.be(person, "teacher")
    world.worker.execute(BEGUN, [uuid4()])
    try:
        stream = lines(world, person)
        opened = time.monotonic()
        while time.monotonic() - opened < 3:  # it was asked once since
            next(stream)
        world.be(person, moved=False)
        withdrawn = time.monotonic()
        while next(stream, None) is not None:
            assert time.monotonic() - withdrawn < 6, "the stream goes on without a right"
    finally:
        world.worker.execute(DRAINED)


def test_a_stream_holds_no_connection_of_the_pool(world: World) -> None:
    open_ones = [lines(world) for _ in range(8)]  # the pool has 4
    for one in open_ones:
        next(one)
    assert world.get("/me").status_code == 200


def test_readiness_asks_the_database_and_liveness_does_not(world: World) -> None:
    assert world.client.get("/livez").status_code == 200
    answer = world.client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "checks": {"database": True}})


def test_metrics_are_by_route_template(world: World) -> None:
    world.get(f"/things/{uuid4()}")
    text = world.client.get("/metrics").text
    assert 'diary_http_requests_total{method="GET",route="/things/{thing_id}",service="webtest",status="404"}' in text


def test_a_log_line_has_ids_and_times_and_nothing_that_was_typed(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "diary.web"):
        world.post({"on": "planted-body"}, headers={"X-Planted": "planted-header"})
        world.client.get("/me?planted=planted-query", headers=world.portal.headers(TEACHER))
    written = [json.loads(JsonLines().format(r)) for r in caplog.records if r.message == "request"]
    assert "planted" not in json.dumps(written)
    assert written[0] | {"ms": 0, "time": "", "trace": ""} == {
        "time": "", "level": "info", "logger": "diary.web", "message": "request", "trace": "", "method": "POST",
        "person": str(TEACHER), "route": "/sheets", "objects": {}, "status": 422, "ms": 0,
    }  # fmt: skip


def test_the_openapi_document_is_there(world: World) -> None:
    answer = httpx.get(f"{world.client.base_url}/openapi.json")
    assert answer.json()["info"]["title"] == "webtest"
