"""Errors as problem+json (RFC 9457), in the reader's language. Refusals meet their status here and nowhere else."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast
from uuid import uuid4

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from shared.errors import Kind, NotFound, Refused, SeveralRefused
from shared.sealed import NoAnswer
from shared.telemetry import current_trace
from shared.web.language import Language, preferred
from shared.web.sentences import sentence

log = logging.getLogger("diary.web")
access = logging.getLogger("diary.access")

STATUS: dict[Kind, int] = {
    "invalid": 422, "unauthenticated": 401, "forbidden": 403, "missing": 404, "conflict": 409,
    "too-large": 413, "too-many": 429, "unavailable": 503,
}  # fmt: skip
TITLES: dict[int, tuple[str, str]] = {
    400: ("Запрос составлен неверно", "The request is malformed"),
    401: ("Нужно войти", "Sign in first"),
    403: ("Нет прав", "Not allowed"),
    404: ("Не найдено", "Not found"),
    405: ("Здесь так нельзя", "Not possible here"),
    409: ("Данные уже изменились", "Out of step"),
    413: ("Слишком много данных", "Too much data"),
    415: ("Такой вид данных не принимается", "This kind of data is not taken"),
    422: ("Данные не подходят", "The data do not fit"),
    429: ("Слишком часто", "Too often"),
    500: ("Ошибка на сервере", "The server failed"),
    503: ("Временно недоступно", "Not available for the moment"),
}
MEDIA = "application/problem+json"
AGAIN = {429: "5", 503: "2"}  # Retry-After in seconds, unless the refusal has a fact `retry_after`


class FieldProblem(BaseModel):
    pointer: str = Field(description="JSON pointer into the body; the parameter's name for path, query and headers")
    code: str = Field(description="what is wrong, for programs")
    detail: str = Field(description="what is wrong, for people")


class Problem(BaseModel):
    """The body of every error answer, `application/problem+json`."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[FieldProblem] = []
    facts: dict[str, Any] = {}
    id: str | None = None


class Malformed(Refused):
    """The request is malformed."""

    code = "malformed"
    ru = "Запрос составлен неверно."


class NotFitting(Refused):
    """Some fields do not fit; nothing was saved."""

    code = "fields"
    ru = "Некоторые поля заполнены неверно; ничего не сохранено."


class StoreUnavailable(Refused):
    """The store does not answer at the moment. Nothing of yours is lost: try again in a little while."""

    code = "store-unavailable"
    kind = "unavailable"
    ru = "Хранилище сейчас не отвечает. Ваши данные не пропали: повторите чуть позже."


class Failed(Refused):
    """Something broke on our side. Tell support this number: {id}."""

    code = "failed"
    kind = "unavailable"
    ru = "У нас что-то сломалось. Назовите поддержке этот номер: {id}."


def language_of(request: Request) -> Language:
    return preferred(request.headers.get("accept-language", ""))


def problem(
    refused: Refused, language: Language, status: int | None = None, errors: Sequence[Mapping[str, Any]] = ()
) -> JSONResponse:
    """The answer that tells a refusal; `status` only where the kind does not say it."""
    status = status or STATUS[refused.kind]
    retry = str(refused.facts.get("retry_after", AGAIN.get(status, "")))
    headers = {"Content-Language": language, "Cache-Control": "no-store", **({"Retry-After": retry} if retry else {})}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="diary"'
    body: dict[str, Any] = {
        "type": f"urn:diary:problem:{refused.code}",
        "title": TITLES.get(status, TITLES[422])[0 if language == "ru" else 1],
        "status": status,
        "code": refused.code,
        "detail": refused.sentence(language),
        "errors": list(errors) or _errors(refused, language),
        "facts": _facts(refused),
    }
    if trace_id := current_trace():
        body["id"] = trace_id
    return JSONResponse(body, status, headers, media_type=MEDIA)


def _facts(refused: Refused) -> dict[str, Any]:
    return {name: _plain(value) for name, value in refused.facts.items()}


