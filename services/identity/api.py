"""Routes: accounts for programs, the sign-in page for people, tokens for clients."""

from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from services.identity import commands, demo, pages, provider, sessions
from services.identity.cookies import BROWSER, DEVICE, SESSION, YEAR, base_path, clear_cookie, cookie, set_cookie
from services.identity.domain import Cause, HasAccount, LoginTaken, NoAccount, WrongPassword
from services.identity.guesses import TooManyTries
from services.identity.passwords import Busy, PasswordKnown, PasswordTooShort
from services.identity.provider import Grant
from shared.errors import NotAllowed
from shared.web.answers import Receipt, respond
from shared.web.auth import Anyone, Caller, SignedIn, require
from shared.web.idempotency import TheIntent
from shared.web.problems import language_of, problems
from shared.web.routes import of
from shared.web.state import TheLedger, ThePool, TheSettings

router = APIRouter()
router.include_router(provider.router)

AccountKeeper = Annotated[Caller, require("operator", "administrator")]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ButtonIn(Body):
    """How the sign-in page of a demo shows the account."""

    role: demo.Role
    name: str = Field(max_length=200)


class NewAccount(Body):
    person_id: UUID
    login: str = Field(min_length=1, max_length=100)
    password: str = Field(min_length=1, max_length=1000)
    demo: bool = False
    button: ButtonIn | None = Field(None, description="only with demo")


class Closing(Body):
    cause: Cause


class NewPassword(Body):
    old: str = Field(min_length=1, max_length=1000)
    new: str = Field(min_length=1, max_length=1000)


class Entry(BaseModel):
    """One line of one's own sign-in log."""

    at: datetime
    outcome: str
    method: str
    known_device: bool


@router.post(
    "/accounts",
    response_model=Receipt,
    openapi_extra=of("person"),
    responses=problems(LoginTaken, HasAccount, PasswordTooShort, PasswordKnown, NotAllowed),
)
def open_account(
    new: NewAccount, by: AccountKeeper, intent: TheIntent, ledger: TheLedger, pool: ThePool, settings: TheSettings
) -> Response:
    """Give a person a login and a password."""
    button = (new.button.role, new.button.name) if new.button else None
    command = commands.NewAccount(new.person_id, new.login, new.password, new.demo, button)
    return respond(commands.open_account(ledger, pool, command, by, intent, settings))


@router.post(
    "/accounts/{account_id}/closing",
    response_model=Receipt,
    openapi_extra=of("account"),
    responses=problems(NoAccount),
)
def close_account(
    account_id: UUID, closing: Closing, by: AccountKeeper, intent: TheIntent, ledger: TheLedger, pool: ThePool
) -> Response:
    """Close an account; its sessions end."""
    return respond(commands.close_account(ledger, pool, account_id, closing.cause, by, intent))


@router.put(
    "/password",
    response_model=Receipt,
    responses=problems(WrongPassword, PasswordTooShort, PasswordKnown, TooManyTries),
)
def change_password(change: NewPassword, by: SignedIn, intent: TheIntent, ledger: TheLedger, pool: ThePool) -> Response:
    """Change one's own password; one's other sessions end."""
    return respond(commands.change_password(ledger, pool, change.old, change.new, by, intent))


@router.get("/sign-ins")
def sign_ins(by: SignedIn, pool: ThePool, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> list[Entry]:
    """One's own sign-ins, failed ones too, the latest first."""
    if by.account_id is None:
        return []
    with pool.connection() as conn:
        rows = sessions.logged(conn, by.account_id, limit)
    return [Entry(at=at, outcome=outcome, method=method, known_device=known) for at, outcome, method, known in rows]


@router.get("/sign-in.css", include_in_schema=False)
async def style(who: Anyone) -> Response:
    return Response(pages.STYLE, media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})


class Filled:
    """The form of the sign-in page."""

    def __init__(
        self,
        request: Annotated[str, Form(max_length=100)] = "",
        csrf: Annotated[str, Form(max_length=100)] = "",
        login: Annotated[str, Form(max_length=1000)] = "",
        password: Annotated[str, Form(max_length=5000)] = "",
        button: Annotated[str, Form(max_length=100, description="the account of a demo's button")] = "",
    ) -> None:
        self.request, self.csrf, self.login, self.password, self.button = request, csrf, login, password, button


