"""Routes: the session, the way to the services, identity's pages, the live stream, the web application."""

import logging
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel

from services.portal import live, sessions
from services.portal.admission import READING, Admission, TheAdmission
from services.portal.ending import WhileSignedIn
from services.portal.pages import refused_page
from services.portal.provider import SignInRefused
from services.portal.proxy import PAGE, REQUEST, forward, picked
from services.portal.sessions import Began
from services.portal.state import BROWSER, SESSION, ForeignRequest, Portal, ThePortal, TheSession, refuse_foreign
from services.portal.tokens import published
from shared.errors import NotFound, Refused
from shared.web import live as sse
from shared.web.auth import Anyone
from shared.web.problems import language_of, problems
from shared.web.rounds import rounds_of
from shared.web.routes import of, upload
from shared.web.tokens import NotSignedIn

router = APIRouter()
log = logging.getLogger("diary.portal")

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
STREAMS = 16  # open streams of one session in a process
UPLOAD = 1024 * 1024  # bytes from which on a body flows through and is not kept
LARGEST = 256 * 1024 * 1024  # bytes; each service has its own, smaller limits
PRIVATE = {"metrics", "livez", "readyz", "openapi.json"}
IDENTITYS = {"accounts", "password", "sign-ins"}  # the rest of identity is pages, at /identity/
SIMPLE = {"text/plain", "application/x-www-form-urlencoded"}  # what a foreign form can send


class NotJson(Refused):
    """This kind of content is not taken here."""

    code = "portal.content-type"
    kind = "forbidden"
    ru = "Такой вид содержимого здесь не принимается."


class TooManyStreams(Refused):
    """Too many pages of yours follow the news at once. Close some of them."""

    code = "portal.too-many-streams"
    kind = "too-many"
    ru = "Слишком много ваших страниц следят за новостями сразу. Закройте лишние."


class WhoAmI(BaseModel):
    """The session of this browser."""

    signed_in: bool = True
    person_id: UUID
    account_id: UUID


@router.get("/auth/session", responses=problems(NotSignedIn))
async def session(by: TheSession) -> WhoAmI:
    """Who is signed in; 401 when nobody is."""
    return WhoAmI(person_id=by.person_id, account_id=by.account_id)


@router.get("/auth/sign-in", include_in_schema=False)
async def sign_in(who: Anyone, portal: ThePortal, return_to: Annotated[str, Query(max_length=2000)] = "/") -> Response:
    """Off to the provider; the browser comes back to `return_to`, an address of ours."""
    state, browser = sessions.secret(), sessions.secret()
    began = Began(sessions.secret(), sessions.secret(), local(return_to))
    await sessions.begin(portal.pool, state, browser, began)
    response = RedirectResponse(await portal.provider.address(state, began), 303)
    portal.set_cookie(response, BROWSER, browser, 900)
    return response


def local(address: str) -> str:
    """The path if it is one of ours, else the start page: nobody is sent elsewhere after signing in."""
    proper = address.startswith("/") and not address.startswith("//") and address.isprintable() and "\\" not in address
    return address if proper else "/"


@router.get("/auth/callback", include_in_schema=False)
async def callback(
    request: Request,
    who: Anyone,
    portal: ThePortal,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=2000)] = "",
    iss: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """The provider's answer, which must belong to what this very browser began. A new session with a new cookie."""
    began = await sessions.take(portal.pool, state, portal.cookie(request, BROWSER) or "")
    if began is None:
        return RedirectResponse("/", 303)  # the back button, an old page: the application looks who is signed in
    try:
        if iss != portal.provider.issuer:
            raise SignInRefused()
        claims = await portal.provider.redeem(code, began)
        cookie = await sessions.open_session(portal.pool, claims)
    except (SignInRefused, KeyError, ValueError):
        log.warning("sign-in refused")
        return refused_page(language_of(request))
    if (old := await portal.session(request)) is not None:
        await portal.end(old)
    response = RedirectResponse(quote(began.return_to, safe="/?&=%:+,@"), 303)
    portal.set_cookie(response, SESSION, cookie)
    portal.clear_cookie(response, BROWSER)
    return response


@router.post("/auth/sign-out", status_code=204, responses=problems(ForeignRequest))
async def sign_out(request: Request, by: TheSession, portal: ThePortal) -> Response:
    """The session ends here and at the provider; open streams close within 2 s."""
    await portal.end(by)
    await portal.provider.end(by.sid)
    response = Response(status_code=204, headers={"Clear-Site-Data": '"cache", "storage"'})
    portal.clear_cookie(response, SESSION)
    return response


@router.get("/auth/jwks", include_in_schema=False)
async def jwks(who: Anyone, portal: ThePortal) -> Response:
    """The public keys by which services judge the portal's tokens."""
    return JSONResponse(published(portal.settings), headers={"Cache-Control": "public, max-age=300"})


