"""Use cases: load, decide, save. Whether the caller may touch this very group is asked here.

Everything that a decision rests on is asked inside it, in its transaction: a repeated command gets its first answer
before any of it is looked at.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID, uuid5

from services.grades import reactions, terms_views, views
from services.grades.domain import marks, phrases, rule, targets, work
from services.grades.domain.bounds import Bounds
from services.grades.domain.marks import Cell
from services.grades.domain.rule import BUILT_IN, Rule, SetRule
from services.grades.domain.work import ChangeWork, Day, OpenWork, SameKindInLesson, Work
from shared import access, timetable
from shared.clock import Calendar
from shared.contracts import Event, Sealed
from shared.contracts.timetable import Lesson
from shared.errors import NotAllowed, NotFound
from shared.eventstore import Answer, Intent, Ledger
from shared.postgres import Conn
from shared.sealed import KeyRing, open_text
from shared.web.auth import Caller

OnWork = Callable[[Work, Day, Bounds], Sequence[Event]]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for a change, once, and by which calendar the school lives."""

    by: Caller
    intent: Intent
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class Opening:
    """A column to be opened; the school follows from the group."""

    work_id: UUID
    group_id: UUID
    on: date
    number: int
    kind: str
    weight: str | None
    title: str
    confirmed: bool
    criteria: tuple[tuple[str, int], ...] = ()
    draft: bool = False

    def at(self, school: UUID) -> OpenWork:
        place = (self.work_id, school, self.group_id, self.on, self.number)
        return OpenWork(*place, self.kind, self.weight, self.title, self.confirmed, self.criteria, self.draft)


@dataclass(frozen=True, slots=True)
class Change:
    """What of a column's head is to be another; None stays."""

    kind: str | None
    weight: str | None
    title: str | None
    confirmed: bool


def open_work(ledger: Ledger, asked: Asked, opening: Opening) -> Answer:
    """Open a column for a lesson of the timetable. Raises what work.open_work raises, and NotFound for the group."""

    def decide(state: Work, conn: Conn) -> Sequence[Event]:
        school = access.school_of_group(conn, opening.group_id)
        if school is None:
            raise NotFound("/group_id")
        command = opening.at(school)
        day = _day(conn, asked.calendar, asked.by, school, opening.group_id, opening.on, opening.number)
        if opening.kind in work.HEAVY:
            day = replace(day, tests=views.tests_of(conn, opening.group_id, day.pupils, day.on, work.HEAVY))
        same = day.lesson is not None and views.same_kind(conn, day.lesson.id, opening.kind, opening.work_id)
        return work.open_work(state, command, day, views.rule(conn, school), same)

    return ledger.change(opening.work_id, Work(), work.evolve, decide, asked.intent)


def change_work(ledger: Ledger, ring: KeyRing, asked: Asked, work_id: UUID, change: Change) -> Answer:
    """Change kind, weight or title of a column."""

    def decide(state: Work, conn: Conn) -> Sequence[Event]:
        column = state.column
        title = _text(ring, views.title(conn, work_id))
        kind = state.kind if change.kind is None else change.kind
        weight = state.weight if change.weight is None and kind == state.kind else change.weight
        head = ChangeWork(kind, weight, title if change.title is None else change.title)
        if kind != state.kind and not change.confirmed and views.same_kind(conn, column.lesson_id, kind, work_id):
            raise SameKindInLesson("/kind")
        return work.change_work(state, head, _day_of(conn, asked, state), views.rule(conn, column.school_id), title)

    return ledger.change(work_id, Work(), work.evolve, decide, asked.intent)


def remove_work(ledger: Ledger, asked: Asked, work_id: UUID) -> Answer:
    """Take away a column without marks."""
    return _on_work(ledger, asked, work_id, lambda state, day, _: work.remove_work(state, day))


def give_marks(ledger: Ledger, asked: Asked, work_id: UUID, cells: tuple[Cell, ...]) -> Answer:
    """Save marks of a column, all or none."""
    return _on_work(ledger, asked, work_id, lambda state, day, bounds: marks.give_marks(state, cells, day, bounds))


