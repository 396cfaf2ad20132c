"""An average that falls below a guardian's threshold, and marks that decline: told once, when it happens."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from services.notify.crossings import QUIET, tell
from services.notify.tests.conftest import Family, owe
from shared.contracts import seal
from shared.contracts.grades import Mark, MarkCorrected, MarksGiven, WorkChanged, WorkOpened
from shared.contracts.roster import Enrolment, EnrolmentsSet, GroupDescribed, Term, YearPlanned
from shared.testing.school import DISTRICT, FIRST, LAST, SCHOOL, TODAY, id_of
from shared.testing.web import connect

WARNED = "Анна: средний балл {}, ниже {} · Физика"
RISEN = "Анна: средний балл снова не ниже {} · Физика"


class Class:
    """A group of this family's pupil alone, and its marks."""

    def __init__(self, family: Family) -> None:
        self.family, self.id = family, uuid4()
        self.works: list[UUID] = []
        self.described("Физика")

    def described(self, subject: str) -> None:
        group = GroupDescribed(
            group_id=self.id, school_id=SCHOOL, title="10А", subject=subject, course="PHY", starts=FIRST, ends=LAST
        )
        member = Enrolment(person_id=self.family.pupil, role="pupil", starts=FIRST, ends=LAST)
        enrolled = EnrolmentsSet(group_id=self.id, school_id=SCHOOL, enrolments=(member,))
        self.family.learn("roster", group, enrolled)

    def marked(self, *values: str, on: date = TODAY, weight: str = "1", scale: str = "five") -> None:
        """A column for each value."""
        for value in values:
            self.works.append(uuid4())
            place = {"group_id": self.id, "on": on, "number": 3, "lesson_id": id_of("lesson"), "school_id": SCHOOL}
            head = {"work_id": self.works[-1], "kind": "test", "weight": weight, "scale": scale, "rule": 1}
            mark = Mark(pupil_id=self.family.pupil, values=tuple(value.split("/")))
            given = MarksGiven(work_id=self.works[-1], school_id=SCHOOL, marks=(mark,))
            self.family.learn("grades", WorkOpened.model_validate({**place, **head}), given)

    def corrected(self, before: str, after: str) -> None:
        """The last mark."""
        about = {"work_id": self.works[-1], "school_id": SCHOOL, "pupil_id": self.family.pupil}
        reason = seal(self.family.pupil, "описка").model_copy(update={"box": "AA==", "text": None})
        self.family.learn("grades", MarkCorrected(**about, before=(before,), after=(after,), reason=reason))

    def weighed(self, weight: str) -> None:
        """The last column."""
        self.family.learn("grades", WorkChanged(work_id=self.works[-1], school_id=SCHOOL, kind="test", weight=weight))

    def told(self, person: UUID | None = None, language: str = "ru") -> list[str]:
        """What the feed says of it all, newest first, after the sender's look."""
        with connect(self.family.notify.settings, "notify", "worker") as conn:
            conn.execute("UPDATE standing_due SET at = at - %s", [QUIET])
            tell(conn, TODAY)
        owe(self.family.notify)
        said = self.family.feed(person, language)["notices"]
        return [one["text"] for one in said if one["kind"] in ("threshold", "decline")]


@pytest.fixture
def physics(family: Family) -> Class:
    return Class(family)


def wished(family: Family, below: str) -> None:
    body = {"pupil_id": str(family.pupil), "below": below}
    assert family.notify.send("PUT", "/thresholds", family.guardian, body).status_code == 200


def test_falling_below_is_told_once(family: Family, physics: Class) -> None:
    wished(family, "3,5")
    physics.marked("4")
    assert physics.told() == []
    physics.marked("2")
    assert physics.told() == [WARNED.format("3,00", "3,5")]
    physics.marked("2")
    assert physics.told() == [WARNED.format("3,00", "3,5")]
    links = {one["link"] for one in family.feed()["notices"] if one["kind"] == "threshold"}
    assert links == {f"/pupils/{family.pupil}/marks"}


def test_the_first_mark_of_a_term_may_be_below(family: Family, physics: Class) -> None:
    wished(family, "3")
    physics.marked("2")
    assert physics.told() == [WARNED.format("2,00", "3")]


def test_what_was_below_when_it_was_wished_is_no_news(family: Family, physics: Class) -> None:
    physics.marked("2")
    assert physics.told() == []
    wished(family, "3.5")
    physics.marked("3")
    assert physics.told() == []


def test_at_the_threshold_is_not_below(family: Family, physics: Class) -> None:
    wished(family, "3.5")
    physics.marked("4", "3")
    assert physics.told() == []


