"""Who asks, and whether the route is for such as him. What object he may touch is the command's question.

Every route has exactly one of these in its signature, and `app.create` refuses one that has none:

>>> def give_marks(by: Teacher) -> None: ...
"""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from anyio import to_thread
from fastapi import Depends, Request

from shared import access
from shared.errors import NotAllowed
from shared.web import state
from shared.web.tokens import Claims, Keys, NotSignedIn, verify


@dataclass(frozen=True)
class Caller:
    """The person (or machine client) that asks. Rights come from the roster's facts, never from the token.

    `scope` is what row-level security lets him see at most: himself, his children, the schools of both.
    `roles` are those he has today; `session` is the portal's, by which signing out ends what he has open.
    """

    person_id: UUID
    account_id: UUID | None
    session: str
    scope: tuple[UUID, ...]
    acr: str
    auth_time: int = 0
    roles: tuple[access.Held, ...] = ()

    @property
    def operator(self) -> bool:
        """Whether it is the operator's machine client, an officer of every district."""
        return self.person_id == access.OPERATOR

    def is_a(self, *roles: str) -> bool:
        """Whether he has one of these roles anywhere."""
        return any(held.role in roles for held in self.roles)

    def schools_as(self, *roles: str) -> tuple[UUID, ...]:
        """Where he has one of these roles; the district's id for officers."""
        return tuple({held.school_id: None for held in self.roles if held.role in roles})


class Rule:
    """Who may call a route: a dependency that also tells it, for the OpenAPI document and the access matrix."""

    def __init__(self, *roles: str) -> None:
        self.who: tuple[str, ...] = roles

    async def __call__(self, request: Request) -> Caller:
        """Raises NotSignedIn and NotAllowed."""
        found = await caller(request)
        signed_in = "signed-in" in self.who and found.person_id != access.PORTAL
        if not signed_in and not found.is_a(*self.who):
            raise NotAllowed()
        return found


class Open:
    """The rule of a route that needs no sign-in."""

    who: tuple[str, ...] = ("anyone",)

    async def __call__(self) -> None:
        return None


def require(*roles: str) -> Any:
    """A dependency for callers with one of these roles somewhere: `Annotated[Caller, require("teacher")]`."""
    return Depends(Rule(*roles))


async def caller(request: Request) -> Caller:
    """Who asks, by the bearer token, with his rights as they are now; worked out once a request. Raises NotSignedIn.

    Asynchronous, so that one change of threads is paid for the question and none for those who ask again.
    """
    if "diary.caller" not in request.scope:
        request.scope["diary.caller"] = await to_thread.run_sync(current, request)
    found: Caller = request.scope["diary.caller"]
    return found


def current(request: Request) -> Caller:
    """The same, looked up anew: what a stream asks while it stays open. Raises NotSignedIn."""
    claims = _claims(request)
    request.scope["diary.person"] = str(claims.person_id)
    there = state.state_of(request)
    if claims.person_id == access.PORTAL:
        portal = (access.Held("portal", access.PORTAL),)
        return Caller(claims.person_id, None, "", (), claims.acr, claims.auth_time, portal)
    if there.pool is None:
        return Caller(claims.person_id, claims.account_id, claims.session, (), claims.acr, claims.auth_time)
    with there.pool.connection() as conn:
        rights = access.rights(conn, claims.person_id, there.calendar)
    return Caller(
        claims.person_id, claims.account_id, claims.session, rights.scope, claims.acr, claims.auth_time, rights.roles
    )


def _claims(request: Request) -> Claims:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise NotSignedIn()
    keys: Keys = request.app.state.keys
    settings = state.state_of(request).settings
    issuers = [issuer for issuer in (settings.public_url, settings.identity_url) if issuer]
    claims = verify(token.strip(), keys, issuers, ("diary", request.app.state.service))
    machines = {access.OPERATOR: ("operator", settings.identity_url), access.PORTAL: ("portal", settings.public_url)}
    role, issuer = machines.get(claims.person_id, (None, None))
    if claims.machine != (role is not None):
        raise NotSignedIn()
    if role and (role not in claims.roles or claims.issuer != issuer):
        raise NotSignedIn()
    return claims


Anyone = Annotated[None, Depends(Open())]
SignedIn = Annotated[Caller, require("signed-in")]
Pupil = Annotated[Caller, require("pupil")]
Parent = Annotated[Caller, require("parent")]
Family = Annotated[Caller, require("pupil", "parent")]
Teacher = Annotated[Caller, require("teacher")]
Office = Annotated[Caller, require("office", "administrator")]
Administrator = Annotated[Caller, require("administrator")]
Officer = Annotated[Caller, require("officer", "operator")]
Operator = Annotated[Caller, require("operator")]
Portal = Annotated[Caller, require("portal")]
Staff = Annotated[Caller, require("teacher", "office", "administrator", "officer", "operator")]
