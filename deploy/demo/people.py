"""The people by whom a visitor may sign in: one for each role of a district."""

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from deploy.demo import district as zarechye
from shared.contracts.roster import derived_id

DISTRICT = "255901"
"""sourcedId of the published district."""

PASSWORD = "Open the diary 2022"
"""Of every demo account; such accounts refuse to exist outside a demo."""


@dataclass(frozen=True)
class Visitor:
    """`role`: teacher, parent, pupil, administrator or officer. `name` is shown on his button."""

    role: str
    login: str
    source_id: str
    district: str = DISTRICT
    name: str = ""

    @property
    def person_id(self) -> UUID:
        return derived_id(self.district, "users", self.source_id)


TEACHER = Visitor("teacher", "teacher", "207270")
PARENT = Visitor("parent", "parent", "777901")
PUPIL = Visitor("pupil", "pupil", "604918")
ADMINISTRATOR = Visitor("administrator", "office", "207288")
VISITORS = (TEACHER, PARENT, PUPIL, ADMINISTRATOR)
"""Algebra's teacher; a child of her class with results and absences, and his mother; one of the administrators."""


def of_plan(plan: zarechye.Plan) -> tuple[Visitor, ...]:
    """Of a district of the generator: a class teacher, a mother of two in two schools, one of them, head, officer."""
    cast, name = zarechye.cast(plan), zarechye.DISTRICT
    people = (
        ("teacher", "teacher", cast.teacher),
        ("parent", "parent", cast.parent),
        ("pupil", "pupil", cast.pupil),
        ("administrator", "head", cast.head),
        ("officer", "officer", cast.officer),
    )
    return tuple(Visitor(*person, district=name) for person in people)


def named(visitors: Sequence[Visitor], files: Path) -> list[Visitor]:
    """The same with their names as the roster's bundle in the folder has them."""
    wanted = {visitor.source_id for visitor in visitors}
    names: dict[str, str] = {}
    with zipfile.ZipFile(files / "oneroster.zip") as bundle, bundle.open("users.csv") as users:
        for row in csv.DictReader(io.TextIOWrapper(users, "utf-8-sig")):
            if row["sourcedId"] in wanted:
                parts = (row["familyName"], row["givenName"], row["middleName"])
                names[row["sourcedId"]] = " ".join(part for part in parts if part)
    return [replace(visitor, name=names.get(visitor.source_id, "")) for visitor in visitors]
