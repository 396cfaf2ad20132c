"""A district as its files tell it: oneroster.zip, timetable.csv, bells.csv and, if there is one, holidays.csv.

Whatever wrote them: the generator, or a publisher. Schools that are not asked for are passed over while reading.
"""

import csv
import io
import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from uuid import UUID

from shared.contracts.roster import derived_id
from shared.contracts.timetable import week_of

Row = dict[str, str]
Span = tuple[str, str]
"""First and last day in ISO form, which sorts as days do; empty: no bound."""


@dataclass(frozen=True, slots=True)
class Slot:
    group: str
    weekday: int
    number: int
    span: Span
    week: str = "every"
    teacher: str = ""
    """Empty: whoever teaches the group."""


@dataclass(eq=False, slots=True)
class Group:
    """A class of the roster: the lessons of one subject in one room."""

    name: str
    school: str
    title: str
    subjects: tuple[str, ...]
    """What may tell the subject, the most telling first."""
    grade: int
    pupils: dict[str, Span] = field(default_factory=dict)
    teachers: list[tuple[str, Span]] = field(default_factory=list)

    def members(self, on: str) -> list[str]:
        """Who learns in it on the day."""
        return [pupil for pupil, span in self.pupils.items() if inside(span, on)]

    def teacher(self, on: str) -> str | None:
        """Who teaches it on the day; the first of several."""
        return next((teacher for teacher, span in self.teachers if inside(span, on)), None)


@dataclass(eq=False)
class School:
    name: str
    title: str
    groups: dict[str, Group] = field(default_factory=dict)
    slots: list[Slot] = field(default_factory=list)
    bells: dict[int, tuple[int, int]] = field(default_factory=dict)
    """By number: minutes after midnight at which the lesson starts and ends."""
    holidays: list[Span] = field(default_factory=list)

    @cached_property
    def anchor(self) -> date:
        """A day of a week A, as the import takes it."""
        return date.fromisoformat(min(slot.span[0] for slot in self.slots))

    @cached_property
    def by_weekday(self) -> dict[int, list[Slot]]:
        found: dict[int, list[Slot]] = defaultdict(list)
        for slot in sorted(self.slots, key=lambda slot: (slot.number, slot.group)):
            found[slot.weekday].append(slot)
        return found

    @cached_property
    def weekly(self) -> dict[str, list[tuple[int, int]]]:
        """By group, weekdays and numbers of its lessons in a week."""
        found: dict[str, set[tuple[int, int]]] = defaultdict(set)
        for slot in self.slots:
            found[slot.group].add((slot.weekday, slot.number))
        return {group: sorted(places) for group, places in found.items()}

    def lessons(self, on: date) -> list[Slot]:
        """Lessons of the day in order of their number; none on a holiday."""
        day = on.isoformat()
        if any(inside(span, day) for span in self.holidays) or not self.slots:
            return []
        week = ("every", week_of(self.anchor, on))
        return [s for s in self.by_weekday[on.isoweekday()] if inside(s.span, day) and s.week in week]

    def of_group(self, group: str, on: date) -> list[Slot]:
        """The group's lessons of the day."""
        if all(weekday != on.isoweekday() for weekday, _ in self.weekly[group]):
            return []
        return [slot for slot in self.lessons(on) if slot.group == group]

    def day_before(self, on: date) -> date | None:
        """The school's last day of lessons before the day, however long the holidays were."""
        if not self.slots:
            return None
        days = (on - timedelta(days=n) for n in range(1, (on - self.anchor).days + 1))
        return next((day for day in days if self.lessons(day)), None)

    def ordinal(self, slot: Slot, on: date) -> int:
        """Which of the group's lessons since the timetable's first week it is, from 0, holidays counted too."""
        places = self.weekly[slot.group]
        return (on - self.anchor).days // 7 * len(places) + places.index((slot.weekday, slot.number))


@dataclass(eq=False)
class District:
    name: str
    schools: dict[str, School]
    grades: dict[str, int]
    """By pupil, the year he is in; 0 where the roster does not say."""
    families: dict[str, tuple[str, ...]]
    """By pupil, those who answer for him."""
    year: tuple[date, date]

    def id(self, kind: str, name: str) -> UUID:
        """The product's id of what the roster names so: `users`, `classes`, `orgs`."""
        return derived_id(self.name, kind, name)

    def is_school_day(self, on: date) -> bool:
        return any(school.lessons(on) for school in self.schools.values())

    def school_days(self, before: date, count: int) -> list[date]:
        """The last so many days with lessons before a day, the earliest first."""
        found: list[date] = []
        on = before - timedelta(days=1)
        while len(found) < count and on >= self.year[0]:
            if self.is_school_day(on):
                found.append(on)
            on -= timedelta(days=1)
        return found[::-1]

    def next_school_day(self, after: date) -> date | None:
        """The first day with lessons after a day; None when the year is over."""
        days = (after + timedelta(days=n) for n in range(1, (self.year[1] - after).days + 1))
        return next((day for day in days if self.is_school_day(day)), None)


