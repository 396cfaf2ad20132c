"""Signing a week of the diary."""

from datetime import date
from uuid import UUID

from services.messaging.comments_commands import school_of
from services.messaging.domain import weeks
from shared import access
from shared.clock import Calendar
from shared.contracts import Event
from shared.errors import NotFound
from shared.eventstore import Answer, Intent, Ledger
from shared.postgres import Conn
from shared.web.auth import Caller


def sign(ledger: Ledger, calendar: Calendar, by: Caller, pupil: UUID, monday: date, intent: Intent) -> Answer:
    """For a guardian who may act for the child. Raises NotFound."""

    def decide(_: None, conn: Conn) -> list[Event]:
        school, today = school_of(conn, calendar, by, pupil)
        if not access.may_see_pupil(conn, by.person_id, pupil, today, "act"):
            raise NotFound
        return weeks.sign(school, pupil, monday, by.person_id, today)

    return ledger.change(weeks.week_of(pupil, monday), None, lambda state, event: state, decide, intent)
