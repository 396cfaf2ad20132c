"""What changed, how lists go on, how names are searched and ordered; and how OneRoster's words become ours."""

from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.roster import mapping
from services.roster.domain import canonical, describe, digest_of, restored, search_key, went_on
from services.roster.mapping import District
from services.roster.tests.conftest import known_as
from shared.contracts import Event, seal
from shared.contracts.roster import Enrolment, FamilySet, PersonDescribed, RoleHeld, Tie
from shared.contracts.words import sort_key

ANNA, VERA = known_as("p1"), known_as("p2")
SEPTEMBER, OCTOBER, MAY = date(2021, 9, 1), date(2021, 10, 4), date(2022, 5, 31)


def person(surname: str, email: str | None = None) -> PersonDescribed:
    sealed = email and seal(ANNA, email)
    return PersonDescribed(
        person_id=ANNA, district_id=uuid4_of("D"), family_name=seal(ANNA, surname), given_name=seal(ANNA, "Анна"),
        email=sealed or None,
    )  # fmt: skip


def uuid4_of(source: str) -> object:
    return known_as(source, "orgs")


def pupil(who: object, starts: date = SEPTEMBER, ends: date = MAY) -> Enrolment:
    return Enrolment(person_id=who, role="pupil", starts=starts, ends=ends)


def digest(event: Event) -> bytes:
    return digest_of(canonical(event))


def wanted(*events: Event) -> list[tuple[Event, bytes]]:
    return [(event, digest(event)) for event in events]


def test_only_what_says_something_new_is_decided() -> None:
    known = {PersonDescribed.TYPE: digest(person("Петрова"))}
    assert describe(known, wanted(person("Петрова"))) == []
    assert describe(known, wanted(person("Петрова", "a@b.org"))) == [person("Петрова", "a@b.org")]
    assert describe({}, wanted(person("Петрова"))) == [person("Петрова")]


def test_the_box_of_a_sealed_text_does_not_count_only_its_text() -> None:
    name = seal(ANNA, "Петрова").model_copy(update={"box": "QUJD"})
    assert digest(person("Петрова")) == digest(person("Петрова").model_copy(update={"family_name": name}))


def test_what_is_staged_comes_back_whole() -> None:
    described = person("Петрова", "a@b.org")
    assert restored(PersonDescribed.TYPE, canonical(described)) == described


def test_one_no_longer_listed_left_the_day_before() -> None:
    assert went_on([pupil(ANNA), pupil(VERA)], [pupil(VERA)], OCTOBER) == (
        *sorted([pupil(ANNA, ends=date(2021, 10, 3)), pupil(VERA)], key=lambda e: str(e.person_id)),
    )


def test_one_who_was_to_come_and_is_no_longer_listed_never_came() -> None:
    assert went_on([pupil(ANNA, starts=OCTOBER)], [], OCTOBER) == ()


def test_what_ended_before_keeps_its_last_day() -> None:
    left = pupil(ANNA, ends=date(2021, 9, 10))
    assert went_on([left], [], OCTOBER) == (left,)


entries = st.builds(
    Enrolment,
    person_id=st.sampled_from([ANNA, VERA]),
    role=st.sampled_from(["pupil", "teacher"]),
    starts=st.dates(SEPTEMBER, date(2021, 12, 1)),
    ends=st.dates(date(2021, 12, 2), MAY),
)


@given(st.lists(entries, max_size=6), st.lists(entries, max_size=6), st.dates(SEPTEMBER, MAY), st.integers(0, 90))
def test_the_same_list_given_again_on_any_later_day_changes_nothing(
    before: list[Enrolment], now: list[Enrolment], on: date, later: int
) -> None:
    once = went_on(before, now, on)
    assert went_on(once, now, date.fromordinal(on.toordinal() + later)) == once


def test_names_are_found_in_any_case_with_e_for_yo() -> None:
    assert search_key("  ЁЛКИН  Пётр ") == "елкин петр"


def test_yo_stands_between_ye_and_zhe() -> None:
    names = ["Жуков", "Ёлкин", "Ежов", "Яшин", "Адамов", "Ёжиков"]
    assert sorted(names, key=sort_key) == ["Адамов", "Ежов", "Ёжиков", "Ёлкин", "Жуков", "Яшин"]


DISTRICT = District(
    "D",
    "Europe/Moscow",
    {
        "D": {"type": "district", "name": "Г"},
        "S1": {"type": "school", "name": "1"},
        "S2": {"type": "school", "name": "2"},
    },
    {
        "Y": {"type": "schoolYear", "title": "2021-2022", "startDate": "2021-09-01", "endDate": "2022-05-31"},
        "Q1": {
            "type": "term",
            "title": "I",
            "startDate": "2021-09-01",
            "endDate": "2021-10-31",
            "parentSourcedId": "Y",
        },
        "P": {
            "type": "gradingPeriod",
            "title": "p",
            "startDate": "2021-09-01",
            "endDate": "2021-09-30",
            "parentSourcedId": "Q1",
        },
    },
)


@pytest.mark.parametrize(
    ("role", "org", "expected"),
    [
        ("student", "S1", {("pupil", "S1")}),
        ("teacher", "S1", {("teacher", "S1")}),
        ("relative", "S1", {("parent", "S1")}),
        ("principal", "S1", {("administrator", "S1"), ("office", "S1")}),
        ("districtAdministrator", "D", {("officer", "D")}),
        (
            "siteAdministrator",
            "D",
            {("officer", "D"), *((role, s) for role in ("administrator", "office") for s in ("S1", "S2"))},
        ),
        ("aide", "S1", set()),
    ],
)
def test_roles_of_oneroster_become_ours(role: str, org: str, expected: set[tuple[str, str]]) -> None:
    row = {"role": role, "orgSourcedId": org}
    held = mapping.roles(DISTRICT, [row], (SEPTEMBER, MAY))
    assert held == [h for h in held if (h.starts, h.ends) == (SEPTEMBER, MAY)]
    assert {(h.role, h.school_id) for h in held} == {(name, known_as(s, "orgs")) for name, s in expected}


def test_a_year_has_its_terms_and_their_periods() -> None:
    (year,) = mapping.years(DISTRICT)
    assert [(t.title, t.kind, t.parent_id) for t in year.terms] == [
        ("I", "term", None),
        ("p", "period", known_as("Q1", "academicSessions")),
    ]


def test_a_relative_may_only_see_and_the_stronger_tie_counts() -> None:
    tied = mapping.family(DISTRICT, "p1", [("m1", "relative"), ("m1", "parent"), ("g1", "relative")])
    assert tied == FamilySet(
        pupil_id=ANNA,
        ties=(
            Tie(guardian_id=known_as("g1"), relation="relative", rights=("see",)),
            Tie(guardian_id=known_as("m1"), relation="parent", rights=("see", "act", "notices")),
        ),
    )


def test_roles_go_on_as_enrolments_do() -> None:
    held = RoleHeld(role="teacher", school_id=uuid4(), starts=SEPTEMBER, ends=MAY)
    assert went_on([held], [], OCTOBER) == (held.model_copy(update={"ends": date(2021, 10, 3)}),)
