"""Short-lived tokens for the services behind the portal. They never leave the server side."""

import re
import time
from collections import OrderedDict
from functools import cache
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from services.portal.sessions import Session
from shared.access import PORTAL
from shared.settings import Settings

LIFE = 300  # seconds
AGAIN = 240.0  # seconds after which another is signed
KEPT = 50_000  # tokens in memory, some 700 bytes each
PEM = re.compile(r"-----BEGIN [A-Z ]+-----.+?-----END [A-Z ]+-----", re.DOTALL)


@cache
def _keys(pem: str) -> tuple[ECKey, ...]:
    keys = tuple(ECKey.import_key(block) for block in PEM.findall(pem.replace("\\n", "\n")))
    if not keys:
        raise ValueError("DIARY_PORTAL_KEY is not a PEM of an EC private key")
    for key in keys:
        key.ensure_kid()
    return keys


def published(settings: Settings) -> dict[str, Any]:
    """The JWKS document: the first key signs, all are published."""
    document: dict[str, Any] = dict(KeySet(list(_keys(settings.portal_key.get_secret_value()))).as_dict(private=False))
    for key in document["keys"]:
        key |= {"use": "sig", "alg": "ES256"}
    return document


class Tokens:
    """One for each session and service, signed anew every four minutes."""

    def __init__(self, settings: Settings) -> None:
        self._issuer = settings.public_url
        self._key = _keys(settings.portal_key.get_secret_value())[0]
        self._kept: OrderedDict[tuple[bytes, str], tuple[float, str]] = OrderedDict()

    def token(self, session: Session, service: str) -> str:
        """For this service only."""
        place = (session.secret, service)
        kept = self._kept.get(place)
        if kept and kept[0] > time.monotonic():
            return kept[1]
        token = self._sign(session, service)
        self._kept[place] = (time.monotonic() + AGAIN, token)
        self._kept.move_to_end(place)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return token

    def own(self, service: str) -> str:
        """The portal's own, for what it asks in nobody's name."""
        return self._signed({"aud": service, "sub": str(PORTAL), "roles": ["portal"], "acr": "client"})

    def forget(self, session: Session) -> None:
        """After sign-out. Other replicas ask for the session before they use theirs."""
        for place in [place for place in self._kept if place[0] == session.secret]:
            del self._kept[place]

    def _sign(self, session: Session, service: str) -> str:
        return self._signed({
            "aud": service, "sub": str(session.person_id), "account": str(session.account_id),
            "sid": session.sid, "acr": session.acr, "auth_time": session.auth_time,
        })  # fmt: skip

    def _signed(self, claims: dict[str, Any]) -> str:
        now = int(time.time())
        claims = {"iss": self._issuer, "iat": now, "exp": now + LIFE} | claims
        return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": self._key.kid}, claims, self._key)
