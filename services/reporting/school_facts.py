"""What is known of a school's days: as it stands, or as it stood at an earlier moment (B-28).

Both answer the same questions; school.py makes the page of them. The earlier moment is told by the audit journal and by
what had been planned (plans.py); only who counts as a pupil of the school differs a little, see `pupils`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from services.reporting import learning, plans
from services.reporting.learning import Teaching
from shared import timetable
from shared.contracts.grades import WorkRemoved
from shared.contracts.timetable import Bells, Lesson, holiday_on
from shared.postgres import Conn
from shared.timetable.school import lessons_on

Row = dict[str, Any]

SHOWN_DAYS = 10
STATES = ("present", "absent", "late")


@dataclass(frozen=True)
class AsItStands:
    """`rolls` have counts by state; `away` are entries of pupils who were absent or late; a day of `days` has both."""

    conn: Conn
    school: UUID

    def holiday(self, on: date) -> str | None:
        return holiday_on(timetable.holidays(self.conn, self.school, on, on), on)

    @cached_property
    def bells(self) -> Bells:
        return timetable.bells(self.conn, self.school)

    def groups(self, on: date) -> dict[UUID, Row]:
        """Title and subject of those that meet at that time of the year."""
        return {row["group_id"]: row for row in self._rows(GROUPS, on=on)}

    def lessons(self, on: date) -> list[Lesson]:
        """Cancelled ones too, in order of number and group."""
        return lessons_on(self.conn, self.school, on)

    def rolls(self, on: date, moved: list[UUID]) -> list[Row]:
        """Of the day, and of the lessons that were moved to it."""
        return self._rows(ROLLS, on=on, moved=moved)

    def away(self, on: date, moved: list[UUID]) -> list[Row]:
        return self._rows(AWAY, on=on)

    def taught(self, groups: Iterable[UUID]) -> list[Teaching]:
        return learning.teaching(self.conn, set(groups))

    def pupils(self, on: date) -> int:
        """By the roles of the roster."""
        return int(self._rows(PUPILS, on=on)[0]["count"])

    def marks(self, on: date) -> int:
        return int(self._rows(MARKS, on=on)[0]["count"])

    def days(self, on: date) -> list[Row]:
        """The last days on which rolls were taken, oldest first."""
        return self._rows(DAYS, on=on, shown=SHOWN_DAYS)[::-1]

    def _rows(self, query: str, **asked: object) -> list[Row]:
        with self.conn.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), {"school": self.school, **asked}).fetchall()


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
PUPILS = """
SELECT count(DISTINCT person_id) FROM access_roles
WHERE school_id = %(school)s AND role = 'pupil' AND %(on)s BETWEEN starts AND ends
"""
MARKS = """
SELECT count(*) FROM diary_works w JOIN diary_marks m USING (work_id)
WHERE w.school_id = %(school)s AND w.on_date = %(on)s AND NOT w.removed AND m.given <> '{}'
"""
DAYS = """
SELECT on_date AS on, sum(present)::int AS present, sum(absent)::int AS absent, sum(late)::int AS late
FROM diary_rolls WHERE school_id = %(school)s AND on_date <= %(on)s GROUP BY on_date ORDER BY on_date DESC
LIMIT %(shown)s
"""


@dataclass(frozen=True)
class AsItStood(AsItStands):
    """At the moment, by the events' own times."""

    moment: datetime

    def holiday(self, on: date) -> str | None:
        return holiday_on(plans.holidays(self.conn, self.school, on, on, self.moment), on)

    @cached_property
    def bells(self) -> Bells:
        return plans.bells(self.conn, self.school, self.moment)

    @cached_property
    def _groups(self) -> list[plans.Group]:
        return plans.groups_of(self.conn, self.school, self.moment)

    def groups(self, on: date) -> dict[UUID, Row]:
        told = [group.described for group in self._groups]
        return {
            one.group_id: {"group_id": one.group_id, "title": one.title, "subject": one.subject}
            for one in told
            if one.starts <= on <= one.ends
        }

    def lessons(self, on: date) -> list[Lesson]:
        groups = {group.described.group_id for group in self._groups}
        return plans.lessons(self.conn, {self.school: groups}, on, on, self.moment)

    def rolls(self, on: date, moved: list[UUID]) -> list[Row]:
        found: dict[tuple[UUID, UUID], Counter[str]] = defaultdict(lambda: Counter({state: 0 for state in STATES}))
        for row in self._entries(on, moved):
            found[row["lesson_id"], row["group_id"]].update([row["state"]])
        return [{"lesson_id": lesson, "group_id": group, **counts} for (lesson, group), counts in found.items()]

    def away(self, on: date, moved: list[UUID]) -> list[Row]:
        rows = [row for row in self._entries(on, moved) if row["on"] == on and row["state"] != "present"]
        return sorted(rows, key=lambda row: row["number"])

    def _entries(self, on: date, moved: list[UUID]) -> list[Row]:
        return self._rows(ENTRIES, on=on, moved=moved, moment=self.moment)

    def taught(self, groups: Iterable[UUID]) -> list[Teaching]:
        return plans.teaching(self.conn, groups, self.moment)

    def pupils(self, on: date) -> int:
        """Who stood in the list of a group: what roles people had is in journals of their own, closed to a head."""
        return len(
            {
                listed.person_id
                for group in self._groups
                for listed in group.list.enrolments
                if listed.role == "pupil" and listed.starts <= on <= listed.ends
            }
        )

    def marks(self, on: date) -> int:
        return int(self._rows(MARKS_THEN, on=on, moment=self.moment, removed=WorkRemoved.TYPE)[0]["count"])

    def days(self, on: date) -> list[Row]:
        return self._rows(DAYS_THEN, on=on, shown=SHOWN_DAYS, moment=self.moment)[::-1]