@router.api_route("/api/{service}/{path:path}", methods=METHODS, openapi_extra=upload(LARGEST), include_in_schema=False)
async def pass_on(
    service: str, path: str, request: Request, who: Anyone, portal: ThePortal, admission: TheAdmission
) -> Response:
    """To the service, in the name of the session, or of the machine client that brings its own token."""
    address, first = portal.services.get(service), path.partition("/")[0]
    if (
        address is None
        or service == "portal"
        or _is_private(path)
        or (service == "identity" and first not in IDENTITYS)
    ):
        raise NotFound()
    raw = request.scope["raw_path"].decode("ascii").partition("?")[0].removeprefix(f"/api/{service}")
    query = request.scope["query_string"].decode("ascii")
    if path.rpartition("/")[2] == "live" and portal.cookie(request, SESSION):
        _bounded(request, portal)
    async with await _place(request, admission):
        headers = picked(request, REQUEST) | {"authorization": await _authorization(request, portal, service)}
        answer = await forward(portal.http, request, f"{address}{raw}{'?' if query else ''}{query}", headers)
    if portal.cookie(request, SESSION) and answer.headers.get("content-type", "").startswith("text/event-stream"):
        return WhileSignedIn(answer, _still(request, portal), rounds_of(request), portal.secret(request))
    return answer


def _bounded(request: Request, portal: Portal) -> None:
    """One browser needs one stream (its tabs share it); a page of another site gets none. Raises ForeignRequest too."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if origin not in (None, portal.settings.public_url) or site not in (None, "same-origin", "none"):
        raise ForeignRequest()
    if rounds_of(request).held(portal.secret(request)) >= STREAMS:
        raise TooManyStreams()


async def _place(request: Request, admission: Admission) -> AbstractAsyncContextManager[None]:
    """What is to be sent is read before a place is taken: a slow sender holds none. An upload goes without one."""
    if request.method in READING:
        return admission.place("reading")
    if "transfer-encoding" in request.headers or int(request.headers.get("content-length") or 0) > UPLOAD:
        return nullcontext()
    await request.body()
    return admission.place("writing")


def _still(request: Request, portal: Portal) -> Callable[[], Coroutine[Any, Any, bool]]:
    """Whether the browser is still signed in."""

    async def still() -> bool:
        return await portal.session(request) is not None

    return still


def _is_private(path: str) -> bool:
    """What only the inside may ask; and paths that climb, by which it could be asked all the same."""
    parts = path.split("/")
    return parts[0] in PRIVATE or bool({".", ".."} & set(parts))


async def _authorization(request: Request, portal: Portal, service: str) -> str:
    """Raises NotSignedIn, ForeignRequest, NotJson."""
    brought = request.headers.get("authorization", "")
    if brought and portal.cookie(request, SESSION) is None:
        return brought  # the service judges it
    found = await portal.session(request)
    if found is None:
        raise NotSignedIn()
    request.scope["diary.person"] = str(found.person_id)
    refuse_foreign(request, portal.settings.public_url)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() in SIMPLE:
        raise NotJson()
    return f"Bearer {portal.tokens.token(found, service)}"


@router.api_route("/identity/{path:path}", methods=["GET", "POST"], include_in_schema=False)
async def identity(path: str, request: Request, who: Anyone, portal: ThePortal, admission: TheAdmission) -> Response:
    """Identity's pages, under the portal's origin; with identity's own cookies and no others."""
    address = portal.services.get("identity")
    if address is None or _is_private(path) or path.partition("/")[0] in IDENTITYS:
        raise NotFound()
    headers = picked(request, PAGE)
    own = {name: value for name, value in request.cookies.items() if name.startswith("__Secure-identity-")}
    if own:
        headers["cookie"] = "; ".join(f"{name}={value}" for name, value in own.items())
    query = request.scope["query_string"].decode("ascii")
    target = f"{address}/{quote(path)}{'?' if query else ''}{query}"
    async with admission.place("writing"):  # whoever cannot sign in can do nothing
        return await forward(portal.http, request, target, headers, kept=("set-cookie",))


@router.get("/live", openapi_extra=of("pupil"))
async def follow(
    request: Request,
    by: TheSession,
    portal: ThePortal,
    admission: TheAdmission,
    pupil_id: Annotated[list[UUID] | None, Query(max_length=20, description="children whose pages are open")] = None,
    group_id: Annotated[list[UUID] | None, Query(max_length=20, description="groups whose journals are open")] = None,
) -> Response:
    """Server-sent events of reporting (of these children and groups), notify and messaging in one stream.

    Whether he may see the children and the groups is reporting's question, under its own rule.
    """
    _bounded(request, portal)
    addresses = live.addresses(portal.services, pupil_id or [], group_id or [])
    merged = live.Merged(portal.http, portal.tokens, by, portal.news, addresses, sse.last_event_id(request))
    async with admission.place("reading"):  # a crowd that comes back after a restart opens as many as there is room for
        await merged.open()
    return sse.sse(request, merged, _still(request, portal), portal.secret(request))


last = APIRouter()


@last.get("/{path:path}", include_in_schema=False)
async def page(path: str, request: Request, who: Anyone, portal: ThePortal) -> Response:
    """The web application."""
    found = portal.pages.find(path)
    if found is None or path.partition("/")[0] in ("api", "auth", "calendar", "feed", "identity", "live"):
        raise NotFound()
    return found.response(request)
