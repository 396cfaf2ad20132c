"""The journal of marks: written in the event's own transaction, with the questions asked of it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from typing import Any
from uuid import UUID

from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from services.grades import terms_views
from services.grades.domain.rule import BUILT_IN, Rule
from shared.contracts import Event, Json, Part, Sealed
from shared.contracts.envelope import Received
from shared.contracts.grades import (
    Bound,
    KindOfWork,
    Mark,
    MarkCorrected,
    MarkRemoved,
    MarksDrafted,
    MarksGiven,
    PhrasesSet,
    PublicationPlanned,
    RuleSet,
    Scale,
    TargetSet,
    WorkChanged,
    WorkOpened,
    WorkPublished,
    WorkRemoved,
)
from shared.postgres import Conn, records

TABLES = (
    "works",
    "marks",
    "mark_changes",
    "rules",
    "drafts",
    "publications",
    "phrases",
    "targets",
    *terms_views.TABLES,
)

OPEN = """
INSERT INTO works (work_id, school_id, group_id, lesson_id, on_date, number, kind, weight, scale, rule, criteria, draft,
                   title_box, title_event, version)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
CHANGE = "UPDATE works SET kind = %s, weight = %s, title_box = %s, title_event = %s, version = %s WHERE work_id = %s"
REMOVE = "UPDATE works SET removed = true, version = %s WHERE work_id = %s"
VERSION = "UPDATE works SET version = %s WHERE work_id = %s"
GIVE = """
INSERT INTO marks
    (work_id, pupil_id, school_id, cell, points, due, comment_box, comment_event, comment_path, recommendation,
     given_by, given_at)
SELECT work, pupil, school, cell, points, due, box, event, path, recommendation, by, at
FROM json_to_recordset(%s) AS e (work uuid, school uuid, by uuid, at timestamptz, marks json),
     json_to_recordset(marks) AS m (pupil uuid, cell text[], points jsonb, due date, box text, event text, path text,
                                    recommendation jsonb)
ON CONFLICT (work_id, pupil_id) DO UPDATE SET cell = excluded.cell, points = excluded.points, due = excluded.due,
    comment_box = excluded.comment_box, comment_event = excluded.comment_event, comment_path = excluded.comment_path,
    recommendation = excluded.recommendation, given_by = excluded.given_by, given_at = excluded.given_at
"""
DRAFT = """
INSERT INTO drafts
    (work_id, pupil_id, school_id, cell, points, due, comment_box, comment_event, comment_path, recommendation,
     given_by, given_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (work_id, pupil_id) DO UPDATE SET cell = excluded.cell, points = excluded.points, due = excluded.due,
    given_by = excluded.given_by, given_at = excluded.given_at,
    comment_box = coalesce(excluded.comment_box, drafts.comment_box),
    comment_event = coalesce(excluded.comment_event, drafts.comment_event),
    comment_path = coalesce(excluded.comment_path, drafts.comment_path),
    recommendation = coalesce(excluded.recommendation, drafts.recommendation)
"""
PUBLISH = "UPDATE works SET draft = false WHERE work_id = %s"
PLAN = """
INSERT INTO publications (work_id, school_id, at, by_id) VALUES (%s, %s, %s, %s)
ON CONFLICT (work_id) DO UPDATE SET at = excluded.at, by_id = excluded.by_id
"""
NOT_PLANNED = "UPDATE publications SET at = NULL WHERE work_id = %s AND at IS NOT NULL"
GIVEN = ("work", "school", "by", "at", "marks")
REPLACE = """
UPDATE marks SET cell = %s, points = %s, due = %s, given_by = %s, given_at = %s WHERE work_id = %s AND pupil_id = %s
"""
KEEP = """
INSERT INTO mark_changes
    (work_id, pupil_id, version, school_id, before, points, retake, reason_box, reason_event, changed_by, changed_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
SET_RULE = "INSERT INTO rules (school_id, rule, scale, kinds, bounds, retakes) VALUES (%s, %s, %s, %s, %s, %s)"


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """Bring the journal up to the events: runs of one type are written in one statement."""
    for kind, run in groupby(received, key=lambda r: type(r.event)):
        if handler := HANDLERS.get(kind):
            handler(conn, list(run))


def _opened(conn: Conn, run: list[Received]) -> None:
    rows = []
    for one in run:
        w = one.event
        assert isinstance(w, WorkOpened)
        place = (w.work_id, w.school_id, w.group_id, w.lesson_id, w.on, w.number)
        measure = (w.kind, w.weight, w.scale, w.rule, _parts(w.criteria), w.draft)
        rows.append((*place, *measure, *_title(w.title, one), one.envelope.version))
    conn.cursor().executemany(OPEN, rows)


def _changed(conn: Conn, run: list[Received]) -> None:
    rows = []
    for one in run:
        w = one.event
        assert isinstance(w, WorkChanged)
        rows.append((w.kind, w.weight, *_title(w.title, one), one.envelope.version, w.work_id))
    conn.cursor().executemany(CHANGE, rows)


def _removed(conn: Conn, run: list[Received]) -> None:
    conn.cursor().executemany(REMOVE, [(one.envelope.version, one.envelope.subject) for one in run])
    conn.cursor().executemany(NOT_PLANNED, [(one.envelope.subject,) for one in run])


def _given(conn: Conn, run: list[Received]) -> None:
    """One statement for all: between two marks in one cell there is a removal, so that no cell comes twice in a run."""
    rows = []
    for one in run:
        given = one.event
        assert isinstance(given, MarksGiven)
        marks = [_mark(mark, one.id, f"marks/{i}") for i, mark in enumerate(given.marks)]
        rows.append((given.work_id, given.school_id, one.envelope.actor, one.time, marks))
    conn.execute(GIVE, [records(GIVEN, rows)])
    _touch(conn, run)


def _mark(mark: Mark, event: str, path: str) -> Json:
    """`event` and `path`: where its words are sealed."""
    comment = _box(mark.comment, event, f"{path}/comment") or {}
    advice = {"recommendation": _box(mark.recommendation, event, f"{path}/recommendation")}
    cell = {"pupil": mark.pupil_id, "cell": mark.values, "points": _plain(mark.criteria), "due": mark.due}
    return {**cell, **comment, **advice}


def _box(sealed: Sealed | None, event: str, path: str) -> Json | None:
    return {"box": sealed.box, "event": event, "path": path} if sealed else None


def _drafted(conn: Conn, run: list[Received]) -> None:
    rows = []
    for one in run:
        given = one.event
        assert isinstance(given, MarksDrafted)
        for i, mark in enumerate(given.marks):
            cell = (given.work_id, mark.pupil_id, given.school_id, list(mark.values), _parts(mark.criteria), mark.due)
            comment = (mark.comment.box, one.id, f"marks/{i}/comment") if mark.comment else (None, None, None)
            advice = _box(mark.recommendation, one.id, f"marks/{i}/recommendation")
            rows.append((*cell, *comment, advice and Jsonb(advice), one.envelope.actor, one.time))
    conn.cursor().executemany(DRAFT, rows)
    _touch(conn, run)


def _published(conn: Conn, run: list[Received]) -> None:
    conn.cursor().executemany(PUBLISH, [(one.envelope.subject,) for one in run])
    conn.cursor().executemany(NOT_PLANNED, [(one.envelope.subject,) for one in run])
    _touch(conn, run)


def _planned(conn: Conn, run: list[Received]) -> None:
    rows = []
    for one in run:
        plan = one.event
        assert isinstance(plan, PublicationPlanned)
        at = datetime.combine(plan.on, time.fromisoformat(plan.time)) if plan.on and plan.time else None
        rows.append((plan.work_id, plan.school_id, at, one.envelope.actor))
    conn.cursor().executemany(PLAN, rows)
    _touch(conn, run)


def _replaced(conn: Conn, run: list[Received]) -> None:
    changed, kept = [], []
    for one in run:
        e = one.event
        assert isinstance(e, MarkCorrected | MarkRemoved)
        by = (one.envelope.actor, one.time)
        now, retake = _stands(e)
        changed.append((*now, *by, e.work_id, e.pupil_id))
        cell = (e.work_id, e.pupil_id, one.envelope.version, e.school_id, list(e.before), _parts(e.before_criteria))
        kept.append((*cell, retake, e.reason.box, one.id, *by))
    conn.cursor().executemany(REPLACE, changed)
    conn.cursor().executemany(KEEP, kept)
    _touch(conn, run)


def _stands(e: MarkCorrected | MarkRemoved) -> tuple[tuple[list[str], Jsonb, date | None], list[str]]:
    """What is in the cell afterwards, and the mark of a retake that did it."""
    if isinstance(e, MarkRemoved):
        return ([], _parts(()), None), []
    return (list(e.after), _parts(e.after_criteria), e.due), list(e.retake)


def _rules(conn: Conn, run: list[Received]) -> None:
    rows = []
    for one in run:
        rule = one.event
        assert isinstance(rule, RuleSet)
        measure = (_parts(rule.kinds), _parts(rule.bounds), rule.retakes)
        rows.append((rule.school_id, rule.rule, rule.scale, *measure))
    conn.cursor().executemany(SET_RULE, rows)


def _parts(parts: Sequence[Part]) -> Jsonb:
    return Jsonb(_plain(parts))


def _plain(parts: Sequence[Part]) -> list[Json]:
    return [part.model_dump() for part in parts]


def _title(title: Sealed | None, one: Received) -> tuple[str | None, str | None]:
    return (title.box, one.id) if title else (None, None)


def _touch(conn: Conn, run: list[Received]) -> None:
    conn.cursor().executemany(VERSION, [(one.envelope.version, one.envelope.subject) for one in run])


TARGET = """
INSERT INTO targets (target_id, pupil_id, school_id, subject, value, by_id, at) VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (target_id) DO UPDATE SET
    school_id = excluded.school_id, value = excluded.value, by_id = excluded.by_id, at = excluded.at
