"""The lessons service behind real uvicorn with a real database, in a little school that the roster has told of."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from deploy.embedded.postgres import Postgres
from services.lessons import views
from services.lessons.main import SERVICE
from shared import access
from shared import postgres as database
from shared.clock import Calendar
from shared.contracts import Event
from shared.contracts.envelope import Envelope, Received
from shared.contracts.roster import (
    Enrolment,
    EnrolmentsSet,
    FamilySet,
    GroupDescribed,
    Role,
    RoleHeld,
    RolesSet,
    SchoolDescribed,
    Tie,
    derived_id,
)
from shared.eventstore import Ledger, open_gate
from shared.process import application
from shared.sealed import KeyRing
from shared.settings import Settings
from shared.testing.web import IDENTITY, Issuer, connect, fresh_database, serving, settings_for
from shared.web.state import State

GRANDBEND = Path(__file__).parents[3] / "deploy/demo/grandbend"
MONDAY = date(2021, 10, 4)
YEAR = (date(2021, 9, 1), date(2022, 5, 31))


def known_as(source_id: str, file: str = "users", district: str = "D") -> UUID:
    return derived_id(district, file, source_id)


DISTRICT, SCHOOL, OTHER = (known_as(org, "orgs") for org in ("D", "S1", "S2"))
ALGEBRA, PHYSICS, ART = (known_as(group, "classes") for group in ("7A", "7P", "5B"))
TEACHER, COLLEAGUE, STRANGER = known_as("t1"), known_as("t2"), known_as("t3")
PUPIL, MOTHER, OFFICE = known_as("p1"), known_as("m1"), known_as("a1")


def school(id_: UUID, zone: str = "Europe/Moscow", district: UUID = DISTRICT) -> SchoolDescribed:
    kind: Any = "district" if id_ == district else "school"
    return SchoolDescribed(school_id=id_, district_id=district, kind=kind, name="Школа", code="1", time_zone=zone)


def group(id_: UUID, school_id: UUID, title: str) -> GroupDescribed:
    span = {"starts": YEAR[0], "ends": YEAR[1]}
    return GroupDescribed(group_id=id_, school_id=school_id, title=title, subject=title, course="C", **span)


def enrolments(group_id: UUID, school_id: UUID, *people: tuple[UUID, str]) -> EnrolmentsSet:
    listed = [Enrolment(person_id=who, role=role, starts=YEAR[0], ends=YEAR[1]) for who, role in people]
    return EnrolmentsSet(group_id=group_id, school_id=school_id, enrolments=tuple(listed))


def role(person: UUID, name: Role, school_id: UUID) -> RolesSet:
    held = RoleHeld(role=name, school_id=school_id, starts=YEAR[0], ends=YEAR[1])
    return RolesSet(person_id=person, roles=(held,))


FACTS: tuple[Event, ...] = (
    school(DISTRICT), school(SCHOOL), school(OTHER),
    group(ALGEBRA, SCHOOL, "7А алгебра"), group(PHYSICS, SCHOOL, "7А физика"), group(ART, OTHER, "5Б ИЗО"),
    enrolments(ALGEBRA, SCHOOL, (TEACHER, "teacher"), (PUPIL, "pupil")),
    enrolments(PHYSICS, SCHOOL, (COLLEAGUE, "teacher"), (PUPIL, "pupil")),
    enrolments(ART, OTHER, (STRANGER, "teacher")),
    role(TEACHER, "teacher", SCHOOL), role(COLLEAGUE, "teacher", SCHOOL), role(STRANGER, "teacher", OTHER),
    role(PUPIL, "pupil", SCHOOL), role(OFFICE, "office", SCHOOL), role(MOTHER, "parent", SCHOOL),
    FamilySet(pupil_id=PUPIL, ties=(Tie(guardian_id=MOTHER, relation="parent", rights=("see", "act", "notices")),)),
)  # fmt: skip

BELLS = "schoolSourcedId,lesson,start,end\nS1,1,08:30,09:15\nS1,2,09:25,10:10\nS1,3,10:20,11:05\n"
HEAD = "classSourcedId,weekday,lesson,room,beginDate,endDate,week,teacherSourcedId\n"
SLOTS = (
    HEAD
    + "7A,1,1,12,2021-09-01,2022-05-31,every,\n7P,1,2,14,2021-09-01,2022-05-31,,\n7A,3,3,12,2021-09-01,2022-05-31,A,\n"
)
HOLIDAYS = "schoolSourcedId,beginDate,endDate,title\nS1,2021-11-01,2021-11-07,Осенние каникулы\n"


@dataclass
class Lessons:
    """The running service."""

    settings: Settings
    portal: Issuer
    identity: Issuer
    client: httpx.Client

    def learn(self, facts: Sequence[Event]) -> None:
        """Give the roster's events to the projection of rights, as the worker does."""
        envelope = Envelope("x:1", "/diary/roster/1", "", uuid4(), datetime.now(UTC), uuid4(), uuid4(), "", uuid4(), "")
        received = []
        for fact in facts:
            name = next(n for n in ("group_id", "person_id", "pupil_id", "school_id") if hasattr(fact, n))
            whose = Envelope(**{f: getattr(envelope, f) for f in envelope.__slots__} | {"subject": getattr(fact, name)})
            received.append(Received(fact, whose))
        with connect(self.settings, "lessons", "worker") as conn, conn.transaction():
            access.apply(conn, received)

    def send(self, who: UUID | None = None, key: str | None = None, **more: Any) -> httpx.Response:
        """POST /imports; `timetable`, `bells`, `holidays` are texts, the rest is the query."""
        files: Any = {
            name: (f"{name}.csv", more.pop(name)) for name in ("timetable", "bells", "holidays") if name in more
        }
        headers = self.portal.headers(who) if who else self.identity.headers(access.OPERATOR, roles=["operator"])
        if key:
            headers["Idempotency-Key"] = key
        return self.client.post("/imports", files=files, headers=headers, params={"district": "D"} | more)

    def imported(self, **more: Any) -> dict[str, Any]:
        answer = self.send(**more)
        assert answer.status_code == 200, answer.text
        report: dict[str, Any] = answer.json()
        return report

    def ask(self, who: UUID, path: str, **query: Any) -> httpx.Response:
        return self.client.get(path, params=query, headers=self.portal.headers(who))

    def week(
        self, who: UUID, first: date = MONDAY, last: date = date(2021, 10, 10), **whose: Any
    ) -> list[dict[str, Any]]:
        answer = self.ask(who, "/week", first=first, last=last, **whose)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["lessons"]
        return found

    def command(self, who: UUID, method: str, path: str, body: dict[str, Any]) -> httpx.Response:
        return self.client.request(method, path, json=body, headers=self.portal.headers(who))


