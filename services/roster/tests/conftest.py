"""The roster's API behind real uvicorn with a real database, and small bundles to import."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from deploy.embedded.postgres import Postgres
from services.roster.main import SERVICE
from shared import access
from shared import postgres as database
from shared.clock import Calendar
from shared.contracts.envelope import read
from shared.contracts.roster import derived_id
from shared.eventstore import Ledger, open_gate, settle
from shared.postgres import Pool
from shared.process import application
from shared.sealed import KeyRing
from shared.settings import Settings
from shared.testing.web import IDENTITY, Issuer, connect, fresh_database, serving, settings_for
from shared.web.state import State

GRANDBEND = Path(__file__).parents[3] / "deploy/demo/grandbend/oneroster.zip"
OCTOBER = date(2021, 10, 4)

BUNDLE: dict[str, str] = {
    "manifest.csv": """propertyName,value
manifest.version,1.0
oneroster.version,1.2
file.academicSessions,bulk
file.classes,bulk
file.courses,bulk
file.demographics,bulk
file.enrollments,bulk
file.orgs,bulk
file.roles,bulk
file.users,bulk
""",
    "orgs.csv": """sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId
D,,,Город,district,1,
S1,,,Школа № 1,school,11,D
S2,,,Школа № 2,school,12,D
""",
    "academicSessions.csv": """sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear
Y,,,2021-2022,schoolYear,2021-09-01,2022-05-31,,2022
Q1,,,I четверть,term,2021-09-01,2021-10-31,Y,2022
Q2,,,II четверть,term,2021-11-08,2021-12-28,Y,2022
""",
    "courses.csv": """sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,\
subjects,subjectCodes
ALG,,,Y,Алгебра,ALG-7,,S1,,
ART,,,Y,ИЗО,ART-5,,S2,,
""",
    "classes.csv": """sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,\
schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods
7A,,,7А алгебра,,ALG,,scheduled,12,S1,"Q1,Q2",,,
5B,,,5Б ИЗО,,ART,,scheduled,3,S2,Y,,,
""",
    "users.csv": """sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,\
identifier,email,sms,phone,agentSourcedIds,grades,password
t1,,,true,t1,,Анна,Петрова,Ивановна,901,,,,,,
t2,,,true,t2,,Олег,Сидоров,,902,,,,,,
p1,,,true,p1,,Пётр,Ёлкин,Олегович,101,p1@example.org,,,"m1,f1",7,
p2,,,true,p2,,Вера,Жукова,,102,,,,g2,7,
p3,,,true,p3,,Яна,Ежова,,103,,,,,5,
m1,,,true,m1,,Ольга,Ёлкина,,801,,,+7 900 000-00-01,p1,,
f1,,,true,f1,,Олег,Ёлкин,,802,,,,,,
g2,,,true,g2,,Нина,Жукова,,803,,,,,,
a1,,,true,a1,,Инна,Директорова,,701,,,,,,
o1,,,true,o1,,Лев,Окружной,,702,,,,,,
""",
    "roles.csv": """sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,\
userProfileSourcedId
r1,,,t1,primary,teacher,,,S1,
r2,,,t2,primary,teacher,,,S2,
r3,,,p1,primary,student,2021-09-01,2022-05-31,S1,
r4,,,p2,primary,student,,,S1,
r5,,,p3,primary,student,,,S2,
r6,,,m1,primary,parent,,,S1,
r7,,,f1,primary,guardian,,,S1,
r8,,,g2,primary,relative,,,S1,
r9,,,a1,primary,principal,,,S1,
r10,,,o1,primary,districtAdministrator,,,D,
""",
    "demographics.csv": """sourcedId,status,dateLastModified,birthDate,sex
p1,,,2008-03-02,male
""",
    "enrollments.csv": """sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,\
