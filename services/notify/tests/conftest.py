"""The notify service on a database of its own, in a school that it knows, and families that only one test knows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest

from deploy.embedded.postgres import Postgres
from services.notify import deliveries
from services.notify.main import SERVICE
from shared.contracts import Event, Sealed
from shared.contracts.attendance import Presence, PresenceCorrected, RollEntry, RollTaken
from shared.contracts.grades import Mark, MarkCorrected, MarkRemoved, MarksGiven, WorkOpened
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
from shared.testing.school import (
    DISTRICT,
    FIRST,
    LAST,
    OLGA,
    SCHOOL,
    TODAY,
    Running,
    day,
    learn,
    place,
    running,
)  # fmt: skip
from shared.testing.web import connect


def described(person: UUID, family: str | None, given: str | None) -> PersonDescribed:
    """As the worker hands it to the projection: opened; None where the key is destroyed."""
    names = {"family_name": family, "given_name": given}
    opened = {name: Sealed(owner_id=person, box="AA==", text=text) for name, text in names.items()}
    return PersonDescribed(person_id=person, district_id=DISTRICT, **opened)


@dataclass(frozen=True)
class Family:
    """A pupil and a guardian whom only one test knows."""

    notify: Running
    pupil: UUID = field(default_factory=uuid4)
    guardian: UUID = field(default_factory=uuid4)
    work: UUID = field(default_factory=uuid4)
    relation: str = "parent"

    def tied(self, *rights: str) -> None:
        """What the guardian may from now on."""
        tie = {"guardian_id": self.guardian, "relation": "parent", "rights": rights}
        ties = (Tie.model_validate(tie),) if rights else ()
        self.learn("roster", FamilySet(pupil_id=self.pupil, ties=ties))

    def learn(self, source: str, *events: Event) -> None:
        """As Olga's, whose journal it is: what she does herself she is not told."""
        learn(self.notify.settings, SERVICE, events, source, OLGA)

    def opened(self, on: int = 15, kind: str = "test") -> None:
        """The work its marks are given for, on that day of September."""
        self.learn("grades", WorkOpened.model_validate(
            {**place(day(on), 2), "work_id": self.work, "kind": kind, "weight": "2", "scale": "five", "rule": 1}
        ))  # fmt: skip

    def marked(self, *values: str) -> None:
        given = (Mark(pupil_id=self.pupil, values=values),)
        self.learn("grades", MarksGiven(work_id=self.work, school_id=SCHOOL, marks=given))

    def corrected(self, before: str, after: str) -> None:
        reason = Sealed(owner_id=self.pupil, box="AA==")
        about = {"work_id": self.work, "school_id": SCHOOL, "pupil_id": self.pupil, "reason": reason}
        self.learn("grades", MarkCorrected(**about, before=(before,), after=(after,)))

    def removed(self, before: str) -> None:
        reason = Sealed(owner_id=self.pupil, box="AA==")
        self.learn("grades", MarkRemoved(
            work_id=self.work, school_id=SCHOOL, pupil_id=self.pupil, reason=reason, before=(before,)
        ))  # fmt: skip

    def roll(self, on: int = 15, number: int = 2, **entry: Any) -> None:
        """The roll of a lesson with this pupil's entry."""
        entries = (RollEntry(pupil_id=self.pupil, **entry),)
        self.learn("attendance", RollTaken.model_validate({**place(day(on), number), "entries": entries}))

    def changed(self, before: dict[str, Any] | None, after: dict[str, Any]) -> None:
        was = Presence(**before) if before else None
        facts = {**place(day(15), 2), "pupil_id": self.pupil, "before": was, "after": Presence(**after)}
        self.learn("attendance", PresenceCorrected.model_validate(facts))

    def consents(self, address: str | None = None) -> None:
        """The guardian agrees to letters."""
        body = {"channel": "email", "address": address or f"{self.guardian}@example.org"}
        assert self.notify.send("POST", "/consents", self.guardian, body).status_code == 200

    def wishes(self, **channels: Sequence[str]) -> None:
        body = {"wishes": [{"kind": kind, "channels": list(ways)} for kind, ways in channels.items()]}
        assert self.notify.send("PUT", "/wishes", self.guardian, body).status_code == 200

    def told(self, person: UUID | None = None) -> dict[str, str]:
        """Channel → state of what the guardian (or the person) is owed; each channel at most once."""
        rows = deliveries_to(self.notify, person or self.guardian)
        assert len({channel for channel, _, _ in rows}) == len(rows)
        return {channel: state for channel, state, _ in rows}

    def feed(self, person: UUID | None = None, language: str = "ru") -> Any:
        headers = self.notify.headers(person or self.guardian, language=language)
        return self.notify.http.get("/feed", headers=headers).json()


def deliveries_to(notify: Running, person: UUID) -> list[tuple[str, str, str | None]]:
    """Channel, state and error of everything owed to the person, as the store has it."""
    with connect(notify.settings, "notify", "worker") as conn:
        return conn.execute(
            "SELECT channel, state, error FROM deliveries WHERE person_id = %s ORDER BY channel", [person]
        ).fetchall()


def owe(notify: Running, *, again: bool = False) -> set[UUID]:
    """What the sender does first in each of its rounds."""
    with connect(notify.settings, "notify", "worker") as conn:
        return set(deliveries.owe(conn, TODAY, again=again))


@pytest.fixture(scope="module")
def notify(postgres: Postgres) -> Iterator[Running]:
    with running(postgres, SERVICE) as service:
        learn(service.settings, SERVICE, [described(OLGA, "Иванова", "Ольга")])
        yield service


@pytest.fixture
def family(notify: Running) -> Family:
    """A family whose guardian sees the pupil and wishes to be told."""
    made = Family(notify)
    held = RoleHeld.model_validate({"role": "pupil", "school_id": SCHOOL, "starts": FIRST, "ends": LAST})
    made.learn("roster", RolesSet(person_id=made.pupil, roles=(held,)), described(made.pupil, "Ёлкина", "Анна"))
    made.tied("see", "notices")
    return made


@pytest.fixture
def teacher() -> UUID:
    return uuid4()


@pytest.fixture
def group(family: Family, teacher: UUID) -> UUID:
    """Of this family's pupil and a teacher alone."""
    group = uuid4()
    described = GroupDescribed(
        group_id=group, school_id=SCHOOL, title="10А физика", subject="Физика", course="PHY", starts=FIRST, ends=LAST
    )
    people = (
        Enrolment(person_id=family.pupil, role="pupil", starts=FIRST, ends=LAST),
        Enrolment(person_id=teacher, role="teacher", starts=FIRST, ends=LAST, is_primary=True),
    )
    held = RoleHeld.model_validate({"role": "teacher", "school_id": SCHOOL, "starts": FIRST, "ends": LAST})
    family.learn("roster", RolesSet(person_id=teacher, roles=(held,)))
    family.learn("roster", described, EnrolmentsSet(group_id=group, school_id=SCHOOL, enrolments=people))
    return group
