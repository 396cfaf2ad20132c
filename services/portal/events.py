"""Server-sent events as a service sends them, read."""

import json
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any


async def events(lines: AsyncIterable[bytes]) -> AsyncIterator[dict[str, str]]:
    """The events of a stream by their fields, comments and `retry` left out."""
    event: dict[str, str] = {}
    async for raw in lines:
        line = raw.decode().rstrip("\r\n")
        if not line:
            if "data" in event:
                yield event
            event = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            event[name] = f"{event[name]}\n{value}" if name == "data" and "data" in event else value


def data(event: dict[str, str]) -> Any:
    """What the event holds: JSON if it is any."""
    try:
        return json.loads(event["data"])
    except ValueError:
        return event["data"]
