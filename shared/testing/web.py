"""For tests of an API: a database of its own, real uvicorn on loopback, tokens as the portal signs them."""

import base64
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from psycopg import sql
from pydantic import SecretStr
from starlette.types import ASGIApp

from deploy.embedded.postgres import Postgres
from shared import postgres as database
from shared.process import Service, migrate
from shared.settings import Settings
from shared.web.tokens import Keys

PORTAL = "https://diary.test"
IDENTITY = "https://diary.test/identity"


def settings_for(server: Postgres, **more: Any) -> Settings:
    """Settings of a test process on this server."""
    given: dict[str, Any] = {
        "environment": "test",
        "postgres": f"postgresql://{server.host}:{server.port}",
        "postgres_password": "test",
        "postgres_admin": server.admin_conninfo,
        "keyring_master": base64.b64encode(bytes(32)).decode(),
        "public_url": PORTAL,
        "identity_url": IDENTITY,
    }
    return Settings(**(given | more))


def environment(settings: Settings) -> dict[str, str]:
    """The environment of a process of its own with these settings."""
    given = os.environ | {"PYTHONUNBUFFERED": "1"}
    for name, value in settings.model_dump().items():
        if value is not None:
            plain = value.get_secret_value() if isinstance(value, SecretStr) else value
            given[f"DIARY_{name.upper()}"] = str(plain)
    return given


def fresh_database(settings: Settings, service: Service) -> None:
    """An empty database of the service with its tables, and the key ring; one that was there is dropped."""
    with psycopg.connect(settings.postgres_admin.get_secret_value(), autocommit=True) as admin:
        name = sql.Identifier(f"diary_{service.name}")
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
    migrate(service, settings, create=True)


def connect(settings: Settings, service: str, role: str) -> database.Conn:
    """A connection in the role of one of the service's processes. Close it."""
    return psycopg.connect(database.conninfo(settings, service, role), autocommit=True)


@dataclass
class Issuer:
    """Signs tokens with a key of its own and publishes it without a network: `app.state.keys = issuer.keys`."""

    issuer: str = PORTAL
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": uuid4().hex, "use": "sig"}))

    @property
    def keys(self) -> Keys:
        return Keys(["memory"], fetch=lambda _: KeySet([self.key]).as_dict(private=False))

    def token(self, person: UUID, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A good token for `diary`, unless header or claims say otherwise; a claim given as None is left out."""
        now = int(time.time())
        account = None if "roles" in claims else str(uuid4())
        usual = {"iss": self.issuer, "aud": "diary", "sub": str(person), "sid": "session", "acr": "password",
                 "iat": now, "exp": now + 300, "auth_time": now, "account": account}  # fmt: skip
        kept = {name: value for name, value in (usual | claims).items() if value is not None}
        head = {"alg": "ES256", "typ": "at+jwt", "kid": self.key.kid, **(header or {})}
        return jwt.encode(head, kept, self.key)

    def headers(self, person: UUID, **claims: Any) -> dict[str, str]:
        """The headers of a command by this person, with a new Idempotency-Key."""
        return {"Authorization": f"Bearer {self.token(person, **claims)}", "Idempotency-Key": str(uuid4())}


@contextmanager
def serving(app: ASGIApp, port: int = 0) -> Iterator[str]:
    """The application behind real uvicorn on 127.0.0.1, on a free port if none is given; yields its address."""
    config = uvicorn.Config(
        app, "127.0.0.1", port, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 15
    while not server.started:
        if not thread.is_alive() or time.monotonic() > until:
            raise RuntimeError("the application did not start")
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


@contextmanager
def client(app: ASGIApp) -> Iterator[httpx.Client]:
    """A client of the application served as above."""
    with serving(app) as address, httpx.Client(base_url=address, timeout=15) as opened:
        yield opened