"""


def _targets(conn: Conn, run: list[Received]) -> None:
    rows = []
    for one in run:
        t = one.event
        assert isinstance(t, TargetSet)
        rows.append((t.target_id, t.pupil_id, t.school_id, t.subject, t.value, one.envelope.actor, one.time))
    conn.cursor().executemany(TARGET, rows)


PHRASE = "INSERT INTO phrases (person_id, place, box, event) VALUES (%s, %s, %s, %s)"


def _phrases(conn: Conn, run: list[Received]) -> None:
    for one in run:
        event = one.event
        assert isinstance(event, PhrasesSet)
        conn.execute("DELETE FROM phrases WHERE person_id = %s", [event.teacher_id])
        rows = [(event.teacher_id, i, phrase.box, one.id) for i, phrase in enumerate(event.phrases)]
        conn.cursor().executemany(PHRASE, rows)


HANDLERS: dict[type[Event], Callable[[Conn, list[Received]], None]] = {
    WorkOpened: _opened,
    WorkChanged: _changed,
    WorkRemoved: _removed,
    MarksGiven: _given,
    MarksDrafted: _drafted,
    WorkPublished: _published,
    PublicationPlanned: _planned,
    MarkCorrected: _replaced,
    MarkRemoved: _replaced,
    RuleSet: _rules,
    PhrasesSet: _phrases,
    TargetSet: _targets,
    **dict.fromkeys(terms_views.HANDLERS, terms_views.apply),
}


@dataclass(frozen=True, slots=True)
class Box:
    """A sealed text with its place: whose key, which event, where in it."""

    owner_id: UUID
    box: str
    event_id: str
    path: str


@dataclass(frozen=True, slots=True)
class WorkRow:
    work_id: UUID
    school_id: UUID
    lesson_id: UUID
    on: date
    number: int
    kind: str
    weight: str
    scale: Scale
    rule: int
    criteria: list[Json]
    draft: bool
    planned: datetime | None
    title_box: str | None
    title_event: str | None
    version: int

    @property
    def title(self) -> Box | None:
        if self.title_box is None or self.title_event is None:
            return None
        return Box(self.school_id, self.title_box, self.title_event, "title")


def _box_of(pupil: UUID, kept: Json | None) -> Box | None:
    return Box(pupil, kept["box"], kept["event"], kept["path"]) if kept else None


@dataclass(frozen=True, slots=True)
class MarkRow:
    work_id: UUID
    pupil_id: UUID
    cell: list[str]
    points: list[Json]
    due: date | None
    comment_box: str | None
    comment_event: str | None
    comment_path: str | None
    recommended: Json | None
    given_by: UUID
    given_at: datetime

    @property
    def comment(self) -> Box | None:
        if self.comment_box is None or self.comment_event is None or self.comment_path is None:
            return None
        return Box(self.pupil_id, self.comment_box, self.comment_event, self.comment_path)

    @property
    def recommendation(self) -> Box | None:
        return _box_of(self.pupil_id, self.recommended)


@dataclass(frozen=True, slots=True)
class ChangeRow:
    work_id: UUID
    pupil_id: UUID
    before: list[str]
    points: list[Json]
    retake: list[str]
    reason_box: str
    reason_event: str
    changed_by: UUID
    changed_at: datetime

    @property
    def reason(self) -> Box:
        return Box(self.pupil_id, self.reason_box, self.reason_event, "reason")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a group's journal with their cells, in order of day, lesson and opening."""

    works: list[WorkRow]
    marks: list[MarkRow]
    changes: list[ChangeRow]

    def boxes(self) -> Iterable[Box]:
        """Every sealed text on the page."""
        words = [box for mark in self.marks for box in (mark.comment, mark.recommendation)]
        found = [*(w.title for w in self.works), *words, *(c.reason for c in self.changes)]
        return (box for box in found if box is not None)


