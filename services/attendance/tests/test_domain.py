"""Rolls: given what happened, when something is asked, then this happens."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.attendance.domain import rolls as domain
from services.attendance.domain.rolls import Day, Roll, Said, Taken, TakeRoll, correct_presence, take_roll
from services.attendance.journal import attended_share
from shared.contracts import seal
from shared.contracts.attendance import Presence, PresenceCorrected, RollEntry, RollTaken
from shared.contracts.lessons import lesson_id
from shared.contracts.timetable import Lesson
from shared.errors import Refused
from shared.testing.given import Given
from shared.testing.school import ALGEBRA, ANNA, BORIS, CLASS, GLEB, OLGA, SCHOOL, TODAY, VERA, place

LESSON = Lesson(lesson_id(ALGEBRA, TODAY, 2), ALGEBRA, TODAY, 2, "220", OLGA)
DAY = Day(
    TODAY, TODAY, LESSON, may_write=True, pupils=CLASS, taken=Taken(OLGA, datetime(2021, 9, 15, 9, 5, tzinfo=UTC))
)
LATE = Said(BORIS, "late", 10, "transport")


def roll(*said: Said) -> TakeRoll:
    return TakeRoll(SCHOOL, ALGEBRA, TODAY, 2, said)


def taken_with(**states: RollEntry) -> RollTaken:
    entries = {pupil: RollEntry(pupil_id=pupil, state="present") for pupil in CLASS}
    entries |= {entry.pupil_id: entry for entry in states.values()}
    return RollTaken.model_validate({**place(TODAY, 2), "entries": tuple(entries[pupil] for pupil in sorted(CLASS))})


taken = taken_with(
    anna=RollEntry(pupil_id=ANNA, state="absent", reason="illness"),
    boris=RollEntry(pupil_id=BORIS, state="late", minutes=10, reason="transport"),
)
given = Given(domain.evolve, Roll())


def test_those_left_out_are_present() -> None:
    given().when(take_roll, roll(LATE, Said(ANNA, "absent", None, "illness")), DAY).then(taken)
    given().when(take_roll, roll(), DAY).then(taken_with())


def test_the_same_roll_again_is_nothing_to_do_and_another_is_refused() -> None:
    same = roll(Said(ANNA, "absent", None, "illness"), LATE, Said(VERA, "present"))
    given(taken).when(take_roll, same, DAY).then()
    given(taken).when(take_roll, roll(LATE), DAY).refused(domain.RollAlreadyTaken)


def test_a_roll_of_a_moved_lesson_is_of_its_new_day() -> None:
    moved = replace(LESSON, on=TODAY - timedelta(days=1), number=5, moved_from=(TODAY, 2))
    there = taken_with().model_copy(update={"on": moved.on, "number": 5})
    given().when(take_roll, roll(), replace(DAY, lesson=moved, on=moved.on)).then(there)


@pytest.mark.parametrize(
    ("day", "refusal"),
    [
        (replace(DAY, lesson=None), domain.NoSuchLesson),
        (replace(DAY, lesson=replace(LESSON, cancelled=True)), domain.LessonIsCancelled),
        (replace(DAY, may_write=False), domain.NotYourLesson),
        (replace(DAY, today=TODAY - timedelta(days=1)), domain.LessonInFuture),
        (replace(DAY, pupils=()), domain.NobodyInGroup),
    ],
)
def test_a_roll_is_not_taken(day: Day, refusal: type[Refused]) -> None:
    given().when(take_roll, roll(), day).refused(refusal)


def test_every_wrong_entry_is_named_and_nothing_is_saved() -> None:
    wrong = roll(
        Said(GLEB, "absent"),
        Said(ANNA, "absent", 5),
        Said(BORIS, "late", 241),
        Said(VERA, "present", None, "illness"),
        Said(ANNA, "absent", None, "weather"),
    )
    given().when(take_roll, wrong, DAY).refused(
        domain.PupilNotInGroup, domain.MinutesWithoutLate, domain.MinutesOutOfRange, domain.ReasonWithoutAbsence,
        domain.PupilTwice,
        at=["/entries/0/pupil_id", "/entries/1/minutes", "/entries/2/minutes", "/entries/3/reason",
            "/entries/4/pupil_id"],
    )  # fmt: skip
    given().when(take_roll, roll(Said(ANNA, "absent", None, "weather")), DAY).refused(
        domain.ReasonUnknown, at=["/entries/0/reason"]
    )


def test_a_correction_keeps_what_stood() -> None:
    given(taken).when(correct_presence, Said(ANNA, "late", 15), " пришла ко второй половине ", DAY).then(
        PresenceCorrected.model_validate(
            {
                **place(TODAY, 2), "pupil_id": ANNA, "before": Presence(state="absent", reason="illness"),
                "after": Presence(state="late", minutes=15), "note": seal(ANNA, "пришла ко второй половине"),
            }
        )
    )  # fmt: skip
    given(taken).when(correct_presence, LATE, "", DAY).then()


def test_a_correction_that_names_what_it_saw_replaces_nothing_else() -> None:
    facts = given(taken)
    other = Presence(state="absent", reason="excused")
    facts.when(correct_presence, Said(ANNA, "present"), "", DAY, seen=other).refused(
        domain.PresenceChanged, at=["/state"]
    )
    stands = Presence(state="absent", reason="illness")
    said = facts.when(correct_presence, Said(ANNA, "present"), "", DAY, seen=stands).events
    assert said is not None and len(said) == 1
    facts.when(correct_presence, Said(ANNA, "absent", None, "illness"), "", DAY, seen=other).then()


def test_one_who_came_into_the_list_later_had_nothing_before() -> None:
    later = replace(DAY, pupils=(*CLASS, GLEB))
    given(taken).when(correct_presence, Said(GLEB, "absent"), "", later).then(
        PresenceCorrected.model_validate({**place(TODAY, 2), "pupil_id": GLEB, "after": Presence(state="absent")})
    )
    given(taken).when(correct_presence, Said(GLEB, "absent"), "", DAY).refused(domain.PupilNotInGroup, at=["/pupil_id"])


def test_one_who_left_the_list_later_is_still_corrected() -> None:
    without = replace(DAY, pupils=(BORIS, VERA))
    given(taken).when(correct_presence, Said(ANNA, "present"), "", without).then(
        PresenceCorrected.model_validate(
            {
                **place(TODAY, 2), "pupil_id": ANNA, "before": Presence(state="absent", reason="illness"),
                "after": Presence(state="present"),
            }
        )
    )  # fmt: skip


def test_a_correction_is_refused() -> None:
    absent = Said(VERA, "absent")
    given().when(correct_presence, absent, "", DAY).refused(domain.RollNotTaken)
    given(taken).when(correct_presence, absent, "", replace(DAY, may_write=False)).refused(domain.NotYourLesson)
    given(taken).when(correct_presence, absent, "x" * 1001, DAY).refused(domain.NoteTooLong, at=["/note"])
    too_late = Said(VERA, "late", 0)
    given(taken).when(correct_presence, too_late, "", DAY).refused(domain.MinutesOutOfRange, at=["/minutes"])


@pytest.mark.parametrize(
    ("missed", "held", "share"), [(0, 0, "100.0"), (0, 5, "100.0"), (5, 5, "0.0"), (1, 3, "66.7"), (1, 16, "93.8")]
)
def test_the_share_attended_is_rounded_half_up(missed: int, held: int, share: str) -> None:
    assert str(attended_share(missed, held)) == share


def test_more_missed_than_held_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="4 missed of 3"):
        attended_share(4, 3)
