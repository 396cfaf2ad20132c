"""Pupils and their families: surnames agree, a child's patronymic comes from the father's name, siblings share parents.

Names, ids and days of birth follow from the plan's seed alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Literal

from deploy.demo.district import names
from deploy.demo.district.names import Sex, Stock, patronymic, surname
from deploy.demo.district.plan import Plan
from deploy.demo.district.schools import Crossing, Form, School, crossings, form_id

SIZES = (22, 29)
"""Pupils of a class: fewest and most."""
SIBLING = 0.22
"""Share of pupils from the third year on who have a younger brother or sister at the school."""
CHILDREN = 3
APART = 2
"""Years of school between siblings, at least: a child is not born within months of another."""


@dataclass(frozen=True)
class Adult:
    id: str
    role: Literal["parent", "guardian"]
    surname: str
    given: str
    patronymic: str


@dataclass
class Family:
    """`father` is his given name, also where he does not live with them; `taken`: given names of the children."""

    id: str
    stock: Stock
    surname: str
    father: str
    adults: tuple[Adult, ...]
    children: int = 0
    taken: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Pupil:
    id: str
    sex: Sex
    surname: str
    given: str
    patronymic: str
    born: date
    adults: tuple[str, ...]


@dataclass(frozen=True)
class Adults:
    """Those of one family, who are met at the schools with these indexes."""

    adults: tuple[Adult, ...]
    schools: tuple[int, ...]


def mother(family: str) -> str:
    """sourcedId of a family's mother."""
    return f"m{family}"


def crossing_child(family: str, other: bool) -> str:
    """sourcedId of a child of a family in two schools."""
    return f"p{family}.{2 if other else 1}"


def people(plan: Plan, place: School, forms: Sequence[Form]) -> tuple[list[list[Pupil]], list[Adults]]:
    """Pupils by class, in order of the alphabet, and the adults whom this school writes down.

    Adults of a family in two schools are written down by the school of the first child.
    """
    rng = Random(f"{plan.seed}/{place.index}/people")
    seated, adults = _crossing(plan, place)
    town = _Town(plan, place, rng)
    classes = []
    for form in forms:
        pupils = seated.get(form.id, [])
        missing = rng.randint(*SIZES) - len(pupils)
        pupils = pupils + [town.pupil(form.grade) for _ in range(missing)]
        classes.append(sorted(pupils, key=lambda pupil: (pupil.surname.replace("ё", "е"), pupil.given)))
    return classes, adults + town.adults


class _Town:
    """Families around a school, as the classes fill up from the youngest on."""

    def __init__(self, plan: Plan, place: School, rng: Random) -> None:
        self.plan, self.place, self.rng = plan, place, rng
        self.grade = 0
        self.waiting: dict[int, list[Family]] = {}
        self.open: list[Family] = []
        self.pupils = 0
        self.adults: list[Adults] = []

    def pupil(self, grade: int) -> Pupil:
        """One more; `grade` never goes back."""
        while self.grade < grade:
            self.grade += 1
            self.open += self.waiting.pop(self.grade - APART, [])
        if self.open and self.rng.random() < SIBLING:
            family = self.open.pop(self.rng.randrange(len(self.open)))
        else:
            family = self._family()
        self.pupils += 1
        child = _child(self.rng, family, f"p{self.place.index}.{self.pupils}", grade, self.plan.year)
        if family.children < CHILDREN:
            self.waiting.setdefault(grade, []).append(family)
        return child

    def _family(self) -> Family:
        family = _family(self.rng, f"{self.place.index}.{len(self.adults) + 1}")
        self.adults.append(Adults(family.adults, (self.place.index,)))
        return family


def _family(rng: Random, id: str, with_mother: bool = False) -> Family:
    stock = names.stock(rng)
    family, father = names.drawn(rng, stock.surnames), names.drawn(rng, stock.fathers)
    lot = rng.random()
    adults: list[Adult] = []
    if lot < 0.95 or with_mother:
        adults.append(_adult(rng, stock, mother(id), family, "female"))
    if lot < 0.78 or (0.95 <= lot < 0.98 and not with_mother):
        his = patronymic(names.drawn(rng, _elders(stock)), "male")
        adults.append(Adult(f"f{id}", "parent", surname(family, "male"), father, his))
    if not adults:
        adults.append(_adult(rng, stock, f"g{id}", family, "female", guardian=True))
    return Family(id, stock, family, father, tuple(adults))


def _adult(rng: Random, stock: Stock, id: str, family: str, sex: Sex, guardian: bool = False) -> Adult:
    russian = stock is names.RUSSIAN
    given = names.drawn(rng, names.TEACHERS if guardian and russian else stock.mothers)
    middle = patronymic(names.drawn(rng, _elders(stock)), sex)
    return Adult(id, "guardian" if guardian else "parent", surname(family, sex), given, middle)


def _elders(stock: Stock) -> tuple[str, ...]:
    return names.ELDERS if stock is names.RUSSIAN else stock.fathers


def _child(rng: Random, family: Family, id: str, grade: int, year: int) -> Pupil:
    sex: Sex = "male" if rng.random() < 0.51 else "female"
    stock = family.stock.boys if sex == "male" else family.stock.girls
    given = names.drawn(rng, stock)
    while given in family.taken:
        given = names.drawn(rng, stock)
    family.taken.add(given)
    family.children += 1
    born = date(year - 6 - grade, 1, 1) + timedelta(days=rng.randint(-30, 400))
    whole = surname(family.surname, sex), given, patronymic(family.father, sex)
    return Pupil(id, sex, *whole, born, tuple(adult.id for adult in family.adults))


def _crossing(plan: Plan, place: School) -> tuple[dict[str, list[Pupil]], list[Adults]]:
    """Children of families in two schools who learn here, by class, and the adults of those whose first child does."""
    seated: dict[str, list[Pupil]] = {}
    adults = []
    before = crossings(plan, place.index - 1) if place.index > 1 else []
    for crossing in [*before, *crossings(plan, place.index)]:
        family, children = _brought_up(plan, crossing)
        for (index, grade, letter), child in zip((crossing.one, crossing.other), children, strict=True):
            if index == place.index:
                seated.setdefault(form_id(index, grade, letter), []).append(child)
        if crossing.one[0] == place.index:
            adults.append(Adults(family.adults, tuple(dict.fromkeys((crossing.one[0], crossing.other[0])))))
    return seated, adults


def _brought_up(plan: Plan, crossing: Crossing) -> tuple[Family, tuple[Pupil, Pupil]]:
    rng = Random(f"{plan.seed}/{crossing.id}/family")
    family = _family(rng, crossing.id, with_mother=True)
    one = _child(rng, family, crossing_child(crossing.id, False), crossing.one[1], plan.year)
    other = _child(rng, family, crossing_child(crossing.id, True), crossing.other[1], plan.year)
    return family, (one, other)
