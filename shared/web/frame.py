"""Around every request: security headers, one log line, metrics, and an answer even to a bug."""

import logging
from time import monotonic, perf_counter

from prometheus_client import Counter, Histogram
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.problems import failed, who_and_what

log = logging.getLogger("diary.web")

REQUESTS = Counter("diary_http_requests", "Requests answered", ["service", "method", "route", "status"])
SECONDS = Histogram(
    "diary_http_request_seconds", "Time to the end of the answer", ["service", "method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)  # fmt: skip
QUIET = {"/livez", "/readyz", "/metrics"}
SECRET = ("/calendar/", "/feed/")
"""What follows one of them is a secret: it stands in no log line, and no trace is made of such a request."""
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cache-control": "no-store",
}
"""Put on every answer that does not say otherwise itself."""
PAIRS = [(name.encode(), value.encode()) for name, value in HEADERS.items()]


class Frame:
    """ASGI middleware, the outermost of ours."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self.app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        began, status = perf_counter(), 0
        scope["diary.began"] = monotonic()

        async def framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(pair for pair in PAIRS if pair[0] not in own)]
            await send(message)

        try:
            await self.app(scope, receive, framed)
        except Exception as error:
            answer = await failed(Request(scope), error)
            if not status:
                await answer(scope, receive, framed)
            else:
                raise
        finally:
            self._note(scope, status, perf_counter() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        known = who_and_what(Request(scope))
        route = known["route"] or "(none)"
        if route in QUIET:
            return
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        REQUESTS.labels(self._service, method, route, status).inc()
        SECONDS.labels(self._service, method, route).observe(seconds)
        log.info("request", extra={**known, "method": method, "status": status, "ms": round(seconds * 1000, 1)})
