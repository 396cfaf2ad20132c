"""Rolls and their corrections. Written by the attendance service, the only owner of absence."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from shared.contracts import Code, Event, Part, Sealed, SealedFile, contract

State = Literal["present", "absent", "late"]
Number = Annotated[int, Field(ge=0, le=15)]


class Presence(Part):
    state: State = Field(description="present, absent or late")
    minutes: int | None = Field(None, ge=1, le=240, description="how late; only with late")
    reason: Code | None = Field(None, description="reason code: excused, unexcused, illness, family, transport …")


class RollEntry(Presence):
    pupil_id: UUID = Field(description="who")


@contract("diary.attendance.roll-taken.v1")
class RollTaken(Event):
    """A teacher took the roll of a lesson: every pupil of the group on that day, in one save."""

    lesson_id: UUID = Field(description="the lesson")
    school_id: UUID = Field(description="the school")
    group_id: UUID = Field(description="the group")
    on: date = Field(description="the lesson's day")
    number: int = Field(ge=0, le=15, description="the lesson's number")
    entries: tuple[RollEntry, ...] = Field(min_length=1, description="one for each pupil of the group")


@contract("diary.attendance.presence-corrected.v1")
class PresenceCorrected(Event):
    """An entry of a roll already taken became another; the first stays readable."""

    lesson_id: UUID = Field(description="the lesson")
    school_id: UUID = Field(description="the school")
    group_id: UUID = Field(description="the group")
    on: date = Field(description="the lesson's day")
    number: int = Field(ge=0, le=15, description="the lesson's number")
    pupil_id: UUID = Field(description="who")
    before: Presence | None = Field(None, description="what stood; none if the pupil was not in the roll")
    after: Presence = Field(description="what stands")
    note: Sealed | None = Field(None, description="why; sealed with the pupil's key")


class Paper(Part):
    media: Literal["image/jpeg", "image/png", "application/pdf"] = Field(description="what it is")
    content: SealedFile = Field(description="the file in base64; sealed with the pupil's key")


@contract("diary.attendance.absence-announced.v1")
class AbsenceAnnounced(Event):
    """A family, or the school for it, says that a pupil will be away, or why he was."""

    absence_id: UUID = Field(description="this announcement")
    school_id: UUID = Field(description="the school")
    pupil_id: UUID = Field(description="who")
    first: date = Field(description="first day away")
    last: date = Field(description="last day away")
    lessons: tuple[Number, ...] = Field((), max_length=16, description="numbers of lessons of that one day; none: all")
    reason: Code = Field(description="reason code: illness, family, excused, transport …")
    words: Sealed | None = Field(None, description="more about it; sealed with the pupil's key")
    paper: Annotated[Paper | None, Field(exclude_if=lambda paper: paper is None)] = Field(
        None, description="a paper that shows it, as from a doctor"
    )


@contract("diary.attendance.absence-decided.v1")
class AbsenceDecided(Event):
    """The school accepted what was announced, or did not."""

    absence_id: UUID = Field(description="the announcement")
    school_id: UUID = Field(description="the school")
    pupil_id: UUID = Field(description="who")
    accepted: bool = Field(description="whether the reason counts")
    words: Sealed | None = Field(None, description="why; sealed with the pupil's key")


@contract("diary.attendance.absence-withdrawn.v1")
class AbsenceWithdrawn(Event):
    """What was announced does not hold any more."""

    absence_id: UUID = Field(description="the announcement")
    school_id: UUID = Field(description="the school")
    pupil_id: UUID = Field(description="who")
