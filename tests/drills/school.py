"""Two schools, each with one class of 27 pupils, their parents and a teacher; and teachers who write without pause."""

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid5

from shared.contracts import Event
from shared.contracts.lessons import Slot, TimetableSet
from shared.contracts.roster import (
    Enrolment,
    EnrolmentsSet,
    FamilySet,
    GroupDescribed,
    RoleHeld,
    RolesSet,
    SchoolDescribed,
    Tie,
)
from tests.drills.ledger import Intent, Ledger

TODAY = date(2021, 9, 15)
FIRST, LAST = date(2021, 9, 1), date(2022, 5, 31)
CLASS = 27
LESSONS_A_DAY = 6


def _id(name: str) -> UUID:
    return uuid5(UUID(int=4), name)


@dataclass(frozen=True)
class School:
    """One of the two; `pupils[n]` is the child of `parents[n]`."""

    name: str
    id: UUID = field(init=False)
    group: UUID = field(init=False)
    teacher: UUID = field(init=False)
    office: UUID = field(init=False)
    pupils: tuple[UUID, ...] = field(init=False)
    parents: tuple[UUID, ...] = field(init=False)

    def __post_init__(self) -> None:
        for one in ("id", "group", "teacher", "office"):
            object.__setattr__(self, one, _id(f"{self.name} {one}"))
        for many in ("pupils", "parents"):
            object.__setattr__(self, many, tuple(_id(f"{self.name} {many} {n}") for n in range(CLASS)))

    def roster(self) -> list[Event]:
        """What the services know of it."""
        inside = [(self.teacher, "teacher"), *((pupil, "pupil") for pupil in self.pupils)]
        return [
            SchoolDescribed(
                school_id=self.id, district_id=DISTRICT, kind="school", name=self.name, code="1",
                time_zone="Europe/Moscow",
            ),
            *(self._role(person, role) for person, role in [*inside, (self.office, "office")]),
            *(
                FamilySet(
                    pupil_id=pupil, ties=(Tie(guardian_id=parent, relation="parent", rights=("see", "act", "notices")),)
                )
                for pupil, parent in zip(self.pupils, self.parents, strict=True)
            ),
            GroupDescribed(
                group_id=self.group, school_id=self.id, title="Алгебра", subject="Алгебра", course="Алгебра",
                starts=FIRST, ends=LAST,
            ),
            EnrolmentsSet(group_id=self.group, school_id=self.id, enrolments=tuple(
                Enrolment.model_validate({"person_id": person, "role": role, "starts": FIRST, "ends": LAST})
                for person, role in inside
            )),
        ]  # fmt: skip

    def _role(self, person: UUID, role: str) -> RolesSet:
        held = RoleHeld.model_validate({"role": role, "school_id": self.id, "starts": FIRST, "ends": LAST})
        return RolesSet(person_id=person, roles=(held,))

    def lessons(self) -> list[Event]:
        """Lessons on every working day."""
        slots = tuple(
            Slot(group_id=self.group, weekday=weekday, number=number, starts=FIRST, ends=LAST)
            for weekday in range(1, 6)
            for number in range(1, LESSONS_A_DAY + 1)
        )
        return [TimetableSet(school_id=self.id, starts=FIRST, ends=LAST, anchor=date(2021, 8, 30), slots=slots)]


DISTRICT = _id("district")
NORTH, SOUTH = School("Школа «Север»"), School("Школа «Юг»")
SCHOOLS = (NORTH, SOUTH)


def open_work(ledger: Ledger, school: School, chance: random.Random) -> tuple[UUID, Intent]:
    """The intent of a new column, and the column's id."""
    work, on = UUID(int=chance.getrandbits(128), version=4), date(2021, 9, chance.choice((13, 14, 15)))
    body = {
        "work_id": str(work), "group_id": str(school.group), "on": on.isoformat(), "kind": "lesson",
        "number": chance.randint(1, LESSONS_A_DAY), "confirmed": True,
    }  # fmt: skip
    return work, ledger.want(school.teacher, "/works", body)


def give_marks(ledger: Ledger, school: School, work: UUID, pupils: Sequence[UUID], chance: random.Random) -> Intent:
    """The intent of saving a column."""
    marks = [{"pupil_id": str(pupil), "value": str(chance.randint(2, 5))} for pupil in pupils]
    return ledger.want(school.teacher, f"/works/{work}/marks", {"marks": marks})


def correct(ledger: Ledger, school: School, work: UUID, pupil: UUID, value: int) -> Intent:
    """The intent of changing one mark."""
    body = {"pupil_id": str(pupil), "value": str(value), "reason": "ошиблась строкой"}
    return ledger.want(school.teacher, f"/works/{work}/corrections", body)


class Teachers:
    """Writers, each in a thread: columns, marks, corrections, now and then nonsense that has to be refused.

    `addresses` are the replicas they choose from. A writer sends an intent whose outcome is unknown up to `tries`
    times in all, with its key, then leaves it unknown and goes on.
    """

    def __init__(
        self, ledger: Ledger, addresses: Callable[[], Sequence[str]], seed: int, count: int = 4, tries: int = 2
    ) -> None:
        self._ledger, self._addresses, self._tries = ledger, addresses, tries
        self._stop = threading.Event()
        self.failures: list[BaseException] = []
        self._threads = [
            threading.Thread(target=self._run, args=(random.Random(f"{seed}/{n}"), SCHOOLS[n % 2]), daemon=True)
            for n in range(count)
        ]

    def __enter__(self) -> "Teachers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(90)
        if self.failures:
            raise self.failures[0]

    def _run(self, chance: random.Random, school: School) -> None:
        try:
            while not self._stop.is_set():
                self._column(chance, school)
        except BaseException as error:  # seen by the drill when it stops them
            self.failures.append(error)

    def _column(self, chance: random.Random, school: School) -> None:
        work, opening = open_work(self._ledger, school, chance)
        if not self._send(opening, chance):
            return
        pupils = chance.sample(school.pupils, chance.randint(1, CLASS))
        if not self._send(give_marks(self._ledger, school, work, pupils, chance), chance):
            return
        self._send(correct(self._ledger, school, work, pupils[0], chance.randint(2, 5)), chance)
        if chance.random() < 0.2:
            self._send(correct(self._ledger, school, work, pupils[0], 7), chance)  # no mark of this scale

    def _send(self, intent: Intent, chance: random.Random) -> bool:
        for _ in range(self._tries):
            if self._stop.is_set() and not intent.shaky:
                intent.outcome = "refused" if not intent.said else intent.outcome  # never sent
                return False
            self._ledger.send(intent, chance.choice(self._addresses()))
            if intent.outcome != "unknown":
                return intent.outcome == "ok"
            self._stop.wait(chance.uniform(0.05, 0.3))
        return False
