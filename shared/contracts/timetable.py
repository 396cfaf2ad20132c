"""The rule by which a lesson exists: timetable, holidays and what differs on a day. Pure; every reader uses it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from shared.contracts.lessons import (
    Holiday,
    LessonCancelled,
    LessonMoved,
    LessonRestored,
    LessonSubstituted,
    Slot,
    TimetableSet,
)
from shared.contracts.lessons import lesson_id as id_of

Exception_ = LessonCancelled | LessonMoved | LessonSubstituted | LessonRestored


@dataclass(frozen=True, slots=True)
class Lesson:
    """One meeting of a group. `on` and `number` say when it takes place; `id` stays that of the timetable."""

    id: UUID
    group_id: UUID
    on: date
    number: int
    room: str | None
    teacher_id: UUID | None
    cancelled: bool = False
    moved_from: tuple[date, int] | None = None
    substituted: bool = False
    instead_of: UUID | None = None
    """Of one substituted: whom its slot names; none: whoever teaches the group on the day."""
    room_was: str | None = None
    """Of one moved into another room: that of its slot."""


def in_force(timetables: Iterable[TimetableSet], on: date) -> TimetableSet | None:
    """The timetable of the day: among those that hold, the one that began last (of equals, the last given)."""
    held = [t for t in timetables if t.starts <= on <= t.ends]
    return max(reversed(held), key=lambda t: t.starts) if held else None


def week_of(anchor: date, on: date) -> str:
    """A or B, counted in whole weeks from the anchor's Monday, before it too."""
    monday = anchor - timedelta(days=anchor.weekday())
    return "AB"[((on - monday).days // 7) % 2]


def planned(timetable: TimetableSet, on: date) -> Iterator[Slot]:
    """The slots that meet on the day, holidays not yet considered."""
    week = week_of(timetable.anchor, on)
    for slot in timetable.slots:
        if slot.weekday == on.isoweekday() and slot.week in ("every", week) and slot.starts <= on <= slot.ends:
            yield slot


def lessons_between(
    timetables: list[TimetableSet],
    holidays: list[Holiday],
    exceptions: list[Exception_],
    first: date,
    last: date,
) -> list[Lesson]:
    """All lessons that take place, or were to take place and were cancelled, from `first` to `last`, both included.

    In order of day, number, group. A lesson moved to a day in the range is in it, one moved out of it is not.
    """
    lessons = {
        lesson.id: lesson for day in _days(first, last, exceptions) for lesson in _of_day(timetables, holidays, day)
    }
    planned_ = dict(lessons)
    for change in exceptions:
        if (lesson := lessons.get(change.lesson_id)) is not None:
            lessons[change.lesson_id] = _changed(lesson, change, planned_[lesson.id])
    inside = (lesson for lesson in lessons.values() if first <= lesson.on <= last)
    return sorted(inside, key=lambda lesson: (lesson.on, lesson.number, lesson.group_id))


def _days(first: date, last: date, exceptions: Iterable[Exception_]) -> set[date]:
    days = {first + timedelta(days=n) for n in range((last - first).days + 1)}
    return days | {e.on for e in exceptions if isinstance(e, LessonMoved) and first <= e.to_date <= last}


def _of_day(timetables: list[TimetableSet], holidays: list[Holiday], on: date) -> Iterator[Lesson]:
    if any(h.starts <= on <= h.ends for h in holidays) or (timetable := in_force(timetables, on)) is None:
        return
    for slot in planned(timetable, on):
        yield Lesson(id_of(slot.group_id, on, slot.number), slot.group_id, on, slot.number, slot.room, slot.teacher_id)


def _changed(lesson: Lesson, change: Exception_, planned: Lesson) -> Lesson:
    match change:
        case LessonCancelled():
            return replace(lesson, cancelled=True)
        case LessonMoved():
            was = lesson.moved_from or (lesson.on, lesson.number)
            room = change.room or planned.room
            left = planned.room if room != planned.room else None
            return replace(lesson, on=change.to_date, number=change.to_number, room=room, moved_from=was, room_was=left)
        case LessonSubstituted():
            return replace(lesson, teacher_id=change.teacher_id, substituted=True, instead_of=planned.teacher_id)
        case LessonRestored():
            return planned
