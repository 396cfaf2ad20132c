"""The pages of terms: where a school stands with each, which groups lack grades, and one group's list with its sums."""

from collections import defaultdict
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.grades import terms_views, views
from services.grades.domain.terms import Stage, proposed, sheet_stream
from services.grades.journal import AverageOut, average_out, of_staff, opened
from services.grades.terms_commands import Of, may_write, term_of
from services.grades.terms_views import ChangeRow, GradeRow, GroupRow, TermRow
from services.grades.views import Box
from shared import access, readings
from shared.clock import Calendar
from shared.contracts import averages
from shared.contracts.averages import Average
from shared.contracts.grades import Scale
from shared.errors import NotAllowed, NotFound
from shared.postgres import Pool, scoped
from shared.sealed import KeyRing
from shared.web.auth import Caller
from shared.web.language import Language


class TermOut(BaseModel):
    term_id: UUID
    year_id: UUID = Field(description="its school year; its own id for a year")
    parent_id: UUID | None = Field(description="of a marking period: the term it is in")
    kind: str = Field(description="term, period, year")
    title: str
    starts: date
    ends: date
    stage: Stage = Field(description="open; council: locked; published: locked, and families see the grades")
    by: UUID | None = Field(description="who brought it there")
    at: datetime | None


class Terms(BaseModel):
    today: date = Field(description="at the school")
    terms: list[TermOut] = Field(description="by their last day; a year after its terms")


class Asked(BaseModel):
    """Somebody waits for a locked group to be opened again."""

    by: UUID
    at: datetime
    reason: str | None = Field(description="none if it was erased, or its key is out of reach")


class GroupOut(BaseModel):
    group_id: UUID
    title: str
    subject: str
    pupils: int
    given: int = Field(description="how many of them have a grade")
    missing: int = Field(description="how many are still expected: none where nothing was marked in the term")
    reopened: bool = Field(description="it may be changed though the council has begun")
    asked: Asked | None


class Groups(BaseModel):
    term: TermOut
    groups: list[GroupOut]


class GradeWas(BaseModel):
    value: str
    reason: str | None
    by: UUID
    at: datetime


class PupilOut(BaseModel):
    pupil_id: UUID
    average: AverageOut = Field(description="of the marks of the term, or of a year the grades of its terms")
    proposed: str | None = Field(description="the grade it is nearest to; none when nothing counts")
    value: str | None = Field(description="the grade given; none: none yet, or taken back")
    by: UUID | None
    at: datetime | None
    was: list[GradeWas] = Field(description="what stood since the council began, oldest first")


class SheetOut(BaseModel):
    sheet_id: UUID = Field(description="its object in the audit journal")
    term: TermOut
    school_id: UUID
    group_id: UUID
    title: str
    subject: str
    scale: Scale
    may_write: bool = Field(description="for the one who asks, by his place: whether it is open stands in the others")
    reopened: bool
    asked: Asked | None
    pupils: list[PupilOut]


def of_school(pool: Pool, by: Caller, calendar: Calendar, school: UUID) -> Terms:
    """The school's terms, for its staff. Raises NotFound."""
    with pool.connection() as conn, scoped(conn, by.scope):
        today = of_staff(conn, by, school, calendar)
        return Terms(today=today, terms=[_term(row) for row in terms_views.terms(conn, school)])


def groups(pool: Pool, ring: KeyRing, calendar: Calendar, by: Caller, school: UUID, term: UUID) -> Groups:
    """The school's groups in a term; a teacher gets his own. Raises NotFound."""
    with pool.connection() as conn, scoped(conn, by.scope):
        today = of_staff(conn, by, school, calendar)
        row = term_of(conn, school, term)
        teacher = None if access.may_see_school(conn, by.person_id, school, today) else by.person_id
        found = terms_views.groups(conn, school, row.session, today, teacher=teacher)
    texts = opened(ring, [box for group in found if (box := _reason(school, group))])
    return Groups(term=_term(row), groups=[_group(school, group, texts or {}) for group in found])


def sheet(pool: Pool, ring: KeyRing, calendar: Calendar, by: Caller, of: Of, language: Language) -> SheetOut:
    """A group's list of a term. Raises NotFound, NotAllowed to all but its teachers and who runs the school."""
    with pool.connection() as conn, scoped(conn, by.scope):
        school = access.school_of_group(conn, of.group_id)
        if school is None:
            raise NotFound("/group_id")
        row = term_of(conn, school, of.term_id)
        today = calendar.today(access.zone_of(conn, school))
        group = next(iter(terms_views.groups(conn, school, row.session, today, of.group_id)), None)
        if group is None:
            raise NotFound("/group_id")
        days = {today, group.on}
        if not any(access.may_see_group(conn, by.person_id, of.group_id, day) for day in days):
            raise NotAllowed
        readings.record(conn, by, of.group_id, school, today)
        scale = views.rule(conn, school).scale
        given, changes = terms_views.grades(conn, sheet_stream(of.group_id, of.term_id))
        pupils = sorted({*group.pupils, *(one.pupil_id for one in given if one.value)})
        made = terms_views.averages(conn, row.session, of.group_id, pupils, scale)
        writes = may_write(conn, by, school, of.group_id, days)
    boxes = [_why(change) for change in changes] + [box for box in [_reason(school, group)] if box]
    texts = opened(ring, boxes) or {}
    stands = {one.pupil_id: one for one in given}
    was: defaultdict[UUID, list[GradeWas]] = defaultdict(list)
    for change in changes:
        reason = texts.get(_why(change))
        was[change.pupil_id].append(
            GradeWas(value=change.before, reason=reason, by=change.changed_by, at=change.changed_at)
        )
    nothing = averages.average(scale, [])
    return SheetOut(
        sheet_id=sheet_stream(of.group_id, of.term_id), term=_term(row), school_id=school, group_id=of.group_id,
        title=group.title,
        subject=group.subject, scale=scale, may_write=writes, reopened=group.reopened,
        asked=_asked(school, group, texts),
        pupils=[_pupil(p, made.get(p, nothing), stands.get(p), was[p], language) for p in pupils],
    )  # fmt: skip


def _pupil(pupil: UUID, made: Average, stands: GradeRow | None, was: list[GradeWas], language: Language) -> PupilOut:
    return PupilOut(
        pupil_id=pupil, average=average_out(made, language), proposed=proposed(made),
        value=stands and stands.value, by=stands and stands.given_by, at=stands and stands.given_at, was=was,
    )  # fmt: skip


def _term(row: TermRow) -> TermOut:
    return TermOut.model_validate(row, from_attributes=True)


def _group(school: UUID, row: GroupRow, texts: dict[Box, str | None]) -> GroupOut:
    return GroupOut(
        group_id=row.group_id, title=row.title, subject=row.subject, pupils=len(row.pupils),
        given=len(set(row.given) & set(row.pupils)), missing=row.missing, reopened=row.reopened,
        asked=_asked(school, row, texts),
    )  # fmt: skip


def _asked(school: UUID, row: GroupRow, texts: dict[Box, str | None]) -> Asked | None:
    box = _reason(school, row)
    if box is None or row.asked_by is None or row.asked_at is None:
        return None
    return Asked(by=row.asked_by, at=row.asked_at, reason=texts.get(box))


def _reason(school: UUID, row: GroupRow) -> Box | None:
    if row.reason_box is None or row.reason_event is None:
        return None
    return Box(school, row.reason_box, row.reason_event, "reason")


def _why(change: ChangeRow) -> Box:
    return Box(change.pupil_id, change.reason_box, change.reason_event, "reason")
