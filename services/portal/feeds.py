"""What applications without a sign-in read at secret addresses. A secret goes on in no address, and into no log."""

import hashlib
import logging
import re
from urllib.parse import urlsplit

import aiohttp
from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.portal.admission import TheAdmission
from services.portal.proxy import ServiceUnavailable
from services.portal.state import ThePortal
from shared.errors import NotFound
from shared.web.auth import Anyone
from shared.web.frame import SECRET

router = APIRouter(include_in_schema=False)
log = logging.getLogger("diary.portal")

PROPER = re.compile(r"[A-Za-z0-9_-]{43}")


@router.get(f"{SECRET}{{secret}}.ics")
@router.head(f"{SECRET}{{secret}}.ics")
async def calendar(secret: str, request: Request, who: Anyone, portal: ThePortal, admission: TheAdmission) -> Response:
    """A timetable for a calendar application; nothing new is answered 304."""
    address = portal.services.get("lessons")
    if address is None or not PROPER.fullmatch(secret):
        raise NotFound()
    headers = {"authorization": f"Bearer {portal.tokens.own('lessons')}", "accept-encoding": "identity"}
    asked = {"secret": secret, "host": urlsplit(portal.settings.public_url).hostname}
    try:
        async with (
            admission.place("reading"),
            portal.http.post(f"{address}/calendar", json=asked, headers=headers) as answer,
        ):
            body = await answer.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        log.warning("calendar unavailable", extra={"cause": type(error).__name__})
        raise ServiceUnavailable() from None
    if answer.status == 404:
        raise NotFound()
    if answer.status != 200:
        raise ServiceUnavailable()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    kept = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in (one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")):
        return Response(status_code=304, headers=kept)
    return Response(body, headers=kept, media_type="text/calendar")
