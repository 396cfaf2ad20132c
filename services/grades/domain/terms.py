"""Grades of terms and years: proposed, given, locked by the council, published, opened again for a reason. Pure.

Two things decide: the list of one group's grades in one term (`Sheet`), and where the school stands with the term
(`Council`). Between the council's beginning and a list's being opened again nothing of the term changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal
from uuid import UUID, uuid5

from services.grades.domain.marks import PupilNotInClass, PupilTwice
from services.grades.domain.rule import Rule
from services.grades.domain.scales import read_cell
from services.grades.domain.texts import reason as needed
from services.grades.domain.texts import text
from services.grades.domain.work import TermLocked
from shared.contracts import Event
from shared.contracts.averages import LETTERS, Average
from shared.contracts.grades import (
    CouncilBegun,
    CouncilWithdrawn,
    Graded,
    ReopeningAsked,
    ReopeningDecided,
    Scale,
    Session,
    SheetLocked,
    TermGrade,
    TermGradeCorrected,
    TermGraded,
    TermPublished,
)
from shared.errors import Refused, SeveralRefused

Stage = Literal["open", "council", "published"]


class TermNotBegun(Refused):
    """“{term}” begins on {on}: there is nothing to grade yet."""

    code = "grades.term-not-begun"
    ru = "«{term}» начнётся {on:%d.%m.%Y}: оценивать пока нечего."


class NotYourGroup(Refused):
    """You do not teach this group in these days."""

    code = "grades.not-your-group"
    kind = "forbidden"
    ru = "В эти дни вы не ведёте эту группу."


class NotOneGrade(Refused):
    """A grade of a term is one mark of the scale, “exempt” or “n/a”."""

    code = "grades.not-one-grade"
    ru = "Итоговая — одна оценка шкалы, «осв» или «н/а»."


class NotLocked(Refused):
    """“{term}” is open: change what has to be changed."""

    code = "grades.term-not-locked"
    kind = "conflict"
    ru = "«{term}» — открыто: меняйте то, что нужно."


class NothingAsked(Refused):
    """Nobody asks to open this group again."""

    code = "grades.nothing-asked"
    kind = "conflict"
    ru = "Открыть эту группу снова никто не просит."


class GapsLeft(Refused):
    """{pupils} grades are missing in {groups} groups. Confirm if the council begins all the same."""

    code = "grades.gaps-left"
    kind = "conflict"
    ru = "Не выставлено итоговых: {pupils}, групп с пропусками: {groups}. Подтвердите, если педсовет всё же начинается."


class CouncilNotBegun(Refused):
    """The council on “{term}” has not begun."""

    code = "grades.council-not-begun"
    kind = "conflict"
    ru = "Педсовет по «{term}» не начинался."


class AlreadyPublished(Refused):
    """“{term}” is published. What is wrong in it is corrected group by group."""

    code = "grades.term-published"
    kind = "conflict"
    ru = "«{term}» — опубликовано. Ошибки исправляют по группам."


class StillOpen(Refused):
    """{groups} groups are still open for corrections. Lock them first."""

    code = "grades.still-open"
    kind = "conflict"
    ru = "Групп, ещё открытых для исправлений: {groups}. Сначала закройте их."


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands in the list of a group's grades of a term; `asked`: somebody waits for it to be opened again."""

    grades: Mapping[UUID, str] = field(default_factory=dict)
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Which list: of which group and school, in which term."""

    school_id: UUID
    group_id: UUID
    term: Session

    @property
    def sheet_id(self) -> UUID:
        return sheet_stream(self.group_id, self.term.term_id)

    @property
    def fields(self) -> dict[str, Any]:
        """What all events of a list begin with."""
        return {
            "sheet_id": self.sheet_id, "school_id": self.school_id, "group_id": self.group_id, "term": self.term
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known when a decision about a list is made."""

    today: date
    stage: Stage
    reopened: bool
    """The list may be changed though the council has begun."""
    rule: Rule
    may_write: bool
    pupils: frozenset[UUID]
    averages: Mapping[UUID, Average]
    """What each pupil's grade is proposed from."""

    @property
    def locked(self) -> bool:
        return self.stage != "open" and not self.reopened


