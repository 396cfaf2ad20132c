"""The projection of the diary: works, marks, presences, topics, names, each kept by its own id.

Rows are changed in the order of their stream; nothing here waits for an event of another topic.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.reporting import homework, rolls, terms
from shared.contracts import Event, Json, Part, attendance, grades, lessons, roster
from shared.contracts.attendance import PresenceCorrected, RollEntry, RollTaken
from shared.contracts.envelope import Received
from shared.contracts.grades import (
    Mark,
    MarkCorrected,
    MarkRemoved,
    MarksGiven,
    WorkChanged,
    WorkOpened,
    WorkPublished,
    WorkRemoved,
)
from shared.contracts.lessons import HomeworkSet, TopicWritten
from shared.contracts.roster import PersonDescribed
from shared.postgres import Conn, records
from shared.stream import Projection

TABLES = (
    "diary_works", "diary_marks", "diary_presences", "diary_rolls", "diary_topics", "diary_names", *homework.TABLES,
    *terms.TABLES,
)  # fmt: skip
BY = ("by", "at", "epoch", "sequence", "trace")


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """Runs of one type go to the database as one statement each."""
    for kind, run in groupby(received, key=lambda r: type(r.event)):
        if kind in HANDLERS:
            HANDLERS[kind](conn, list(run))


GROUPS = "SELECT DISTINCT group_id::text FROM diary_works WHERE work_id = ANY (%s)"


def touched(conn: Conn, received: Sequence[Received]) -> Iterable[str]:
    """Pupils whose page changed, and groups whose journal did."""
    works = set()
    for one in received:
        yield from terms.touched(one)
        match one.event:
            case MarksGiven(marks=marks):
                yield from (str(mark.pupil_id) for mark in marks)
            case MarkCorrected(pupil_id=pupil) | MarkRemoved(pupil_id=pupil) | PresenceCorrected(pupil_id=pupil):
                yield str(pupil)
            case RollTaken(entries=entries):
                yield from (str(entry.pupil_id) for entry in entries)
        match one.event:
            case MarksGiven() | MarkCorrected() | MarkRemoved() | WorkChanged() | WorkRemoved():
                works.add(one.event.work_id)
            case WorkOpened() | RollTaken() | PresenceCorrected() | TopicWritten() | HomeworkSet():
                yield str(one.event.group_id)
    if works:
        yield from (group for (group,) in conn.execute(GROUPS, [list(works)]))


OPEN_WORKS = """
INSERT INTO diary_works
    (work_id, school_id, group_id, lesson_id, on_date, number, kind, weight, scale, rule, criteria, draft, title)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (work_id) DO NOTHING
"""


def _open_works(conn: Conn, run: list[Received]) -> None:
    rows = []
    for w in (one.event for one in run):
        assert isinstance(w, WorkOpened)
        place = (w.work_id, w.school_id, w.group_id, w.lesson_id, w.on, w.number)
        measure = (w.kind, w.weight, w.scale, w.rule, Jsonb(_parts(w.criteria)), w.draft)
        rows.append((*place, *measure, w.title.text if w.title else None))
    conn.cursor().executemany(OPEN_WORKS, rows)


CHANGE_WORK = "UPDATE diary_works SET kind = %s, weight = %s, title = %s WHERE work_id = %s"


def _change_works(conn: Conn, run: list[Received]) -> None:
    rows = []
    for w in (one.event for one in run):
        assert isinstance(w, WorkChanged)
        rows.append((w.kind, w.weight, w.title.text if w.title else None, w.work_id))
    conn.cursor().executemany(CHANGE_WORK, rows)


PUBLISH_WORKS = "UPDATE diary_works SET draft = false WHERE work_id = ANY (%s)"


def _publish_works(conn: Conn, run: list[Received]) -> None:
    conn.execute(PUBLISH_WORKS, [[one.envelope.subject for one in run]])


REMOVE_WORKS = "UPDATE diary_works SET removed = true WHERE work_id = ANY (%s)"


def _remove_works(conn: Conn, run: list[Received]) -> None:
    conn.execute(REMOVE_WORKS, [[one.envelope.subject for one in run]])


GIVE_MARKS = """
INSERT INTO diary_marks
    (work_id, pupil_id, school_id, given, points, due, comment, recommendation, by_id, at, first_at, epoch, sequence,
     trace)