def _plain(value: object) -> Any:
    """As JSON has it: numbers and lists stay what they are, ids and dates become text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, Iterable):
        return [_plain(inner) for inner in value]
    return str(value)


def _errors(refused: Refused, language: Language) -> list[Mapping[str, Any]]:
    each = refused.refusals if isinstance(refused, SeveralRefused) else ((refused,) if refused.at else ())
    return [
        {"pointer": r.at, "code": r.code, "detail": r.sentence(language), **({"facts": _facts(r)} if r.facts else {})}
        for r in each
    ]


def described(document: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document with the media type that refusals really have: FastAPI writes down the one of answers."""
    for operation in (op for path in document["paths"].values() for op in path.values()):
        for status, response in operation["responses"].items():
            if status >= "400" and (content := response.get("content", {})) and "application/json" in content:
                response["content"] = {MEDIA: content["application/json"]}
    return document


def problems(*refused: type[Refused]) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route: the refusals it answers with, listed in its OpenAPI description by code."""
    found: dict[int | str, dict[str, Any]] = {}
    for kind in refused:
        entry = found.setdefault(STATUS[kind.kind], {"model": Problem, "description": ""})
        text = f"`{kind.code}`: {' '.join((kind.__doc__ or '').split())}"
        entry["description"] = "  \n".join(filter(None, [entry["description"], text]))
    return found


async def _refused(request: Request, error: Exception) -> Response:
    refused = cast(Refused, error)
    answer = problem(refused, language_of(request))
    if answer.status_code in (401, 403, 404):
        access.info("refused", extra={"code": refused.code, "status": answer.status_code, **who_and_what(request)})
    return answer


def who_and_what(request: Request) -> dict[str, Any]:
    """For the access log: the person's id, the route and the ids in its path; nothing that a person typed."""
    route = request.scope.get("diary.route") or getattr(request.scope.get("route"), "path", None)
    ids = {k: str(v) for k, v in request.scope.get("path_params", {}).items() if k.endswith("_id") and len(str(v)) < 50}
    return {"person": request.scope.get("diary.person"), "method": request.method, "route": route, "objects": ids}


async def _invalid(request: Request, error: Exception) -> Response:
    language = language_of(request)
    found = cast(RequestValidationError, error).errors()
    if any(e["type"] == "json_invalid" for e in found):
        return problem(Malformed(), language, 400, [_field(e, language) for e in found])
    return problem(NotFitting(), language, errors=[_field(e, language) for e in found])


def _field(error: Mapping[str, Any], language: Language) -> dict[str, str]:
    where, *path = error["loc"] or ("body",)
    code, text = sentence(error["type"], error.get("ctx", {}), language)
    if error["type"] == "json_invalid":
        path = []
    pointer = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
    return {"pointer": pointer, "in": str(where), "code": code, "detail": text}


async def _http(request: Request, error: Exception) -> Response:
    status = cast(HTTPException, error).status_code
    if status == 404:
        return await _refused(request, NotFound())
    if isinstance(error.__cause__, Refused):  # raised while FastAPI read the body: an upload that grew too large
        return await _refused(request, error.__cause__)
    answer = problem(Malformed(), language_of(request), status)
    answer.headers.update(cast(HTTPException, error).headers or {})
    return answer


async def _store(request: Request, error: Exception) -> Response:
    log.warning("store unavailable", extra={"cause": type(error).__name__, **who_and_what(request)})
    return problem(StoreUnavailable(), language_of(request))


async def failed(request: Request, error: Exception) -> Response:
    """The answer to a bug: its number, which the log has with the stack."""
    number = uuid4().hex[:12]
    log.error("failed", exc_info=error, extra={"failure": number, **who_and_what(request)})
    return problem(Failed(id=number), language_of(request), 500)


def install(app: FastAPI) -> None:
    """Tell the application how each kind of error is answered. Bugs are caught by the frame (frame.py)."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(psycopg.OperationalError, _store)
    app.add_exception_handler(NoAnswer, _store)
