"""Conversations as families and teachers meet them: over HTTP, on a real store."""

import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.messaging.reactions import touched
from services.messaging.tests.conftest import DIRECTOR, DIRECTOR_ELSEWHERE, GALINA
from shared.access import OPERATOR, PORTAL
from shared.stream import live
from shared.testing.rebuilt import before_and_after
from shared.testing.school import ANNA, BORIS, IGOR, MARIA, NINA, OLGA, PAVEL, SCHOOL, VERA, Running
from shared.testing.web import connect


def letter(*to: UUID, about: UUID | None = ANNA, subject: str = "Контрольная", text: str = "Можно?") -> dict[str, Any]:
    body = {"conversation_id": str(uuid4()), "message_id": str(uuid4()), "participants": [str(one) for one in to]}
    return {**body, **({"pupil_id": str(about)} if about else {}), "subject": subject, "text": text}


def opened(messaging: Running, by: UUID = PAVEL, *to: UUID, about: UUID | None = ANNA) -> dict[str, Any]:
    body = letter(*(to or (OLGA,)), about=about)
    answer = messaging.send("POST", "/conversations", by, body)
    assert answer.status_code == 200, answer.text
    return body


def say(messaging: Running, talk: dict[str, Any], by: UUID, text: str = "Да") -> str:
    message = str(uuid4())
    path = f"/conversations/{talk['conversation_id']}/messages"
    answer = messaging.send("POST", path, by, {"message_id": message, "text": text})
    assert answer.status_code == 200, answer.text
    return message


def read(messaging: Running, talk: dict[str, Any], by: UUID) -> httpx.Response:
    return messaging.send("GET", f"/conversations/{talk['conversation_id']}", by)


def unread(messaging: Running, talk: dict[str, Any], by: UUID) -> int:
    mine = messaging.send("GET", "/conversations", by).json()["conversations"]
    return next(int(one["unread"]) for one in mine if one["conversation_id"] == talk["conversation_id"])


def stored(messaging: Running) -> int:
    return len(messaging.events())


@pytest.mark.parametrize(
    ("by", "to", "about"),
    [(PAVEL, OLGA, ANNA), (OLGA, PAVEL, ANNA), (PAVEL, NINA, ANNA), (NINA, PAVEL, ANNA), (OLGA, IGOR, None),
     (NINA, OLGA, None)],
)  # fmt: skip
def test_families_and_their_teachers_and_colleagues_write_to_each_other(
    messaging: Running, by: UUID, to: UUID, about: UUID | None
) -> None:
    talk = opened(messaging, by, to, about=about)
    found = read(messaging, talk, to).json()
    assert {person["person_id"] for person in found["participants"]} == {str(by), str(to)}
    assert [one["text"] for one in found["messages"]] == ["Можно?"]


@pytest.mark.parametrize(
    ("by", "to", "about"),
    [
        (PAVEL, MARIA, ANNA), (PAVEL, OLGA, BORIS), (PAVEL, OLGA, None), (PAVEL, GALINA, ANNA), (PAVEL, ANNA, ANNA),
        (MARIA, PAVEL, ANNA), (IGOR, GALINA, BORIS), (OLGA, MARIA, None), (OLGA, OLGA, None), (ANNA, OLGA, ANNA),
        (GALINA, OLGA, BORIS), (OLGA, GALINA, BORIS), (OLGA, VERA, VERA), (OPERATOR, PAVEL, ANNA),
        (PAVEL, uuid4(), ANNA), (PAVEL, OLGA, uuid4()),
    ],
)  # fmt: skip
def test_nobody_else_can_be_written_to_and_nothing_is_stored(
    messaging: Running, by: UUID, to: UUID, about: UUID | None
) -> None:
    before, body = stored(messaging), letter(to, about=about)
    answer = messaging.send("POST", "/conversations", by, body)
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/participants/0", "messaging.wrong-addressee")
    assert stored(messaging) == before
    assert read(messaging, body, by).status_code == 404


def test_of_several_addressees_the_wrong_one_is_named(messaging: Running) -> None:
    answer = messaging.send("POST", "/conversations", PAVEL, letter(OLGA, NINA, MARIA))
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/participants/2"]


def test_the_refusal_is_told_in_the_readers_language(messaging: Running) -> None:
    said = {
        language: messaging.http.post(
            "/conversations", json=letter(MARIA), headers=messaging.headers(PAVEL, language=language)
        ).json()["errors"][0]["detail"]
        for language in ("ru", "en")
    }
    assert said["ru"] == "Этому человеку вы написать не можете; сообщение не доставлено."
    assert said["en"] == "This person cannot be written to by you; the message was not delivered."


