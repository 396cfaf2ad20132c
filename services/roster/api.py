"""The routes of the roster."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from services.roster import commands, questions
from services.roster.commands import Roster
from services.roster.domain import (
    ImportState,
    ImportUnderWay,
    KeyOfAnotherBundle,
    NobodyToErase,
    NoSuchZone,
    NothingToResume,
    QueryTooShort,
    StillHere,
)
from shared.contracts import Title
from shared.errors import NotAllowed, NotFound
from shared.web.answers import respond
from shared.web.auth import Caller, Officer, SignedIn, require
from shared.web.idempotency import TheIntent
from shared.web.problems import language_of, problems
from shared.web.routes import of, upload
from shared.web.state import TheCalendar, TheLedger, ThePool, TheRing

router = APIRouter()

UPLOAD = 100 * 1024 * 1024
"""Bytes of a bundle as it is sent; what it may unpack to is oneroster.MAX_UNPACKED."""

Importer = Annotated[Caller, require("administrator", "officer", "operator")]


async def _roster(pool: ThePool, calendar: TheCalendar) -> Roster:
    return Roster(pool, calendar)


TheRoster = Annotated[Roster, Depends(_roster)]


class HeldRole(BaseModel):
    role: str
    school_id: UUID
    school: str


class Child(BaseModel):
    person_id: UUID
    name: str
    school_id: UUID | None
    grade: str | None
    rights: list[str]


class School(BaseModel):
    school_id: UUID
    district_id: UUID
    kind: str
    name: str
    time_zone: str
    today: date


class Me(BaseModel):
    person_id: UUID
    name: str
    roles: list[HeldRole]
    children: list[Child]
    schools: list[School]


class Group(BaseModel):
    group_id: UUID
    school_id: UUID
    title: str
    subject: str
    course: str
    room: str | None
    starts: date
    ends: date
    closed_on: date | None
    teachers: list[UUID]


class Member(BaseModel):
    person_id: UUID
    name: str
    starts: date
    ends: date


class PersonFound(BaseModel):
    person_id: UUID
    name: str
    identifier: str | None
    grade: str | None
    roles: list[str]
    school_ids: list[UUID]


class DatedRole(HeldRole):
    starts: date
    ends: date


class Guardian(BaseModel):
    person_id: UUID
    name: str
    relation: str
    rights: list[str]
    by_school: bool = Field(description="the school's own word; else the district's")


class Person(BaseModel):
    """Birth date, e-mail, telephone, login and guardians are empty for those who may not know them."""

    person_id: UUID
    name: str
    family_name: str
    given_name: str
    middle_name: str | None
    identifier: str | None
    grade: str | None
    birth_date: str | None
    username: str | None
    email: str | None
    phone: str | None
    roles: list[DatedRole]
    guardians: list[Guardian]


class Contact(BaseModel):
    person_id: UUID
    name: str
    role: Literal["teacher", "parent"]
    about: list[UUID]


class Term(BaseModel):
    term_id: UUID
    parent_id: UUID | None = None
    title: str
    kind: str
    starts: date
    ends: date


class Year(BaseModel):
    year_id: UUID
    district_id: UUID
    title: str
    starts: date
    ends: date
    terms: list[Term]


class FaultFound(BaseModel):
    """`line` 1 is the header, 0 the whole file; `file` is empty for the bundle itself."""

    file: str
    line: int
    field: str
    code: str
    text: str


class Difference(BaseModel):
    added: int
    changed: int
    removed: int


class Report(BaseModel):
    """`errors` are the first thousand, `error_count` all of them."""

    import_id: UUID
    district_id: UUID | None
    state: ImportState
    dry_run: bool
    at: datetime
    applied_at: datetime | None
    counts: dict[str, int]
    differences: dict[str, Difference]
    error_count: int
    errors: list[FaultFound]


@router.get("/me")
def me(by: SignedIn, roster: TheRoster) -> Me:
    """Who I am: name, roles of today, children, schools with their date."""
    with roster.asked_by(by) as (conn, asker):
        found = questions.me(conn, asker)
    schools = [{**s, "today": roster.calendar.today(s["time_zone"])} for s in found["schools"]]
    return Me.model_validate({**found, "schools": schools})


@router.get("/groups", openapi_extra=of("school"))
def groups(by: SignedIn, roster: TheRoster, school_id: UUID | None = None, mine: bool = False) -> list[Group]:
    """Groups that I may see: of the schools where I work; with `mine`, those that I or my children are in."""
    with roster.asked_by(by) as (conn, asker):
        return [Group.model_validate(row) for row in questions.groups(conn, asker, school_id, mine)]


@router.get("/groups/{group_id}/members", openapi_extra=of("group"), responses=problems(NotFound))
def members(group_id: UUID, by: SignedIn, roster: TheRoster, on: date | None = None) -> list[Member]:
    """Pupils of a group on a day; without a day all it ever had."""
    with roster.asked_by(by) as (conn, asker):
        found = questions.members(conn, asker, group_id, on)
    if found is None:
        raise NotFound()
    return [Member.model_validate(row) for row in found]


@router.get("/persons", responses=problems(QueryTooShort))
def persons(
    by: SignedIn,
    roster: TheRoster,
    query: Annotated[str, Query(max_length=100)],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> list[PersonFound]:
    """Search by the beginning of the surname or by the whole number, among those whom I may see."""
    with roster.asked_by(by) as (conn, asker):
        return [PersonFound.model_validate(row) for row in questions.search(conn, asker, query, limit)]


@router.get("/persons/{person_id}", openapi_extra=of("person"), responses=problems(NotFound))
def person(person_id: UUID, by: SignedIn, roster: TheRoster) -> Person:
    """One person whom I may see."""
    with roster.asked_by(by) as (conn, asker):
        found = questions.person(conn, asker, person_id)
    if found is None:
        raise NotFound()
    return Person.model_validate(found)


@router.get("/names", openapi_extra=of("person"))
def names(by: SignedIn, roster: TheRoster, ids: Annotated[str, Query(max_length=8000)]) -> dict[UUID, str]:
    """Names by id, comma-separated; those whom I may not know by name are left out."""
    wanted = _ids(ids)
    with roster.asked_by(by) as (conn, asker):
        return questions.names(conn, asker, wanted)


def _ids(sent: str) -> list[UUID]:
    try:
        return [UUID(part.strip()) for part in sent.split(",") if part.strip()]
    except ValueError:
        raise NotFound() from None


@router.get("/contacts")
def contacts(by: SignedIn, roster: TheRoster) -> list[Contact]:
    """Whom I may write to."""
    with roster.asked_by(by) as (conn, asker):
        return [Contact.model_validate(row) for row in questions.contacts(conn, asker)]


@router.get("/years")
def years(by: SignedIn, roster: TheRoster) -> list[Year]:
    """School years and their terms."""
    with roster.asked_by(by) as (conn, asker):
        return [Year.model_validate(row) for row in questions.years(conn, asker)]


@router.post(
    "/imports",
    openapi_extra=upload(UPLOAD),
    responses=problems(NoSuchZone, NotAllowed, ImportUnderWay, KeyOfAnotherBundle),
)
def import_bundle(
    request: Request,
    file: UploadFile,
    by: Importer,
    intent: TheIntent,
    roster: TheRoster,
    ledger: TheLedger,
    dry_run: bool = False,
    time_zone: Annotated[str, Query(max_length=60)] = "Europe/Moscow",
) -> Report:
    """Import a OneRoster 1.2 CSV bundle (zip), whole or not at all."""
    report = commands.import_bundle(roster, ledger, file.file, dry_run, time_zone, by, intent)
    return _report(report, request)


@router.get("/imports/{import_id}", openapi_extra=of("import"), responses=problems(NotFound))
def import_seen(import_id: UUID, request: Request, by: Importer, roster: TheRoster) -> Report:
    """What became of an import."""
    return _report(commands.import_seen(roster, import_id, by), request)


@router.post(
    "/imports/{import_id}/resumption", openapi_extra=of("import"), responses=problems(NotFound, NothingToResume)
)
def resume(import_id: UUID, request: Request, by: Importer, roster: TheRoster, ledger: TheLedger) -> Report:
    """Go on with an import that was interrupted; the service does it by itself when it starts."""
    return _report(commands.resume(roster, ledger, import_id, by), request)


class Act(BaseModel):
    """The act of destruction that the operator signed (152-FZ, art. 21; order 179 of Roskomnadzor)."""

    model_config = ConfigDict(extra="forbid")

    act: Title = Field(description="its number and day, for example «12 от 29.11.2026»; no name")


class Erasure(BaseModel):
    person_id: UUID
    district_id: UUID
    act: str
    by: UUID
    at: datetime
    key_destroyed_at: datetime | None = Field(description="none: not yet; within seconds while the key ring answers")


@router.post(
    "/persons/{person_id}/erasure", openapi_extra=of("person"), responses=problems(NotFound, NobodyToErase, StillHere)
)
def erase(person_id: UUID, body: Act, by: Officer, intent: TheIntent, roster: TheRoster, ledger: TheLedger) -> Response:
    """Destroy a person's names, personal data and texts for good. Nothing brings them back."""
    return respond(commands.erase(roster, ledger, person_id, body.act, by, intent))


@router.get("/erasures")
def erasures(by: Officer, roster: TheRoster, ring: TheRing) -> list[Erasure]:
    """The acts of my districts: the extract that the authority asks for."""
    return [Erasure.model_validate(row) for row in commands.erasures(roster, ring, by)]


def _report(found: dict[str, Any], request: Request) -> Report:
    language = language_of(request)
    errors = [{**error, "text": error[language]} for error in found["errors"]]
    return Report.model_validate({**found, "errors": errors, "error_count": found["faults"]})
