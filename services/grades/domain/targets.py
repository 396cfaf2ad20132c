"""The average that a pupil is to reach in a subject (G-06). Pure."""

import re
from decimal import Decimal
from uuid import UUID, uuid5

from shared.contracts import Event
from shared.contracts.grades import Scale, TargetSet
from shared.errors import Refused

REACH: dict[Scale, tuple[int, int]] = {"five": (2, 5), "hundred": (1, 100)}
"""The least and the greatest target of a scale that has averages."""
TYPED = re.compile(r"[0-9]{1,3}([.,][0-9]{1,2})?")


class TargetNotNumber(Refused):
    """A target is a number from {least} to {most}, as 4.5."""

    code = "grades.target-not-a-number"
    ru = "Цель — число от {least} до {most}, например 4,5."


class ScaleWithoutAverage(Refused):
    """The school's scale has no averages, so there is nothing to compare a target with."""

    code = "grades.scale-without-average"
    ru = "В шкале школы нет среднего балла, сравнить цель не с чем."


class NotHisSubject(Refused):
    """The pupil does not learn «{subject}» now."""

    code = "grades.not-his-subject"
    ru = "Предмета «{subject}» у ученика сейчас нет."


def target_id(pupil: UUID, subject: str) -> UUID:
    """The stream of a pupil's target in a subject."""
    return uuid5(pupil, f"target/{subject}")


def set_target(known: str | None, pupil: UUID, school: UUID, subject: str, typed: str, scale: Scale) -> list[Event]:
    """Wish for this average; an empty text takes the target back. `known`: the target as it stands.

    Raises ScaleWithoutAverage, TargetNotNumber.
    """
    value = _read(typed.strip(), scale)
    if value == known:
        return []
    place = {"pupil_id": pupil, "school_id": school, "subject": subject}
    return [TargetSet(target_id=target_id(pupil, subject), **place, value=value)]


def _read(typed: str, scale: Scale) -> str | None:
    if not typed:
        return None
    if scale not in REACH:
        raise ScaleWithoutAverage("/value")
    least, most = REACH[scale]
    if not TYPED.fullmatch(typed) or not least <= (value := Decimal(typed.replace(",", "."))) <= most:
        raise TargetNotNumber("/value", least=least, most=most)
    return f"{value.normalize():f}"
