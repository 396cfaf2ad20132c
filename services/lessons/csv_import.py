"""A timetable, a bell plan and holidays from CSV files: rows, faults, findings. Pure.

Classes and schools are named by the district's own ids, as in the roster's bundle; `district` tells whose.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import BinaryIO
from uuid import UUID

from services.lessons.faults import (
    BellMissing,
    BellsOverlap,
    BellTwice,
    CycleDayMissing,
    NoCycle,
    NoOrdinaryBells,
    NoSlots,
    RoomTwice,
    TeacherTwice,
    TooManyRows,
    TwiceAtOnce,
    UnknownClass,
    UnknownSchool,
    UnknownTeacher,
    WeekdayMissing,
)
from shared import csvfile
from shared.contracts.lessons import Bell, BellsOfDay, BellsSet, Cycle, Holiday, HolidaysSet, Slot, TimetableSet
from shared.contracts.roster import derived_id
from shared.csvfile import Column, Fault, Layout, Row
from shared.errors import Refused

CLOCK = Column("pattern", needed=True, read=True, pattern=r"([01][0-9]|2[0-3]):[0-5][0-9]", form="08:30")
NUMBER = Column("pattern", needed=True, read=True, pattern=r"[0-9]|1[0-5]", form="0–15")
DAY = Column("date", needed=True, read=True)
ID = Column("name", needed=True, read=True)
NAME = Column("name", read=True)

TIMETABLE = Layout(
    {
        "classSourcedId": ID,
        "weekday": Column("pattern", read=True, pattern="[1-7]", form="1–7"),
        "cycleDay": Column("pattern", read=True, pattern="[1-9]|1[0-9]|20", form="1–20"),
        "lesson": NUMBER,
        "room": NAME,
        "beginDate": DAY,
        "endDate": DAY,
        "week": Column("choice", read=True, choices=("every", "A", "B")),
        "teacherSourcedId": NAME,
    },
    span=("beginDate", "endDate"),
)
BELLS = Layout(
    {"schoolSourcedId": ID, "lesson": NUMBER, "start": CLOCK, "end": CLOCK, "date": Column("date", read=True)}
)
HOLIDAYS = Layout(
    {"schoolSourcedId": ID, "beginDate": DAY, "endDate": DAY, "title": ID, "classSourcedIds": Column(read=True)},
    span=("beginDate", "endDate"),
)


MOST = 60_000
"""Rows of one file: all are held until all are judged, some 1.8 kB each (80 schools, 110 MB)."""


@dataclass(frozen=True)
class GroupKnown:
    """What the roster says of a group: its school, title and who teaches it (any day)."""

    group_id: UUID
    school_id: UUID
    title: str
    teachers: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Known:
    """What the roster says of the places that the caller plans for, and the bells that are set already."""

    groups: Mapping[UUID, GroupKnown]
    schools: frozenset[UUID]
    is_teacher: Callable[[UUID, UUID], bool]
    bells: Mapping[UUID, frozenset[int]] = field(default_factory=dict)


@dataclass
class Read:
    """What the files say, by school; `findings` are named and do not stop the import."""

    timetables: dict[UUID, TimetableSet] = field(default_factory=dict)
    bells: dict[UUID, BellsSet] = field(default_factory=dict)
    holidays: dict[UUID, HolidaysSet] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    findings: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class Rhythm:
    """By what the timetable goes: weekdays, or the days of a cycle; `anchor`: a day of week A, or the first of a cycle.

    Without an anchor week A is that of the timetable's first day, and the cycle begins on that day.
    """

    cycle: Cycle | None = None
    anchor: date | None = None


WEEKLY = Rhythm()

Files = Mapping[str, BinaryIO]
LAYOUTS = {"bells": BELLS, "holidays": HOLIDAYS, "timetable": TIMETABLE}


def read(district: str, files: Files, known: Known, rhythm: Rhythm = WEEKLY) -> Read:
    """Read and judge the files (`timetable`, `bells`, `holidays`, those that are given) against the roster."""
    found = Read()
    for name, layout in LAYOUTS.items():
        if name in files:
            rows = list(_few(f"{name}.csv", _good(csvfile.rows(f"{name}.csv", layout, files[name]), found), found))
            if name == "timetable":
                _timetable(district, rows, known, found, rhythm)
            else:
                READERS[name](district, rows, known, found)
    return found


def _good(rows: Iterable[Row | Fault], found: Read) -> Iterable[Row]:
    for one in rows:
        if isinstance(one, Fault):
            found.faults.append(one)
        elif one.good:
            yield one


def _few(file: str, rows: Iterable[Row], found: Read) -> Iterable[Row]:
    """At most MOST: a whole city's file is refused, not held."""
    for count, row in enumerate(rows):
        if count == MOST:
            found.faults.append(Fault(TooManyRows(most=MOST), file, row.line))
            return
        yield row


