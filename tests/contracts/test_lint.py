"""What no event may be: each rule is broken once."""

from typing import Annotated, Any, cast
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, create_model

from shared.contracts import CONTRACTS, Event, Part, Sealed, Title, lint

ID: Any = (UUID, Field(description="x"))


class Worded(Part):
    words: str = Field(description="free text in the clear, one level down")


class Undescribed(Part):
    number: int


class Foreign(BaseModel):
    number: int = Field(description="x")


def event(type_: str = "diary.things.thing-happened.v1", doc: str | None = "A thing.", **fields: Any) -> type[Event]:
    made = cast(type[Event], create_model("Thing", __base__=Event, __doc__=doc, **({"school_id": ID} | fields)))
    made.TYPE, made.KEY, made.TOPIC = type_, "school_id", "diary.things"
    return made


def test_a_plain_event_keeps_to_all_rules() -> None:
    good = event(
        title=(Title, Field(description="x")),
        note=(Sealed | None, Field(None, description="x")),
        teacher_id=(UUID | None, Field(None, description="x")),
    )
    assert lint.findings(good) == []


@pytest.mark.parametrize("type_", sorted(CONTRACTS))
def test_every_event_keeps_to_all_rules(type_: str) -> None:
    assert lint.findings(CONTRACTS[type_]) == []


def field(annotation: Any, *default: Any, **options: Any) -> dict[str, Any]:
    return {"field": (annotation, Field(*default, **({"description": "x"} | options)))}


@pytest.mark.parametrize(
    "broken, why",
    [
        (event(**field(str)), "field is text without"),
        (event(**field(str | None, None)), "field is text without"),
        (event(**field(str, max_length=10)), "field is text without"),
        (event(**field(tuple[str, ...])), "field is text without"),
        (event(**field(tuple[Worded, ...])), "Worded.words is text without"),
        (event(**field(Worded | None, None)), "Worded.words is text without"),
        (event(**field(tuple[UUID, str])), "field is text without"),
        (event(**field(Any)), "field may hold anything"),
        (event(**field(dict[str, int])), "field is a mapping"),
        (event(**field(UUID, description=" ")), "Thing.field has no description"),
        (event(**field(tuple[Undescribed, ...])), "Undescribed.number has no description"),
        (event(**field(Foreign)), "Foreign is no Part"),
        (event(**field(UUID, alias="other")), "Thing.field has an alias"),
        (event(**field(UUID | None)), "does not default to None"),
        (event(**field(Annotated[int, Field(ge=0)] | None, 7)), "does not default to None"),
        (event(doc=None), "there is no docstring"),
        (event("diary.things.ThingHappened.v1"), "the wire name"),
        (event("diary.things.thing_happened.v1"), "the wire name"),
        (event("diary.things.thing-happened"), "the wire name"),
        (event("diary.things.thing-happened.v0"), "the wire name"),
        (event("school.things.thing-happened.v1"), "the wire name"),
        (event(school_id=(UUID | None, Field(None, description="x"))), "the key school_id"),
        (event(school_id=(Title, Field(description="x"))), "the key school_id"),
    ],
)
def test_a_broken_rule_is_named(broken: type[Event], why: str) -> None:
    assert any(why in finding for finding in lint.findings(broken)), lint.findings(broken)
