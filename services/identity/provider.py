"""OpenID Connect: authorization code with PKCE for the portal, client credentials for machine clients."""

import base64
import hashlib
import hmac
import re
from typing import Annotated, Any
from urllib.parse import unquote_plus, urlencode, urlsplit
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Form, Header, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from services.identity import demo, keys, pages, sessions
from services.identity.cookies import BROWSER, SESSION, base_path, cookie, set_cookie
from services.identity.sessions import Asked, Session
from shared.access import OPERATOR
from shared.postgres import Conn
from shared.settings import Settings
from shared.web.auth import Anyone
from shared.web.problems import language_of
from shared.web.state import ThePool, TheSettings

router = APIRouter()

PORTAL = "portal"
CHALLENGE = re.compile(r"^[A-Za-z0-9_-]{43}$")  # base64url of SHA-256
VERIFIER = re.compile(r"^[A-Za-z0-9._~-]{43,128}$")
ID_TOKEN = 300  # seconds
ACCESS_TOKEN = 300  # seconds
Parameter = Annotated[str, Field(max_length=2000)]
Part = Annotated[str, Form(max_length=2000)]


@router.get("/.well-known/openid-configuration")
async def discovery(who: Anyone, settings: TheSettings) -> dict[str, Any]:
    """What the provider can do, and where."""
    issuer = settings.identity_url
    places = {"authorization": "authorize", "token": "token", "userinfo": "userinfo", "introspection": "introspect",
              "end_session": "sign-out"}  # fmt: skip
    return {
        "issuer": issuer,
        **{f"{name}_endpoint": f"{issuer}/{place}" for name, place in places.items()},
        "jwks_uri": f"{issuer}/jwks",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "subject_types_supported": ["public"],
        "scopes_supported": ["openid"],
        "acr_values_supported": [sessions.ACR],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "authorization_response_iss_parameter_supported": True,
        "ui_locales_supported": ["ru", "en"],
    }


@router.get("/jwks")
async def jwks(who: Anyone, settings: TheSettings) -> Response:
    """The public keys; five minutes in a cache."""
    return JSONResponse(keys.published(settings), headers={"Cache-Control": "public, max-age=300"})


class Wanted(BaseModel):
    """An authorization request as it came; unknown parameters are read past, as the standard says."""

    response_type: Parameter = ""
    client_id: Parameter = ""
    redirect_uri: Parameter = ""
    scope: Parameter = ""
    state: Parameter = ""
    nonce: Parameter = ""
    code_challenge: Parameter = ""
    code_challenge_method: Parameter = ""
    prompt: Parameter = ""


@router.get("/authorize")
def authorize(
    request: Request, wanted: Annotated[Wanted, Depends()], who: Anyone, pool: ThePool, settings: TheSettings
) -> Response:
    """Answer at once when the browser is signed in; otherwise show the sign-in page."""
    if not _is_ours(wanted, settings):
        return pages.bad(base_path(settings), settings.public_url, language_of(request))
    if error := _error(wanted):
        return _back(wanted.redirect_uri, wanted.state, settings, error=error)
    asked = Asked(uuid4(), wanted.client_id, wanted.redirect_uri, wanted.state, wanted.nonce, wanted.code_challenge)
    with pool.connection() as conn:
        session = sessions.session_of(conn, cookie(request, SESSION))
        if session and wanted.prompt != "login":
            return with_code(conn, asked, session.session_id, settings)
        if wanted.prompt == "none":
            return _back(wanted.redirect_uri, wanted.state, settings, error="login_required")
        browser, csrf = sessions.secret(), sessions.secret()
        sessions.ask(conn, asked, browser, csrf)
        buttons = demo.buttons(conn, settings)
    form = pages.Form(str(asked.request_id), csrf, base_path(settings), asked.redirect_uri, buttons=buttons)
    page = pages.sign_in(form, language_of(request))
    set_cookie(page, BROWSER, browser, settings, seconds=600)
    return page


def redirect_uri(settings: Settings) -> str:
    """The portal's only address for codes."""
    return f"{settings.public_url}/auth/callback"


def _is_ours(wanted: Wanted, settings: Settings) -> bool:
    """A client and a redirect of ours, exactly; otherwise nothing may be sent there, not even an error."""
    return wanted.client_id == PORTAL and wanted.redirect_uri == redirect_uri(settings)


