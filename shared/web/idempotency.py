"""A command is done once: the client's Idempotency-Key becomes the Intent that the ledger keeps."""

import hashlib
import re
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request

from shared.errors import Refused
from shared.eventstore import Intent
from shared.telemetry import current_trace, traceparent
from shared.web.auth import caller

ETAG = re.compile(r'^(?:W/)?"(\d{1,9})"$')
CORRELATION = re.compile(r"^[0-9A-Za-z-]{8,64}$")


class KeyMissing(Refused):
    """The request has no Idempotency-Key: send a new UUID with each command and the same one when you repeat it."""

    code = "idempotency.key-missing"
    ru = "В запросе нет Idempotency-Key: с каждой командой нужен новый UUID, при повторе тот же самый."


class KeyMalformed(Refused):
    """The Idempotency-Key is not a UUID."""

    code = "idempotency.key-malformed"
    ru = "Idempotency-Key не является UUID."


class MatchMalformed(Refused):
    """If-Match is not an ETag of ours, such as "3"."""

    code = "if-match.malformed"
    ru = 'If-Match не похож на наш ETag, например "3".'


async def intent(
    request: Request,
    idempotency_key: Annotated[str | None, Header(description="a new UUID for each command")] = None,
    if_match: Annotated[str | None, Header(description="the version last seen, as its ETag")] = None,
    x_correlation_id: Annotated[str | None, Header()] = None,
) -> Intent:
    """Who asks for what, once. The body's hash was taken on its way in (guard.py).

    The bytes of an upload differ from try to try (multipart boundaries), so there only the address counts; the
    service sets the fingerprint by the file's content. Raises KeyMissing, KeyMalformed, MatchMalformed, NotSignedIn.
    """
    by = await caller(request)
    known = x_correlation_id and CORRELATION.match(x_correlation_id)
    return Intent(
        actor=by.person_id,
        key=_key(idempotency_key),
        fingerprint=_fingerprint(request),
        scope=by.scope,
        correlation=x_correlation_id if x_correlation_id and known else current_trace() or "none",
        traceparent=traceparent(),
        if_match=_version(if_match),
    )


TheIntent = Annotated[Intent, Depends(intent)]


def _key(sent: str | None) -> UUID:
    if not sent:
        raise KeyMissing()
    try:
        return UUID(sent.strip().strip('"'))
    except ValueError:
        raise KeyMalformed() from None


def _version(sent: str | None) -> int | None:
    if sent is None or sent.strip() == "*":
        return None
    found = ETAG.match(sent.strip())
    if found is None:
        raise MatchMalformed()
    return int(found.group(1))


def _fingerprint(request: Request) -> bytes:
    digest = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    if not request.headers.get("content-type", "").startswith("multipart/"):
        digest.update(request.scope["diary.digest"].digest())
    return digest.digest()
