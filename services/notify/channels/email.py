"""Letters by SMTP. A refused address is final; everything else is tried again."""

from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from uuid import UUID

import aiosmtplib

WAIT = 10.0
"""Seconds for each answer of the server; a letter needs at most seven."""


class Refused(Exception):
    """The server refuses this letter for good; its code is the argument."""


class Unknown(Exception):
    """The connection was lost after the letter was handed over: it may have arrived."""


async def send(server: str, sender: str, delivery: UUID, to: str, subject: str, text: str) -> None:
    """Hand one letter to the SMTP server (`host:port`).

    The Message-ID is the delivery's id, so that a letter sent twice is recognised as one. Raises Refused for a 5xx
    answer about the reader or the letter, Unknown, and aiosmtplib.SMTPException or OSError when nothing was handed
    over and it may be tried again; a 5xx answer about ourselves (greeting, sender) is such a one.
    """
    try:
        letter = _letter(sender, delivery, to, subject, text).as_bytes(policy=SMTP)
    except (ValueError, MessageError) as error:  # an address or a name that no header can carry
        raise Refused(type(error).__name__) from error
    host, _, port = server.partition(":")
    async with aiosmtplib.SMTP(hostname=host, port=int(port or 25), timeout=WAIT) as client:
        await client.mail(sender)
        try:
            await client.rcpt(to)
            await _hand_over(client, letter)
        except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as error:
            if error.code >= 500:
                raise Refused(str(error.code)) from error
            raise


async def _hand_over(client: aiosmtplib.SMTP, letter: bytes) -> None:
    try:
        await client.data(letter)
    except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError) as error:
        raise Unknown(type(error).__name__) from error


def _letter(sender: str, delivery: UUID, to: str, subject: str, text: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = Address(addr_spec=sender)
    letter["To"] = Address(addr_spec=to)
    letter["Subject"] = subject
    letter["Message-ID"] = f"<{delivery}@{sender.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text)
    return letter