SELECT work, pupil, school, given, points, due, comment, recommendation, by, at, at, epoch, sequence, trace
FROM json_to_recordset(%s) AS e (work uuid, school uuid, by uuid, at timestamptz, epoch int, sequence bigint,
                                 trace text, marks json),
     json_to_recordset(marks) AS m (pupil uuid, given text[], points jsonb, due date, comment text, recommendation text)
ON CONFLICT (pupil_id, work_id) DO UPDATE SET
    given = excluded.given, points = excluded.points, due = excluded.due, comment = excluded.comment,
    recommendation = excluded.recommendation, by_id = excluded.by_id,
    at = excluded.at, epoch = excluded.epoch, sequence = excluded.sequence, trace = excluded.trace
"""
GIVEN = ("work", "school", *BY, "marks")


def _give_marks(conn: Conn, run: list[Received]) -> None:
    rows: list[tuple[Any, ...]] = []
    later: dict[UUID, set[UUID]] = {}  # pupils by work: one statement may not write a mark twice, and the last counts
    for one in reversed(run):
        given = one.event
        assert isinstance(given, MarksGiven)
        marks = given.marks
        if known := later.get(given.work_id):
            marks = tuple(mark for mark in marks if mark.pupil_id not in known)
        if len(run) > 1:
            later.setdefault(given.work_id, set()).update(mark.pupil_id for mark in marks)
        rows.append((given.work_id, given.school_id, *_by(one), [_mark(mark) for mark in marks]))
    conn.execute(GIVE_MARKS, [records(GIVEN, rows)])


def _mark(mark: Mark) -> Json:
    comment = mark.comment.text if mark.comment else None
    given = {"pupil": mark.pupil_id, "given": mark.values, "points": _parts(mark.criteria), "due": mark.due}
    return {**given, "comment": comment, "recommendation": mark.recommendation and mark.recommendation.text}


CORRECT_MARK = """
UPDATE diary_marks SET given = %(after)s, points = %(points)s, due = %(due)s, by_id = %(by)s, at = %(at)s,
    epoch = %(epoch)s,
    sequence = %(sequence)s, trace = %(trace)s, was = was || %(was)s
WHERE pupil_id = %(pupil)s AND work_id = %(work)s
"""


def _correct_marks(conn: Conn, run: list[Received]) -> None:
    rows: list[Json] = []
    for one in run:
        change = one.event
        assert isinstance(change, MarkCorrected | MarkRemoved)
        before = {"values": change.before, "points": _parts(change.before_criteria)}
        mark: Json = {"after": [], "points": Jsonb([]), "due": None}
        if isinstance(change, MarkCorrected):
            mark = {"after": list(change.after), "points": Jsonb(_parts(change.after_criteria)), "due": change.due}
            before |= {"retake": change.retake} if change.retake else {}
        was = [{**before, **_why(one, change.reason.text)}]
        place = {"pupil": change.pupil_id, "work": change.work_id}
        rows.append({**mark, "was": Jsonb(was), **place, **dict(zip(BY, _by(one), strict=True))})
    conn.cursor().executemany(CORRECT_MARK, rows)


TAKE_ROLLS = """
INSERT INTO diary_presences
    (lesson_id, pupil_id, school_id, group_id, on_date, number, state, minutes, reason, by_id, at, epoch, sequence,
     trace)
SELECT lesson, pupil, school, "group", "on", number, state, minutes, reason, by, at, epoch, sequence, trace
FROM json_to_recordset(%s) AS e (lesson uuid, school uuid, "group" uuid, "on" date, number smallint, by uuid,
                                 at timestamptz, epoch int, sequence bigint, trace text, entries json),
     json_to_recordset(entries) AS p (pupil uuid, state text, minutes smallint, reason text)