WORKS = """
SELECT work_id, school_id, lesson_id, on_date AS on, number, kind, weight, scale, rule, criteria, draft,
       p.at AS planned, title_box, title_event, version
FROM works w LEFT JOIN publications p USING (work_id, school_id)
WHERE group_id = %s AND on_date BETWEEN %s AND %s AND NOT removed
ORDER BY on_date, number, kind, work_id
"""
MARKS = """
SELECT work_id, pupil_id, cell, points, due, comment_box, comment_event, comment_path, recommendation AS recommended,
       given_by, given_at
FROM marks WHERE work_id = ANY (%(works)s)
UNION ALL
SELECT work_id, pupil_id, cell, d.points, due, comment_box, comment_event, comment_path, recommendation,
       given_by, given_at
FROM drafts d JOIN works w USING (work_id) WHERE work_id = ANY (%(works)s) AND w.draft AND cell <> '{}'
ORDER BY work_id, pupil_id
"""
CHANGES = """
SELECT work_id, pupil_id, before, points, retake, reason_box, reason_event, changed_by, changed_at
FROM mark_changes WHERE work_id = ANY (%s) ORDER BY work_id, pupil_id, version
"""


def columns(conn: Conn, group: UUID, first: date, last: date) -> Columns:
    """The group's columns from `first` to `last`, both included."""
    with conn.cursor(row_factory=class_row(WorkRow)) as cursor:
        works = cursor.execute(WORKS, [group, first, last]).fetchall()
    ids = [work.work_id for work in works]
    with conn.cursor(row_factory=class_row(MarkRow)) as cursor:
        marks = cursor.execute(MARKS, {"works": ids}).fetchall()
    with conn.cursor(row_factory=class_row(ChangeRow)) as cursor:
        changes = cursor.execute(CHANGES, [ids]).fetchall()
    return Columns(works, marks, changes)


