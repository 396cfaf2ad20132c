"""A district read back from its files, as any consumer would read it."""

import csv
import io
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from deploy.demo.district import Counts, Plan, write

Row = dict[str, str]
Moment = tuple[str, str]
"""Weekday and lesson."""


@dataclass(frozen=True)
class Written:
    """The files in a folder, and what `write` said of them."""

    folder: Path
    counts: Counts

    def rows(self, name: str) -> list[Row]:
        with zipfile.ZipFile(self.folder / "oneroster.zip") as opened, opened.open(f"{name}.csv") as file:
            return list(csv.DictReader(io.TextIOWrapper(file, "utf-8")))

    def beside(self, name: str) -> list[Row]:
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    @cached_property
    def lessons(self) -> list[Row]:
        return self.beside("timetable")

    @cached_property
    def classes(self) -> dict[str, Row]:
        return by_id(self.rows("classes"))

    @cached_property
    def users(self) -> dict[str, Row]:
        return by_id(self.rows("users"))

    @cached_property
    def enrolled(self) -> list[Row]:
        return self.rows("enrollments")

    def members(self, role: str) -> dict[str, list[str]]:
        """Users by class."""
        found: dict[str, list[str]] = {}
        for row in self.enrolled:
            if row["role"] == role:
                found.setdefault(row["classSourcedId"], []).append(row["userSourcedId"])
        return found

    @property
    def homerooms(self) -> dict[str, Row]:
        return {id: row for id, row in self.classes.items() if row["classType"] == "homeroom"}

    def moments(self) -> dict[str, list[Moment]]:
        """When each class meets, once for each lesson a week."""
        found: dict[str, list[Moment]] = {}
        for row in self.lessons:
            found.setdefault(row["classSourcedId"], []).append((row["weekday"], row["lesson"]))
        return found


def by_id(rows: list[Row]) -> dict[str, Row]:
    found = {row["sourcedId"]: row for row in rows}
    assert len(found) == len(rows), "an id stands twice"
    return found


def written(folder: Path, plan: Plan) -> Written:
    return Written(folder, write(plan, folder))
