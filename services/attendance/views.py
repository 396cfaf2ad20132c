"""The journal of attendance: written in the event's own transaction, with the questions asked of it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from psycopg.rows import class_row

from shared.contracts import Event
from shared.contracts.attendance import (
    AbsenceAnnounced,
    AbsenceDecided,
    AbsenceWithdrawn,
    PresenceCorrected,
    RollTaken,
    State,
)
from shared.contracts.envelope import Received
from shared.postgres import Conn, records

TABLES = ("rolls", "presences", "presence_changes", "absences")

TAKE = """
INSERT INTO rolls (lesson_id, school_id, group_id, on_date, number, version, taken_by, taken_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
SAY = """
INSERT INTO presences (lesson_id, pupil_id, school_id, state, minutes, reason, said_by, said_at)
SELECT lesson, pupil, school, state, minutes, reason, by, at
FROM json_to_recordset(%s) AS e (lesson uuid, school uuid, by uuid, at timestamptz, entries json),
     json_to_recordset(entries) AS p (pupil uuid, state text, minutes smallint, reason text)
"""
SAID = ("lesson", "school", "by", "at", "entries")
CORRECT = """
INSERT INTO presences (lesson_id, pupil_id, school_id, state, minutes, reason, said_by, said_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (lesson_id, pupil_id) DO UPDATE SET state = excluded.state, minutes = excluded.minutes,
    reason = excluded.reason, said_by = excluded.said_by, said_at = excluded.said_at
"""
KEEP = """
INSERT INTO presence_changes
    (lesson_id, pupil_id, version, school_id, state, minutes, reason, note_box, note_event, changed_by, changed_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
VERSION = "UPDATE rolls SET version = %s WHERE lesson_id = %s"


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """Bring the journal up to the events: runs of one type are written in one statement."""
    for kind, run in groupby(received, key=lambda r: type(r.event)):
        if handler := HANDLERS.get(kind):
            handler(conn, list(run))


def _taken(conn: Conn, run: list[Received]) -> None:
    rolls, presences = [], []
    for one in run:
        roll = one.event
        assert isinstance(roll, RollTaken)
        by = (one.envelope.actor, one.time)
        rolls.append((roll.lesson_id, roll.school_id, roll.group_id, roll.on, roll.number, one.envelope.version, *by))
        entries = [
            {"pupil": e.pupil_id, "state": e.state, "minutes": e.minutes, "reason": e.reason} for e in roll.entries
        ]
        presences.append((roll.lesson_id, roll.school_id, *by, entries))
    conn.cursor().executemany(TAKE, rolls)
    conn.execute(SAY, [records(SAID, presences)])


def _corrected(conn: Conn, run: list[Received]) -> None:
    said, kept = [], []
    for one in run:
        e = one.event
        assert isinstance(e, PresenceCorrected)
        by = (one.envelope.actor, one.time)
        said.append((e.lesson_id, e.pupil_id, e.school_id, e.after.state, e.after.minutes, e.after.reason, *by))
        before = (e.before.state, e.before.minutes, e.before.reason) if e.before else (None, None, None)
        place = (e.lesson_id, e.pupil_id, one.envelope.version, e.school_id)
        kept.append((*place, *before, e.note.box if e.note else None, one.id, *by))
    conn.cursor().executemany(CORRECT, said)
    conn.cursor().executemany(KEEP, kept)
    conn.cursor().executemany(VERSION, [(one.envelope.version, one.envelope.subject) for one in run])


ANNOUNCE = """
INSERT INTO absences
    (absence_id, school_id, pupil_id, first_on, last_on, lessons, reason, words_box, words_event, paper, by_id, at,
    state)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'announced')
