"""The route of a pupil's homework."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from services.reporting import homework, learning, pages
from services.reporting.api import Days, RangeReversed, RangeTooLong, Task, read_of
from services.reporting.readings import TooManyPupils
from shared.errors import NotFound
from shared.web.auth import SignedIn
from shared.web.problems import problems
from shared.web.routes import of
from shared.web.state import TheCalendar, ThePool

router = APIRouter()


class TaskDue(Task):
    group_id: UUID
    subject: str
    by_name: str | None


class Homework(BaseModel):
    homework: list[TaskDue]


@router.get(
    "/homework", openapi_extra=of("pupil"), responses=problems(RangeReversed, RangeTooLong, NotFound, TooManyPupils)
)
def read_homework(pupil_id: UUID, days: Days, by: SignedIn, pool: ThePool, calendar: TheCalendar) -> Homework:
    """What a pupil has to do by lessons of these days, in their order."""
    with read_of(pool, by, pupil_id, calendar, "diary") as conn:
        learnt = learning.memberships(conn, pupil_id, days.first, days.last)
        rows = homework.due(conn, learnt, days.first, days.last)
        subjects = {member.group_id: member.subject for member in learnt}
        names = pages.names(conn, (row["by"] for row in rows))
    shown = [{**row, "subject": subjects[row["group_id"]], "by_name": names.get(row["by"])} for row in rows]
    return Homework.model_validate({"homework": shown})