ON CONFLICT (pupil_id, lesson_id) DO NOTHING
"""
TAKEN = ("lesson", "school", "group", "on", "number", *BY, "entries")


def _take_rolls(conn: Conn, run: list[Received]) -> None:
    rows: list[tuple[Any, ...]] = []
    for one in run:
        roll = one.event
        assert isinstance(roll, RollTaken)
        place = (roll.lesson_id, roll.school_id, roll.group_id, roll.on, roll.number)
        rows.append((*place, *_by(one), [_entry(entry) for entry in roll.entries]))
    conn.execute(TAKE_ROLLS, [records(TAKEN, rows)])
    rolls.taken(conn, run)


def _entry(entry: RollEntry) -> Json:
    return {"pupil": entry.pupil_id, "state": entry.state, "minutes": entry.minutes, "reason": entry.reason}


CORRECT_PRESENCE = """
INSERT INTO diary_presences
    (lesson_id, pupil_id, school_id, group_id, on_date, number, state, minutes, reason, by_id, at, epoch, sequence,
     trace)
VALUES (%(lesson)s, %(pupil)s, %(school)s, %(group)s, %(on)s, %(number)s, %(state)s, %(minutes)s, %(reason)s,
        %(by)s, %(at)s, %(epoch)s, %(sequence)s, %(trace)s)
ON CONFLICT (pupil_id, lesson_id) DO UPDATE SET
    state = excluded.state, minutes = excluded.minutes, reason = excluded.reason, by_id = excluded.by_id,
    at = excluded.at, epoch = excluded.epoch, sequence = excluded.sequence, trace = excluded.trace,
    was = diary_presences.was || %(was)s
"""


def _correct_presences(conn: Conn, run: list[Received]) -> None:
    rows: list[Json] = []
    for one in run:
        change = one.event
        assert isinstance(change, PresenceCorrected)
        before = change.before.model_dump(exclude_none=True) if change.before else {"state": None}
        was = [{**before, **_why(one, change.note.text if change.note else None)}]
        place = {"lesson": change.lesson_id, "pupil": change.pupil_id, "school": change.school_id}
        when = {"group": change.group_id, "on": change.on, "number": change.number}
        rows.append(
            {**place, **when, **change.after.model_dump(), "was": Jsonb(was), **dict(zip(BY, _by(one), strict=True))}
        )
    conn.cursor().executemany(CORRECT_PRESENCE, rows)
    rolls.corrected(conn, run)


def _parts(parts: Sequence[Part]) -> list[Json]:
    return [part.model_dump() for part in parts]


def _by(one: Received) -> tuple[Any, ...]:
    """Who wrote a row last, when, and by which event: the values of BY."""
    return one.envelope.actor, one.time, one.envelope.epoch, one.sequence, one.envelope.traceparent


def _why(one: Received, reason: str | None) -> Json:
    return {"reason": reason, "by": str(one.envelope.actor), "at": one.time.isoformat()}


WRITE_TOPIC = """
INSERT INTO diary_topics (lesson_id, school_id, topic) VALUES (%s, %s, %s)
ON CONFLICT (lesson_id) DO UPDATE SET topic = excluded.topic
"""


def _write_topics(conn: Conn, run: list[Received]) -> None:
    rows = []
    for written in (one.event for one in run):
        assert isinstance(written, TopicWritten)
        rows.append((written.lesson_id, written.school_id, written.topic.text or ""))
    conn.cursor().executemany(WRITE_TOPIC, rows)


NAME_PERSON = """
INSERT INTO diary_names (person_id, family_name, given_name, middle_name)
SELECT * FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::text[])
ON CONFLICT (person_id) DO UPDATE SET
    family_name = excluded.family_name, given_name = excluded.given_name, middle_name = excluded.middle_name
