"""Bells, timetables, holidays, and what differs from them on a day. Written by the lessons service.

A lesson exists by rule: it needs no event, and its id follows from group, date and number (`lesson_id`).
`shared.contracts.timetable` has the rule that every reader applies.
"""

from datetime import date
from operator import not_
from typing import Annotated, Literal
from uuid import UUID, uuid5

from pydantic import Field

from shared.contracts import Event, Part, Sealed, Title, contract

Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Number = Annotated[int, Field(ge=0, le=15)]


def lesson_id(group_id: UUID, on: date, number: int) -> UUID:
    """The id of the group's lesson with that number in that day's bell plan. Guessable: access never rests on it."""
    return uuid5(group_id, f"{on.isoformat()}/{number}")


class Bell(Part):
    number: Number = Field(description="which lesson of the day")
    starts: Clock = Field(description="school's local time")
    ends: Clock = Field(description="school's local time")


class BellsOfDay(Part):
    on: date = Field(description="the day, for example a shortened one")
    bells: tuple[Bell, ...] = Field(description="in order of their number; other numbers ring as on every day")


@contract("diary.lessons.bells-set.v1")
class BellsSet(Event):
    """The school's bell plan."""

    school_id: UUID = Field(description="the school")
    bells: tuple[Bell, ...] = Field(description="in order of their number")
    days: Annotated[tuple[BellsOfDay, ...], Field(exclude_if=not_)] = Field(
        (), description="days on which other bells ring, in their order"
    )


class Slot(Part):
    group_id: UUID = Field(description="the group that meets")
    weekday: int = Field(ge=1, le=7, description="Monday is 1")
    number: Number = Field(description="which lesson of the day")
    week: Literal["every", "A", "B"] = Field("every", description="in which weeks of a two-week cycle")
    room: Title | None = Field(None, description="where; none means the group's usual room")
    teacher_id: UUID | None = Field(None, description="who; none means whoever teaches the group on the day")
    starts: date = Field(description="first day it holds")
    ends: date = Field(description="last day it holds")
    day: Annotated[int | None, Field(ge=1, le=20, exclude_if=lambda value: value is None)] = Field(
        None, description="of a timetable with a cycle: on which of its days, whatever the weekday"
    )


class Cycle(Part):
    days: int = Field(ge=2, le=20, description="how many days of lessons it has before it begins anew")
    weekdays: tuple[Annotated[int, Field(ge=1, le=7)], ...] = Field(
        min_length=1, description="on which weekdays there are lessons; holidays of the whole school are not counted"
    )


@contract("diary.lessons.timetable-set.v1")
class TimetableSet(Event):
    """The school's whole timetable from a day on. It replaces the earlier one from that day, never before it."""

    school_id: UUID = Field(description="the school")
    starts: date = Field(description="first day it holds")
    ends: date = Field(description="last day it holds")
    anchor: date = Field(description="a Monday of a week A; of a cycle its first day")
    slots: tuple[Slot, ...] = Field(description="every meeting of every group")
    cycle: Annotated[Cycle | None, Field(exclude_if=lambda value: value is None)] = Field(
        None, description="lessons go by days counted one after another; none: by weekdays"
    )


class Holiday(Part):
    starts: date = Field(description="first day without lessons")
    ends: date = Field(description="last day without lessons")
    title: Title = Field(description="what the calendar shows")
    groups: Annotated[tuple[UUID, ...], Field(exclude_if=not_)] = Field(
        (), description="whose days they are, for example those of the first forms; none: the whole school's"
    )


@contract("diary.lessons.holidays-set.v1")
class HolidaysSet(Event):
    """All days without lessons of a school's year."""

    school_id: UUID = Field(description="the school")
    holidays: tuple[Holiday, ...] = Field(description="in order of their first day")


@contract("diary.lessons.lesson-cancelled.v1")
class LessonCancelled(Event):
    """A lesson of the timetable does not take place."""

    lesson_id: UUID = Field(description="the lesson")
    school_id: UUID = Field(description="the school")
    group_id: UUID = Field(description="the group")
    on: date = Field(description="its day")
    number: Number = Field(description="its number")
    reason: Sealed | None = Field(None, description="why, in the office's words; sealed with the school's key")


