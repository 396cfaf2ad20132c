"""The application of a service's API, framed alike everywhere."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from fastapi.telemetry import TelemetryConfig
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from shared.settings import Settings
from shared.web import problems, routes
from shared.web.auth import Anyone
from shared.web.bound import Bound
from shared.web.frame import QUIET, SECRET, Frame
from shared.web.guard import Guard
from shared.web.state import State
from shared.web.tokens import Keys

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

own = APIRouter(include_in_schema=False)

# one span a request, by the framework itself: the instrumentation from outside cost 1 ms of processor a request
TRACES: TelemetryConfig = {
    "tracing": True,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
    "exclude": lambda scope: scope["path"] in QUIET or scope["path"].startswith(SECRET),
}


class Readiness(BaseModel):
    """What is ready and what is not, by name; never why, which is in the log."""

    ready: bool
    checks: dict[str, bool]


def create(
    service: str, routers: Sequence[APIRouter], settings: Settings, state: State, lifespan: Lifespan | None = None
) -> FastAPI:
    """The application. Raises routes.Unlisted for a route that does not say who may call it."""
    uploads = routes.prepare([*routers, own])
    described = settings.environment != "production"
    app = FastAPI(
        title=service,
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json" if described else None,
        telemetry=TRACES,
    )
    app.state.diary, app.state.service = state, service
    app.state.keys = Keys([address.strip() for address in settings.token_keys.split(",") if address.strip()])
    problems.install(app)
    for router in [own, *routers]:
        app.include_router(router, responses={422: {"model": problems.Problem, "description": "what does not fit"}})
    written = app.openapi
    app.openapi = lambda: problems.described(written())  # type: ignore[method-assign]  # FastAPI's own way to change it
    app.add_middleware(Guard, uploads=uploads)
    app.add_middleware(Bound, service=service)
    app.add_middleware(Frame, service=service)
    return app


@own.get("/livez")
async def livez(who: Anyone) -> Response:
    """The process answers; nothing else is asked."""
    return PlainTextResponse("alive")


@own.get("/readyz")
def readyz(request: Request, who: Anyone) -> Response:
    """The database answers, and so does whatever else the service named."""
    state: State = request.app.state.diary
    found = {name: _holds(check) for name, check in {"database": lambda: _ask(state), **state.checks}.items()}
    ready = Readiness(ready=all(found.values()), checks=found)
    return JSONResponse(ready.model_dump(), 200 if ready.ready else 503)


@own.get("/metrics")
def metrics(who: Anyone) -> Response:
    """Prometheus' text format. The portal does not pass this on."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _ask(state: State) -> None:
    if state.pool is not None:
        with state.pool.connection(timeout=2.0) as conn:
            conn.execute("SELECT 1")


def _holds(check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception as error:
        problems.log.warning("not ready", extra={"cause": type(error).__name__})
        return False
    return True