"""
FORGET_PERSON = "DELETE FROM diary_names WHERE person_id = ANY (%s)"


def _name_people(conn: Conn, run: list[Received]) -> None:
    rows, erased = {}, []
    for person in (one.event for one in run):
        assert isinstance(person, PersonDescribed)
        names = (person.family_name.text, person.given_name.text, person.middle_name and person.middle_name.text)
        if person.family_name.text is None:
            erased.append(person.person_id)
        else:
            rows[person.person_id] = (person.person_id, *names)
    if rows:
        conn.execute(NAME_PERSON, [list(column) for column in zip(*rows.values(), strict=True)])
    if erased:
        conn.execute(FORGET_PERSON, [erased])


HANDLERS: dict[type[Event], Callable[[Conn, list[Received]], None]] = {
    WorkOpened: _open_works,
    WorkChanged: _change_works,
    WorkRemoved: _remove_works,
    WorkPublished: _publish_works,
    MarksGiven: _give_marks,
    MarkCorrected: _correct_marks,
    MarkRemoved: _correct_marks,
    RollTaken: _take_rolls,
    PresenceCorrected: _correct_presences,
    TopicWritten: _write_topics,
    HomeworkSet: homework.written,
    PersonDescribed: _name_people,
    grades.TermGraded: terms.graded,
    grades.TermGradeCorrected: terms.corrected,
    grades.TermPublished: terms.published,
}

LEAVES: frozenset[type[Event]] = frozenset(
    {
        grades.RuleSet,
        grades.PhrasesSet,
        grades.TargetSet,
        grades.MarksDrafted,
        grades.PublicationPlanned,
        grades.CouncilBegun,
        grades.CouncilWithdrawn,
        grades.ReopeningAsked,
        grades.ReopeningDecided,
        grades.SheetLocked,
        roster.SchoolDescribed,
        roster.YearPlanned,
        roster.GroupDescribed,
        roster.GroupClosed,
        roster.EnrolmentsSet,
        roster.RolesSet,
        roster.FamilySet,
        *roster.TIE_REQUESTS,
        roster.PersonErased,
        roster.ImportApplied,
        lessons.BellsSet,
        lessons.TimetableSet,
        lessons.HolidaysSet,
        lessons.LessonCancelled,
        lessons.LessonMoved,
        lessons.LessonSubstituted,
        lessons.LessonRestored,
        lessons.CalendarShared,
        lessons.CalendarWithdrawn,
        lessons.TemplateKept,
        lessons.TemplateRemoved,
        attendance.AbsenceAnnounced,
        attendance.AbsenceDecided,
        attendance.AbsenceWithdrawn,
    }
)


ERASED = (
    "DELETE FROM diary_names WHERE person_id = ANY (%(people)s)",
    """
    UPDATE diary_marks SET comment = NULL, recommendation = NULL, was = (
        SELECT coalesce(jsonb_agg(before || '{"reason": null}' ORDER BY place), '[]')
        FROM jsonb_array_elements(was) WITH ORDINALITY AS w (before, place))
    WHERE pupil_id = ANY (%(people)s)
      AND (comment IS NOT NULL OR recommendation IS NOT NULL OR was @? '$[*].reason ? (@ != null)')
    """,
    """
    UPDATE diary_presences SET was = (
        SELECT coalesce(jsonb_agg(before || '{"reason": null}' ORDER BY place), '[]')
        FROM jsonb_array_elements(was) WITH ORDINALITY AS w (before, place))
    WHERE pupil_id = ANY (%(people)s) AND was @? '$[*].reason ? (@ != null)'
    """,
    terms.ERASED,
    """
    UPDATE history_entries SET reason = NULL,
        after = after || CASE WHEN after ? 'comment' THEN '{"comment": null}'::jsonb ELSE '{}' END
                      || CASE WHEN after ? 'recommendation' THEN '{"recommendation": null}'::jsonb ELSE '{}' END
                      || CASE WHEN after ? 'text' THEN '{"text": null}'::jsonb ELSE '{}' END
    WHERE pupil_id = ANY (%(people)s)
      AND (reason IS NOT NULL OR after ->> 'comment' IS NOT NULL OR after ->> 'text' IS NOT NULL
           OR after ->> 'recommendation' IS NOT NULL)
    """,
)
"""What pages show opened of a person: his name, the words to his marks, the reasons of corrections."""

PROJECTION = Projection(
    name="reporting.diary.1",
    topics=("diary.roster", "diary.lessons", "diary.grades", "diary.attendance"),
    apply=apply,
    handles=frozenset(HANDLERS),
    leaves=LEAVES,
    touched=touched,
    tables=TABLES,
    opens=True,
    by_keys=True,
)
