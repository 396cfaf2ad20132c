"""Works (columns of the journal), marks, the rule they are averaged by, and grades of terms. Written by grades."""

from datetime import date
from operator import not_
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from shared.contracts import Code, Event, Json, Part, Sealed, Title, contract, upcast

Value = Annotated[
    str,
    Field(pattern=r"^[0-9]{1,3}([.][0-9]{1,2})?$|^[A-F][+-]?$|^(pass|fail|exempt|not-attested|missing)$"),
]
"""A mark as the work's scale writes it. No marks are `exempt` («осв»), `not-attested` («н/а»), `missing` («точка»)."""

Weight = Annotated[str, Field(pattern=r"^[0-9]{1,2}([.][0-9]{1,2})?$")]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Decimals = Annotated[str, Field(pattern=r"^[0-9]{1,3}[.][0-9]{2}$")]
"""An average, rounded half up to 0.01."""

Scale = Literal["five", "hundred", "letters", "pass"]

CriterionCode = Annotated[str, Field(pattern=r"^[A-ZК][0-9]{0,2}$")]
"""What a criterion is called: a Latin capital or the Cyrillic «К», then at most two digits: A, B, К1."""


Retakes = Literal["replace", "best", "both"]
"""What counts after a retake: the new mark, the better of the two, or both."""


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


