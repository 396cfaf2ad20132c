"""Letters between parents and teachers, and notices: who is told what, by which way, and what became of it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.refusals import refused
from tests.acceptance.test_chain import letters_to
from tests.acceptance.town import Town, founded


def opening(town: Town, to: UUID, **more: object) -> dict[str, object]:
    """A new conversation about Petya."""
    return {
        "conversation_id": str(uuid4()),
        "participants": [str(to)],
        "pupil_id": str(town.person("petya")),
        "subject": "Домашняя работа",
        "text": "Пётр болел, что ему выучить?",
        "message_id": str(uuid4()),
        **more,
    }


def write(person: Person, conversation: object, text: str) -> str:
    message = str(uuid4())
    body = {"message_id": message, "text": text}
    person.did("POST", "messaging", f"/conversations/{conversation}/messages", body)
    return message


def texts(person: Person, conversation: object) -> list[tuple[str, str]]:
    messages = person.read("messaging", f"/conversations/{conversation}")["messages"]
    return [(message["author_id"], message["text"]) for message in messages]


def test_m_01_the_contact_list_names_the_childs_teachers_and_the_pupils_parents(
    town: Town, anna: Person, olga: Person
) -> None:
    found = {row["name"]: (row["role"], row["about"]) for row in olga.read("roster", "/contacts")}
    about = [str(town.person("petya"))]
    assert found == {"Петрова Анна Ивановна": ("teacher", about), "Сидоров Олег": ("teacher", about)}
    assert {row["name"] for row in anna.read("roster", "/contacts")} == {"Ёлкина Ольга"}


def test_m_01_a_parent_writes_and_the_teacher_answers(town: Town, anna: Person, olga: Person) -> None:
    begun = opening(town, anna.person_id)
    olga.did("POST", "messaging", "/conversations", begun)
    (here,) = [
        row
        for row in anna.read("messaging", "/conversations")["conversations"]
        if row["conversation_id"] == begun["conversation_id"]
    ]
    assert (here["subject"], here["unread"], here["last"]["text"]) == ("Домашняя работа", 1, begun["text"])
    answer = "Параграф 12, задачи 3 и 4."
    write(anna, begun["conversation_id"], answer)
    assert texts(olga, begun["conversation_id"]) == [
        (str(olga.person_id), begun["text"]),
        (str(anna.person_id), answer),
    ]


def test_c_01_an_answer_appears_without_reloading(town: Town, anna: Person, olga: Person) -> None:
    begun = opening(town, anna.person_id)
    olga.did("POST", "messaging", "/conversations", begun)
    with olga.following(town.person("petya")) as live:
        until(lambda: {"messaging", "notify"} <= {event for event, _ in live.events})
        seen = len(live.events)
        write(anna, begun["conversation_id"], "Ответ придёт сам.")
        until(lambda: "messaging" in {event for event, _ in live.events[seen:]})
    assert texts(olga, begun["conversation_id"])[-1][1] == "Ответ придёт сам."


def test_c_01_an_absence_and_its_correction_appear_without_reloading(town: Town, anna: Person, olga: Person) -> None:
    petya, path = town.person("petya"), town.roll(date(2022, 5, 20))
    with olga.following(petya) as live:

        def states() -> list[str]:
            return [row["state"] for event, data in live.events for row in data.get("attendance", [])]

        anna.did("PUT", "attendance", path, {"entries": [{"pupil_id": str(petya), "state": "absent"}]})
        until(lambda: states() == ["absent"])
        anna.did("POST", "attendance", path + "/corrections", {"pupil_id": str(petya), "state": "late", "minutes": 5})
        until(lambda: states() == ["absent", "late"])


def test_m_03_the_log_has_date_time_and_state_of_every_message(town: Town, anna: Person, olga: Person) -> None:
    begun = opening(town, anna.person_id)
    olga.did("POST", "messaging", "/conversations", begun)

    def state() -> tuple[str, str]:
        (message,) = olga.read("messaging", f"/conversations/{begun['conversation_id']}")["messages"]
        (delivery,) = message["deliveries"]
        assert delivery["person_id"] == str(anna.person_id)
        assert delivery["at"] >= message["at"]
        return delivery["state"], message["at"]

    said, sent_at = state()
    assert said == "delivered"
    assert datetime.fromisoformat(sent_at).tzinfo is not None
    seen = {"message_id": begun["message_id"]}
    anna.did("POST", "messaging", f"/conversations/{begun['conversation_id']}/seen", seen)
    assert state() == ("seen", sent_at)


def test_m_06_a_wrong_addressee_is_refused_and_nothing_is_delivered(town: Town, olga: Person, nina: Person) -> None:
    begun = opening(town, nina.person_id)
    told = refused(olga, "POST", "messaging", "/conversations", begun)
    assert (told.code, told.pointer) == ("messaging.wrong-addressee", "/participants/0")
    assert told.ru == "Этому человеку вы написать не можете; сообщение не доставлено."
    assert told.en == "This person cannot be written to by you; the message was not delivered."
    assert nina.get("messaging", f"/conversations/{begun['conversation_id']}").status_code == 404


def test_m_06_a_teacher_of_another_class_is_no_addressee_about_the_child(town: Town, olga: Person) -> None:
    other = {"participants": [str(uuid4())]}
    told = refused(olga, "POST", "messaging", "/conversations", {**opening(town, olga.person_id), **other})
    assert told.code == "messaging.wrong-addressee"


def test_m_06_forbidden_signs_in_the_subject_are_blocked_at_the_field(town: Town, anna: Person, olga: Person) -> None:
    told = refused(olga, "POST", "messaging", "/conversations", opening(town, anna.person_id, subject="<b>Срочно</b>"))
    assert (told.status, told.code, told.pointer) == (422, "messaging.subject-forbidden", "/subject")
    assert told.ru == "В теме нельзя использовать «<»."
    assert told.en == "The subject must not contain «<»."


def test_m_06_what_was_refused_can_be_corrected_and_sent_under_the_same_ids(
    town: Town, anna: Person, olga: Person
) -> None:
    wrong = opening(town, anna.person_id, subject="Вопрос {срочный}")
    assert olga.send("POST", "messaging", "/conversations", wrong).status_code == 422
    olga.did("POST", "messaging", "/conversations", {**wrong, "subject": "Вопрос срочный"})
    assert texts(anna, wrong["conversation_id"]) == [(str(olga.person_id), wrong["text"])]


def notice(person: Person, words: str) -> dict[str, Any]:
    """The notice that says so, as soon as it is there."""
    found: list[dict[str, Any]] = until(
        lambda: [n for n in person.read("notify", "/feed")["notices"] if words in n["text"]]
    )
    return found[0]


def test_p_01_marks_and_absences_are_told_to_the_parent_and_to_no_other(
    town: Town, anna: Person, olga: Person, nina: Person
) -> None:
    on = date(2022, 5, 19)
    town.give(anna, on, "2")
    entries = {"entries": [{"pupil_id": str(town.person("petya")), "state": "late", "minutes": 12}]}
    anna.did("PUT", "attendance", town.roll(on), entries)
    of_mark, of_late = notice(olga, "оценка 2 "), notice(olga, "опоздание на урок на 12 мин")
    assert of_mark["text"].startswith("Пётр: оценка 2 · Математика, работа на уроке, 19.05.2022")
    assert "19.05.2022, 1-й урок" in of_late["text"]
    assert {n["pupil_id"] for n in (of_mark, of_late)} == {str(town.person("petya"))}
    assert not [n for n in nina.read("notify", "/feed")["notices"] if n["pupil_id"] == str(town.person("petya"))]
    english = olga.http.get(f"{olga.url}/api/notify/feed", headers={"Accept-Language": "en"}).json()
    assert any(n["text"].startswith("Пётр: 12 min late for the lesson") for n in english["notices"])


def test_k_01_the_feed_counts_the_unread_and_takes_the_receipt(town: Town, anna: Person, olga: Person) -> None:
    town.give(anna, date(2022, 5, 24), "1")
    one = notice(olga, "оценка 1 ")
    assert one["seen_at"] is None
    unread = olga.read("notify", "/feed")["unread"]
    olga.did("POST", "notify", "/feed/seen", {"notice_ids": [one["notice_id"]]})
    assert olga.read("notify", "/feed")["unread"] == unread - 1
    assert notice(olga, "оценка 1 ")["seen_at"] is not None
    states = {d["channel"]: d["state"] for d in deliveries(olga) if d["notice_id"] == one["notice_id"]}
    assert states["portal"] == "seen"


def deliveries(person: Person) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = person.read("notify", "/deliveries")["deliveries"]
    return found


def test_k_01_a_letter_goes_by_smtp_after_consent_and_its_state_is_shown(diary: Diary) -> None:
    town = founded(diary)
    address = f"olga@{town.name}.example"
    with town.signed_in("anna") as anna, town.signed_in("olga") as olga:
        town.give(anna, date(2022, 5, 23), "3")
        notice(olga, "оценка 3 ")
        olga.did("POST", "notify", "/consents", {"channel": "email", "address": address})
        town.give(anna, date(2022, 5, 24), "5")
        until(lambda: letters_to(diary, address))
        until(lambda: [d for d in deliveries(olga) if d["channel"] == "email" and d["state"] == "sent"])
        told = letters_to(diary, address)
    assert [("оценка 5 " in letter, "24.05.2022" in letter) for letter in told if "оценка 5 " in letter] == [
        (True, True)
    ]


def test_b_06_a_correction_sends_no_second_letter(diary: Diary) -> None:
    town = founded(diary)
    address, on = f"olga@{town.name}.example", date(2022, 5, 25)
    with town.signed_in("anna") as anna, town.signed_in("olga") as olga:
        olga.did("POST", "notify", "/consents", {"channel": "email", "address": address})
        work, petya = town.give(anna, on, "3"), town.person("petya")
        until(lambda: letters_to(diary, address))
        fix = {"pupil_id": str(petya), "value": "4", "reason": "пересчитано"}
        anna.did("POST", "grades", f"/works/{work}/corrections", fix)
        notice(olga, "исправлена, 3 → 4")
        town.give(anna, on, "5")
        until(lambda: [letter for letter in letters_to(diary, address) if "оценка 5 " in letter])
        assert len(letters_to(diary, address)) == 2


def test_b_06_what_another_account_puts_right_is_told_to_the_teacher_in_whose_journal_it_stood(diary: Diary) -> None:
    town = founded(diary)
    with town.signed_in("anna") as anna, town.signed_in("inna") as inna:
        work = town.give(anna, date(2022, 3, 14), "3")  # weeks ago: that is no reason to keep it from her
        fix = {"pupil_id": str(town.person("petya")), "value": "4", "reason": "апелляция"}
        anna.did("POST", "grades", f"/works/{work}/corrections", fix)
        inna.did("POST", "grades", f"/works/{work}/corrections", {**fix, "value": "5"})
        told = notice(anna, "В вашем журнале: Пётр, оценка 4 → 5")
        assert "Директорова Инна" in told["text"]
        assert told["link"] == f"/journal/{town.group('7A')}?first=2022-02-15&last=2022-03-14"
        assert not [n for n in anna.read("notify", "/feed")["notices"] if "3 → 4" in n["text"]], "her own correction"


def test_b_03_the_alarm_is_for_an_absence_that_nobody_explained(diary: Diary) -> None:
    town = founded(diary)
    address, petya = f"olga@{town.name}.example", str(town.person("petya"))
    with town.signed_in("anna") as anna, town.signed_in("oleg") as oleg, town.signed_in("olga") as olga:
        olga.did("POST", "notify", "/consents", {"channel": "email", "address": address})
        ill = {"entries": [{"pupil_id": petya, "state": "absent", "reason": "illness"}]}
        anna.did("PUT", "attendance", town.roll(date(2022, 5, 24)), ill)
        notice(olga, "отсутствие на уроке · Математика")
        missed = {"entries": [{"pupil_id": petya, "state": "absent"}]}
        oleg.did("PUT", "attendance", town.roll(date(2022, 5, 24), "7R"), missed)
        until(lambda: letters_to(diary, address))
        [letter] = letters_to(diary, address)
        assert "Русский" in letter and "Математика" not in letter


def test_g_11_a_new_mark_is_told_the_moment_it_is_given_to_who_wishes_it(diary: Diary) -> None:
    """The push itself comes with the channel; the wish for it is kept as that of any other."""
    town = founded(diary)
    with town.signed_in("anna") as anna, town.signed_in("olga") as olga, olga.following(town.person("petya")) as live:
        town.give(anna, date(2022, 5, 23), "3")
        until(lambda: "notify" in {service for service, _ in live.events})
        notice(olga, "оценка 3 ")
        olga.did("PUT", "notify", "/wishes", {"wishes": [{"kind": "mark", "channels": []}]})
        town.give(anna, date(2022, 5, 24), "2")
        entries = {"entries": [{"pupil_id": str(town.person("petya")), "state": "late", "minutes": 3}]}
        anna.did("PUT", "attendance", town.roll(date(2022, 5, 24)), entries)
        notice(olga, "опоздание на урок на 3 мин")  # what came later is told: the mark was passed over
        assert not [n for n in olga.read("notify", "/feed")["notices"] if "оценка 2 " in n["text"]]
