"""Which changes an event may see under its name: judged on events as they are declared, and on documents."""

import json
from datetime import date
from typing import Annotated, Any, Literal, cast
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic import Field, create_model

from shared.contracts import Event, Json, Part, Sealed, schema
from shared.contracts.compatible import Pair, UnknownKeyword, accepts, breaks

Fields = dict[str, Any]
Word = Annotated[str, Field(pattern=r"^[a-z]{1,9}$")]
Small = Annotated[int, Field(ge=0, le=15)]


class Place(Part):
    room: Word = Field(description="where")
    floor: int | None = Field(None, ge=1, description="which floor")


class OtherName(Part):
    room: Word = Field(description="where, in other words")
    floor: int | None = Field(None, ge=1, description="which floor")


def inner(**changes: Any) -> type[Part]:
    fields = {
        "room": (Word, Field(description="x")),
        "floor": (int | None, Field(None, ge=1, description="x")),
    } | changes
    return create_model("Place", __base__=Part, **{k: v for k, v in fields.items() if v})


BASE: Fields = {
    "school_id": (UUID, Field(description="x")),
    "on": (date, Field(description="x")),
    "number": (Small, Field(description="x")),
    "kind": (Literal["a", "b"], Field(description="x")),
    "word": (Word, Field(description="x")),
    "share": (float, Field(1.0, gt=0, lt=2, description="x")),
    "sure": (bool, Field(False, description="x")),
    "teacher_id": (UUID | None, Field(None, description="x")),
    "note": (Sealed | None, Field(None, description="x")),
    "words": (tuple[Word, ...], Field(min_length=1, max_length=4, description="x")),
    "places": (tuple[Place, ...], Field(description="x")),
    "pair": (tuple[Small, Word], Field(description="x")),
    "here": (Place, Field(description="x")),
}


def event(changes: Fields) -> type[Event]:
    fields = {name: field for name, field in (BASE | changes).items() if field is not None}
    made = cast(type[Event], create_model("Thing", __base__=Event, __doc__="A thing.", **fields))
    made.TYPE, made.KEY, made.TOPIC = "diary.things.thing-happened.v1", "school_id", "diary.things"
    return made


def pair(changes: Fields) -> Pair:
    return Pair(schema.writer(event(changes)), schema.reader(event(changes)))


def a(annotation: Any, *default: Any, **checks: Any) -> tuple[Any, Any]:
    return annotation, Field(*default, description="x", **checks)


BREAKING: dict[str, Fields] = {
    "a field removed": {"word": None},
    "an optional field removed": {"teacher_id": None},
    "an optional field removed inside": {"here": a(inner(floor=None))},
    "a new field needed": {"new": a(UUID)},
    "a new field needed inside a list": {"places": a(tuple[inner(new=a(UUID)), ...])},  # type: ignore[misc]
    "needed from now on": {"share": a(float, gt=0, lt=2)},
    "may be left out from now on": {"number": a(Small, 1)},
    "may be nothing from now on": {"word": a(Word | None, None)},
    "may not be nothing any more": {"teacher_id": a(UUID)},
    "another type": {"number": a(Word)},
    "a number with decimals": {"number": a(Annotated[float, Field(ge=0, le=15)])},
    "another format": {"on": a(UUID)},
    "any text instead of an id": {"school_id": a(Word)},
    "another pattern": {"word": a(Annotated[str, Field(pattern=r"^[a-z]{1,8}$")])},
    "a wider pattern": {"word": a(Annotated[str, Field(pattern=r"^[a-z]{1,99}$")])},
    "a pattern added": {"words": a(tuple[Annotated[str, Field(pattern="^a$")], ...], min_length=1, max_length=4)},
    "a narrower range": {"number": a(Annotated[int, Field(ge=0, le=14)])},
    "a wider range": {"number": a(Annotated[int, Field(ge=0, le=16)])},
    "no range any more": {"number": a(int)},
    "a narrower open range": {"share": a(float, 1.0, gt=0.5, lt=2)},
    "a longer list": {"words": a(tuple[Word, ...], min_length=1, max_length=5)},
    "a list that may be empty": {"words": a(tuple[Word, ...], max_length=4)},
    "a list of another thing": {"words": a(tuple[Small, ...], min_length=1, max_length=4)},
    "a value of the enumeration gone": {"kind": a(Literal["a"])},
    "an enumeration in place of words": {"word": a(Literal["a", "b"])},
    "a value that words had not": {"kind": a(Literal["a", "b", 3])},
    "a range narrowed inside an optional": {"here": a(inner(floor=a(int | None, None, ge=2)))},
    "retyped inside a list": {"places": a(tuple[inner(room=a(Small)), ...])},  # type: ignore[misc]
    "another place in a pair": {"pair": a(tuple[Word, Small])},
    "a third in a pair": {"pair": a(tuple[Small, Word, Word])},
    "one thing instead of a list": {"words": a(Word)},
    "sealed text in the clear": {"note": a(Word | None, None)},
    "another default": {"share": a(float, 1.5, gt=0, lt=2)},
    "another truth": {"sure": a(bool, True)},
}

COMPATIBLE: dict[str, Fields] = {
    "nothing": {},
    "a new optional field": {"new": a(UUID | None, None)},
    "a new field with a default": {"new": a(Small, 7)},
    "a new optional list of parts": {"new": a(tuple[Place, ...], ())},
    "a new optional field inside": {"here": a(inner(new=a(Word | None, None)))},
    "a new optional field inside a list": {"places": a(tuple[inner(new=a(Sealed | None, None)), ...])},  # type: ignore[misc]
    "a new value of an enumeration": {"kind": a(Literal["a", "b", "c"])},
    "values in another order": {"kind": a(Literal["b", "a"])},
    "an inner class renamed": {"here": a(OtherName)},
    "other words": {"word": (Word, Field(description="other words", title="T", examples=["a"]))},
    "fields in another order": {"school_id": None, "z": None} | {"school_id": a(UUID)},
}


