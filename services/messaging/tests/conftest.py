"""The messaging service on a database of its own, in a school that it knows."""

from collections.abc import Iterator

import pytest

from deploy.embedded.postgres import Postgres
from services.messaging.main import SERVICE
from shared.contracts import Event, Sealed
from shared.contracts.roster import FamilySet, PersonDescribed, RoleHeld, RolesSet, Tie
from shared.testing.school import BORIS, DISTRICT, FIRST, LAST, Running, id_of, learn, running

GALINA = id_of("Galina, Boris's mother, who may see him only")
DIRECTOR, DIRECTOR_ELSEWHERE = id_of("director"), id_of("director elsewhere")


def _described(person: str, family: str, given: str) -> PersonDescribed:
    """As the worker hands it to the projection: opened."""
    names = {"family_name": family, "given_name": given}
    opened = {field: Sealed(owner_id=id_of(person), box="AA==", text=text) for field, text in names.items()}
    return PersonDescribed(person_id=id_of(person), district_id=DISTRICT, **opened)


def _administers(person: str, school: str) -> RolesSet:
    held = {"role": "administrator", "school_id": id_of(school), "starts": FIRST, "ends": LAST}
    return RolesSet(person_id=id_of(person), roles=(RoleHeld.model_validate(held),))


PEOPLE: tuple[Event, ...] = (
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
