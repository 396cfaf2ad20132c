"""What every event has to keep to, beyond being valid Python: checked on the schema that will be published."""

import re
from collections.abc import Iterator
from itertools import chain

from pydantic import BaseModel

from shared.contracts import Event, Json, Part, Sealed, schema

NAME = re.compile(r"^diary\.[a-z]+\.[a-z]+(-[a-z]+)*\.v[1-9][0-9]*$")
DECIDES = ("enum", "const", "pattern", "format")


def findings(event: type[Event]) -> list[str]:
    """What is wrong with the event; empty when nothing is."""
    written = schema.writer(event)
    models = _models(event)
    return list(chain(_name(event), _words(event, models), _fields(models), _texts(written)))


def _name(event: type[Event]) -> Iterator[str]:
    if not NAME.match(event.TYPE):
        yield f"the wire name {event.TYPE} is not diary.<service>.<what-happened>.v<N>"
    key = event.model_fields.get(event.KEY)
    if key is None or not key.is_required() or key.annotation is None or key.annotation.__name__ != "UUID":
        yield f"the key {event.KEY} is not a required UUID field"


def _words(event: type[Event], models: list[type[BaseModel]]) -> Iterator[str]:
    inherited = event.__doc__ in (None, Event.__doc__, Part.__doc__)
    if inherited:
        yield "there is no docstring"
    for model in models:
        for name, field in model.model_fields.items():
            if not (field.description or "").strip():
                yield f"{model.__name__}.{name} has no description"


def _fields(models: list[type[BaseModel]]) -> Iterator[str]:
    for model in models:
        if not issubclass(model, Part):
            yield f"{model.__name__} is no Part: it would refuse the fields of newer writers"
        if model.model_config.get("extra") != "ignore" or not model.model_config.get("frozen"):
            yield f"{model.__name__} has another model_config than Part"
        for name, field in model.model_fields.items():
            if field.alias or field.serialization_alias or field.validation_alias:
                yield f"{model.__name__}.{name} has an alias: the code's name is the wire's name"


def _texts(root: Json) -> Iterator[str]:
    named = {"": root, **root.get("$defs", {})}
    for owner, model in named.items():
        required = model.get("required", ())
        for name, part in model.get("properties", {}).items():
            at = f"{owner}.{name}" if owner else name
            yield from _open_text(part, at)
            nullable = {"type": "null"} in part.get("anyOf", ())
            if nullable and (name in required or part.get("default", 0) is not None):
                yield f"{at} may be None but does not default to None: None is left out of the document"


def _open_text(part: Json, at: str) -> Iterator[str]:
    """Free text in the clear is personal data on the bus for ever."""
    if part.get("type") == "string" and not any(word in part for word in DECIDES):
        yield f"{at} is text without enumeration or pattern: free text is Sealed"
    if not part.keys() - {"description", "default", "title"}:
        yield f"{at} may hold anything"
    if part.get("type") == "object" and "properties" not in part:
        yield f"{at} is a mapping: its keys would be open; use a tuple of parts"
    for inner in [*part.get("anyOf", ()), *part.get("prefixItems", ()), *([part["items"]] if "items" in part else [])]:
        yield from _open_text(inner, at)


def _models(model: type[BaseModel], seen: frozenset[type[BaseModel]] = frozenset()) -> list[type[BaseModel]]:
    """The event and every model inside it, `Sealed` left out."""
    if model in seen or issubclass(model, Sealed):
        return []
    inner = [
        m for f in model.model_fields.values() for part in _parts(f.annotation) for m in _models(part, seen | {model})
    ]
    return list(dict.fromkeys([model, *inner]))


def _parts(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _parts(argument)