@contract("diary.lessons.lesson-moved.v1")
class LessonMoved(Event):
    """A lesson takes place at another time or in another room. Its id stays that of the timetable."""

    lesson_id: UUID = Field(description="the lesson")
    school_id: UUID = Field(description="the school")
    group_id: UUID = Field(description="the group")
    on: date = Field(description="its day in the timetable")
    number: Number = Field(description="its number in the timetable")
    to_date: date = Field(description="its day now")
    to_number: Number = Field(description="its number now")
    room: Title | None = Field(None, description="where now; none means as before")


@contract("diary.lessons.lesson-substituted.v1")
class LessonSubstituted(Event):
    """Another teacher gives the lesson."""

    lesson_id: UUID = Field(description="the lesson")
    school_id: UUID = Field(description="the school")
    group_id: UUID = Field(description="the group")
    on: date = Field(description="its day in the timetable")
    number: Number = Field(description="its number in the timetable")
    teacher_id: UUID = Field(description="who gives it instead")


@contract("diary.lessons.lesson-restored.v1")
class LessonRestored(Event):
    """A lesson takes place as the timetable has it after all: nothing is different about it any more."""

    lesson_id: UUID = Field(description="the lesson")
    school_id: UUID = Field(description="the school")
    group_id: UUID = Field(description="the group")
    on: date = Field(description="its day")
    number: Number = Field(description="its number")


@contract("diary.lessons.topic-written.v1")
class TopicWritten(Event):
    """The teacher wrote what the lesson is about."""

    lesson_id: UUID = Field(description="the lesson")
    school_id: UUID = Field(description="the school")
    group_id: UUID = Field(description="the group")
    on: date = Field(description="its day in the timetable")
    number: Number = Field(description="its number in the timetable")
    topic: Sealed = Field(description="sealed with the school's key")


Minutes = Annotated[int, Field(ge=1, le=240)]


@contract("diary.lessons.homework-set.v1")
class HomeworkSet(Event):
    """The teacher said what is to be done at home after a lesson, or that nothing is. The last word holds."""

    lesson_id: UUID = Field(description="the lesson after which it is to be done")
    school_id: UUID = Field(description="the school")
    group_id: UUID = Field(description="the group")
    on: date = Field(description="the lesson's day in the timetable")
    number: Number = Field(description="its number in the timetable")
    task: Sealed | None = Field(None, description="what is to be done, sealed with the school's key; none: nothing is")
    due_on: date | None = Field(None, description="day in the timetable of the group's lesson by which it is done")
    due_number: Number | None = Field(None, description="number in the timetable of that lesson")
    minutes: Minutes | None = Field(None, description="how long it takes, as the teacher reckons")
    written_on: date = Field(description="the school's day on which the teacher said so")
    written_at: Clock = Field(description="the school's time of that day")
    late: bool = Field(description="whether the evening before the day it is due had begun by then")


Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


@contract("diary.lessons.calendar-shared.v1", key="person_id")
class CalendarShared(Event):
    """From now on a timetable can be read by a person's calendar application, at an address that only he knows."""

    calendar_id: UUID = Field(description="this address; the person may have several")
    person_id: UUID = Field(description="whose address: what he may see, and no more, is read there")
    about_id: UUID = Field(description="whose lessons: his own, or a child's")
    secret_hash: Hash = Field(description="SHA-256 of the address's secret part, which is stored nowhere")


@contract("diary.lessons.calendar-withdrawn.v1", key="person_id")
class CalendarWithdrawn(Event):
    """Nothing is read at the address any more."""

    calendar_id: UUID = Field(description="the address")
    person_id: UUID = Field(description="whose it was")


@contract("diary.lessons.template-kept.v1", key="person_id")
class TemplateKept(Event):
    """A teacher keeps topics of lessons in their order, to write them into journals; those of before are replaced."""

    template_id: UUID = Field(description="the template")
    person_id: UUID = Field(description="whose; nobody else sees it")
    title: Sealed = Field(description="what he calls it; sealed with his key")
    topics: Sealed = Field(description="one a line, in order; sealed with his key")


@contract("diary.lessons.template-removed.v1", key="person_id")
class TemplateRemoved(Event):
    """A teacher keeps it no more."""

    template_id: UUID = Field(description="the template")
    person_id: UUID = Field(description="whose it was")