# what is not there is not written: events of before there were any keep their bytes
Due = Annotated[date | None, Field(exclude_if=lambda due: due is None)]

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
    retakes: Annotated[Retakes, Field(exclude_if=lambda retakes: retakes == "replace")] = Field(
        "replace", description="what counts after a retake: the new mark, the better one, or both"
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
    draft: Annotated[bool, Field(exclude_if=not_)] = Field(
        False, description="its marks are drafts (`marks-drafted`) until it is published"
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
    recommendation: Sealed | None = Field(
        None, description="what to do next, in his words; sealed with the pupil's key"
    )
    criteria: Reached = Field((), description="the points its one value was computed from, by the work's rule")
    due: Due = Field(None, description="the day by which what is `missing` is to be handed in")


@contract("diary.grades.marks-given.v2")
class MarksGiven(Event):
    """A teacher saved one column of the journal: one entry for each pupil marked."""

    work_id: UUID = Field(description="the column")
    school_id: UUID = Field(description="the school")
    marks: tuple[Mark, ...] = Field(min_length=1, description="one for each pupil")


class DraftMark(Part):
    pupil_id: UUID = Field(description="whose")
    values: tuple[Value, ...] = Field(max_length=4, description="as in a mark; none: the draft is taken back")
    comment: Sealed | None = Field(None, description="words to it, sealed with the pupil's key; none: those of before")
    recommendation: Sealed | None = Field(None, description="what to do next, sealed likewise; none: that of before")
    criteria: Reached = Field((), description="the points its one value was computed from")
    due: Due = Field(None, description="the day by which what is `missing` is to be handed in")


@contract("diary.grades.marks-drafted.v1")
class MarksDrafted(Event):
    """A teacher wrote marks that nobody but the staff may see: no family, no average, no notice, no export has them.

    The last one written to a pupil stands. When the column is published they come again, in `marks-given`.
    """

    work_id: UUID = Field(description="the column, which was opened as a draft")
    school_id: UUID = Field(description="the school")
    marks: tuple[DraftMark, ...] = Field(min_length=1, description="one for each pupil")


@contract("diary.grades.publication-planned.v1")
class PublicationPlanned(Event):
    """A draft column will be published at a time of the school's clock, or no more at the time said before."""

    work_id: UUID = Field(description="the column")
    school_id: UUID = Field(description="the school")
    on: date | None = Field(None, description="the day at the school; none: at no time")
    time: Clock | None = Field(None, description="the hour at the school")


@contract("diary.grades.work-published.v1")
class WorkPublished(Event):
    """A draft column became an ordinary one; `marks-given` of the same moment has its marks."""

    work_id: UUID = Field(description="the column")
    school_id: UUID = Field(description="the school")


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
    retake: Annotated[tuple[Value, ...], Field(max_length=4, exclude_if=not_)] = Field(
        (), description="the mark of a retake, of which the school's rule made `after`; none: it was a correction"
    )
    due: Due = Field(None, description="the day by which what is `missing` now is to be handed in")


@contract("diary.grades.mark-removed.v1")
class MarkRemoved(Event):
    """A mark was taken back; what it was stays readable."""

    work_id: UUID = Field(description="the column")
    school_id: UUID = Field(description="the school")
    pupil_id: UUID = Field(description="whose")
    before: tuple[Value, ...] = Field(min_length=1, max_length=4, description="what it was")
    reason: Sealed = Field(description="why; sealed with the pupil's key")
    before_criteria: Reached = Field((), description="the points it was made of, if any")


class Session(Part):
    term_id: UUID = Field(description="the term, the marking period in it, or the school year, as the roster calls it")
    year_id: UUID = Field(description="the school year it is in; its own id for a year")
    kind: Literal["term", "period", "year"] = Field(description="which of these it is")
    title: Title = Field(description="its name")
    starts: date = Field(description="first day")
    ends: date = Field(description="last day")


class TermGrade(Part):
    pupil_id: UUID = Field(description="whose")
    value: Value | None = Field(None, description="the grade; none: what was given is taken back")
    average: Decimals | None = Field(None, description="what it was proposed from, by the rule; none: nothing counted")
    count: int = Field(ge=0, description="how many marks that is of; of a year: how many grades of its terms")


@contract("diary.grades.term-graded.v1")
class TermGraded(Event):
    """A teacher gave grades of a term or year. Until its council begins, the last one given to a pupil stands."""

    sheet_id: UUID = Field(description="the list of this group's grades of this term")
    school_id: UUID = Field(description="the school")
    group_id: UUID = Field(description="the group")
    term: Session = Field(description="of what")
    scale: Scale = Field(description="the scale the grades are written in")
    rule: int = Field(ge=1, description="the school's rule in force, by which the averages were made")
    grades: tuple[TermGrade, ...] = Field(min_length=1, description="one for each pupil it was given to")
    shown: bool = Field(description="whether families see them at once: the term had been published")


@contract("diary.grades.term-grade-corrected.v1")
class TermGradeCorrected(Event):
    """A grade of a term whose council had begun became another, after the list was opened again."""

    sheet_id: UUID = Field(description="the list")
    school_id: UUID = Field(description="the school")
    group_id: UUID = Field(description="the group")
    term: Session = Field(description="of what")
    pupil_id: UUID = Field(description="whose")
    before: Value = Field(description="what it was")
    after: Value | None = Field(None, description="what it is; none: it was taken back")
    average: Decimals | None = Field(None, description="the average that was proposed then")
    count: int = Field(ge=0, description="of how many")
    reason: Sealed = Field(description="why; sealed with the pupil's key")
    shown: bool = Field(description="whether families see it: the term had been published")


@contract("diary.grades.council-begun.v1")
class CouncilBegun(Event):
    """The school's council on a term began: marks of its days and its grades stay as they are."""

    school_id: UUID = Field(description="the school")
    term: Session = Field(description="of what; these are the days that are locked")


@contract("diary.grades.council-withdrawn.v1")
class CouncilWithdrawn(Event):
    """The council did not take place after all: marks and grades are open again."""

    school_id: UUID = Field(description="the school")
    term: Session = Field(description="of what")
    reason: Sealed = Field(description="why; sealed with the school's key")


class Graded(Part):
    pupil_id: UUID = Field(description="who")


@contract("diary.grades.term-published.v1")
class TermPublished(Event):
    """The school's grades of a term are final, and families see them."""

    school_id: UUID = Field(description="the school")
    term: Session = Field(description="of what")
    on: date = Field(description="the day at the school")
    pupils: tuple[Graded, ...] = Field(description="those who have a grade in it")


@contract("diary.grades.reopening-asked.v1")
class ReopeningAsked(Event):
    """A teacher wants to change something in a term whose council has begun."""

    sheet_id: UUID = Field(description="the list of the group's grades")
    school_id: UUID = Field(description="the school")
    group_id: UUID = Field(description="the group")
    term: Session = Field(description="of what")
    reason: Sealed = Field(description="why; sealed with the school's key")


@contract("diary.grades.reopening-decided.v1")
class ReopeningDecided(Event):
    """The school opened the group's term again, or did not."""

    sheet_id: UUID = Field(description="the list of the group's grades")
    school_id: UUID = Field(description="the school")
    group_id: UUID = Field(description="the group")
    term: Session = Field(description="of what")
    allowed: bool = Field(description="whether it is open from now on")
    words: Sealed | None = Field(None, description="why; sealed with the school's key")


@contract("diary.grades.sheet-locked.v1")
class SheetLocked(Event):
    """What had been opened again is locked again."""

    sheet_id: UUID = Field(description="the list of the group's grades")
    school_id: UUID = Field(description="the school")
    group_id: UUID = Field(description="the group")
    term: Session = Field(description="of what")


@contract("diary.grades.phrases-set.v1", key="teacher_id")
class PhrasesSet(Event):
    """A teacher's own phrases for comments and recommendations, all of them, in his order."""

    teacher_id: UUID = Field(description="whose; nobody else sees them")
    phrases: tuple[Sealed, ...] = Field(max_length=50, description="each sealed with the teacher's key")


@contract("diary.grades.target-set.v1")
class TargetSet(Event):
    """The average that a pupil is to reach in a subject, as his family, a teacher or he himself wishes."""

    target_id: UUID = Field(description="of this pupil in this subject")
    pupil_id: UUID = Field(description="whose")
    school_id: UUID = Field(description="where he learns")
    subject: Title = Field(description="as its groups name it")
    value: Annotated[str, Field(pattern=r"^[0-9]{1,3}([.][0-9]{1,2})?$")] | None = Field(
        None, description="the average wished for, in the school's scale; none: there is no target any more"
    )
