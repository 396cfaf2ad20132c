"""The roll of a lesson: taken once, of the whole class, then corrected entry by entry. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.contracts import Event, Sealed, seal
from shared.contracts.attendance import Presence, PresenceCorrected, RollEntry, RollTaken, State
from shared.contracts.timetable import Lesson
from shared.errors import Refused, SeveralRefused

REASONS = ("excused", "unexcused", "illness", "family", "transport", "competition", "other")
LONGEST_LATE = 240
"""Minutes."""
LONGEST_NOTE = 1000
"""Characters."""
PRESENT = Presence(state="present")


class NoSuchLesson(Refused):
    """The group has no lesson {number} on {on} by the timetable."""

    code = "attendance.no-such-lesson"
    ru = "По расписанию у группы {on:%d.%m.%Y} нет урока № {number}."


class LessonIsCancelled(Refused):
    """Lesson {number} on {on} is cancelled: there is no roll to take."""

    code = "attendance.lesson-cancelled"
    kind = "conflict"
    ru = "Урок № {number} {on:%d.%m.%Y} отменён: отмечать некого."


class LessonInFuture(Refused):
    """The lesson is on {on}: its roll cannot be taken before its day."""

    code = "attendance.lesson-in-future"
    ru = "Урок будет {on:%d.%m.%Y}: отметить посещаемость раньше нельзя."


class NotYourLesson(Refused):
    """You did not teach this group on {on}, nor stand in for its teacher."""

    code = "attendance.not-your-lesson"
    kind = "forbidden"
    ru = "{on:%d.%m.%Y} вы не вели эту группу и не заменяли её учителя."


class NobodyInGroup(Refused):
    """Nobody learnt in this group on {on}."""

    code = "attendance.nobody-in-group"
    kind = "conflict"
    ru = "{on:%d.%m.%Y} в этой группе никто не числился."


class PupilNotInGroup(Refused):
    """The pupil was not in this group on {on}."""

    code = "attendance.pupil-not-in-group"
    ru = "{on:%d.%m.%Y} этот ученик не числился в группе."


class PupilTwice(Refused):
    """This pupil is named twice in one roll."""

    code = "attendance.pupil-twice"
    ru = "Этот ученик указан в перекличке дважды."


class MinutesWithoutLate(Refused):
    """Minutes belong to a late arrival only."""

    code = "attendance.minutes-without-late"
    ru = "Минуты указывают только при опоздании."


class MinutesOutOfRange(Refused):
    """A late arrival takes 1 to {most} minutes."""

    code = "attendance.minutes-out-of-range"
    ru = "Опоздание указывают в минутах, от 1 до {most}."


class ReasonWithoutAbsence(Refused):
    """One who was present needs no reason."""

    code = "attendance.reason-without-absence"
    ru = "Тому, кто был на уроке, причина не нужна."


class ReasonUnknown(Refused):
    """There is no such reason. Choose one of: {reasons}."""

    code = "attendance.reason-unknown"
    ru = "Такой причины нет. Выберите одну из списка: {reasons}."


class RollAlreadyTaken(Refused):
    """The roll of this lesson was taken on {taken_at:%Y-%m-%d} at {taken_at:%H:%M}. Correct its entries one by one."""

    code = "attendance.roll-already-taken"
    kind = "conflict"
    ru = "Посещаемость этого урока уже отмечена {taken_at:%d.%m.%Y} в {taken_at:%H:%M}. Исправьте отдельные отметки."


class RollNotTaken(Refused):
    """The roll of this lesson has not been taken yet."""

    code = "attendance.roll-not-taken"
    kind = "conflict"
    ru = "Посещаемость этого урока ещё не отмечена."


class PresenceChanged(Refused):
    """Something else stands in the roll for this pupil by now. Look at it before you change it."""

    code = "attendance.presence-changed"
    kind = "conflict"
    ru = "В перекличке об этом ученике уже стоит другое. Посмотрите, прежде чем менять."


class NoteTooLong(Refused):
    """A note has at most {most} characters."""

    code = "attendance.note-too-long"
    ru = "В примечании не больше {most} знаков."


@dataclass(frozen=True, slots=True)
class Taken:
    """Who took a roll, and when by the school's clock."""

    by: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """What is known of the lesson when a decision is made; `on` is its day now, moved or not."""

    today: date
    """By the school's calendar."""
    on: date
    lesson: Lesson | None
    may_write: bool
    pupils: tuple[UUID, ...]
    taken: Taken | None = None


