"""The people by whom a visitor may sign in: one for each role of the published district."""

from dataclasses import dataclass
from uuid import UUID

from shared.contracts.roster import derived_id

DISTRICT = "255901"
"""sourcedId of the published district."""

PASSWORD = "Open the diary 2022"
"""Of every demo account; such accounts refuse to exist outside a demo."""


@dataclass(frozen=True)
class Visitor:
    role: str
    login: str
    source_id: str

    @property
    def person_id(self) -> UUID:
        return derived_id(DISTRICT, "users", self.source_id)


TEACHER = Visitor("teacher", "teacher", "207270")
PARENT = Visitor("parent", "parent", "777901")
PUPIL = Visitor("pupil", "pupil", "604918")
ADMINISTRATOR = Visitor("administrator", "office", "207288")
VISITORS = (TEACHER, PARENT, PUPIL, ADMINISTRATOR)
"""Algebra's teacher; a child of her class with results and absences, and his mother; one of the administrators."""
