"""Marks of one work: given by the column, corrected and removed one by one; what stood before is never lost."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, TypeVar
from uuid import UUID

from services.grades.domain.bounds import Bounds, value_of
from services.grades.domain.criteria import read_points, share
from services.grades.domain.retakes import after_retake, read_due
from services.grades.domain.scales import read_cell, read_codes
from services.grades.domain.texts import reason as needed
from services.grades.domain.texts import text
from services.grades.domain.work import Day, NoDraft, PublicationInPast, Standing, Work, may_write
from shared.contracts import Event, Sealed, seal
from shared.contracts.grades import (
    DraftMark,
    Mark,
    MarkCorrected,
    MarkRemoved,
    MarksDrafted,
    MarksGiven,
    PublicationPlanned,
    Retakes,
    WorkOpened,
    WorkPublished,
)
from shared.errors import Refused, SeveralRefused


class ValueOrCriteria(Refused):
    """Give a mark or points by criteria: one of the two."""

    code = "grades.value-or-criteria"
    ru = "Укажите оценку или баллы по критериям — что-то одно."


class NoCriteriaHere(Refused):
    """This work has no criteria: give a plain mark."""

    code = "grades.no-criteria-here"
    ru = "У этой работы нет критериев: поставьте обычную оценку."


class NothingToMark(Refused):
    """There is no mark in what was sent."""

    code = "grades.nothing-to-mark"
    ru = "В присланном нет ни одной оценки."


class MarkInFuture(Refused):
    """The lesson is on {on}: no mark can be given before its day."""

    code = "grades.mark-in-future"
    ru = "Урок будет {on:%d.%m.%Y}: оценку нельзя поставить раньше его дня."


class PupilNotInClass(Refused):
    """The pupil was not in this group on {on}."""

    code = "grades.pupil-not-in-class"
    ru = "{on:%d.%m.%Y} этот ученик не числился в группе."


class PupilTwice(Refused):
    """This pupil is named twice in one save."""

    code = "grades.pupil-twice"
    ru = "Этот ученик указан дважды в одном сохранении."


class AlreadyMarked(Refused):
    """The pupil already has a mark here: {values}. Correct it, with a reason."""

    code = "grades.already-marked"
    kind = "conflict"
    ru = "У ученика здесь уже стоит оценка: {values}. Исправьте её с указанием причины."


class CommentComesWithMark(Refused):
    """The mark already stands; a comment is given together with its mark."""

    code = "grades.comment-comes-with-mark"
    kind = "conflict"
    ru = "Оценка уже стоит; комментарий пишут вместе с оценкой."


class MarkChanged(Refused):
    """Another mark stands here by now: {values}. Look at it before you change it."""

    code = "grades.mark-changed"
    kind = "conflict"
    ru = "Здесь уже стоит другая оценка: {values}. Посмотрите на неё, прежде чем менять."


class NoMarkToChange(Refused):
    """The pupil has no mark in this work."""

    code = "grades.no-mark"
    kind = "conflict"
    ru = "У ученика нет оценки за эту работу."


@dataclass(frozen=True, slots=True)
class Cell:
    """One of `text` and `points` is there."""

    pupil_id: UUID
    text: str | None
    comment: str = ""
    points: Mapping[str, str] | None = None
    """Criterion → points, as typed."""
    due: date | None = None
    seen: tuple[str, ...] | None = None
    """Of a correction: what stood when it was written, values or points by criteria; None: whatever stands."""
    recommendation: str = ""


class Words(NamedTuple):
    """What a teacher writes with a mark."""

    comment: str = ""
    recommendation: str = ""


def give_marks(work: Work, cells: tuple[Cell, ...], day: Day, bounds: Bounds = ()) -> list[Event]:
    """Save marks of one column, all or none; every cell that cannot be saved is named.

    A pupil who has the very same mark is passed over. In a draft what stands is replaced, an empty text takes it back.
    `bounds`: of the rule that the column was opened by.
    """
    column = work.column
    _may_mark(day)
    if not cells:
        raise NothingToMark("/marks")
    place = {"work_id": column.work_id, "school_id": column.school_id}
    if work.draft:
        drafts = _each(cells, lambda cell, at: _draft(work, column, cell, day, bounds, at))
        return [MarksDrafted(**place, marks=drafts)] if drafts else []
    marks = _each(cells, lambda cell, at: _mark(work, column, cell, day, bounds, at))
    return [MarksGiven(**place, marks=marks)] if marks else []


def publish(work: Work, words: Mapping[UUID, Words], day: Day) -> list[Event]:
    """Show a draft column to families: its marks are given now. `words`: those to them, by pupil.

    A pupil who has left the group since keeps no mark. Raises NoDraft.
    """
    column = work.column
    _may_mark(day)
    if not work.draft:
        raise NoDraft
    place = {"work_id": column.work_id, "school_id": column.school_id}
    marks = tuple(
        Mark(
            pupil_id=pupil, values=cell.values, criteria=cell.points, due=cell.due,
            **_sealed(pupil, words.get(pupil, Words())),
        )
        for pupil, cell in work.drafts.items()
        if pupil in day.pupils
    )  # fmt: skip
    published = WorkPublished(**place)
    return [published, MarksGiven(**place, marks=marks)] if marks else [published]


def _sealed(pupil: UUID, words: Words) -> dict[str, Sealed]:
    return {name: seal(pupil, said) for name, said in words._asdict().items() if said}


def plan_publication(work: Work, at: datetime | None, now: datetime, day: Day) -> list[Event]:
    """Publish at that time of the school's clock, or at none. `now`: what it shows.

    Raises NoDraft, PublicationInPast.
    """
    column = work.column
    _may_mark(day)
    if not work.draft:
        raise NoDraft
    if at is not None and at <= now:
        raise PublicationInPast("/at", now=f"{now:%d.%m.%Y %H:%M}")
    if at == work.planned:
        return []
    place = {"work_id": column.work_id, "school_id": column.school_id}
    if at is None:
        return [PublicationPlanned(**place)]
    return [PublicationPlanned(**place, on=at.date(), time=f"{at:%H:%M}")]


def publish_as_planned(work: Work, planned: datetime, words: Mapping[UUID, Words], day: Day) -> list[Event]:
    """What was planned for this time; nothing if it is another by now. What cannot be published is called off."""
    if not work.draft or work.planned != planned:
        return []
    try:
        return publish(work, words, day)
    except Refused:
        return [PublicationPlanned(work_id=work.column.work_id, school_id=work.column.school_id)]


T = TypeVar("T")


def _each(cells: tuple[Cell, ...], read: Callable[[Cell, str], T | None]) -> tuple[T, ...]:
    """What each cell means; None is passed over. Raises all that is wrong, none of a pupil twice."""
    found: list[T] = []
    wrong: list[Refused] = []
    for i, cell in enumerate(cells):
        try:
            if cell.pupil_id in (earlier.pupil_id for earlier in cells[:i]):
                raise PupilTwice(f"/marks/{i}/pupil_id")
            if (one := read(cell, f"/marks/{i}")) is not None:
                found.append(one)
        except SeveralRefused as refusal:
            wrong.extend(refusal.refusals)
        except Refused as refusal:
            wrong.append(refusal)
    if wrong:
        raise wrong[0] if len(wrong) == 1 else SeveralRefused(wrong)
    return tuple(found)


def correct_mark(
    work: Work, cell: Cell, reason: str, day: Day, bounds: Bounds = (), retakes: Retakes | None = None
) -> list[Event]:
    """Put another mark in the place of one that stands; the earlier one is kept in the event.

    `retakes`: it is the mark of a retake, and this is the school's rule for what counts then.
    """
    column = work.column
    _may_mark(day)
    if (before := work.marks.get(cell.pupil_id)) is None:
        raise NoMarkToChange("/pupil_id")
    typed = _read(column, cell, bounds, "", day.on)
    if typed == before and retakes is None:
        return []
    _was_seen(before, cell.seen, "/value" if cell.points is None else "/criteria")
    after = after_retake(retakes, column.scale, before, typed) if retakes else typed
    why = needed(cell.pupil_id, reason)
    return [
        MarkCorrected(
            work_id=column.work_id, school_id=column.school_id, pupil_id=cell.pupil_id,
            before=before.values, after=after.values, reason=why,
            before_criteria=before.points, after_criteria=after.points, due=after.due,
            retake=typed.values if retakes else (),
        )
    ]  # fmt: skip


def remove_mark(work: Work, pupil_id: UUID, reason: str, day: Day, seen: tuple[str, ...] | None = None) -> list[Event]:
    """Take a mark back; what it was is kept in the event. `seen` as of a Cell."""
    column = work.column
    _may_mark(day)
    if (before := work.marks.get(pupil_id)) is None:
        raise NoMarkToChange("/pupil_id")
    _was_seen(before, seen, "/pupil_id")
    why = needed(pupil_id, reason)
    return [
        MarkRemoved(
            work_id=column.work_id, school_id=column.school_id, pupil_id=pupil_id, before=before.values, reason=why,
            before_criteria=before.points,
        )
    ]  # fmt: skip


def _was_seen(before: Standing, seen: tuple[str, ...] | None, at: str) -> None:
    """Raises MarkChanged where another mark stands by now: nobody replaces what he has not seen."""
    stood = tuple(str(one.points) for one in before.points) or before.values
    if seen is not None and seen != stood:
        raise MarkChanged(at, values=str(before))


def _may_mark(day: Day) -> None:
    may_write(day)
    if day.on > day.today:
        raise MarkInFuture(on=day.on)


def _mark(work: Work, column: WorkOpened, cell: Cell, day: Day, bounds: Bounds, at: str) -> Mark | None:
    if cell.pupil_id not in day.pupils:
        raise PupilNotInClass(f"{at}/pupil_id", on=day.on)
    typed = _read(column, cell, bounds, at, day.on)
    words = _words(cell, at)
    if (stands := work.marks.get(cell.pupil_id)) is not None:
        if stands != typed:
            raise AlreadyMarked(f"{at}/value" if cell.points is None else f"{at}/criteria", values=str(stands))
        if words:
            raise CommentComesWithMark(f"{at}/{next(iter(words))}")
        return None
    return Mark(pupil_id=cell.pupil_id, values=typed.values, criteria=typed.points, due=typed.due, **words)


def _draft(work: Work, column: WorkOpened, cell: Cell, day: Day, bounds: Bounds, at: str) -> DraftMark | None:
    if cell.pupil_id not in day.pupils:
        raise PupilNotInClass(f"{at}/pupil_id", on=day.on)
    stands = work.drafts.get(cell.pupil_id)
    if cell.points is None and cell.text is not None and not cell.text.strip():
        return DraftMark(pupil_id=cell.pupil_id, values=()) if stands else None
    typed = _read(column, cell, bounds, at, day.on)
    words = _words(cell, at)
    if stands == typed and not words:
        return None
    return DraftMark(pupil_id=cell.pupil_id, values=typed.values, criteria=typed.points, due=typed.due, **words)


def _words(cell: Cell, at: str) -> dict[str, Sealed]:
    """Raises TextTooLong."""
    said = {name: text(cell.pupil_id, getattr(cell, name), f"{at}/{name}") for name in Words._fields}
    return {name: sealed for name, sealed in said.items() if sealed is not None}


def _read(column: WorkOpened, cell: Cell, bounds: Bounds, at: str, on: date) -> Standing:
    """What is typed means in this column: plain marks, codes, or points and the value they make."""
    if cell.points is None and cell.text is not None:
        plain = read_codes(cell.text, f"{at}/value") if column.criteria else None
        values = plain or read_cell(cell.text, column.scale, f"{at}/value")
        return Standing(values, due=read_due(values, cell.due, on, f"{at}/due"))
    if cell.points is None or cell.text is not None:
        raise ValueOrCriteria(at)
    if not column.criteria:
        raise NoCriteriaHere(f"{at}/criteria")
    points = read_points(cell.points, column.criteria, f"{at}/criteria")
    return Standing((value_of(share(points, column.criteria), column.scale, bounds),), points)
