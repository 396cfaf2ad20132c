"""What the lessons service decides. Pure.

Three kinds of stream: a school's plan (bells, holidays, timetables), one lesson's differences from its rule, and a
person's addresses for calendar applications.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from shared.contracts import Event, Sealed
from shared.contracts.lessons import (
    BellsSet,
    CalendarShared,
    CalendarWithdrawn,
    HolidaysSet,
    LessonCancelled,
    LessonMoved,
    LessonRestored,
    LessonSubstituted,
    TimetableSet,
    TopicWritten,
)
from shared.errors import NotFound, Refused


class NoSuchLesson(Refused):
    """The timetable has no such lesson: wrong day or number, or a holiday."""

    code = "lessons.no-such-lesson"
    kind = "missing"
    ru = "Такого урока нет в расписании: другой день или номер, либо каникулы."


class LessonIsCancelled(Refused):
    """The lesson is cancelled."""

    code = "lessons.cancelled"
    kind = "conflict"
    ru = "Урок отменён."


class SlotTaken(Refused):
    """The class already has a lesson number {number} on {on}."""

    code = "lessons.slot-taken"
    kind = "conflict"
    ru = "У класса уже есть урок № {number} в этот день ({on})."


class OnHoliday(Refused):
    """{on} is a day without lessons: {title}."""

    code = "lessons.on-holiday"
    ru = "{on} уроков нет: {title}."


class NoSuchBell(Refused):
    """The bell plan has no lesson number {number}."""

    code = "lessons.no-such-bell"
    ru = "В расписании звонков нет урока № {number}."


class OutsideTimetable(Refused):
    """No timetable is in force on {on}."""

    code = "lessons.outside-timetable"
    ru = "На {on} нет действующего расписания."


class NotATeacher(Refused):
    """This person is no teacher of the school on that day."""

    code = "lessons.not-a-teacher"
    ru = "В этот день этот человек не работает учителем в школе."


class TooEarly(Refused):
    """Lessons up to {today} may have records: a changed timetable begins after it at the earliest."""

    code = "lessons.too-early"
    kind = "conflict"
    ru = "К урокам по {today} уже могут быть записи: новое расписание начинает действовать не раньше следующего дня."


@dataclass(frozen=True)
class Plan:
    """What a school's stream has said: the timetables in the order of saying, the last bells and holidays."""

    timetables: tuple[TimetableSet, ...] = ()
    bells: BellsSet | None = None
    holidays: HolidaysSet | None = None


def plan_evolved(plan: Plan, event: Event) -> Plan:
    match event:
        case TimetableSet():
            return replace(plan, timetables=(*plan.timetables, event))
        case BellsSet():
            return replace(plan, bells=event)
        case HolidaysSet():
            return replace(plan, holidays=event)
    return plan


def set_bells(plan: Plan, wanted: BellsSet) -> list[Event]:
    """The whole bell plan."""
    return [] if plan.bells == wanted else [wanted]


def set_holidays(plan: Plan, wanted: HolidaysSet) -> list[Event]:
    """All days without lessons."""
    return [] if plan.holidays == wanted or (plan.holidays is None and not wanted.holidays) else [wanted]


def set_timetable(
    plan: Plan, wanted: TimetableSet, today: date, starts: date | None, anchored: bool = False
) -> list[Event]:
    """The whole timetable. The first holds from its own first day; a changed one only from a later day on.

    `today` is the school's date: what was taught up to it may have records. `starts` is when the change is wished to
    begin, tomorrow if nothing is said. It never begins before its own first slot, nor before an earlier-said timetable
    that is still to come, which it replaces. Its weeks or days are counted on as before unless it is `anchored` by the
    school's word, or goes by another cycle. Raises TooEarly.
    """
    if not plan.timetables:
        return [wanted]
    last = plan.timetables[-1]
    anchor = wanted.anchor if anchored or wanted.cycle != last.cycle else last.anchor
    if (wanted.slots, wanted.ends, wanted.cycle, anchor) == (last.slots, last.ends, last.cycle, last.anchor):
        return []
    if starts is not None and starts <= today:
        raise TooEarly(at="/starts", today=today)
    begins = max(starts or today + timedelta(days=1), wanted.starts, max(t.starts for t in plan.timetables))
    return [wanted.model_copy(update={"starts": begins, "ends": max(wanted.ends, begins), "anchor": anchor})]


@dataclass(frozen=True)
class Place:
    """A lesson as the timetable has it."""

    lesson_id: UUID
    school_id: UUID
    group_id: UUID
    on: date
    number: int

    def named(self) -> dict[str, object]:
        """The fields by which every event names its lesson."""
        ids = {"lesson_id": self.lesson_id, "school_id": self.school_id, "group_id": self.group_id}
        return {**ids, "on": self.on, "number": self.number}


