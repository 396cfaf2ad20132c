"""The portal before a real identity and little services that say what reached them. All on loopback, all in earnest."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib import import_module
from uuid import UUID, uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fastapi import APIRouter, FastAPI, Request, UploadFile
from fastapi.responses import Response, StreamingResponse

from deploy.embedded.postgres import Postgres
from deploy.embedded.supervisor import free_port
from services.portal.main import SERVICE
from shared import postgres
from shared.eventstore import Ledger, open_gate
from shared.process import application, behind
from shared.sealed import KeyRing
from shared.settings import Settings
from shared.testing.web import connect, fresh_database, serving, settings_for
from shared.web import app, live
from shared.web.auth import Portal as ThePortal
from shared.web.auth import SignedIn
from shared.web.routes import of, upload
from shared.web.state import State

# by name: services know each other by events only, and their tests by addresses
IDENTITY = import_module("services.identity.main").SERVICE
PASSWORD = "четыре правильных слова"


def pem() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@dataclass
class Echo:
    """A service that tells what reached it; `streams` counts those open."""

    name: str
    streams: int = 0
    said: int = 0

    def router(self) -> APIRouter:
        router, told = APIRouter(), APIRouter()

        @router.get("/echo")
        @router.post("/echo")
        async def echo(request: Request, by: SignedIn) -> dict[str, object]:
            return {
                "person": by.person_id, "session": by.session, "service": self.name, "headers": dict(request.headers),
                "body": (await request.body()).decode(), "query": request.url.query, "path": request.url.path,
            }  # fmt: skip

        @router.get("/things/{thing}/a%2Fb")
        def thing(thing: str, by: SignedIn) -> str:
            return thing

        @router.get("/big")
        def big(by: SignedIn) -> Response:
            headers = {"Set-Cookie": "planted=1", "X-Own": "kept", "ETag": '"7"'}
            return Response(b"x" * 3_000_000, headers=headers, media_type="application/pdf")

        @router.post("/uploads", openapi_extra=upload(10 * 1024 * 1024))
        def take(file: UploadFile, by: SignedIn) -> int:
            return len(file.file.read())

        @router.get("/live", openapi_extra=of("pupil"))
        async def follow(request: Request, by: SignedIn, pupil_id: UUID | None = None) -> StreamingResponse:
            return live.sse(request, self.count(int(live.last_event_id(request) or 0)), lambda: True)

        @told.get("/live")
        async def tell(request: Request, by: ThePortal) -> StreamingResponse:
            return live.sse(request, self.news(), lambda: True)

        return told if self.name == "notify" else router

    async def news(self) -> AsyncIterator[live.Sent]:
        """For all pages of a portal."""
        yield live.Sent(["*"], "names")
        await asyncio.Event().wait()

    async def count(self, n: int) -> AsyncIterator[live.Sent]:
        self.streams += 1
        try:
            while True:
                n += 1
                self.said += 1
                yield live.Sent({"n": n}, "counted", str(n))
                await asyncio.sleep(0.2)
        finally:
            self.streams -= 1


@dataclass
class Browser:
    """Keeps cookies by hand, as a browser on 127.0.0.1 does: a jar would hold secure ones back from http."""

    origin: str
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, **more: object) -> httpx.Response:
        sent = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())} | (headers or {})
        address = path if path.startswith("http") else self.origin + path
        answer = httpx.request(method, address, headers=sent, timeout=30, **more)  # type: ignore[arg-type]
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            if "Max-Age=0" in line:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.ask("GET", path, headers)

    def change(self, path: str, body: object = None, method: str = "POST", **headers: str) -> httpx.Response:
        """A state change as a page of ours makes it; a header given as empty is left out."""
        ours = {"X-Diary": "1", "Origin": self.origin, "Sec-Fetch-Site": "same-origin"} | headers
        return self.ask(method, path, {name: value for name, value in ours.items() if value}, json=body)

    def sign_in(self, login: str, return_to: str = "/journal?x=1") -> httpx.Response:
        """As people do; the answer is the portal's to the code."""
        away = self.ask("GET", "/auth/sign-in", params={"return_to": return_to})
        page = self.get(away.headers["location"])
        if page.status_code == 303:  # signed in at the provider already
            return self.get(page.headers["location"])
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        action = re.search(r'action="([^"]+)"', page.text)
        assert action, page.text
        form = hidden | {"login": login, "password": PASSWORD}
        back = self.ask("POST", action.group(1), {"Origin": self.origin}, data=form)
        assert back.status_code == 303, back.text
        return self.get(back.headers["location"])

    def sees(self, path: str = "/api/grades/echo") -> int:
        return self.get(path).status_code


