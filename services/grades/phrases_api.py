"""Routes of a teacher's own phrases: they translate, nothing else."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from services.grades import commands, journal, views
from services.grades.domain import phrases, texts
from shared.postgres import scoped
from shared.web.answers import Receipt, respond
from shared.web.auth import Staff
from shared.web.idempotency import TheIntent
from shared.web.problems import problems
from shared.web.routes import of
from shared.web.state import TheLedger, ThePool, TheRing

router = APIRouter()


class Phrases(BaseModel):
    model_config = ConfigDict(extra="forbid")

    phrases: list[Annotated[str, Field(max_length=4000)]] = Field(max_length=1000)


@router.get("/phrases", openapi_extra=of("own"))
def read_phrases(by: Staff, pool: ThePool, ring: TheRing) -> Phrases:
    """The caller's own phrases for comments and recommendations, in his order; none while the key ring is away."""
    with pool.connection() as conn, scoped(conn, by.scope):
        boxes = views.phrases(conn, by.person_id)
    texts = journal.opened(ring, boxes) or {}
    return Phrases(phrases=[said for box in boxes if (said := texts.get(box))])


@router.put(
    "/phrases",
    openapi_extra=of("own"),
    response_model=Receipt,
    responses=problems(phrases.TooManyPhrases, texts.TextTooLong),
)
def keep_phrases(kept: Phrases, by: Staff, intent: TheIntent, ledger: TheLedger, ring: TheRing) -> Response:
    """Keep these in the place of those of before."""
    return respond(commands.set_phrases(ledger, ring, by, kept.phrases, intent))