@dataclass(frozen=True)
class Differs:
    """What is different about one lesson."""

    cancelled: bool = False
    moved: tuple[date, int, str | None] | None = None
    substitute: UUID | None = None


def differs(state: Differs, event: Event) -> Differs:
    match event:
        case LessonCancelled():
            return replace(state, cancelled=True)
        case LessonMoved():
            return replace(state, moved=(event.to_date, event.to_number, event.room))
        case LessonSubstituted():
            return replace(state, substitute=event.teacher_id)
        case LessonRestored():
            return Differs()
    return state


def cancel(state: Differs, lesson: Place, reason: Sealed | None) -> list[Event]:
    if state.cancelled:
        return []
    return [LessonCancelled(**lesson.named(), reason=reason)]


@dataclass(frozen=True)
class Target:
    """Where a lesson is moved to, with what the school's plan says of it."""

    on: date
    number: int
    room: str | None
    taken: bool
    holiday: str | None
    in_force: bool
    bell: bool


def move(state: Differs, lesson: Place, to: Target) -> list[Event]:
    """Raises LessonIsCancelled, OutsideTimetable, OnHoliday, NoSuchBell, SlotTaken."""
    if state.cancelled:
        raise LessonIsCancelled()
    if state.moved == (to.on, to.number, to.room):
        return []
    if not to.in_force:
        raise OutsideTimetable(at="/to_date", on=to.on)
    if to.holiday is not None:
        raise OnHoliday(at="/to_date", on=to.on, title=to.holiday)
    if not to.bell:
        raise NoSuchBell(at="/to_number", number=to.number)
    if to.taken:
        raise SlotTaken(at="/to_number", on=to.on, number=to.number)
    moved = LessonMoved(**lesson.named(), to_date=to.on, to_number=to.number, room=to.room)
    return [moved]


def substitute(state: Differs, lesson: Place, teacher_id: UUID, is_teacher: bool) -> list[Event]:
    """Raises LessonIsCancelled, NotATeacher."""
    if state.cancelled:
        raise LessonIsCancelled()
    if state.substitute == teacher_id:
        return []
    if not is_teacher:
        raise NotATeacher(at="/teacher_id")
    return [LessonSubstituted(**lesson.named(), teacher_id=teacher_id)]


def restore(state: Differs, lesson: Place, taken: bool) -> list[Event]:
    """Everything different about the lesson no longer holds. `taken`: the class has another lesson there by now.

    Raises SlotTaken.
    """
    if state == Differs():
        return []
    if taken:
        raise SlotTaken(on=lesson.on, number=lesson.number)
    return [LessonRestored(**lesson.named())]


def write_topic(state: Differs, lesson: Place, known: str | None, topic: Sealed) -> list[Event]:
    """`known` is the topic as it stands. Raises LessonIsCancelled."""
    if known == topic.text:
        return []
    if state.cancelled:
        raise LessonIsCancelled()
    return [TopicWritten(**lesson.named(), topic=topic)]


MOST = 10
"""Calendar addresses of a person."""


class TooManyCalendars(Refused):
    """You have {most} calendar addresses. Withdraw one that you do not need."""

    code = "lessons.too-many-calendars"
    kind = "conflict"
    ru = "У вас уже {most} адресов для календаря. Отзовите тот, который не нужен."


class CalendarKnown(Refused):
    """This address exists already, or did. Make another."""

    code = "lessons.calendar-known"
    kind = "conflict"
    ru = "Такой адрес уже есть или был. Создайте другой."


@dataclass(frozen=True)
class Calendars:
    """A person's addresses, those withdrawn too."""

    shared: frozenset[UUID] = frozenset()
    withdrawn: frozenset[UUID] = frozenset()


def calendars_evolved(state: Calendars, event: Event) -> Calendars:
    match event:
        case CalendarShared(calendar_id=id_):
            return Calendars(state.shared | {id_}, state.withdrawn)
        case CalendarWithdrawn(calendar_id=id_):
            return Calendars(state.shared - {id_}, state.withdrawn | {id_})
    return state


def share_calendar(state: Calendars, wanted: CalendarShared) -> list[Event]:
    """Raises TooManyCalendars, CalendarKnown."""
    if wanted.calendar_id in state.shared | state.withdrawn:
        raise CalendarKnown()
    if len(state.shared) >= MOST:
        raise TooManyCalendars(most=MOST)
    return [wanted]


def withdraw_calendar(state: Calendars, person: UUID, calendar_id: UUID) -> list[Event]:
    """Raises NotFound."""
    if calendar_id not in state.shared | state.withdrawn:
        raise NotFound()
    return [CalendarWithdrawn(calendar_id=calendar_id, person_id=person)] if calendar_id in state.shared else []
