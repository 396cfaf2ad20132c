"""Letters to a real SMTP server on loopback: what it answers decides what the delivery becomes."""

import asyncio
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast
from uuid import UUID

import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from services.notify import sender
from services.notify.channels import email
from services.notify.tests.conftest import Family, owe
from shared import postgres
from shared.clock import Calendar
from shared.contracts.roster import FamilySet, Tie
from shared.testing.school import TODAY, Running
from shared.testing.web import connect


@dataclass
class Mailbox:
    """Takes letters; answers the reader's address and the letter with `rcpt` and `data`, or dies after the letter."""

    rcpt: str = "250 OK"
    data: str = "250 OK"
    dies: bool = False
    letters: list[EmailMessage] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.tried.append(address)
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        letter = message_from_bytes(cast(bytes, envelope.content), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        if self.dies:
            cast(Any, server.transport).abort()
        return self.data

    def to(self, family: Family) -> list[EmailMessage]:
        return [letter for letter in self.letters if str(family.guardian) in letter["To"]]


@dataclass
class Post:
    """A sender of the service and the server that it hands letters to."""

    notify: Running
    mailbox: Mailbox
    port: int

    def sends(self, until: Callable[[], bool], seconds: float = 15) -> None:
        """Let a sender run until this holds; it must within these seconds."""
        asyncio.run(self._sends(until, seconds))

    async def _sends(self, until: Callable[[], bool], seconds: float) -> None:
        settings = self.notify.settings.model_copy(
            update={"smtp": f"127.0.0.1:{self.port}", "smtp_sender": "diary@example.org", "school_today": TODAY}
        )
        pool = postgres.pool(settings, "notify", "worker")
        running = asyncio.create_task(sender.run(settings, pool))
        try:
            async with asyncio.timeout(seconds):
                while not await asyncio.to_thread(until):
                    assert not running.done(), running.result()
                    await asyncio.sleep(0.05)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            pool.close()

    def at_once(self, person: UUID) -> None:
        """Its waiting is over: what is to be tried again may be now."""
        with connect(self.notify.settings, "notify", "worker") as conn:
            conn.execute("UPDATE deliveries SET next_try = now() WHERE person_id = %s", [person])


@pytest.fixture
def post(notify: Running) -> Iterator[Post]:
    with connect(notify.settings, "notify", "worker") as conn:
        conn.execute("DELETE FROM deliveries")
        conn.execute("DELETE FROM notices")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield Post(notify, mailbox, port)
    finally:
        controller.stop()


@pytest.fixture
def reader(family: Family) -> Family:
    """A family that is owed one letter about a mark."""
    family.consents()
    family.opened()
    family.marked("5")
    return family


def row(family: Family) -> dict[str, Any]:
    with connect(family.notify.settings, "notify", "worker") as conn:
        cursor = conn.cursor(row_factory=psycopg.rows.dict_row)
        found = cursor.execute(
            "SELECT *, next_try - now() AS wait FROM deliveries WHERE person_id = %s AND channel = 'email'",
            [family.guardian],
        ).fetchone()
    return found or {"tries": 0, "state": "not yet"}


def is_now(family: Family, state: str) -> Callable[[], bool]:
    return lambda: family.told().get("email") == state


def test_a_letter_says_what_the_feed_says_and_where_to_read_it(post: Post, reader: Family) -> None:
    post.sends(is_now(reader, "sent"))
    (letter,) = post.mailbox.to(reader)
    assert letter["Subject"] == "Анна: оценка 5"
    assert letter["From"] == "diary@example.org"
    assert letter["Message-ID"] == f"<{row(reader)['delivery_id']}@example.org>"
    assert letter["Auto-Submitted"] == "auto-generated"
    text = letter.get_content()
    assert "Анна: оценка 5 · Алгебра, контрольная, 15.09.2021" in text
    assert f"https://diary.test/diary/{reader.pupil}?day=2021-09-15" in text
    shown = reader.notify.send("GET", "/deliveries", reader.guardian).json()["deliveries"]
    assert {(one["channel"], one["state"]) for one in shown} == {("portal", "sent"), ("email", "sent")}


def test_a_sent_letter_is_not_sent_again(post: Post, reader: Family) -> None:
    post.sends(is_now(reader, "sent"))
    post.at_once(reader.guardian)
    second = Family(post.notify, pupil=reader.pupil, guardian=reader.guardian)
    second.opened()
    second.marked("4")
    post.sends(lambda: len(post.mailbox.to(reader)) == 2)
    assert len({letter["Message-ID"] for letter in post.mailbox.to(reader)}) == 2


@pytest.mark.parametrize("refusing", ["rcpt", "data"])
def test_a_refused_letter_has_failed_for_good(post: Post, reader: Family, refusing: str) -> None:
    setattr(post.mailbox, refusing, "550 No such user")
    post.sends(is_now(reader, "failed"))
    assert (row(reader)["error"], row(reader)["tries"]) == ("refused with 550", 1)


@pytest.mark.parametrize("refusing", ["rcpt", "data"])
def test_not_now_means_later_and_longer_each_time(post: Post, reader: Family, refusing: str) -> None:
    setattr(post.mailbox, refusing, "451 Try again later")
    for tries in (1, 2, 3):
        post.sends(lambda tries=tries: row(reader)["tries"] == tries and row(reader)["state"] == "owed")  # type: ignore[misc]
        assert 2**tries / 2 - 1 < row(reader)["wait"].total_seconds() <= 2**tries
        post.at_once(reader.guardian)
    setattr(post.mailbox, refusing, "250 OK")
    post.sends(is_now(reader, "sent"))
    assert len({letter["Message-ID"] for letter in post.mailbox.to(reader)}) == 1


def test_a_server_that_is_away_loses_nothing(post: Post, reader: Family) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        Post(post.notify, post.mailbox, nobody.getsockname()[1]).sends(
            lambda: reader.told().get("email") == "owed" and row(reader)["tries"] == 1 and bool(row(reader)["error"])
        )
    post.at_once(reader.guardian)
    post.sends(is_now(reader, "sent"))


def test_accepted_and_then_silent_is_unknown_and_repeated_under_the_same_message_id(post: Post, reader: Family) -> None:
    post.mailbox.dies = True
    post.sends(is_now(reader, "unknown"))
    shown = reader.notify.send("GET", "/deliveries", reader.guardian).json()["deliveries"]
    assert {one["state"] for one in shown if one["channel"] == "email"} == {"unknown"}
    post.mailbox.dies = False
    post.at_once(reader.guardian)
    post.sends(is_now(reader, "sent"))
    first, second = post.mailbox.to(reader)
    assert first["Message-ID"] == second["Message-ID"]


def test_what_a_killed_sender_had_taken_is_sent_by_another_after_its_lease(post: Post, reader: Family) -> None:
    owe(post.notify)
    with connect(post.notify.settings, "notify", "worker") as conn:
        conn.execute(sender.TAKE)
        conn.execute(sender.CRASHED)
    assert row(reader)["state"] == "sending"  # another sender that starts meanwhile does not touch it
    post.at_once(reader.guardian)
    with connect(post.notify.settings, "notify", "worker") as conn:
        conn.execute(sender.CRASHED)
    assert (row(reader)["state"], row(reader)["error"]) == ("unknown", "stopped while sending")
    post.sends(is_now(reader, "sent"))


def test_a_right_withdrawn_before_sending_drops_the_letter(post: Post, reader: Family) -> None:
    owe(post.notify)
    reader.tied("see")
    post.sends(is_now(reader, "dropped"))
    assert post.mailbox.tried == []


def test_consent_withdrawn_before_sending_drops_the_letter(post: Post, reader: Family) -> None:
    owe(post.notify)
    assert reader.notify.send("DELETE", "/consents/email", reader.guardian).status_code == 200
    post.sends(is_now(reader, "dropped"))
    assert post.mailbox.tried == []


def test_without_a_server_letters_stay_owed(post: Post, reader: Family) -> None:
    owe(post.notify)
    pool = postgres.pool(post.notify.settings, "notify", "worker")
    try:
        assert sender._look(post.notify.settings, pool, Calendar(TODAY), False) == []
    finally:
        pool.close()
    assert row(reader)["state"] == "owed"


def test_an_address_that_no_header_carries_holds_up_nobody(post: Post, reader: Family, notify: Running) -> None:
    other = Family(notify, pupil=reader.pupil)
    other.consents()
    with connect(notify.settings, "notify", "worker") as conn:
        conn.execute("UPDATE consents SET address = 'a,b@c' WHERE person_id = %s", [reader.guardian])
    both = tuple(
        Tie(guardian_id=one, relation="parent", rights=("notices",)) for one in (reader.guardian, other.guardian)
    )
    reader.learn("roster", FamilySet(pupil_id=reader.pupil, ties=both))
    post.sends(lambda: is_now(reader, "failed")() and is_now(other, "sent")())


def test_two_senders_share_the_work(post: Post, reader: Family) -> None:
    owe(post.notify)
    pool = postgres.pool(post.notify.settings.model_copy(update={"smtp": "127.0.0.1:1"}), "notify", "worker")
    settings = post.notify.settings.model_copy(update={"smtp": "127.0.0.1:1"})
    try:
        taken = [sender._look(settings, pool, Calendar(TODAY), True) for _ in range(2)]
    finally:
        pool.close()
    assert [len(letters) for letters in taken] == [1, 0]


def test_a_letter_is_plain_text_whatever_a_name_holds() -> None:
    letter = email._letter("diary@example.org", UUID(int=1), "a@example.org", "Тема", "<b>Анна</b>")
    assert letter.get_content_type() == "text/plain"
    assert re.search("<b>Анна</b>", letter.get_content())
