"""SC1: every operation of every OpenAPI document × every role × own and foreign objects.

What is foreign is refused with 403 or 404 (a wrong addressee with 422), looks just like what does not exist, changes
nothing, shows nothing and is logged. What the matrix cannot call fails it, so no operation stays out of it.
"""

from collections.abc import Iterator
from uuid import UUID

import pytest
from fastapi import APIRouter

from services.messaging.domain.conversations import WrongAddressee
from shared.access import PORTAL
from shared.web import routes
from shared.web.auth import SignedIn
from shared.web.routes import Unlisted, of
from tests.security.calls import Call, Filling, Operation, UnknownField, calls
from tests.security.tiers import FOREIGN, NEIGHBOUR, NOWHERE, OWN, REACHED, ROLES, WHO, Tier
from tests.security.world import ANONYMOUS, ITSELF, MACHINE, SERVICES, Reply, World

OBJECTS = {
    "group",
    "pupil",
    "person",
    "school",
    "work",
    "lesson",
    "conversation",
    "import",
    "account",
    "absence",
    "remark",
    "claim",
    "invitation",
    "own",
}

FILTERS = {"roster GET /groups", "roster GET /names", "reporting GET /readers/{person_id}"}
"""They answer with what the caller may see of what he asks for, and leave the rest out."""

FOR_OTHERS = {"portal GET /live"}
"""Its object is judged by the service behind it (reporting GET /live, in this matrix too) under that one's rule."""

FAMILY = frozenset({"pupil", "parent"})
ALL = frozenset(ROLES)
NO_PART = frozenset({"pupil", "officer", "operator"})
"""In what teachers and guardians write to each other."""
KEPT_FROM: dict[str, frozenset[str]] = {
    "identity PUT /password": frozenset({"operator"}),
    "attendance GET /absences/{absence_id}/paper": frozenset({"teacher"}),  # but for the tutor
    "lessons POST /calendar": frozenset({ITSELF}),  # of a secret that nobody has
    "notify POST /rss": frozenset({ITSELF}),
    "reporting GET /sheet.pdf": FAMILY,
    "reporting GET /sheet.xlsx": FAMILY,
    "reporting GET /sheet.csv": FAMILY,
    "lessons GET /week teacher_id": FAMILY,
    "lessons GET /week school_id": FAMILY,
    "lessons POST /lessons/{group_id}/{on}/{number}/substitution": frozenset({"teacher"}),
    "messaging POST /conversations": frozenset({"pupil", "operator"}),
    "messaging GET /conversations/{conversation_id}": ALL - {"parent", "teacher", "administrator"},
    "messaging POST /conversations/{conversation_id}/messages": ALL - {"parent", "teacher"},
    "messaging POST /conversations/{conversation_id}/seen": ALL - {"parent", "teacher"},
    "messaging GET /comments": NO_PART,
    "messaging GET /threads pupil_id": NO_PART,
    "messaging GET /threads group_id": NO_PART | FAMILY,
    "messaging GET /threads/{object_id}/{pupil_id}": NO_PART,
    "messaging POST /threads/{object_id}/{pupil_id}/comments": NO_PART,
    "messaging PUT /remarks/{remark_id}": ALL - {"teacher"},  # but for its author
    "messaging POST /remarks/{remark_id}/showing": frozenset({"teacher"}),  # who does not lead the class
    "messaging GET /signatures group_id": FAMILY,
    "reporting GET /live group_id": FAMILY,
    "reporting GET /readings": frozenset({"teacher"}),
    "grades GET /readings": frozenset({"teacher"}),
    "attendance GET /readings": frozenset({"teacher"}),
    "roster GET /groups/{group_id}/members": FAMILY,
    "roster POST /claims/{claim_id}/withdrawal": ALL,  # but for who made it
}
"""Roles that may call the operation and are refused even at home, because the object's own rule is narrower."""


def admitted(operation: Operation, who: str) -> bool:
    """What `x-who` promises."""
    if "anyone" in operation.who:
        return True
    if who == ITSELF:
        return "portal" in operation.who
    return who in ROLES and bool({who, "signed-in", "session"} & set(operation.who))


def of_the_school(operation: Operation, call: Call, who: str) -> bool:
    """Whether what the call asks for belongs to the school and not to a class of it."""
    if operation.name != "lessons GET /week":
        return operation.object == "school"
    return call.about == "group_id" or (who == "teacher" and call.about in ("teacher_id", "school_id"))


def may(operation: Operation, call: Call, who: str, tier: Tier) -> bool:
    """Whether the role gets through to the tier's object."""
    if not admitted(operation, who):
        return False
    if operation.object in (None, "own") or operation.name in FILTERS | FOR_OTHERS:
        return who not in KEPT_FROM.get(operation.name, ())
    foreign = tier is NOWHERE or tier in FOREIGN.get(who, ())
    if foreign and not (tier is NEIGHBOUR and of_the_school(operation, call, who)):
        return False
    name = f"{operation.name} {call.about}" if call.about else operation.name
    return who not in KEPT_FROM.get(name, ())


