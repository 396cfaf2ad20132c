"""Signing in without a browser, and asking through the portal as a page does."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx

from deploy.demo.people import PASSWORD, Visitor

T = TypeVar("T")


@dataclass(frozen=True)
class Person:
    """Somebody signed in at the portal."""

    person_id: UUID
    url: str
    http: httpx.Client

    def get(self, service: str, path: str, **query: object) -> httpx.Response:
        return self.http.get(f"{self.url}/api/{service}{path}", params={k: str(v) for k, v in query.items()})

    def read(self, service: str, path: str, **query: object) -> Any:
        """The answer's JSON. Raises for an error."""
        return self.get(service, path, **query).raise_for_status().json()

    def send(
        self,
        method: str,
        service: str,
        path: str,
        body: object = None,
        key: UUID | None = None,
        language: str = "ru",
        **headers: str,
    ) -> httpx.Response:
        """One command, with a new Idempotency-Key unless one is given."""
        given = {
            "Idempotency-Key": str(key or uuid4()),
            "X-Diary": "1",
            "Origin": self.url,
            "Accept-Language": language,
            **headers,
        }
        return self.http.request(method, f"{self.url}/api/{service}{path}", json=body, headers=given)

    def did(self, method: str, service: str, path: str, body: object = None) -> Any:
        """A command that must be accepted, at the latest when the service has learnt from the roster who he is."""
        deadline = time.monotonic() + 30
        while (answer := self.send(method, service, path, body)).status_code in (403, 404):
            assert time.monotonic() < deadline, answer.text
            time.sleep(0.1)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    @contextmanager
    def following(self, pupil: UUID) -> Iterator["Live"]:
        """The live stream of a page about the pupil."""
        with Live(self, pupil) as live:
            yield live


class Live:
    """Reads server-sent events in a thread until closed: each the service it comes from, and what that says."""

    def __init__(self, person: Person, pupil: UUID) -> None:
        self.events: list[tuple[str, Any]] = []
        self._person, self._pupil = person, pupil
        self._open = True
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> "Live":
        self._thread.start()
        until(lambda: "reporting" in {service for service, _ in self.events})
        return self

    def __exit__(self, *_: object) -> None:
        self._open = False

    def _read(self) -> None:
        query = {"pupil_id": str(self._pupil)}
        with (
            httpx.Client(cookies=self._person.http.cookies.jar, timeout=httpx.Timeout(10, read=60)) as http,
            http.stream("GET", f"{self._person.url}/live", params=query) as answer,
        ):
            event = ""
            for line in answer.iter_lines():
                if not self._open:
                    return
                name, _, value = line.partition(": ")
                if name == "event":
                    event = value
                elif name == "data":
                    self.events.append((event, json.loads(value)["data"]))


def outsider() -> httpx.Client:
    """Somebody's browser before he signs in."""
    http = httpx.Client(follow_redirects=True, timeout=30, headers={"Accept-Language": "ru"})

    def as_on_loopback(response: httpx.Response) -> None:
        """Browsers send secure cookies to 127.0.0.1 without TLS too; the client's jar would not."""
        for cookie in http.cookies.jar:
            cookie.secure = False

    http.event_hooks = {"response": [as_on_loopback]}
    return http


@contextmanager
def sign_in(url: str, visitor: Visitor, password: str = PASSWORD) -> Iterator[Person]:
    """By the sign-in page's form, as a browser sends it."""
    with outsider() as http:
        page = http.get(f"{url}/auth/sign-in", params={"return_to": "/"})
        answer = submit(http, url, page.text, visitor.login, password)
        assert answer.status_code == 200, answer.text
        me = http.get(f"{url}/auth/session").raise_for_status().json()
        yield Person(UUID(me["person_id"]), url, http)


def submit(http: httpx.Client, url: str, page: str, login: str, password: str) -> httpx.Response:
    """Fill the form of a sign-in page and send it."""
    hidden = {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)}
    form = {**hidden, "login": login, "password": password}
    return http.post(f"{url}/identity/sign-in", data=form, headers={"Origin": url})


def until(found: Callable[[], T], seconds: float = 60) -> T:
    """Ask until there is an answer that is not empty. Raises AssertionError when the time is over.

    The time bounds a test that fails and says nothing about speed: on a machine that others use too, whatever
    begins again after a pause (relay, consumer, key ring) may take many seconds.
    """
    deadline = time.monotonic() + seconds
    while True:
        if answer := found():
            return answer
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)