@contextmanager
def running(server: Postgres, today: date = MONDAY) -> Iterator[Lessons]:
    settings = settings_for(server)
    fresh_database(settings, SERVICE)
    with connect(settings, "lessons", "relay") as relay:
        open_gate(relay, 1)
    pool, ring = database.pool(settings, "lessons", "api"), KeyRing.connect(settings)
    ledger = Ledger(pool, "lessons", ring, SERVICE.view)
    app = application(SERVICE, settings, State(settings, Calendar.starting(today), pool, ledger, ring))
    portal = Issuer()
    app.state.keys = portal.keys
    try:
        with serving(app) as address, httpx.Client(base_url=address, timeout=60) as client:
            yield Lessons(settings, portal, Issuer(IDENTITY, portal.key), client)
    finally:
        pool.close()
        ring.close()


@pytest.fixture(scope="module")
def service(postgres: Postgres) -> Iterator[Lessons]:
    """The service with the little school, for one module."""
    with running(postgres) as made:
        made.learn(FACTS)
        yield made


EMPTY = b"TRUNCATE events, answers, " + ", ".join(views.TABLES).encode()


@pytest.fixture
def lessons(service: Lessons) -> Lessons:
    """The little school with its bells, timetable and holidays, as if nothing else had happened."""
    admin = service.settings.postgres_admin.get_secret_value()
    with psycopg.connect(admin, dbname="diary_lessons", autocommit=True) as conn:
        conn.execute(EMPTY)
    report = service.imported(timetable=SLOTS, bells=BELLS, holidays=HOLIDAYS)
    assert report["state"] == "applied", report
    return service


def published() -> Iterator[Event]:
    """What the roster says of the published district, as far as a timetable needs it."""
    district = known_as("255901", "orgs", "255901")
    yield school(district, "America/Chicago", district)
    staff: dict[str, list[tuple[UUID, str]]] = {}
    for row in _rows("enrollments"):
        if row["role"] == "teacher":
            staff.setdefault(row["classSourcedId"], []).append(
                (known_as(row["userSourcedId"], district="255901"), "teacher")
            )
    for row in _rows("orgs"):
        if row["type"] == "school":
            yield school(known_as(row["sourcedId"], "orgs", "255901"), "America/Chicago", district)
    for row in _rows("classes"):
        id_ = known_as(row["sourcedId"], "classes", "255901")
        school_id = known_as(row["schoolSourcedId"], "orgs", "255901")
        yield group(id_, school_id, row["sourcedId"])
        yield enrolments(id_, school_id, *staff.get(row["sourcedId"], []))


def _rows(name: str) -> Iterator[dict[str, str]]:
    with zipfile.ZipFile(GRANDBEND / "oneroster.zip") as bundle, bundle.open(f"{name}.csv") as file:
        yield from csv.DictReader(io.TextIOWrapper(file, "utf-8", newline=""))
