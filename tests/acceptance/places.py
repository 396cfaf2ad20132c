"""Places of the published district that the tests speak of."""

from datetime import date
from uuid import UUID, uuid4

from deploy.demo.people import DISTRICT, PUPIL, TEACHER
from shared.contracts.lessons import lesson_id
from shared.contracts.roster import derived_id
from tests.acceptance.people import Person

TODAY = date(2022, 5, 25)
ALGEBRA = derived_id(DISTRICT, "classes", "25590100102Trad220ALG122011-T-Spring")
"""Algebra I 02 in the spring: every school day, second lesson, room 220."""
ALGEBRA_IN_AUTUMN = derived_id(DISTRICT, "classes", "25590100102Trad220ALG112011-T-Fall")
"""Where the published marks are."""
HIGH_SCHOOL = derived_id(DISTRICT, "orgs", "255901001")
MIDDLE_SCHOOL_CLASS = derived_id(DISTRICT, "classes", "25590104401Trad140MUS00712011-T-Fall")
PETER = PUPIL.person_id
KELLEY = TEACHER.person_id
SECOND = 2


def lesson(on: date = TODAY) -> UUID:
    """Algebra's lesson of the day."""
    return lesson_id(ALGEBRA, on, SECOND)


def open_work(teacher: Person, on: date = TODAY, kind: str = "lesson", **more: object) -> UUID:
    """A new column of algebra's journal."""
    work = uuid4()
    body = {"work_id": str(work), "group_id": str(ALGEBRA), "on": on.isoformat(), "number": SECOND, "kind": kind}
    teacher.did("POST", "grades", "/works", {**body, "confirmed": True, **more})
    return work


def mark(pupil: UUID, value: str, comment: str = "") -> dict[str, str]:
    return {"pupil_id": str(pupil), "value": value, "comment": comment}
