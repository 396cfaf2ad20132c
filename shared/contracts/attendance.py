"""Rolls and their corrections. Written by the attendance service, the only owner of absence."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from shared.contracts import Code, Event, Part, Sealed, contract

State = Literal["present", "absent", "late"]


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
