"""All services at once, each with its own database, in the places of tiers.py."""

import importlib
import io
import logging
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pypdfium2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

import services
from deploy.embedded.postgres import Postgres
from services.identity.domain import account_of
from services.portal.sessions import OPEN, digest, secret
from shared.access import OPERATOR, client_id
from shared.access import PORTAL as ITS_OWN
from shared.contracts import Event
from shared.postgres import Conn
from shared.process import Service
from shared.testing import school
from shared.testing.school import Running, learn, received, running
from shared.testing.web import IDENTITY, PORTAL, connect
from tests.security import tiers
from tests.security.calls import Call, Operation, operations
from tests.security.tiers import BEYOND, FAR, LESSON, NOWHERE, REAL, Tier

SERVICES: dict[str, Service] = {
    main.parent.name: importlib.import_module(f"services.{main.parent.name}.main").SERVICE
    for main in sorted(Path(next(iter(services.__path__))).glob("*/main.py"))
}
"""Every service that there is: a new one is in the matrix by being there."""

ANONYMOUS, MACHINE, ITSELF = "anonymous", "machine", "the portal itself"


@dataclass(frozen=True)
class Reply:
    """What came back, and what the access log said of it."""

    status: int
    text: str
    problem: dict[str, Any]
    logged: list[logging.LogRecord]

    @property
    def refused(self) -> bool:
        """Nothing was done and nothing was shown; a wrong addressee is told so at its field (M-06)."""
        return self.status in (401, 403, 404) or self.problem.get("code") == "messaging.wrong-addressee"

    @property
    def alike(self) -> tuple[int, dict[str, Any]]:
        """What a foreign object's refusal and a missing one's must share."""
        return self.status, {name: value for name, value in self.problem.items() if name != "id"}


def _said(body: bytes) -> str:
    """All text of an answer, a workbook's and a paper's too."""
    if body.startswith(b"%PDF"):
        return "\n".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(body))
    if not body.startswith(b"PK"):
        return body.decode(errors="replace")  # a photograph is no text
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        return "".join(parts.read(name).decode() for name in parts.namelist())


class Log(logging.Handler):
    """Keeps what the access log is told."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@dataclass
class World:
    running: dict[str, Running]
    log: Log
    closing: ExitStack
    connections: dict[str, Conn] = field(default_factory=dict)
    kept: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    def operations(self) -> list[Operation]:
        return [one for name, service in self.running.items() for one in described(service)]

    def ask(self, operation: Operation, call: Call, who: str) -> Reply:
        """One request by the role; of an answer that streams only the beginning is read."""
        service, before = self.running[operation.service], len(self.log.records)
        headers = self.headers(service, who)
        more: dict[str, Any] = {"json": call.body} if call.body is not None else {"files": call.files}
        with service.http.stream(operation.method, call.path, params=call.query, headers=headers, **more) as answer:
            streams = answer.headers.get("content-type", "").startswith("text/event-stream")
            text = "" if streams else _said(answer.read())
        problem = answer.json() if "problem+json" in answer.headers.get("content-type", "") else {}
        return Reply(answer.status_code, text, problem, self.log.records[before:])

    def headers(self, service: Running, who: str) -> dict[str, str]:
        if who == ANONYMOUS:
            return {"Idempotency-Key": str(uuid4())}
        if who == MACHINE:
            return service.issuer.headers(client_id("reader"), iss=IDENTITY, roles=["reader"])
        if who == ITSELF:
            return service.issuer.headers(ITS_OWN, roles=["portal"])
        person = tiers.WHO[who]
        if service.service.name == "portal":
            return {"Cookie": f"__Host-diary={_session(service, person)}", "x-diary": "1", "Origin": PORTAL}
        return service.headers(person)

    def events(self, service: str) -> int:
        """How many events its store has; none without a store."""
        here = self.running[service]
        if not here.service.topics:
            return 0
        if service not in self.connections:
            self.connections[service] = self.closing.enter_context(connect(here.settings, service, "worker"))
        row = self.connections[service].execute("SELECT count(*) FROM events").fetchone()
        return int(row[0]) if row else 0

    def fresh(self, operation: Operation, tier: Tier, who: str) -> dict[str, str]:
        """Objects that the operation needs in the tier, made by its own people; none nowhere."""
        if tier is NOWHERE or operation.service not in OBJECTS or who not in tiers.WHO:
            return {}
        make, once = OBJECTS[operation.service]
        key = (operation.service, tier.name)
        if not once or key not in self.kept:
            self.kept[key] = make(self.running[operation.service], tier, who)
        return self.kept[key]


def described(service: Running) -> list[Operation]:
    return operations(service.service.name, service.http.get("/openapi.json").json())


def _session(portal: Running, person: UUID) -> str:
    cookie, account = secret(), uuid4()
    with connect(portal.settings, "portal", "api") as conn:
        conn.execute(OPEN, [digest(cookie), IDENTITY, str(account), account, person, str(uuid4()), "password", 1])
    return cookie


def _done(answer: httpx.Response) -> None:
    assert answer.status_code == 200, answer.text


def _work(grades: Running, tier: Tier, who: str) -> dict[str, str]:
    """A column with the pupil's mark, by its teacher; new for each call."""
    work, (on, number) = str(uuid4()), LESSON
    head = {"work_id": work, "group_id": str(tier.group), "on": on.isoformat(), "number": number}
    _done(grades.send("POST", "/works", tier.teacher, {**head, "kind": "test", "confirmed": True}))
    mark = {"pupil_id": str(tier.pupil), "value": "3", "comment": f"Комментарий-{tier.name}"}
    _done(grades.send("POST", f"/works/{work}/marks", tier.teacher, {"marks": [mark]}))
    return {"work_id": work}


