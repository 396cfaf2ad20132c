"""Traces and logs: set up once a process. Log lines are JSON and hold ids, never names, words or bodies."""

import json
import logging
import sys
from datetime import UTC, datetime
from functools import cache

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, DEFAULT_ON

from shared.settings import Settings

# what a log record has of itself; everything else on it came with `extra=`
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, trace id, and the fields given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if trace_id := current_trace():
            line["trace"] = trace_id
        line.update({name: value for name, value in vars(record).items() if name not in STANDARD})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def setup(service: str, settings: Settings, role: str = "all") -> None:
    """JSON logs to standard error and a tracer provider; spans leave the process only when `otlp` is set."""
    log_as_json()
    _provide(service, settings.otlp, role)


def log_as_json(level: int = logging.INFO) -> None:
    """Make every logger of the process write JSON lines to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "faststream"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
    for name in ("httpx", "httpcore", "aiokafka", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)


class WithoutQuery(SpanProcessor):
    """What was searched for is a name as often as not, and stays out of the traces."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        if span.attributes and "url.query" in span.attributes:
            span.set_attribute("url.query", "")


@cache
def _provide(service: str, otlp: str, role: str) -> None:
    # without an exporter spans are only ids, for logs and events: what is not recorded costs half a millisecond less
    provider = TracerProvider(
        sampler=DEFAULT_ON if otlp else ALWAYS_OFF,
        resource=Resource.create({"service.name": service, "service.instance.role": role}),
    )
    if otlp:
        provider.add_span_processor(WithoutQuery())
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=otlp)))
        PsycopgInstrumentor().instrument(tracer_provider=provider)
    trace.set_tracer_provider(provider)


def traceparent() -> str | None:
    """The W3C trace context of the work going on, to be put into an event or a request; None outside a trace."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent")


def current_trace() -> str | None:
    """The id of the present trace, 32 hexadecimal digits; None outside a trace."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None
