"""What a route says of itself beside its path: the object it checks, the size of its upload. See README.md."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, cast

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute


def of(kind: str) -> dict[str, Any]:
    """`openapi_extra=of("group")`: the command or query checks that the caller may touch this kind of object.

    `kind` is one of group, pupil, person, school, work, lesson, conversation, import …, or `own` for what belongs
    to the caller whatever id is sent. The access matrix is made from it.
    """
    return {"x-object": kind}


def upload(limit: int, kind: str | None = None) -> dict[str, Any]:
    """`openapi_extra=upload(50 * 1024 * 1024)`: the body flows to the route and may have this many bytes."""
    return {"x-body-limit": limit, **(of(kind) if kind else {})}


class Unlisted(TypeError):
    """A route does not say who may call it, or takes an object's id and does not say how that is checked."""


def prepare(routers: Sequence[APIRouter]) -> list[tuple[APIRoute, int]]:
    """Write each route's rule into its OpenAPI operation (`x-who`). Returns the uploads with their limits.

    Raises Unlisted.
    """
    uploads = []
    for route in walk(routers):
        extra = dict(route.openapi_extra or {})
        rules = list(_rules(route.dependant))
        name = f"{sorted(route.methods or ())} {route.path}"
        if len(rules) != 1:
            raise Unlisted(f"{name}: {len(rules)} rules; put exactly one of shared.web.auth into the signature")
        if "anyone" not in rules[0].who and "x-object" not in extra and (ids := list(_ids(route.dependant))):
            raise Unlisted(f"{name} takes {', '.join(ids)}; say openapi_extra=of(...) and check it")
        route.openapi_extra = {**extra, "x-who": list(rules[0].who)}
        if limit := extra.get("x-body-limit"):
            uploads.append((route, int(limit)))
    return uploads


def walk(routers: Sequence[APIRouter]) -> Iterator[APIRoute]:
    """Every route of the routers, those of routers inside them too."""
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                yield route
            elif isinstance(inner := getattr(route, "original_router", None), APIRouter):
                yield from walk([inner])


class Says(Protocol):
    """A dependency that is a route's rule: those of auth.py, and the portal's own for its sessions."""

    who: tuple[str, ...]


def _rules(dependant: Dependant) -> Iterator[Says]:
    if isinstance(getattr(dependant.call, "who", None), tuple):
        yield cast(Says, dependant.call)
    for inner in dependant.dependencies:
        yield from _rules(inner)


def _ids(dependant: Dependant) -> Iterator[str]:
    for field in [*dependant.path_params, *dependant.query_params]:
        if field.name == "id" or field.name.endswith("_id") or field.name == "ids":
            yield field.name
    for inner in dependant.dependencies:
        yield from _ids(inner)