def _roll(attendance: Running, tier: Tier, who: str) -> dict[str, str]:
    on, number = LESSON
    _done(attendance.send("PUT", f"/rolls/{tier.group}/{on}/{number}", tier.teacher, {"entries": []}))
    absence, days = str(uuid4()), {"first": on.isoformat(), "last": on.isoformat()}
    words = {"reason": "illness", "words": f"Письмо-{tier.name}"}
    paper = {"media": "image/jpeg", "content": b64encode(b"\xff\xd8\xff" + f"Справка-{tier.name}".encode()).decode()}
    said = {"absence_id": absence, "pupil_id": str(tier.pupil), **days, **words, "paper": paper}
    _done(attendance.send("POST", "/absences", tier.guardian, said))
    return {"absence_id": absence}


def _of_his_own(lessons: Running, tier: Tier, who: str) -> dict[str, str]:
    """A template, and a calendar's address: a new one if he may see the pupil, or the one he has."""
    template, person = str(uuid4()), tiers.WHO[who]
    kept = lessons.send("PUT", f"/templates/{template}", person, {"title": "Шаблон", "topics": ["Дроби"]})
    found = {"template_id": template} if kept.status_code == 200 else {}
    for one in lessons.send("GET", "/calendars", person).json()["calendars"]:
        return found | {"calendar_id": one["calendar_id"]}
    calendar, body = str(uuid4()), {"about_id": str(tier.pupil), "secret": token_urlsafe(32)}
    shared = lessons.send("PUT", f"/calendars/{calendar}", person, body)
    return found | ({"calendar_id": calendar} if shared.status_code == 200 else {})


def _talk(messaging: Running, tier: Tier, who: str) -> dict[str, str]:
    ids = {"conversation_id": str(tier.conversation), "message_id": str(tier.message)}
    words = {"subject": f"Письмо-{tier.name}", "text": f"Письмо-{tier.name}"}
    about = {"pupil_id": str(tier.pupil), "participants": [str(tier.teacher)]}
    _done(messaging.send("POST", "/conversations", tier.guardian, {**ids, **words, **about}))
    on, remark = LESSON[0].isoformat(), str(uuid4())
    beside = {"about": "mark", "group_id": str(tier.group), "on": on, "comment_id": str(uuid4())}
    path = f"/threads/{tier.work}/{tier.pupil}/comments"
    _done(messaging.send("POST", path, tier.guardian, {**beside, "text": f"Письмо-{tier.name}"}))
    hidden = {"remark_id": remark, "pupil_id": str(tier.pupil), "kind": "incident", "on": on, "shown": False}
    _done(messaging.send("POST", "/remarks", tier.teacher, {**hidden, "text": f"Письмо-{tier.name}"}))
    return {**ids, "remark_id": remark}


