"""What is asked of the generator, and what it hands back."""

from dataclasses import dataclass

DISTRICT = "zarechye"
"""sourcedId of the district's own org, the `district` of an import of the timetable."""

ZONE = "Europe/Moscow"
"""The time zone to import the bundle by."""

MAX_SCHOOLS = 10_000
MAX_LETTERS = 8
YEARS = range(2000, 2099)


class Nonsense(ValueError):
    """No district can be made of what is asked; its text says why in one line."""


@dataclass(frozen=True)
class Plan:
    """A district: so many schools, `letters` parallel classes a year (1–8), the school year that starts in `year`.

    Where `letters` is more than two, a school may have one more or one fewer. Raises Nonsense.
    """

    schools: int
    seed: int = 1
    letters: int = 2
    year: int = 2026

    def __post_init__(self) -> None:
        if not 1 <= self.schools <= MAX_SCHOOLS:
            raise Nonsense(f"schools: {self.schools} is not from 1 to {MAX_SCHOOLS}")
        if not 1 <= self.letters <= MAX_LETTERS:
            raise Nonsense(f"letters: {self.letters} is not from 1 to {MAX_LETTERS}")
        if self.year not in YEARS:
            raise Nonsense(f"year: {self.year} is not from {YEARS.start} to {YEARS.stop - 1}")


@dataclass(frozen=True)
class Counts:
    """What was written. `classes`: 1А and its like; `groups`: classes of OneRoster; lessons: rows of the timetable."""

    schools: int = 0
    pupils: int = 0
    parents: int = 0
    teachers: int = 0
    classes: int = 0
    groups: int = 0
    lessons_a_week: int = 0


@dataclass(frozen=True)
class Cast:
    """sourcedIds (of users.csv) of the people by whom a visitor signs in.

    `teacher` is the class teacher of `home` (a homeroom of school 1, sourcedId of classes.csv), where `pupil` learns;
    `sibling` learns in school 2 (in a district of one school: in another class); `parent` is the mother of both;
    `head` runs school 1; `officer` runs the district.
    """

    teacher: str
    parent: str
    pupil: str
    sibling: str
    head: str
    officer: str
    home: str
