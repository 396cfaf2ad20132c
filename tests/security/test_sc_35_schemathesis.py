"""SC35: every operation of every service is asked all kinds of things, by every role, and never breaks.

What comes back has the shape that the OpenAPI document promises; without a token nothing but the open operations
answers. `SC35_EXAMPLES=500` asks more than the few of a test run; hypothesis prints how a failure is repeated.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import content_type_conformance, not_a_server_error, response_schema_conformance

from tests.security.tiers import ROLES
from tests.security.world import ANONYMOUS, MACHINE, SERVICES, World

EXAMPLES = int(os.environ.get("SC35_EXAMPLES") or 12)
"""Requests an operation and mode."""
ENDLESS = "/live"
"""Streams are asked by the matrix (SC1) and by the portal's own tests: they would not end here."""
ONE_BY_ONE = ("POST /imports",)
"""Too slow for many: each judges an archive."""
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
WHO = st.sampled_from([ANONYMOUS, MACHINE, *ROLES])


def operations(diary: World, service: str) -> Iterator[Any]:
    document = diary.running[service].http.get("/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    for found in schema.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]  # a document that cannot be read fails here
        if not operation.path.endswith(ENDLESS):
            yield operation


@pytest.mark.timeout(600)
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("service", SERVICES)
def test_sc_35_whatever_is_asked_by_whomever_is_answered_properly(
    diary: World, service: str, mode: schemathesis.GenerationMode
) -> None:
    for operation in operations(diary, service):
        _ask(diary, service, operation, mode)


def _ask(diary: World, service: str, operation: Any, mode: schemathesis.GenerationMode) -> None:
    running, rule = diary.running[service], operation.definition.raw["x-who"]
    examples = 1 if operation.label in ONE_BY_ONE else EXAMPLES

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode), who=WHO)
    def ask(case: Any, who: str) -> None:
        answer = case.call(base_url=str(running.http.base_url), headers=diary.headers(running, who))
        case.validate_response(answer, checks=CHECKS)
        if who in (ANONYMOUS, MACHINE) and "anyone" not in rule:
            assert 400 <= answer.status_code < 500, f"{operation.label} answers {who}: {answer.status_code}"

    try:
        ask()
    except Unsatisfiable:  # there is no wrong request of this operation, or none that a URL can carry
        assert mode is schemathesis.GenerationMode.NEGATIVE, operation.label
