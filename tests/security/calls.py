"""Sample requests made from OpenAPI documents: every path, query and body field gets a value of a tier by its name.

A field whose name is not known here makes the matrix fail: whoever adds an operation says how it is called.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any
from uuid import uuid4

from shared.testing.school import DISTRICT
from tests.security.tiers import LATER, LATER_ABROAD, LESSON, MONDAY, Tier

Json = dict[str, Any]
METHODS = ("get", "put", "post", "patch", "delete")
OBJECT_IDS = {"group_id", "teacher_id", "pupil_id", "school_id", "ids"}
"""Query parameters that name an object: an operation with optional ones is called with each of them."""
WANTED = {"pupil_id", "kind", "reason", "group_id"}
"""Optional fields of a body without which a command says nothing."""


class UnknownField(LookupError):
    """The matrix has no value for this field: add it to VALUES."""


@dataclass(frozen=True)
class Operation:
    service: str
    method: str
    path: str
    who: tuple[str, ...]
    object: str | None
    description: Json
    document: Json

    @property
    def name(self) -> str:
        return f"{self.service} {self.method} {self.path}"


@dataclass(frozen=True)
class Call:
    """One request; `about` is the optional parameter that names its object, `named` what an answer may repeat."""

    path: str
    query: Json
    body: Json | None = None
    files: Json | None = None
    named: frozenset[str] = frozenset()
    about: str | None = None


def operations(service: str, document: Json) -> list[Operation]:
    """All operations of a service's OpenAPI document."""
    return [
        Operation(service, method.upper(), path, tuple(op.get("x-who", ())), op.get("x-object"), op, document)
        for path, item in document["paths"].items()
        for method, op in item.items()
        if method in METHODS
    ]


@dataclass(frozen=True)
class Filling:
    """Whose objects a call names, who calls, and ids made for this call alone (a fresh work, an import …)."""

    tier: Tier
    caller: str
    fresh: Json = field(default_factory=dict)


def _addressee(at: Filling) -> list[str]:
    family = at.caller == str(at.tier.guardian)
    return [str(at.tier.teacher if family else at.tier.guardian)]


Value = Callable[[Filling], Any]
VALUES: dict[str, Value] = {
    # objects
    "group_id": lambda at: at.tier.group, "pupil_id": lambda at: at.tier.pupil, "school_id": lambda at: at.tier.school,
    "teacher_id": lambda at: at.tier.teacher, "person_id": lambda at: at.tier.pupil, "ids": lambda at: at.tier.pupil,
    "object_id": lambda at: at.tier.work, "work_id": lambda at: at.fresh.get("work_id", at.tier.work),
    "account_id": lambda at: at.fresh.get("account_id", at.tier.account),
    "import_id": lambda at: at.fresh.get("import_id", at.tier.bundle),
    "conversation_id": lambda at: at.fresh.get("conversation_id", at.tier.conversation),
    "message_id": lambda at: at.fresh.get("message_id", at.tier.message), "participants": _addressee,
    "comment_id": lambda at: uuid4(), "about": lambda at: "mark", "shown": lambda at: False,
    "remark_id": lambda at: at.fresh.get("remark_id", uuid4()), "monday": lambda at: MONDAY,
    # where and when
    "on": lambda at: LESSON[0], "number": lambda at: LESSON[1], "first": lambda at: LESSON[0],
    "last": lambda at: LESSON[0], "to_date": lambda at: LESSON[0], "to_number": lambda at: 3,
    # what
    "query": lambda at: "Уче", "channel": lambda at: "email", "address": lambda at: "someone@example.org",
    "kind": lambda at: "test", "kinds": lambda at: [{"kind": "test", "weight": "2"}], "scale": lambda at: "five",
    "value": lambda at: "4", "reason": lambda at: "ошибка", "state": lambda at: "absent",
    "cause": lambda at: "by-school",
    "marks": lambda at: [{"pupil_id": str(at.tier.pupil), "value": "4"}],
    "entries": lambda at: [{"pupil_id": str(at.tier.pupil), "state": "absent"}],
    "absence_id": lambda at: at.fresh.get("absence_id", at.tier.absence), "accepted": lambda at: True,
    "term_id": lambda at: LATER if at.tier.district == DISTRICT else LATER_ABROAD,
    "allowed": lambda at: True, "at": lambda at: "2021-09-15T23:59",
    "grades": lambda at: [{"pupil_id": str(at.tier.pupil), "value": "4"}],
    "feed_id": lambda at: at.fresh.get("feed_id", uuid4()),
    "calendar_id": lambda at: at.fresh.get("calendar_id", uuid4()), "about_id": lambda at: at.tier.pupil,
    "secret": lambda at: token_urlsafe(32), "favourites": lambda at: ["/today"], "host": lambda at: "diary.test",
    "topic": lambda at: "Дроби", "subject": lambda at: "Тема", "text": lambda at: "Текст", "wishes": lambda at: [],
    "topics": lambda at: [{"on": str(LESSON[0]), "number": LESSON[1], "topic": "Дроби"}], "title": lambda at: "Шаблон",
    "task": lambda at: "№ 12", 
    "template_id": lambda at: at.fresh.get("template_id", uuid4()), "phrases": lambda at: [], "below": lambda at: "3.5",
    "notice_ids": lambda at: [str(uuid4())], "login": lambda at: f"login-{uuid4().hex[:12]}",
    "password": lambda at: "четыре правильных слова", "old": lambda at: "не тот пароль, что был",
    "new": lambda at: "пять совсем других слов", "district": lambda at: "D",
    "claim_id": lambda at: at.fresh.get("claim_id", uuid4()), "child": lambda at: "Дитя",
    "invitation_id": lambda at: at.fresh.get("invitation_id", uuid4()), "class_title": lambda at: "7А",
    "code": lambda at: "A" * 26,
    "guardian_id": lambda at: at.tier.guardian, "rights": lambda at: ["see", "act", "notices"],
    "relation": lambda at: "parent",
    "act": lambda at: "12 от 29.11.2026", "since": lambda at: LESSON[0],
    "file": lambda at: ("bundle.zip", b"no archive"), "timetable": lambda at: ("timetable.csv", b"no timetable"),
}  # fmt: skip
NEW = {
    ("grades", "POST", "/works"): ("work_id",),
    ("lessons", "PUT", "/calendars/{calendar_id}"): ("calendar_id",),
    ("notify", "PUT", "/feeds/{feed_id}"): ("feed_id",),
    ("attendance", "POST", "/absences"): ("absence_id",),
    ("messaging", "POST", "/conversations"): ("conversation_id", "message_id"),
    ("messaging", "POST", "/remarks"): ("remark_id",),
    ("roster", "POST", "/claims"): ("claim_id",),
    ("roster", "POST", "/invitations"): ("invitation_id",),
}
"""Ids that the client makes: they name nothing yet."""
MEANT: dict[tuple[str, str, str], Json] = {
    ("messaging", "POST", "/remarks"): {"kind": "praise"},
    ("grades", "PUT", "/targets"): {"subject": "А"},
}
"""Words that mean something else there than elsewhere."""