def test_one_named_twice_takes_part_once(messaging: Running) -> None:
    talk = opened(messaging, PAVEL, OLGA, OLGA)
    assert len(read(messaging, talk, PAVEL).json()["participants"]) == 2


@pytest.mark.parametrize(
    ("change", "pointer", "code", "ru"),
    [
        ({"subject": " "}, "/subject", "messaging.subject-missing", "Напишите тему сообщения."),
        ({"subject": "а<б"}, "/subject", "messaging.subject-forbidden", "В теме нельзя использовать «<»."),
        ({"subject": "а\nб"}, "/subject", "messaging.subject-forbidden", "В теме нельзя использовать «↵»."),
        ({"subject": "а" * 200}, "/subject", "messaging.subject-too-long", "В теме 200 знаков, можно не больше 150."),
        ({"text": ""}, "/text", "messaging.text-missing", "Напишите текст сообщения."),
        ({"text": "а" * 5000}, "/text", "messaging.text-too-long", "В сообщении 5000 знаков, можно не больше 4000."),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    messaging: Running, change: dict[str, str], pointer: str, code: str, ru: str
) -> None:
    headers = messaging.headers(PAVEL, language="ru")
    answer = messaging.http.post("/conversations", json={**letter(OLGA), **change}, headers=headers)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"], error["detail"]) == (pointer, code, ru)


def test_corrected_and_sent_again_under_the_same_ids_it_is_delivered(messaging: Running) -> None:
    """The text is never lost: the client keeps it with its ids, and a refusal has used none of them."""
    body = letter(MARIA)
    assert messaging.send("POST", "/conversations", PAVEL, body).status_code == 422
    again = {**body, "participants": [str(OLGA)]}
    assert messaging.send("POST", "/conversations", PAVEL, again).status_code == 200
    assert read(messaging, body, OLGA).json()["messages"][0]["text"] == body["text"]


def test_a_command_repeated_gets_the_same_bytes_and_is_done_once(messaging: Running) -> None:
    key, body = uuid4(), letter(OLGA)
    headers = messaging.headers(PAVEL, key)
    first = messaging.http.post("/conversations", json=body, headers=headers)
    count = stored(messaging)
    again = messaging.http.post("/conversations", json=body, headers=messaging.headers(PAVEL, key))
    assert (again.status_code, again.content, stored(messaging)) == (200, first.content, count)
    other = messaging.http.post("/conversations", json={**body, "text": "Другое"}, headers=headers)
    assert other.status_code == 422


def test_another_persons_conversation_cannot_be_begun_again(messaging: Running) -> None:
    body = opened(messaging)
    again = {**letter(OLGA, about=None), "conversation_id": body["conversation_id"]}
    answer = messaging.send("POST", "/conversations", NINA, again)
    assert (answer.status_code, answer.json()["code"]) == (409, "messaging.already-opened")


def test_a_message_id_used_in_another_conversation_tells_nothing(messaging: Running) -> None:
    theirs, mine = opened(messaging, PAVEL, OLGA), opened(messaging, NINA, IGOR, about=None)
    path = f"/conversations/{mine['conversation_id']}/messages"
    answer = messaging.send("POST", path, NINA, {"message_id": theirs["message_id"], "text": "Моё"})
    assert answer.status_code == 200
    assert [one["text"] for one in read(messaging, theirs, PAVEL).json()["messages"]] == ["Можно?"]


def test_delivered_then_seen_and_the_unread_are_counted(messaging: Running) -> None:
    talk = opened(messaging)
    last = say(messaging, talk, PAVEL, "И ещё")
    assert (unread(messaging, talk, OLGA), unread(messaging, talk, PAVEL)) == (2, 0)

    def states() -> list[tuple[str, str]]:
        messages = read(messaging, talk, PAVEL).json()["messages"]
        return [(one["deliveries"][0]["person_id"], one["deliveries"][0]["state"]) for one in messages]

    assert states() == [(str(OLGA), "delivered")] * 2
    path = f"/conversations/{talk['conversation_id']}/seen"
    assert messaging.send("POST", path, OLGA, {"message_id": talk["message_id"]}).status_code == 200
    assert states() == [(str(OLGA), "seen"), (str(OLGA), "delivered")]
    assert unread(messaging, talk, OLGA) == 1
    messaging.send("POST", path, OLGA, {"message_id": last})
    messaging.send("POST", path, OLGA, {"message_id": talk["message_id"]})  # a page that lagged behind
    assert states() == [(str(OLGA), "seen")] * 2
    assert unread(messaging, talk, OLGA) == 0


def test_who_answers_has_read_what_was_before(messaging: Running) -> None:
    talk = opened(messaging)
    say(messaging, talk, OLGA)
    assert (unread(messaging, talk, OLGA), unread(messaging, talk, PAVEL)) == (0, 1)


def test_the_newest_conversation_comes_first_with_names_and_the_last_words(messaging: Running) -> None:
    talk = opened(messaging)
    say(messaging, talk, OLGA, "Приходите в четверг")
    newest = messaging.send("GET", "/conversations", PAVEL).json()["conversations"][0]
    assert newest["conversation_id"] == talk["conversation_id"]
    assert (newest["subject"], newest["pupil_id"]) == ("Контрольная", str(ANNA))
    assert (newest["last"]["author_id"], newest["last"]["text"]) == (str(OLGA), "Приходите в четверг")
    assert {one["name"] for one in newest["participants"]} == {"Иванова Ольга", "Ёлкин Павел"}


def test_the_archive_is_open_to_participants_and_the_schools_administrator(messaging: Running) -> None:
    talk = opened(messaging)
    assert [read(messaging, talk, one).status_code for one in (PAVEL, OLGA, DIRECTOR)] == [200, 200, 200]
    others = (NINA, IGOR, MARIA, DIRECTOR_ELSEWHERE, ANNA, GALINA, OPERATOR)
    assert [read(messaging, talk, one).status_code for one in others] == [404] * len(others)
    listed = messaging.send("GET", "/conversations", DIRECTOR).json()["conversations"]
    assert talk["conversation_id"] not in [one["conversation_id"] for one in listed]


def test_only_participants_write_and_confirm(messaging: Running) -> None:
    talk, before = opened(messaging), stored(messaging)
    path = f"/conversations/{talk['conversation_id']}"
    for stranger in (DIRECTOR, IGOR, MARIA, DIRECTOR_ELSEWHERE):
        body = {"message_id": str(uuid4()), "text": "Я тоже"}
        assert messaging.send("POST", f"{path}/messages", stranger, body).status_code == 404
        assert messaging.send("POST", f"{path}/seen", stranger, {"message_id": talk["message_id"]}).status_code == 404
    assert stored(messaging) == before


def test_the_words_stand_sealed_in_the_store(messaging: Running) -> None:
    talk = letter(OLGA, subject="ТемаДляПоиска", text="СловаДляПоиска")
    assert messaging.send("POST", "/conversations", PAVEL, talk).status_code == 200
    with connect(messaging.settings, "messaging", "relay") as conn:
        documents = [bytes(row[0]).decode() for row in conn.execute("SELECT document FROM events")]
    for word in ("ТемаДляПоиска", "СловаДляПоиска"):
        assert not any(word in one or json.dumps(word)[1:-1] in one for one in documents)
    assert read(messaging, talk, OLGA).json()["subject"] == "ТемаДляПоиска"


def test_the_portal_is_told_in_whose_conversations_something_was_said_or_read(messaging: Running) -> None:
    talk = opened(messaging)
    conversation = UUID(talk["conversation_id"])
    portal = messaging.issuer.headers(PORTAL, roles=["portal"])
    with messaging.http.stream("GET", "/live", headers=portal) as stream:
        said = (json.loads(line.removeprefix("data:")) for line in stream.iter_lines() if line.startswith("data:"))
        assert next(said) == ["*"]
        message = say(messaging, talk, PAVEL, "Вы здесь?")
        for read_too in (False, True):
            if read_too:
                path = f"/conversations/{conversation}/seen"
                assert messaging.send("POST", path, OLGA, {"message_id": message}).status_code == 200
            newest = messaging.ledger.history(conversation, [SCHOOL])[-1:]
            with connect(messaging.settings, "messaging", "worker") as worker:
                live.tell(worker, touched(worker, newest))
            assert set(next(said)) == {str(PAVEL), str(OLGA)}
    for person in (OLGA, OPERATOR):
        assert messaging.http.get("/live", headers=messaging.headers(person)).status_code == 403


def test_the_command_makes_the_view_anew(messaging: Running) -> None:
    talk = opened(messaging)
    say(messaging, talk, OLGA)
    before, after = before_and_after(messaging.settings, messaging.service)
    assert after == before and before["messages"]
    assert unread(messaging, talk, PAVEL) == 1