"""
DECIDE = """
UPDATE absences SET state = %s, decided_by = %s, decided_at = %s, answer_box = %s, answer_event = %s
WHERE absence_id = %s
"""
WITHDRAW = "UPDATE absences SET state = 'withdrawn' WHERE absence_id = %s"


def _announced(conn: Conn, run: list[Received]) -> None:
    for one in run:
        e = one.event
        assert isinstance(e, AbsenceAnnounced)
        said = (e.first, e.last, list(e.lessons), e.reason, e.words.box if e.words else None, one.id)
        paper = e.paper.media if e.paper else None
        conn.execute(ANNOUNCE, [e.absence_id, e.school_id, e.pupil_id, *said, paper, one.envelope.actor, one.time])


def _decided(conn: Conn, run: list[Received]) -> None:
    for one in run:
        e = one.event
        assert isinstance(e, AbsenceDecided)
        state = "accepted" if e.accepted else "declined"
        by = (one.envelope.actor, one.time, e.words.box if e.words else None, one.id)
        conn.execute(DECIDE, [state, *by, e.absence_id])


def _withdrawn(conn: Conn, run: list[Received]) -> None:
    for one in run:
        assert isinstance(one.event, AbsenceWithdrawn)
        conn.execute(WITHDRAW, [one.event.absence_id])


HANDLERS: dict[type[Event], Callable[[Conn, list[Received]], None]] = {
    RollTaken: _taken,
    PresenceCorrected: _corrected,
    AbsenceAnnounced: _announced,
    AbsenceDecided: _decided,
    AbsenceWithdrawn: _withdrawn,
}


@dataclass(frozen=True, slots=True)
class RollRow:
    lesson_id: UUID
    on: date
    number: int
    version: int
    by: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class PresenceRow:
    lesson_id: UUID
    pupil_id: UUID
    state: State
    minutes: int | None
    reason: str | None
    by: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """What stood before; `note_box` is sealed with the pupil's key and opens only in `note_event`."""

    lesson_id: UUID
    pupil_id: UUID
    state: State
    minutes: int | None
    reason: str | None
    note_box: str | None
    note_event: str
    by: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Rolls:
    """Rolls of a group with their entries, in order of day and lesson."""

    rolls: list[RollRow]
    presences: list[PresenceRow]
    changes: list[ChangeRow]

    def notes(self) -> Iterable[ChangeRow]:
        """Changes that have a note."""
        return (change for change in self.changes if change.note_box is not None)


ROLLS = """
SELECT lesson_id, on_date AS on, number, version, taken_by AS by, taken_at AS at
FROM rolls WHERE group_id = %s AND on_date BETWEEN %s AND %s ORDER BY on_date, number
"""
PRESENCES = """
SELECT lesson_id, pupil_id, state, minutes, reason, said_by AS by, said_at AS at
FROM presences WHERE lesson_id = ANY (%s) ORDER BY lesson_id, pupil_id
"""
CHANGES = """
SELECT lesson_id, pupil_id, state, minutes, reason, note_box, note_event, changed_by AS by, changed_at AS at
FROM presence_changes WHERE lesson_id = ANY (%s) AND state IS NOT NULL ORDER BY lesson_id, pupil_id, version
"""


def rolls(conn: Conn, group: UUID, first: date, last: date) -> Rolls:
    """The group's rolls from `first` to `last`, both included."""
    with conn.cursor(row_factory=class_row(RollRow)) as cursor:
        found = cursor.execute(ROLLS, [group, first, last]).fetchall()
    ids = [roll.lesson_id for roll in found]
    with conn.cursor(row_factory=class_row(PresenceRow)) as cursor:
        presences = cursor.execute(PRESENCES, [ids]).fetchall()
    with conn.cursor(row_factory=class_row(ChangeRow)) as cursor:
        changes = cursor.execute(CHANGES, [ids]).fetchall()
    return Rolls(found, presences, changes)


TAKEN = "SELECT taken_by, taken_at FROM rolls WHERE lesson_id = %s"


def taken(conn: Conn, lesson: UUID) -> tuple[UUID, datetime] | None:
    """Who took the lesson's roll, and when."""
    row = conn.execute(TAKEN, [lesson]).fetchone()
    return (row[0], row[1]) if row else None


@dataclass(frozen=True, slots=True)
class CountRow:
    """Of one pupil: `lessons` are those whose roll has him, `unexcused` are absences without a good reason."""

    pupil_id: UUID
    lessons: int
    absences: int
    unexcused: int
    lates: int


