"""The demo's letter box: a real SMTP server that keeps every letter as a file."""

from email import message_from_bytes
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Letters:
    """Keeps letters in `folder`, one `.eml` each, named by their Message-ID; a letter sent twice is one file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        number = str(message_from_bytes(content)["Message-ID"]).strip("<>").partition("@")[0]
        (self.folder / f"{number}.eml").write_bytes(content)
        return "250 kept"


def letter_box(folder: Path, port: int) -> Controller:
    """A server on loopback, not started; runs in a thread of its own between `start` and `stop`."""
    return Controller(Letters(folder), hostname="127.0.0.1", port=port)
