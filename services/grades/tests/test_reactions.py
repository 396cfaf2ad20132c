"""What grades learns of others: terms; that every type it may meet is either handled or left."""

from datetime import date

from services.grades.reactions import IN_TERM, PROJECTIONS, in_term
from shared.contracts import CONTRACTS
from shared.contracts.roster import YearPlanned
from shared.postgres import scoped
from shared.testing.school import ELSEWHERE, ROSTER, SCHOOL, Running, id_of, learn


def _in_term(grades: Running, on: date) -> bool:
    with grades.pool.connection() as conn, scoped(conn, [SCHOOL]):
        return in_term(conn, SCHOOL, on)


def test_days_between_terms_belong_to_none(grades: Running) -> None:
    assert _in_term(grades, date(2021, 12, 29))
    assert not _in_term(grades, date(2021, 12, 30))
    assert _in_term(grades, date(2022, 1, 10))
    assert not _in_term(grades, date(2021, 8, 31))


def test_a_year_planned_anew_replaces_its_terms(grades: Running) -> None:
    planned = next(event for event in ROSTER if isinstance(event, YearPlanned))
    longer = planned.terms[0].model_copy(update={"ends": date(2021, 12, 30)})
    learn(grades.settings, grades.service, [planned.model_copy(update={"terms": (longer, planned.terms[1])})])
    assert _in_term(grades, date(2021, 12, 30))
    learn(grades.settings, grades.service, [planned])
    assert not _in_term(grades, date(2021, 12, 30))


def test_while_no_term_is_known_no_day_is_outside(grades: Running) -> None:
    with grades.pool.connection() as conn:
        assert conn.execute(IN_TERM, {"school": id_of("unknown"), "on": date(2030, 1, 1)}).fetchone() == (True,)


def test_every_type_of_its_topics_is_handled_or_left() -> None:
    for projection in PROJECTIONS:
        known = {event for event in CONTRACTS.values() if event.TOPIC in projection.topics}
        assert projection.handles | projection.leaves == known, projection.name


def test_a_school_elsewhere_has_its_districts_terms(grades: Running) -> None:
    with grades.pool.connection() as conn, scoped(conn, [ELSEWHERE]):
        assert not in_term(conn, ELSEWHERE, date(2021, 12, 30))
