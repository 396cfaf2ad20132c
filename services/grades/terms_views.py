"""Grades of terms as they stand: written in the event's own transaction, with the questions asked of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from services.grades.domain.terms import Gaps, Stage
from shared.contracts import Event
from shared.contracts.averages import Average, average
from shared.contracts.envelope import Received
from shared.contracts.grades import (
    CouncilBegun,
    CouncilWithdrawn,
    ReopeningAsked,
    ReopeningDecided,
    Scale,
    Session,
    SheetLocked,
    TermGradeCorrected,
    TermGraded,
    TermPublished,
)
from shared.postgres import Conn

TABLES = ("councils", "sheets", "term_grades", "term_grade_changes")

Place = TermGraded | TermGradeCorrected | ReopeningAsked | ReopeningDecided | SheetLocked

SHEET = """
INSERT INTO sheets (sheet_id, group_id, term_id, school_id, reopened) VALUES (%s, %s, %s, %s, false)
ON CONFLICT (sheet_id) DO NOTHING
"""
GIVE = """
INSERT INTO term_grades
    (sheet_id, pupil_id, group_id, term_id, school_id, value, scale, average, count, given_by, given_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (sheet_id, pupil_id) DO UPDATE SET value = excluded.value, scale = excluded.scale,
    average = excluded.average, count = excluded.count, given_by = excluded.given_by, given_at = excluded.given_at
"""
CORRECT = """
UPDATE term_grades SET value = %s, average = %s, count = %s, given_by = %s, given_at = %s
WHERE sheet_id = %s AND pupil_id = %s
"""
KEEP = """
INSERT INTO term_grade_changes
    (sheet_id, pupil_id, version, school_id, before, reason_box, reason_event, changed_by, changed_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
ASK = "UPDATE sheets SET asked_by = %s, asked_at = %s, reason_box = %s, reason_event = %s WHERE sheet_id = %s"
DECIDE = """
UPDATE sheets SET reopened = %s, asked_by = NULL, asked_at = NULL, reason_box = NULL, reason_event = NULL
WHERE sheet_id = %s
"""
LOCK = "UPDATE sheets SET reopened = false WHERE sheet_id = %s"
COUNCIL = """
INSERT INTO councils (school_id, term_id, title, starts, ends, stage, by_id, at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (school_id, term_id) DO UPDATE SET title = excluded.title, starts = excluded.starts, ends = excluded.ends,
    stage = excluded.stage, by_id = excluded.by_id, at = excluded.at
"""
NOBODY_WAITS = """
UPDATE sheets SET reopened = false, asked_by = NULL, asked_at = NULL, reason_box = NULL, reason_event = NULL
WHERE school_id = %s AND term_id = %s
"""


def _placed(conn: Conn, place: Place) -> None:
    conn.execute(SHEET, [place.sheet_id, place.group_id, place.term.term_id, place.school_id])


def _graded(conn: Conn, one: Received) -> None:
    given = one.event
    assert isinstance(given, TermGraded)
    _placed(conn, given)
    place = (given.group_id, given.term.term_id, given.school_id)
    by = (one.envelope.actor, one.time)
    rows = [(given.sheet_id, g.pupil_id, *place, g.value, given.scale, g.average, g.count, *by) for g in given.grades]
    conn.cursor().executemany(GIVE, rows)


def _corrected(conn: Conn, one: Received) -> None:
    change = one.event
    assert isinstance(change, TermGradeCorrected)
    by = (one.envelope.actor, one.time)
    place = (change.sheet_id, change.pupil_id)
    conn.execute(CORRECT, [change.after, change.average, change.count, *by, *place])
    why = (change.before, change.reason.box, one.id)
    conn.execute(KEEP, [*place, one.envelope.version, change.school_id, *why, *by])


def _asked(conn: Conn, one: Received) -> None:
    asked = one.event
    assert isinstance(asked, ReopeningAsked)
    _placed(conn, asked)
    conn.execute(ASK, [one.envelope.actor, one.time, asked.reason.box, one.id, asked.sheet_id])


def _decided(conn: Conn, one: Received) -> None:
    decided = one.event
    assert isinstance(decided, ReopeningDecided)
    _placed(conn, decided)
    conn.execute(DECIDE, [decided.allowed, decided.sheet_id])


def _locked(conn: Conn, one: Received) -> None:
    conn.execute(LOCK, [one.envelope.subject])


STAGES: dict[type[Event], Stage] = {CouncilBegun: "council", CouncilWithdrawn: "open", TermPublished: "published"}


def _council(conn: Conn, one: Received) -> None:
    event = one.event
    assert isinstance(event, CouncilBegun | CouncilWithdrawn | TermPublished)
    stage, term = STAGES[type(event)], event.term
    by = (one.envelope.actor, one.time)
    conn.execute(COUNCIL, [event.school_id, term.term_id, term.title, term.starts, term.ends, stage, *by])
    if stage == "open":
        conn.execute(NOBODY_WAITS, [event.school_id, term.term_id])


HANDLERS: dict[type[Event], Callable[[Conn, Received], None]] = {
    TermGraded: _graded,
    TermGradeCorrected: _corrected,
    ReopeningAsked: _asked,
    ReopeningDecided: _decided,
    SheetLocked: _locked,
    CouncilBegun: _council,
    CouncilWithdrawn: _council,
    TermPublished: _council,
}


def apply(conn: Conn, run: list[Received]) -> None:
    """A class or a school at a time: these events are few."""
    for one in run:
        HANDLERS[type(one.event)](conn, one)


ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock{shared}(hashtextextended(%s, 0))"
LOCKED = """
SELECT c.title FROM councils c
WHERE c.school_id = %(school)s AND %(on)s BETWEEN c.starts AND c.ends AND c.stage <> 'open' AND NOT EXISTS (
    SELECT 1 FROM sheets s WHERE s.group_id = %(group)s AND s.term_id = c.term_id AND s.reopened)
ORDER BY c.ends - c.starts LIMIT 1
"""


def before_council(conn: Conn, school: UUID) -> None:
    """What is decided from here on is decided before any council of the school begins, or after it has."""
    conn.execute(ONE_AT_A_TIME.format(shared="_shared").encode(), [f"{school}/council"])


def in_council(conn: Conn, school: UUID) -> None:
    """Waits for the saves that go on, and makes those that come wait, until the transaction ends."""
    conn.execute(ONE_AT_A_TIME.format(shared="").encode(), [f"{school}/council"])


def locked(conn: Conn, school: UUID, group: UUID, on: date) -> str | None:
    """The name of the term that locks the day for the group; None while it is open. Ask `before_council` first."""
    row = conn.execute(LOCKED, {"school": school, "group": group, "on": on}).fetchone()
    return row[0] if row else None


@dataclass(frozen=True, slots=True)
class Locked:
    """Days of a term in which nothing of a group may change."""

    title: str
    first: date
    last: date


ALL_LOCKED = """
SELECT c.title, c.starts AS first, c.ends AS last FROM councils c
WHERE c.school_id = %(school)s AND c.stage <> 'open' AND c.starts <= %(last)s AND c.ends >= %(first)s AND NOT EXISTS (
    SELECT 1 FROM sheets s WHERE s.group_id = %(group)s AND s.term_id = c.term_id AND s.reopened)
ORDER BY c.starts, c.ends
"""


def all_locked(conn: Conn, school: UUID, group: UUID, first: date, last: date) -> list[Locked]:
    """What of the range is locked for the group."""
    with conn.cursor(row_factory=class_row(Locked)) as cursor:
        return cursor.execute(ALL_LOCKED, {"school": school, "group": group, "first": first, "last": last}).fetchall()


@dataclass(frozen=True, slots=True)
class TermRow:
    """A term of the school with where it stands; `by` and `at`: who brought it there, and when."""

    term_id: UUID
    year_id: UUID
    parent_id: UUID | None
    kind: str
    title: str
    starts: date
    ends: date
    stage: Stage
    by: UUID | None
    at: datetime | None

    @property
    def session(self) -> Session:
        fields = {name: getattr(self, name) for name in ("term_id", "year_id", "kind", "title", "starts", "ends")}
        return Session.model_validate(fields)


TERMS = """
SELECT t.term_id, t.year_id, t.parent_id, t.kind, t.title, t.starts, t.ends,
       coalesce(c.stage, 'open') AS stage, c.by_id AS by, c.at
FROM access_schools s JOIN terms t USING (district_id)
LEFT JOIN councils c ON c.school_id = s.school_id AND c.term_id = t.term_id
WHERE s.school_id = %(school)s AND (%(term)s::uuid IS NULL OR t.term_id = %(term)s)
ORDER BY t.ends, t.starts DESC, t.term_id
"""


def terms(conn: Conn, school: UUID, term: UUID | None = None) -> list[TermRow]:
    """The school's terms, marking periods and years, or one of them; a year after its terms."""
    with conn.cursor(row_factory=class_row(TermRow)) as cursor:
        return cursor.execute(TERMS, {"school": school, "term": term}).fetchall()


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group in a term. `on`: the day whose list of pupils counts; `given`: pupils who have a grade."""

    group_id: UUID
    title: str
    subject: str
    on: date
    pupils: list[UUID]
    given: list[UUID]
    marked: bool
    reopened: bool
    asked_by: UUID | None
    asked_at: datetime | None
    reason_box: str | None
    reason_event: str | None

    @property
    def missing(self) -> int:
        """Grades still to be given: where nothing was marked none are expected."""
        return len(set(self.pupils) - set(self.given)) if self.marked or self.given else 0


# the class itself is no subject, unless it was marked
# of a group that begins later or ends earlier than the term the day nearest to today that it has in it
GROUPS = """
SELECT g.group_id, g.title, g.subject, d."on",
       array(SELECT DISTINCT m.person_id FROM access_members m
             WHERE m.group_id = g.group_id AND d."on" BETWEEN m.starts AND m.ends) AS pupils,
       array(SELECT t.pupil_id FROM term_grades t WHERE t.sheet_id = s.sheet_id AND t.value IS NOT NULL) AS given,
       EXISTS (SELECT 1 FROM works w JOIN marks USING (work_id)
               WHERE w.group_id = g.group_id AND w.on_date BETWEEN %(starts)s AND %(ends)s AND NOT w.removed) AS marked,
       coalesce(s.reopened, false) AS reopened, s.asked_by, s.asked_at, s.reason_box, s.reason_event
FROM access_groups g
CROSS JOIN LATERAL (
    SELECT least(greatest(%(today)s, %(starts)s, g.starts), %(ends)s, g.ends, g.closed_on - 1) AS "on") d
LEFT JOIN sheets s ON s.group_id = g.group_id AND s.term_id = %(term)s
WHERE g.school_id = %(school)s AND (%(group)s::uuid IS NULL OR g.group_id = %(group)s)
  AND (NOT g.homeroom OR EXISTS (SELECT 1 FROM works w WHERE w.group_id = g.group_id AND NOT w.removed))
  AND d."on" >= %(starts)s AND d."on" >= g.starts
  AND (%(teacher)s::uuid IS NULL OR EXISTS (
    SELECT 1 FROM access_teaching e WHERE e.group_id = g.group_id AND e.person_id = %(teacher)s
      AND (d."on" BETWEEN e.starts AND e.ends OR %(today)s BETWEEN e.starts AND e.ends)))
ORDER BY g.title, g.group_id
"""


def groups(
    conn: Conn, school: UUID, term: Session, today: date, group: UUID | None = None, teacher: UUID | None = None
) -> list[GroupRow]:
    """The school's groups that meet in the term: all, one of them, or those that this teacher has in it or now."""
    asked = {"school": school, "term": term.term_id, "starts": term.starts, "ends": term.ends, "today": today}
    with conn.cursor(row_factory=class_row(GroupRow)) as cursor:
        return cursor.execute(GROUPS, {**asked, "group": group, "teacher": teacher}).fetchall()


def gaps(found: Iterable[GroupRow]) -> Gaps:
    """How many grades these groups lack."""
    missing = [row.missing for row in found if row.missing]
    return Gaps(sum(missing), len(missing))


MARKS = """
SELECT m.pupil_id, value, w.weight
FROM works w JOIN marks m USING (work_id), unnest(m.cell) WITH ORDINALITY AS c (value, n)
WHERE w.on_date BETWEEN %(starts)s AND %(ends)s AND NOT w.removed AND w.scale = %(scale)s
  AND m.pupil_id = ANY (%(pupils)s) AND (w.group_id = %(group)s OR w.group_id IN (
    SELECT o.group_id FROM access_members e JOIN access_groups o USING (group_id), access_groups g
    WHERE g.group_id = %(group)s AND e.person_id = ANY (%(pupils)s) AND o.subject = g.subject
      AND o.school_id = g.school_id AND e.starts <= %(ends)s AND e.ends >= %(starts)s))
ORDER BY w.on_date, w.number, w.kind, w.work_id, n
"""
OF_TERMS = """
SELECT g.pupil_id, g.value, '1' FROM term_grades g JOIN terms t USING (term_id)
WHERE g.pupil_id = ANY (%(pupils)s) AND g.value IS NOT NULL AND g.scale = %(scale)s
  AND t.year_id = %(term)s AND t.kind = 'term' AND g.group_id IN (
    SELECT o.group_id FROM access_groups o, access_groups g
    WHERE g.group_id = %(group)s AND o.subject = g.subject AND o.school_id = g.school_id)
ORDER BY t.ends
"""


def averages(conn: Conn, term: Session, group: UUID, pupils: Sequence[UUID], scale: Scale) -> dict[UUID, Average]:
    """What each pupil's grade is proposed from: his marks of the term in the subject, those of an earlier group too.

    Of a year: the grades of its terms.
    """
    asked = {"starts": term.starts, "ends": term.ends, "group": group, "pupils": list(pupils), "scale": scale}
    by_pupil: defaultdict[UUID, list[tuple[str, str]]] = defaultdict(list)
    query = OF_TERMS if term.kind == "year" else MARKS
    for pupil, value, weight in conn.execute(query, {**asked, "term": term.term_id}):
        by_pupil[pupil].append((value, weight))
    return {pupil: average(scale, marks) for pupil, marks in by_pupil.items()}


@dataclass(frozen=True, slots=True)
class GradeRow:
    pupil_id: UUID
    value: str | None
    average: str | None
    count: int
    given_by: UUID
    given_at: datetime


@dataclass(frozen=True, slots=True)
class ChangeRow:
    pupil_id: UUID
    before: str
    reason_box: str
    reason_event: str
    changed_by: UUID
    changed_at: datetime


GRADES = """
SELECT pupil_id, value, average, count, given_by, given_at FROM term_grades WHERE sheet_id = %s
"""
CHANGES = """
SELECT pupil_id, before, reason_box, reason_event, changed_by, changed_at FROM term_grade_changes
WHERE sheet_id = %s ORDER BY pupil_id, version
"""


def grades(conn: Conn, sheet: UUID) -> tuple[list[GradeRow], list[ChangeRow]]:
    """The list's grades, and what stood before in those corrected."""
    with conn.cursor(row_factory=class_row(GradeRow)) as cursor:
        stand = cursor.execute(GRADES, [sheet]).fetchall()
    with conn.cursor(row_factory=class_row(ChangeRow)) as cursor:
        return stand, cursor.execute(CHANGES, [sheet]).fetchall()


GRADED = "SELECT DISTINCT pupil_id FROM term_grades WHERE school_id = %s AND term_id = %s AND value IS NOT NULL"


def graded(conn: Conn, school: UUID, term: UUID) -> list[UUID]:
    """Who has a grade in the school's term."""
    return [row[0] for row in conn.execute(GRADED, [school, term])]


STILL_OPEN = "SELECT count(*) FROM sheets WHERE school_id = %s AND term_id = %s AND reopened"


def still_open(conn: Conn, school: UUID, term: UUID) -> int:
    """How many groups may still change what the council decided about."""
    row = conn.execute(STILL_OPEN, [school, term]).fetchone()
    return int(row[0]) if row else 0


HIDDEN = """
SELECT 1 FROM sheets s LEFT JOIN councils c ON c.school_id = s.school_id AND c.term_id = s.term_id
WHERE s.sheet_id = %(id)s AND coalesce(c.stage, 'open') <> 'published'
UNION ALL SELECT 1 FROM works WHERE work_id = %(id)s AND draft
"""


def hidden(conn: Conn, object_id: UUID) -> bool:
    """Whether it is a list of grades, or a draft column, that families do not see yet."""
    found: tuple[Any, ...] | None = conn.execute(HIDDEN, {"id": object_id}).fetchone()
    return found is not None
