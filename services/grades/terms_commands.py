"""Use cases of grades of terms: load, decide, save. Who may do it is asked here, inside the decision."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.grades import terms_views, views
from services.grades.commands import Asked, runs
from services.grades.domain import terms
from services.grades.domain.terms import Council, Place, Sheet, Standing, council_stream, sheet_stream
from services.grades.terms_views import TermRow
from shared import access
from shared.contracts import Event
from shared.errors import NotAllowed, NotFound
from shared.eventstore import Answer, Ledger
from shared.postgres import Conn
from shared.web.auth import Caller

OnSheet = Callable[[Sheet, Place, Standing], Sequence[Event]]


@dataclass(frozen=True, slots=True)
class Of:
    """Which term, of which group."""

    term_id: UUID
    group_id: UUID


def give_grades(ledger: Ledger, asked: Asked, of: Of, typed: Sequence[tuple[UUID, str]], reason: str) -> Answer:
    """Give grades of a term to pupils of a group, all or none."""
    pupils = [pupil for pupil, _ in typed]

    def decision(sheet: Sheet, place: Place, standing: Standing) -> Sequence[Event]:
        return terms.give(sheet, place, typed, reason, standing)

    return _on_sheet(ledger, asked, of, decision, pupils)


def ask_reopening(ledger: Ledger, asked: Asked, of: Of, reason: str) -> Answer:
    """Ask the school to open the group's term again."""
    return _on_sheet(ledger, asked, of, lambda _, place, standing: terms.ask_reopening(place, reason, standing))


def decide_reopening(ledger: Ledger, asked: Asked, of: Of, allowed: bool, words: str) -> Answer:
    """Open the group's term again, or refuse to. Raises NotAllowed to all but the office and administrators."""

    def decision(sheet: Sheet, place: Place, standing: Standing) -> Sequence[Event]:
        if not runs(asked.by, place.school_id):
            raise NotAllowed
        return terms.decide_reopening(sheet, place, allowed, words, standing)

    return _on_sheet(ledger, asked, of, decision)


def lock(ledger: Ledger, asked: Asked, of: Of) -> Answer:
    """Lock again what was opened again."""
    return _on_sheet(ledger, asked, of, lambda _, place, standing: terms.lock(place, standing))


def begin_council(ledger: Ledger, asked: Asked, school: UUID, term: UUID, confirmed: bool) -> Answer:
    """Lock a term for the whole school. Raises what terms.begin_council raises, NotAllowed, NotFound."""

    def decision(council: Council, row: TermRow, today: date, conn: Conn) -> Sequence[Event]:
        gaps = terms_views.gaps(terms_views.groups(conn, school, row.session, today))
        return terms.begin_council(council, school, row.session, today, gaps, confirmed)

    return _on_council(ledger, asked, school, term, decision)


def withdraw_council(ledger: Ledger, asked: Asked, school: UUID, term: UUID, reason: str) -> Answer:
    """Open the term again for everybody."""

    def decision(council: Council, row: TermRow, today: date, conn: Conn) -> Sequence[Event]:
        return terms.withdraw_council(council, school, row.session, reason)

    return _on_council(ledger, asked, school, term, decision)


def publish(ledger: Ledger, asked: Asked, school: UUID, term: UUID) -> Answer:
    """Show the school's grades of the term to families."""

    def decision(council: Council, row: TermRow, today: date, conn: Conn) -> Sequence[Event]:
        pupils = terms_views.graded(conn, school, term)
        still_open = terms_views.still_open(conn, school, term)
        return terms.publish(council, school, row.session, today, pupils, still_open)

    return _on_council(ledger, asked, school, term, decision)


def term_of(conn: Conn, school: UUID, term: UUID) -> TermRow:
    """Raises NotFound for a term that the school's district does not have."""
    found = terms_views.terms(conn, school, term)
    if not found:
        raise NotFound()
    return found[0]


def _on_sheet(ledger: Ledger, asked: Asked, of: Of, decision: OnSheet, pupils: Sequence[UUID] = ()) -> Answer:
    """`pupils`: those whose averages the decision needs."""

    def decide(sheet: Sheet, conn: Conn) -> Sequence[Event]:
        school = access.school_of_group(conn, of.group_id)
        if school is None:
            raise NotFound("/group_id")
        terms_views.before_council(conn, school)
        row = term_of(conn, school, of.term_id)
        place = Place(school, of.group_id, row.session)
        return decision(sheet, place, _standing(conn, asked, place, row, pupils))

    return ledger.change(sheet_stream(of.group_id, of.term_id), Sheet(), terms.evolve, decide, asked.intent)


def _standing(conn: Conn, asked: Asked, place: Place, row: TermRow, pupils: Sequence[UUID]) -> Standing:
    """Raises NotFound for a group that does not meet in the term."""
    today = asked.calendar.today(access.zone_of(conn, place.school_id))
    found = terms_views.groups(conn, place.school_id, place.term, today, place.group_id)
    if not found:
        raise NotFound("/group_id")
    rule = views.rule(conn, place.school_id)
    return Standing(
        today=today,
        stage=row.stage,
        reopened=found[0].reopened,
        rule=rule,
        may_write=may_write(conn, asked.by, place.school_id, place.group_id, {today, found[0].on}),
        pupils=frozenset(found[0].pupils),
        averages=terms_views.averages(conn, place.term, place.group_id, pupils, rule.scale) if pupils else {},
    )


def may_write(conn: Conn, by: Caller, school: UUID, group: UUID, days: set[date]) -> bool:
    """Who teaches the group on one of the days, and who runs the school."""
    return runs(by, school) or any(access.teaches(conn, by.person_id, group, day) for day in days)


OnCouncil = Callable[[Council, TermRow, date, Conn], Sequence[Event]]


def _on_council(ledger: Ledger, asked: Asked, school: UUID, term: UUID, decision: OnCouncil) -> Answer:
    def decide(council: Council, conn: Conn) -> Sequence[Event]:
        if not runs(asked.by, school):
            raise NotAllowed
        terms_views.in_council(conn, school)
        row = term_of(conn, school, term)
        return decision(council, row, asked.calendar.today(access.zone_of(conn, school)), conn)

    return ledger.change(council_stream(school, term), Council(), terms.evolve_council, decide, asked.intent)
