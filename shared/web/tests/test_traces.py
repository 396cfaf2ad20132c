"""What leaves the process as a trace: one span a request, and nothing that somebody typed."""

import asyncio

import httpx
from fastapi import FastAPI
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.telemetry import WithoutQuery, current_trace
from shared.web.app import TRACES

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_request_is_one_span_of_the_callers_trace_without_what_was_searched_for() -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(WithoutQuery())
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    app = FastAPI(telemetry={**TRACES, "tracer_provider": provider})

    @app.get("/persons")
    def persons(query: str) -> str | None:
        return current_trace()

    @app.get("/livez")
    def livez() -> None:
        return None

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://diary.test") as client:
            await client.get("/livez")
            return await client.get("/persons", params={"query": "Иванова"}, headers={"traceparent": PARENT})

    answer = asyncio.run(ask())
    assert answer.json() == "0af7651916cd43dd8448eb211c80319c"
    (span,) = exporter.get_finished_spans()
    assert (span.name, f"{span.context.trace_id:032x}") == ("GET /persons", "0af7651916cd43dd8448eb211c80319c")
    assert "Иванова" not in str(span.to_json()) and "%D0" not in str(span.to_json())
