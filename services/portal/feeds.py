"""What applications without a sign-in read at secret addresses. A secret goes on in no address, and into no log."""

import hashlib
import logging
import re
from urllib.parse import urlsplit

import aiohttp
from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.portal.admission import Admission, TheAdmission
from services.portal.proxy import ServiceUnavailable
from services.portal.state import Portal, ThePortal
from shared.errors import NotFound
from shared.web.auth import Anyone

router = APIRouter(include_in_schema=False)
log = logging.getLogger("diary.portal")

PROPER = re.compile(r"[A-Za-z0-9_-]{43}")


@router.get("/calendar/{secret}.ics")
@router.head("/calendar/{secret}.ics")
async def calendar(secret: str, request: Request, who: Anyone, portal: ThePortal, admission: TheAdmission) -> Response:
    """A timetable for a calendar application; nothing new is answered 304."""
    asked = {"secret": secret, "host": urlsplit(portal.settings.public_url).hostname}
    return await _read("lessons", "/calendar", asked, "text/calendar", request, portal, admission)


@router.get("/feed/{secret}.xml")
@router.head("/feed/{secret}.xml")
async def feed(secret: str, request: Request, who: Anyone, portal: ThePortal, admission: TheAdmission) -> Response:
    """A person's notices for a feed reader; nothing new is answered 304."""
    return await _read("notify", "/rss", {"secret": secret}, "application/rss+xml", request, portal, admission)


async def _read(
    service: str,
    path: str,
    asked: dict[str, str | None],
    media_type: str,
    request: Request,
    portal: Portal,
    admission: Admission,
) -> Response:
    address = portal.services.get(service)
    if address is None or not PROPER.fullmatch(asked["secret"] or ""):
        raise NotFound()
    headers = {"authorization": f"Bearer {portal.tokens.own(service)}", "accept-encoding": "identity"}
    try:
        async with (
            admission.place("reading"),
            portal.http.post(f"{address}{path}", json=asked, headers=headers) as answer,
        ):
            body = await answer.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        log.warning("feed unavailable", extra={"of": service, "cause": type(error).__name__})
        raise ServiceUnavailable() from None
    if answer.status == 404:
        raise NotFound()
    if answer.status != 200:
        raise ServiceUnavailable()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    kept = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in (one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")):
        return Response(status_code=304, headers=kept)
    return Response(body, headers=kept, media_type=media_type)
