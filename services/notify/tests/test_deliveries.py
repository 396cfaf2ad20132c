"""Who is told what, by which channel, once; on a real store."""

from uuid import UUID, uuid4

import pytest

from services.notify.deliveries import PROJECTION
from services.notify.main import SERVICE
from services.notify.tests.conftest import Family, described, owe
from shared.contracts import CONTRACTS, Event, Sealed
from shared.contracts.grades import (
    Graded,
    Mark,
    MarksGiven,
    Session,
    TermGrade,
    TermGradeCorrected,
    TermGraded,
    TermPublished,
)
from shared.contracts.messaging import CommentWritten, MessageSent, RemarkMade, RemarkShown, RemarkWithdrawn
from shared.testing.school import ALGEBRA, FIRST, OLGA, PAVEL, SCHOOL, day, id_of, received
from shared.testing.web import connect

PORTAL = {"portal": "sent"}
BOTH = {"portal": "sent", "email": "owed"}


def texts(family: Family, language: str = "ru") -> list[str]:
    return [notice["text"] for notice in family.feed(language=language)["notices"]]


def test_a_mark_is_told_to_the_guardian_and_to_the_pupil(family: Family) -> None:
    family.opened()
    family.marked("4", "5")
    assert {family.guardian, family.pupil} <= owe(family.notify)
    assert family.told() == family.told(family.pupil) == PORTAL


def test_a_guardian_without_the_right_is_told_nothing(family: Family) -> None:
    family.tied("see", "act")
    family.opened()
    family.marked("5")
    assert family.guardian not in owe(family.notify)
    assert (family.told(), family.told(family.pupil)) == ({}, PORTAL)


def test_a_letter_needs_consent(family: Family) -> None:
    family.consents()
    family.opened()
    family.marked("5")
    owe(family.notify)
    assert family.told() == BOTH


def test_however_often_it_comes_it_is_told_once(family: Family) -> None:
    family.consents()
    family.opened()
    for _ in range(3):
        family.marked("5")
        owe(family.notify)
        owe(family.notify, again=True)
    assert family.told() == BOTH
    assert len(texts(family)) == 1


def test_own_wishes_take_the_place_of_the_defaults(family: Family) -> None:
    family.consents()
    family.wishes(mark=["email"], absence=[], late=["portal", "email"])
    family.opened()
    family.marked("5")
    family.roll(state="absent")
    owe(family.notify)
    assert family.told() == {"email": "owed"}
    family.roll(number=3, state="late", minutes=5)
    owe(family.notify)
    rows = family.notify.send("GET", "/deliveries", family.guardian).json()["deliveries"]
    assert sorted((one["kind"], one["channel"], one["state"]) for one in rows) == [
        ("late", "email", "owed"), ("late", "portal", "sent"), ("mark", "email", "owed"),
    ]  # fmt: skip


def test_an_absence_is_a_letter_and_a_late_is_not(family: Family) -> None:
    family.consents()
    family.roll(state="late", minutes=10)
    owe(family.notify)
    assert family.told() == PORTAL
    family.changed({"state": "late", "minutes": 10}, {"state": "absent"})
    owe(family.notify)
    assert family.told() == BOTH


@pytest.mark.parametrize("reason", ["excused", "illness", "family"])
def test_b_03_an_absence_with_a_reason_is_no_alarm(family: Family, reason: str) -> None:
    family.consents()
    family.roll(state="absent", reason=reason)
    owe(family.notify)
    owe(family.notify, again=True)
    assert family.told() == PORTAL


@pytest.mark.parametrize("reason", [None, "unexcused"])
def test_b_03_a_reason_that_does_not_hold_is_an_alarm(family: Family, reason: str | None) -> None:
    family.consents()
    family.roll(state="absent", reason="illness")
    owe(family.notify)
    assert family.told() == PORTAL
    family.changed({"state": "absent", "reason": "illness"}, {"state": "absent", "reason": reason})
    owe(family.notify)
    assert family.told() == BOTH


def test_an_absence_found_by_a_correction_is_news(family: Family) -> None:
    family.consents()
    family.roll(state="present")
    assert family.guardian not in owe(family.notify)
    family.changed({"state": "present"}, {"state": "absent"})
    owe(family.notify)
    assert family.told() == BOTH
    assert texts(family) == ["Анна: отсутствие на уроке · Алгебра, 15.09.2021, 2-й урок"]


TERM = Session(term_id=id_of("I"), year_id=id_of("year"), kind="term", title="I четверть", starts=FIRST, ends=day(15))


