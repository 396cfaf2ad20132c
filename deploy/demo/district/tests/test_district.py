"""What a generated district must have, whatever the seed and the size."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.demo.district import Nonsense, Plan, cast
from deploy.demo.district.__main__ import main
from deploy.demo.district.calendar import school_year
from deploy.demo.district.curriculum import GRADES, LIMITS, days, hours
from deploy.demo.district.names import patronymic, surname
from deploy.demo.district.schedule import slots
from deploy.demo.district.schools import Form, school
from deploy.demo.district.tests.written import Written, by_id, written

FILES = ("oneroster.zip", "timetable.csv", "bells.csv", "holidays.csv")
plans = st.builds(
    Plan,
    schools=st.integers(1, 2),
    seed=st.integers(0, 2**32),
    letters=st.sampled_from((1, 2, 3, 4, 8)),
    year=st.integers(2010, 2090),
)
any_plan = settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """The demo's: three schools."""
    return written(tmp_path_factory.mktemp("town"), Plan(3, seed=7))


@contextmanager
def made(plan: Plan) -> Iterator[Written]:
    with tempfile.TemporaryDirectory() as folder:
        yield written(Path(folder), plan)


def bytes_of(folder: Path) -> list[str]:
    return [sha256((folder / name).read_bytes()).hexdigest() for name in FILES]


def test_the_same_seed_gives_the_same_bytes_and_another_one_other_people(tmp_path: Path) -> None:
    one, same, other = (
        written(tmp_path / name, Plan(2, seed=seed, letters=1)) for name, seed in (("a", 5), ("b", 5), ("c", 6))
    )
    assert bytes_of(one.folder) == bytes_of(same.folder)
    names = [[(row["familyName"], row["givenName"]) for row in w.rows("users")] for w in (one, other)]
    assert sum(a == b for a, b in zip(*names, strict=False)) < len(names[0]) / 50


def test_nothing_but_the_four_files_is_left_in_the_folder(town: Written) -> None:
    assert sorted(path.name for path in town.folder.iterdir()) == sorted(FILES)


def test_a_school_stays_as_it_is_when_the_district_grows(tmp_path: Path) -> None:
    """But for its number, which is drawn for all, and the families in two schools."""
    few, more = (written(tmp_path / str(n), Plan(n, seed=3, letters=1)) for n in (2, 3))
    first = [{row["sourcedId"]: row["familyName"] for row in w.rows("users")} for w in (few, more)]
    same = [id for id in first[0] if id.startswith(("p1.", "t1.")) and first[0][id] == first[1].get(id)]
    assert len(same) == sum(id.startswith(("p1.", "t1.")) for id in first[0])


@any_plan
@given(plans)
def test_nobody_is_in_two_places_at_once(plan: Plan) -> None:
    with made(plan) as district:
        teachers, pupils, seen = district.members("teacher"), district.members("student"), Counter[tuple[str, ...]]()
        for row in district.lessons:
            group, when = row["classSourcedId"], (row["weekday"], row["lesson"])
            where = district.classes[group]["schoolSourcedId"]
            seen.update((person, *when) for person in teachers[group] + pupils[group])
            seen[f"{where} {row['room']}", *when] += 1
        assert max(seen.values()) == 1


@any_plan
@given(plans)
def test_loads_classes_and_weeks_are_within_bounds(plan: Plan) -> None:
    with made(plan) as district:
        moments, teachers, pupils = district.moments(), district.members("teacher"), district.members("student")
        loads = Counter[str]()
        for group, held in moments.items():
            loads.update({person: len(held) for person in teachers[group]})
        assert min(loads.values()) >= 16 and max(loads.values()) <= 27
        assert all(20 <= len(pupils[home]) <= 30 for home in district.homerooms)
        leaders = [teachers[home] for home in district.homerooms]
        assert len({one for (one,) in leaders}) == len(leaders)
        assert set(district.classes) == set(moments) == set(teachers) == set(pupils)


@any_plan
@given(plans)
def test_pupils_have_no_gaps_and_no_more_than_the_law_allows(plan: Plan) -> None:
    with made(plan) as district:
        weeks: dict[str, set[tuple[int, int]]] = {}
        for group, held in district.moments().items():
            home = ".".join(group.split(".")[:2])
            weeks.setdefault(home, set()).update((int(day), int(number)) for day, number in held)
        for home, week in weeks.items():
            grade = int(district.homerooms[home]["grades"])
            six = max(day for day, _ in week) == 6
            assert len(week) - 1 <= LIMITS[6 if six else 5][grade - 1]
            first = min(number for _, number in week)
            for day in {day for day, _ in week}:
                numbers = sorted(number for on, number in week if on == day)
                assert numbers == list(range(first, first + len(numbers)))
                assert len(numbers) <= (5 if grade == 1 else 6 if grade <= 4 else 7)