def calls(operation: Operation, at: Filling) -> Iterator[Call]:
    """The operation on the tier's objects: once, or once for each optional parameter that names an object."""
    parameters = operation.description.get("parameters", [])
    optional = [
        p["name"] for p in parameters if p["in"] == "query" and not p.get("required") and p["name"] in OBJECT_IDS
    ]
    for one in optional or [None]:
        yield _call(operation, parameters, at, one)


def _call(operation: Operation, parameters: list[Json], at: Filling, also: str | None) -> Call:
    path, query = operation.path, {}
    for parameter in parameters:
        name, where = parameter["name"], parameter["in"]
        if where == "path":
            path = path.replace(f"{{{name}}}", str(_value(operation, name, at)))
        elif where == "query" and (parameter.get("required") or name == also):
            query[name] = str(_value(operation, name, at))
    body, files = _bodies(operation, at)
    named = frozenset(str(value) for value in [*query.values(), *path.split("/"), *_words(body)])
    return Call(path, query, body, files, named, also)


def _value(operation: Operation, name: str, at: Filling) -> Any:
    if name in NEW.get((operation.service, operation.method, operation.path), ()):
        return uuid4()
    if name in (meant := MEANT.get((operation.service, operation.method, operation.path), {})):
        return meant[name]
    if name not in VALUES:
        raise UnknownField(f"{operation.name}: {name}")
    return VALUES[name](at)


def _bodies(operation: Operation, at: Filling) -> tuple[Json | None, Json | None]:
    content = operation.description.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        fields = _schema(operation, content["multipart/form-data"]["schema"])
        names = fields.get("required") or [next(iter(fields["properties"]))]
        return None, {name: _value(operation, name, at) for name in names}
    if "application/json" not in content:
        return None, None
    fields = _schema(operation, content["application/json"]["schema"])
    names = {*fields.get("required", ()), *(WANTED & set(fields["properties"]))}
    return {name: _plain(_value(operation, name, at)) for name in sorted(names)}, None


def _schema(operation: Operation, schema: Json) -> Json:
    name = schema["$ref"].rpartition("/")[2]
    found: Json = operation.document["components"]["schemas"][name]
    return found


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | list | dict) else str(value)


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _words(inner)
    else:
        yield str(value)