@dataclass
class World:
    origin: str
    settings: Settings
    echoes: dict[str, Echo]
    people: dict[str, UUID]

    def browser(self) -> Browser:
        return Browser(self.origin)

    def signed_in(self, login: str = "teacher") -> Browser:
        browser = self.browser()
        assert browser.sign_in(login).status_code == 303
        return browser

    def operator(self) -> dict[str, str]:
        """Headers of the machine client, its token got through the one origin."""
        form = {"grant_type": "client_credentials", "client_id": "operator", "client_secret": "op-secret"}
        token = httpx.post(self.origin + "/identity/token", data=form).json()["access_token"]
        return {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}


@pytest.fixture(scope="session")
def world(postgres: Postgres) -> Iterator[World]:
    echoes = {name: Echo(name) for name in ("grades", "reporting", "notify")}
    ports = {name: free_port() for name in ("portal", "identity", *echoes)}
    origin = f"http://127.0.0.1:{ports['portal']}"
    settings = settings_for(
        postgres,
        public_url=origin,
        identity_url=f"{origin}/identity",
        services=",".join(f"{name}=http://127.0.0.1:{port}" for name, port in ports.items())
        + ",dead=http://127.0.0.1:1",
        token_keys=f"{origin}/auth/jwks,http://127.0.0.1:{ports['identity']}/jwks",
        portal_key=pem(),
        identity_key=pem(),
        portal_client_secret="portal-secret",
        operator_client_secret="op-secret",
    )
    with ExitStack() as stack:
        stack.enter_context(serving(behind(SERVICE, _portal(settings, stack)), ports["portal"]))
        stack.enter_context(serving(_identity(settings, stack), ports["identity"]))
        for name, echo in echoes.items():
            made = app.create(name, [echo.router()], settings, State(settings))
            stack.enter_context(serving(made, ports[name]))
        made_world = World(origin, settings, echoes, {"teacher": uuid4(), "parent": uuid4()})
        for login, person in made_world.people.items():
            body = {"person_id": str(person), "login": login, "password": PASSWORD}
            answer = httpx.post(f"{origin}/api/identity/accounts", json=body, headers=made_world.operator(), timeout=30)
            assert answer.status_code == 200, answer.text
        yield made_world


def _portal(settings: Settings, stack: ExitStack) -> FastAPI:
    fresh_database(settings, SERVICE)
    pool = stack.enter_context(postgres_pool(settings, "portal"))
    return application(SERVICE, settings, State(settings, pool=pool))


def _identity(settings: Settings, stack: ExitStack) -> FastAPI:
    fresh_database(settings, IDENTITY)
    with connect(settings, "identity", "relay") as relay:
        open_gate(relay, 1)
    pool, ring = stack.enter_context(postgres_pool(settings, "identity")), KeyRing.connect(settings)
    stack.callback(ring.close)
    ledger = Ledger(pool, "identity", ring, IDENTITY.view)
    stack.callback(ledger.close)
    return application(IDENTITY, settings, State(settings, pool=pool, ledger=ledger, ring=ring))


def postgres_pool(settings: Settings, service: str) -> postgres.Pool:
    return postgres.pool(settings, service, "api", 6)