def of_term(family: Family, shown: bool) -> tuple[TermGraded, TermGradeCorrected]:
    """A grade of algebra and its correction."""
    place = {"sheet_id": uuid4(), "school_id": SCHOOL, "group_id": ALGEBRA, "term": TERM, "shown": shown}
    given = (TermGrade(pupil_id=family.pupil, value="4", average="4.33", count=3),)
    why = {"pupil_id": family.pupil, "reason": Sealed(owner_id=family.pupil, box="AA=="), "count": 3}
    return (
        TermGraded.model_validate({**place, "scale": "five", "rule": 1, "grades": given}),
        TermGradeCorrected.model_validate({**place, **why, "before": "4", "after": "5"}),
    )


def test_grades_of_a_term_are_told_once_when_they_are_published(family: Family) -> None:
    family.consents()
    given, corrected = of_term(family, shown=False)
    family.learn("grades", given, corrected)
    assert family.guardian not in owe(family.notify), "a grade that is not published is told to nobody"
    published = TermPublished(school_id=SCHOOL, term=TERM, on=day(15), pupils=(Graded(pupil_id=family.pupil),))
    for _ in range(2):
        family.learn("grades", published)
        owe(family.notify)
    assert family.told() == BOTH
    assert texts(family) == ["Анна: выставлены итоговые оценки, I четверть, 15.09.2021"]
    assert family.feed()["notices"][0]["link"] == f"/pupils/{family.pupil}/marks"


def test_a_grade_given_later_is_news_and_its_correction_is_quiet(family: Family) -> None:
    family.consents()
    given, corrected = of_term(family, shown=True)
    family.learn("grades", given)
    owe(family.notify)
    assert family.told() == BOTH
    assert texts(family) == ["Анна: итоговая оценка 4, I четверть · Алгебра"]
    family.learn("grades", corrected)
    owe(family.notify)
    assert family.told() == {"portal": "sent", "email": "dropped"}
    assert texts(family) == ["Анна: итоговая оценка исправлена, 4 → 5, I четверть · Алгебра"]


def test_a_pupil_of_whom_the_roll_said_nothing_is_news_too(family: Family) -> None:
    family.consents()
    family.changed(None, {"state": "absent"})
    owe(family.notify)
    assert family.told() == BOTH


def test_a_correction_takes_the_place_and_drops_the_letter_not_sent_yet(family: Family) -> None:
    family.consents()
    family.opened()
    family.marked("2")
    owe(family.notify)
    family.corrected("2", "5")
    owe(family.notify)
    owe(family.notify, again=True)
    assert family.told() == {"portal": "sent", "email": "dropped"}
    assert texts(family) == ["Анна: оценка исправлена, 2 → 5 · Алгебра, контрольная, 15.09.2021"]


def test_what_was_read_is_unread_again_when_it_changes(family: Family) -> None:
    family.opened()
    family.marked("4.5")
    owe(family.notify)
    notice = family.feed()["notices"][0]["notice_id"]
    family.notify.send("POST", "/feed/seen", family.guardian, {"notice_ids": [notice]})
    assert family.feed()["unread"] == 0
    family.removed("4.5")
    assert family.feed()["unread"] == 1
    assert texts(family) == ["Анна: оценка 4,5 снята · Алгебра, контрольная, 15.09.2021"]


def test_a_mark_given_again_after_it_was_taken_back_is_news(family: Family) -> None:
    family.consents()
    family.opened()
    family.marked("2")
    owe(family.notify)
    family.removed("2")
    family.marked("5")
    owe(family.notify)
    assert family.told() == BOTH
    assert texts(family) == ["Анна: оценка 5 · Алгебра, контрольная, 15.09.2021"]


def test_who_had_a_letter_gets_no_second_of_the_same(family: Family) -> None:
    family.consents()
    family.roll(state="absent")
    owe(family.notify)
    with connect(family.notify.settings, "notify", "worker") as conn:
        conn.execute("UPDATE deliveries SET state = 'sent' WHERE person_id = %s", [family.guardian])
    family.changed({"state": "absent"}, {"state": "present"})
    family.changed({"state": "present"}, {"state": "absent"})
    owe(family.notify)
    assert family.told() == {"portal": "sent", "email": "sent"}


def test_a_lesson_of_more_than_a_week_ago_is_told_to_nobody(family: Family) -> None:
    family.consents()
    family.opened(on=7)
    family.marked("5")
    family.roll(on=7, state="absent")
    owe(family.notify)
    assert family.told() == {}
    family.roll(on=8, state="late")
    owe(family.notify)
    assert family.told() == PORTAL