def publish_work(ledger: Ledger, ring: KeyRing, asked: Asked, work_id: UUID) -> Answer:
    """Show a draft column to families; the words to its marks are sealed anew, where they will stand."""

    def decide(state: Work, conn: Conn) -> Sequence[Event]:
        day = _day_of(conn, asked, state)
        return marks.publish(state, _words(conn, ring, work_id), day)

    return ledger.change(work_id, Work(), work.evolve, decide, asked.intent)


def plan_publication(ledger: Ledger, asked: Asked, work_id: UUID, at: datetime | None) -> Answer:
    """Publish a draft column at a time of the school's clock, or at none."""

    def decide(state: Work, conn: Conn) -> Sequence[Event]:
        day = _day_of(conn, asked, state)
        now = asked.calendar.at(access.zone_of(conn, state.column.school_id)).replace(tzinfo=None)
        return marks.plan_publication(state, at and at.replace(second=0, microsecond=0), now, day)

    return ledger.change(work_id, Work(), work.evolve, decide, asked.intent)


def publish_as_planned(ledger: Ledger, ring: KeyRing, calendar: Calendar, planned: views.Planned) -> Answer:
    """For the one who planned it, whose right was asked then. Once, however many processes find that it is time."""
    key = uuid5(planned.work_id, f"publication {planned.at.isoformat()}")
    intent = Intent(planned.by, key, b"as planned", (planned.school_id,), f"publication {planned.work_id}")

    def decide(state: Work, conn: Conn) -> Sequence[Event]:
        column = state.column
        day = _day(conn, calendar, None, column.school_id, column.group_id, column.on, column.number)
        return marks.publish_as_planned(state, planned.at, _words(conn, ring, planned.work_id), day)

    return ledger.change(planned.work_id, Work(), work.evolve, decide, intent)


def _words(conn: Conn, ring: KeyRing, work_id: UUID) -> dict[UUID, marks.Words]:
    """Those to the marks of a draft, opened, by pupil."""
    return {
        pupil: marks.Words(**{name: _text(ring, box) for name, box in boxes.items()})
        for pupil, boxes in views.draft_words(conn, work_id).items()
    }


def correct_mark(ledger: Ledger, asked: Asked, work_id: UUID, cell: Cell, reason: str, retake: bool = False) -> Answer:
    """Put another mark in the place of one that stands, or that of a retake beside it as the school's rule has it."""

    def decide(state: Work, conn: Conn) -> Sequence[Event]:
        day = _day_of(conn, asked, state)
        retakes = views.rule(conn, state.column.school_id).retakes if retake else None
        return marks.correct_mark(state, cell, reason, day, _bounds(conn, state), retakes)

    return ledger.change(work_id, Work(), work.evolve, decide, asked.intent)


def remove_mark(
    ledger: Ledger, asked: Asked, work_id: UUID, pupil_id: UUID, reason: str, seen: tuple[str, ...] | None
) -> Answer:
    """Take a mark back; `seen` as of a Cell."""
    return _on_work(ledger, asked, work_id, lambda state, day, _: marks.remove_mark(state, pupil_id, reason, day, seen))


def set_rule(ledger: Ledger, asked: Asked, command: SetRule) -> Answer:
    """Adopt a scale and kinds of work for a school. Raises NotAllowed to all but its office and administrators."""

    def decide(state: Rule, conn: Conn) -> Sequence[Event]:
        if not runs(asked.by, command.school_id):
            raise NotAllowed
        return rule.set_rule(state, command)

    return ledger.change(rule_stream(command.school_id), BUILT_IN, rule.evolve, decide, asked.intent)


def rule_stream(school: UUID) -> UUID:
    """The stream of a school's rules."""
    return uuid5(school, "grades.rule")


def _on_work(ledger: Ledger, asked: Asked, work_id: UUID, decision: OnWork) -> Answer:
    def decide(state: Work, conn: Conn) -> Sequence[Event]:
        return decision(state, _day_of(conn, asked, state), _bounds(conn, state))

    return ledger.change(work_id, Work(), work.evolve, decide, asked.intent)


