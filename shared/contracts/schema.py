"""The two JSON Schemas of an event's data, and the one of the envelope around it.

*writer*: closed, what we promise to write. Additional properties and unknown enum values are errors.
*reader*: open, what every reader has to bear. With one schema no optional field could ever be added compatibly.
"""

from typing import Any

from shared.contracts import Event, Json

DIALECT = "https://json-schema.org/draft/2020-12/schema"
KNOWN = "x-known-values"
"""In a reader's schema: the values of an enumeration known today; others may come."""

ENVELOPE: dict[str, tuple[Json, str]] = {
    "specversion": ({"type": "string", "const": "1.0"}, "of CloudEvents"),
    "id": ({"type": "string", "pattern": r"^[0-9a-f-]{36}:[1-9][0-9]*$"}, "`<stream>:<version>`, unique in its source"),
    "source": ({"type": "string", "pattern": r"^/diary/[a-z]+/[0-9]+$"}, "`/diary/<service>/<epoch of its store>`"),
    "type": ({"type": "string", "pattern": r"^diary(\.[a-z-]+){2}\.v[1-9][0-9]*$"}, "the event's name and version"),
    "subject": ({"type": "string", "format": "uuid"}, "the stream: the thing whose history it is"),
    "time": ({"type": "string", "format": "date-time"}, "when it was decided, UTC with microseconds"),
    "datacontenttype": ({"type": "string", "const": "application/json"}, "of `data`"),
    "partitionkey": ({"type": "string", "format": "uuid"}, "the message's key; whose events are in order"),
    "actor": ({"type": "string", "format": "uuid"}, "the person or machine client who decided"),
    "commandid": (
        {"type": "string", "format": "uuid"},
        "the client's Idempotency-Key; one command may make many events",
    ),
    "correlationid": ({"type": "string"}, "the same in everything that one request set off"),
    "causationid": ({"type": "string"}, "the event that set it off, if one did"),
    "traceparent": ({"type": "string"}, "W3C trace context, if traced"),
    "importid": ({"type": "string", "format": "uuid"}, "of an import; to be shown after its `import-applied` only"),
    "salt": ({"type": "string"}, "random; lets a part be proved without showing the rest"),
}
MAY_LACK = ("causationid", "traceparent", "importid")

ANNOTATIONS = ("title", "description", "examples")


def writer(event: type[Event]) -> Json:
    """What may be written: no field but these, no value of an enumeration but these."""
    return _published(event, "writer")


def reader(event: type[Event]) -> Json:
    """What a reader has to accept: more fields, and values of enumerations that do not exist yet."""
    return _published(event, "reader")


def document(type_: str, data: Json) -> Json:
    """The schema of the whole CloudEvents document with this data."""
    properties: Json = {name: {**schema, "description": words} for name, (schema, words) in ENVELOPE.items()}
    properties["type"] = {"type": "string", "const": type_, "description": "the event's name and version"}
    properties["data"] = data
    required = [name for name in properties if name not in MAY_LACK]
    return {"type": "object", "properties": properties, "required": required}


def _published(event: type[Event], side: str) -> Json:
    raw = event.model_json_schema(mode="serialization")
    raw["title"] = event.TYPE
    identity = {"$schema": DIALECT, "$id": f"urn:diary:{event.TYPE}:{side}"}
    return {**identity, **_rewritten(raw, closed=side == "writer")}


def _rewritten(schema: Json, closed: bool) -> Json:
    """The schema without the titles pydantic makes of field names, closed or opened at every level."""
    new: Json = {}
    for keyword, value in schema.items():
        if keyword in ("properties", "$defs"):
            new[keyword] = {name: _untitled(_rewritten(part, closed)) for name, part in value.items()}
        elif keyword in ("items", "additionalProperties") and isinstance(value, dict):
            new[keyword] = _rewritten(value, closed)
        elif keyword in ("anyOf", "prefixItems"):
            new[keyword] = [_rewritten(part, closed) for part in value]
        elif keyword in ("enum", "const") and not closed:
            new[KNOWN] = value if keyword == "enum" else [value]
        else:
            new[keyword] = " ".join(value.split()) if keyword == "description" else value
    if schema.get("type") == "object" and "properties" in schema:
        new["additionalProperties"] = not closed
    return new


def _untitled(schema: Json) -> Json:
    return {keyword: value for keyword, value in schema.items() if keyword != "title"}


def without_words(schema: Any) -> Any:
    """The schema without what only explains it: two that are equal so accept the same documents."""
    if isinstance(schema, list):
        return [without_words(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    named = ("properties", "$defs")
    return {
        keyword: {n: without_words(part) for n, part in value.items()} if keyword in named else without_words(value)
        for keyword, value in schema.items()
        if keyword not in ANNOTATIONS
    }