def test_a_mark_waits_for_its_work(family: Family) -> None:
    family.marked("5")
    assert family.guardian not in owe(family.notify)
    family.opened()
    assert family.guardian in owe(family.notify)
    assert family.told() == PORTAL


def test_a_tie_that_comes_late_is_told_too(family: Family) -> None:
    family.tied()
    family.opened()
    family.marked("5")
    assert family.guardian not in owe(family.notify)
    family.tied("see", "notices")
    assert family.guardian in owe(family.notify, again=True)


def test_a_right_withdrawn_closes_the_feed(family: Family) -> None:
    family.opened()
    family.marked("5")
    owe(family.notify)
    sibling = Family(family.notify, guardian=family.guardian)
    sibling.tied("see", "notices")
    assert family.feed()["unread"] == 1
    family.tied("see")
    assert family.feed() == {"unread": 0, "notices": []}
    assert family.notify.send("GET", "/deliveries", family.guardian).json() == {"deliveries": []}


def test_a_message_is_told_to_its_readers_and_not_to_its_author(family: Family) -> None:
    sent = MessageSent(
        conversation_id=uuid4(), school_id=SCHOOL, message_id=uuid4(), author_id=OLGA,
        participants=(OLGA, family.guardian), text=Sealed(owner_id=OLGA, box="AA=="),
    )  # fmt: skip
    family.learn("messaging", sent)
    assert owe(family.notify) >= {family.guardian}
    assert family.told(OLGA) == {}
    (notice,) = family.feed()["notices"]
    assert notice["text"] == "Новое сообщение: Иванова Ольга"
    assert (notice["link"], notice["kind"]) == (f"/messages/{sent.conversation_id}", "message")


def comment(family: Family, author: UUID, *readers: UUID) -> CommentWritten:
    return CommentWritten(
        thread_id=uuid4(), school_id=SCHOOL, about="mark", object_id=family.work, pupil_id=family.pupil,
        group_id=ALGEBRA, on=day(1), comment_id=uuid4(), author_id=author, author="staff", readers=readers,
        text=Sealed(owner_id=family.pupil, box="AA=="),
    )  # fmt: skip


def test_a_comment_beside_an_old_mark_is_told_to_its_readers_alone_with_the_childs_name(family: Family) -> None:
    family.consents()
    family.opened(on=1)
    family.learn("messaging", comment(family, OLGA, family.guardian))
    owe(family.notify)
    assert (family.told(), family.told(family.pupil), family.told(OLGA)) == (BOTH, {}, {})
    (notice,) = family.feed()["notices"]
    assert notice["text"] == "Анна: комментарий, Иванова Ольга · Алгебра, контрольная, 01.09.2021"
    assert notice["link"] == f"/pupils/{family.pupil}/comments?record={family.work}"


def test_a_remark_is_told_when_the_family_is_shown_it_and_taken_back_quietly(family: Family) -> None:
    whose = {"remark_id": uuid4(), "school_id": SCHOOL, "pupil_id": family.pupil, "on": day(15)}
    said = {**whose, "kind": "incident", "text": Sealed(owner_id=family.pupil, box="AA==")}
    family.consents()
    family.learn("messaging", RemarkMade.model_validate({**said, "author_id": OLGA, "shown": False}))
    assert not {family.guardian, family.pupil} & owe(family.notify)
    family.learn("messaging", RemarkShown.model_validate(said))
    assert {family.guardian, family.pupil} <= owe(family.notify)
    assert (texts(family), family.told()) == (["Анна: происшествие, 15.09.2021"], BOTH)
    reason = Sealed(owner_id=family.pupil, box="AA==")
    family.learn("messaging", RemarkWithdrawn.model_validate({**whose, "shown": True, "reason": reason}))
    owe(family.notify)
    assert texts(family) == ["Анна: запись о поведении отозвана, 15.09.2021"]
    assert family.told() == {"portal": "sent", "email": "dropped"}


