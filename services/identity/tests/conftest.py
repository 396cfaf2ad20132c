"""Identity with a real database behind real uvicorn, and a browser of few words."""

import base64
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from deploy.embedded.postgres import Postgres
from services.identity.main import SERVICE
from shared import access, postgres
from shared.eventstore import Ledger, open_gate
from shared.postgres import Conn
from shared.process import application
from shared.sealed import KeyRing
from shared.settings import Settings
from shared.testing.web import IDENTITY, PORTAL, Issuer, connect, fresh_database, serving, settings_for
from shared.web.state import State

PASSWORD = "четыре правильных слова"
CALLBACK = f"{PORTAL}/auth/callback"
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def pem() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@dataclass
class Browser:
    """Keeps cookies by hand: over http a jar would keep the secure ones back."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)
    language: str = "ru"

    def ask(self, method: str, path: str, **more: object) -> httpx.Response:
        headers = {"Accept-Language": self.language, "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        more_headers = more.pop("headers", {})
        assert isinstance(more_headers, dict)
        headers |= more_headers
        answer = httpx.request(method, self.address + path, headers=headers, timeout=30, **more)  # type: ignore[arg-type]
        for name, value in answer.cookies.items():
            self.cookies[name] = value
        return answer

    def authorize(self, **changed: str) -> httpx.Response:
        usual = {"response_type": "code", "client_id": "portal", "redirect_uri": CALLBACK, "scope": "openid",
                 "state": "the-state", "nonce": "the-nonce", "code_challenge": CHALLENGE,
                 "code_challenge_method": "S256"}  # fmt: skip
        return self.ask("GET", "/authorize", params={k: v for k, v in (usual | changed).items() if v})

    def fill(self, page: httpx.Response, login: str, password: str, **headers: str) -> httpx.Response:
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        form = hidden | {"login": login, "password": password}
        return self.ask("POST", "/sign-in", data=form, headers=headers)

    def press(self, page: httpx.Response, account: str, **headers: str) -> httpx.Response:
        """A button of the demo's page."""
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        return self.ask("POST", "/sign-in", data=hidden | {"button": account}, headers=headers)


def query(answer: httpx.Response) -> dict[str, str]:
    """What came with a redirect to the portal."""
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith(CALLBACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


@dataclass
class World:
    address: str
    settings: Settings
    portal: Issuer
    worker: Conn

    def open_account(self, login: str, person: UUID | None = None, password: str = PASSWORD, **more: object) -> UUID:
        """By the operator. Returns the person's id."""
        person = person or uuid4()
        body = {"person_id": str(person), "login": login, "password": password, **more}
        answer = self.command("POST", "/accounts", body)
        assert answer.status_code == 200, answer.text
        return person

    def command(self, method: str, path: str, body: object, headers: dict[str, str] | None = None) -> httpx.Response:
        sent = headers or Issuer(IDENTITY, self.portal.key).headers(access.OPERATOR, roles=["operator"])
        return httpx.request(method, self.address + path, json=body, headers=sent, timeout=30)

    def browser(self) -> Browser:
        return Browser(self.address)

    def signed_in(self, login: str) -> tuple[Browser, dict[str, str]]:
        """A browser that has signed in, and what the portal got."""
        browser = self.browser()
        return browser, query(browser.fill(browser.authorize(), login, PASSWORD))

    def redeem(self, code: str, **changed: str) -> httpx.Response:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
        return httpx.post(self.address + "/token", data=form | changed, auth=("portal", "portal-secret"))


@pytest.fixture(scope="session")
def world(postgres: Postgres) -> Iterator[World]:
    settings = settings_for(
        postgres, identity_key=pem() + pem(), portal_client_secret="portal-secret", operator_client_secret="op-secret"
    )
    fresh_database(settings, SERVICE)
    with connect(settings, "identity", "relay") as relay:
        open_gate(relay, 1)
    with running(settings) as found:
        yield found


@pytest.fixture
def demo(world: World) -> Iterator[World]:
    """The same identity as a demo runs it."""
    with running(world.settings.model_copy(update={"environment": "demo"})) as found:
        yield found


@contextmanager
def running(settings: Settings) -> Iterator[World]:
    pool, ring, issuer = database_pool(settings), KeyRing.connect(settings), Issuer()
    ledger = Ledger(pool, "identity", ring, SERVICE.view)
    made = application(SERVICE, settings, State(settings, pool=pool, ledger=ledger, ring=ring))
    made.state.keys = issuer.keys
    with serving(made) as address, connect(settings, "identity", "worker") as worker:
        yield World(address, settings, issuer, worker)
    for opened in (ledger, ring, pool):
        opened.close()


def database_pool(settings: Settings) -> postgres.Pool:
    return postgres.pool(settings, "identity", "api", 8)
