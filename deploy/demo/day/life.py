"""What pupils are like: abilities, moods that last for weeks, illnesses, late buses. Pure; the same for the same seed.

No mark is drawn alone. A pupil has a general ability, one for each group of subjects, and a mood that goes slowly up
and down; what is left to chance in one mark is a quarter of its variance.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from math import exp, sqrt
from statistics import NormalDist

from deploy.demo.day.dice import normal, roll
from deploy.demo.day.subjects import AREAS, Subject

GENERAL, PARTICULAR, MOOD, CHANCE = sqrt(0.38), sqrt(0.22), sqrt(0.15), sqrt(0.25)
"""Standard deviations of what a mark is made of; their squares make one."""

STEADY = 0.8
"""How much of a week's mood stays for the next week."""

WEEKS = 45
"""Weeks of a school year, counted from the Monday of its first day's week."""

LENGTHS = ((2, 1), (3, 3), (4, 3), (5, 3), (6, 2), (7, 2))
"""Days that an illness lasts, weekends among them, and how often in comparison."""

ILL_BY_MONTH = {9: 0.035, 10: 0.05, 11: 0.06, 12: 0.07, 1: 0.07, 2: 0.085, 3: 0.06, 4: 0.04, 5: 0.025}
"""Chance that a week begins an illness of a pupil of middling health."""

KINDS = {"homework": 0.25, "lesson": 0.0, "quiz": -0.1, "test": -0.2, "project": 0.3, "exam": -0.2}
"""By how many standard deviations a kind of work is easier than the lesson's answer."""

ROUTES = 3
RIDERS = 0.12
"""Share of a school's pupils on each bus route."""
BUS_LATE = 0.05
"""Chance that a route is late on a day."""
BUS_MINUTES = (5, 25)

_NORMAL = NormalDist()


@dataclass(frozen=True)
class Missing:
    """Why a pupil is not in a lesson, or comes late to it: words of the diary's own attendance."""

    state: str
    reason: str | None
    minutes: int | None = None
    first_day: bool = False
    """The first day of an illness, when the school may not know of it yet."""


@dataclass(frozen=True, eq=False)
class Pupil:
    """One pupil through the year that begins on `year`, in a school whose buses he may ride."""

    seed: int
    name: str
    grade: int
    school: str
    year: date

    @cached_property
    def ability(self) -> dict[str, float]:
        """By area of subjects, standard deviations from the middle of all pupils."""
        general = GENERAL * normal(self.seed, self.name, "general")
        return {area: general + PARTICULAR * normal(self.seed, self.name, area) for area in AREAS}

    @cached_property
    def moods(self) -> list[float]:
        """By week of the year: each is mostly the one before it."""
        chance = random.Random(f"{self.seed}/{self.name}/mood")
        found = [chance.gauss(0, 1)]
        for _ in range(WEEKS - 1):
            found.append(STEADY * found[-1] + sqrt(1 - STEADY**2) * chance.gauss(0, 1))
        return found

    @cached_property
    def illnesses(self) -> tuple[tuple[date, date], ...]:
        """First and last days, in order, never two at once."""
        chance = random.Random(f"{self.seed}/{self.name}/health")
        frail = exp(chance.gauss(-0.12, 0.5)) * (1.25 if self.grade <= 4 else 1.0)
        lengths, weights = zip(*LENGTHS, strict=True)
        found: list[tuple[date, date]] = []
        for week in range(WEEKS):
            first = self._monday + timedelta(weeks=week, days=chance.randrange(7))
            last = first + timedelta(days=chance.choices(lengths, weights)[0] - 1)
            ill = chance.random() < frail * ILL_BY_MONTH.get(first.month, 0.0)
            if ill and (not found or found[-1][1] + timedelta(days=7) < first):
                found.append((first, last))
        return tuple(found)

    @cached_property
    def route(self) -> int | None:
        """The bus he comes by; None: he walks."""
        seat = int(roll(self.seed, self.name, "bus") / RIDERS)
        return seat if seat < ROUTES else None

    @cached_property
    def tardy(self) -> float:
        """Chance to come late by himself to the day's first lesson."""
        return 0.006 * exp(0.9 * normal(self.seed, self.name, "tardy"))

    @cached_property
    def truant(self) -> float:
        """Chance that he leaves before the day's last lesson; the young and the able do not."""
        if self.grade < 7:
            return 0.0
        return 0.0015 * exp(-0.8 * self.ability["people"] + 0.7 * normal(self.seed, self.name, "truant"))

    @property
    def _monday(self) -> date:
        return self.year - timedelta(days=self.year.weekday())

    def mood(self, on: date) -> float:
        """Of the week; weeks outside the year count as its first or last."""
        return self.moods[min(max((on - self._monday).days // 7, 0), WEEKS - 1)]

    def ill(self, on: date) -> tuple[date, date] | None:
        """The illness that the day belongs to."""
        return next((span for span in self.illnesses if span[0] <= on <= span[1]), None)

    def mark(self, subject: Subject, kind: str, on: date) -> int:
        """A mark of the five-point scale, 2 to 5: what the subject's teachers give so high a result."""
        chance = normal(self.seed, self.name, subject.name, kind, on)
        result = self.ability[subject.area] + MOOD * self.mood(on) + CHANCE * chance + KINDS.get(kind, 0.0)
        return subject.mark(_NORMAL.cdf(result))

    def missing(self, on: date, first: bool, last: bool) -> Missing | None:
        """What a roll says of him in a lesson; `first` and `last` of his lessons of the day. None: he is there."""
        if span := self.ill(on):
            return Missing("absent", "illness", first_day=span[0] == on)
        day = roll(self.seed, self.name, on, "away")
        if day < 0.0025:
            return Missing("absent", "family")
        if day < 0.0035 and self.grade >= 5:
            return Missing("absent", "competition")
        if first and (late := self._late(on)):
            return late
        if last and roll(self.seed, self.name, on, "truant") < self.truant:
            return Missing("absent", "unexcused")
        return None

    def _late(self, on: date) -> Missing | None:
        """By his bus, with all its other riders, or by himself."""
        if self.route is not None and (minutes := bus_late(self.seed, self.school, self.route, on)):
            return Missing("late", "transport", minutes)
        if roll(self.seed, self.name, on, "late") < self.tardy:
            return Missing("late", None, 2 + int(13 * roll(self.seed, self.name, on, "minutes") ** 2))
        return None


def bus_late(seed: int, school: str, route: int, on: date) -> int:
    """Minutes after the first bell that the route's bus came; 0: in time."""
    if roll(seed, school, route, on, "bus") >= BUS_LATE:
        return 0
    low, high = BUS_MINUTES
    return low + int((high - low + 1) * roll(seed, school, route, on, "minutes"))
