"""What the portal holds while it runs, and whose request it is."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

import aiohttp
from fastapi import Depends, FastAPI, Request, Response
from psycopg_pool import AsyncConnectionPool

from services.portal import sessions
from services.portal.news import News
from services.portal.pages import Pages
from services.portal.provider import Provider
from services.portal.sessions import Pool, Session
from services.portal.tokens import Tokens
from services.portal.watch import Watch
from shared.errors import Refused
from shared.postgres import conninfo
from shared.settings import Settings
from shared.web.state import State
from shared.web.tokens import NotSignedIn

CONNECTIONS = 12
IDLE = 60  # seconds that a connection to a service is kept; services keep theirs longer
READ = 300  # seconds of silence of a service; streams speak every 15


class ForeignRequest(Refused):
    """This request did not come from a page of the diary."""

    code = "portal.foreign-request"
    kind = "forbidden"
    ru = "Этот запрос пришёл не со страницы дневника."


@dataclass(frozen=True)
class Portal:
    settings: Settings
    http: aiohttp.ClientSession
    pool: Pool
    services: dict[str, str]
    provider: Provider
    tokens: Tokens
    pages: Pages
    news: News

    def set_cookie(self, response: Response, name: str, value: str, seconds: int | None = None) -> None:
        """For this host only, over secure connections, invisible to scripts; for so many seconds, or while it runs."""
        response.set_cookie(name, value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=True)

    def clear_cookie(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=True)

    def cookie(self, request: Request, name: str) -> str | None:
        return request.cookies.get(name)

    def secret(self, request: Request) -> bytes | None:
        """By what the request's session is known; None when it brought none."""
        return sessions.secret_of(self.cookie(request, SESSION))

    async def session(self, request: Request) -> Session | None:
        """The living session of the request's cookie."""
        secret = self.secret(request)
        return (await self.living([secret])).get(secret) if secret else None

    async def living(self, secrets: Collection[bytes]) -> dict[bytes, Session]:
        """Those that live. Every 15 s the provider is asked about each whether its own still does."""
        found = await sessions.find(self.pool, secrets)
        if not (stale := [one for one in found if one.stale]):
            return {one.secret: one for one in found}
        alive = await self.provider.living([one.sid for one in stale])
        if alive is None:
            return {one.secret: one for one in found if not one.orphaned}
        if seen := [one for one in stale if one.sid in alive]:
            await sessions.seen(self.pool, seen)
        await self.end(*(ended := [one for one in stale if one.sid not in alive]))
        return {one.secret: one for one in found if one not in ended}

    async def end(self, *ended: Session) -> None:
        for session in ended:
            self.tokens.forget(session)
        if ended:
            await sessions.close(self.pool, ended)


# browsers take such cookies over https, and over http from 127.0.0.1 (tried with Chromium), where the demo runs
SESSION = "__Host-diary"
BROWSER = "__Host-diary-sign-in"  # binds a sign-in under way to its browser


@asynccontextmanager
async def running(app: FastAPI, state: State) -> AsyncIterator[None]:
    """Open what the portal holds, for the life of the application."""
    settings = state.settings
    services = dict(pair.strip().split("=", 1) for pair in settings.services.split(",") if "=" in pair)
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE)
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=3, sock_read=READ)
    pool: Pool = AsyncConnectionPool(
        conninfo(settings, "portal", "api"), min_size=1, max_size=CONNECTIONS, open=False,
        check=AsyncConnectionPool.check_connection, timeout=5,
    )  # fmt: skip
    async with (
        # the usual cookie jar would share one person's cookies with the next
        aiohttp.ClientSession(
            connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
        ) as http,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as to_provider,
        pool,
    ):
        own = settings.identity_url.startswith(settings.public_url + "/")
        provider = Provider(settings, to_provider, services.get("identity", "") if own else "")
        tokens = Tokens(settings)
        news = News(http, tokens, services)
        portal = Portal(settings, http, pool, services, provider, tokens, Pages.load(), news)
        app.state.portal, app.state.look = portal, Watch(portal.living)
        listening = asyncio.create_task(news.run())
        yield
        listening.cancel()


async def _portal(request: Request) -> Portal:
    portal: Portal = request.app.state.portal
    return portal


ThePortal = Annotated[Portal, Depends(_portal)]


class InSession:
    """The rule of routes that need a session: its own part of the access matrix is `session`."""

    who: tuple[str, ...] = ("session",)

    async def __call__(self, request: Request, portal: ThePortal) -> Session:
        """Raises NotSignedIn, and ForeignRequest for a state change that no page of ours made."""
        session = await portal.session(request)
        if session is None:
            raise NotSignedIn()
        request.scope["diary.person"] = str(session.person_id)
        refuse_foreign(request, portal.settings.public_url)
        return session


TheSession = Annotated[Session, Depends(InSession())]


def refuse_foreign(request: Request, ours: str) -> None:
    """Raises ForeignRequest: a state change needs our own header, which other sites cannot set, and our origin."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    from_us = (origin or site) and origin in (None, ours) and site in (None, "same-origin")
    if request.headers.get("x-diary") != "1" or not from_us:
        raise ForeignRequest()
