"""Two clocks by type: the true one, and the school's calendar, which alone a demo may set to another day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The true time, UTC: sessions, tokens, the `time` of events, traces."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Calendar:
    """What day and hour it is at school.

    `starts_on` is None in production. A demo or test sets it: then the calendar stood at that day's present hour, or
    at `starts_at` in every time zone, when `since` was taken, and goes on from there.
    """

    starts_on: date | None = None
    since: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    starts_at: time | None = None

    @staticmethod
    def starting(on: date | None, at: time | None = None) -> "Calendar":
        return Calendar(on, now(), at)

    def at(self, zone: str) -> datetime:
        """Local date and time at a school of this IANA time zone.

        >>> tenth = Calendar(date(2026, 12, 2), now() - timedelta(minutes=5), time(10, 40)).at("Europe/Moscow")
        >>> tenth.strftime("%Y-%m-%d %H:%M")
        '2026-12-02 10:45'
        """
        local = now().astimezone(ZoneInfo(zone))
        if self.starts_on is None:
            return local
        if self.starts_at is not None:
            return datetime.combine(self.starts_on, self.starts_at, local.tzinfo) + (now() - self.since)
        return local + timedelta(days=(self.starts_on - self.since.astimezone(ZoneInfo(zone)).date()).days)

    def today(self, zone: str) -> date:
        """The school's date."""
        return self.at(zone).date()