def _school(district: str, row: Row, file: str, known: Known, found: Read) -> UUID | None:
    source = row.fields["schoolSourcedId"]
    if (school := derived_id(district, "orgs", source)) in known.schools:
        return school
    found.faults.append(Fault(UnknownSchool(value=source), file, row.line, "schoolSourcedId"))
    return None


def _bells(district: str, rows: list[Row], known: Known, found: Read) -> None:
    lines: dict[tuple[UUID, str, int], int] = {}
    plans: dict[UUID, dict[str, dict[int, Bell]]] = {}
    for row in rows:
        if (school := _school(district, row, "bells.csv", known, found)) is None:
            continue
        bell = Bell(number=int(row.fields["lesson"]), starts=row.fields["start"], ends=row.fields["end"])
        on = row.fields.get("date", "")  # empty: on every day
        if (first := lines.setdefault((school, on, bell.number), row.line)) != row.line:
            found.faults.append(Fault(BellTwice(first=first), "bells.csv", row.line, "lesson"))
        if bell.ends <= bell.starts:
            found.faults.append(Fault(BellsOverlap(), "bells.csv", row.line, "end"))
        plans.setdefault(school, {}).setdefault(on, {})[bell.number] = bell
    for school, plan in plans.items():
        days = {on: tuple(rung[number] for number in sorted(rung)) for on, rung in sorted(plan.items())}
        for on, bells in days.items():
            for before, after in pairwise(bells):
                if after.starts < before.ends:
                    found.faults.append(Fault(BellsOverlap(), "bells.csv", lines[school, on, after.number], "start"))
        if not (every_day := days.pop("", ())):
            first_line = min(line for (place, _, _), line in lines.items() if place == school)
            found.faults.append(Fault(NoOrdinaryBells(), "bells.csv", first_line, "date"))
        of_days = tuple(BellsOfDay(on=date.fromisoformat(on), bells=bells) for on, bells in days.items())
        found.bells[school] = BellsSet(school_id=school, bells=every_day, days=of_days)


def _holidays(district: str, rows: list[Row], known: Known, found: Read) -> None:
    years: dict[UUID, list[Holiday]] = {}
    for row in rows:
        if (school := _school(district, row, "holidays.csv", known, found)) is not None:
            groups = tuple(_classes(district, row, school, known, found))
            span = {"starts": _day(row, "beginDate"), "ends": _day(row, "endDate")}
            years.setdefault(school, []).append(Holiday(**span, title=row.fields["title"], groups=groups))
    for school, holidays in years.items():
        ordered = tuple(sorted(holidays, key=lambda h: (h.starts, h.ends, h.title)))
        found.holidays[school] = HolidaysSet(school_id=school, holidays=ordered)


def _classes(district: str, row: Row, school: UUID, known: Known, found: Read) -> Iterator[UUID]:
    """Whose holidays they are, if not the whole school's."""
    for source in filter(None, map(str.strip, row.fields.get("classSourcedIds", "").split(","))):
        group = known.groups.get(derived_id(district, "classes", source))
        if group is None or group.school_id != school:
            found.faults.append(Fault(UnknownClass(value=source), "holidays.csv", row.line, "classSourcedIds"))
        else:
            yield group.group_id


def _day(row: Row, column: str) -> date:
    return date.fromisoformat(row.fields[column])


def _timetable(district: str, rows: list[Row], known: Known, found: Read, rhythm: Rhythm) -> None:
    schools: dict[UUID, list[tuple[Row, Slot]]] = {}
    for row in rows:
        if (slot := _slot(district, row, known, found, rhythm.cycle)) is not None:
            schools.setdefault(known.groups[slot.group_id].school_id, []).append((row, slot))
    for school, slots in schools.items():
        _once(slots, found)
        _rung(school, slots, known, found)
        _clashes(slots, known, found)
        found.timetables[school] = _whole(school, [slot for _, slot in slots], rhythm)
    planned = {slot.group_id for slots in schools.values() for _, slot in slots}
    for group in known.groups.values():
        if group.school_id in schools and group.group_id not in planned:
            found.findings.append(Fault(NoSlots(one=group.title), "timetable.csv"))