@pytest.mark.parametrize("change", BREAKING)
def test_a_breaking_change_is_refused(change: str) -> None:
    assert breaks(pair({}), pair(BREAKING[change])) != []


@pytest.mark.parametrize("change", COMPATIBLE)
def test_a_compatible_change_is_let_through(change: str) -> None:
    assert breaks(pair({}), pair(COMPATIBLE[change])) == []


def test_an_optional_field_once_added_may_not_go_or_change_either() -> None:
    added = pair({"new": a(UUID | None, None)})
    assert breaks(added, pair({})) == ["/new: was removed"]
    assert breaks(added, pair({"new": a(date | None, None)})) != []


def test_a_finding_names_the_place_and_the_cause() -> None:
    found = breaks(pair({}), pair({"places": a(tuple[inner(room=a(Small)), ...])}))  # type: ignore[misc]
    assert "an earlier reader fails: /places/*/room: type is integer, not string" in found


@pytest.mark.parametrize(
    "unjudged",
    [
        {"multipleOf": 2},
        {"oneOf": []},
        {"allOf": []},
        {"not": {}},
        {"uniqueItems": True},
        {"patternProperties": {}},
        {"dependentRequired": {}},
        {"additionalProperties": {"type": "string"}},
        {"type": ["string", "null"]},
        {"anyOf": [{"type": "null"}], "pattern": "x"},
    ],
    ids=lambda schema: next(iter(schema)),
)
def test_what_cannot_be_judged_is_refused(unjudged: Json) -> None:
    nested = {"type": "object", "properties": {"a": {"type": "array", "items": unjudged}}}
    with pytest.raises(UnknownKeyword):
        breaks(Pair(nested, nested), Pair(nested, nested))


def test_a_closed_reader_takes_no_other_field() -> None:
    closed = pair({}).writer
    assert accepts(closed, closed) == []
    assert accepts(closed, pair({"new": a(UUID | None, None)}).writer) == ["/new: not known and not allowed"]


def test_a_part_that_holds_itself_is_judged_too() -> None:
    def tree(leaf: Json) -> Json:
        node = {
            "type": "object",
            "properties": {"leaf": leaf, "under": {"type": "array", "items": {"$ref": "#/$defs/N"}}},
        }
        return {"$ref": "#/$defs/N", "$defs": {"N": node}}

    assert accepts(tree({"type": "string"}), tree({"type": "string"})) == []
    assert accepts(tree({"type": "string"}), tree({"type": "integer"})) == ["/leaf: type is integer, not string"]


def documents(part: Json, root: Json) -> st.SearchStrategy[Any]:
    """Everything a schema allows, or a fair part of it: the far ends of ranges are among it."""
    if "$ref" in part:
        return documents(root["$defs"][part["$ref"].removeprefix("#/$defs/")], root)
    if "anyOf" in part:
        return st.one_of([documents(one, root) for one in part["anyOf"]])
    if "enum" in part or "const" in part:
        return st.sampled_from(part.get("enum") or [part["const"]])
    match part["type"]:
        case "object":
            fields = {name: documents(one, root) for name, one in part["properties"].items()}
            needed = set(part.get("required", ()))
            return st.fixed_dictionaries(
                {n: s for n, s in fields.items() if n in needed},
                optional={n: s for n, s in fields.items() if n not in needed},
            )
        case "array" if "prefixItems" in part:
            return st.tuples(*(documents(one, root) for one in part["prefixItems"])).map(list)
        case "array":
            most = part.get("maxItems", 3)
            return st.lists(documents(part["items"], root), min_size=part.get("minItems", 0), max_size=most)
        case "integer":
            low, high = part.get("minimum", -99), part.get("maximum", 99)
            return st.one_of(st.sampled_from([low, high]), st.integers(low, high))
        case "number":
            low = part.get("minimum", part.get("exclusiveMinimum", -9) + 0.01)
            return st.floats(low, part.get("maximum", part.get("exclusiveMaximum", 9) - 0.01))
        case "string":
            return _strings(part)
        case "boolean":
            return st.booleans()
    return st.none()


def _strings(part: Json) -> st.SearchStrategy[str]:
    match part.get("format"):
        case "uuid":
            return st.uuids().map(str)
        case "date":
            return st.dates().map(str)
    return st.from_regex(part["pattern"].replace("$", r"\Z"))


ANY = BREAKING | COMPATIBLE


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_is_called_compatible_fails_no_reader(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(COMPATIBLE)), min_size=1, max_size=3, unique=True))
    names += data.draw(st.lists(st.sampled_from(sorted(BREAKING)), max_size=1))
    changes = {field: made for name in names for field, made in ANY[name].items()}
    old, new = pair({}), pair(changes)
    if breaks(old, new):
        return
    written_now = data.draw(documents(new.writer, new.writer))
    written_then = data.draw(documents(old.writer, old.writer))
    Draft202012Validator(old.reader).validate(written_now)
    Draft202012Validator(new.reader).validate(written_then)
    event(changes).model_validate_json(json.dumps(written_then))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_the_schema_allows_the_code_reads(data: st.DataObject) -> None:
    event({}).model_validate_json(json.dumps(data.draw(documents(pair({}).writer, pair({}).writer))))