def _bounds(conn: Conn, state: Work) -> Bounds:
    """Of the rule that a column with criteria was opened by, whatever rules came after."""
    column = state.opened
    if column is None or not column.criteria:
        return ()
    return views.rule(conn, column.school_id, column.rule).bounds


def _day_of(conn: Conn, asked: Asked, state: Work) -> Day:
    """Raises NotFound when the work is not there (any more)."""
    if state.opened is None:
        raise NotFound
    column = state.opened
    return _day(conn, asked.calendar, asked.by, column.school_id, column.group_id, column.on, column.number)


def _day(conn: Conn, calendar: Calendar, by: Caller | None, school: UUID, group: UUID, on: date, number: int) -> Day:
    """`by` None: whose right was asked before."""
    terms_views.before_council(conn, school)
    lesson = timetable.held(conn, group, on, number)
    held = lesson.on if lesson else on
    known = access.group_day(conn, by.person_id if by else group, group, held)
    return Day(
        today=calendar.today(known.time_zone),
        on=held,
        in_term=reactions.in_term(conn, school, held),
        lesson=lesson,
        may_write=by is None or known.teaches or _stands_in(by, lesson) or runs(by, school),
        pupils=frozenset(known.members),
        locked=terms_views.locked(conn, school, group, held),
    )


def _stands_in(by: Caller, lesson: Lesson | None) -> bool:
    return lesson is not None and lesson.substituted and lesson.teacher_id == by.person_id


def runs(by: Caller, school: UUID) -> bool:
    """Whether he may do there what the office and administrators may."""
    return by.operator or school in by.schools_as("office", "administrator")


def set_phrases(ledger: Ledger, ring: KeyRing, by: Caller, typed: Sequence[str], intent: Intent) -> Answer:
    """Keep a teacher's own phrases. Raises what phrases.set_phrases raises."""

    def decide(state: None, conn: Conn) -> Sequence[Event]:
        known = [_text(ring, box) for box in views.phrases(conn, by.person_id)]
        return phrases.set_phrases(known, by.person_id, typed)

    return ledger.change(by.person_id, None, lambda state, event: None, decide, intent)


def set_target(ledger: Ledger, asked: Asked, pupil: UUID, subject: str, typed: str) -> Answer:
    """Wish for an average. For the pupil, who may act for him, and who teaches him the subject.

    Raises NotFound, NotHisSubject and what targets.set_target raises.
    """

    def decide(state: None, conn: Conn) -> Sequence[Event]:
        school, today = _where_he_learns(conn, asked, pupil)
        if not _may_wish(conn, asked.by.person_id, pupil, subject, today):
            raise NotFound()
        if typed.strip() and not views.learns(conn, pupil, school, subject, today):
            raise targets.NotHisSubject("/subject", subject=subject)
        known = views.target(conn, targets.target_id(pupil, subject))
        return targets.set_target(known, pupil, school, subject, typed, views.rule(conn, school).scale)

    stream = targets.target_id(pupil, subject)
    return ledger.change(stream, None, lambda state, event: None, decide, asked.intent)


def _may_wish(conn: Conn, person: UUID, pupil: UUID, subject: str, on: date) -> bool:
    """The pupil himself, who may act for him, who teaches him this subject."""
    if person == pupil or access.may_see_pupil(conn, person, pupil, on, "act"):
        return True
    return views.teaches(conn, person, pupil, subject, on)


def _where_he_learns(conn: Conn, asked: Asked, pupil: UUID) -> tuple[UUID, date]:
    """The pupil's school in the caller's scope, and the day there. Raises NotFound."""
    for school in access.schools_of_pupil(conn, pupil, asked.calendar.today("UTC")):
        if school in asked.intent.scope:
            return school, asked.calendar.today(access.zone_of(conn, school))
    raise NotFound()


def _text(ring: KeyRing, box: views.Box | None) -> str:
    if box is None:
        return ""
    return open_text(ring, Sealed(owner_id=box.owner_id, box=box.box), box.event_id, box.path) or ""