COUNTS = """
SELECT pupil_id, count(*) AS lessons,
       count(*) FILTER (WHERE state = 'absent') AS absences,
       count(*) FILTER (WHERE state = 'absent' AND coalesce(reason, 'unexcused') = 'unexcused') AS unexcused,
       count(*) FILTER (WHERE state = 'late') AS lates
FROM rolls JOIN presences USING (lesson_id)
WHERE group_id = %s AND on_date BETWEEN %s AND %s
GROUP BY pupil_id ORDER BY pupil_id
"""


def counts(conn: Conn, group: UUID, first: date, last: date) -> list[CountRow]:
    """Lesson hours, absences and lates of each pupil in the group's rolls from `first` to `last`."""
    with conn.cursor(row_factory=class_row(CountRow)) as cursor:
        return cursor.execute(COUNTS, [group, first, last]).fetchall()


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """Boxes are sealed with the pupil's key: `words` of the family, `answer` of the school."""

    absence_id: UUID
    pupil_id: UUID
    first: date
    last: date
    lessons: list[int]
    reason: str
    words_box: str | None
    words_event: str
    by: UUID
    at: datetime
    state: str
    decided_by: UUID | None
    decided_at: datetime | None
    answer_box: str | None
    answer_event: str | None
    paper: str | None


ABSENCES = """
SELECT absence_id, pupil_id, first_on AS first, last_on AS last, lessons, reason, words_box, words_event, by_id AS by,
       at, state, decided_by, decided_at, answer_box, answer_event, paper
FROM absences
"""
OF_PUPIL = f"{ABSENCES} WHERE pupil_id = %s AND last_on >= %s AND first_on <= %s ORDER BY first_on DESC, at DESC"
OF_GROUP = f"""
{ABSENCES} WHERE last_on >= %(first)s AND first_on <= %(last)s AND state IN ('announced', 'accepted') AND pupil_id IN (
    SELECT person_id FROM access_members WHERE group_id = %(group)s AND starts <= %(last)s AND ends >= %(first)s)
ORDER BY at
"""
WAITING = f"{ABSENCES} WHERE school_id = ANY (%s) AND state = 'announced' ORDER BY at LIMIT 500"


def absences_of_pupil(conn: Conn, pupil: UUID, first: date, last: date) -> list[AbsenceRow]:
    """What was announced of the pupil that touches the days, the newest days first."""
    with conn.cursor(row_factory=class_row(AbsenceRow)) as cursor:
        return cursor.execute(OF_PUPIL.encode(), [pupil, first, last]).fetchall()


def absences_of_group(conn: Conn, group: UUID, first: date, last: date) -> list[AbsenceRow]:
    """What stands announced of those who learn in the group, not declined and not taken back."""
    with conn.cursor(row_factory=class_row(AbsenceRow)) as cursor:
        return cursor.execute(OF_GROUP.encode(), {"group": group, "first": first, "last": last}).fetchall()


def absences_waiting(conn: Conn, schools: Sequence[UUID]) -> list[AbsenceRow]:
    """What these schools have not decided about, the oldest first."""
    with conn.cursor(row_factory=class_row(AbsenceRow)) as cursor:
        return cursor.execute(WAITING.encode(), [list(schools)]).fetchall()


UNEXPLAINED = """
SELECT r.lesson_id FROM rolls r JOIN presences p USING (lesson_id)
WHERE p.pupil_id = %(pupil)s AND p.state = 'absent' AND coalesce(p.reason, 'unexcused') = 'unexcused'
  AND r.on_date BETWEEN %(first)s AND %(last)s
  AND (cardinality(%(lessons)s::smallint[]) = 0 OR r.number = ANY (%(lessons)s::smallint[]))
  AND r.group_id IN (SELECT group_id FROM access_members WHERE person_id = %(pupil)s)
ORDER BY r.on_date, r.number
"""


def unexplained(conn: Conn, absence: AbsenceAnnounced) -> list[UUID]:
    """Lessons of the days whose roll says absent without a reason."""
    asked = {"pupil": absence.pupil_id, "first": absence.first, "last": absence.last, "lessons": list(absence.lessons)}
    return [row[0] for row in conn.execute(UNEXPLAINED, asked)]
