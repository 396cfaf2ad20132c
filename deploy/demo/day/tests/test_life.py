"""Pupils, many at once: what they are like looks like life, not like dice."""

from collections import Counter
from datetime import date, timedelta
from statistics import correlation, mean

import pytest

from deploy.demo.day.life import Missing, Pupil, bus_late
from deploy.demo.day.subjects import UNMARKED, Subject, is_marked, subject_of

YEAR = date(2026, 9, 1)
PUPILS = [Pupil(7, f"p{n}", 7, "s", YEAR) for n in range(1500)]
DAYS = [YEAR + timedelta(days=n) for n in range(0, 260) if (YEAR + timedelta(days=n)).weekday() < 5]
MATHS, SPORT, HISTORY = (subject_of([name]) for name in ("Математика", "Физическая культура", "История"))


def marks(subject: Subject, kind: str = "lesson") -> dict[str, list[int]]:
    """Of each pupil, every tenth school day."""
    return {pupil.name: [pupil.mark(subject, kind, on) for on in DAYS[::10]] for pupil in PUPILS}


@pytest.mark.parametrize("subject", [MATHS, SPORT, HISTORY], ids=lambda subject: subject.name)
def test_marks_are_shared_out_as_the_subject_says(subject: Subject) -> None:
    counted = Counter(mark for given in marks(subject).values() for mark in given)
    shares = [100 * counted[mark] / counted.total() for mark in (2, 3, 4, 5)]
    assert shares == pytest.approx(subject.shares, abs=2.5)


def test_sport_is_kinder_than_mathematics_and_tests_are_harder_than_homework() -> None:
    def average(subject: Subject, kind: str) -> float:
        return mean(mark for given in marks(subject, kind).values() for mark in given)

    assert average(SPORT, "lesson") > average(MATHS, "lesson") + 0.7
    assert average(MATHS, "homework") > average(MATHS, "lesson") > average(MATHS, "test")


def test_a_pupil_stays_himself_from_autumn_to_spring_and_in_other_subjects() -> None:
    maths, history = marks(MATHS), marks(HISTORY)
    half = len(DAYS[::10]) // 2
    autumn = [mean(given[:half]) for given in maths.values()]
    spring = [mean(given[half:]) for given in maths.values()]
    other = [mean(given) for given in history.values()]
    assert correlation(autumn, spring) > 0.8  # of marks drawn by dice it is 0
    assert 0.35 < correlation([a + b for a, b in zip(autumn, spring, strict=True)], other) < 0.8


def test_moods_last_for_weeks() -> None:
    weeks = [pupil.moods for pupil in PUPILS]
    assert correlation([w[10] for w in weeks], [w[11] for w in weeks]) > 0.7
    assert abs(correlation([w[5] for w in weeks], [w[40] for w in weeks])) < 0.1


def test_illnesses_last_two_to_seven_days_and_come_apart() -> None:
    spans = [span for pupil in PUPILS for span in pupil.illnesses]
    lengths = Counter((last - first).days + 1 for first, last in spans)
    assert set(lengths) == set(range(2, 8))
    assert 1.2 < len(spans) / len(PUPILS) < 3
    for pupil in PUPILS:
        for (_, earlier), (later, _) in zip(pupil.illnesses, pupil.illnesses[1:], strict=False):
            assert later > earlier + timedelta(days=7)
    winter = sum(first.month in (12, 1, 2) for first, _ in spans)
    autumn = sum(first.month in (9, 10) for first, _ in spans)
    assert winter > 1.5 * autumn


def test_who_is_ill_is_away_from_every_lesson_of_these_days() -> None:
    pupil = next(pupil for pupil in PUPILS if pupil.illnesses)
    first, last = pupil.illnesses[0]
    assert pupil.missing(first, False, False) == Missing("absent", "illness", first_day=True)
    assert pupil.missing(last, True, True) == Missing("absent", "illness")
    before = pupil.missing(first - timedelta(days=1), False, False)
    assert before is None or before.reason != "illness"


def test_on_a_school_day_one_in_twenty_or_thirty_is_away_and_hardly_anyone_plays_truant() -> None:
    said = [pupil.missing(on, False, True) for pupil in PUPILS for on in DAYS[::5]]
    away = Counter(one.reason for one in said if one and one.state == "absent")
    assert 0.02 < away.total() / len(said) < 0.07
    assert away["illness"] > 0.8 * away.total()
    assert 0 < away["unexcused"] / len(said) < 0.01


def test_a_late_bus_brings_several_pupils_at_the_same_minute_and_to_the_first_lesson_only() -> None:
    on, route = next((day, route) for day in DAYS for route in range(3) if bus_late(7, "s", route, day))
    riders = [pupil for pupil in PUPILS if pupil.route == route]
    late = [said for pupil in riders if (said := pupil.missing(on, True, False)) and said.reason == "transport"]
    assert len(riders) / len(PUPILS) == pytest.approx(0.12, abs=0.03)
    assert len(late) > 0.85 * len(riders)
    assert {(one.state, one.minutes) for one in late} == {("late", bus_late(7, "s", route, on))}
    others = [pupil.missing(on, False, False) for pupil in riders]
    assert "late" not in {said.state for said in others if said}


def test_the_same_seed_is_the_same_life_and_another_is_another() -> None:
    same, other = Pupil(7, "p3", 7, "s", YEAR), Pupil(8, "p3", 7, "s", YEAR)
    said = [[p.mark(MATHS, "lesson", on) for on in DAYS] for p in (PUPILS[3], same, other)]
    assert said[0] == said[1] != said[2]
    assert PUPILS[3].illnesses == same.illnesses != other.illnesses


def test_nothing_is_marked_in_the_first_year_nor_in_the_class_teachers_hour() -> None:
    assert not is_marked("Математика 1А", 1)
    assert is_marked("Математика 2А", 2)
    assert not any(is_marked(title.capitalize(), 7) for title in UNMARKED)


@pytest.mark.parametrize(
    ("title", "area"),
    [("Алгебра", "exact"), ("Русский язык", "letters"), ("Физика", "exact"), ("Физическая культура", "body"),
     ("Изобразительное искусство", "arts"), ("Окружающий мир", "nature"), ("Mathematics", "exact")],
)  # fmt: skip
def test_a_subject_is_known_by_its_title(title: str, area: str) -> None:
    assert subject_of([title]).area == area
