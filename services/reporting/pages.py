"""The questions of the diary's pages. Facts of all topics are joined here, when they are read."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from services.reporting import as_of, homework, learning, plans, terms
from services.reporting.criteria import by_criteria, in_history
from services.reporting.learning import Membership
from shared import timetable
from shared.contracts.averages import Average, average, shown
from shared.contracts.timetable import Lesson, holiday_on
from shared.postgres import Conn

Row = dict[str, Any]


MARKS = """
SELECT m.work_id, w.lesson_id, w.group_id, w.on_date AS "on", w.number, w.kind, w.weight, w.scale, w.title,
       w.criteria, m.given AS "values", m.points, m.due, m.comment, m.recommendation, m.by_id AS by, m.at,
       m.first_at, m.was, m.epoch, m.sequence
FROM diary_marks m JOIN diary_works w USING (work_id)
WHERE m.pupil_id = %(pupil)s AND w.on_date BETWEEN %(first)s AND %(last)s AND NOT w.removed
ORDER BY w.on_date, w.number, m.first_at
"""


def marks(conn: Conn, pupil: UUID, first: date, last: date, moment: datetime | None = None) -> list[Row]:
    """Marks of works of the range in order of their lessons; one taken back has no values but its past."""
    if moment:
        return as_of.marks(conn, pupil, first, last, moment)
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(MARKS, {"pupil": pupil, "first": first, "last": last}).fetchall()
    return [by_criteria(row) for row in rows]


PRESENCES = """
SELECT lesson_id, group_id, on_date AS "on", number, state, minutes, reason, was, by_id AS by, at, epoch, sequence
FROM diary_presences
WHERE pupil_id = %(pupil)s AND on_date BETWEEN %(first)s AND %(last)s
ORDER BY on_date, number
"""


def presences(conn: Conn, pupil: UUID, first: date, last: date, moment: datetime | None = None) -> list[Row]:
    """What the rolls of the range say of the pupil."""
    if moment:
        return as_of.presences(conn, pupil, first, last, moment)
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(PRESENCES, {"pupil": pupil, "first": first, "last": last}).fetchall()


@dataclass(frozen=True)
class Entered:
    """What was entered for a pupil, by lesson; homework by the lesson by which it is due."""

    marks: dict[UUID, list[Row]]
    presences: dict[UUID, Row]
    homework: dict[UUID, list[Row]]
    topics: dict[UUID, str]


def diary(conn: Conn, pupil: UUID, first: date, last: date, moment: datetime | None = None) -> list[Row]:
    """Every day of the range with its lessons, each with what was entered for the pupil; as it stood at the moment.

    A mark, presence or task whose lesson the timetable does not have (any more) stands at its day all the same.
    """
    learnt = _learnt(conn, pupil, first, last, moment)
    taking_place = learning.attended(learnt, _lessons(conn, learnt, first, last, moment))
    known = {lesson.id for lesson, _ in taking_place}
    moved = {lesson.id for lesson, _ in taking_place if lesson.moved_from}
    entered = Entered(
        marks=_by_lesson(marks(conn, pupil, first, last, moment)),
        presences={row["lesson_id"]: row for row in presences(conn, pupil, first, last, moment)},
        homework=homework.by_lesson(homework.due(conn, learnt, first, last, moved, moment)),
        topics=as_of.topics_of(conn, known, moment) if moment else topics_of(conn, known),
    )
    teachers = _teachers(conn, taking_place, moment)
    shown_ = [_lesson(lesson, member, entered, teachers) for lesson, member in taking_place]
    shown_ += _left_over(conn, entered, known)
    return _days(conn, learnt, shown_, first, last, moment)


def _learnt(conn: Conn, pupil: UUID, first: date, last: date, moment: datetime | None) -> list[Membership]:
    if moment:
        return plans.memberships(conn, pupil, first, last, moment)
    return learning.memberships(conn, pupil, first, last)


def _lessons(conn: Conn, learnt: list[Membership], first: date, last: date, moment: datetime | None) -> list[Lesson]:
    if moment:
        schools: dict[UUID, set[UUID]] = defaultdict(set)
        for member in learnt:
            schools[member.school_id].add(member.group_id)
        return plans.lessons(conn, schools, first, last, moment)
    return timetable.lessons(conn, {member.group_id for member in learnt}, first, last)


def _by_lesson(rows: Iterable[Row]) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["lesson_id"]].append(row)
    return found


def _lesson(lesson: Lesson, member: Membership, entered: Entered, teachers: dict[tuple[UUID, date], UUID]) -> Row:
    return {
        "lesson_id": lesson.id,
        "group_id": lesson.group_id,
        "school_id": member.school_id,
        "subject": member.subject,
        "title": member.title,
        "on": lesson.on,
        "number": lesson.number,
        "room": lesson.room,
        "teacher_id": lesson.teacher_id or teachers.get((lesson.group_id, lesson.on)),
        "topic": entered.topics.get(lesson.id),
        "cancelled": lesson.cancelled,
        "moved_from": lesson.moved_from and {"on": lesson.moved_from[0], "number": lesson.moved_from[1]},
        "substituted": lesson.substituted,
        "instead_of": (lesson.instead_of or teachers.get((lesson.group_id, lesson.on))) if lesson.substituted else None,
        "room_was": lesson.room_was,
        "homework": entered.homework.get(lesson.id, []),
        "marks": entered.marks.get(lesson.id, []),
        "attendance": entered.presences.get(lesson.id),
    }


GROUPS = "SELECT group_id, school_id, subject, title FROM access_groups WHERE group_id = ANY (%s)"


def _left_over(conn: Conn, entered: Entered, known: set[UUID]) -> list[Row]:
    places = {
        id_: {"group_id": rows[0]["group_id"], "on": rows[0]["due_on"], "number": rows[0]["due_number"]}
        for id_, rows in entered.homework.items()
    }
    places |= entered.presences | {id_: rows[0] for id_, rows in entered.marks.items()}
    lost = {id_: place for id_, place in places.items() if id_ not in known}
    if not lost:
        return []
    groups = {row[0]: row for row in conn.execute(GROUPS, [[row["group_id"] for row in lost.values()]])}
    bare = []
    for id_, row in lost.items():
        _, school, subject, title = groups.get(row["group_id"], (None, None, "", ""))
        member = Membership(row["group_id"], school, subject, title, row["on"], row["on"])
        lesson = Lesson(id_, row["group_id"], row["on"], row["number"], None, None)
        bare.append(_lesson(lesson, member, entered, {}))
    return bare


TOPICS = "SELECT lesson_id, topic FROM diary_topics WHERE lesson_id = ANY (%s)"


def topics_of(conn: Conn, ids: set[UUID]) -> dict[UUID, str]:
    return dict(conn.execute(TOPICS, [list(ids)]).fetchall())


def _teachers(
    conn: Conn, taking_place: list[tuple[Lesson, Membership]], moment: datetime | None
) -> dict[tuple[UUID, date], UUID]:
    """Who is responsible for the group on the lesson's day."""
    groups = {lesson.group_id for lesson, _ in taking_place}
    rows = plans.teaching(conn, groups, moment) if moment else learning.teaching(conn, groups)
    return {
        (lesson.group_id, lesson.on): person
        for lesson, _ in taking_place
        if (person := learning.responsible(rows, lesson)) is not None
    }


