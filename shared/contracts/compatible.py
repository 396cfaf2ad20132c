"""May a schema follow an earlier one under the same wire name? Pure; knows exactly the JSON Schema that pydantic emits.

The question is containment, asked both ways: whatever the new writer writes, every earlier reader must accept, and
whatever an earlier writer wrote, the new reader must accept. Besides, nothing published may vanish or change its
default. Where containment cannot be decided (two patterns), the answer is no: a new version is cheap, a reader that
fails is not. A keyword that is not known here is refused, since nobody can say what it changes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shared.contracts import Json
from shared.contracts.schema import KNOWN

SAYS_NOTHING = {"$schema", "$id", "$defs", "title", "description", "default", "examples", KNOWN}
CONSTRAINS = {
    "type", "format", "properties", "required", "additionalProperties", "items", "prefixItems", "minItems", "maxItems",
    "anyOf", "$ref", "enum", "const", "pattern", "minLength", "maxLength",
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
}  # fmt: skip
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
KINDS = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


class UnknownKeyword(ValueError):
    """The schema says something whose compatibility this check cannot judge."""


@dataclass(frozen=True)
class Pair:
    """One version as published: the closed schema of its writer and the open one of its readers."""

    writer: Json
    reader: Json


def breaks(old: Pair, new: Pair) -> list[str]:
    """Why `new` may not follow `old`; empty when it may. Raises UnknownKeyword."""
    for schema in (old.writer, old.reader, new.writer, new.reader):
        _check_keywords(schema, "")
    ours = _Side(new.writer, strict=False)  # as our own code reads it: known values only, unknown fields read past
    return [
        *(f"an earlier reader fails: {why}" for why in accepts(old.reader, new.writer)),
        *(f"an earlier event is not read: {why}" for why in accepts(new.reader, old.writer)),
        *(
            f"an earlier event is not read: {why}"
            for why in _accepts(ours, _Side(old.writer), ours.root, old.writer, "")
        ),
        *_vanished(_Side(old.writer), _Side(new.writer), old.writer, new.writer, ""),
    ]


def accepts(reader: Json, written: Json) -> list[str]:
    """Why a document that `written` allows could fail under `reader`; empty when none could."""
    return list(_accepts(_Side(reader), _Side(written), reader, written, ""))


class _Side:
    """A whole schema, for its `$defs`; with `strict=False` unknown properties are allowed whatever it says."""

    def __init__(self, root: Json, strict: bool = True) -> None:
        self.root = root
        self.strict = strict
        self.open_: set[tuple[int, int]] = set()

    def branches(self, schema: Json) -> list[Json]:
        """The alternatives, with references followed."""
        if "$ref" in schema:
            return self.branches(self.root["$defs"][schema["$ref"].removeprefix("#/$defs/")])
        if "anyOf" in schema:
            return [branch for part in schema["anyOf"] for branch in self.branches(part)]
        return [schema]


def _accepts(reads: _Side, writes: _Side, reader: Json, written: Json, at: str) -> Iterator[str]:
    takers = reads.branches(reader)
    for branch in writes.branches(written):
        attempts = [(taker, list(_one(reads, writes, taker, branch, at))) for taker in takers]
        if all(why for _, why in attempts):
            alike = [why for taker, why in attempts if taker.get("type") == branch.get("type")]
            yield from min(alike or [why for _, why in attempts], key=len)


def _one(reads: _Side, writes: _Side, reader: Json, written: Json, at: str) -> Iterator[str]:
    if (values := _values(written)) is not None:
        yield from (f"{at or '/'}: {v!r} is not accepted" for v in values if not _fits(reader, v))
        return
    if _values(reader) is not None:
        yield f"{at or '/'}: only listed values are accepted"
        return
    for keyword in ("type", "format", "pattern"):
        wanted, given = reader.get(keyword), written.get(keyword)
        if wanted not in (None, given) and (wanted, given) != ("number", "integer"):
            yield f"{at or '/'}: {keyword} is {given}, not {wanted}"
    yield from _bounds(reader, written, at)
    if written.get("type") == "object":
        yield from _object(reads, writes, reader, written, at)
    if written.get("type") == "array":
        yield from _array(reads, writes, reader, written, at)


def _bounds(reader: Json, written: Json, at: str) -> Iterator[str]:
    for keyword in LOWER:
        if keyword in reader and written.get(keyword, float("-inf")) < reader[keyword]:
            yield f"{at or '/'}: {keyword} {reader[keyword]} is undercut"
    for keyword in UPPER:
        if keyword in reader and written.get(keyword, float("inf")) > reader[keyword]:
            yield f"{at or '/'}: {keyword} {reader[keyword]} is exceeded"


def _object(reads: _Side, writes: _Side, reader: Json, written: Json, at: str) -> Iterator[str]:
    pair = (id(reader), id(written))
    if pair in reads.open_:
        return  # a type that contains itself: already being judged further up
    reads.open_.add(pair)
    known = reader.get("properties", {})
    for name in sorted(set(reader.get("required", ())) - set(written.get("required", ()))):
        yield f"{at}/{name}: required, but may be left out"
    for name, part in written.get("properties", {}).items():
        if name in known:
            yield from _accepts(reads, writes, known[name], part, f"{at}/{name}")
        elif reads.strict and reader.get("additionalProperties") is False:
            yield f"{at}/{name}: not known and not allowed"
    reads.open_.discard(pair)


def _array(reads: _Side, writes: _Side, reader: Json, written: Json, at: str) -> Iterator[str]:
    places = max(len(reader.get("prefixItems", ())), len(written.get("prefixItems", ())))
    for n in range(places):
        yield from _accepts(reads, writes, _item(reader, n), _item(written, n), f"{at}/{n}")
    if written.get("maxItems", places + 1) > places:
        yield from _accepts(reads, writes, _item(reader, places), _item(written, places), f"{at}/*")


def _item(array: Json, n: int) -> Json:
    prefix = array.get("prefixItems", [])
    item: Json = prefix[n] if n < len(prefix) else array.get("items", {})
    return item


def _values(schema: Json) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _fits(reader: Json, value: Any) -> bool:
    if (listed := _values(reader)) is not None:
        return any(value == one and type(value) is type(one) for one in listed)
    kind = KINDS.get(type(value), "")
    if reader.get("type", kind) not in (kind, "number" if kind == "integer" else kind):
        return False
    if isinstance(value, str):
        size: float | None = len(value)
        exact = {"minLength": size, "maxLength": size}
        fits = "format" not in reader and re.search(reader.get("pattern", ""), value) is not None
    else:
        size = value if kind in ("integer", "number") else None
        exact, fits = {"minimum": size, "maximum": size}, not any(k.startswith("exclusive") for k in reader)
    return fits and not list(_bounds(reader, {k: v for k, v in exact.items() if v is not None}, ""))


def _vanished(
    was: _Side, now: _Side, old: Json, new: Json, at: str, seen: frozenset[int] = frozenset()
) -> Iterator[str]:
    """Fields that no alternative has any more, and defaults that changed: old events would mean something else."""
    before, after = was.branches(old), now.branches(new)
    known = {name: part for branch in after for name, part in branch.get("properties", {}).items()}
    for branch in before:
        if id(branch) in seen:
            continue
        for name, part in branch.get("properties", {}).items():
            if name not in known:
                yield f"{at}/{name}: was removed"
                continue
            if part.get("default") != known[name].get("default"):
                yield f"{at}/{name}: the default was {part.get('default')!r}, now {known[name].get('default')!r}"
            yield from _vanished(was, now, part, known[name], f"{at}/{name}", seen | {id(branch)})
        if branch.get("type") == "array":
            for other in (b for b in after if b.get("type") == "array"):
                for n in range(len(branch.get("prefixItems", ())) + 1):
                    inside = (_item(branch, n), _item(other, n), f"{at}/*", seen | {id(branch)})
                    yield from _vanished(was, now, *inside)


def _check_keywords(schema: Json, at: str) -> None:
    keywords = set(schema)
    unknown = keywords - SAYS_NOTHING - CONSTRAINS
    for gate in ("$ref", "anyOf"):
        if gate in keywords:
            unknown |= (keywords & CONSTRAINS) - {gate}
    if unknown:
        raise UnknownKeyword(f"{at or '/'}: {', '.join(sorted(unknown))} cannot be judged here")
    for keyword, kind in (("type", str), ("additionalProperties", bool)):
        if keyword in schema and not isinstance(schema[keyword], kind):
            raise UnknownKeyword(f"{at or '/'}: {keyword} must be a {kind.__name__}")
    for keyword in ("properties", "$defs"):
        for name, part in schema.get(keyword, {}).items():
            _check_keywords(part, f"{at}/{name}")
    for part in [
        *schema.get("anyOf", ()),
        *schema.get("prefixItems", ()),
        *([schema["items"]] if "items" in schema else ()),
    ]:
        _check_keywords(part, f"{at}/*")
