"""Homework: what is to be done after a lesson, by which lesson, and how long it takes (H-01, B-18).

What is decided of it, beside the other differences of a lesson, and its view.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from services.lessons.domain import LessonIsCancelled, NoSuchLesson, Place
from shared.contracts import Event, seal
from shared.contracts.envelope import Received
from shared.contracts.lessons import HomeworkSet
from shared.contracts.timetable import Lesson
from shared.errors import Refused
from shared.postgres import Conn

EVENING = time(18)
"""Whoever learns of it after this hour of the day before has no evening left for it."""
AHEAD = timedelta(days=120)
"""How far on the lesson by which it is due is looked for: beyond the longest holidays of a year of study."""
NORMS = {1: 60, 2: 90, 3: 90, 4: 120, 5: 120, 6: 150, 7: 150, 8: 150, 9: 210, 10: 210, 11: 210}
"""Minutes of homework of all subjects for one day, by year of study: SanPiN 1.2.3685-21, table 6.6."""
MOST = max(NORMS.values())
"""The norm of a group whose years the roster does not say."""


class TaskMissing(Refused):
    """Write what is to be done, or say that nothing is."""

    code = "lessons.task-missing"
    ru = "Напишите задание или укажите, что не задано."


class DueNotLater(Refused):
    """Homework is due by a later lesson than the one after which it is done."""

    code = "lessons.due-not-later"
    ru = "Срок задания — более поздний урок, чем тот, на котором оно задано."


class NoNextLesson(Refused):
    """The timetable has no later lesson of this group: there is nothing to set homework for."""

    code = "lessons.no-next-lesson"
    kind = "conflict"
    ru = "Дальше в расписании нет уроков этой группы: задавать не к чему."


class MuchHomework(Refused):
    """With this pupils have {minutes} min of homework for {on:%d.%m.%Y} ({others}); the norm is {norm}. Confirm it."""

    code = "lessons.much-homework"
    kind = "conflict"
    ru = (
        "Вместе с этим на {on:%d.%m.%Y} задано {minutes} мин ({others}), а норма — {norm}. Подтвердите, если так нужно."
    )


@dataclass(frozen=True)
class Homework:
    """What stands. No task: the teacher said that nothing is to be done."""

    task: str | None
    due_on: date | None
    due_number: int | None
    minutes: int | None
    written_on: date
    written_at: str
    late: bool


@dataclass(frozen=True)
class Wanted:
    """What the teacher says. No `due`: by the group's next lesson. `confirmed`: though it is much."""

    task: str | None
    minutes: int | None
    due: tuple[date, int] | None
    confirmed: bool


@dataclass(frozen=True)
class Load:
    """What the busiest pupil of the group has to do for a day beside this: minutes, and of which subjects."""

    minutes: int = 0
    subjects: tuple[str, ...] = ()


def due_of(place: Place, wanted: Wanted, later: Sequence[Lesson]) -> tuple[date, int]:
    """Day and number, in the timetable, of the lesson by which it is due. `later`: the group's lessons in order.

    Raises DueNotLater, NoSuchLesson, NoNextLesson.
    """
    after = (place.on, place.number)
    taking_place = [_planned(one) for one in later if not one.cancelled and _planned(one) > after]
    if wanted.due is None:
        if not taking_place:
            raise NoNextLesson("/due")
        return taking_place[0]
    if wanted.due <= after:
        raise DueNotLater("/due")
    if wanted.due not in taking_place:
        raise NoSuchLesson("/due")
    return wanted.due


def _planned(lesson: Lesson) -> tuple[date, int]:
    return lesson.moved_from or (lesson.on, lesson.number)


def norm(grades: Iterable[str]) -> int:
    """Minutes a day that a group's youngest may have; of a group of unknown years those of the oldest.

    >>> norm(["05", "6"]), norm(["PR"]), norm([])
    (120, 210, 210)
    """
    years = [int(grade) for grade in grades if grade.isdecimal()]
    return min((NORMS.get(year, MOST) for year in years), default=MOST)


def set_none(place: Place, cancelled: bool, known: Homework | None, now: datetime) -> list[Event]:
    """Nothing is to be done. `now`: the school's local time."""
    if known and known.task is None:
        return []
    if cancelled and known is None:
        raise LessonIsCancelled()
    return [HomeworkSet(**place.named(), **_written(now), late=False)]