@router.post("/sign-in", include_in_schema=False)
def sign_in(
    request: Request, form: Annotated[Filled, Depends()], who: Anyone, pool: ThePool, settings: TheSettings
) -> Response:
    """Judge login and password; back to the client with a code, or back to the page with a sentence at the field."""
    language, base = language_of(request), base_path(settings)
    with pool.connection() as conn:
        asked = sessions.asked(conn, _uuid(form.request), cookie(request, BROWSER) or "", form.csrf)
        buttons = demo.buttons(conn, settings)
    if asked is None or not _from_our_page(request, settings.identity_url):
        return pages.stale(base, settings.public_url, language)
    if form.button:
        done = commands.sign_in_by_button(pool, _uuid(form.button), cookie(request, DEVICE), settings)
        return _signed_in(asked, done, pool, settings) if done else pages.stale(base, settings.public_url, language)
    words = pages.WORDS[language]
    errors = {
        "login_error": "" if form.login.strip() else words["empty-login"],
        "password_error": "" if form.password else words["empty-password"],
    }
    if not any(errors.values()):
        try:
            done = commands.sign_in(pool, form.login, form.password, cookie(request, DEVICE), settings)
        except (TooManyTries, Busy) as refused:
            errors["password_error"] = refused.sentence(language)
        else:
            if done:
                return _signed_in(asked, done, pool, settings)
            errors["password_error"] = words["wrong"]
    shown = pages.Form(form.request, form.csrf, base, asked.redirect_uri, form.login[:100], buttons=buttons, **errors)
    return pages.sign_in(shown, language)


def _from_our_page(request: Request, issuer: str) -> bool:
    """A form of another site is refused even if it knew the secret in ours."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    ours = "{0.scheme}://{0.netloc}".format(urlsplit(issuer))
    return (origin is None or origin == ours) and site in (None, "same-origin")


def _signed_in(asked: sessions.Asked, done: commands.SignedIn, pool: ThePool, settings: TheSettings) -> Response:
    with pool.connection() as conn:
        sessions.answered(conn, asked.request_id)
        response = provider.with_code(conn, asked, done.session_id, settings)
    set_cookie(response, SESSION, done.cookie, settings)
    set_cookie(response, DEVICE, done.device, settings, YEAR)
    clear_cookie(response, BROWSER, settings)
    return response


@router.post("/token", include_in_schema=False)
def token(grant: Annotated[Grant, Depends()], who: Anyone, pool: ThePool, settings: TheSettings) -> Response:
    """RFC 6749 with RFC 7636."""
    client = grant.client_of(settings)
    if client is None:
        return provider.refused("invalid_client", 401)
    if grant.grant_type == "client_credentials" and client != provider.PORTAL:
        return provider.machine_token(client, settings)
    if grant.grant_type == "authorization_code" and client == provider.PORTAL:
        with pool.connection() as conn:
            return provider.exchange(conn, grant, settings)
    known = grant.grant_type in ("client_credentials", "authorization_code")
    return provider.refused("unauthorized_client" if known else "unsupported_grant_type")


@router.get("/userinfo", include_in_schema=False)
def userinfo(request: Request, who: Anyone, pool: ThePool) -> Response:
    """Whose the access token is."""
    with pool.connection() as conn:
        session = sessions.granted(conn, request.headers.get("authorization", "").removeprefix("Bearer ").strip())
    if session is None:
        return JSONResponse({"error": "invalid_token"}, 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
    return JSONResponse({"sub": str(session.account_id), "person": str(session.person_id)})


@router.post("/introspect", include_in_schema=False)
def introspect(
    grant: Annotated[Grant, Depends()],
    who: Anyone,
    pool: ThePool,
    settings: TheSettings,
    sid: Annotated[list[str] | None, Form(max_length=1000)] = None,
) -> Response:
    """Whether sessions still live, for clients: `sid` names one and may come again. `active`: at least one does."""
    if grant.client_of(settings) is None:
        return provider.refused("invalid_client", 401)
    with pool.connection() as conn:
        found = sessions.all_living(conn, [_uuid(one) for one in sid or []])
    return JSONResponse({"active": bool(found), "living": [str(session.session_id) for session in found]})


@router.post("/sign-out", include_in_schema=False)
def end_session(grant: Annotated[Grant, Depends()], who: Anyone, pool: ThePool, settings: TheSettings) -> Response:
    """The client's word that its user signed out: the session ends here too."""
    if grant.client_of(settings) is None:
        return provider.refused("invalid_client", 401)
    with pool.connection() as conn:
        session = sessions.living(conn, _uuid(grant.sid))
        if session:
            sessions.end(conn, session.session_id)
            sessions.log(conn, session.account_id, "signed-out", True)
    return Response(status_code=204)


@router.get("/sign-out", include_in_schema=False)
def sign_out(request: Request, who: Anyone, pool: ThePool, settings: TheSettings) -> Response:
    """For a browser that has lost its client: ends its own session, and only from a page of ours."""
    response = RedirectResponse(settings.public_url + "/", 303)
    if request.headers.get("sec-fetch-site") in (None, "same-origin", "none"):
        with pool.connection() as conn:
            if session := sessions.session_of(conn, cookie(request, SESSION)):
                sessions.end(conn, session.session_id)
        clear_cookie(response, SESSION, settings)
    return response


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
