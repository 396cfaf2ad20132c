"""Who finds and sees whom in the little district, over HTTP."""

from typing import Any

import pytest

from services.roster.tests.conftest import Roster, bundle, edited, known_as

TEACHER, OTHER_TEACHER, PUPIL, CLASSMATE, STRANGER = (known_as(who) for who in ("t1", "t2", "p1", "p2", "p3"))
MOTHER, RELATIVE, PRINCIPAL, OFFICER = (known_as(who) for who in ("m1", "g2", "a1", "o1"))
ALGEBRA, ART = known_as("7A", "classes"), known_as("5B", "classes")
SCHOOL, OTHER_SCHOOL = known_as("S1", "orgs"), known_as("S2", "orgs")


@pytest.fixture(scope="module")
def there(service: Roster) -> Roster:
    """The little district, only read here."""
    service.empty()
    assert service.imported(bundle())["state"] == "applied"
    return service


def found(roster: Roster, who: Any, query: str) -> list[str]:
    answer = roster.ask(who, "/persons", query=query)
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()]


@pytest.mark.parametrize("query", ["ёлк", "ЕЛК", "Елкин пёт", "101", "ёлкин петр олегович"])
def test_a_pupil_is_found_by_surname_in_any_spelling_or_by_number(there: Roster, query: str) -> None:
    assert "Ёлкин Пётр Олегович" in found(there, TEACHER, query)


def test_names_come_in_russian_order(there: Roster) -> None:
    names = [name for letter in ("еж", "ел", "жу") for name in found(there, OFFICER, letter)]
    assert names == ["Ежова Яна", "Ёлкин Олег", "Ёлкин Пётр Олегович", "Ёлкина Ольга", "Жукова Вера", "Жукова Нина"]


def test_a_search_is_a_prefix_and_nothing_else(there: Roster) -> None:
    assert (
        found(there, OFFICER, "кин") == [] and found(there, OFFICER, "%ин") == [] and found(there, OFFICER, "ел_") == []
    )
    assert there.ask(OFFICER, "/persons", query="е").json()["code"] == "roster.query-too-short"
    assert len(there.ask(OFFICER, "/persons", query="ел", limit=2).json()) == 2


SEEN = {
    TEACHER: {"Ёлкин Пётр Олегович", "Жукова Вера", "Петрова Анна Ивановна", "Директорова Инна"},
    OTHER_TEACHER: {"Ежова Яна", "Сидоров Олег"},
    PRINCIPAL: {
        "Ёлкин Пётр Олегович", "Жукова Вера", "Ёлкина Ольга", "Ёлкин Олег", "Жукова Нина", "Петрова Анна Ивановна",
        "Директорова Инна",
    },
    MOTHER: {"Ёлкин Пётр Олегович", "Ёлкина Ольга"},
    RELATIVE: {"Жукова Вера", "Жукова Нина"},
    PUPIL: {"Ёлкин Пётр Олегович"},
}  # fmt: skip
EVERYONE = ("пе", "си", "ел", "жу", "еж", "ди", "ок")


@pytest.mark.parametrize("who", SEEN, ids=["teacher", "teacher elsewhere", "principal", "mother", "relative", "pupil"])
def test_a_search_finds_only_whom_one_may_see(there: Roster, who: Any) -> None:
    assert {name for query in EVERYONE for name in found(there, who, query)} == SEEN[who]
    every = {known_as(p): p for p in ("t1", "t2", "p1", "p2", "p3", "m1", "f1", "g2", "a1", "o1")}
    opened = [there.ask(who, f"/persons/{person}") for person in every]
    assert {one.json()["name"] for one in opened if one.status_code == 200} == SEEN[who]
    assert {one.status_code for one in opened} == {200, 404}


def test_the_officer_sees_the_district(there: Roster) -> None:
    assert len({name for query in EVERYONE for name in found(there, OFFICER, query)}) == 10


def test_personal_data_are_for_family_and_office(there: Roster) -> None:
    def of(who: Any) -> Any:
        return there.ask(who, f"/persons/{PUPIL}").json()

    for who in (MOTHER, PRINCIPAL, OFFICER):
        assert (of(who)["birth_date"], of(who)["email"]) == ("2008-03-02", "p1@example.org")
        assert [tie["name"] for tie in of(who)["guardians"]] == ["Ёлкин Олег", "Ёлкина Ольга"]
    teacher = of(TEACHER)
    assert (teacher["birth_date"], teacher["email"], teacher["guardians"]) == (None, None, [])
    assert (teacher["grade"], teacher["identifier"]) == ("7", "101")