@dataclass(frozen=True, slots=True)
class Council:
    stage: Stage = "open"


def sheet_stream(group: UUID, term: UUID) -> UUID:
    """The stream of a group's grades in a term."""
    return uuid5(group, f"grades.term/{term}")


def council_stream(school: UUID, term: UUID) -> UUID:
    """The stream of a school's council on a term."""
    return uuid5(school, f"grades.council/{term}")


def proposed(average: Average) -> str | None:
    """The grade an average is nearest to, rounded half up; None when nothing counts.

    >>> from shared.contracts.averages import average as of
    >>> proposed(of("five", [("5", "1"), ("4", "1")])), proposed(of("letters", [("A", "1"), ("B+", "1")]))
    ('5', 'A-')
    """
    made = average.average
    if made is None:
        return None
    if average.scale == "letters":
        return min(LETTERS, key=lambda letter: abs(Decimal(LETTERS[letter]) - made))  # of two as near the better
    return str(made.quantize(Decimal(1), ROUND_HALF_UP))


def evolve(sheet: Sheet, event: Event) -> Sheet:
    match event:
        case TermGraded(grades=given):
            stands = {**sheet.grades, **{one.pupil_id: one.value for one in given}}
            return replace(sheet, grades={pupil: value for pupil, value in stands.items() if value is not None})
        case TermGradeCorrected(pupil_id=pupil, after=None):
            return replace(sheet, grades={p: value for p, value in sheet.grades.items() if p != pupil})
        case TermGradeCorrected(pupil_id=pupil, after=str(after)):
            return replace(sheet, grades={**sheet.grades, pupil: after})
        case ReopeningAsked():
            return replace(sheet, asked=True)
        case ReopeningDecided():
            return replace(sheet, asked=False)
    return sheet


def give(sheet: Sheet, place: Place, typed: Sequence[tuple[UUID, str]], reason: str, standing: Standing) -> list[Event]:
    """Give grades, all or none; an empty text takes one back. Once the council has begun a change needs a reason."""
    _may_change(place, standing)
    values = _values(typed, standing)
    changed = {pupil: value for pupil, value in values.items() if value != sheet.grades.get(pupil)}
    fresh = {pupil: value for pupil, value in changed.items() if standing.stage == "open" or pupil not in sheet.grades}
    shown = standing.stage == "published"
    events: list[Event] = []
    if fresh:
        grades = tuple(
            TermGrade(pupil_id=pupil, value=value, **_from(standing, pupil)) for pupil, value in fresh.items()
        )
        measure = {"scale": standing.rule.scale, "rule": standing.rule.number}
        events.append(TermGraded(**place.fields, **measure, grades=grades, shown=shown))
    for pupil in changed.keys() - fresh.keys():
        events.append(
            TermGradeCorrected(
                **place.fields, pupil_id=pupil, before=sheet.grades[pupil], after=changed[pupil],
                **_from(standing, pupil), reason=needed(pupil, reason), shown=shown,
            )
        )  # fmt: skip
    return events


def ask_reopening(place: Place, reason: str, standing: Standing) -> list[Event]:
    """A teacher asks to have the list opened again. Raises NotLocked while it is open anyway."""
    if not standing.may_write:
        raise NotYourGroup
    if not standing.locked:
        raise NotLocked(term=place.term.title)
    return [ReopeningAsked(**place.fields, reason=needed(place.school_id, reason))]


def decide_reopening(sheet: Sheet, place: Place, allowed: bool, words: str, standing: Standing) -> list[Event]:
    """The school opens the list again, asked or not; or refuses what was asked."""
    if standing.stage == "open" or (allowed and standing.reopened):
        raise NotLocked(term=place.term.title)
    if not allowed and not sheet.asked:
        raise NothingAsked
    return [ReopeningDecided(**place.fields, allowed=allowed, words=text(place.school_id, words, "/words"))]


