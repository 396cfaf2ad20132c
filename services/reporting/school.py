"""A school's day for those who run it: who is away, which lessons have no roll, and the ten days before.

Counts of pupils are of persons, counts of places of one pupil in one lesson. Classes stand in their own order, never in
that of their figures (B-25).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from services.reporting import learning, pages
from services.reporting.forms import form_of, in_order
from services.reporting.lessons import Moment
from services.reporting.school_facts import STATES, AsItStands
from shared.contracts.timetable import Lesson
from shared.postgres import Conn

Row = dict[str, Any]

NO_REASON = (None, "unexcused")


def share(present: int, late: int, absent: int) -> str | None:
    """Of all places those where the pupil came, also late, in per cent from 0.0 to 100.0, half up to 0.1.

    >>> share(17, 2, 1), share(0, 0, 0)
    ('95.0', None)
    """
    marked = present + late + absent
    if marked == 0:
        return None
    return str((Decimal(100 * (present + late)) / marked).quantize(Decimal("0.1"), ROUND_HALF_UP))


@dataclass(frozen=True)
class Facts:
    """What the tables have of one day of one school. `held`: lessons that are over, or have a roll already."""

    lessons: list[Lesson]
    held: frozenset[UUID]
    groups: dict[UUID, Row]
    rolls: list[Row]
    taken: frozenset[UUID]
    away: list[Row]

    @property
    def missing(self) -> list[Lesson]:
        """Lessons that are over and have no roll, in order of time."""
        return [one for one in self.lessons if one.id in self.held and not one.cancelled and one.id not in self.taken]

    def name(self, group: UUID) -> str:
        """The class that the group belongs to, or its subject where titles name no class."""
        known = self.groups.get(group)
        return (known["form"] or known["subject"]) if known else ""


def day(known: AsItStands, on: date, now: Moment) -> Row:
    """Everything the page of one day shows; of a day to come its lessons only."""
    facts = _facts(known, on, now)
    people = _people(facts)
    return {
        "on": on,
        "today": now.today,
        "now": now.time if on == now.today else None,
        "holiday": known.holiday(on),
        "pupils": known.pupils(on),
        **{kind: sum(1 for person in people.values() if person[kind]) for kind in ("absent", "late", "unexcused")},
        "places": _places(facts.rolls),
        "lessons": _lessons(facts),
        "marks": known.marks(on),
        "by": "class" if any(group["form"] for group in facts.groups.values()) else "subject",
        "classes": _classes(facts, people),
        "missing": _missing(known, facts),
        "away": _away(known.conn, facts, people),
        "days": [{**row, "share": share(row["present"], row["late"], row["absent"])} for row in known.days(on)],
    }


def _facts(known: AsItStands, on: date, now: Moment) -> Facts:
    groups = known.groups(on)
    found = [one for one in known.lessons(on) if one.group_id in groups]
    moved = [one.id for one in found if one.moved_from]
    rolls, away = known.rolls(on, moved), known.away(on, moved)
    taken = frozenset(row["lesson_id"] for row in rolls)
    held = frozenset(one.id for one in found if now.held(one, known.bells)) | taken
    named = {id_: {**group, "form": form_of(group["title"])} for id_, group in groups.items()}
    return Facts(found, held, named, rolls, taken, away)


def _people(facts: Facts) -> dict[UUID, Row]:
    """Who was away or late, with his class and the lessons. Unexcused: absent somewhere without a good reason given."""
    by_pupil: dict[UUID, list[Row]] = defaultdict(list)
    for row in facts.away:
        by_pupil[row["pupil_id"]].append(row)
    people = {}
    for pupil, rows in by_pupil.items():
        absent = [row for row in rows if row["state"] == "absent"]
        names = [facts.name(row["group_id"]) for row in rows]
        people[pupil] = {
            "name": min(names, key=in_order),  # a class before the name of a group of several classes
            "rows": rows,
            "absent": bool(absent),
            "late": any(row["state"] == "late" for row in rows),
            "unexcused": any(row["reason"] in NO_REASON for row in absent),
        }
    return people


def _places(rolls: Iterable[Row]) -> Row:
    total = Counter({state: 0 for state in STATES})
    for row in rolls:
        total.update({state: row[state] for state in STATES})
    return {**total, "share": share(**total)}


def _lessons(facts: Facts) -> dict[str, int]:
    """`taken`: of those that are over, so that nobody is chased for a lesson that has just begun."""
    going_on = [one for one in facts.lessons if not one.cancelled]
    held = [one for one in going_on if one.id in facts.held]
    return {
        "planned": len(going_on),
        "cancelled": len(facts.lessons) - len(going_on),
        "held": len(held),
        "taken": sum(1 for one in held if one.id in facts.taken),
    }


def _classes(facts: Facts, people: dict[UUID, Row]) -> list[Row]:
    rolls: dict[str, list[Row]] = defaultdict(list)
    for row in facts.rolls:
        rolls[facts.name(row["group_id"])].append(row)
    held = Counter(facts.name(one.group_id) for one in facts.lessons if one.id in facts.held and not one.cancelled)
    missing = Counter(facts.name(one.group_id) for one in facts.missing)
    counted = {
        kind: Counter(person["name"] for person in people.values() if person[kind])
        for kind in ("absent", "late", "unexcused")
    }
    return [
        {
            "name": name,
            "held": held[name],
            "missing": missing[name],
            **{kind: counts[name] for kind, counts in counted.items()},
            "share": _places(rolls[name])["share"],
        }
        for name in sorted({*rolls, *held} - {""}, key=in_order)
    ]


def _missing(known: AsItStands, facts: Facts) -> list[Row]:
    found = facts.missing
    taught = known.taught({one.group_id for one in found})
    whose = {one.id: one.teacher_id or learning.responsible(taught, one) for one in found}
    names = pages.names(known.conn, (person for person in whose.values() if person))
    bells = known.bells
    rows = []
    for one in found:
        group, bell, teacher = facts.groups[one.group_id], bells.at(one.on, one.number), whose[one.id]
        on, number = one.moved_from or (one.on, one.number)
        rows.append(
            {
                "lesson_id": one.id,
                "group_id": one.group_id,
                "title": group["title"],
                "subject": group["subject"],
                "number": one.number,
                "starts": bell and bell.starts,
                "room": one.room,
                "teacher_id": teacher,
                "teacher": names.get(teacher) if teacher else None,
                "roll": {"on": on, "number": number},
            }
        )
    return rows


def _away(conn: Conn, facts: Facts, people: dict[UUID, Row]) -> list[Row]:
    """The absent, by class and name; those who were only late are counted and not listed."""
    absent = {pupil: person for pupil, person in people.items() if person["absent"]}
    names = pages.names(conn, absent)
    rows = [
        {
            "pupil_id": pupil,
            "name": names.get(pupil),
            "class": person["name"],
            "unexcused": person["unexcused"],
            "lessons": [{key: row[key] for key in ("number", "state", "minutes", "reason")} for row in person["rows"]],
        }
        for pupil, person in absent.items()
    ]
    return sorted(rows, key=lambda row: (in_order(row["class"]), row["name"] or ""))
