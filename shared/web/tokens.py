"""Bearer tokens: ES256 JWTs of the portal and of identity, judged by the keys these publish."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from time import monotonic, time
from typing import Any
from uuid import UUID

import httpx
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from shared.errors import Refused

log = logging.getLogger("diary.web")

SKEW = 60  # seconds that clocks may differ
ALGORITHM = "ES256"
TYPE = "at+jwt"  # RFC 9068; an id token has another, and is no access token
REFETCH = 10.0  # seconds between looks for a key we do not know
AGE = 300.0  # seconds after which keys are fetched anew although we know the one in hand: withdrawn keys go


class NotSignedIn(Refused):
    """Sign in first."""

    code = "not-signed-in"
    kind = "unauthenticated"
    ru = "Сначала войдите."


class KeysUnavailable(Refused):
    """Your sign-in cannot be checked at the moment. Try again in a little while."""

    code = "keys-unavailable"
    kind = "unavailable"
    ru = "Сейчас не получается проверить ваш вход. Повторите чуть позже."


@dataclass(frozen=True)
class Claims:
    """What a good token says. `machine` is a client with credentials of its own; `roles` are only ever its."""

    person_id: UUID
    account_id: UUID | None
    session: str
    acr: str
    auth_time: int
    issuer: str
    roles: frozenset[str]

    @property
    def machine(self) -> bool:
        return self.account_id is None


class Keys:
    """Public keys of the issuers, fetched when first needed and again when a token names one we do not know."""

    def __init__(self, addresses: Sequence[str], fetch: Callable[[str], Any] | None = None) -> None:
        self._addresses = tuple(addresses)
        self._fetch = fetch or _fetch
        self._known: dict[str, ECKey] = {}
        self._looked = -REFETCH
        self._lock = Lock()

    def get(self, kid: str) -> ECKey | None:
        """The key of this id, or None. Raises KeysUnavailable when no issuer ever answered."""
        if kid not in self._known or monotonic() - self._looked > AGE:
            self._look(kid)
        if not self._known:
            raise KeysUnavailable()
        return self._known.get(kid)

    def _look(self, kid: str) -> None:
        with self._lock:
            age = monotonic() - self._looked
            if age < REFETCH or (kid in self._known and age <= AGE):
                return
            self._looked = monotonic()
            found: dict[str, ECKey] = {}
            for address in self._addresses:
                try:
                    keys = KeySet.import_key_set(self._fetch(address)).keys
                except Exception as error:
                    log.warning("keys not fetched", extra={"address": address, "cause": type(error).__name__})
                    return self._known.update(found)
                found |= {str(k.kid): k for k in keys if isinstance(k, ECKey) and k.curve_name == "P-256"}
            self._known = found


def _fetch(address: str) -> Any:
    answer = httpx.get(address, timeout=3.0, follow_redirects=False)
    answer.raise_for_status()
    return answer.json()


def verify(token: str, keys: Keys, issuers: Sequence[str], audiences: Sequence[str]) -> Claims:
    """The claims of a good token. Raises NotSignedIn for any other, KeysUnavailable when it cannot be judged."""
    try:
        header = jws.extract_compact(token.encode("ascii")).headers()
        kid = header.get("kid")
        if header.get("alg") != ALGORITHM or header.get("typ") != TYPE or not isinstance(kid, str):
            raise NotSignedIn()
        key = keys.get(kid)
        if key is None:
            raise NotSignedIn()
        return _claims(jwt.decode(token, key, algorithms=[ALGORITHM]).claims, issuers, audiences)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError):
        raise NotSignedIn() from None


def _claims(claims: dict[str, Any], issuers: Sequence[str], audiences: Sequence[str]) -> Claims:
    meant = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    now = time()
    if claims["iss"] not in issuers or not set(meant) & set(audiences):
        raise NotSignedIn()
    if not claims["iat"] - SKEW <= now < claims["exp"] + SKEW or claims.get("nbf", 0) > now + SKEW:
        raise NotSignedIn()
    account = claims.get("account")
    return Claims(
        person_id=UUID(claims["sub"]),
        account_id=UUID(account) if account else None,
        session=str(claims.get("sid", "")),
        acr=str(claims.get("acr", "")),
        auth_time=int(claims.get("auth_time", 0)),
        issuer=claims["iss"],
        roles=frozenset(map(str, claims.get("roles", []))) if account is None else frozenset(),
    )