def test_risen_again_takes_its_place_and_the_next_fall_is_news(family: Family, physics: Class) -> None:
    family.consents()
    family.wishes(mark=[])
    wished(family, "3.5")
    physics.marked("4", "2")
    assert physics.told() == [WARNED.format("3,00", "3,5")]
    assert family.told() == {"email": "owed", "portal": "sent"}
    physics.corrected("2", "4")
    assert physics.told() == [RISEN.format("3,5")]
    assert family.told()["email"] == "dropped"
    physics.marked("2", "2")
    assert physics.told() == [WARNED.format("3,00", "3,5")]
    assert family.told()["email"] == "owed"


def test_a_weight_that_changes_moves_the_average(family: Family, physics: Class) -> None:
    wished(family, "3.5")
    physics.marked("5", "3")
    physics.told()
    physics.weighed("5")
    assert physics.told() == [WARNED.format("3,33", "3,5")]


def test_nobody_else_is_told_of_it(family: Family, physics: Class) -> None:
    wished(family, "3.5")
    physics.marked("2")
    assert physics.told(family.pupil) == []
    assert len(physics.told()) == 1


def test_nor_the_guardian_who_lost_the_right(family: Family, physics: Class) -> None:
    wished(family, "3.5")
    family.tied("see")
    physics.marked("2")
    assert physics.told() == []


def test_nor_of_marks_brought_in_later(family: Family, physics: Class) -> None:
    wished(family, "3.5")
    physics.marked("2", on=TODAY - timedelta(days=8))
    assert physics.told() == []


def test_other_terms_do_not_count(family: Family, physics: Class) -> None:
    terms = [(FIRST, TODAY - timedelta(days=3)), (TODAY - timedelta(days=2), LAST)]
    planned = [
        Term(term_id=id_of(str(n)), title=str(n), kind="term", starts=starts, ends=ends)
        for n, (starts, ends) in enumerate(terms)
    ]
    year = YearPlanned(
        year_id=id_of("year"), district_id=DISTRICT, title="2021", starts=FIRST, ends=LAST, terms=tuple(planned)
    )
    family.learn("roster", year)
    wished(family, "3.5")
    physics.marked("5", "5", on=TODAY - timedelta(days=3))
    assert physics.told() == []
    physics.marked("3")
    assert physics.told() == [WARNED.format("3,00", "3,5")]
    family.learn("roster", year.model_copy(update={"terms": ()}))


def test_the_same_subject_in_two_groups_is_one_average(family: Family, physics: Class) -> None:
    wished(family, "3.5")
    physics.marked("5", "4")
    other = Class(family)
    other.marked("2")
    assert other.told() == []


def test_a_column_being_typed_is_not_looked_at(family: Family, physics: Class) -> None:
    wished(family, "3.5")
    physics.marked("2")
    with connect(family.notify.settings, "notify", "worker") as conn:
        assert tell(conn, TODAY) == []
        assert conn.execute("SELECT count(*) FROM standing_due WHERE group_id = %s", [physics.id]).fetchone() == (1,)


@pytest.mark.parametrize(
    ("marks", "told"),
    [
        ("5 5 4 5 5  4 3 4 3 4", ["Анна: последние оценки ниже прежних, в среднем 3,60 после 4,80 · Физика"]),
        ("5 5 4 5 5  4 4 4 4 4", []),  # by 0.8
        ("5 5 4 5  4 3 4 3 4", []),  # too few before
        ("3 3 3 3 3  5 5 5 5 5", []),
    ],
)
def test_a_decline_of_a_whole_mark_is_told(family: Family, physics: Class, marks: str, told: Sequence[str]) -> None:
    *before, last = marks.split()
    physics.marked(*before)
    assert physics.told() == []
    physics.marked(last)
    assert physics.told() == told
    assert physics.told(family.pupil) == told


def test_a_decline_that_goes_on_is_told_once(family: Family, physics: Class) -> None:
    physics.marked(*"555554444")
    physics.told()
    physics.marked("3", "3")
    [told] = physics.told()
    physics.marked("3", "2")
    assert physics.told() == [told]


def test_a_decline_in_english(family: Family, physics: Class) -> None:
    physics.marked(*"555554444")
    physics.told()
    physics.marked("3/2")
    said = "Анна: the last marks are lower than before, 3.50 on average after 5.00 · Физика"
    assert physics.told(language="en") == [said]


def test_it_takes_twenty_of_a_hundred(family: Family, physics: Class) -> None:
    physics.marked(*["90"] * 5, *["75"] * 4, scale="hundred")
    physics.told()
    physics.marked("55", scale="hundred")
    assert physics.told() == []
    physics.marked("50", scale="hundred")
    assert len(physics.told()) == 1


def test_history_that_is_known_at_first_is_no_news(family: Family, physics: Class) -> None:
    physics.marked(*"5555522222")
    assert physics.told() == []


def test_who_does_not_wish_it_is_not_told(family: Family, physics: Class) -> None:
    family.wishes(decline=[])
    physics.marked(*"555554433")
    physics.told()
    physics.marked("3")
    assert physics.told() == []