NAMES = "SELECT person_id, family_name, given_name, middle_name FROM diary_names WHERE person_id = ANY (%s)"


def names(conn: Conn, people: Iterable[UUID]) -> dict[UUID, str]:
    """Full names, surname first; a person whose data were erased is not in it."""
    rows = conn.execute(NAMES, [list(set(people))])
    return {person: " ".join(part for part in parts if part) for person, *parts in rows}


def _days(
    conn: Conn, learnt: list[Membership], shown_: list[Row], first: date, last: date, moment: datetime | None
) -> list[Row]:
    schools = {m.school_id for m in learnt}
    if moment:
        bells = {school: plans.bells(conn, school, moment) for school in schools}
        holidays = [h for school in schools for h in plans.holidays(conn, school, first, last, moment)]
    else:
        bells = {school: timetable.bells(conn, school) for school in schools}
        holidays = [h for school in schools for h in timetable.holidays(conn, school, first, last)]
    teachers = names(conn, (id_ for row in shown_ for id_ in (row["teacher_id"], row["instead_of"]) if id_))
    days: dict[date, list[Row]] = {first + timedelta(days=n): [] for n in range((last - first).days + 1)}
    for row in sorted(shown_, key=lambda row: (row["on"], row["number"], row["subject"])):
        bell = bells[row["school_id"]].at(row["on"], row["number"])
        hours = {"starts": bell.starts if bell else None, "ends": bell.ends if bell else None}
        people = {"teacher": teachers.get(row["teacher_id"]), "instead_of": teachers.get(row["instead_of"])}
        days[row["on"]].append({**row, **hours, **people})
    groups = {on: [m.group_id for m in learnt if m.starts <= on <= m.ends] for on in days}
    return [{"on": on, "holiday": holiday_on(holidays, on, groups[on]), "lessons": day} for on, day in days.items()]


