"""A school year: four quarters, the holidays between them, the state's holidays."""

from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)
SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True)
class Span:
    title: str
    starts: date
    ends: date


@dataclass(frozen=True)
class SchoolYear:
    """`first` and `last`: days of lessons. Holidays are in order and do not overlap."""

    title: str
    first: date
    last: date
    quarters: tuple[Span, ...]
    holidays: tuple[Span, ...]


def school_year(year: int) -> SchoolYear:
    """The year that starts in September of `year`, by the rules that the ministry's yearly advice follows."""
    first, last = _not_sunday(date(year, 9, 1)), date(year + 1, 5, 26)
    autumn, spring = _last_saturday(year, 10), _last_saturday(year + 1, 3)
    new_year = date(year, 12, 31)
    breaks = (
        Span("Осенние каникулы", autumn, autumn + 8 * DAY),
        Span("Зимние каникулы", new_year, _next(date(year + 1, 1, 9), SUNDAY)),
        Span("Весенние каникулы", spring, spring + 8 * DAY),
    )
    starts = [first, *(one.ends + DAY for one in breaks)]
    ends = [*(one.starts - DAY for one in breaks), last]
    quarters = tuple(
        Span(f"{number} четверть", since, until)
        for number, since, until in zip(("I", "II", "III", "IV"), starts, ends, strict=True)
    )
    free = [day for day in _state_holidays(year) if not any(b.starts <= day.starts <= b.ends for b in breaks)]
    holidays = tuple(sorted([*breaks, *free], key=lambda span: span.starts))
    return SchoolYear(f"{year}/{year + 1} учебный год", first, last, quarters, holidays)


def _state_holidays(year: int) -> list[Span]:
    """Those of one day that fall into lessons; one that falls on a day off moves it to the next Monday."""
    found = []
    for title, day in (
        ("День народного единства", date(year, 11, 4)),
        ("День защитника Отечества", date(year + 1, 2, 23)),
        ("Международный женский день", date(year + 1, 3, 8)),
        ("Праздник Весны и Труда", date(year + 1, 5, 1)),
        ("День Победы", date(year + 1, 5, 9)),
    ):
        found.append(Span(title, day, day))
        if day.weekday() in (SATURDAY, SUNDAY):
            monday = _next(day, 0)
            found.append(Span(f"Выходной за праздник: {title}", monday, monday))
    return found


def _next(day: date, weekday: int) -> date:
    return day + (weekday - day.weekday()) % 7 * DAY


def _not_sunday(day: date) -> date:
    return day + DAY if day.weekday() == SUNDAY else day


def _last_saturday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - (last.weekday() - SATURDAY) % 7 * DAY
