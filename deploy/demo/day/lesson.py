"""The words of a school day: commands, lessons, works, and the life that they follow from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from deploy.demo.day.bundle import District, Group, Slot
from deploy.demo.day.life import Missing, Pupil


@dataclass(frozen=True, slots=True)
class Command:
    """One request of one person. Those of one lane are sent in order; `once` names it among all of the district."""

    at: float
    """Minutes after midnight."""
    lane: str
    kind: str
    actor: UUID
    method: str
    service: str
    path: str
    body: Mapping[str, Any] | None
    once: str
    needs: str = ""
    """The `once` of the command without which this one makes no sense."""


@dataclass(frozen=True)
class Lesson:
    """One meeting, with all that its teacher's decisions rest on."""

    group: Group
    slot: Slot
    on: date
    ordinal: int
    starts: int
    ends: int
    teacher: UUID
    missing: Mapping[str, Missing]
    """Of the group's pupils, those who are away or late."""
    present: tuple[str, ...]

    @property
    def lane(self) -> str:
        return f"{self.group.name}/{self.on}/{self.slot.number}"

    @property
    def path(self) -> str:
        return f"{self.on}/{self.slot.number}"


@dataclass(frozen=True)
class Work:
    """A column of marks."""

    kind: str
    title: str
    marks: Mapping[str, int]


@dataclass
class Life:
    """The pupils of a district, made when first asked for. `scales`: by school, where it is not the five-point one."""

    district: District
    seed: int = 0
    scales: Mapping[str, str] = field(default_factory=dict)
    _pupils: dict[str, Pupil] = field(default_factory=dict)
    _ids: dict[tuple[str, str], str] = field(default_factory=dict)

    def pupil(self, name: str, school: str) -> Pupil:
        if (found := self._pupils.get(name)) is None:
            grade = self.district.grades.get(name, 0)
            found = self._pupils[name] = Pupil(self.seed, name, grade, school, self.district.year[0])
        return found

    def id(self, kind: str, name: str) -> str:
        if (found := self._ids.get((kind, name))) is None:
            found = self._ids[kind, name] = str(self.district.id(kind, name))
        return found