ENTRIES = """
SELECT DISTINCT ON (r.lesson_id, h.pupil_id) r.lesson_id, r.group_id, r.on_date AS on, r.number, h.pupil_id,
       h.after ->> 'state' AS state, (h.after ->> 'minutes')::int AS minutes, h.after ->> 'reason' AS reason
FROM diary_rolls r JOIN history_entries h ON h.object_id = r.lesson_id
WHERE (r.school_id = %(school)s AND r.on_date = %(on)s OR r.lesson_id = ANY (%(moved)s))
  AND h.service = 'attendance' AND h.at <= %(moment)s
ORDER BY r.lesson_id, h.pupil_id, split_part(h.event_id, ':', 2)::int DESC
"""
MARKS_THEN = """
SELECT count(*) FROM (
    SELECT DISTINCT ON (w.work_id, h.pupil_id) h.after
    FROM diary_works w JOIN history_entries h ON h.object_id = w.work_id
    WHERE w.school_id = %(school)s AND w.on_date = %(on)s AND h.service = 'grades' AND h.pupil_id IS NOT NULL
      AND h.at <= %(moment)s AND NOT EXISTS (
        SELECT FROM history_entries r
        WHERE r.object_id = w.work_id AND r.type = %(removed)s AND r.at <= %(moment)s)
    ORDER BY w.work_id, h.pupil_id, split_part(h.event_id, ':', 2)::int DESC) AS stood
WHERE after -> 'values' <> '[]'
"""
DAYS_THEN = """
WITH shown AS (
    SELECT DISTINCT on_date FROM diary_rolls WHERE school_id = %(school)s AND on_date <= %(on)s AND at <= %(moment)s
    ORDER BY on_date DESC LIMIT %(shown)s
), stood AS (
    SELECT DISTINCT ON (r.lesson_id, h.pupil_id) r.on_date, h.after ->> 'state' AS state
    FROM shown JOIN diary_rolls r USING (on_date) JOIN history_entries h ON h.object_id = r.lesson_id
    WHERE r.school_id = %(school)s AND h.service = 'attendance' AND h.at <= %(moment)s
    ORDER BY r.lesson_id, h.pupil_id, split_part(h.event_id, ':', 2)::int DESC)
SELECT on_date AS on, (count(*) FILTER (WHERE state = 'present'))::int AS present,
       (count(*) FILTER (WHERE state = 'absent'))::int AS absent, (count(*) FILTER (WHERE state = 'late'))::int AS late
FROM stood GROUP BY on_date ORDER BY on_date DESC
"""