def _account(identity: Running, tier: Tier, who: str) -> dict[str, str]:
    body = {"person_id": str(tier.pupil), "login": f"pupil-{tier.name}", "password": "четыре правильных слова"}
    _done(identity.send("POST", "/accounts", OPERATOR, body))
    return {"account_id": str(account_of(tier.pupil))}


def _import_and_ties(roster: Running, tier: Tier, who: str) -> dict[str, str]:
    """An import that he himself tried, or the school's administrator; a stranger's claim, and an invitation."""
    runs = tier.administrator if tier in (FAR, BEYOND) else tiers.WHO["administrator"]
    own = tier in tiers.REACHED[who] and who in ("administrator", "officer", "operator")
    headers = roster.headers(tiers.WHO[who] if own else runs)
    answer = roster.http.post("/imports", files={"file": ("bundle.zip", b"no archive")}, headers=headers)
    _done(answer)
    claim, invitation = str(uuid4()), str(uuid4())
    about = {"school_id": str(tier.school), "child": "Дитя", "class_title": "7А", "relation": "parent"}
    _done(roster.send("POST", "/claims", uuid4(), {"claim_id": claim, **about}))
    _done(roster.send("POST", "/invitations", runs, {"invitation_id": invitation, "pupil_id": str(tier.pupil)}))
    other = roster.send("POST", "/invitations", runs, {"invitation_id": str(uuid4()), "pupil_id": str(tier.pupil)})
    _done(roster.send("POST", "/invitations/redemption", tier.guardian, {"code": other.json()["code"]}))
    return {"import_id": answer.json()["import_id"], "claim_id": claim, "invitation_id": invitation}


def _told(notify: Running, tier: Tier, who: str) -> dict[str, str]:
    """A consent, and a feed's address: a new one, or the one he has."""
    person, body = tiers.WHO[who], {"channel": "email", "address": "someone@example.org"}
    _done(notify.send("POST", "/consents", person, body))
    for one in notify.send("GET", "/feeds", person).json()["feeds"]:
        return {"feed_id": one["feed_id"]}
    feed = str(uuid4())
    _done(notify.send("PUT", f"/feeds/{feed}", person, {"secret": token_urlsafe(32)}))
    return {"feed_id": feed}


Make = Callable[[Running, Tier, str], dict[str, str]]
OBJECTS: dict[str, tuple[Make, bool]] = {
    "grades": (_work, False),
    "attendance": (_roll, True),
    "messaging": (_talk, True),
    "identity": (_account, True),
    "roster": (_import_and_ties, False),
    "lessons": (_of_his_own, False),
    "notify": (_told, False),
}
"""How a service's objects are made, and whether once is enough."""


def _pem() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _tell(service: Running, views: str, events: tuple[Event, ...], source: str) -> None:
    """The events of its own that a writing service starts with, given to its view."""
    admin = service.settings.postgres_admin.get_secret_value()
    view = importlib.import_module(views)
    with psycopg.connect(admin, dbname=f"diary_{service.service.name}") as conn:
        view.apply(conn, received(events, source))


def _taught(service: Running) -> Running:
    name = service.service.name
    learn(service.settings, service.service, tiers.ROSTER)
    learn(service.settings, service.service, tiers.LESSONS, "lessons")
    if name == "reporting":
        for tier in REAL:
            learn(service.settings, service.service, tiers.grades_of(tier), "grades")
    if name == "roster":
        _tell(service, "services.roster.views", (*school.ROSTER, *tiers.ROSTER), "roster")
    if name == "lessons":
        _tell(service, "services.lessons.views", tiers.LESSONS, "lessons")
    return service


@contextmanager
def world(server: Postgres) -> Iterator[World]:
    """All services, and the access log at hand."""
    log, access = Log(), logging.getLogger("diary.access")
    level, access.propagate = access.level, False
    access.addHandler(log)
    access.setLevel(logging.INFO)
    keys = {"identity_key": _pem(), "portal_key": _pem()}
    try:
        with ExitStack() as stack:
            running_ = {
                name: _taught(stack.enter_context(running(server, service, **keys)))
                for name, service in SERVICES.items()
            }
            yield World(running_, log, stack)
    finally:
        access.setLevel(level)
        access.propagate = True
        access.removeHandler(log)
