"""Routes of topics in bulk and of the templates they are written from: they translate, nothing else."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from services.lessons import commands, domain, templates
from services.lessons.api import TheAsked, Writer
from services.lessons.commands import At
from services.lessons.templates import TitleMissing, TooManyTemplates, TooManyTopics, TopicsMissing, WordsTooLong
from shared.errors import NotAllowed, NotFound
from shared.postgres import scoped
from shared.web.answers import Receipt, respond
from shared.web.problems import problems
from shared.web.routes import of
from shared.web.state import TheLedger, ThePool, TheRing

router = APIRouter()

Number = Annotated[int, Field(ge=0, le=15)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TopicOf(Body):
    on: date = Field(description="the lesson's day in the timetable")
    number: Number
    topic: str = Field(min_length=1, max_length=1000)


class Topics(Body):
    group_id: UUID
    topics: list[TopicOf] = Field(min_length=1, max_length=200)


class Template(Body):
    title: str = Field(max_length=4000)
    topics: list[Annotated[str, Field(max_length=4000)]] = Field(max_length=1000)


class TemplateShown(Template):
    template_id: UUID
    at: datetime


class TemplatesShown(BaseModel):
    templates: list[TemplateShown]


@router.post(
    "/topics",
    openapi_extra=of("group"),
    response_model=Receipt,
    responses=problems(NotFound, NotAllowed, domain.NoSuchLesson, domain.LessonIsCancelled),
)
def write_topics(body: Topics, asked: TheAsked, ledger: TheLedger) -> Response:
    """Write what many lessons of a group are about, all or nothing."""
    written = [(At(body.group_id, one.on, one.number), one.topic) for one in body.topics]
    return respond(commands.write_topics(ledger, asked, written))


@router.get("/templates", openapi_extra=of("own"))
def read_templates(by: Writer, pool: ThePool, ring: TheRing) -> TemplatesShown:
    """The caller's own templates, the newest first."""
    with pool.connection() as conn, scoped(conn, by.scope):
        kept = templates.of(conn, by.person_id)
    shown = []
    for one in kept:
        title, topics = one.opened(ring, by.person_id)
        shown.append(TemplateShown(template_id=one.template_id, at=one.at, title=title, topics=topics))
    return TemplatesShown(templates=shown)


@router.put(
    "/templates/{template_id}",
    openapi_extra=of("own"),
    response_model=Receipt,
    responses=problems(TitleMissing, TopicsMissing, TooManyTopics, WordsTooLong, TooManyTemplates),
)
def keep_template(template_id: UUID, template: Template, asked: TheAsked, ledger: TheLedger) -> Response:
    """Keep topics of lessons to write them into journals later."""
    return respond(commands.keep_template(ledger, asked, template_id, template.title, template.topics))


@router.delete(
    "/templates/{template_id}", openapi_extra=of("own"), response_model=Receipt, responses=problems(NotFound)
)
def remove_template(template_id: UUID, asked: TheAsked, ledger: TheLedger) -> Response:
    """Keep a template no more."""
    return respond(commands.remove_template(ledger, asked, template_id))
