"""A little service with a route of every kind, behind real uvicorn, with a real database."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from deploy.embedded.postgres import Postgres
from shared import access
from shared import postgres as database
from shared.errors import NotFound, Refused, SeveralRefused
from shared.postgres import Conn
from shared.process import Service
from shared.testing.web import Issuer, client, connect, fresh_database, settings_for
from shared.web import app, auth, live
from shared.web.auth import Anyone, Office, Portal, SignedIn, Teacher
from shared.web.idempotency import TheIntent
from shared.web.routes import of, upload
from shared.web.state import State

router = APIRouter()
SERVICE = Service("webtest", (router,), projections=(access.projection("webtest"),), ring=False)
TEACHER, SCHOOL = uuid4(), uuid4()
Headers = dict[str, str]
NONE: Headers = {}


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    pupil_id: UUID
    value: str = Field(min_length=1, max_length=3)


class Sheet(BaseModel):
    model_config = ConfigDict(extra="forbid")

    on: date
    kind: Literal["test", "exam"] = "test"
    weight: int = Field(1, ge=0, le=5)
    lines: list[Line] = Field(default_factory=list, max_length=3)


class OffScale(Refused):
    """{value} is not on the scale."""

    code = "webtest.off-scale"
    ru = "{value} нет в шкале."


@router.post("/sheets")
def save(sheet: Sheet, by: Teacher, intent: TheIntent) -> dict[str, str]:
    wrong: list[Refused] = [
        OffScale(f"/lines/{n}/value", value=line.value) for n, line in enumerate(sheet.lines) if line.value == "9"
    ]
    if wrong:
        raise SeveralRefused(wrong)
    return {"actor": str(intent.actor), "fingerprint": intent.fingerprint.hex(), "key": str(intent.key)}


@router.get("/me")
def me(by: SignedIn) -> dict[str, object]:
    return {"person": by.person_id, "roles": [held.role for held in by.roles], "scope": by.scope}


@router.get("/office")
def office(by: Office) -> str:
    return "in"


@router.get("/for-portal")
def for_portal(by: Portal) -> dict[str, object]:
    return {"person": by.person_id}


@router.get("/things/{thing_id}", openapi_extra=of("thing"))
def thing(thing_id: UUID, by: SignedIn, first: date | None = None) -> str:
    raise NotFound()


@router.get("/bug")
def bug(who: Anyone) -> str:
    raise RuntimeError("the secret cause")


@router.post("/uploads", openapi_extra=upload(3 * 1024 * 1024))
def upload_file(file: UploadFile, by: SignedIn) -> int:
    return len(file.file.read())


@router.get("/live")
async def stream(request: Request, by: SignedIn) -> StreamingResponse:
    async def count() -> AsyncIterator[live.Sent]:
        n = int(live.last_event_id(request) or 0)
        while True:
            n += 1
            yield live.Sent({"n": n}, "counted", str(n))
            await asyncio.sleep(0.1)

    def still() -> bool:
        return auth.current(request).is_a("teacher")

    return live.sse(request, count(), still)


MOVE = """
INSERT INTO progress (projection, topic, partition, sequence) VALUES ('webtest.access.1', 'diary.roster', 0, 1)
ON CONFLICT (projection, topic, partition) DO UPDATE SET sequence = progress.sequence + 1
"""


@dataclass
class World:
    client: httpx.Client
    portal: Issuer
    worker: Conn
    app: FastAPI

    def be(self, person: UUID, *roles: str, moved: bool = True) -> None:
        """Give the person these roles and no others; `moved`: and the projection's position with them, as always."""
        self.worker.execute("DELETE FROM access_roles WHERE person_id = %s", [person])
        for role in roles:
            self.worker.execute(
                "INSERT INTO access_roles VALUES (%s, %s, %s, '2000-01-01', '2999-01-01')", [person, role, SCHOOL]
            )
        if moved:
            self.worker.execute(MOVE)

    def get(self, path: str, person: UUID = TEACHER, language: str = "ru", headers: Headers = NONE) -> httpx.Response:
        sent = self.portal.headers(person) | {"Accept-Language": language} | headers
        return self.client.get(path, headers=sent)

    def post(
        self, body: object, person: UUID = TEACHER, language: str = "ru", headers: Headers = NONE
    ) -> httpx.Response:
        sent = self.portal.headers(person) | {"Accept-Language": language} | headers
        return self.client.post("/sheets", json=body, headers=sent)


@pytest.fixture(scope="module")
def world(postgres: Postgres) -> Iterator[World]:
    settings = settings_for(postgres)
    fresh_database(settings, SERVICE)
    pool, issuer = database.pool(settings, "webtest", "api", 4), Issuer()
    made = app.create("webtest", [router], settings, State(settings, pool=pool))
    made.state.keys = issuer.keys
    with client(made) as opened, connect(settings, "webtest", "worker") as worker:
        there = World(opened, issuer, worker, made)
        there.be(TEACHER, "teacher")
        yield there
    pool.close()
