"""What a family says of a child's absence, before it or after, and what the school makes of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from services.attendance.domain.rolls import REASONS as OF_ROLLS
from services.attendance.domain.rolls import ReasonUnknown, Roll
from shared.contracts import Event, Sealed, seal
from shared.contracts.attendance import (
    AbsenceAnnounced,
    AbsenceDecided,
    AbsenceWithdrawn,
    Paper,
    Presence,
    PresenceCorrected,
)
from shared.errors import NotFound, Refused

REASONS = tuple(reason for reason in OF_ROLLS if reason != "unexcused")
LONGEST = 62
"""Days of one announcement."""
PAST, COMING = timedelta(days=31), timedelta(days=120)
WORDS = 1000
"""Characters."""


class DaysReversed(Refused):
    """The last day is before the first."""

    code = "attendance.days-reversed"
    ru = "Последний день раньше первого."


class TooManyDays(Refused):
    """One announcement is of at most {most} days. Send another for the rest."""

    code = "attendance.too-many-days"
    ru = "В одном сообщении не больше {most} дней. Остальные укажите в другом."


class TooLongAgo(Refused):
    """Absences since {since} can be explained here; about earlier ones write to the school."""

    code = "attendance.too-long-ago"
    ru = "Здесь можно объяснить пропуски начиная с {since:%d.%m.%Y}. О более ранних напишите в школу."


class TooFarAhead(Refused):
    """Absences up to {until} can be announced."""

    code = "attendance.too-far-ahead"
    ru = "Предупредить можно о пропусках до {until:%d.%m.%Y}."


class LessonsOfSeveralDays(Refused):
    """Single lessons are chosen for one day; several days are whole."""

    code = "attendance.lessons-of-several-days"
    ru = "Отдельные уроки выбирают для одного дня; несколько дней пропускаются целиком."


class WordsTooLong(Refused):
    """At most {most} characters."""

    code = "attendance.words-too-long"
    ru = "Не больше {most} знаков."


class AbsenceKnown(Refused):
    """This announcement was sent already, with other contents."""

    code = "attendance.absence-known"
    kind = "conflict"
    ru = "Это сообщение уже отправлено, с другим содержанием."


class AbsenceDecidedAlready(Refused):
    """The school has decided about this already."""

    code = "attendance.absence-decided"
    kind = "conflict"
    ru = "Школа уже приняла решение по этому сообщению."


class AbsenceTakenBack(Refused):
    """The family has taken this back."""

    code = "attendance.absence-taken-back"
    kind = "conflict"
    ru = "Семья отозвала это сообщение."


@dataclass(frozen=True)
class Absence:
    """What stands of one announcement. `accepted`: None until decided."""

    announced: AbsenceAnnounced | None = None
    accepted: bool | None = None
    withdrawn: bool = False


@dataclass(frozen=True)
class Announce:
    absence_id: UUID
    school_id: UUID
    pupil_id: UUID
    first: date
    last: date
    lessons: tuple[int, ...]
    reason: str
    words: str
    paper: Paper | None = None


def evolve(state: Absence, event: Event) -> Absence:
    match event:
        case AbsenceAnnounced():
            return Absence(event)
        case AbsenceDecided(accepted=accepted):
            return replace(state, accepted=accepted)
        case AbsenceWithdrawn():
            return replace(state, withdrawn=True)
    return state


def announce(state: Absence, command: Announce, today: date) -> list[Event]:
    """`today` is the school's. Raises the refusals above, each at its field."""
    if state.announced is not None:
        raise AbsenceKnown()
    if command.last < command.first:
        raise DaysReversed("/last")
    if command.first < today - PAST:
        raise TooLongAgo("/first", since=today - PAST)
    if command.last > today + COMING:
        raise TooFarAhead("/last", until=today + COMING)
    if (command.last - command.first).days >= LONGEST:
        raise TooManyDays("/last", most=LONGEST)
    if command.lessons and command.first != command.last:
        raise LessonsOfSeveralDays("/lessons")
    if command.reason not in REASONS:
        raise ReasonUnknown("/reason", reasons=", ".join(REASONS))
    return [
        AbsenceAnnounced(
            absence_id=command.absence_id, school_id=command.school_id, pupil_id=command.pupil_id,
            first=command.first, last=command.last, lessons=tuple(sorted(set(command.lessons))),
            reason=command.reason, words=_words(command.pupil_id, command.words), paper=command.paper,
        )
    ]  # fmt: skip


def decide(state: Absence, accepted: bool, words: str) -> list[Event]:
    """The school's word, given once. Raises NotFound, AbsenceTakenBack, AbsenceDecidedAlready."""
    if state.announced is None:
        raise NotFound()
    if state.withdrawn:
        raise AbsenceTakenBack()
    if state.accepted is not None and state.accepted != accepted:
        raise AbsenceDecidedAlready()
    if state.accepted is not None:
        return []
    return [AbsenceDecided(**_place(state.announced), accepted=accepted, words=_words(state.announced.pupil_id, words))]


def withdraw(state: Absence) -> list[Event]:
    """Raises NotFound."""
    if state.announced is None:
        raise NotFound()
    return [] if state.withdrawn else [AbsenceWithdrawn(**_place(state.announced))]


def excuse(roll: Roll, announced: AbsenceAnnounced) -> Sequence[Event]:
    """The reason put beside an absence that had none; what a teacher said otherwise stands."""
    before = roll.entries.get(announced.pupil_id)
    if roll.taken is None or before is None or not unexplained(before):
        return []
    place = roll.taken.model_dump(include={"lesson_id", "school_id", "group_id", "on", "number"})
    after = before.model_copy(update={"reason": announced.reason})
    return [PresenceCorrected(**place, pupil_id=announced.pupil_id, before=before, after=after)]


def unexplained(presence: Presence) -> bool:
    return presence.state == "absent" and presence.reason in (None, "unexcused")


def _place(announced: AbsenceAnnounced) -> dict[str, UUID]:
    return {
        "absence_id": announced.absence_id, "school_id": announced.school_id, "pupil_id": announced.pupil_id
    }  # fmt: skip


def _words(pupil: UUID, typed: str) -> Sealed | None:
    words = typed.strip()
    if len(words) > WORDS:
        raise WordsTooLong("/words", most=WORDS)
    return seal(pupil, words) if words else None
