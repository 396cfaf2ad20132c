"""Identity's signing keys: the first signs, all are published, so that keys are changed without an outage."""

import re
import time
from functools import cache
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from shared.settings import Settings

PEM = re.compile(r"-----BEGIN [A-Z ]+-----.+?-----END [A-Z ]+-----", re.DOTALL)


@cache
def _keys(pem: str) -> tuple[ECKey, ...]:
    keys = tuple(ECKey.import_key(block) for block in PEM.findall(pem.replace("\\n", "\n")))
    if not keys:
        raise ValueError("DIARY_IDENTITY_KEY is not a PEM of an EC private key")
    for key in keys:
        key.ensure_kid()  # the RFC 7638 thumbprint: the same in every replica
    return keys


def signing(settings: Settings) -> ECKey:
    """The key that signs now. Raises ValueError when the setting holds none."""
    return _keys(settings.identity_key.get_secret_value())[0]


def published(settings: Settings) -> dict[str, Any]:
    """The JWKS document."""
    document: dict[str, Any] = dict(
        KeySet(list(_keys(settings.identity_key.get_secret_value()))).as_dict(private=False)
    )
    for key in document["keys"]:
        key |= {"use": "sig", "alg": "ES256"}
    return document


def sign(settings: Settings, claims: dict[str, Any], kind: str, seconds: int) -> str:
    """A JWT of identity, good for so many seconds. `kind` is its `typ`: JWT for id tokens, at+jwt for access."""
    key, now = signing(settings), int(time.time())
    header = {"alg": "ES256", "typ": kind, "kid": key.kid}
    return jwt.encode(header, {"iss": settings.identity_url, "iat": now, "exp": now + seconds} | claims, key)