def faults(diary: World, operation: Operation, who: str, tier: Tier) -> Iterator[str]:
    """What is wrong with the operation for the role on the tier's objects."""
    at = Filling(tier, str(WHO.get(who)), diary.fresh(operation, tier, who))
    beyond = calls(operation, Filling(NOWHERE, str(WHO.get(who))))
    for call, missing in zip(calls(operation, at), beyond, strict=True):
        before = diary.events(operation.service)
        reply = diary.ask(operation, call, who)
        after = diary.events(operation.service)
        name = (
            f"{operation.name} {call.about or ''} by {who} on {tier.name}: {reply.status} {reply.problem.get('code')}"
        )
        if reply.status >= 500:
            yield f"{name}: failed"
        if may(operation, call, who, tier) == reply.refused:
            yield f"{name}: {'refused' if reply.refused else 'let through'}"
        if reply.refused and before != after:
            yield f"{name}: refused, and {after - before} events stored"
        known = who in ROLES or (who == ITSELF and operation.service != "portal")  # it keeps no session with itself
        if not admitted(operation, who) and reply.status != (403 if known else 401):
            yield f"{name}: not refused by the route's own rule"
        if reply.refused and not logged(reply, who if known else ANONYMOUS):
            yield f"{name}: not logged"
        yield from (f"{name}: shows {secret}" for secret in leaks(reply, call, who))
        if reply.refused and tier in FOREIGN.get(who, ()) and not (who == "teacher" and tier is NEIGHBOUR):
            nothing = diary.ask(operation, missing, who)
            if nothing.alike != reply.alike:
                yield f"{name}: what does not exist answers otherwise: {nothing.status} {nothing.problem.get('code')}"


def logged(reply: Reply, who: str) -> bool:
    """Whether the access log has the refusal with its status and who it was."""
    if reply.problem.get("code") == WrongAddressee.code:
        return True  # told at its field, as any other mistake in a form
    person = str(PORTAL if who == ITSELF else WHO[who]) if who in WHO or who == ITSELF else None
    found = [(vars(record).get("status"), vars(record).get("person")) for record in reply.logged]
    return (reply.status, person) in found


def leaks(reply: Reply, call: Call, who: str) -> set[str]:
    """What the answer shows of places that are foreign to the role and that the request did not name."""
    secrets: set[str] = set()
    for tier in FOREIGN.get(who, tuple(REACHED["operator"])):
        secrets |= tier.private if tier is NEIGHBOUR else tier.whole
    return {secret for secret in secrets - call.named if secret in reply.text}


@pytest.mark.parametrize("service", SERVICES)
def test_everybody_reaches_what_is_his_and_nothing_else(diary: World, service: str) -> None:
    wrong: list[str] = []
    for operation in (one for one in diary.operations() if one.service == service):
        for who in (ANONYMOUS, MACHINE, ITSELF):
            wrong += faults(diary, operation, who, OWN)
        for who in ROLES:
            tiers = (*REACHED[who], *FOREIGN[who]) if operation.object not in (None, "own") else (OWN,)
            for tier in tiers:
                wrong += faults(diary, operation, who, tier)
    assert wrong == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_teacher_has_no_more_than_a_parents_rights_at_his_childs_school(diary: World, service: str) -> None:
    far = REACHED["officer"][-1]
    through: list[str] = []
    for operation in (one for one in diary.operations() if one.service == service):
        if operation.object in (None, "own") or operation.name in FILTERS | FOR_OTHERS:
            continue
        for call in calls(operation, Filling(far, str(WHO["mixed"]), diary.fresh(operation, far, "office"))):
            reply = diary.ask(operation, call, "mixed")
            if not reply.refused and (operation.name, call.about) != ("lessons GET /week", "group_id"):
                through.append(f"{operation.name} {call.about or ''}: {reply.status}")
    assert through == []


def test_the_matrix_knows_every_kind_of_object_and_every_rule(diary: World) -> None:
    known = {"anyone", "signed-in", "session", "portal", *ROLES}
    for operation in diary.operations():
        assert operation.who and set(operation.who) <= known, operation.name
        assert operation.object is None or operation.object in OBJECTS, operation.name
    names = {operation.name for operation in diary.operations()}
    assert {" ".join(name.split()[:3]) for name in KEPT_FROM} <= names
    assert names >= FILTERS | FOR_OTHERS


def test_every_service_is_in_it(diary: World) -> None:
    assert len(SERVICES) >= 9
    assert {operation.service for operation in diary.operations()} == set(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_a_route_that_openapi_does_not_show_is_open_to_anyone(service: str) -> None:
    """A hidden route is in no matrix: it may hold nothing that needs a right."""
    for route in routes.walk(SERVICES[service].routers):
        if not route.include_in_schema:
            (rule,) = routes._rules(route.dependant)
            assert rule.who == ("anyone",), route.path


def test_a_field_that_nobody_taught_the_matrix_fails_it() -> None:
    parameter = {"name": "locker_id", "in": "path", "required": True}
    operation = Operation(
        "school", "GET", "/lockers/{locker_id}", ("teacher",), "locker", {"parameters": [parameter]}, {}
    )
    with pytest.raises(UnknownField, match="locker_id"):
        list(calls(operation, Filling(OWN, "")))


def _nobodys() -> str:
    return ""


def _unchecked(locker_id: UUID, by: SignedIn) -> str:
    return ""


@pytest.mark.parametrize("route", [_nobodys, _unchecked])
def test_a_route_without_its_rules_builds_no_application(route: object) -> None:
    router = APIRouter()
    router.get("/lockers")(route)  # type: ignore[type-var]
    with pytest.raises(Unlisted):
        routes.prepare([router])


def test_a_route_with_its_rules_is_listed() -> None:
    router = APIRouter()
    router.get("/lockers", openapi_extra=of("locker"))(_unchecked)
    routes.prepare([router])
    assert next(routes.walk([router])).openapi_extra == {"x-object": "locker", "x-who": ["signed-in"]}
