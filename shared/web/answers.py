"""The answer to a command: the bytes that the ledger keeps, so that a repeat is told exactly the same."""

from fastapi import Response
from pydantic import BaseModel, Field

from shared.eventstore import Answer


class Receipt(BaseModel):
    """The body of a command's answer, for `response_model=`; the version is also its ETag."""

    stream: str = Field(description="what was changed")
    version: int = Field(description="its version now")
    events: list[str] = Field(description="ids of the events it made; empty when it was so already")


def respond(answer: Answer) -> Response:
    """The stored bytes with their status and ETag."""
    headers = {"ETag": f'"{answer.version}"'}
    return Response(answer.body, answer.status, headers, media_type="application/json")