@any_plan
@given(plans)
def test_families_agree(plan: Plan) -> None:
    with made(plan) as district:
        roles = Counter(row["role"] for row in district.rows("roles"))
        assert roles["student"] == district.counts.pupils and roles["teacher"] == district.counts.teachers
        fathers = {}
        for id, row in district.users.items():
            if not id.startswith("p"):
                continue
            adults = [district.users[adult] for adult in row["agentSourcedIds"].split(",")]
            assert adults and len({surname_root(one["familyName"]) for one in [row, *adults]}) == 1
            sex = "female" if row["middleName"].endswith("на") else "male"
            for adult in adults:
                if adult["sourcedId"].startswith("f"):
                    fathers[id] = patronymic(adult["givenName"], "female" if sex == "female" else "male")
                    assert fathers[id] == row["middleName"]
        assert len(fathers) > district.counts.pupils / 2


def surname_root(name: str) -> str:
    """What a surname's male and female forms share."""
    return name.removesuffix("ая").removesuffix("ий").removesuffix("ой").removesuffix("а")


@any_plan
@given(plans)
def test_siblings_learn_in_two_schools_and_were_not_born_within_months(plan: Plan) -> None:
    with made(plan) as district:
        born = {row["sourcedId"]: date.fromisoformat(row["birthDate"]) for row in district.rows("demographics")}
        families: dict[str, list[str]] = {}
        for id, row in district.users.items():
            if id.startswith("p"):
                families.setdefault(row["agentSourcedIds"], []).append(id)
                # six and a half to eight and a bit on the first day of the first year
                age = (date(plan.year, 9, 1) - born[id]).days / 365.25 - int(row["grades"]) + 1
                assert 6.5 <= age <= 8
        siblings = [children for children in families.values() if len(children) > 1]
        assert len(siblings) > 5
        for children in siblings:
            days_born = sorted(born[id] for id in children)
            assert all((b - a).days >= 270 for a, b in pairwise(days_born))
            assert len({district.users[id]["givenName"] for id in children}) == len(children)
        across = [c for c in siblings if len({district.users[id]["primaryOrgSourcedId"] for id in c}) > 1]
        assert len(across) >= 3 or plan.schools == 1
        places = Counter(row["userSourcedId"] for row in district.rows("roles") if row["role"] == "parent")
        assert (max(places.values()) == 2) == (plan.schools > 1)


def test_the_demo_has_both_shifts_six_days_and_every_kind_of_school(town: Written) -> None:
    numbers = {row["schoolSourcedId"]: set[int]() for row in town.beside("bells")}
    last_day = dict.fromkeys(numbers, 0)
    for row in town.lessons:
        place = town.classes[row["classSourcedId"]]["schoolSourcedId"]
        numbers[place].add(int(row["lesson"]))
        last_day[place] = max(last_day[place], int(row["weekday"]))
    assert max(numbers["s1"]) > 7 >= max(numbers["s2"] | numbers["s3"])
    assert last_day == {"s1": 5, "s2": 6, "s3": 6}
    kinds = [row["name"].split(" № ")[0] for row in town.rows("orgs") if row["type"] == "school"]
    assert kinds[1:] == ["Гимназия", "Лицей"]
    homes = [row["title"] for row in town.homerooms.values() if row["schoolSourcedId"] == "s1"]
    assert homes == [f"{grade}{letter} класс" for grade in range(1, 12) for letter in "АБ"]


def test_the_second_shift_begins_when_the_first_is_over(town: Written) -> None:
    for place in ("s1", "s2", "s3"):
        bells = [
            (int(r["lesson"]), r["start"], r["end"]) for r in town.beside("bells") if r["schoolSourcedId"] == place
        ]
        assert [number for number, _, _ in bells] == list(range(1, len(bells) + 1))
        assert all(end <= start for (_, _, end), (_, start, _) in pairwise(bells))
        assert bells[0][1] >= "08:00" and bells[-1][2] <= "19:30"


def test_halves_of_a_class_learn_at_once_and_are_the_whole_together(town: Written) -> None:
    moments, pupils = town.moments(), town.members("student")
    halves = [id for id in town.classes if id.endswith(".1")]
    assert any(".eng." in id for id in halves) and any(".inf." in id for id in halves)
    for one in halves:
        other, home = one[:-1] + "2", ".".join(one.split(".")[:2])
        assert sorted(moments[one]) == sorted(moments[other])
        assert sorted(pupils[one] + pupils[other]) == sorted(pupils[home])
        assert abs(len(pupils[one]) - len(pupils[other])) <= 1


def test_one_subject_seldom_stands_twice_on_one_day(town: Written) -> None:
    daily = Counter((row["classSourcedId"], row["weekday"]) for row in town.lessons)
    assert sum(count > 1 for count in daily.values()) <= len(daily) / 50