def test_the_feed_speaks_the_readers_language(family: Family) -> None:
    family.opened(kind="quiz")
    family.marked("4", "exempt")
    family.roll(state="late", minutes=5)
    owe(family.notify)
    assert sorted(texts(family)) == [
        "Анна: опоздание на урок на 5 мин · Алгебра, 15.09.2021, 2-й урок",
        "Анна: оценка 4/осв · Алгебра, самостоятельная, 15.09.2021",
    ]
    assert sorted(texts(family, "en")) == [
        "Анна: 5 min late for the lesson · Алгебра, 15 September 2021, lesson 2",
        "Анна: mark 4/exempt · Алгебра, quiz, 15 September 2021",
    ]
    assert {one["link"] for one in family.feed()["notices"]} == {f"/diary/{family.pupil}?day=2021-09-15"}


def test_seen_is_ones_own(family: Family) -> None:
    family.opened()
    family.marked("5")
    owe(family.notify)
    (notice,) = family.feed()["notices"]
    body = {"notice_ids": [notice["notice_id"], str(uuid4())]}
    assert family.notify.send("POST", "/feed/seen", PAVEL, body).status_code == 204
    assert family.feed()["unread"] == 1
    assert family.notify.send("POST", "/feed/seen", family.guardian, body).status_code == 204
    assert (family.feed()["unread"], family.feed(family.pupil)["unread"]) == (0, 1)
    assert family.feed()["notices"][0]["seen_at"] is not None
    assert family.told() == {"portal": "seen"}


def test_nobody_else_reads_it(family: Family) -> None:
    family.opened()
    family.marked("5")
    owe(family.notify)
    for stranger in (OLGA, PAVEL):
        assert all(one["pupil_id"] != str(family.pupil) for one in family.feed(stranger)["notices"])


def test_wishes_and_consents_are_read_back_and_withdrawn(family: Family) -> None:
    family.consents("pavel@example.org")
    family.wishes(mark=["portal"])
    found = family.notify.send("GET", "/wishes", family.guardian).json()
    assert {one["kind"]: one["channels"] for one in found["wishes"]}["mark"] == ["portal"]
    assert [(one["channel"], one["address"]) for one in found["consents"]] == [("email", "pavel@example.org")]
    assert family.notify.send("GET", "/wishes", PAVEL).json()["consents"] == []
    assert family.notify.send("DELETE", "/consents/email", family.guardian).status_code == 200
    assert family.notify.send("GET", "/wishes", family.guardian).json()["consents"] == []
    assert family.notify.send("DELETE", "/consents/email", family.guardian).status_code == 404


@pytest.mark.parametrize(
    "address",
    ["", "pavel", "a,b@example.org", 'a"b@example.org', "a..b@example.org", "a@b\r\nBcc: c@d", "почта@пример.рф"],
)
def test_an_address_that_no_letter_reaches_is_refused_at_its_field(family: Family, address: str) -> None:
    answer = family.notify.send("POST", "/consents", family.guardian, {"channel": "email", "address": address})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/address")


def test_an_address_stands_sealed_in_the_store_and_goes_with_the_person(family: Family) -> None:
    family.consents("planted@example.org")
    with connect(family.notify.settings, "notify", "relay") as conn:
        assert not any(b"planted" in bytes(row[0]) for row in conn.execute("SELECT document FROM events"))
    family.learn("roster", described(family.guardian, None, None))
    assert family.notify.send("GET", "/wishes", family.guardian).json()["consents"] == []


def touched(family: Family, *events: Event) -> set[str]:
    assert PROJECTION.touched is not None
    with connect(family.notify.settings, "notify", "worker") as conn:
        return set(PROJECTION.touched(conn, received(events)))


def test_a_change_is_told_to_the_pages_of_those_who_were_told_before(family: Family) -> None:
    given = MarksGiven(work_id=family.work, school_id=SCHOOL, marks=(Mark(pupil_id=family.pupil, values=("4",)),))
    family.opened()
    family.marked("4")
    assert touched(family, given) == set(), "of a new notice the sender tells"
    owe(family.notify)
    assert touched(family, given) == {str(family.pupil), str(family.guardian)}


def test_deliveries_act_from_now_and_are_never_rebuilt() -> None:
    assert PROJECTION.from_now and PROJECTION.tables == ()


def test_every_type_of_its_topics_is_handled_or_left() -> None:
    for projection in SERVICE.projections:
        known = {event for event in CONTRACTS.values() if event.TOPIC in projection.topics}
        assert projection.handles | projection.leaves == known, projection.name


def test_ids_are_the_same_for_the_same_thing(family: Family) -> None:
    family.opened()
    family.marked("5")
    owe(family.notify)
    first: list[UUID] = [one["notice_id"] for one in family.feed()["notices"]]
    family.corrected("5", "4")
    assert [one["notice_id"] for one in family.feed()["notices"]] == first