@dataclass(frozen=True, slots=True)
class Planned:
    """A draft to be published; `at` by its school's clock, which is in this zone."""

    work_id: UUID
    school_id: UUID
    at: datetime
    by: UUID
    zone: str


PLANNED = """
SELECT p.work_id, p.school_id, p.at, p.by_id AS by, s.time_zone AS zone
FROM publications p JOIN access_schools s USING (school_id)
WHERE p.at IS NOT NULL AND p.at <= %s ORDER BY p.at LIMIT 500
"""


def planned(conn: Conn, until: datetime) -> list[Planned]:
    """What was planned for no later than then; each school's clock says whether it is time."""
    with conn.cursor(row_factory=class_row(Planned)) as cursor:
        return cursor.execute(PLANNED, [until]).fetchall()


WORDS = """
SELECT pupil_id, comment_box, comment_event, comment_path, recommendation FROM drafts
WHERE work_id = %s AND (comment_box IS NOT NULL OR recommendation IS NOT NULL) AND cell <> '{}'
"""


def draft_words(conn: Conn, work: UUID) -> dict[UUID, dict[str, Box]]:
    """What is written with the marks of a draft, by pupil: `comment`, `recommendation`."""
    found: dict[UUID, dict[str, Box]] = {}
    for pupil, box, event, path, advice in conn.execute(WORDS, [work]):
        comment = {"comment": Box(pupil, box, event, path)} if box else {}
        recommended = _box_of(pupil, advice)
        found[pupil] = comment | ({"recommendation": recommended} if recommended else {})
    return found


