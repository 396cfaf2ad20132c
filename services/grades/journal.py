"""The journal's page: columns, cells with what stood before, averages with their sums; and who may see it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, Field

from services.grades import terms_views, views
from services.grades.domain.rule import Rule
from services.grades.views import Box, ChangeRow, Columns, MarkRow, WorkRow
from shared import access, readings, timetable
from shared.clock import Calendar
from shared.contracts import Json, Sealed, averages
from shared.contracts.averages import plain
from shared.contracts.grades import Bound, Criterion, KindOfWork, Retakes, Scale
from shared.errors import NotAllowed, NotFound, Refused
from shared.postgres import Conn, Pool, scoped
from shared.sealed import KeyRing, NoAnswer
from shared.sealed.boxes import text_of
from shared.web.auth import Caller
from shared.web.language import Language

LONGEST = 400
"""Days of one page at most."""

FOR_SUBSTITUTES = 31
"""Days of a page that a substitute may see: it must hold a lesson that he gives instead."""


class RangeWrong(Refused):
    """The last day must not be before the first, nor more than {most} days after it."""

    code = "grades.range-wrong"
    ru = "Последний день не может быть раньше первого и дальше него, чем на {most} дней."


class Scored(BaseModel):
    code: str
    points: int
    most: int = Field(description="what the criterion is worth")


class Was(BaseModel):
    values: list[str] = Field(description="what stood in the cell")
    criteria: list[Scored] = Field(description="the points it was made of; none for a plain mark or a code")
    reason: str | None = Field(description="why it was changed; none if it was erased, or its key is out of reach")
    retake: list[str] = Field(description="the mark of the retake that changed it; none: it was a correction")
    at: datetime = Field(description="when it was changed")
    by: UUID = Field(description="who changed it")


class MarkOut(BaseModel):
    pupil_id: UUID
    values: list[str] = Field(description="what stands; empty after a removal")
    criteria: list[Scored] = Field(description="the points it is made of; none for a plain mark or a code")
    comment: str | None
    recommendation: str | None = Field(description="what the teacher advises to do next")
    due: date | None = Field(description="with a dot: by when it is to be handed in")
    by: UUID = Field(description="who gave it, or changed it last")
    at: datetime
    was: list[Was] = Field(description="what stood before, oldest first")


class WorkOut(BaseModel):
    work_id: UUID
    lesson_id: UUID
    on: date
    number: int
    kind: str
    weight: str
    scale: Scale
    rule: int
    criteria: list[Criterion] = Field(description="its marks are made of points by these; none: plain marks")
    title: str | None
    draft: bool = Field(description="families do not see it yet; its marks may be replaced without a reason")
    planned: datetime | None = Field(description="when the draft will be published, by the school's clock")
    version: int
    marks: list[MarkOut]


class Term(BaseModel):
    value: str = Field(description="the mark as it is written")
    points: str = Field(description="what it counts: itself, or a letter's points")
    weight: str


class AverageOut(BaseModel):
    """An average that opens to its own calculation; decimals are text with a point."""

    scale: Scale
    average: str | None = Field(description="rounded half up to 0.01; none when nothing counts")
    count: int = Field(description="how many marks count")
    sum: str = Field(description="the calculation in words: 5×2 + 4×1 = 14; 14 / 3 = 4,67")
    terms: list[Term]
    weighted_sum: str
    weights: str


class PupilAverage(AverageOut):
    others: list[AverageOut] = Field(description="of marks in other scales, if the school changed its scale meanwhile")


class RuleOut(BaseModel):
    rule: int
    scale: Scale
    kinds: list[KindOfWork]
    bounds: list[Bound] = Field(description="which share of the points each mark begins at; none on hundred points")
    retakes: Retakes = Field(description="what counts after a retake")


class LockedOut(BaseModel):
    title: str = Field(description="the term whose council has begun")
    first: date
    last: date


class Journal(BaseModel):
    rule: RuleOut
    works: list[WorkOut]
    averages: dict[UUID, PupilAverage]
    locked: list[LockedOut] = Field(description="days in which nothing changes any more")
    texts: bool = Field(description="false: the key ring does not answer, so comments and reasons are left out")


Texts = dict[Box, str | None]


def rule_out(rule: Rule) -> RuleOut:
    measure = {"kinds": list(rule.kinds), "bounds": list(rule.measure), "retakes": rule.retakes}
    return RuleOut.model_validate({"rule": rule.number, "scale": rule.scale, **measure}, from_attributes=True)


def of_staff(conn: Conn, by: Caller, school: UUID, calendar: Calendar) -> date:
    """The day at the school, for its staff. Raises NotFound: a teacher elsewhere whose child learns here is none."""
    today = calendar.today(access.zone_of(conn, school))
    if school not in by.schools_as("teacher") and not access.may_see_school(conn, by.person_id, school, today):
        raise NotFound()
    return today


def journal(
    pool: Pool, ring: KeyRing, calendar: Calendar, by: Caller, group: UUID, first: date, last: date, language: Language
) -> Journal:
    """The group's journal from `first` to `last`. Raises RangeWrong, NotFound, NotAllowed."""
    if not 0 <= (last - first).days <= LONGEST:
        raise RangeWrong("last", most=LONGEST)
    with pool.connection() as conn, scoped(conn, by.scope):
        school = access.school_of_group(conn, group)
        if school is None:
            raise NotFound("group_id")
        today = calendar.today(access.zone_of(conn, school))
        if not _may_read(conn, by, today, group, first, last):
            raise NotAllowed
        readings.record(conn, by, group, school, today)
        rule = views.rule(conn, school)
        columns = views.columns(conn, group, first, last)
        locked = terms_views.all_locked(conn, school, group, first, last)
    texts = opened(ring, columns.boxes())
    works = _works(columns, texts or {})
    return Journal(
        rule=rule_out(rule), works=works, averages=_averages(works, language), texts=texts is not None,
        locked=[LockedOut.model_validate(one, from_attributes=True) for one in locked],
    )  # fmt: skip


