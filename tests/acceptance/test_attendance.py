"""Attendance: the roll of a lesson, its corrections, the family's page, the counts, the journal of one roll."""

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

from deploy.demo.grandbend import bundle, missed, thing
from tests.acceptance.conftest import ABSENCES_SINCE, TODAY, Diary
from tests.acceptance.people import Person, until
from tests.acceptance.town import Town, signed_in


def entry(pupil: UUID, state: str, **more: object) -> dict[str, object]:
    return {"pupil_id": str(pupil), "state": state, **more}


def take(teacher: Person, path: str, *entries: dict[str, object]) -> None:
    teacher.did("PUT", "attendance", path, {"entries": list(entries)})


def roll_of(teacher: Person, group: UUID, on: date) -> dict[str, dict[str, Any]]:
    """What the roll of the day says, by pupil."""
    (roll,) = teacher.read("attendance", "/journal", group_id=group, first=on, last=on)["rolls"]
    return {row["pupil_id"]: row for row in roll["entries"]}


def said(rows: dict[str, dict[str, Any]]) -> dict[str, tuple[object, ...]]:
    return {pupil: (row["state"], row["minutes"], row["reason"]) for pupil, row in rows.items()}


def test_a_01_present_absent_and_late_are_saved_at_once(town: Town, oleg: Person) -> None:
    petya, vera, on = town.person("petya"), town.person("vera"), date(2022, 5, 18)
    take(oleg, town.roll(on, "7R"), entry(vera, "late", minutes=10))
    group = town.group("7R")
    assert said(roll_of(oleg, group, on)) == {str(petya): ("present", None, None), str(vera): ("late", 10, None)}
    fix = {**entry(petya, "absent", reason="illness"), "note": "справка от врача"}
    oleg.did("POST", "attendance", town.roll(on, "7R") + "/corrections", fix)
    now = roll_of(oleg, group, on)
    assert said(now)[str(petya)] == ("absent", None, "illness")
    assert [(was["state"], was["note"]) for was in now[str(petya)]["was"]] == [("present", "справка от врача")]


def test_a_01_a_roll_taken_twice_the_same_is_one_and_another_is_refused(town: Town, anna: Person) -> None:
    petya, on = town.person("petya"), date(2022, 5, 17)
    for _ in range(2):
        take(anna, town.roll(on), entry(petya, "late", minutes=5))
    other = anna.send("PUT", "attendance", town.roll(on), {"entries": [entry(petya, "absent")]})
    assert (other.status_code, other.json()["code"]) == (409, "attendance.roll-already-taken")
    assert said(roll_of(anna, town.group("7A"), on)) == {str(petya): ("late", 5, None)}


def test_a_02_the_family_sees_every_day_as_the_published_district_has_it(diary: Diary) -> None:
    source_id, guardian = _missed_two_lessons_of_a_day()
    expected = {
        (meeting.on.isoformat(), meeting.number): "late" if rows[source_id]["category"] == "Tardy" else "absent"
        for meeting, rows in missed().items()
        if source_id in rows and ABSENCES_SINCE <= meeting.on <= TODAY
    }
    with signed_in(diary, thing("users", guardian), f"family-{guardian}") as parent:
        days = {"first": ABSENCES_SINCE, "last": TODAY}
        page = parent.read("reporting", "/attendance", pupil_id=thing("users", source_id), **days)
    shown = {(day["on"], row["number"]): row["state"] for day in page["days"] for row in day["lessons"]}
    assert {place: state for place, state in shown.items() if state != "present"} == expected
    assert page["totals"] == {
        "lessons": len(shown),
        **{state: Counter(shown.values())[state] for state in ("present", "absent", "late")},
    }


