"""Works (columns of the journal), marks and the rule they are averaged by. Written by the grades service."""

from datetime import date
from operator import not_
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from shared.contracts import Code, Event, Json, Part, Sealed, contract, upcast

Value = Annotated[
    str,
    Field(pattern=r"^[0-9]{1,3}([.][0-9]{1,2})?$|^[A-F][+-]?$|^(pass|fail|exempt|not-attested|missing)$"),
]
"""A mark as the work's scale writes it. No marks are `exempt` («осв»), `not-attested` («н/а»), `missing` («точка»)."""

Weight = Annotated[str, Field(pattern=r"^[0-9]{1,2}([.][0-9]{1,2})?$")]
Scale = Literal["five", "hundred", "letters", "pass"]

CriterionCode = Annotated[str, Field(pattern=r"^[A-ZК][0-9]{0,2}$")]
"""What a criterion is called: a Latin capital or the Cyrillic «К», then at most two digits: A, B, К1."""


class KindOfWork(Part):
    kind: Code = Field(description="for example lesson, homework, quiz, test, project, exam")
    weight: Weight = Field(description="how much a mark of it counts, 0 to 99.99")


class Bound(Part):
    value: Value = Field(description="a mark of the rule's scale")
    percent: int = Field(ge=0, le=100, description="it begins at this share of the points, in per cent, inclusive")


class Criterion(Part):
    code: CriterionCode = Field(description="its name, one of its kind in the work")
    most: int = Field(ge=1, le=100, description="the points it is worth")


class Points(Part):
    code: CriterionCode = Field(description="the criterion")
    points: int = Field(ge=0, le=100, description="reached, at most what the criterion is worth")


# an empty one is not written: events without criteria keep the bytes they had before there were any
Reached = Annotated[tuple[Points, ...], Field(max_length=12, exclude_if=not_)]


@contract("diary.grades.rule-set.v1")
class RuleSet(Event):
    """The school adopted a scale, kinds of work and their weights. Rules are numbered and kept for ever."""

    school_id: UUID = Field(description="the school")
    rule: int = Field(ge=1, description="its number, without gaps; 1 is the built-in rule, the first set is 2")
    scale: Scale = Field(description="five (1 to 5), hundred (0 to 100 and extra credit), letters (A to F), pass")
    kinds: tuple[KindOfWork, ...] = Field(description="the kinds a work may have")
    bounds: Annotated[tuple[Bound, ...], Field(max_length=13, exclude_if=not_)] = Field(
        (), description="marks made of points, from the best down to 0 per cent; none: the scale's own"
    )


@contract("diary.grades.work-opened.v1")
class WorkOpened(Event):
    """A teacher opened a column of the journal for a lesson."""

    work_id: UUID = Field(description="the column")
    school_id: UUID = Field(description="the school")
    group_id: UUID = Field(description="the group")
    lesson_id: UUID = Field(description="the lesson it belongs to")
    on: date = Field(description="the lesson's day")
    number: int = Field(ge=0, le=15, description="the lesson's number")
    kind: Code = Field(description="kind of control")
    weight: Weight = Field(description="how much a mark counts")
    scale: Scale = Field(description="the scale its marks are written in")
    rule: int = Field(ge=1, description="the school's rule in force")
    title: Sealed | None = Field(None, description="what the teacher calls it; sealed with the school's key")
    criteria: Annotated[tuple[Criterion, ...], Field(max_length=12, exclude_if=not_)] = Field(
        (), description="its marks are made of points by these, for ever; none: plain marks"
    )


@contract("diary.grades.work-changed.v1")
class WorkChanged(Event):
    """Kind, weight or title of a column became another; all three are told. The scale of a column never changes."""

    work_id: UUID = Field(description="the column")
    school_id: UUID = Field(description="the school")
    kind: Code = Field(description="kind of control")
    weight: Weight = Field(description="how much a mark counts")
    title: Sealed | None = Field(None, description="its title now, none for no title; sealed with the school's key")


@contract("diary.grades.work-removed.v1")
class WorkRemoved(Event):
    """A column without marks was taken away."""

    work_id: UUID = Field(description="the column")
    school_id: UUID = Field(description="the school")


class Mark(Part):
    pupil_id: UUID = Field(description="whose")
    values: tuple[Value, ...] = Field(min_length=1, max_length=4, description="one mark, or several as in 4/5")
    comment: Sealed | None = Field(None, description="the teacher's words to it; sealed with the pupil's key")
    criteria: Reached = Field((), description="the points its one value was computed from, by the work's rule")


@contract("diary.grades.marks-given.v2")
class MarksGiven(Event):
    """A teacher saved one column of the journal: one entry for each pupil marked."""

    work_id: UUID = Field(description="the column")
    school_id: UUID = Field(description="the school")
    marks: tuple[Mark, ...] = Field(min_length=1, description="one for each pupil")


@upcast("diary.grades.marks-given.v1", "diary.grades.marks-given.v2")
def _several_marks_in_one_cell(v1: Json) -> Json:
    marks = [{**{k: v for k, v in m.items() if k != "value"}, "values": [m["value"]]} for m in v1["marks"]]
    return {**v1, "marks": marks}


@contract("diary.grades.mark-corrected.v1")
class MarkCorrected(Event):
    """A mark became another; the first stays readable."""

    work_id: UUID = Field(description="the column")
    school_id: UUID = Field(description="the school")
    pupil_id: UUID = Field(description="whose")
    before: tuple[Value, ...] = Field(min_length=1, max_length=4, description="what it was")
    after: tuple[Value, ...] = Field(min_length=1, max_length=4, description="what it is")
    reason: Sealed = Field(description="why; sealed with the pupil's key")
    before_criteria: Reached = Field((), description="the points it was made of, if any")
    after_criteria: Reached = Field((), description="the points it is made of, if any")


@contract("diary.grades.mark-removed.v1")
class MarkRemoved(Event):
    """A mark was taken back; what it was stays readable."""

    work_id: UUID = Field(description="the column")
    school_id: UUID = Field(description="the school")
    pupil_id: UUID = Field(description="whose")
    before: tuple[Value, ...] = Field(min_length=1, max_length=4, description="what it was")
    reason: Sealed = Field(description="why; sealed with the pupil's key")
    before_criteria: Reached = Field((), description="the points it was made of, if any")
