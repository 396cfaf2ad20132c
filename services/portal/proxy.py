"""The way to the services: what browsers send goes on, with a token of ours in place of the cookie."""

import asyncio
import logging
import zlib
from collections.abc import Iterable, Mapping

import aiohttp
from fastapi import Request
from fastapi.responses import Response
from starlette.types import Receive, Scope, Send
from yarl import URL

from shared.errors import Refused
from shared.telemetry import traceparent

log = logging.getLogger("diary.portal")

# only these go on; so no header by which somebody could claim to be another ever does
REQUEST = (
    "accept", "accept-language", "accept-encoding", "content-type", "content-length", "idempotency-key", "if-match",
    "if-none-match", "last-event-id", "range", "x-correlation-id",
)  # fmt: skip
PAGE = (*REQUEST, "authorization", "origin", "sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest", "user-agent")
HOP = {"connection", "keep-alive", "proxy-authenticate", "te", "trailer", "transfer-encoding", "upgrade", "server",
       "date"}  # fmt: skip
CHUNK = 64 * 1024
SMALL = 1000  # bytes under which packing gains nothing
GZIP = 16 + zlib.MAX_WBITS


class ServiceUnavailable(Refused):
    """This part of the diary does not answer at the moment. Try again in a little while."""

    code = "portal.service-unavailable"
    kind = "unavailable"
    ru = "Эта часть дневника сейчас не отвечает. Повторите чуть позже."


async def forward(
    http: aiohttp.ClientSession,
    request: Request,
    address: str,
    headers: Mapping[str, str],
    kept: Iterable[str] = (),
) -> Response:
    """Send the request on to `address` and hand the answer back as it comes. Raises ServiceUnavailable.

    `kept` names the answer's headers that pass although they are identity's own business (`set-cookie`).
    """
    has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
    traced = {"traceparent": trace} if (trace := traceparent()) else {}
    try:
        answer = await http.request(
            request.method,
            URL(address, encoded=True),  # as it came: nothing is normalised behind the back of our checks
            headers={**headers, **traced},
            data=request.stream() if has_body else None,
            allow_redirects=False,
        )
    except (aiohttp.ClientError, TimeoutError) as error:
        log.warning("service unavailable", extra={"cause": type(error).__name__})
        raise ServiceUnavailable() from None
    dropped = HOP | ({"set-cookie"} - set(kept))
    passed = [(name.lower(), value) for name, value in answer.headers.items() if name.lower() not in dropped]
    if not _packable(request, answer):
        return Piped(answer, passed)
    passed = [(name, value) for name, value in passed if name != "content-length"]
    packed = [("content-encoding", "gzip"), ("vary", "Accept-Encoding")]
    return Piped(answer, passed + packed, zlib.compressobj(5, wbits=GZIP))


def _packable(request: Request, answer: aiohttp.ClientResponse) -> bool:
    """JSON that is worth it, for a browser that takes it: on a phone's line a week of the diary is a third as long."""
    if request.method == "HEAD" or "gzip" not in request.headers.get("accept-encoding", ""):
        return False
    plain = answer.content_type.endswith("json") and "content-encoding" not in answer.headers
    return plain and (answer.content_length or SMALL) >= SMALL


def picked(request: Request, names: Iterable[str]) -> dict[str, str]:
    """The request's headers of these names."""
    return {name: value for name in names if (value := request.headers.get(name)) is not None}


class Piped(Response):
    """An answer of a service, piece by piece. A browser that leaves ends it at once, also when nothing comes."""

    def __init__(
        self, answer: aiohttp.ClientResponse, headers: Iterable[tuple[str, str]], packer: "zlib._Compress | None" = None
    ) -> None:
        super().__init__(status_code=answer.status)
        self._answer = answer
        self._packer = packer
        self.raw_headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        pump = asyncio.ensure_future(self._pump(send))
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            await asyncio.wait({pump, gone}, return_when=asyncio.FIRST_COMPLETED)
            if pump.done():
                pump.result()
        finally:
            pump.cancel()
            gone.cancel()
            await asyncio.gather(pump, gone, return_exceptions=True)
            self._answer.close()  # what was not read to its end is of no use to the next

    async def _pump(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for piece in self._answer.content.iter_any():
            if body := self._packer.compress(piece) if self._packer else piece:
                await send({"type": "http.response.body", "body": body, "more_body": True})
        rest = self._packer.flush() if self._packer else b""
        await send({"type": "http.response.body", "body": rest, "more_body": False})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