@dataclass(frozen=True, slots=True)
class Roll:
    """What decisions need: the roll as it was taken, and what stands now."""

    taken: RollTaken | None = None
    entries: Mapping[UUID, Presence] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TakeRoll:
    school_id: UUID
    group_id: UUID
    on: date
    number: int
    entries: tuple["Said", ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What a teacher says of one pupil."""

    pupil_id: UUID
    state: State
    minutes: int | None = None
    reason: str | None = None


def evolve(roll: Roll, event: Event) -> Roll:
    match event:
        case RollTaken(entries=entries):
            return Roll(event, {entry.pupil_id: _presence(entry) for entry in entries})
        case PresenceCorrected(pupil_id=pupil, after=after):
            return replace(roll, entries={**roll.entries, pupil: after})
    return roll


def take_roll(roll: Roll, command: TakeRoll, day: Day) -> list[Event]:
    """Take the roll of a lesson, all or none; the pupils left out are present. Every wrong entry is named.

    The same roll again is nothing to do; another one is refused: what stands is corrected, not taken anew.
    """
    lesson = _lesson(command, day)
    said = _checked(command.entries, day)
    entries = {pupil: said.get(pupil, PRESENT) for pupil in sorted(day.pupils)}
    if roll.taken is not None:
        if entries == roll.entries:
            return []
        raise RollAlreadyTaken(**_taken(day))
    if not entries:
        raise NobodyInGroup(on=day.on)
    return [
        RollTaken(
            lesson_id=lesson.id, school_id=command.school_id, group_id=command.group_id, on=lesson.on,
            number=lesson.number, entries=tuple(_entry(pupil, presence) for pupil, presence in entries.items()),
        )
    ]  # fmt: skip


def correct_presence(roll: Roll, said: Said, note: str, day: Day, seen: Presence | None = None) -> list[Event]:
    """Put another entry in the place of one that stands; the earlier one is kept in the event.

    A pupil who has come into the group's list of that day since has none that stands. `seen`: what stood when the
    correction was written; where another entry stands by now it is refused. None: whatever stands.
    """
    if roll.taken is None:
        raise RollNotTaken
    if not day.may_write:
        raise NotYourLesson(on=day.on)
    before = roll.entries.get(said.pupil_id)
    if before is None and said.pupil_id not in day.pupils:
        raise PupilNotInGroup("/pupil_id", on=day.on)
    after = _read(said, "")
    if after == before:
        return []
    if seen is not None and seen != before:
        raise PresenceChanged("/state")
    place = roll.taken.model_dump(include={"lesson_id", "school_id", "group_id", "on", "number"})
    return [
        PresenceCorrected(**place, pupil_id=said.pupil_id, before=before, after=after, note=_note(said.pupil_id, note))
    ]


def _lesson(command: TakeRoll, day: Day) -> Lesson:
    if day.lesson is None:
        raise NoSuchLesson(on=command.on, number=command.number)
    if not day.may_write:
        raise NotYourLesson(on=day.on)
    if day.lesson.cancelled:
        raise LessonIsCancelled(on=command.on, number=command.number)
    if day.on > day.today:
        raise LessonInFuture(on=day.on)
    return day.lesson


def _checked(entries: tuple[Said, ...], day: Day) -> dict[UUID, Presence]:
    """Raises one refusal, or all of them at once."""
    found: dict[UUID, Presence] = {}
    wrong: list[Refused] = []
    for i, said in enumerate(entries):
        try:
            if said.pupil_id not in day.pupils:
                raise PupilNotInGroup(f"/entries/{i}/pupil_id", on=day.on)
            if said.pupil_id in (earlier.pupil_id for earlier in entries[:i]):
                raise PupilTwice(f"/entries/{i}/pupil_id")
            found[said.pupil_id] = _read(said, f"/entries/{i}")
        except Refused as refusal:
            wrong.append(refusal)
    if wrong:
        raise wrong[0] if len(wrong) == 1 else SeveralRefused(wrong)
    return found


def _read(said: Said, at: str) -> Presence:
    if said.minutes is not None and said.state != "late":
        raise MinutesWithoutLate(f"{at}/minutes")
    if said.minutes is not None and not 1 <= said.minutes <= LONGEST_LATE:
        raise MinutesOutOfRange(f"{at}/minutes", most=LONGEST_LATE)
    reason = said.reason or None
    if reason is not None and said.state == "present":
        raise ReasonWithoutAbsence(f"{at}/reason")
    if reason is not None and reason not in REASONS:
        raise ReasonUnknown(f"{at}/reason", reasons=", ".join(REASONS))
    return Presence(state=said.state, minutes=said.minutes, reason=reason)


def _presence(entry: RollEntry) -> Presence:
    return Presence(state=entry.state, minutes=entry.minutes, reason=entry.reason)


def _entry(pupil: UUID, presence: Presence) -> RollEntry:
    return RollEntry(pupil_id=pupil, state=presence.state, minutes=presence.minutes, reason=presence.reason)


def _taken(day: Day) -> dict[str, Any]:
    return {"taken_by": day.taken.by, "taken_at": day.taken.at} if day.taken else {"taken_by": None, "taken_at": day.on}


def _note(pupil_id: UUID, typed: str) -> Sealed | None:
    note = typed.strip()
    if len(note) > LONGEST_NOTE:
        raise NoteTooLong("/note", most=LONGEST_NOTE)
    return seal(pupil_id, note) if note else None
