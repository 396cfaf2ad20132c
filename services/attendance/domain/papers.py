"""A paper beside an announced absence, as from a doctor (B-02): what may be one. Pure."""

import base64
from typing import Literal
from uuid import UUID

from shared.contracts import SealedFile
from shared.contracts.attendance import Paper
from shared.errors import Refused

Media = Literal["image/jpeg", "image/png", "application/pdf"]

LARGEST = 400_000
"""Bytes: it travels in the event. The page makes photographs smaller before it sends them."""

BEGINS: dict[Media, bytes] = {
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "application/pdf": b"%PDF-",
}


class PaperTooLarge(Refused):
    """The file is larger than {most} kB. Take a photograph of the paper instead."""

    code = "attendance.paper-too-large"
    ru = "Файл больше {most} КБ. Приложите вместо него фотографию документа."


class PaperUnreadable(Refused):
    """The file is no photograph (JPEG, PNG) and no PDF."""

    code = "attendance.paper-unreadable"
    ru = "Файл не похож ни на фотографию (JPEG, PNG), ни на PDF."


def paper(pupil: UUID, media: Media, content: str) -> Paper:
    """`content` is base64. Whether the file is what it is called is seen by how it begins.

    Raises PaperTooLarge, PaperUnreadable.
    """
    try:
        file = base64.b64decode(content, validate=True)
    except ValueError:
        raise PaperUnreadable("/paper") from None
    if len(file) > LARGEST:
        raise PaperTooLarge("/paper", most=LARGEST // 1000)
    if not file.startswith(BEGINS[media]):
        raise PaperUnreadable("/paper")
    return Paper(media=media, content=SealedFile(owner_id=pupil, text=content))
