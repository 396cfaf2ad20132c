"""From rows of a bundle to the events that describe the same things. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal
from uuid import UUID

from services.roster.columns import ZONE
from shared.contracts import Sealed, seal
from shared.contracts.roster import (
    Enrolment,
    FamilySet,
    GroupDescribed,
    PersonDescribed,
    Right,
    Role,
    RoleHeld,
    SchoolDescribed,
    Term,
    Tie,
    YearPlanned,
    derived_id,
)

_derived_id = lru_cache(20_000)(derived_id)
"""A pupil stands in the lists of a dozen classes; about 5 MB."""

Fields = Mapping[str, str]
Span = tuple[date, date]

STAFF: tuple[Role, ...] = ("administrator", "office")
ROLES: dict[str, tuple[Role, ...]] = {
    "student": ("pupil",),
    "teacher": ("teacher",),
    "parent": ("parent",),
    "guardian": ("parent",),
    "relative": ("parent",),
    "principal": STAFF,
    "siteAdministrator": STAFF,
    "systemAdministrator": STAFF,
}
"""aide, counselor and proctor have no work in the diary and get no role. districtAdministrator is an officer."""

RIGHTS: dict[str, tuple[Right, ...]] = {
    "parent": ("see", "act", "notices"),
    "guardian": ("see", "act", "notices"),
    "relative": ("see",),
}


@dataclass(frozen=True)
class District:
    """What every row is read against: the orgs and sessions of the bundle, both few."""

    source_id: str
    zone: str
    orgs: Mapping[str, Fields]
    sessions: Mapping[str, Fields]

    def id(self, file: str, source_id: str) -> UUID:
        return _derived_id(self.source_id, file, source_id)

    @property
    def district_id(self) -> UUID:
        return self.id("orgs", self.source_id)

    @property
    def schools(self) -> list[str]:
        return sorted(o for o, fields in self.orgs.items() if fields["type"] == "school")

    def year_of(self, session: str) -> str | None:
        """The school year a session belongs to; None when its parents lead to none, or in a circle."""
        seen: set[str] = set()
        while session in self.sessions and session not in seen:
            if self.sessions[session]["type"] == "schoolYear":
                return session
            seen.add(session)
            session = self.sessions[session].get("parentSourcedId", "")
        return None

    def span(self, sessions: Iterable[str]) -> Span:
        """From the first day of the earliest to the last day of the latest."""
        spans = [self.sessions[s] for s in sessions]
        return (
            date.fromisoformat(min(s["startDate"] for s in spans)),
            date.fromisoformat(max(s["endDate"] for s in spans)),
        )


def listed(value: str) -> list[str]:
    """The members of a list column: «a,b» → [a, b]."""
    return [part.strip() for part in value.split(",") if part.strip()]


def schools(district: District) -> list[SchoolDescribed]:
    return [_school(district, org) for org in [district.source_id, *district.schools]]


def _school(district: District, org: str) -> SchoolDescribed:
    fields = district.orgs[org]
    return SchoolDescribed(
        school_id=district.id("orgs", org),
        district_id=district.district_id,
        kind="district" if org == district.source_id else "school",
        name=fields["name"],
        code=fields.get("identifier", org),
        time_zone=fields.get(ZONE, district.zone),
    )


def years(district: District) -> list[YearPlanned]:
    found = sorted(s for s, fields in district.sessions.items() if fields["type"] == "schoolYear")
    return [_year(district, year) for year in found]


def _year(district: District, year: str) -> YearPlanned:
    fields = district.sessions[year]
    parts = [s for s in district.sessions if s != year and district.year_of(s) == year]
    terms = sorted((_term(district, year, s) for s in parts), key=lambda t: (t.starts, t.kind == "period", t.title))
    return YearPlanned(
        year_id=district.id("academicSessions", year),
        district_id=district.district_id,
        title=fields["title"],
        starts=date.fromisoformat(fields["startDate"]),
        ends=date.fromisoformat(fields["endDate"]),
        terms=tuple(terms),
    )


def _term(district: District, year: str, session: str) -> Term:
    fields = district.sessions[session]
    parent = fields.get("parentSourcedId", "")
    return Term(
        term_id=district.id("academicSessions", session),
        parent_id=None if parent in ("", year) else district.id("academicSessions", parent),
        title=fields["title"],
        kind="period" if fields["type"] == "gradingPeriod" else "term",
        starts=date.fromisoformat(fields["startDate"]),
        ends=date.fromisoformat(fields["endDate"]),
    )


def group(district: District, source_id: str, class_: Fields, course: Fields) -> GroupDescribed:
    starts, ends = district.span(listed(class_["termSourcedIds"]))
    return GroupDescribed(
        group_id=district.id("classes", source_id),
        school_id=district.id("orgs", class_["schoolSourcedId"]),
        title=class_["title"],
        subject=course["title"],
        course=course.get("courseCode", class_["courseSourcedId"]),
        room=class_.get("location"),
        starts=starts,
        ends=ends,
        homeroom=class_.get("classType") == "homeroom",
        grades=tuple(listed(class_.get("grades", ""))),
    )


def enrolments(district: District, class_: Fields, rows: Iterable[Fields]) -> list[Enrolment]:
    """Who learns and teaches in a class; a row without dates holds as long as the class."""
    starts, ends = district.span(listed(class_["termSourcedIds"]))
    return [_enrolment(district, row, (starts, ends)) for row in rows if row["role"] in ("student", "teacher")]


def _enrolment(district: District, row: Fields, span: Span) -> Enrolment:
    role: Literal["pupil", "teacher"] = "teacher" if row["role"] == "teacher" else "pupil"
    starts, ends = _span(row, span)
    return Enrolment(
        person_id=district.id("users", row["userSourcedId"]),
        role=role,
        starts=starts,
        ends=ends,
        primary=role == "teacher" and row.get("primary") == "true",
    )


def _span(row: Fields, default: Span) -> Span:
    starts = date.fromisoformat(row["beginDate"]) if "beginDate" in row else default[0]
    ends = date.fromisoformat(row["endDate"]) if "endDate" in row else max(default[1], starts)
    return min(starts, ends), ends


def person(district: District, source_id: str, user: Fields, birth_date: str | None) -> PersonDescribed:
    owner = district.id("users", source_id)

    def sealed(text: str | None) -> Sealed | None:
        return seal(owner, text) if text else None

    return PersonDescribed(
        person_id=owner,
        district_id=district.district_id,
        family_name=seal(owner, user["familyName"]),
        given_name=seal(owner, user["givenName"]),
        middle_name=sealed(user.get("middleName")),
        birth_date=sealed(birth_date),
        identifier=sealed(user.get("identifier", source_id)),
        username=sealed(user["username"]),
        email=sealed(user.get("email")),
        phone=sealed(user.get("phone") or user.get("sms")),
        grade=next(iter(listed(user.get("grades", ""))), None),
    )


def roles(district: District, rows: Iterable[Fields], default: Span) -> list[RoleHeld]:
    """All roles of a person; a row without dates holds as long as the bundle's school years."""
    return [held for row in rows for held in _roles(district, row, _span(row, default))]