def lock(place: Place, standing: Standing) -> list[Event]:
    """Whoever may write in it locks what was opened again."""
    if not standing.may_write:
        raise NotYourGroup
    return [SheetLocked(**place.fields)] if standing.reopened else []


def evolve_council(council: Council, event: Event) -> Council:
    match event:
        case CouncilBegun():
            return Council("council")
        case CouncilWithdrawn():
            return Council("open")
        case TermPublished():
            return Council("published")
    return council


@dataclass(frozen=True, slots=True)
class Gaps:
    """Grades that are missing, and in how many groups."""

    pupils: int
    groups: int


def begin_council(
    council: Council, school: UUID, term: Session, today: date, gaps: Gaps, confirmed: bool
) -> list[Event]:
    """Lock the term. Raises GapsLeft unless that is meant, TermNotBegun, AlreadyPublished."""
    if council.stage == "published":
        raise AlreadyPublished(term=term.title)
    if council.stage == "council":
        return []
    if today < term.starts:
        raise TermNotBegun(term=term.title, on=term.starts)
    if gaps.pupils and not confirmed:
        raise GapsLeft("/confirmed", pupils=gaps.pupils, groups=gaps.groups)
    return [CouncilBegun(school_id=school, term=term)]


def withdraw_council(council: Council, school: UUID, term: Session, reason: str) -> list[Event]:
    """Open the term again, for everybody. Raises AlreadyPublished, CouncilNotBegun."""
    _in_council(council, term)
    return [CouncilWithdrawn(school_id=school, term=term, reason=needed(school, reason))]


def publish(
    council: Council, school: UUID, term: Session, today: date, pupils: Sequence[UUID], still_open: int
) -> list[Event]:
    """Show the grades to families. Raises CouncilNotBegun, StillOpen."""
    if council.stage == "published":
        return []
    _in_council(council, term)
    if still_open:
        raise StillOpen(groups=still_open)
    graded = tuple(Graded(pupil_id=pupil) for pupil in sorted(pupils))
    return [TermPublished(school_id=school, term=term, on=today, pupils=graded)]


def _in_council(council: Council, term: Session) -> None:
    if council.stage == "published":
        raise AlreadyPublished(term=term.title)
    if council.stage == "open":
        raise CouncilNotBegun(term=term.title)


def _may_change(place: Place, standing: Standing) -> None:
    if not standing.may_write:
        raise NotYourGroup
    if standing.today < place.term.starts:
        raise TermNotBegun(term=place.term.title, on=place.term.starts)
    if standing.locked:
        raise TermLocked(term=place.term.title)


def _values(typed: Sequence[tuple[UUID, str]], standing: Standing) -> dict[UUID, str | None]:
    """Every cell that cannot be saved is named."""
    values: dict[UUID, str | None] = {}
    wrong: list[Refused] = []
    for i, (pupil, written) in enumerate(typed):
        try:
            if pupil in values:
                raise PupilTwice(f"/grades/{i}/pupil_id")
            if pupil not in standing.pupils:
                raise PupilNotInClass(f"/grades/{i}/pupil_id", on=standing.today)
            values[pupil] = _value(written, standing.rule.scale, f"/grades/{i}/value")
        except Refused as refusal:
            wrong.append(refusal)
    if wrong:
        raise wrong[0] if len(wrong) == 1 else SeveralRefused(wrong)
    return values


def _value(written: str, scale: Scale, at: str) -> str | None:
    if not written.strip():
        return None
    values = read_cell(written, scale, at)
    if len(values) > 1 or values[0] == "missing":
        raise NotOneGrade(at)
    return values[0]


def _from(standing: Standing, pupil: UUID) -> dict[str, Any]:
    made = standing.averages.get(pupil)
    if made is None or made.average is None:
        return {"average": None, "count": 0}
    return {"average": str(made.average), "count": len(made.terms)}