def _slot(district: str, row: Row, known: Known, found: Read, cycle: Cycle | None) -> Slot | None:
    fields = row.fields
    group = known.groups.get(derived_id(district, "classes", fields["classSourcedId"]))
    if group is None:
        unknown = UnknownClass(value=fields["classSourcedId"])
        found.faults.append(Fault(unknown, "timetable.csv", row.line, "classSourcedId"))
        return None
    if wrong := _wrong_day(fields, cycle):
        refusal, column = wrong
        found.faults.append(Fault(refusal, "timetable.csv", row.line, column))
        return None
    teacher = None
    if source := fields.get("teacherSourcedId"):
        teacher = derived_id(district, "users", source)
        if not known.is_teacher(teacher, group.school_id):
            found.faults.append(Fault(UnknownTeacher(value=source), "timetable.csv", row.line, "teacherSourcedId"))
    return Slot(
        group_id=group.group_id,
        weekday=1 if cycle else int(fields["weekday"]),
        day=int(fields["cycleDay"]) if cycle else None,
        number=int(fields["lesson"]),
        week=fields.get("week", "every"),  # judged by the layout
        room=fields.get("room"),
        teacher_id=teacher,
        starts=_day(row, "beginDate"),
        ends=_day(row, "endDate"),
    )


def _wrong_day(fields: Mapping[str, str], cycle: Cycle | None) -> tuple[Refused, str] | None:
    if cycle is None:
        if "cycleDay" in fields:
            return NoCycle(), "cycleDay"
        return None if "weekday" in fields else (WeekdayMissing(), "weekday")
    good = "cycleDay" in fields and int(fields["cycleDay"]) <= cycle.days
    return None if good else (CycleDayMissing(days=cycle.days), "cycleDay")


def _whole(school: UUID, slots: list[Slot], rhythm: Rhythm) -> TimetableSet:
    first = min(slot.starts for slot in slots)
    anchor = rhythm.anchor or first
    ordered = sorted(slots, key=lambda s: (s.day or s.weekday, s.number, str(s.group_id), s.week, s.starts))
    return TimetableSet(
        school_id=school,
        starts=first,
        ends=max(slot.ends for slot in slots),
        anchor=anchor if rhythm.cycle else anchor - timedelta(days=anchor.weekday()),
        slots=tuple(ordered),
        cycle=rhythm.cycle,
    )


Placed = list[tuple[Row, Slot]]


def _meet(one: Slot, other: Slot) -> bool:
    """Whether both can happen at the same moment, of slots with one day and number."""
    weeks = one.week == other.week or "every" in (one.week, other.week)
    return weeks and one.starts <= other.ends and other.starts <= one.ends


def _pairs(slots: Placed, by: Callable[[Slot], Iterable[object]]) -> Iterable[tuple[object, Row, Slot, Row, Slot]]:
    """Pairs of slots at one moment that share what `by` names."""
    seen: dict[tuple[object, int, int], Placed] = {}
    for row, slot in slots:
        for what in by(slot):
            earlier = seen.setdefault((what, slot.day or slot.weekday, slot.number), [])
            for first_row, first in earlier:
                if _meet(first, slot):
                    yield what, first_row, first, row, slot
            earlier.append((row, slot))


def _once(slots: Placed, found: Read) -> None:
    for _, first, _, row, _ in _pairs(slots, lambda slot: [slot.group_id]):
        found.faults.append(Fault(TwiceAtOnce(first=first.line), "timetable.csv", row.line, "lesson"))


def _rung(school: UUID, slots: Placed, known: Known, found: Read) -> None:
    bells = found.bells.get(school)
    numbers = {bell.number for bell in bells.bells} if bells else known.bells.get(school, frozenset())
    for row, slot in slots:
        if slot.number not in numbers:
            found.faults.append(Fault(BellMissing(number=slot.number), "timetable.csv", row.line, "lesson"))


def _clashes(slots: Placed, known: Known, found: Read) -> None:
    """One teacher or room in two classes at once: each further class is named once, with the first it clashes with."""

    def teachers(slot: Slot) -> Iterable[object]:
        return [slot.teacher_id] if slot.teacher_id else known.groups[slot.group_id].teachers

    named: set[object] = set()
    for what, by in ((TeacherTwice, teachers), (RoomTwice, lambda slot: [slot.room] if slot.room else [])):
        for shared, _, first, row, slot in _pairs(slots, by):
            if (clash := (what, shared, slot.group_id)) not in named:
                named.add(clash)
                one, other = known.groups[first.group_id].title, known.groups[slot.group_id].title
                refusal = what(
                    one=one, other=other, weekday=slot.day or slot.weekday, number=slot.number, room=slot.room
                )
                found.findings.append(Fault(refusal, "timetable.csv", row.line, "classSourcedId"))


READERS = {"bells": _bells, "holidays": _holidays}