def marks_table(
    conn: Conn,
    pupil: UUID,
    first: date,
    last: date,
    language: str,
    moment: datetime | None = None,
    only: Collection[str] = (),
) -> Row:
    """Marks by subject with averages, each mark with the subject's average after it, and the overall average.

    `only` these subjects, if any are named: then the overall average is of these.

    The overall average is the mean of the subjects' averages of one scale (the one most marks are in), rounded half
    up to 0.01: subjects count alike, however many marks they have.
    """
    found = marks(conn, pupil, first, last, moment)
    subjects = _subjects(conn, found, moment)
    by_subject: dict[str, list[Row]] = defaultdict(list)
    for row in found:
        by_subject[subjects.get(row["group_id"], "")].append(row)
    wanted = sorted(subject for subject in by_subject if not only or subject in only)
    rows = [_subject(subject, by_subject[subject], language) for subject in wanted]
    return {"overall": _overall(rows), "subjects": rows}


def _subjects(conn: Conn, rows: list[Row], moment: datetime | None) -> dict[UUID, str]:
    groups = {row["group_id"] for row in rows}
    return plans.subjects(conn, groups, moment) if moment else learning.subjects(conn, groups)


def _subject(subject: str, rows: list[Row], language: str) -> Row:
    scale = _main_scale(rows)
    so_far: list[tuple[str, str]] = []
    with_average = []
    for row in rows:
        if row["scale"] == scale:
            so_far += [(value, str(row["weight"])) for value in row["values"]]
        after = average(scale, so_far)
        with_average.append({**row, "average": _text(after)})
    final = average(scale, so_far)
    return {
        "subject": subject,
        "scale": scale,
        "average": _text(final),
        "sum": shown(final, language),
        "count": len(final.terms),
        "marks": with_average,
    }


def _main_scale(rows: list[Row]) -> Any:
    scales = [row["scale"] for row in rows]
    return max(dict.fromkeys(scales), key=scales.count)


def _overall(subjects: list[Row]) -> Row:
    counted = [row for row in subjects if row["average"] is not None]
    if not counted:
        return {"average": None, "count": 0, "sum": ""}
    scale = _main_scale(counted)
    of_scale = [row for row in counted if row["scale"] == scale]
    mean = average("hundred", [(row["average"], "1") for row in of_scale])
    terms = " + ".join(row["average"] for row in of_scale)
    return {
        "average": _text(mean),
        "count": sum(row["count"] for row in of_scale),
        "sum": f"({terms}) / {len(of_scale)} = {_text(mean)}",
    }


def _text(found: Average) -> str | None:
    return None if found.average is None else f"{Decimal(found.average):.2f}"


def attendance(conn: Conn, pupil: UUID, first: date, last: date, moment: datetime | None = None) -> Row:
    """Day by day what the rolls say; lessons without a roll are not in it. Two lessons missed on a day are two."""
    rows = presences(conn, pupil, first, last, moment)
    subjects = _subjects(conn, rows, moment)
    days: dict[date, list[Row]] = defaultdict(list)
    for row in rows:
        days[row["on"]].append({**row, "subject": subjects.get(row["group_id"], "")})
    states = [row["state"] for row in rows]
    totals = {state: states.count(state) for state in ("present", "absent", "late")}
    return {
        "totals": {"lessons": len(rows), **totals},
        "days": [{"on": on, "lessons": day} for on, day in days.items()],
    }