def _missed_two_lessons_of_a_day() -> tuple[str, str]:
    """A pupil who missed several lessons of a loaded day, and one of the parents."""
    lessons = Counter(
        (meeting.on, pupil) for meeting, rows in missed().items() for pupil in rows if meeting.on >= ABSENCES_SINCE
    )
    pupil = next(pupil for (_, pupil), count in lessons.items() if count > 1)
    return pupil, next(row["agentSourcedIds"].split(",")[0] for row in bundle("users") if row["sourcedId"] == pupil)


def test_a_02_two_absences_of_one_day_are_two(town: Town, anna: Person, oleg: Person, olga: Person) -> None:
    petya, on = town.person("petya"), date(2022, 5, 16)
    take(anna, town.roll(on), entry(petya, "absent", reason="unexcused"))
    take(oleg, town.roll(on, "7R"), entry(petya, "absent", reason="excused"))
    page = until(lambda: _of_two_lessons(olga, petya, on))
    (day,) = page["days"]
    assert [(row["number"], row["subject"], row["state"], row["reason"]) for row in day["lessons"]] == [
        (1, "Математика", "absent", "unexcused"),
        (3, "Русский язык", "absent", "excused"),
    ]
    assert page["totals"] == {"lessons": 2, "present": 0, "absent": 2, "late": 0}


def _of_two_lessons(person: Person, pupil: UUID, on: date) -> Any:
    page = person.read("reporting", "/attendance", pupil_id=pupil, first=on, last=on)
    return page if page["totals"]["lessons"] == 2 else None


def test_t_04_attendance_is_counted_without_anybody_asking(town: Town, anna: Person) -> None:
    petya, group = town.person("petya"), town.group("7A")
    for day, state in ((8, "present"), (9, "absent"), (10, "late"), (11, "present")):
        take(anna, town.roll(date(2022, 3, day)), entry(petya, state))
    counts = anna.read("attendance", "/counts", group_id=group, first="2022-03-07", last="2022-03-11")
    (row,) = [row for row in counts["pupils"] if row["pupil_id"] == str(petya)]
    assert {name: row[name] for name in ("lessons", "absences", "lates", "attended")} == {
        "lessons": 4,
        "absences": 1,
        "lates": 1,
        "attended": "75.0",
    }


def test_a_06_the_journal_of_a_roll_says_who_when_before_and_after(town: Town, anna: Person, inna: Person) -> None:
    petya, on = town.person("petya"), date(2022, 4, 12)
    take(anna, town.roll(on))
    fix = {**entry(petya, "late", minutes=7), "note": "вошёл после звонка"}
    inna.did("POST", "attendance", town.roll(on) + "/corrections", fix)
    (roll,) = anna.read("attendance", "/journal", group_id=town.group("7A"), first=on, last=on)["rolls"]
    entries = until(lambda: _changes(anna, roll["lesson_id"], 2))
    taken, corrected = entries
    assert (taken["by"], corrected["by"]) == (str(anna.person_id), str(inna.person_id))
    assert taken["at"] < corrected["at"]
    assert corrected["before"]["state"] == "present"
    assert (corrected["after"]["state"], corrected["after"]["minutes"]) == ("late", 7)
    assert corrected["reason"] == "вошёл после звонка"


def _changes(person: Person, object_id: str, least: int) -> list[dict[str, Any]]:
    answer = person.get("reporting", f"/history/{object_id}")
    entries: list[dict[str, Any]] = answer.json().get("entries", [])
    return entries if len(entries) >= least else []


def test_a_06_the_journal_is_not_told_to_strangers(town: Town, anna: Person, nina: Person, olga: Person) -> None:
    petya, on = town.person("petya"), date(2022, 4, 13)
    take(anna, town.roll(on), entry(petya, "late"))
    (roll,) = anna.read("attendance", "/journal", group_id=town.group("7A"), first=on, last=on)["rolls"]
    assert until(lambda: _changes(olga, roll["lesson_id"], 1))[0]["pupil_id"] == str(petya)
    assert nina.get("reporting", f"/history/{roll['lesson_id']}").status_code == 404
