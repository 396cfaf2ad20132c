"""Routes of signed weeks; nothing but translation and who may read."""

from datetime import date, datetime
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel

from services.messaging import weeks_commands, weeks_views
from services.messaging.domain.weeks import NoWeek, WeekToCome
from shared import access
from shared.clock import Calendar
from shared.errors import NotFound
from shared.postgres import Conn, scoped
from shared.web.answers import Receipt, respond
from shared.web.auth import Caller, Parent, SignedIn
from shared.web.idempotency import TheIntent
from shared.web.problems import problems
from shared.web.routes import of
from shared.web.state import TheCalendar, TheLedger, ThePool

router = APIRouter()


class Signature(BaseModel):
    pupil_id: UUID
    monday: date
    by_id: UUID
    by_name: str
    at: datetime


class Signatures(BaseModel):
    signatures: list[Signature]


@router.get("/signatures", openapi_extra=of("pupil"), responses=problems(NotFound))
def read_signatures(
    first: date,
    last: date,
    by: SignedIn,
    pool: ThePool,
    calendar: TheCalendar,
    pupil_id: UUID | None = None,
    group_id: UUID | None = None,
) -> Signatures:
    """Who signed the weeks that begin within these days: of one child, or of all of a group for its teachers."""
    with pool.connection() as conn, scoped(conn, by.scope):
        pupils = _pupils(conn, by, calendar, pupil_id, group_id)
        found = weeks_views.signed(conn, pupils, first, last)
    return Signatures.model_validate({"signatures": found})


@router.put(
    "/signatures/{pupil_id}/{monday}",
    response_model=Receipt,
    openapi_extra=of("pupil"),
    responses=problems(NotFound, NoWeek, WeekToCome),
)
def sign_week(
    pupil_id: UUID, monday: date, by: Parent, intent: TheIntent, ledger: TheLedger, calendar: TheCalendar
) -> Response:
    """Confirm that one has read a week of a child's diary. Done again, it is confirmed as it stands now."""
    return respond(weeks_commands.sign(ledger, calendar, by, pupil_id, monday, intent))


def _pupils(conn: Conn, by: Caller, calendar: Calendar, pupil: UUID | None, group: UUID | None) -> list[UUID]:
    """Raises NotFound where he may not see them."""
    today = calendar.today("UTC")
    if pupil is not None and access.may_see_pupil(conn, by.person_id, pupil, today):
        return [pupil]
    if pupil is None and group is not None and access.may_see_group(conn, by.person_id, group, today):
        return [member.person_id for member in access.members(conn, group, today)]
    raise NotFound
