"""Conversations: given what was said, when somebody writes or reads, then this happens."""

from dataclasses import replace
from uuid import UUID

import pytest

from services.messaging.domain import conversations as domain
from services.messaging.domain import texts
from services.messaging.domain.conversations import (
    AlreadyOpened,
    Conversation,
    NoConversation,
    OpenConversation,
    SendMessage,
    SubjectForbidden,
    SubjectMissing,
    SubjectTooLong,
    evolve,
    open_conversation,
    see_messages,
    send_message,
)
from services.messaging.domain.texts import TextMissing, TextTooLong
from shared.contracts import seal
from shared.contracts.messaging import ConversationOpened, MessageSent, MessagesSeen
from shared.errors import Refused
from shared.testing.given import Given
from shared.testing.school import ANNA, IGOR, OLGA, PAVEL, SCHOOL, id_of

TALK, FIRST, SECOND = id_of("talk"), id_of("first message"), id_of("second message")
ASK = OpenConversation(TALK, SCHOOL, (PAVEL, OLGA), ANNA, "Контрольная", FIRST, "Можно переписать?")
given = Given(evolve, Conversation())

opened = ConversationOpened(
    conversation_id=TALK, school_id=SCHOOL, participants=(PAVEL, OLGA), pupil_id=ANNA,
    subject=seal(PAVEL, "Контрольная"),
)  # fmt: skip


def said(message: UUID, author: UUID, text: str) -> MessageSent:
    return MessageSent(
        conversation_id=TALK, school_id=SCHOOL, message_id=message, author_id=author, participants=(PAVEL, OLGA),
        text=seal(author, text),
    )  # fmt: skip


def saw(person: UUID, message: UUID) -> MessagesSeen:
    return MessagesSeen(conversation_id=TALK, school_id=SCHOOL, person_id=person, message_id=message)


first, answer = said(FIRST, PAVEL, "Можно переписать?"), said(SECOND, OLGA, "Да")


def test_a_conversation_begins_with_its_first_message() -> None:
    given().when(open_conversation, ASK).then(opened, first)


def test_an_id_in_use_begins_no_second_conversation() -> None:
    given(opened, first).when(open_conversation, ASK).refused(AlreadyOpened, at=["/conversation_id"])


@pytest.mark.parametrize(
    ("subject", "refusal"),
    [
        ("  ", SubjectMissing),
        ("а" * 151, SubjectTooLong),
        ("Про <b>оценку</b>", SubjectForbidden),
        ("{шаблон}", SubjectForbidden),
        ("Тема\r\nBcc: all@school", SubjectForbidden),
    ],
)
def test_a_wrong_subject_is_refused_at_its_field(subject: str, refusal: type[Refused]) -> None:
    given().when(open_conversation, replace(ASK, subject=subject)).refused(refusal, at=["/subject"])


@pytest.mark.parametrize(("text", "refusal"), [(" \n", TextMissing), ("а" * 4001, TextTooLong)])
def test_a_wrong_text_is_refused_at_its_field(text: str, refusal: type[Refused]) -> None:
    given().when(open_conversation, replace(ASK, text=text)).refused(refusal, at=["/text"])
    given(opened, first).when(send_message, SendMessage(TALK, OLGA, SECOND, text)).refused(refusal, at=["/text"])


def test_the_longest_subject_and_text_are_taken() -> None:
    longest = replace(ASK, subject="а" * domain.SUBJECT_LIMIT, text="а" * texts.LONGEST)
    assert given().when(open_conversation, longest).refusal is None


def test_a_participant_answers() -> None:
    given(opened, first).when(send_message, SendMessage(TALK, OLGA, SECOND, " Да ")).then(answer)


def test_a_message_sent_again_is_said_once() -> None:
    given(opened, first, answer).when(send_message, SendMessage(TALK, OLGA, SECOND, "Да")).then()


def test_others_meet_no_conversation() -> None:
    given(opened, first).when(send_message, SendMessage(TALK, IGOR, SECOND, "И я")).refused(NoConversation)
    given(opened, first).when(see_messages, TALK, IGOR, FIRST).refused(NoConversation)
    given().when(send_message, SendMessage(TALK, PAVEL, FIRST, "Есть кто?")).refused(NoConversation)


def test_what_was_seen_stays_seen() -> None:
    given(opened, first, answer).when(see_messages, TALK, PAVEL, SECOND).then(saw(PAVEL, SECOND))
    given(opened, first, answer, saw(PAVEL, SECOND)).when(see_messages, TALK, PAVEL, FIRST).then()
    given(opened, first, answer, saw(PAVEL, SECOND)).when(see_messages, TALK, PAVEL, SECOND).then()


def test_a_message_of_elsewhere_cannot_be_seen_here() -> None:
    given(opened, first).when(see_messages, TALK, OLGA, id_of("another talk's message")).refused(NoConversation)
