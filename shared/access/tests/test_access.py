"""The policy, on a real PostgreSQL, through the role that asks."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from deploy.embedded.postgres import Postgres
from shared import access
from shared.clock import Calendar
from shared.contracts import Event
from shared.contracts.envelope import Envelope, Received
from shared.contracts.roster import (
    Enrolment,
    EnrolmentsSet,
    FamilySet,
    GroupClosed,
    GroupDescribed,
    Right,
    Role,
    RoleHeld,
    RolesSet,
    SchoolDescribed,
    Tie,
)
from shared.postgres import Conn, scoped
from shared.process import Service
from shared.testing.web import connect, fresh_database, settings_for

DISTRICT, SCHOOL, OTHER_SCHOOL, OTHER_DISTRICT, FOREIGN = (uuid4() for _ in range(5))
TEACHER, FORMER, OFFICE, OFFICER, PUPIL, CLASSMATE, PARENT, CONTACT, STRANGER = (uuid4() for _ in range(9))
GROUP, OTHER_GROUP = uuid4(), uuid4()
SEPTEMBER, OCTOBER, MAY = date(2021, 9, 1), date(2021, 10, 1), date(2022, 5, 31)
CALENDAR = Calendar.starting(OCTOBER)


def received(*events: Event) -> list[Received]:
    return [Received(event, _envelope(event, n), n) for n, event in enumerate(events, 1)]


def _envelope(event: Event, n: int) -> Envelope:
    subject = next(v for v in event.model_dump().values() if isinstance(v, UUID))
    now = datetime.now(UTC)
    return Envelope(
        f"{subject}:{n}", "/diary/roster/1", event.TYPE, subject, now, subject, uuid4(), "c", event.key, "s"
    )


def school(place: UUID, district: UUID) -> SchoolDescribed:
    kind = "district" if place == district else "school"
    return SchoolDescribed.model_validate(
        {"school_id": place, "district_id": district, "kind": kind, "name": "n", "code": "1", "time_zone": "UTC"}
    )


def group(of: UUID, at: UUID) -> GroupDescribed:
    return GroupDescribed(
        group_id=of, school_id=at, title="7A", subject="Maths", course="M7", starts=SEPTEMBER, ends=MAY
    )


def enrolments(of: UUID, *people: Enrolment, at: UUID = SCHOOL) -> EnrolmentsSet:
    return EnrolmentsSet(group_id=of, school_id=at, enrolments=people)


def teacher(person: UUID, starts: date = SEPTEMBER, ends: date = MAY) -> Enrolment:
    return Enrolment(person_id=person, role="teacher", starts=starts, ends=ends)


def pupil(person: UUID, starts: date = SEPTEMBER, ends: date = MAY) -> Enrolment:
    return Enrolment(person_id=person, role="pupil", starts=starts, ends=ends)


def role(person: UUID, name: Role, at: UUID = SCHOOL, starts: date = SEPTEMBER, ends: date = MAY) -> RolesSet:
    return RolesSet(person_id=person, roles=(RoleHeld(role=name, school_id=at, starts=starts, ends=ends),))


def family(child: UUID, guardian: UUID, *rights: Right) -> FamilySet:
    return FamilySet(pupil_id=child, ties=(Tie(guardian_id=guardian, relation="parent", rights=rights),))


@dataclass
class District:
    """The district of the tests: facts go in by the worker's role, questions by the API's."""

    worker: Conn
    api: Conn
    service: str = field(default="accesstest")

    def learn(self, *events: Event) -> None:
        access.apply(self.worker, received(*events))

    def rights(self, person: UUID) -> access.Rights:
        return access.rights(self.api, person, CALENDAR)

    def sees(self, person: UUID, child: UUID, on: date = OCTOBER, right: Right = "see") -> bool:
        with scoped(self.api, self.rights(person).scope) as conn:
            return access.may_see_pupil(conn, person, child, on, right)

    def sees_group(self, person: UUID, of: UUID = GROUP, on: date = OCTOBER) -> bool:
        with scoped(self.api, self.rights(person).scope) as conn:
            return access.may_see_group(conn, person, of, on)


@pytest.fixture(scope="module")
def database(postgres: Postgres) -> Iterator[tuple[Conn, Conn]]:
    settings = settings_for(postgres)
    fresh_database(settings, Service("accesstest", projections=(access.projection("accesstest"),)))
    with connect(settings, "accesstest", "worker") as worker, connect(settings, "accesstest", "api") as api:
        yield worker, api


@pytest.fixture
def district(database: tuple[Conn, Conn]) -> District:
    worker, api = database
    for table in access.TABLES:
        worker.execute(f"DELETE FROM {table}")
    made = District(worker, api)
    made.learn(
        school(DISTRICT, DISTRICT), school(SCHOOL, DISTRICT), school(OTHER_SCHOOL, DISTRICT),
        school(FOREIGN, OTHER_DISTRICT), group(GROUP, SCHOOL), group(OTHER_GROUP, OTHER_SCHOOL),
        role(TEACHER, "teacher"), role(FORMER, "teacher", ends=date(2021, 9, 30)), role(OFFICE, "office"),
        role(OFFICER, "officer", DISTRICT), role(PUPIL, "pupil"), role(CLASSMATE, "pupil", OTHER_SCHOOL),
        enrolments(GROUP, teacher(TEACHER), teacher(FORMER, ends=date(2021, 9, 30)), pupil(PUPIL)),
        enrolments(OTHER_GROUP, pupil(CLASSMATE), at=OTHER_SCHOOL), family(PUPIL, PARENT, "see", "notices"),
    )  # fmt: skip
    return made


@pytest.mark.parametrize(
    ("person", "child", "seen"),
    [
        (TEACHER, PUPIL, True), (TEACHER, CLASSMATE, False), (FORMER, PUPIL, False), (OFFICE, PUPIL, True),
        (OFFICE, CLASSMATE, False), (OFFICER, PUPIL, True), (OFFICER, CLASSMATE, True), (PUPIL, PUPIL, True),
        (PUPIL, CLASSMATE, False), (CLASSMATE, PUPIL, False), (PARENT, PUPIL, True), (PARENT, CLASSMATE, False),
        (STRANGER, PUPIL, False), (access.OPERATOR, PUPIL, True), (access.OPERATOR, STRANGER, False),
    ],
)  # fmt: skip
def test_who_sees_which_pupil(district: District, person: UUID, child: UUID, seen: bool) -> None:
    assert district.sees(person, child) is seen


@pytest.mark.parametrize(
    ("person", "seen"),
    [(TEACHER, True), (FORMER, False), (OFFICE, True), (OFFICER, True), (PUPIL, False), (PARENT, False)],
)
def test_who_sees_a_group_with_its_members(district: District, person: UUID, seen: bool) -> None:
    assert district.sees_group(person) is seen


def test_a_right_withdrawn_ends_with_the_next_question(district: District) -> None:
    assert district.sees(PARENT, PUPIL)
    district.learn(FamilySet(pupil_id=PUPIL, ties=()))
    assert not district.sees(PARENT, PUPIL)
    assert SCHOOL not in district.rights(PARENT).scope

    district.learn(enrolments(GROUP, pupil(PUPIL)))
    assert not district.sees(TEACHER, PUPIL)


def test_a_right_holds_from_its_first_day_to_its_last(district: District) -> None:
    with scoped(district.api, [SCHOOL]) as conn:
        assert access.teaches(conn, FORMER, GROUP, date(2021, 9, 30))
        assert not access.teaches(conn, FORMER, GROUP, date(2021, 10, 1))
        assert not access.teaches(conn, FORMER, GROUP, date(2021, 8, 31))


def test_each_right_over_a_child_is_its_own(district: District) -> None:
    assert district.sees(PARENT, PUPIL, right="notices")
    assert not district.sees(PARENT, PUPIL, right="act")
    assert not district.sees(OFFICE, PUPIL, right="notices")
    district.learn(family(PUPIL, CONTACT, "act"))
    assert not district.sees(CONTACT, PUPIL)


def test_a_closed_group_has_nobody_and_one_described_again_has(district: District) -> None:
    closed = GroupClosed(group_id=GROUP, school_id=SCHOOL, closed_on=OCTOBER)
    district.learn(closed)
    assert not district.sees(TEACHER, PUPIL)
    assert district.sees(TEACHER, PUPIL, on=date(2021, 9, 30))
    district.learn(closed, group(GROUP, SCHOOL))
    assert district.sees(TEACHER, PUPIL)
    district.learn(group(GROUP, SCHOOL), closed)
    assert not district.sees(TEACHER, PUPIL)


def test_the_same_events_again_change_nothing(district: District) -> None:
    def everything() -> list[object]:
        return [district.worker.execute(f"SELECT * FROM {t} ORDER BY 1, 2, 3, 4").fetchall() for t in access.TABLES]

    again = [role(TEACHER, "teacher"), family(PUPIL, PARENT, "see", "notices"), group(GROUP, SCHOOL)]
    before = everything()
    district.learn(*again)
    district.learn(*again, *again)
    assert everything() == before


def test_roles_and_scope_are_what_the_roster_says_today(district: District) -> None:
    assert district.rights(TEACHER) == access.Rights((access.Held("teacher", SCHOOL),), (TEACHER, SCHOOL))
    assert district.rights(FORMER) == access.Rights((), (FORMER,))
    assert district.rights(PARENT) == access.Rights((access.Held("parent", SCHOOL),), (PARENT, PUPIL, SCHOOL))
    assert set(district.rights(OFFICER).scope) == {OFFICER, DISTRICT, SCHOOL, OTHER_SCHOOL}
    assert district.rights(STRANGER) == access.Rights((), (STRANGER,))
    assert FOREIGN in district.rights(access.OPERATOR).scope


def test_without_a_scope_the_database_shows_no_people(district: District) -> None:
    for table in ("access_roles", "access_groups", "access_teaching", "access_members"):
        assert district.api.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_the_second_wall_holds_when_the_question_is_asked_in_a_narrow_scope(district: District) -> None:
    with scoped(district.api, [OTHER_SCHOOL]) as conn:
        assert not access.may_see_pupil(conn, OFFICE, PUPIL, OCTOBER)
        assert access.members(conn, GROUP, OCTOBER) == []


def test_families_are_listed_with_their_rights(district: District) -> None:
    tie = access.Tie(PARENT, "parent", ("see", "notices"))
    with scoped(district.api, [SCHOOL]) as conn:
        assert access.guardians_of(conn, PUPIL, "notices") == [tie]
        assert access.guardians_of(conn, PUPIL, "act") == []
        assert access.belongs_to_group(conn, PARENT, GROUP, OCTOBER)
        assert access.zone_of(conn, SCHOOL) == "UTC"
