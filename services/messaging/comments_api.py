"""Routes of comments beside records; nothing but translation and who may read."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.messaging import comments_commands, comments_views
from services.messaging.comments_commands import Said
from services.messaging.comments_views import Reader
from services.messaging.domain.comments import Record, thread_of
from services.messaging.domain.texts import TextMissing, TextTooLong
from shared import access
from shared.clock import Calendar
from shared.contracts.messaging import About, Author
from shared.errors import NotFound
from shared.postgres import Conn, scoped
from shared.web.answers import Receipt, respond
from shared.web.auth import Caller, SignedIn
from shared.web.idempotency import TheIntent
from shared.web.problems import problems
from shared.web.routes import of
from shared.web.state import TheCalendar, TheLedger, ThePool

router = APIRouter()


class Comment(BaseModel):
    comment_id: UUID
    about: About
    object_id: UUID
    pupil_id: UUID
    group_id: UUID | None
    subject: str | None
    on: date = Field(description="the record's day")
    author_id: UUID
    author_name: str
    author: Author
    text: str = Field(description="empty if it was erased")
    at: datetime


class Comments(BaseModel):
    comments: list[Comment]


class Count(BaseModel):
    object_id: UUID
    pupil_id: UUID
    count: int
    last: datetime


class Counts(BaseModel):
    threads: list[Count]


class NewComment(BaseModel):
    model_config = ConfigDict(extra="forbid")

    comment_id: UUID
    about: About
    group_id: UUID | None = Field(None, description="whose record it is; not needed beside a remark")
    on: date = Field(description="the record's day at the school")
    text: Annotated[str, Field(max_length=20_000)]


@router.get("/comments", openapi_extra=of("pupil"), responses=problems(NotFound))
def read_comments(
    pupil_id: UUID,
    first: date,
    last: date,
    by: SignedIn,
    pool: ThePool,
    calendar: TheCalendar,
    author: Annotated[Author | None, Query(description="only these; left out: all")] = None,
) -> Comments:
    """What was written beside a child's records on these days, newest first, as far as it concerns the reader."""
    with pool.connection() as conn, scoped(conn, by.scope):
        school, reader = _reader(conn, by, calendar, pupil_id)
        zone = access.zone_of(conn, school)
        found = comments_views.of_pupil(conn, pupil_id, (first, last), zone, author, reader)
    return Comments.model_validate({"comments": found})


@router.get("/threads", openapi_extra=of("pupil"), responses=problems(NotFound))
def read_threads(
    first: date,
    last: date,
    by: SignedIn,
    pool: ThePool,
    calendar: TheCalendar,
    pupil_id: UUID | None = None,
    group_id: UUID | None = None,
) -> Counts:
    """How many comments stand beside each record of these days: a child's, or all of a group for its teachers."""
    with pool.connection() as conn, scoped(conn, by.scope):
        if pupil_id is not None:
            _, reader = _reader(conn, by, calendar, pupil_id)
            found = comments_views.counts_of_pupil(conn, pupil_id, (first, last), reader)
        elif group_id is not None:
            reader = _reader_of_group(conn, by, calendar, group_id)
            found = comments_views.counts_of_group(conn, group_id, (first, last), reader)
        else:
            raise NotFound
    return Counts.model_validate({"threads": found})


@router.get("/threads/{object_id}/{pupil_id}", openapi_extra=of("pupil"), responses=problems(NotFound))
def read_thread(object_id: UUID, pupil_id: UUID, by: SignedIn, pool: ThePool, calendar: TheCalendar) -> Comments:
    """What stands beside one record of one child, oldest first; nothing, if nobody has written."""
    with pool.connection() as conn, scoped(conn, by.scope):
        school, reader = _reader(conn, by, calendar, pupil_id)
        found = comments_views.thread(conn, thread_of(object_id, pupil_id))
        if found and not reader.everything:
            record = Record(found[0]["about"], object_id, pupil_id, found[0]["group_id"], found[0]["on"])
            if not comments_commands.concerns(conn, by, record, school, reader.today):
                raise NotFound
    return Comments.model_validate({"comments": found})


@router.post(
    "/threads/{object_id}/{pupil_id}/comments",
    response_model=Receipt,
    openapi_extra=of("pupil"),
    responses=problems(NotFound, TextMissing, TextTooLong),
)
def write_comment(
    object_id: UUID,
    pupil_id: UUID,
    new: NewComment,
    by: SignedIn,
    intent: TheIntent,
    ledger: TheLedger,
    calendar: TheCalendar,
) -> Response:
    """Write beside a mark, a lesson or a remark of a child: its guardians and those at school whom it concerns."""
    record = Record(new.about, object_id, pupil_id, new.group_id, new.on)
    return respond(comments_commands.write(ledger, calendar, by, Said(record, new.comment_id, new.text), intent))


def _reader(conn: Conn, by: Caller, calendar: Calendar, pupil: UUID) -> tuple[UUID, Reader]:
    """Of the pupil's school: all concerns its guardians, who leads its class or runs its school.

    Raises NotFound for those who may read nothing at all, the child among them.
    """
    school, today = comments_commands.school_of(conn, calendar, by, pupil)
    guardian = any(tie.person_id == by.person_id for tie in access.guardians_of(conn, pupil, "see"))
    everything = guardian or comments_commands.leads(conn, by, pupil, school, today)
    if not everything and (by.person_id == pupil or not access.is_near(conn, by.person_id, pupil, today)):
        raise NotFound
    return school, Reader(by.person_id, everything, today)


def _reader_of_group(conn: Conn, by: Caller, calendar: Calendar, group: UUID) -> Reader:
    """Raises NotFound unless he teaches the group or runs its school."""
    school = access.school_of_group(conn, group)
    today = calendar.today(access.zone_of(conn, school) if school else "UTC")
    if school not in by.schools_as("office", "administrator") and not access.teaches(conn, by.person_id, group, today):
        raise NotFound
    return Reader(by.person_id, True, today)