beginDate,endDate
e1,,,7A,S1,t1,teacher,true,,
e2,,,7A,S1,p1,student,false,,
e3,,,7A,S1,p2,student,false,2021-09-01,2021-10-10
e4,,,5B,S2,t2,teacher,true,,
e5,,,5B,S2,p3,student,false,,
""",
}


def bundle(changes: Mapping[str, str | bytes | None] | None = None) -> bytes:
    """The little district as a zip; `changes` replaces files, None leaves one out."""
    files: dict[str, Any] = {**BUNDLE, **(changes or {})}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            if text is not None:
                archive.writestr(name, text)
    return packed.getvalue()


def edited(file: str, *pairs: tuple[str, str]) -> dict[str, str | bytes | None]:
    """One file of the little district with words replaced."""
    text = BUNDLE[file]
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return {file: text}


def known_as(source_id: str, file: str = "users", district: str = "D") -> UUID:
    return derived_id(district, file, source_id)


@dataclass
class Roster:
    """The running service."""

    settings: Settings
    pool: Pool
    ledger: Ledger
    portal: Issuer
    identity: Issuer
    client: httpx.Client

    def as_operator(self) -> dict[str, str]:
        return self.identity.headers(access.OPERATOR, roles=["operator"])

    def send(self, packed: bytes, headers: dict[str, str] | None = None, **query: Any) -> httpx.Response:
        files = {"file": ("bundle.zip", packed, "application/zip")}
        return self.client.post("/imports", files=files, headers=headers or self.as_operator(), params=query)

    def imported(self, packed: bytes, **query: Any) -> dict[str, Any]:
        """The report of an import by the operator; the rights then follow, as the worker would learn them."""
        answer = self.send(packed, **query)
        assert answer.status_code == 200, answer.text
        self.learn()
        report: dict[str, Any] = answer.json()
        return report

    def learn(self) -> None:
        """Give the service's own events to its projection of rights, as its worker does."""
        with connect(self.settings, "roster", "worker") as conn:
            rows = settle.read(conn, 0, settle.settled(conn), 100_000)
            received = [read(row.document, row.id) for row in rows]
            with conn.transaction():
                access.apply(conn, received)

    def ask(self, person: UUID, path: str, **query: Any) -> httpx.Response:
        return self.client.get(path, params=query, headers=self.portal.headers(person))

    def command(self, person: UUID, method: str, path: str, **body: Any) -> httpx.Response:
        """A command as the person; the rights follow."""
        answer = self.client.request(method, path, json=body, headers=self.portal.headers(person))
        self.learn()
        return answer

    def admin(self) -> database.Conn:
        """A connection past row-level security."""
        return psycopg.connect(self.settings.postgres_admin.get_secret_value(), dbname="diary_roster", autocommit=True)

    def empty(self) -> None:
        with self.admin() as conn:
            conn.execute(f"TRUNCATE {', '.join(TABLES)}".encode())

    def count(self, table: str) -> int:
        with self.admin() as conn:
            row = conn.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
            return int(row[0]) if row else 0

    def shown(self) -> dict[str, list[Any]]:
        """Everything that the tables show."""
        with self.admin() as conn:
            return {
                name: conn.execute(f"SELECT * FROM {name} ORDER BY {name}".encode()).fetchall() for name in TABLES[:7]
            }


@contextmanager
def running(server: Postgres) -> Iterator[Roster]:
    """The service with an empty database; its calendar stands in October 2021."""
    settings = settings_for(server)
    fresh_database(settings, SERVICE)
    with connect(settings, "roster", "relay") as relay:
        open_gate(relay, 1)
    pool, ring = database.pool(settings, "roster", "api"), KeyRing.connect(settings)
    ledger = Ledger(pool, "roster", ring, SERVICE.view)
    app = application(SERVICE, settings, State(settings, Calendar.starting(OCTOBER), pool, ledger, ring))
    portal = Issuer()
    app.state.keys = portal.keys
    try:
        with serving(app) as address, httpx.Client(base_url=address, timeout=120) as client:
            yield Roster(settings, pool, ledger, portal, Issuer(IDENTITY, portal.key), client)
    finally:
        pool.close()
        ring.close()


@pytest.fixture(scope="module")
def service(postgres: Postgres) -> Iterator[Roster]:
    """The service, for one module."""
    with running(postgres) as made:
        yield made


TABLES = (
    "schools", "years", "groups", "enrolments", "persons", "roles", "family", "imports", "import_faults", "staged",
    "wanted", "described", "import_held", "claims", "invitations", "invitation_codes", "events", "answers",
    *access.TABLES,
)  # fmt: skip


@pytest.fixture
def roster(service: Roster) -> Roster:
    """The service as if nothing had happened."""
    service.empty()
    return service


@pytest.fixture
def district(roster: Roster) -> Roster:
    """The service with the little district."""
    assert roster.imported(bundle())["state"] == "applied"
    return roster


def differences(report: dict[str, Any]) -> dict[str, dict[str, int]]:
    """What an import changed, by kind; only what is not nought."""
    kinds = {kind: {how: n for how, n in counted.items() if n} for kind, counted in report["differences"].items()}
    return {kind: counted for kind, counted in kinds.items() if counted}
