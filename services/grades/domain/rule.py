"""The school's rule: the scale of its marks, the kinds of work and what they weigh. Numbered and kept for ever."""

import re
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from services.grades.domain.bounds import OWN, Bounds, read_bounds
from shared.contracts import Event
from shared.contracts.averages import plain
from shared.contracts.grades import KindOfWork, Retakes, RuleSet, Scale
from shared.errors import Refused, SeveralRefused

MOST_KINDS = 30
_WEIGHT = re.compile(r"[0-9]{1,2}([.,][0-9]{1,2})?")
_KIND = re.compile(r"[a-z][a-z0-9-]{0,39}")


class NoKinds(Refused):
    """A rule needs at least one kind of work, and at most {most}."""

    code = "grades.no-kinds"
    ru = "В правиле нужен хотя бы один вид работы, и не больше {most}."


class KindTwice(Refused):
    """The kind of work “{kind}” is named twice."""

    code = "grades.kind-twice"
    ru = "Вид работы «{kind}» назван дважды."


class KindMistyped(Refused):
    """“{kind}” is no code of a kind of work: small Latin letters, digits and hyphens, a letter first."""

    code = "grades.kind-mistyped"
    ru = "«{kind}» — не код вида работы: строчные латинские буквы, цифры и дефис, первой — буква."


class WeightMistyped(Refused):
    """“{text}” is no weight: a number from 0 to 99.99 with at most two decimals."""

    code = "grades.weight-mistyped"
    ru = "«{text}» — не вес: нужно число от 0 до 99,99, не больше двух знаков после запятой."


@dataclass(frozen=True, slots=True)
class Rule:
    number: int
    scale: Scale
    kinds: tuple[KindOfWork, ...]
    bounds: Bounds = ()
    retakes: Retakes = "replace"

    @property
    def measure(self) -> Bounds:
        """The bounds in force: the school's, or the scale's own."""
        return self.bounds or OWN[self.scale]

    def weight_of(self, kind: str) -> str | None:
        """The kind's weight; None if the rule has no such kind."""
        return next((k.weight for k in self.kinds if k.kind == kind), None)


BUILT_IN = Rule(
    1,
    "five",
    tuple(
        KindOfWork(kind=kind, weight=weight)
        for kind, weight in (
            ("lesson", "1"), ("homework", "1"), ("quiz", "1"), ("test", "2"), ("project", "2"), ("exam", "3")
        )
    ),
)  # fmt: skip
"""In force until the school sets its own, whose first is therefore number 2."""


@dataclass(frozen=True, slots=True)
class SetRule:
    school_id: UUID
    scale: Scale
    kinds: tuple[tuple[str, str], ...]
    """Kind and weight, as typed."""
    bounds: tuple[tuple[str, str], ...] | None = None
    """Mark and per cent, as typed; None: as they are, or the scale's own for another scale."""
    retakes: Retakes | None = None
    """None: as it is."""


def evolve(rule: Rule, event: Event) -> Rule:
    match event:
        case RuleSet(rule=number, scale=scale, kinds=kinds, bounds=bounds, retakes=retakes):
            return Rule(number, scale, kinds, bounds, retakes)
    return rule


def set_rule(rule: Rule, command: SetRule) -> list[Event]:
    """Adopt a scale, kinds and bounds. Works that stand keep the weights, scale and bounds they were opened with."""
    kinds = _kinds(command.kinds)
    if command.bounds is None:
        bounds = rule.bounds if command.scale == rule.scale else ()
    else:
        bounds = read_bounds(command.scale, command.bounds)
    retakes = command.retakes or rule.retakes
    if (command.scale, kinds, bounds, retakes) == (rule.scale, rule.kinds, rule.bounds, rule.retakes):
        return []
    place = {"school_id": command.school_id, "rule": rule.number + 1}
    return [RuleSet(**place, scale=command.scale, kinds=kinds, bounds=bounds, retakes=retakes)]


def read_weight(text: str, at: str = "") -> str:
    """A weight in its canonical form: «1,50» is `1.5`. Raises WeightMistyped."""
    if not _WEIGHT.fullmatch(text.strip()):
        raise WeightMistyped(at, text=text.strip())
    return plain(Decimal(text.strip().replace(",", ".")))


def _kinds(typed: tuple[tuple[str, str], ...]) -> tuple[KindOfWork, ...]:
    if not 1 <= len(typed) <= MOST_KINDS:
        raise NoKinds("/kinds", most=MOST_KINDS)
    kinds: dict[str, KindOfWork] = {}
    wrong: list[Refused] = []
    for i, (kind, weight) in enumerate(typed):
        try:
            if not _KIND.fullmatch(kind):
                raise KindMistyped(f"/kinds/{i}/kind", kind=kind)
            if kind in kinds:
                raise KindTwice(f"/kinds/{i}/kind", kind=kind)
            kinds[kind] = KindOfWork(kind=kind, weight=read_weight(weight, f"/kinds/{i}/weight"))
        except Refused as refusal:
            wrong.append(refusal)
    if wrong:
        raise wrong[0] if len(wrong) == 1 else SeveralRefused(wrong)
    return tuple(kinds.values())
