"""A work is one column of the journal: opened for a lesson, then marked, corrected, at last perhaps removed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from uuid import UUID

from services.grades.domain.criteria import read_criteria
from services.grades.domain.rule import Rule, read_weight
from shared.contracts import Event, Sealed, seal
from shared.contracts.grades import (
    MarkCorrected,
    MarkRemoved,
    MarksDrafted,
    MarksGiven,
    Points,
    PublicationPlanned,
    RuleSet,
    WorkChanged,
    WorkOpened,
    WorkPublished,
    WorkRemoved,
)
from shared.contracts.timetable import Lesson
from shared.errors import NotFound, Refused


class KindMissing(Refused):
    """Choose the kind of work."""

    code = "grades.kind-missing"
    ru = "Выберите вид работы."


class KindUnknown(Refused):
    """The school's rule has no kind of work “{kind}”. It has: {kinds}."""

    code = "grades.kind-unknown"
    ru = "В правиле школы нет вида работы «{kind}». Есть: {kinds}."


class OutsideTerm(Refused):
    """{on} is outside the terms of the school year. Check the date."""

    code = "grades.outside-term"
    ru = "{on:%d.%m.%Y} не входит в учебный год. Проверьте дату."


class NoSuchLesson(Refused):
    """The group has no lesson {number} on {on} by the timetable."""

    code = "grades.no-such-lesson"
    ru = "По расписанию у группы {on:%d.%m.%Y} нет урока № {number}."


class LessonIsCancelled(Refused):
    """Lesson {number} on {on} is cancelled."""

    code = "grades.lesson-cancelled"
    kind = "conflict"
    ru = "Урок № {number} {on:%d.%m.%Y} отменён."


class NotYourLesson(Refused):
    """You did not teach this group on {on}, nor stand in for its teacher."""

    code = "grades.not-your-lesson"
    kind = "forbidden"
    ru = "{on:%d.%m.%Y} вы не вели эту группу и не заменяли её учителя."


class TermLocked(Refused):
    """“{term}” is locked: its council has begun. Ask the school to open this group again, with a reason."""

    code = "grades.term-locked"
    kind = "conflict"
    ru = "«{term}» — закрыто: начался педсовет. Попросите школу открыть эту группу снова, с указанием причины."


class SameKindInLesson(Refused):
    """This lesson already has a work of this kind. Confirm if you mean a second one."""

    code = "grades.same-kind-in-lesson"
    kind = "conflict"
    ru = "У этого урока уже есть работа такого вида. Подтвердите, если нужна вторая."


class WorkIdTaken(Refused):
    """Something else already has this id."""

    code = "grades.work-id-taken"
    kind = "conflict"
    ru = "Этот идентификатор уже занят."


class DayHasTest(Refused):
    """Pupils of this group have a test on this day already: {tests}. Confirm if you mean another one."""

    code = "grades.day-has-test"
    kind = "conflict"
    ru = "В этот день у учеников группы уже есть контрольная: {tests}. Подтвердите, если нужна ещё одна."


class TitleTooLong(Refused):
    """A title has at most {most} characters, on one line."""

    code = "grades.title-too-long"
    ru = "В названии не больше {most} знаков, в одну строку."


class NoDraft(Refused):
    """This work is not a draft: its marks are seen already."""

    code = "grades.no-draft"
    kind = "conflict"
    ru = "Эта работа не черновик: её оценки уже видны."


class PublicationInPast(Refused):
    """It is {now} at the school: choose a later time."""

    code = "grades.publication-in-past"
    ru = "В школе сейчас {now}: выберите время позже."


class WorkHasMarks(Refused):
    """The work has marks. Remove them first, each with its reason."""

    code = "grades.work-has-marks"
    kind = "conflict"
    ru = "В работе есть оценки. Сначала снимите их, каждую с причиной."


HEAVY = frozenset({"test", "exam"})
"""Kinds of work of which a class has one a day."""


@dataclass(frozen=True, slots=True)
class Day:
    """What is known of the lesson when a decision is made; `on` is its day now, moved or not."""

    today: date
    """By the school's calendar."""
    on: date
    in_term: bool
    lesson: Lesson | None
    may_write: bool
    pupils: frozenset[UUID]
    tests: tuple[str, ...] = ()
    """What other groups of the same pupils have on this day that takes a whole lesson to write, in words."""
    locked: str | None = None
    """The name of the term that the day is in, if its council has begun and the group was not opened again."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in a cell; by criteria, with the points that its one value was made of."""

    values: tuple[str, ...]
    points: tuple[Points, ...] = ()
    due: date | None = None
    """The day by which what is missing is to be handed in."""

    def __str__(self) -> str:
        by_criteria = ", ".join(f"{one.code} {one.points}" for one in self.points)
        return "/".join(self.values) + (f" ({by_criteria})" if by_criteria else "")


@dataclass(frozen=True, slots=True)
class Work:
    """What decisions need: what was opened, its present kind and weight, the marks that stand now."""

    opened: WorkOpened | None = None
    kind: str = ""
    weight: str = ""
    removed: bool = False
    foreign: bool = False
    """The stream holds something that is no work."""
    marks: Mapping[UUID, Standing] = field(default_factory=dict)
    draft: bool = False
    """Not published yet."""
    drafts: Mapping[UUID, Standing] = field(default_factory=dict)
    """What stands in its cells until it is published."""
    planned: datetime | None = None
    """When that will be, by the school's clock; None: when somebody says so."""

    @property
    def column(self) -> WorkOpened:
        """What was opened. Raises NotFound if nothing was, or if it was removed."""
        if self.opened is None or self.removed:
            raise NotFound
        return self.opened


