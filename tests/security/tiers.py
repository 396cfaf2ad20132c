"""Four little places that know nothing of each other, and who of each role may reach which.

`own` is where the callers are at home; `neighbour` another class of the same school; `elsewhere` another school of the
district; `abroad` another district. `nowhere` does not exist: what is foreign must look just like it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from shared.access import OPERATOR
from shared.contracts import Event, Sealed
from shared.contracts.grades import Mark, MarksGiven, WorkOpened
from shared.contracts.lessons import Slot, TimetableSet, lesson_id
from shared.contracts.roster import (
    Enrolment,
    EnrolmentsSet,
    FamilySet,
    GroupDescribed,
    PersonDescribed,
    RoleHeld,
    RolesSet,
    SchoolDescribed,
    Term,
    Tie,
    YearPlanned,
)
from shared.testing.school import DISTRICT, ELSEWHERE, FIRST, LAST, SCHOOL, day, id_of

LESSON = (day(15), 2)
"""The lesson that every group has today: Wednesday, the second."""

MONDAY = day(13)
"""Its week."""

LATER, LATER_ABROAD = id_of("II"), id_of("II abroad")
"""A term that has not begun: what is asked about it gets through, and locks no journal for those who come after."""


@dataclass(frozen=True)
class Tier:
    """A class with its people and what is written of them. Names of its people hold its own."""

    name: str
    school: UUID
    district: UUID

    def id(self, what: str) -> UUID:
        return id_of(f"{what} of {self.name}")

    def __getattr__(self, what: str) -> UUID:
        """`tier.group`, `tier.pupil` …: an id of its own for each word."""
        if what.startswith("_"):
            raise AttributeError(what)
        return self.id(what)

    @property
    def private(self) -> frozenset[str]:
        """What not even the other classes of the school may read: the family's names and ids, what is written of it."""
        words = {f"{what}-{self.name}" for what in ("Ученик", "Родитель", "Письмо", "Комментарий")}
        return frozenset(words | {str(self.id(what)) for what in ("pupil", "guardian", "work", "conversation")})

    @property
    def whole(self) -> frozenset[str]:
        """What no other school may read."""
        return self.private | {f"Учитель-{self.name}", f"Класс-{self.name}", str(self.teacher), str(self.group)}


ABROAD, OTHER_DISTRICT = id_of("school abroad"), id_of("other district")
OWN = Tier("own", SCHOOL, DISTRICT)
NEIGHBOUR = Tier("neighbour", SCHOOL, DISTRICT)
FAR = Tier("elsewhere", ELSEWHERE, DISTRICT)
BEYOND = Tier("abroad", ABROAD, OTHER_DISTRICT)
NOWHERE = Tier("nowhere", id_of("no school"), id_of("no district"))
REAL = (OWN, NEIGHBOUR, FAR, BEYOND)

WHO: dict[str, UUID] = {
    "pupil": OWN.pupil,
    "parent": OWN.guardian,
    "teacher": OWN.teacher,
    "office": id_of("office of the matrix"),
    "administrator": id_of("administrator of the matrix"),
    "officer": id_of("officer of the matrix"),
    "operator": OPERATOR,
    "mixed": id_of("teacher at the own school, parent at another"),
}
ROLES = tuple(role for role in WHO if role != "mixed")
"""`mixed` is apart: a teacher of the own school with a child elsewhere, where he must have a parent's rights only."""
FOREIGN: dict[str, tuple[Tier, ...]] = {
    "pupil": (NEIGHBOUR, FAR, BEYOND),
    "parent": (NEIGHBOUR, FAR, BEYOND),
    "teacher": (NEIGHBOUR, FAR, BEYOND),
    "office": (FAR, BEYOND),
    "administrator": (FAR, BEYOND),
    "officer": (BEYOND,),
    "operator": (),
}
REACHED: dict[str, tuple[Tier, ...]] = {
    role: tuple(tier for tier in REAL if tier not in foreign) for role, foreign in FOREIGN.items()
}


def said(owner: UUID, text: str) -> Sealed:
    """Text as a worker hands it to a projection: opened."""
    return Sealed(owner_id=owner, box="AA==", text=text)


def _role(person: UUID, role: str, school: UUID) -> RolesSet:
    held = {"role": role, "school_id": school, "starts": FIRST, "ends": LAST}
    return RolesSet(person_id=person, roles=(RoleHeld.model_validate(held),))


