"""Letters by SMTP. A refused address is final; everything else is tried again."""

from email.headerregistry import Address
from email.message import EmailMessage
from uuid import UUID

import aiosmtplib


class Refused(Exception):
    """The server refuses this letter for good; its words are the argument."""


async def send(server: str, sender: str, delivery: UUID, to: str, subject: str, text: str) -> None:
    """Hand one letter to the SMTP server (`host:port`).

    The Message-ID is the delivery's id, so that a letter sent twice after a crash is recognised as one.
    Raises Refused for a 5xx answer; aiosmtplib.SMTPException or OSError when it may be tried again.
    """
    host, _, port = server.partition(":")
    try:
        await aiosmtplib.send(
            _letter(sender, delivery, to, subject, text), hostname=host, port=int(port or 25), timeout=20
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        codes = [refusal.code for refusal in error.recipients]
        if all(code >= 500 for code in codes):
            raise Refused(str(codes[0])) from error
        raise
    except aiosmtplib.SMTPResponseException as error:
        if error.code >= 500:
            raise Refused(str(error.code)) from error
        raise


def _letter(sender: str, delivery: UUID, to: str, subject: str, text: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = Address(addr_spec=sender)
    letter["To"] = Address(addr_spec=to)
    letter["Subject"] = subject
    letter["Message-ID"] = f"<{delivery}@{sender.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text)
    return letter