@dataclass(frozen=True, slots=True)
class OpenWork:
    work_id: UUID
    school_id: UUID
    group_id: UUID
    on: date
    number: int
    kind: str
    weight: str | None
    """None: as the rule says for the kind."""
    title: str
    confirmed: bool
    criteria: tuple[tuple[str, int], ...] = ()
    """Code as typed and most points, 1 to 100; none: a column of plain marks."""
    draft: bool = False


@dataclass(frozen=True, slots=True)
class ChangeWork:
    """All of the column's head as it is to be from now on."""

    kind: str
    weight: str | None
    """None: as the rule says for the kind."""
    title: str


def evolve(work: Work, event: Event) -> Work:
    match event:
        case WorkOpened(kind=kind, weight=weight):
            return replace(work, opened=event, kind=kind, weight=weight, draft=event.draft)
        case WorkChanged(kind=kind, weight=weight):
            return replace(work, kind=kind, weight=weight)
        case WorkRemoved():
            return replace(work, removed=True)
        case MarksDrafted(marks=drafted):
            stand = {**work.drafts, **{m.pupil_id: Standing(m.values, m.criteria, m.due) for m in drafted}}
            return replace(work, drafts={pupil: cell for pupil, cell in stand.items() if cell.values})
        case PublicationPlanned(on=on, time=hour):
            return replace(work, planned=datetime.combine(on, time.fromisoformat(hour)) if on and hour else None)
        case WorkPublished():
            return replace(work, draft=False, drafts={}, planned=None)
        case MarksGiven(marks=marks):
            given = {m.pupil_id: Standing(m.values, m.criteria, m.due) for m in marks}
            return replace(work, marks={**work.marks, **given})
        case MarkCorrected(pupil_id=pupil, after=after, after_criteria=points, due=due):
            return replace(work, marks={**work.marks, pupil: Standing(after, points, due)})
        case MarkRemoved(pupil_id=pupil):
            return replace(work, marks={p: v for p, v in work.marks.items() if p != pupil})
        case RuleSet():
            return replace(work, foreign=True)
    return work


def open_work(work: Work, command: OpenWork, day: Day, rule: Rule, same_kind: bool) -> list[Event]:
    """Open a column for a lesson. `same_kind`: the lesson has a work of this kind already."""
    lesson = _lesson(command, day)
    kind, weight = _kind(command.kind, command.weight, rule)
    opened = WorkOpened(
        work_id=command.work_id, school_id=command.school_id, group_id=command.group_id, lesson_id=lesson.id,
        on=lesson.on, number=lesson.number, kind=kind, weight=weight, scale=rule.scale, rule=rule.number,
        title=_title(command.school_id, command.title), criteria=read_criteria(command.criteria), draft=command.draft,
    )  # fmt: skip
    if work.opened is not None or work.foreign:
        if work.opened is not None and not work.removed and _same_head(work.opened, opened):
            return []
        raise WorkIdTaken("/work_id")
    if same_kind and not command.confirmed:
        raise SameKindInLesson("/kind")
    if kind in HEAVY and day.tests and not command.confirmed:
        raise DayHasTest("/kind", tests="; ".join(day.tests))
    return [opened]


def change_work(work: Work, command: ChangeWork, day: Day, rule: Rule, title: str) -> list[Event]:
    """Change kind, weight or title; `title` is the present one. The event carries the whole head."""
    column = work.column
    may_write(day)
    kind, weight = _kind(command.kind, command.weight, rule, keeps=work.kind)
    if (kind, weight, command.title.strip()) == (work.kind, work.weight, title):
        return []
    sealed = _title(column.school_id, command.title)
    return [WorkChanged(work_id=column.work_id, school_id=column.school_id, kind=kind, weight=weight, title=sealed)]


def remove_work(work: Work, day: Day) -> list[Event]:
    """Take a column without marks away. One that is gone already stays gone."""
    if work.opened is not None and work.removed:
        return []
    column = work.column
    may_write(day)
    if work.marks:
        raise WorkHasMarks
    return [WorkRemoved(work_id=column.work_id, school_id=column.school_id)]


def _lesson(command: OpenWork, day: Day) -> Lesson:
    if not day.in_term:
        raise OutsideTerm("/on", on=command.on)
    if day.lesson is None:
        raise NoSuchLesson("/number", on=command.on, number=command.number)
    if not day.may_write:
        raise NotYourLesson(on=command.on)
    if day.lesson.cancelled:
        raise LessonIsCancelled("/number", on=command.on, number=command.number)
    may_write(day)
    return day.lesson


def may_write(day: Day) -> None:
    """Raises NotYourLesson, TermLocked."""
    if not day.may_write:
        raise NotYourLesson(on=day.on)
    if day.locked is not None:
        raise TermLocked(term=day.locked)


def _kind(kind: str, weight: str | None, rule: Rule, keeps: str = "") -> tuple[str, str]:
    """Kind and weight, checked; a column keeps a kind that the school's rule has dropped since."""
    if not kind:
        raise KindMissing("/kind")
    by_rule = rule.weight_of(kind)
    if by_rule is None and kind != keeps:
        raise KindUnknown("/kind", kind=kind, kinds=", ".join(k.kind for k in rule.kinds))
    if weight is None or not weight.strip():
        return kind, by_rule or "1"
    return kind, read_weight(weight, "/weight")


def _title(school_id: UUID, typed: str) -> Sealed | None:
    title = typed.strip()
    if len(title) > 200 or not title.isprintable():
        raise TitleTooLong("/title", most=200)
    return seal(school_id, title) if title else None


def _same_head(one: WorkOpened, other: WorkOpened) -> bool:
    return one.model_copy(update={"title": None}) == other.model_copy(update={"title": None})