def inside(span: Span, on: str) -> bool:
    return span[0] <= on and (not span[1] or on <= span[1])


def read(folder: Path, schools: Collection[str] | None = None) -> District:
    """The district of a folder, or only some schools of it, by their sourcedIds.

    Raises FileNotFoundError and KeyError for files that are none of a district.
    """
    with zipfile.ZipFile(folder / "oneroster.zip") as bundle:
        district = _frame(bundle, schools)
        _groups(bundle, district)
        _people(bundle, district)
    for row in _own(folder, "bells"):
        if school := district.schools.get(row["schoolSourcedId"]):
            school.bells[int(row["lesson"])] = (_minutes(row["start"]), _minutes(row["end"]))
    for row in _own(folder, "holidays"):
        if school := district.schools.get(row["schoolSourcedId"]):
            school.holidays.append((row["beginDate"], row["endDate"]))
    _slots(folder, district)
    return district


def _frame(bundle: zipfile.ZipFile, wanted: Collection[str] | None) -> District:
    schools: dict[str, School] = {}
    name = ""
    for row in rows(bundle, "orgs"):
        if row["type"] == "school" and (wanted is None or row["sourcedId"] in wanted):
            schools[row["sourcedId"]] = School(row["sourcedId"], row["name"])
        elif row["type"] == "district":
            name = row["sourcedId"]
    years = [row for row in rows(bundle, "academicSessions") if row["type"] == "schoolYear"]
    first, last = min(row["startDate"] for row in years), max(row["endDate"] for row in years)
    return District(name, schools, {}, {}, (date.fromisoformat(first), date.fromisoformat(last)))


def _groups(bundle: zipfile.ZipFile, district: District) -> None:
    courses = {row["sourcedId"]: row["title"] for row in rows(bundle, "courses")}
    for row in rows(bundle, "classes"):
        if school := district.schools.get(row["schoolSourcedId"]):
            says = (courses.get(row["courseSourcedId"], ""), row.get("subjects", ""), row["title"])
            group = Group(row["sourcedId"], school.name, row["title"], says, _grade(row.get("grades", "")))
            school.groups[group.name] = group
    spans: dict[Span, Span] = {}
    for row in rows(bundle, "enrollments"):
        school = district.schools.get(row["schoolSourcedId"])
        if school is None or (found := school.groups.get(row["classSourcedId"])) is None:
            continue
        span = spans.setdefault(span := (row["beginDate"], row["endDate"]), span)  # there are few: kept once
        if row["role"] == "student":
            found.pupils[row["userSourcedId"]] = span
        elif row["role"] == "teacher":
            found.teachers.append((row["userSourcedId"], span))


def _people(bundle: zipfile.ZipFile, district: District) -> None:
    """Only pupils have grades; their agents are those who answer for them."""
    known = {p for school in district.schools.values() for group in school.groups.values() for p in group.pupils}
    for row in rows(bundle, "users"):
        if row["sourcedId"] in known:
            district.grades[row["sourcedId"]] = _grade(row["grades"])
            if row["agentSourcedIds"]:
                district.families[row["sourcedId"]] = tuple(a.strip() for a in row["agentSourcedIds"].split(","))


def _slots(folder: Path, district: District) -> None:
    places = {name: school for school in district.schools.values() for name in school.groups}
    for row in _own(folder, "timetable"):
        if school := places.get(row["classSourcedId"]):
            number, span = int(row["lesson"]), (row["beginDate"], row["endDate"])
            more = (row.get("week") or "every", row.get("teacherSourcedId") or "")
            school.slots.append(Slot(row["classSourcedId"], int(row["weekday"]), number, span, *more))


def rows(bundle: zipfile.ZipFile, name: str) -> Iterator[Row]:
    """Rows of a file of the bundle, one at a time."""
    with bundle.open(f"{name}.csv") as file:
        yield from csv.DictReader(io.TextIOWrapper(file, "utf-8-sig"))


def _own(folder: Path, name: str) -> Iterator[Row]:
    """Rows of a file beside the bundle; none if there is no such file."""
    path = folder / f"{name}.csv"
    if path.exists():
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from csv.DictReader(file)


def _grade(text: str) -> int:
    first = text.partition(",")[0].strip()
    return int(first) if first.isdigit() else 0


def _minutes(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)