def test_names_by_id_are_told_to_those_who_deal_with_them(there: Roster) -> None:
    def named(who: Any, *ids: Any) -> set[str]:
        return set(there.ask(who, "/names", ids=",".join(map(str, ids))).json().values())

    assert named(MOTHER, TEACHER, PUPIL, CLASSMATE, STRANGER) == {"Петрова Анна Ивановна", "Ёлкин Пётр Олегович"}
    assert named(TEACHER, MOTHER, RELATIVE, STRANGER) == {"Ёлкина Ольга", "Жукова Нина"}
    assert named(OTHER_TEACHER, MOTHER, PUPIL, TEACHER) == set()
    assert there.ask(MOTHER, "/names", ids="nonsense").status_code == 404


def test_me_says_who_i_am_where_and_whose(there: Roster) -> None:
    mother = there.ask(MOTHER, "/me").json()
    assert mother["name"] == "Ёлкина Ольга"
    assert mother["roles"] == [{"role": "parent", "school_id": str(SCHOOL), "school": "Школа № 1"}]
    assert mother["children"] == [
        {
            "person_id": str(PUPIL), "name": "Ёлкин Пётр Олегович", "school_id": str(SCHOOL), "grade": "7",
            "rights": ["see", "act", "notices"],
        }
    ]  # fmt: skip
    assert [(s["name"], s["time_zone"], s["today"]) for s in mother["schools"]] == [
        ("Школа № 1", "Europe/Moscow", "2021-10-04")
    ]


def test_groups_and_their_members(there: Roster) -> None:
    def titles(who: Any, **query: Any) -> list[str]:
        return [one["title"] for one in there.ask(who, "/groups", **query).json()]

    assert titles(TEACHER) == ["7А алгебра"] == titles(MOTHER) == titles(PRINCIPAL) == titles(PUPIL, mine=True)
    assert titles(OFFICER) == ["5Б ИЗО", "7А алгебра"] and titles(OFFICER, school_id=OTHER_SCHOOL) == ["5Б ИЗО"]
    assert titles(PRINCIPAL, mine=True) == []
    path = f"/groups/{ALGEBRA}/members"
    assert [m["name"] for m in there.ask(TEACHER, path, on="2021-10-04").json()] == [
        "Ёлкин Пётр Олегович",
        "Жукова Вера",
    ]
    assert [m["name"] for m in there.ask(TEACHER, path, on="2021-10-11").json()] == ["Ёлкин Пётр Олегович"]
    for who in (OTHER_TEACHER, MOTHER, PUPIL):
        assert there.ask(who, path).status_code == 404
    assert there.ask(PRINCIPAL, f"/groups/{ART}/members").status_code == 404


def test_parents_write_to_teachers_and_teachers_to_parents(there: Roster) -> None:
    assert there.ask(MOTHER, "/contacts").json() == [
        {"person_id": str(TEACHER), "name": "Петрова Анна Ивановна", "role": "teacher", "about": [str(PUPIL)]}
    ]
    assert [c["name"] for c in there.ask(TEACHER, "/contacts").json()] == ["Ёлкин Олег", "Ёлкина Ольга"]
    assert there.ask(RELATIVE, "/contacts").json() == []  # may see, not act


def test_years_have_terms(there: Roster) -> None:
    (year,) = there.ask(PUPIL, "/years").json()
    assert (year["title"], [term["title"] for term in year["terms"]]) == ("2021-2022", ["I четверть", "II четверть"])


def test_a_right_ends_with_the_tie(district: Roster) -> None:
    assert district.ask(MOTHER, f"/persons/{PUPIL}").status_code == 200
    district.imported(bundle(edited("users.csv", ('"m1,f1"', "f1"), ("+7 900 000-00-01,p1,,", "+7 900 000-00-01,,,"))))
    assert district.ask(MOTHER, f"/persons/{PUPIL}").status_code == 404
    assert district.ask(MOTHER, "/me").json()["children"] == []


def test_nobody_sees_anything_without_a_role(district: Roster) -> None:
    nobody = known_as("nobody")
    assert district.ask(nobody, "/me").json()["schools"] == []
    assert district.ask(nobody, "/groups").json() == district.ask(nobody, "/years").json() == []
    assert district.ask(nobody, "/persons", query="елкин").json() == []
    with district.pool.connection() as conn:
        for table in (b"persons", b"roles", b"family", b"groups", b"enrolments", b"schools", b"years"):
            row = conn.execute(b"SELECT count(*) FROM " + table).fetchone()
            assert row == (0,), "without a scope row-level security shows nothing"
