"""The signature under a week of the diary, as on paper. Pure."""

from datetime import date
from uuid import UUID, uuid5

from shared.contracts import Event
from shared.contracts.messaging import WeekSigned
from shared.errors import Refused

MONDAY = 1


class NoWeek(Refused):
    """A week begins on a Monday."""

    code = "messaging.no-week"
    ru = "Неделя начинается с понедельника."


class WeekToCome(Refused):
    """This week has not begun yet."""

    code = "messaging.week-to-come"
    ru = "Эта неделя ещё не началась."


def week_of(pupil: UUID, monday: date) -> UUID:
    """The stream of a pupil's week."""
    return uuid5(pupil, f"week {monday}")


def sign(school: UUID, pupil: UUID, monday: date, by: UUID, today: date) -> list[Event]:
    """Signed once more, it is confirmed as it stands now."""
    if monday.isoweekday() != MONDAY:
        raise NoWeek("/monday")
    if monday > today:
        raise WeekToCome("/monday")
    return [WeekSigned(school_id=school, pupil_id=pupil, monday=monday, by_id=by)]