@pytest.mark.parametrize("schools", [1, 3])
def test_the_visitors_are_who_they_are_said_to_be(schools: int, tmp_path: Path) -> None:
    plan = Plan(schools, seed=11)
    district, visitors = written(tmp_path, plan), cast(plan)
    roles = {(row["userSourcedId"], row["role"], row["orgSourcedId"]) for row in district.rows("roles")}
    assert (visitors.head, "principal", "s1") in roles
    assert (visitors.officer, "districtAdministrator", "zarechye") in roles
    assert (visitors.parent, "parent", "s1") in roles
    for child, place in ((visitors.pupil, "s1"), (visitors.sibling, "s2" if schools > 1 else "s1")):
        assert visitors.parent in district.users[child]["agentSourcedIds"].split(",")
        assert district.users[child]["primaryOrgSourcedId"] == place
    teachers, pupils = district.members("teacher"), district.members("student")
    assert teachers[visitors.home] == [visitors.teacher] and visitors.pupil in pupils[visitors.home]
    taught = {group: len(held) for group, held in district.moments().items() if visitors.teacher in teachers[group]}
    assert sum(taught.values()) >= 18
    assert sum(count for group, count in taught.items() if group.startswith(f"{visitors.home}.")) >= 5


def test_the_counts_are_those_of_the_files(town: Written) -> None:
    counts, kinds = town.counts, Counter(row["role"] for row in town.rows("roles") if row["roleType"] == "primary")
    assert (counts.schools, counts.classes, counts.groups) == (3, len(town.homerooms), len(town.classes))
    assert (counts.pupils, counts.teachers) == (kinds["student"], kinds["teacher"])
    assert counts.parents == kinds["parent"] + kinds["guardian"] and counts.lessons_a_week == len(town.lessons)
    assert all(by_id(town.rows(name)) for name in ("orgs", "enrollments", "roles", "courses", "users"))


def test_years_have_four_quarters_between_the_holidays() -> None:
    year = school_year(2026)
    assert (year.first, year.last) == (date(2026, 9, 1), date(2027, 5, 26))
    assert [(q.starts, q.ends) for q in year.quarters][:2] == [
        (date(2026, 9, 1), date(2026, 10, 30)),
        (date(2026, 11, 9), date(2026, 12, 30)),
    ]
    moved = [(span.starts, span.title) for span in year.holidays if span.starts.month == 5]
    assert [day for day, _ in moved] == [date(2027, 5, day) for day in (1, 3, 9, 10)]
    for start in range(2010, 2090):
        spans = school_year(start).holidays
        assert all(a.starts <= a.ends < b.starts for a, b in pairwise(spans))


def test_no_class_has_more_hours_than_the_law_allows() -> None:
    for kind in ("school", "gymnasium", "lyceum"):
        for grade in GRADES:
            for letter in range(9):
                assert sum(hours(kind, grade, letter).values()) <= LIMITS[days(kind, grade)][grade - 1]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--schools", "0"], "schools: 0 "),
        (["--schools", "-1"], "schools: -1 "),
        (["--letters", "0"], "letters: 0 "),
        (["--letters", "9"], "letters: 9 "),
        (["--year", "1812"], "year: 1812 "),
        (["--schools", "три"], "invalid int value"),
    ],
)
def test_nonsense_is_refused_in_one_line(
    arguments: list[str], why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = main([*arguments, "--into", str(tmp_path / "district")])
    except SystemExit as left:
        status = int(left.code or 0)
    said = capsys.readouterr().err
    assert status == 2 and why in said and said.count("\n") == 1
    assert not (tmp_path / "district").exists()


def test_more_lessons_than_the_week_holds_are_refused() -> None:
    with pytest.raises(Nonsense, match="the week does not hold 36 lessons"):
        slots(Form("1.9a", "9А", 9, 0, 5, (1, 7)), 36)


def test_surnames_agree() -> None:
    assert [surname(name, "female") for name in ("Ильин", "Покровский", "Толстой", "Бойко", "Черных")] == [
        "Ильина", "Покровская", "Толстая", "Бойко", "Черных",
    ]  # fmt: skip
    assert [patronymic(name, "female") for name in ("Сергей", "Юрий", "Георгий", "Илья", "Лев", "Павел")] == [
        "Сергеевна", "Юрьевна", "Георгиевна", "Ильинична", "Львовна", "Павловна",
    ]  # fmt: skip
    assert [patronymic(name, "male") for name in ("Игорь", "Никита", "Михаил", "Пётр", "Тимофей", "Рамиль")] == [
        "Игоревич", "Никитич", "Михайлович", "Петрович", "Тимофеевич", "Рамилевич",
    ]  # fmt: skip


def test_schools_vary_in_size_where_there_are_many_letters() -> None:
    plan = Plan(60, letters=5)
    assert {school(plan, index).letters for index in range(1, 61)} == {4, 5, 6}
    assert len({school(plan, index).number for index in range(1, 61)}) == 60