def _may_read(conn: Conn, by: Caller, today: date, group: UUID, first: date, last: date) -> bool:
    """The school's staff, who teaches the group now or then, who stands in for its teacher in one of the lessons."""
    if any(access.may_see_group(conn, by.person_id, group, day) for day in sorted({today, first, last})):
        return True
    if (last - first).days > FOR_SUBSTITUTES:
        return False
    return any(
        lesson.substituted and lesson.teacher_id == by.person_id
        for lesson in timetable.lessons(conn, [group], first, last)
    )


def opened(ring: KeyRing, boxes: Iterable[Box]) -> Texts | None:
    """Opened with one look-up of keys; None when the ring does not answer: marks are shown all the same."""
    wanted = set(boxes)
    try:
        keys = ring.keys({box.owner_id for box in wanted}, create=False) if wanted else {}
        return {b: text_of(keys, Sealed(owner_id=b.owner_id, box=b.box), b.event_id, b.path) for b in wanted}
    except NoAnswer:
        return None


def _works(columns: Columns, texts: Texts) -> list[WorkOut]:
    cells: defaultdict[UUID, list[MarkRow]] = defaultdict(list)
    changes: defaultdict[tuple[UUID, UUID], list[ChangeRow]] = defaultdict(list)
    for mark in columns.marks:
        cells[mark.work_id].append(mark)
    for change in columns.changes:
        changes[change.work_id, change.pupil_id].append(change)
    found = []
    for work in columns.works:
        marks = [_mark(work, mark, changes[work.work_id, mark.pupil_id], texts) for mark in cells[work.work_id]]
        found.append(_work(work, marks, texts))
    return found


def _work(work: WorkRow, marks: list[MarkOut], texts: Texts) -> WorkOut:
    criteria = [Criterion(**criterion) for criterion in work.criteria]
    return WorkOut(
        work_id=work.work_id, lesson_id=work.lesson_id, on=work.on, number=work.number, kind=work.kind,
        weight=work.weight, scale=work.scale, rule=work.rule, criteria=criteria, title=_text(work.title, texts),
        draft=work.draft, planned=work.planned, version=work.version, marks=marks,
    )  # fmt: skip


def _mark(work: WorkRow, mark: MarkRow, changes: list[ChangeRow], texts: Texts) -> MarkOut:
    was = [
        Was(
            values=c.before, criteria=_scored(work, c.points), reason=_text(c.reason, texts),
            retake=c.retake, at=c.changed_at, by=c.changed_by,
        )
        for c in changes
    ]  # fmt: skip
    return MarkOut(
        pupil_id=mark.pupil_id, values=mark.cell, criteria=_scored(work, mark.points),
        comment=_text(mark.comment, texts), recommendation=_text(mark.recommendation, texts), due=mark.due,
        by=mark.given_by, at=mark.given_at, was=was,
    )  # fmt: skip


def _scored(work: WorkRow, points: list[Json]) -> list[Scored]:
    most = {criterion["code"]: criterion["most"] for criterion in work.criteria}
    return [Scored(**one, most=most[one["code"]]) for one in points]


def _text(box: Box | None, texts: Texts) -> str | None:
    return texts.get(box) if box else None


def _averages(works: list[WorkOut], language: Language) -> dict[UUID, PupilAverage]:
    """Each pupil's average in the scale of the newest column, and beside it those in scales used earlier."""
    marks: defaultdict[UUID, defaultdict[Scale, list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for work in works:
        for mark in work.marks if not work.draft else ():
            marks[mark.pupil_id][work.scale] += [(value, work.weight) for value in mark.values]
    found = {}
    for pupil, by_scale in marks.items():
        newest = works[-1].scale
        counted = {
            scale: average_out(averages.average(scale, by_scale[scale]), language) for scale in {newest, *by_scale}
        }
        main = counted.pop(newest)
        others = [counted[scale] for scale in sorted(counted)]
        found[pupil] = PupilAverage(**main.model_dump(), others=others)
    return found


def average_out(made: averages.Average, language: Language) -> AverageOut:
    return AverageOut(
        scale=made.scale,
        average=_written(made.average),
        count=len(made.terms),
        sum=averages.shown(made, language),
        terms=[Term(value=t.value, points=plain(t.points), weight=plain(t.weight)) for t in made.terms],
        weighted_sum=plain(made.weighted_sum),
        weights=plain(made.weights),
    )


def _written(number: Decimal | None) -> str | None:
    return None if number is None else str(number)
