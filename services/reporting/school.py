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

from psycopg.rows import dict_row

from services.reporting import lessons as journal
from services.reporting import pages
from services.reporting.forms import form_of, in_order
from services.reporting.lessons import Moment
from shared import timetable
from shared.contracts.timetable import Lesson
from shared.postgres import Conn
from shared.timetable.school import lessons_on

Row = dict[str, Any]

SHOWN_DAYS = 10
NO_REASON = (None, "unexcused")
STATES = ("present", "absent", "late")


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


def day(conn: Conn, school: UUID, on: date, now: Moment) -> Row:
    """Everything the page of one day shows; of a day to come its lessons only."""
    facts = _facts(conn, school, on, now)
    people = _people(facts)
    holiday = next((h.title for h in timetable.holidays(conn, school, on, on)), None)
    return {
        "on": on,
        "today": now.today,
        "now": now.time if on == now.today else None,
        "holiday": holiday,
        "pupils": _pupils(conn, school, on),
        **{kind: sum(1 for person in people.values() if person[kind]) for kind in ("absent", "late", "unexcused")},
        "places": _places(facts.rolls),
        "lessons": _lessons(facts),
        "marks": _marks(conn, school, on),
        "by": "class" if any(group["form"] for group in facts.groups.values()) else "subject",
        "classes": _classes(facts, people),
        "missing": _missing(conn, school, facts),
        "away": _away(conn, facts, people),
        "days": _days(conn, school, on),
    }


GROUPS = """
SELECT group_id, title, subject FROM access_groups
WHERE school_id = %(school)s AND starts <= %(on)s AND ends >= %(on)s
"""
ROLLS = """
SELECT lesson_id, group_id, present, absent, late FROM diary_rolls WHERE school_id = %(school)s AND on_date = %(on)s
UNION
SELECT lesson_id, group_id, present, absent, late FROM diary_rolls WHERE lesson_id = ANY (%(moved)s)
"""
AWAY = """
SELECT lesson_id, group_id, pupil_id, number, state, minutes, reason FROM diary_presences
WHERE school_id = %(school)s AND on_date = %(on)s AND state <> 'present' ORDER BY number
"""


def _facts(conn: Conn, school: UUID, on: date, now: Moment) -> Facts:
    asked = {"school": school, "on": on}
    with conn.cursor(row_factory=dict_row) as cursor:
        groups = {row["group_id"]: row for row in cursor.execute(GROUPS, asked)}
        found = [one for one in lessons_on(conn, school, on) if one.group_id in groups]
        moved = [one.id for one in found if one.moved_from]
        rolls = cursor.execute(ROLLS, {**asked, "moved": moved}).fetchall()
        away = cursor.execute(AWAY, asked).fetchall()
    bells = timetable.bells(conn, school)
    taken = frozenset(row["lesson_id"] for row in rolls)
    held = frozenset(one.id for one in found if now.held(one, bells)) | taken
    known = {id_: {**group, "form": form_of(group["title"])} for id_, group in groups.items()}
    return Facts(found, held, known, rolls, taken, away)


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


PUPILS = """
SELECT count(DISTINCT person_id) FROM access_roles
WHERE school_id = %s AND role = 'pupil' AND %s BETWEEN starts AND ends
"""


def _pupils(conn: Conn, school: UUID, on: date) -> int:
    row = conn.execute(PUPILS, [school, on]).fetchone()
    return int(row[0]) if row else 0


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


MARKS = """
SELECT count(*) FROM diary_works w JOIN diary_marks m USING (work_id)
WHERE w.school_id = %s AND w.on_date = %s AND NOT w.removed AND m.given <> '{}'
"""


def _marks(conn: Conn, school: UUID, on: date) -> int:
    row = conn.execute(MARKS, [school, on]).fetchone()
    return int(row[0]) if row else 0


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


def _missing(conn: Conn, school: UUID, facts: Facts) -> list[Row]:
    found = facts.missing
    by_group = journal.taught(conn, {one.group_id for one in found})
    whose = {one.id: one.teacher_id or next(iter(journal.teachers(by_group, one)), None) for one in found}
    names = pages.names(conn, (person for person in whose.values() if person))
    bells = timetable.bells(conn, school)
    rows = []
    for one in found:
        group, bell, teacher = facts.groups[one.group_id], bells.get(one.number), whose[one.id]
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


DAYS = """
SELECT on_date AS on, sum(present)::int AS present, sum(absent)::int AS absent, sum(late)::int AS late
FROM diary_rolls WHERE school_id = %s AND on_date <= %s GROUP BY on_date ORDER BY on_date DESC LIMIT %s
"""


def _days(conn: Conn, school: UUID, on: date) -> list[Row]:
    """The last days on which rolls were taken, oldest first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(DAYS, [school, on, SHOWN_DAYS]).fetchall()
    return [{**row, "share": share(row["present"], row["late"], row["absent"])} for row in reversed(rows)]
