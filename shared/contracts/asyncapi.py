"""The AsyncAPI 3 document of all topics, made from the contracts: one channel a topic, one message a type."""

from itertools import groupby

from shared.contracts import CONTRACTS, UPCASTS, Event, Json

VERSION = "1.11.0"
"""Of the catalogue as a whole; raised together with CHANGELOG.md."""

CONTENT_TYPE = "application/cloudevents+json"

ABOUT = """\
Domain events of the school diary. Each message is a CloudEvents 1.0 document in structured mode; its bytes are those
of the audit trail. Payload schemas are the open ones for readers: accept fields and values of enumerations that you
do not know. Every topic keeps everything from its first event. Old versions stay on the topics for ever."""

HEADERS: Json = {
    "content-type": {"type": "string", "const": CONTENT_TYPE},
    "epoch": {"type": "string", "pattern": "^[0-9]+$", "description": "epoch of the source's store"},
    "sequence": {"type": "string", "pattern": "^[0-9]+$", "description": "position in the source's store"},
    "prev": {
        "type": "string",
        "pattern": "^[0-9]+$",
        "description": "sequence of the event before it in this partition from this source, 0 for the first; "
        "another one than you have seen means a repeat or a hole",
    },
    "traceparent": {"type": "string", "description": "W3C trace context, if the command was traced"},
    "correlation_id": {"type": "string", "description": "the same in everything that one request set off"},
}
REQUIRED_HEADERS = ["content-type", "epoch", "sequence", "prev"]

EPOCH_BEGUN = "epoch-begun"
EPOCH = """\
Not an event: the source's operator gave up what stood above. In this partition no record before this one with a
`sequence` greater than `kept` is an event any more; undo what was made of them. Numbers of `epoch` follow here."""


def newest(type_: str) -> type[Event]:
    """The class that an event of this wire name is read as."""
    while type_ in UPCASTS:
        type_ = UPCASTS[type_][0]
    return CONTRACTS[type_]


def types() -> list[str]:
    """Every wire name ever published, by topic and name."""
    return sorted(CONTRACTS.keys() | UPCASTS.keys(), key=lambda type_: (newest(type_).TOPIC, type_))


def document() -> Json:
    """The whole document, ready to be written as YAML beside the folder `schemas`."""
    by_topic = {topic: list(group) for topic, group in groupby(types(), key=lambda type_: newest(type_).TOPIC)}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Diary events",
            "version": VERSION,
            "description": ABOUT,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {topic: _channel(topic, names) for topic, names in by_topic.items()},
        "operations": {f"publish-{topic}": _operation(topic, names) for topic, names in by_topic.items()},
        "components": {
            "messages": {**{type_: _message(type_) for type_ in types()}, EPOCH_BEGUN: _epoch_begun()},
            "messageTraits": {"event": _trait()},
        },
    }


def _channel(topic: str, names: list[str]) -> Json:
    return {
        "address": topic,
        "description": f"Written by the {topic.split('.')[1]} service alone.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in [*names, EPOCH_BEGUN]},
        "bindings": {"kafka": {"topic": topic, "bindingVersion": "0.5.0"}},
    }


def _operation(topic: str, names: list[str]) -> Json:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{topic}"},
        "summary": f"The relay of {topic.split('.')[1]} publishes what its store holds, in order.",
        "messages": [{"$ref": f"#/channels/{topic}/messages/{name}"} for name in [*names, EPOCH_BEGUN]],
    }


def _message(type_: str) -> Json:
    event = newest(type_)
    summary = " ".join((event.__doc__ or "").split())
    return {
        "name": type_,
        "title": type_,
        "summary": summary if type_ == event.TYPE else f"An earlier version, read as {event.TYPE}. {summary}",
        "traits": [{"$ref": "#/components/messageTraits/event"}],
        "payload": {
            "allOf": [{"$ref": "./schemas/envelope.json"}],
            "properties": {"type": {"const": type_}, "data": {"$ref": f"./schemas/{type_}.reader.json"}},
            "required": ["data"],
        },
        "bindings": {
            "kafka": {
                "key": {"type": "string", "format": "uuid", "description": f"`{event.KEY}` of the event"},
                "bindingVersion": "0.5.0",
            }
        },
    }


def _epoch_begun() -> Json:
    numbers = {name: HEADERS[name] for name in ("epoch", "sequence", "prev")}
    headers = {"content-type": {"type": "string", "const": "application/json"}, "begins": {"const": "epoch"}, **numbers}
    fields = {"epoch": {"type": "integer", "minimum": 2}, "kept": {"type": "integer", "minimum": 0}}
    return {
        "name": EPOCH_BEGUN,
        "title": EPOCH_BEGUN,
        "summary": EPOCH,
        "contentType": "application/json",
        "headers": {"type": "object", "properties": headers, "required": list(headers)},
        "payload": {"type": "object", "properties": fields, "required": list(fields)},
    }


def _trait() -> Json:
    return {
        "contentType": CONTENT_TYPE,
        "correlationId": {"location": "$message.header#/correlation_id"},
        "headers": {"type": "object", "properties": HEADERS, "required": REQUIRED_HEADERS},
    }
