"""The rule by which a lesson exists: timetable, holidays and what differs on a day. Pure; every reader uses it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID

from shared.contracts.lessons import (
    Bell,
    Cycle,
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


@dataclass(frozen=True)
class Bells:
    """When lessons begin and end at a school: on every day, and on single days differently."""

    every_day: Mapping[int, Bell] = field(default_factory=dict)
    days: Mapping[date, Mapping[int, Bell]] = field(default_factory=dict)

    def at(self, on: date, number: int) -> Bell | None:
        """None: the plan has no lesson of that number."""
        return self.days.get(on, {}).get(number) or self.every_day.get(number)


def holiday_on(holidays: Iterable[Holiday], on: date, groups: Collection[UUID] = ()) -> str | None:
    """What the calendar shows of a day without lessons: of the whole school, or of all of these groups."""
    for one in holidays:
        if one.starts <= on <= one.ends and (not one.groups or (groups and set(groups) <= set(one.groups))):
            return one.title
    return None


def in_force(timetables: Iterable[TimetableSet], on: date) -> TimetableSet | None:
    """The timetable of the day: among those that hold, the one that began last (of equals, the last given)."""
    held = [t for t in timetables if t.starts <= on <= t.ends]
    return max(reversed(held), key=lambda t: t.starts) if held else None


def week_of(anchor: date, on: date) -> str:
    """A or B, counted in whole weeks from the anchor's Monday, before it too."""
    monday = anchor - timedelta(days=anchor.weekday())
    return "AB"[((on - monday).days // 7) % 2]


def day_of(cycle: Cycle, anchor: date, holidays: Iterable[Holiday], on: date) -> int | None:
    """Which day of the cycle it is, from 1; None where there are no lessons.

    Days of lessons are counted one after another from the anchor, which is the first or stands before it.
    """
    free = [h for h in holidays if not h.groups]
    if not _teaches(cycle, free, on):
        return None
    if on >= anchor:
        passed = sum(_teaches(cycle, free, day) for day in _between(anchor, on)) - 1
    else:
        passed = -sum(_teaches(cycle, free, day) for day in _between(on, anchor - timedelta(days=1)))
    return passed % cycle.days + 1


def planned(timetable: TimetableSet, holidays: list[Holiday], on: date) -> Iterator[Slot]:
    """The slots that meet on the day; `holidays`: of a timetable with a cycle all since its anchor."""
    free = [h for h in holidays if h.starts <= on <= h.ends]
    if any(not h.groups for h in free):
        return
    away = {group for h in free for group in h.groups}
    cycle, week = timetable.cycle, week_of(timetable.anchor, on)
    day = day_of(cycle, timetable.anchor, holidays, on) if cycle else None
    if cycle and day is None:
        return
    for slot in timetable.slots:
        meets = slot.day == day if cycle else slot.weekday == on.isoweekday() and slot.week in ("every", week)
        if meets and slot.starts <= on <= slot.ends and slot.group_id not in away:
            yield slot


def _teaches(cycle: Cycle, free: Iterable[Holiday], on: date) -> bool:
    return on.isoweekday() in cycle.weekdays and not any(h.starts <= on <= h.ends for h in free)


def _between(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


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
    changes: dict[UUID, list[Exception_]] = {}
    for change in exceptions:
        changes.setdefault(change.lesson_id, []).append(change)
    stand = (as_changed(lesson, changes.get(id_, ())) for id_, lesson in lessons.items())
    inside = (lesson for lesson in stand if first <= lesson.on <= last)
    return sorted(inside, key=lambda lesson: (lesson.on, lesson.number, lesson.group_id))


def as_changed(planned: Lesson, changes: Iterable[Exception_]) -> Lesson:
    """A lesson of the timetable as it stands after these changes of it, in their order."""
    lesson = planned
    for change in changes:
        lesson = _changed(lesson, change, planned)
    return lesson


def _days(first: date, last: date, exceptions: Iterable[Exception_]) -> set[date]:
    moved = (e for e in exceptions if isinstance(e, LessonMoved))
    return set(_between(first, last)) | {e.on for e in moved if first <= e.to_date <= last}


def _of_day(timetables: list[TimetableSet], holidays: list[Holiday], on: date) -> Iterator[Lesson]:
    if (timetable := in_force(timetables, on)) is None:
        return
    for slot in planned(timetable, holidays, on):
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