def set_task(
    place: Place,
    cancelled: bool,
    known: Homework | None,
    wanted: Wanted,
    due: tuple[date, int],
    day: tuple[Load, int],
    now: datetime,
) -> list[Event]:
    """`day`: what the busiest pupil has beside this for the day it is due, and the norm. `now`: the school's time.

    Whoever changes only the minutes does not make it late. Raises TaskMissing, LessonIsCancelled, MuchHomework.
    """
    task = (wanted.task or "").strip()
    if not task:
        raise TaskMissing("/task")
    same = known is not None and (known.task, known.due_on, known.due_number) == (task, *due)
    if known and same and known.minutes == wanted.minutes:
        return []
    if cancelled:
        raise LessonIsCancelled()
    load, most = day
    whole = load.minutes + (wanted.minutes or 0)
    if wanted.minutes and whole > most and not wanted.confirmed:
        others = ", ".join(load.subjects) or "—"
        raise MuchHomework("/minutes", minutes=whole, on=due[0], others=others, norm=most)
    written = {"written_on": known.written_on, "written_at": known.written_at} if known and same else _written(now)
    late = known.late if known and same else now >= datetime.combine(due[0] - timedelta(days=1), EVENING)
    said = {"task": seal(place.school_id, task), "due_on": due[0], "due_number": due[1], "minutes": wanted.minutes}
    return [HomeworkSet(**place.named(), **said, **written, late=late)]


def _written(now: datetime) -> dict[str, Any]:
    return {"written_on": now.date(), "written_at": now.strftime("%H:%M")}


SET = """
INSERT INTO homework
    (lesson_id, school_id, group_id, task, due_on, due_number, minutes, written_on, written_at, late)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (lesson_id) DO UPDATE SET
    task = excluded.task, due_on = excluded.due_on, due_number = excluded.due_number, minutes = excluded.minutes,
    written_on = excluded.written_on, written_at = excluded.written_at, late = excluded.late
"""
OF_LESSONS = """
SELECT lesson_id, task, due_on, due_number, minutes, written_on, written_at, late
FROM homework WHERE lesson_id = ANY (%s)
"""
# of the pupils who learn in the group on the day, the one with the most minutes of other groups' homework
LOAD = """
SELECT sum(h.minutes) AS minutes, array_agg(g.subject || ' ' || h.minutes ORDER BY g.subject, h.lesson_id)
FROM homework h JOIN access_groups g USING (group_id)
JOIN access_members m ON m.group_id = h.group_id AND h.due_on BETWEEN m.starts AND m.ends
WHERE h.school_id = %(school)s AND h.due_on = %(on)s AND h.lesson_id <> %(lesson)s AND h.minutes IS NOT NULL
  AND m.person_id IN (SELECT person_id FROM access_members
                      WHERE group_id = %(group)s AND %(on)s BETWEEN starts AND ends)
GROUP BY m.person_id ORDER BY minutes DESC, m.person_id LIMIT 1
"""
GRADES = "SELECT grades FROM access_groups WHERE group_id = %s"
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def apply(conn: Conn, received: Sequence[Received]) -> None:
    for one in received:
        if isinstance(one.event, HomeworkSet):
            h = one.event
            due = (h.due_on, h.due_number, h.minutes)
            written = (h.written_on, h.written_at, h.late)
            task = h.task and (h.task.text or "")
            conn.execute(SET, [h.lesson_id, h.school_id, h.group_id, task, *due, *written])


def of_lessons(conn: Conn, lessons: Sequence[UUID]) -> dict[UUID, Homework]:
    """What is to be done after each of these lessons, as far as something was said."""
    rows = conn.execute(OF_LESSONS, [list(lessons)])
    return {lesson: Homework(*said) for lesson, *said in rows}


def day_of(conn: Conn, place: Place, on: date) -> tuple[Load, int]:
    """What the busiest pupil of the group has for the day beside this lesson's homework, and the group's norm.

    Two teachers who set homework of one school for one day wait for each other.
    """
    conn.execute(ONE_AT_A_TIME, [f"{place.school_id}/homework/{on}"])
    asked = {"school": place.school_id, "on": on, "lesson": place.lesson_id, "group": place.group_id}
    row = conn.execute(LOAD, asked).fetchone()
    grades = conn.execute(GRADES, [place.group_id]).fetchone()
    return Load(row[0], tuple(row[1])) if row else Load(), norm(grades[0] if grades else ())
