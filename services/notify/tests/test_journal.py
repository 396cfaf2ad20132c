"""What another puts right in a teacher's journal is told to the teacher, and to nobody who did it himself (B-06)."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.notify import deliveries
from services.notify.tests.conftest import Family, described, owe
from shared.contracts import Event, Sealed
from shared.contracts.attendance import Presence, PresenceCorrected
from shared.contracts.grades import MarkCorrected, MarkRemoved, WorkOpened
from shared.contracts.lessons import lesson_id
from shared.testing.school import SCHOOL, day, received
from shared.testing.web import connect

HEAD = uuid4()


def told(family: Family, group: UUID, by: UUID, *events: Event, on: int = 15) -> None:
    """The events as that account's, of a work of that day."""
    place = {"lesson_id": lesson_id(group, day(on), 2), "school_id": SCHOOL, "group_id": group, "on": day(on)}
    measure = {"work_id": family.work, "kind": "test", "weight": "2", "scale": "five", "rule": 1, "number": 2}
    family.learn("roster", described(HEAD, "Директорова", "Инна"))
    family.learn("grades", WorkOpened.model_validate({**place, **measure}))
    with connect(family.notify.settings, "notify", "worker") as conn:
        source = "attendance" if isinstance(events[0], PresenceCorrected) else "grades"
        deliveries.apply(conn, received(events, source, by))
    owe(family.notify)


def about(family: Family) -> dict[str, Any]:
    reason = Sealed(owner_id=family.pupil, box="AA==")
    return {"work_id": family.work, "school_id": SCHOOL, "pupil_id": family.pupil, "reason": reason}


def correction(family: Family) -> MarkCorrected:
    return MarkCorrected(**about(family), before=("4",), after=("5",))


def texts(family: Family, person: UUID, language: str = "ru") -> list[str]:
    return [notice["text"] for notice in family.feed(person, language)["notices"]]


def test_a_correction_by_another_account_is_told_with_its_name_and_leads_to_the_journal(
    family: Family, group: UUID, teacher: UUID
) -> None:
    told(family, group, HEAD, correction(family))
    assert texts(family, teacher) == [
        "В вашем журнале: Анна, оценка 4 → 5, Директорова Инна · Физика, контрольная, 15.09.2021, 2-й урок"
    ]
    assert texts(family, teacher, "en")[0].startswith("In your journal: Анна, mark 4 → 5, Директорова Инна")
    [notice] = family.feed(teacher)["notices"]
    assert notice["link"] == f"/journal/{group}?first=2021-08-19&last=2021-09-15"
    assert family.feed(teacher)["unread"] == 1


def test_what_one_puts_right_oneself_is_told_to_the_family_alone(family: Family, group: UUID, teacher: UUID) -> None:
    told(family, group, teacher, correction(family))
    assert texts(family, teacher) == []
    assert len(texts(family, family.guardian)) == 1


def test_what_one_puts_right_oneself_afterwards_leaves_the_others_word(
    family: Family, group: UUID, teacher: UUID
) -> None:
    told(family, group, HEAD, correction(family))
    told(family, group, teacher, MarkCorrected(**about(family), before=("5",), after=("4",)))
    [text] = texts(family, teacher)
    assert "оценка 4 → 5, Директорова Инна" in text


def test_a_mark_taken_back_and_an_absence_changed_are_told_too_however_long_ago(
    family: Family, group: UUID, teacher: UUID
) -> None:
    told(family, group, HEAD, MarkRemoved(**about(family), before=("2",)), on=1)
    place = {
        "lesson_id": lesson_id(group, day(1), 2),
        "school_id": SCHOOL,
        "group_id": group,
        "on": day(1),
        "number": 2,
    }
    was, now = Presence(state="absent"), Presence(state="present")
    change = PresenceCorrected.model_validate({**place, "pupil_id": family.pupil, "before": was, "after": now})
    told(family, group, HEAD, change, on=1)
    assert sorted(text.partition(" · ")[0] for text in texts(family, teacher)) == [
        "В вашем журнале: Анна, изменена посещаемость, Директорова Инна",
        "В вашем журнале: Анна, оценка 2 снята, Директорова Инна",
    ]
    links = {notice["link"] for notice in family.feed(teacher)["notices"]}
    assert f"/roll/{group}/2021-09-01/2" in links


@pytest.mark.parametrize("by", [HEAD, uuid4()])
def test_no_family_reads_of_whose_journal_it_was(family: Family, group: UUID, teacher: UUID, by: UUID) -> None:
    told(family, group, by, correction(family))
    assert [text.startswith("Анна: оценка исправлена") for text in texts(family, family.guardian)] == [True]


def test_who_does_not_wish_it_is_not_told(family: Family, group: UUID, teacher: UUID) -> None:
    body = {"wishes": [{"kind": "journal", "channels": []}]}
    assert family.notify.send("PUT", "/wishes", teacher, body).status_code == 200
    told(family, group, HEAD, correction(family))
    assert texts(family, teacher) == []
