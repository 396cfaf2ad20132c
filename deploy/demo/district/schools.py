"""The schools of a district, their classes, bells and rooms: all that follows from the plan alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

from deploy.demo.district.curriculum import GRADES, Kind, days
from deploy.demo.district.plan import Plan

LETTERS = "АБВГДЕЖЗИ"
SECOND_SHIFT = frozenset((3, 4, 6))
"""Years that learn after dinner in a school of two shifts; the first, fifth, and last ones never may."""
SECOND_FROM = 8
LAST = {1: 7, 2: 13}
"""Number of a shift's last lesson."""
MANY_LETTERS = 4

TITLES: dict[Kind, tuple[str, ...]] = {
    "school": ("Школа", "Школа", "Средняя школа", "Школа"),
    "gymnasium": ("Гимназия",),
    "lyceum": ("Лицей",),
}
HONOURED = (
    "Ю. А. Гагарина", "А. С. Пушкина", "М. В. Ломоносова", "Д. И. Менделеева", "А. П. Чехова", "Г. К. Жукова",
    "К. Э. Циолковского", "С. П. Королёва", "Л. Н. Толстого", "М. Ю. Лермонтова", "И. С. Тургенева", "Н. И. Вавилова",
    "С. В. Ковалевской", "В. В. Терешковой", "А. В. Суворова", "Н. И. Лобачевского", "К. Д. Ушинского",
    "Ф. М. Достоевского", "П. И. Чайковского", "С. А. Есенина", "А. С. Попова", "И. П. Павлова", "А. Т. Твардовского",
)  # fmt: skip


@dataclass(frozen=True)
class Bell:
    number: int
    starts: str
    ends: str


@dataclass(frozen=True)
class School:
    """The school of the place `index` (from 1) in the district."""

    index: int
    number: int
    name: str
    kind: Kind
    letters: int
    shifts: int

    @property
    def id(self) -> str:
        return f"s{self.index}"


@dataclass(frozen=True)
class Form:
    """A class such as 7А. `numbers`: lessons of its shift, the first and the last one it may have."""

    id: str
    title: str
    grade: int
    letter: int
    days: int
    numbers: tuple[int, int]


@cache
def _numbers(seed: int, schools: int) -> list[int]:
    """Numbers of the schools, none twice."""
    return Random(f"{seed}/numbers").sample(range(1, max(60, schools * 2)), schools)


def school(plan: Plan, index: int) -> School:
    """The second is a gymnasium, the third a lyceum, and so on; the first and every third have two shifts."""
    rng = Random(f"{plan.seed}/{index}/school")
    kind: Kind = "gymnasium" if index % 6 == 2 else "lyceum" if index % 6 == 3 else "school"
    number = _numbers(plan.seed, plan.schools)[index - 1]
    name = f"{rng.choice(TITLES[kind])} № {number}"
    if rng.random() < 0.4:
        name += f" имени {rng.choice(HONOURED)}"
    letters = plan.letters + (rng.choice((-1, 0, 0, 1)) if plan.letters > 2 else 0)
    shifts = 2 if letters >= MANY_LETTERS or index % 3 == 1 else 1
    return School(index, number, name, kind, letters, shifts)


def forms(place: School) -> list[Form]:
    """All classes of the school, the youngest first."""
    return [_form(place, grade, letter) for grade in GRADES for letter in range(place.letters)]


def form_id(index: int, grade: int, letter: int) -> str:
    return f"{index}.{grade}{'abcdefghi'[letter]}"


def _form(place: School, grade: int, letter: int) -> Form:
    late = place.shifts == 2 and grade in SECOND_SHIFT
    numbers = (SECOND_FROM, LAST[2]) if late else (1, LAST[1])
    title = f"{grade}{LETTERS[letter]}"
    return Form(form_id(place.index, grade, letter), title, grade, letter, days(place.kind, grade), numbers)


def bells(place: School) -> Iterator[Bell]:
    """Lessons of 45 minutes; of 40 where a second shift follows."""
    minutes, at = (40, 8 * 60) if place.shifts == 2 else (45, 8 * 60 + 30 * (1 + place.index % 2))
    for number in range(1, LAST[place.shifts] + 1):
        yield Bell(number, _clock(at), _clock(at + minutes))
        at += minutes + (20 if number in (2, 3, 7, 9, 10) else 10)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def room(floors: int, place: int) -> str:
    """The number of the `place`-th room (from 0) of a building, filled floor by floor: 101, 102, … 201."""
    return f"{1 + place % floors}{1 + place // floors:02}"


@dataclass(frozen=True)
class Crossing:
    """A family with children in two schools; `one` and `other`: index of the school, grade, letter."""

    id: str
    one: tuple[int, int, int]
    other: tuple[int, int, int]


def crossings(plan: Plan, index: int) -> list[Crossing]:
    """Families of the school's neighbourhood whose second child learns in the next school.

    The first family of school 1 is the demo's: a child in 7А, the other in 4А of the next school, or, where the
    district has one school only, of the same.
    """
    if plan.schools == 1:
        return [Crossing("1.x0", (1, 7, 0), (1, 4, 0))]
    if index >= plan.schools:
        return []
    here, there = school(plan, index), school(plan, index + 1)
    rng = Random(f"{plan.seed}/{index}/crossings")
    found = [Crossing(f"{index}.x0", (index, 7, 0), (index + 1, 4, 0))]
    for count in range(1, 3 + 2 * here.letters):
        grade = rng.choice(GRADES)
        other = rng.choice([g for g in GRADES if abs(g - grade) >= 2])
        one = (index, grade, rng.randrange(here.letters))
        found.append(Crossing(f"{index}.x{count}", one, (index + 1, other, rng.randrange(there.letters))))
    return found