CHANGED_MARKS = """
SELECT m.work_id, w.lesson_id, w.group_id, w.on_date AS "on", w.number, w.kind, w.criteria,
       m.given AS "values", m.points, m.at, m.epoch, m.sequence, m.trace
FROM diary_marks m JOIN diary_works w USING (work_id)
WHERE m.pupil_id = %s AND (m.epoch, m.sequence) > (%s, %s) AND NOT w.removed ORDER BY m.epoch, m.sequence
"""
CHANGED_PRESENCES = """
SELECT lesson_id, group_id, on_date AS "on", number, state, minutes, reason, at, epoch, sequence, trace
FROM diary_presences
WHERE pupil_id = %s AND (epoch, sequence) > (%s, %s) ORDER BY epoch, sequence
"""
REACHED = """
SELECT (SELECT (epoch, sequence)::text FROM (
            (SELECT epoch, sequence FROM diary_marks WHERE pupil_id = %(pupil)s
             ORDER BY epoch DESC, sequence DESC LIMIT 1)
            UNION ALL SELECT t.epoch, t.sequence FROM diary_term_grades g JOIN diary_terms t USING (school_id, term_id)
                      WHERE g.pupil_id = %(pupil)s
            UNION ALL SELECT g.epoch, g.sequence FROM diary_term_grades g JOIN diary_terms t USING (school_id, term_id)
                      WHERE g.pupil_id = %(pupil)s) AS told
        ORDER BY epoch DESC, sequence DESC LIMIT 1),
       (SELECT (epoch, sequence)::text FROM diary_presences WHERE pupil_id = %(pupil)s
        ORDER BY epoch DESC, sequence DESC LIMIT 1)
"""


@dataclass(frozen=True)
class Seen:
    """How far a page has seen: (epoch, sequence) in each source. All events of a pupil come in this order."""

    marks: tuple[int, int] = (0, 0)
    presences: tuple[int, int] = (0, 0)

    @staticmethod
    def read(text: str | None) -> "Seen | None":
        """From an SSE id; None for one that is not ours."""
        try:
            numbers = [int(n) for n in (text or "").split(".")]
        except ValueError:
            return None
        return Seen((numbers[0], numbers[1]), (numbers[2], numbers[3])) if len(numbers) == 4 else None

    def __str__(self) -> str:
        return ".".join(str(n) for n in (*self.marks, *self.presences))


def reached(conn: Conn, pupil: UUID) -> Seen:
    """The newest change of each kind that the pupil's page shows now."""
    row = conn.execute(REACHED, {"pupil": pupil}).fetchone() or (None, None)
    return Seen(*(_pair(text) for text in row))


def _pair(text: str | None) -> tuple[int, int]:
    if text is None:
        return (0, 0)
    epoch, sequence = text.strip("()").split(",")
    return int(epoch), int(sequence)


@dataclass(frozen=True)
class News:
    """What of a pupil changed: marks, presences, terms that say something else; and how far that is."""

    marks: list[Row]
    presences: list[Row]
    terms: list[Row]
    now: Seen

    def __iter__(self) -> Iterator[Row]:
        return iter([*self.marks, *self.presences, *self.terms])


def changes(conn: Conn, pupil: UUID, since: Seen) -> News:
    """What changed after `since`."""
    with conn.cursor(row_factory=dict_row) as cursor:
        marks_ = [by_criteria(row) for row in cursor.execute(CHANGED_MARKS, [pupil, *since.marks]).fetchall()]
        present = cursor.execute(CHANGED_PRESENCES, [pupil, *since.presences]).fetchall()
    terms_ = terms.changes(conn, pupil, since.marks)
    graded = max([since.marks, *((row["epoch"], row["sequence"]) for row in (*marks_[-1:], *terms_[-1:]))])
    attended = max([since.presences, *((row["epoch"], row["sequence"]) for row in present[-1:])])
    return News(marks_, present, terms_, Seen(graded, attended))


HISTORY = """
SELECT event_id, type, at, by_id AS by, group_id, pupil_id, before, after, reason, {shown} AS shown
FROM history_entries h WHERE object_id = %s ORDER BY at, event_id, part LIMIT 2000
""".replace("{shown}", terms.SHOWN.format(h="h"))


def history(conn: Conn, object_id: UUID) -> list[Row]:
    """Every change of a work or of a lesson's roll, oldest first. The caller asks the policy by the rows' group."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(HISTORY, [object_id]).fetchall()
    return in_history(rows)
