"""A small school, told in events of roster and lessons; and a service's API running on what it knows of it.

Today is Wednesday, 15 September 2021. Olga teaches algebra on Mondays (2nd lesson) and Wednesdays (2nd and 3rd), Igor
geometry on Tuesdays (1st). Igor stood in for Olga on the 8th (2nd lesson); Monday the 6th was cancelled; the lesson of
Monday the 13th was moved to Tuesday the 14th, 5th. The 20th and 21st are holidays, terms end in December.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID, uuid4, uuid5

import httpx

from deploy.embedded.postgres import Postgres
from shared import postgres, process, sealed
from shared.access import OPERATOR
from shared.clock import Calendar
from shared.contracts import Event, decode
from shared.contracts.envelope import Envelope, Received
from shared.contracts.lessons import (
    Holiday,
    HolidaysSet,
    LessonCancelled,
    LessonMoved,
    LessonSubstituted,
    Slot,
    TimetableSet,
    lesson_id,
)
from shared.contracts.roster import (
    Enrolment,
    EnrolmentsSet,
    FamilySet,
    GroupDescribed,
    RoleHeld,
    RolesSet,
    SchoolDescribed,
    Term,
    Tie,
    YearPlanned,
)
from shared.eventstore import Ledger, open_gate
from shared.sealed import KeyRing
from shared.settings import Settings
from shared.stream import Listener
from shared.testing.web import IDENTITY, Issuer, client, connect, fresh_database, settings_for
from shared.web.state import State


def id_of(name: str) -> UUID:
    """The same id for a name in every test."""
    return uuid5(UUID(int=0), name)


TODAY = date(2021, 9, 15)
FIRST, LAST = date(2021, 9, 1), date(2022, 5, 31)
DISTRICT, SCHOOL, ELSEWHERE = id_of("district"), id_of("school"), id_of("other school")
ALGEBRA, GEOMETRY, CHEMISTRY = id_of("algebra"), id_of("geometry"), id_of("chemistry elsewhere")
OLGA, IGOR, MARIA, NINA = id_of("Olga"), id_of("Igor"), id_of("Maria, elsewhere"), id_of("Nina of the office")
ANNA, BORIS = id_of("Anna"), id_of("Boris")
VERA = id_of("Vera, in algebra since the 10th")
GLEB = id_of("Gleb, in algebra until the 7th")
PAVEL = id_of("Pavel, Anna's father")
CLASS = (ANNA, BORIS, VERA)
"""Who learns algebra today."""


def day(number: int) -> date:
    """A day of September 2021."""
    return date(2021, 9, number)


def _in(person: UUID, first: date = FIRST, last: date = LAST, role: str = "pupil") -> Enrolment:
    return Enrolment.model_validate({"person_id": person, "role": role, "starts": first, "ends": last})


def _role(person: UUID, role: str, school: UUID = SCHOOL) -> RolesSet:
    held = RoleHeld.model_validate({"role": role, "school_id": school, "starts": FIRST, "ends": LAST})
    return RolesSet(person_id=person, roles=(held,))


def _school(school: UUID, name: str) -> SchoolDescribed:
    kind = "district" if school == DISTRICT else "school"
    return SchoolDescribed(
        school_id=school, district_id=DISTRICT, kind=kind, name=name, code="1", time_zone="Europe/Moscow"
    )


def _group(group: UUID, title: str, school: UUID = SCHOOL) -> GroupDescribed:
    return GroupDescribed(
        group_id=group, school_id=school, title=title, subject=title, course=title, starts=FIRST, ends=LAST
    )


def _term(title: str, first: date, last: date) -> Term:
    return Term(term_id=id_of(title), title=title, kind="term", starts=first, ends=last)


def _slot(group: UUID, weekday: int, number: int) -> Slot:
    return Slot(group_id=group, weekday=weekday, number=number, starts=FIRST, ends=LAST)


ROSTER: tuple[Event, ...] = (
    _school(DISTRICT, "Отдел образования"),
    _school(SCHOOL, "Школа № 1"),
    _school(ELSEWHERE, "Школа № 2"),
    YearPlanned(
        year_id=id_of("year"), district_id=DISTRICT, title="2021-2022", starts=FIRST, ends=LAST,
        terms=(_term("I", FIRST, date(2021, 12, 29)), _term("II", date(2022, 1, 10), LAST)),
    ),
    *(_role(person, "teacher") for person in (OLGA, IGOR)),
    *(_role(person, "pupil") for person in (ANNA, BORIS, VERA, GLEB)),
    _role(MARIA, "teacher", ELSEWHERE),
    _role(NINA, "office"),
    FamilySet(pupil_id=ANNA, ties=(Tie(guardian_id=PAVEL, relation="parent", rights=("see", "act", "notices")),)),
    _group(ALGEBRA, "Алгебра"),
    _group(GEOMETRY, "Геометрия"),
    _group(CHEMISTRY, "Химия", ELSEWHERE),
    EnrolmentsSet(
        group_id=ALGEBRA, school_id=SCHOOL,
        enrolments=(_in(OLGA, role="teacher"), _in(ANNA), _in(BORIS), _in(VERA, day(10)), _in(GLEB, last=day(7))),
    ),
    EnrolmentsSet(group_id=GEOMETRY, school_id=SCHOOL, enrolments=(_in(IGOR, role="teacher"), _in(ANNA))),
    EnrolmentsSet(group_id=CHEMISTRY, school_id=ELSEWHERE, enrolments=(_in(MARIA, role="teacher"),)),
)  # fmt: skip


def place(on: date, number: int) -> dict[str, object]:
    """A lesson of algebra, as events name it."""
    lesson = lesson_id(ALGEBRA, on, number)
    return {"lesson_id": lesson, "school_id": SCHOOL, "group_id": ALGEBRA, "on": on, "number": number}


LESSONS: tuple[Event, ...] = (
    TimetableSet(
        school_id=SCHOOL, starts=FIRST, ends=LAST, anchor=date(2021, 8, 30),
        slots=(_slot(ALGEBRA, 1, 2), _slot(ALGEBRA, 3, 2), _slot(ALGEBRA, 3, 3), _slot(GEOMETRY, 2, 1)),
    ),
    HolidaysSet(school_id=SCHOOL, holidays=(Holiday(starts=day(20), ends=day(21), title="День города"),)),
    LessonCancelled.model_validate(place(day(6), 2)),
    LessonMoved.model_validate({**place(day(13), 2), "to_date": day(14), "to_number": 5}),
    LessonSubstituted.model_validate({**place(day(8), 2), "teacher_id": IGOR}),
)  # fmt: skip


def received(events: Sequence[Event], source: str = "roster", actor: UUID = OPERATOR) -> list[Received]:
    """The events as a projection gets them, each in a stream of its own unless it names one thing twice."""
    return [Received(event, _envelope(event, source, actor, number), number) for number, event in enumerate(events, 1)]


def _envelope(event: Event, source: str, actor: UUID, number: int) -> Envelope:
    subject = _subject(event)
    return Envelope(
        id=f"{subject}:{number}", source=f"/diary/{source}/1", type=event.TYPE, subject=subject,
        time=datetime.now(UTC), actor=actor, command_id=uuid4(), correlation_id="test", key=event.key, salt="00",
    )  # fmt: skip


def _subject(event: Event) -> UUID:
    names = (
        "thread_id",
        "remark_id",
        "sheet_id",
        "work_id",
        "lesson_id",
        "group_id",
        "person_id",
        "pupil_id",
        "school_id",
        "year_id",
    )
    return UUID(str(next(getattr(event, name) for name in names if hasattr(event, name))))


def learn(
    settings: Settings,
    service: process.Service,
    events: Sequence[Event],
    source: str = "roster",
    actor: UUID = OPERATOR,
) -> None:
    """Let the service's projections take in events of others, as its worker does."""
    with connect(settings, service.name, "worker") as conn, conn.transaction():
        for projection in service.projections:
            wanted = [r for r in received(events, source, actor) if type(r.event) in projection.handles]
            if wanted:
                projection.apply(conn, wanted)