def _roles(district: District, row: Fields, span: Span) -> Iterable[RoleHeld]:
    """A role of administration at the district's own office is one in each of its schools, and an officer's."""
    org, role = row["orgSourcedId"], row["role"]
    kind = district.orgs[org]["type"]
    officer = role == "districtAdministrator" or (kind == "district" and ROLES.get(role) == STAFF)
    if officer:
        yield RoleHeld(role="officer", school_id=district.district_id, starts=span[0], ends=span[1])
    if kind in ("school", "district"):
        places = district.schools if officer and kind == "district" else [org]
        for place in places:
            for name in ROLES.get(role, ()):
                yield RoleHeld(role=name, school_id=district.id("orgs", place), starts=span[0], ends=span[1])


def family(district: District, pupil: str, guardians: Sequence[tuple[str, str]]) -> FamilySet:
    """`guardians`: sourcedId and the OneRoster role by which they are one; the first role of a person counts."""
    ties: dict[str, Tie] = {}
    for source_id, role in sorted(guardians, key=lambda g: (g[0], list(RIGHTS).index(g[1]))):
        guardian_id = district.id("users", source_id)
        ties.setdefault(source_id, Tie(guardian_id=guardian_id, relation=role, rights=RIGHTS[role]))
    return FamilySet(pupil_id=district.id("users", pupil), ties=tuple(ties.values()))