TARGETS = """
SELECT subject, value, by_id AS by, at FROM targets WHERE pupil_id = %s AND value IS NOT NULL ORDER BY subject
"""
LEARNS = """
SELECT 1 FROM access_members m JOIN access_groups g USING (group_id)
WHERE m.person_id = %s AND g.school_id = %s AND g.subject = %s AND %s BETWEEN m.starts AND m.ends LIMIT 1
"""


TEACHES = """
SELECT 1 FROM access_teaching t JOIN access_groups g USING (group_id) JOIN access_members m USING (group_id)
WHERE t.person_id = %s AND m.person_id = %s AND g.subject = %s
  AND %s BETWEEN t.starts AND t.ends AND %s BETWEEN m.starts AND m.ends LIMIT 1
"""


def teaches(conn: Conn, person: UUID, pupil: UUID, subject: str, on: date) -> bool:
    """Whether he teaches the pupil this subject on the day."""
    return conn.execute(TEACHES, [person, pupil, subject, on, on]).fetchone() is not None


def targets(conn: Conn, pupil: UUID) -> list[dict[str, Any]]:
    """The pupil's targets as they stand, by subject."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(TARGETS, [pupil]).fetchall()


def target(conn: Conn, target: UUID) -> str | None:
    row = conn.execute("SELECT value FROM targets WHERE target_id = %s", [target]).fetchone()
    return row[0] if row else None


def learns(conn: Conn, pupil: UUID, school: UUID, subject: str, on: date) -> bool:
    """Whether he learns the subject at the school on the day."""
    return conn.execute(LEARNS, [pupil, school, subject, on]).fetchone() is not None


PHRASES = "SELECT box, event, place FROM phrases WHERE person_id = %s ORDER BY place"


def phrases(conn: Conn, person: UUID) -> list[Box]:
    """The person's own, in his order."""
    return [Box(person, box, event, f"phrases/{place}") for box, event, place in conn.execute(PHRASES, [person])]


TITLE = "SELECT school_id, title_box, title_event FROM works WHERE work_id = %s AND title_box IS NOT NULL"


def title(conn: Conn, work: UUID) -> Box | None:
    """The work's present title."""
    row = conn.execute(TITLE, [work]).fetchone()
    return Box(row[0], row[1], row[2], "title") if row else None


RULE = """
SELECT rule, scale, kinds, bounds, retakes FROM rules WHERE school_id = %s AND rule <= coalesce(%s, rule)
ORDER BY rule DESC LIMIT 1
"""


def rule(conn: Conn, school: UUID, number: int | None = None) -> Rule:
    """The school's rule in force, or an earlier one by its number; the built-in one until it has set its own."""
    row: tuple[Any, ...] | None = conn.execute(RULE, [school, number]).fetchone()
    if row is None:
        return BUILT_IN
    kinds = tuple(KindOfWork(**kind) for kind in row[2])
    return Rule(row[0], row[1], kinds, tuple(Bound(**bound) for bound in row[3]), row[4])


TESTS = """
SELECT DISTINCT g.subject, w.number FROM works w JOIN access_groups g USING (group_id)
WHERE w.on_date = %(on)s AND w.kind = ANY (%(kinds)s) AND NOT w.removed AND w.group_id <> %(group)s
  AND EXISTS (SELECT FROM access_members m WHERE m.group_id = w.group_id AND m.person_id = ANY (%(pupils)s)
              AND %(on)s BETWEEN m.starts AND m.ends)
ORDER BY w.number
"""


def tests_of(conn: Conn, group: UUID, pupils: Iterable[UUID], on: date, kinds: Iterable[str]) -> tuple[str, ...]:
    """What other groups of these pupils have on the day of these kinds: «Физика (3)», the lesson in brackets."""
    asked = {"on": on, "kinds": list(kinds), "group": group, "pupils": list(pupils)}
    return tuple(f"{subject} ({number})" for subject, number in conn.execute(TESTS, asked))


ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
SAME_KIND = "SELECT 1 FROM works WHERE lesson_id = %s AND kind = %s AND work_id <> %s AND NOT removed LIMIT 1"


def same_kind(conn: Conn, lesson: UUID, kind: str, work: UUID) -> bool:
    """Whether the lesson has another work of this kind. Those who ask at once for one lesson wait for each other."""
    conn.execute(ONE_AT_A_TIME, [f"{lesson}/{kind}"])
    return conn.execute(SAME_KIND, [lesson, kind, work]).fetchone() is not None
