"""In whose name and by which door commands go: straight to the services with tokens of the demo's own key, or through
the portal with sessions of people who signed in there.
"""

import asyncio
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Protocol
from uuid import UUID, uuid5

import aiohttp
from joserfc import jwt
from joserfc.jwk import ECKey

from deploy.demo.client import Client
from deploy.demo.keys import keys

LIFE = 300  # seconds of a token
AGAIN = 240.0  # seconds after which another is signed


class Way(Protocol):
    """How a person's request reaches a service."""

    async def address(self, http: aiohttp.ClientSession, actor: UUID, service: str) -> tuple[str, Mapping[str, str]]:
        """What the path is put after, and the headers that say who asks."""

    def forget(self, actor: UUID) -> None:
        """He is not signed in any more: begin anew."""


@dataclass
class Straight:
    """Straight to the services, with tokens such as the portal makes. For loads that are not to measure the portal."""

    ports: Mapping[str, int]
    issuer: str
    key: ECKey
    _tokens: dict[UUID, tuple[float, Mapping[str, str]]] = field(default_factory=dict)

    @staticmethod
    def into(folder: Path, ports: Mapping[str, int] | None = None) -> "Straight":
        """Of the demo in the folder, as it was started last."""
        found: Mapping[str, int] = ports or json.loads((folder / "ports.json").read_text(encoding="utf-8"))
        key = ECKey.import_key(keys(folder)["DIARY_PORTAL_KEY"])
        key.ensure_kid()
        return Straight(found, f"http://127.0.0.1:{found['portal']}", key)

    async def address(self, http: aiohttp.ClientSession, actor: UUID, service: str) -> tuple[str, Mapping[str, str]]:
        kept = self._tokens.get(actor)
        if kept is None or kept[0] < time.monotonic():
            headers = {"Authorization": f"Bearer {self._token(actor)}"}
            kept = self._tokens[actor] = (time.monotonic() + AGAIN, headers)
        return f"http://127.0.0.1:{self.ports[service]}", kept[1]

    def forget(self, actor: UUID) -> None:
        self._tokens.pop(actor, None)

    def _token(self, actor: UUID) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": "diary", "sub": str(actor), "account": str(uuid5(actor, "account")),
                  "sid": str(actor), "acr": "pwd", "auth_time": now, "iat": now, "exp": now + LIFE}  # fmt: skip
        return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": self.key.kid}, claims, self.key)


class SignInFailed(Exception):
    """The portal did not let him in."""


@dataclass
class Signed:
    """Through the portal, by sessions of its real sign-in; who has no account yet gets one from the operator.

    `logins`: of those who have one.
    """

    url: str
    operator: Client
    password: str
    logins: Mapping[UUID, str] = field(default_factory=dict)
    _cookies: dict[UUID, Mapping[str, str]] = field(default_factory=dict)
    _doors: dict[UUID, asyncio.Lock] = field(default_factory=dict)

    async def address(self, http: aiohttp.ClientSession, actor: UUID, service: str) -> tuple[str, Mapping[str, str]]:
        async with self._doors.setdefault(actor, asyncio.Lock()):  # one sign-in, however many requests wait for it
            if actor not in self._cookies:
                login = await asyncio.to_thread(self._account, actor)
                self._cookies[actor] = {"Cookie": await self._sign_in(http, login), "X-Diary": "1", "Origin": self.url}
        return f"{self.url}/api/{service}", self._cookies[actor]

    def forget(self, actor: UUID) -> None:
        self._cookies.pop(actor, None)

    def _account(self, actor: UUID) -> str:
        if actor in self.logins:
            return self.logins[actor]
        login = str(actor)
        body = {"person_id": login, "login": login, "password": self.password, "demo": True}
        self.operator.command("POST", "identity", "/accounts", body, f"account of {login}")
        return login

    async def _sign_in(self, http: aiohttp.ClientSession, login: str) -> str:
        """As a browser does it, redirects and all; cookies are kept by hand, since they are marked secure."""
        jar: dict[str, str] = {}
        page = await self._step(http, jar, "GET", f"{self.url}/auth/sign-in?return_to=/")
        hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
        form = {**{name: unescape(value) for name, value in hidden}, "login": login, "password": self.password}
        await self._step(http, jar, "POST", f"{self.url}/identity/sign-in", form)
        if "__Host-diary" not in jar:
            raise SignInFailed(login)
        return f"__Host-diary={jar['__Host-diary']}"

    async def _step(
        self, http: aiohttp.ClientSession, jar: dict[str, str], method: str, address: str,
        form: Mapping[str, str] | None = None,
    ) -> str:  # fmt: skip
        """Ask, and go where one is sent, until there is a page."""
        for _ in range(6):
            headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in jar.items()), "Origin": self.url}
            async with http.request(method, address, data=form, headers=headers, allow_redirects=False) as answer:
                jar |= {name: morsel.value for name, morsel in answer.cookies.items() if morsel.value}
                if answer.status != 303 or "__Host-diary" in jar:
                    return await answer.text()
                address = answer.headers["Location"]
                address = address if address.startswith("http") else self.url + address
                method, form = "GET", None
        raise SignInFailed(address)