@dataclass(frozen=True)
class Running:
    """A service's API behind a real server, on a database of its own, at a school that it knows."""

    settings: Settings
    service: process.Service
    http: httpx.Client
    issuer: Issuer
    ring: KeyRing
    ledger: Ledger
    pool: postgres.Pool

    def headers(self, person: UUID, key: UUID | None = None, language: str = "en") -> dict[str, str]:
        """Of a command by the person, with a new Idempotency-Key unless one is given."""
        machine = {"iss": IDENTITY, "roles": ["operator"]} if person == OPERATOR else {}
        given = self.issuer.headers(person, **machine)
        return {**given, "Accept-Language": language, **({"Idempotency-Key": str(key)} if key else {})}

    def send(self, method: str, path: str, person: UUID, body: object = None, **more: str) -> httpx.Response:
        """One request; `more` are further headers."""
        return self.http.request(method, path, json=body, headers={**self.headers(person), **more})

    def events(self) -> list[Event]:
        """Every event in the store, in order, sealed as stored."""
        with connect(self.settings, self.service.name, "relay") as conn:
            rows = conn.execute("SELECT convert_from(document, 'UTF8')::jsonb FROM events ORDER BY id").fetchall()
        return [decode(document["type"], document["data"]) for (document,) in rows]


def newcomer(service: Running) -> UUID:
    """Somebody whom no other test knows, in algebra all the year: one whose key may be destroyed."""
    pupil = uuid4()
    lists = next(event for event in ROSTER if isinstance(event, EnrolmentsSet) and event.group_id == ALGEBRA)
    joined = lists.model_copy(update={"enrolments": (*lists.enrolments, _in(pupil))})
    learn(service.settings, service.service, [_role(pupil, "pupil"), joined])
    return pupil


def erase(service: Running, person: UUID) -> None:
    """Destroy the person's key, as a service that decides about erasure does; the one at hand hears of it at once."""
    sealed.create(service.settings, erases=True)
    eraser = KeyRing.connect(service.settings, erases=True)
    eraser.destroy(person, "erasure-1")
    eraser.close()
    service.ring.forget(person)


@contextmanager
def running(server: Postgres, service: process.Service, **more: object) -> Iterator[Running]:
    """The service as it runs in production, but for Kafka: what it knows of others is told to it by `learn`.

    `more` are further settings.
    """
    settings = settings_for(server, **more)
    fresh_database(settings, service)
    if service.topics:
        with connect(settings, service.name, "relay") as relay:
            open_gate(relay, 1)
    learn(settings, service, ROSTER)
    learn(settings, service, LESSONS, "lessons")
    pool = postgres.pool(settings, service.name, "api", 12)
    ring = KeyRing.connect(settings, service.erases)
    ledger = Ledger(pool, service.name, ring, service.view)
    state = State(settings, Calendar.starting(TODAY), pool, ledger, ring, Listener(settings, service.name))
    issuer, app = Issuer(), process.application(service, settings, state)
    app.state.keys = issuer.keys
    try:
        with client(process.behind(service, app)) as http:
            yield Running(settings, service, http, issuer, ring, ledger, pool)
    finally:
        for opened in (ledger, ring, pool):
            opened.close()