def _named(person: UUID, district: UUID, family: str) -> PersonDescribed:
    return PersonDescribed(
        person_id=person, district_id=district, family_name=said(person, family), given_name=said(person, "Имя")
    )


def _school(school: UUID, district: UUID, kind: str) -> SchoolDescribed:
    return SchoolDescribed.model_validate(
        {"school_id": school, "district_id": district, "kind": kind, "name": "Школа", "code": "1",
         "time_zone": "Europe/Moscow"}
    )  # fmt: skip


def _in(person: UUID, role: str) -> Enrolment:
    return Enrolment.model_validate({"person_id": person, "role": role, "starts": FIRST, "ends": LAST})


def _people(tier: Tier) -> tuple[Event, ...]:
    tie = Tie(guardian_id=tier.guardian, relation="parent", rights=("see", "act", "notices"))
    span: dict[str, Any] = {"starts": FIRST, "ends": LAST}
    return (
        _named(tier.pupil, tier.district, f"Ученик-{tier.name}"),
        _named(tier.guardian, tier.district, f"Родитель-{tier.name}"),
        _named(tier.teacher, tier.district, f"Учитель-{tier.name}"),
        _role(tier.pupil, "pupil", tier.school),
        _role(tier.teacher, "teacher", tier.school),
        FamilySet(pupil_id=tier.pupil, ties=(tie,)),
        GroupDescribed(
            group_id=tier.group, school_id=tier.school, title=f"Класс-{tier.name}", subject="А", course="А", **span
        ),
        EnrolmentsSet(
            group_id=tier.group, school_id=tier.school,
            enrolments=(_in(tier.teacher, "teacher"), _in(tier.pupil, "pupil")),
        ),
    )  # fmt: skip


MIXED = WHO["mixed"]
_HIS_CHILD = Tier("his child", ELSEWHERE, DISTRICT)

ROSTER: tuple[Event, ...] = (
    _role(MIXED, "teacher", SCHOOL),
    _role(_HIS_CHILD.pupil, "pupil", ELSEWHERE),
    FamilySet(
        pupil_id=_HIS_CHILD.pupil, ties=(Tie(guardian_id=MIXED, relation="parent", rights=("see", "act", "notices")),)
    ),
    _school(OTHER_DISTRICT, OTHER_DISTRICT, "district"),
    _school(ABROAD, OTHER_DISTRICT, "school"),
    YearPlanned(
        year_id=id_of("year abroad"),
        district_id=OTHER_DISTRICT,
        title="2021-2022",
        starts=FIRST,
        ends=LAST,
        terms=(
            Term(term_id=id_of("I abroad"), title="I", kind="term", starts=FIRST, ends=date(2021, 12, 29)),
            Term(term_id=LATER_ABROAD, title="II", kind="term", starts=date(2022, 1, 10), ends=LAST),
        ),
    ),
    _role(WHO["office"], "office", SCHOOL),
    _role(WHO["administrator"], "administrator", SCHOOL),
    _role(WHO["officer"], "officer", DISTRICT),
    _role(FAR.administrator, "administrator", ELSEWHERE),
    _role(BEYOND.administrator, "administrator", ABROAD),
    *(event for tier in REAL for event in _people(tier)),
)


def _timetable(school: UUID) -> TimetableSet:
    groups = [tier.group for tier in REAL if tier.school == school]
    slots = tuple(Slot(group_id=group, weekday=3, number=LESSON[1], starts=FIRST, ends=LAST) for group in groups)
    return TimetableSet(school_id=school, starts=FIRST, ends=LAST, anchor=date(2021, 8, 30), slots=slots)


LESSONS: tuple[Event, ...] = tuple(_timetable(school) for school in (SCHOOL, ELSEWHERE, ABROAD))


def grades_of(tier: Tier) -> tuple[Event, ...]:
    """A work of the class and its pupil's mark, as reporting learns them."""
    on, number = LESSON
    place = {"group_id": tier.group, "on": on, "number": number, "lesson_id": lesson_id(tier.group, on, number)}
    head = {"work_id": tier.work, "kind": "test", "weight": "2", "scale": "five", "rule": 1}
    mark = Mark(pupil_id=tier.pupil, values=("4",), comment=said(tier.pupil, f"Комментарий-{tier.name}"))
    return (
        WorkOpened.model_validate({**place, **head, "school_id": tier.school}),
        MarksGiven(work_id=tier.work, school_id=tier.school, marks=(mark,)),
    )
