"""The messaging service on a database of its own, in a school that it knows."""

from collections.abc import Iterator

import pytest

from deploy.embedded.postgres import Postgres
from services.messaging.main import SERVICE
from shared.contracts import Event, Sealed
from shared.contracts.roster import (
    Enrolment,
    EnrolmentsSet,
    FamilySet,
    GroupDescribed,
    PersonDescribed,
    RoleHeld,
    RolesSet,
    Tie,
)
from shared.testing.school import ANNA, BORIS, DISTRICT, FIRST, LAST, SCHOOL, Running, id_of, learn, running

GALINA = id_of("Galina, Boris's mother, who may see him only")
DIRECTOR, DIRECTOR_ELSEWHERE = id_of("director"), id_of("director elsewhere")
TUTOR, CLASS_HOUR = id_of("who leads Anna's class"), id_of("Anna's class itself")


def _described(person: str, family: str, given: str) -> PersonDescribed:
    """As the worker hands it to the projection: opened."""
    names = {"family_name": family, "given_name": given}
    opened = {field: Sealed(owner_id=id_of(person), box="AA==", text=text) for field, text in names.items()}
    return PersonDescribed(person_id=id_of(person), district_id=DISTRICT, **opened)


def _administers(person: str, school: str) -> RolesSet:
    held = {"role": "administrator", "school_id": id_of(school), "starts": FIRST, "ends": LAST}
    return RolesSet(person_id=id_of(person), roles=(RoleHeld.model_validate(held),))


def _leads(person: str) -> EnrolmentsSet:
    both = ((id_of(person), "teacher"), (ANNA, "pupil"))
    listed = [{"person_id": who, "role": role, "starts": FIRST, "ends": LAST} for who, role in both]
    return EnrolmentsSet(
        group_id=CLASS_HOUR, school_id=SCHOOL, enrolments=tuple(Enrolment.model_validate(one) for one in listed)
    )


def _teaches(person: str) -> RolesSet:
    held = {"role": "teacher", "school_id": SCHOOL, "starts": FIRST, "ends": LAST}
    return RolesSet(person_id=id_of(person), roles=(RoleHeld.model_validate(held),))


PEOPLE: tuple[Event, ...] = (
    GroupDescribed(
        group_id=CLASS_HOUR,
        school_id=SCHOOL,
        title="7А",
        subject="Классный час",
        course="HOME-7",
        starts=FIRST,
        ends=LAST,
        homeroom=True,
    ),
    _teaches("who leads Anna's class"),
    _leads("who leads Anna's class"),
    _described("Olga", "Иванова", "Ольга"),
    _described("Pavel, Anna's father", "Ёлкин", "Павел"),
    FamilySet(pupil_id=BORIS, ties=(Tie(guardian_id=GALINA, relation="parent", rights=("see",)),)),
    _administers("director", "school"),
    _administers("director elsewhere", "other school"),
)


@pytest.fixture(scope="module")
def messaging(postgres: Postgres) -> Iterator[Running]:
    with running(postgres, SERVICE) as service:
        learn(service.settings, SERVICE, PEOPLE)
        yield service
