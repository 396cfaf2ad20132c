"""A machine client of the public API: a token by client credentials, one Idempotency-Key a command, retries."""

import random
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

import httpx

NAMESPACE = UUID("5d0f6f7e-3b7a-5f0e-8a55-0f2d8d6f3a10")
TRIES = 6
LONGEST, LOOK = 4 * 3600.0, 2.0
"""Seconds for which an import that is under way is asked for again, and at least between two questions."""


class NotAccepted(Exception):
    """The service refused a command; the argument is its problem's code, the second its whole problem."""


class Client:
    """Speaks for the operator. Thread-safe. Commands are done once however often the program is run again."""

    def __init__(self, services: Mapping[str, int], secret: str) -> None:
        self._services, self._secret = services, secret
        self._http = httpx.Client(timeout=120, limits=httpx.Limits(max_connections=16))
        self._token, self._until = "", 0.0

    def get(self, service: str, path: str, **query: str) -> Any:
        return self._send("GET", service, path, params=query)

    def command(self, method: str, service: str, path: str, body: Any, once: str) -> Any:
        """Send a command; `once` names it among all commands of this program, and its key follows from it.

        Raises NotAccepted for a refusal, httpx.HTTPError when the service stays away.
        """
        return self._send(method, service, path, json=body, headers={"Idempotency-Key": str(uuid5(NAMESPACE, once))})

    def upload(self, service: str, path: str, files: Mapping[str, Any], once: str, **query: str) -> Any:
        """An import of many schools takes longer than one waits for an answer: it goes on, and is asked for again.

        Each question carries the whole bundle, so the longer it takes the rarer they become.
        """
        headers = {"Idempotency-Key": str(uuid5(NAMESPACE, once))}
        began = time.monotonic()
        while True:
            try:
                return self._send("POST", service, path, files=files, params=query, headers=headers)
            except NotAccepted as refused:
                if refused.args[0] != "in-progress" or time.monotonic() - began > LONGEST:
                    raise
            except httpx.ReadTimeout:
                if time.monotonic() - began > LONGEST:
                    raise
            time.sleep(max(LOOK, (time.monotonic() - began) / 20))

    def _send(self, method: str, service: str, path: str, **more: Any) -> Any:
        for attempt in range(TRIES):
            try:
                answer = self._once(method, service, path, **more)
            except httpx.TransportError:
                if attempt + 1 == TRIES:
                    raise
            else:
                if answer.status_code < 400:
                    return answer.json() if answer.content else None
                problem = answer.json()
                again = answer.status_code in (429, 503) or problem["code"] in ("in-progress", "concurrent-change")
                if not again or attempt + 1 == TRIES:
                    raise NotAccepted(problem["code"], problem)
            time.sleep(random.uniform(0.5, 1) * 0.2 * 2**attempt)
        raise AssertionError("unreachable")

    def _once(self, method: str, service: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._fresh_token()}", **more.pop("headers", {})}
        url = f"http://127.0.0.1:{self._services[service]}{path}"
        return self._http.request(method, url, headers=headers, **more)

    def _fresh_token(self) -> str:
        if time.monotonic() > self._until:
            form = {"grant_type": "client_credentials", "client_id": "operator", "client_secret": self._secret}
            url = f"http://127.0.0.1:{self._services['identity']}/token"
            answer = self._http.post(url, data=form).raise_for_status().json()
            self._token, self._until = answer["access_token"], time.monotonic() + answer["expires_in"] / 2
        return self._token
