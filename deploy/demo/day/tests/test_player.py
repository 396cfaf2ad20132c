"""The player against services that refuse, that are busy, and that are not there: real servers on this machine."""

import asyncio
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from joserfc.jwk import ECKey

from deploy.demo.client import Client
from deploy.demo.day.lesson import Command
from deploy.demo.day.player import Pace, Player, Report
from deploy.demo.day.ways import Signed, Straight
from deploy.embedded.supervisor import free_port

TEACHER = UUID(int=7)
ACCEPTED = (200, "")


@dataclass
class Diary:
    """Answers as our services do; `says` holds what the next requests of a path get, then all are accepted."""

    port: int = field(default_factory=free_port)
    says: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    got: list[tuple[str, str]] = field(default_factory=list)
    """Path and Idempotency-Key of each request."""
    under_way: Counter[str] = field(default_factory=Counter)
    most: int = 0

    def app(self) -> FastAPI:
        made = FastAPI()

        @made.put("/rolls/{name}")
        async def roll(name: str, request: Request) -> Response:
            self.got.append((name, request.headers["idempotency-key"]))
            self.under_way[name.partition("-")[0]] += 1
            self.most = max(self.most, *self.under_way.values())
            await asyncio.sleep(0.005)
            self.under_way[name.partition("-")[0]] -= 1
            status, code = self.says[name].pop(0) if self.says.get(name) else ACCEPTED
            headers = {"Retry-After": "0"} if status in (429, 503) else {}
            return JSONResponse({"code": code, "status": status}, status, headers)

        return made

    @contextmanager
    def running(self) -> Iterator[None]:
        server = uvicorn.Server(uvicorn.Config(self.app(), port=self.port, log_level="error"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield
        finally:
            server.should_exit = True
            thread.join(10)


@pytest.fixture
def diary() -> Iterator[Diary]:
    found = Diary()
    with found.running():
        yield found


def command(name: str, lane: str = "", at: float = 0, needs: str = "") -> Command:
    body: dict[str, list[str]] = {"entries": []}
    return Command(
        at, lane or name, "roll", TEACHER, "PUT", "attendance", f"/rolls/{name}", body, f"roll/{name}", needs
    )


def played(diary: Diary, commands: list[Command], pace: Pace | None = None, learning: bool = False) -> Report:
    key = ECKey.generate_key("P-256")
    key.ensure_kid()
    way = Straight({"attendance": diary.port}, "http://portal", key)
    player = Player(way, pace or Pace(patience=5), "district")
    return asyncio.run(player.play(commands, learning))


def test_what_is_busy_is_sent_again_with_the_same_key_until_it_is_accepted(diary: Diary) -> None:
    diary.says = {"a": [(503, "eventstore.checking"), (429, "too-many")], "b": [(409, "concurrent-change")]}
    report = played(diary, [command("a"), command("b"), command("c")])
    assert report.accepted == {"roll": 3} and not report.refused
    assert Counter(name for name, _ in diary.got) == {"a": 3, "b": 2, "c": 1}
    assert len(set(diary.got)) == 3


def test_what_is_refused_is_told_by_reason_and_not_sent_again(diary: Diary) -> None:
    refusal = (422, "attendance.no-such-lesson")
    diary.says = {"a": [refusal], "b": [refusal], "c": [(403, "not-allowed")]}
    report = played(diary, [command(name) for name in "abcd"])
    assert report.refused == {("roll", "422 attendance.no-such-lesson"): 2, ("roll", "403 not-allowed"): 1}
    assert report.accepted.total() == 1 and len(diary.got) == 4
    text = "\n".join(report.lines())
    assert "1 of 4 commands accepted" in text and "2 × roll: 422 attendance.no-such-lesson" in text


def test_what_needs_a_refused_command_is_not_sent(diary: Diary) -> None:
    diary.says = {"a": [(422, "grades.kind-unknown")]}
    report = played(diary, [command("a", "l"), command("b", "l", needs="roll/a"), command("c", "l", needs="roll/c0")])
    assert report.refused["roll", "needs one that was not accepted"] == 1
    assert [name for name, _ in diary.got] == ["a", "c"]


def test_services_that_are_still_learning_are_asked_again_if_that_is_said(diary: Diary) -> None:
    unknown = [(404, "not-found"), (422, "attendance.no-such-lesson")]
    diary.says = {"a": list(unknown)}
    assert played(diary, [command("a")], learning=True).accepted.total() == 1
    diary.says = {"b": list(unknown)}
    assert played(diary, [command("b")]).refused == {("roll", "404 not-found"): 1}


def test_a_session_that_has_ended_is_begun_anew_once(diary: Diary) -> None:
    diary.says = {"a": [(401, "not-signed-in")], "b": [(401, "not-signed-in")] * 5}
    report = played(diary, [command("a"), command("b")])
    assert report.accepted.total() == 1
    assert report.refused == {("roll", "401 not-signed-in"): 1}
    assert len(diary.got) == 4


def test_commands_of_one_lane_go_one_after_the_other_in_their_order(diary: Diary) -> None:
    names = [f"{lane}-{n}" for n in range(6) for lane in "abcd"]
    report = played(diary, [command(name, name[0]) for name in names], Pace(workers=8))
    assert report.accepted.total() == 24 and diary.most == 1
    for lane in "abcd":
        assert [name for name, _ in diary.got if name[0] == lane] == [f"{lane}-{n}" for n in range(6)]


def test_against_a_stopped_service_it_waits_once_and_not_with_each_command() -> None:
    began = time.monotonic()
    report = played(Diary(), [command(f"{n}") for n in range(100)], Pace(workers=4, patience=1.5))
    assert report.refused == {("roll", "no answer (connection refused)"): 100}
    assert time.monotonic() - began < 6
    assert report.requests < 200


def test_a_service_that_comes_back_gets_everything() -> None:
    diary = Diary()
    found: list[Report] = []
    commands = [command(f"{n}") for n in range(40)]
    thread = threading.Thread(target=lambda: found.append(played(diary, commands, Pace(workers=4, patience=30))))
    thread.start()
    time.sleep(1)
    with diary.running():
        thread.join(30)
    assert found[0].accepted.total() == 40 and not found[0].refused


def test_a_service_that_never_answers_is_no_reason_to_wait_for_ever() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        diary = Diary(port=silent.getsockname()[1])
        began = time.monotonic()
        report = played(diary, [command("a")], Pace(patience=1, answer=0.5))
        assert report.refused == {("roll", "no answer (no answer in time)"): 1}
        assert time.monotonic() - began < 5


def test_at_a_pace_commands_wait_for_their_time(diary: Diary) -> None:
    began = time.monotonic()
    played(diary, [command("a", at=480), command("b", at=490)], Pace(speed=600, begins=480))
    assert 0.9 < time.monotonic() - began < 4  # ten minutes of school are a second


def test_a_visitor_signs_in_by_the_account_he_has() -> None:
    """Another one would be refused, and the visiting teacher's lessons would not be taught."""
    visitor = uuid4()
    nobody = Client({}, "")  # cannot open an account: there is no service to ask
    assert Signed("http://127.0.0.1:9", nobody, "secret", {visitor: "teacher"})._account(visitor) == "teacher"
    with pytest.raises(KeyError):
        Signed("http://127.0.0.1:9", nobody, "secret")._account(visitor)