def _error(wanted: Wanted) -> str:
    if wanted.response_type != "code":
        return "unsupported_response_type"
    if "openid" not in wanted.scope.split():
        return "invalid_scope"
    if wanted.code_challenge_method != "S256" or not CHALLENGE.match(wanted.code_challenge):
        return "invalid_request"  # PKCE is not optional
    return "" if wanted.state and wanted.nonce else "invalid_request"


def _back(where: str, state: str, settings: Settings, **answer: str) -> Response:
    query = urlencode({**answer, "state": state, "iss": settings.identity_url})
    return RedirectResponse(f"{where}{'&' if urlsplit(where).query else '?'}{query}", 303)


def with_code(conn: Conn, asked: Asked, session_id: UUID, settings: Settings) -> Response:
    """Back to the client with a code."""
    return _back(asked.redirect_uri, asked.state, settings, code=sessions.issue(conn, asked, session_id))


class Grant:
    """The form of a token request."""

    def __init__(
        self,
        grant_type: Part = "",
        code: Part = "",
        redirect_uri: Part = "",
        code_verifier: Part = "",
        client_id: Part = "",
        client_secret: Part = "",
        token: Part = "",
        sid: Part = "",
        authorization: Annotated[str, Header(max_length=2000)] = "",
    ) -> None:
        self.grant_type, self.code, self.redirect_uri, self.verifier = grant_type, code, redirect_uri, code_verifier
        self.token, self.sid = token, sid
        self.client, self.secret = _basic(authorization) or (client_id, client_secret)

    def client_of(self, settings: Settings) -> str | None:
        """The client if its secret is right; one without a secret in the settings does not exist."""
        secrets = {
            PORTAL: settings.portal_client_secret.get_secret_value(),
            "operator": settings.operator_client_secret.get_secret_value(),
        }
        expected = secrets.get(self.client, "")
        right = hmac.compare_digest(expected.encode(), self.secret.encode("utf-8", "surrogatepass"))
        return self.client if expected and right else None


def _basic(header: str) -> tuple[str, str] | None:
    kind, _, value = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return None
    return unquote_plus(name), unquote_plus(secret)


def refused(error: str, status: int = 400) -> Response:
    """RFC 6749, 5.2."""
    headers = {"WWW-Authenticate": 'Basic realm="diary"'} if status == 401 else {}
    return JSONResponse({"error": error}, status, {"Cache-Control": "no-store", **headers})


def exchange(pool_conn: Conn, grant: Grant, settings: Settings) -> Response:
    """Code for tokens. The code is used up even by a wrong try: it was guessed or stolen."""
    used = sessions.use(pool_conn, grant.code)
    if used is None or not VERIFIER.match(grant.verifier):
        return refused("invalid_grant")
    client, redirect, nonce, challenge, session_id = used
    hashed = base64.urlsafe_b64encode(hashlib.sha256(grant.verifier.encode()).digest()).rstrip(b"=").decode()
    session = sessions.living(pool_conn, session_id)
    proven = client == grant.client and redirect == grant.redirect_uri and hmac.compare_digest(hashed, challenge)
    if session is None or not proven:
        return refused("invalid_grant")
    token = sessions.grant(pool_conn, grant.code, session_id)
    body = {"access_token": token, "token_type": "Bearer", "expires_in": 300, "scope": "openid",
            "id_token": id_token(session, client, nonce, settings)}  # fmt: skip
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


def id_token(session: Session, client: str, nonce: str, settings: Settings) -> str:
    """`sub` is the account, `person` the roster's id of its owner."""
    claims = {
        "aud": client, "sub": str(session.account_id), "person": str(session.person_id), "nonce": nonce,
        "acr": session.acr, "auth_time": int(session.auth_time.timestamp()), "sid": str(session.session_id),
    }  # fmt: skip
    return keys.sign(settings, claims, "JWT", ID_TOKEN)


def machine_token(client: str, settings: Settings) -> Response:
    """Client credentials: an access token for every service, in the client's own name."""
    claims = {"aud": "diary", "sub": str(OPERATOR), "client_id": client, "roles": [client], "acr": "client"}
    body = {"access_token": keys.sign(settings, claims, "at+jwt", ACCESS_TOKEN), "token_type": "Bearer",
            "expires_in": ACCESS_TOKEN}  # fmt: skip
    return JSONResponse(body, headers={"Cache-Control": "no-store"})
