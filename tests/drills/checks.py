"""What must be true after a fault, checked from outside: the ledger against stores, topic, projections, deliveries.

L1 every intent came to what its client was told, L2 the topic is the store, L3 live projections are what a rebuild
makes, L4 nobody was told twice or not at all, L5 counts agree along the chain, L6 everything drained.
"""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.reporting import diary, history
from shared import audit, stream
from tests.drills.rig import TOPIC, Rig, run
from tests.drills.school import SCHOOLS
from tests.drills.topic import Record, ends, records, standing

READERS = {"reporting": (diary.PROJECTION, history.PROJECTION), "notify": ()}
DRAINED = 45.0
"""Seconds that everything may take to drain after a fault."""
BATCH = 200
"""Records of the relay's one unacknowledged batch in a partition."""


@dataclass
class Verdict:
    """`faults` are sentences, each beginning with its law; empty is what every drill asserts."""

    faults: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, law: str, faults: Iterable[str]) -> None:
        found = list(faults)
        self.facts[law] = "holds" if not found else f"broken {len(found)} times"
        self.faults += [f"{law}: {fault}" for fault in found[:10]]


def check(rig: Rig, parked: int = 0, rebuild: bool = True, given_up: Collection[UUID] = ()) -> Verdict:
    """The quiet phase, then all laws, printed as the drill's verdict. `parked`: how many events must be parked.

    `given_up` are columns that an operator gave up after people were told of them.
    """
    verdict = Verdict()
    verdict.facts |= {"intents": rig.ledger.counts(), "events": rig.events()}
    began = time.monotonic()
    verdict.add("L6", drained(rig, parked))
    verdict.facts["drained after, s"] = round(time.monotonic() - began, 2)
    log: list[Record] = standing(run(records(rig)))
    verdict.add("L1", as_told(rig))
    verdict.add("L2", topic_is_store(rig, log))
    verdict.add("L4", told_once(rig, given_up))
    verdict.add("L5", counts_agree(rig, log, parked))
    if rebuild:
        verdict.add("L3", rebuilt_the_same(rig))
    verdict.facts["repeats on the topic"] = repeats(log)
    for name, fact in sorted(verdict.facts.items()):
        rig.note(f"verdict: {name}: {fact}")
    for fault in verdict.faults:
        rig.note(f"FAULT {fault}")
    if verdict.faults:
        rig.tell_logs()
    return verdict


COMMANDS = """
SELECT actor, command, array_agg(stream || ':' || version ORDER BY command_index) FROM events GROUP BY actor, command
"""


def as_told(rig: Rig) -> list[str]:
    """L1: ok is exactly the events its answer names, refused is none, unknown is none or one."""
    stored = {(actor, command): ids for actor, command, ids in rig.ask("grades", COMMANDS)}
    faults = []
    for intent in rig.ledger.intents:
        found = stored.pop((intent.actor, intent.key), [])
        told = json.loads(intent.answer)["events"] if intent.outcome == "ok" else []
        if intent.outcome == "unknown" and len(found) <= 1:
            continue
        if found != told:
            faults.append(f"{intent.outcome} ({intent.said}) was told {told}, stored is {found}: {intent.path}")
    return [*faults, *(f"nobody wanted {ids}" for ids in stored.values())]


STORE = "SELECT id, key::text, document FROM events ORDER BY id"


def topic_is_store(rig: Rig, log: Sequence[Record]) -> list[str]:
    """L2: every event, with its bytes, under its key; without repeats in order, each naming the one before."""
    stored = {id_: (key.encode(), bytes(document)) for id_, key, document in rig.ask("grades", STORE)}
    faults = [f"{id_} is stored and not on the topic" for id_ in sorted(stored.keys() - {r.at.sequence for r in log})]
    last: dict[int, int] = defaultdict(int)
    seen: set[tuple[int, int]] = set()
    for r in log:
        if r.at.sequence not in stored:
            faults.append(f"{r.at.sequence} is on the topic and not in the store")
        elif stored[r.at.sequence] != (r.key, r.value):
            faults.append(f"{r.at.sequence} has other bytes on the topic than in the store")
        if (r.partition, r.at.sequence) in seen:
            continue
        seen.add((r.partition, r.at.sequence))
        if r.at.prev != last[r.partition] or r.at.sequence < last[r.partition]:
            faults.append(f"{r.at.sequence} names {r.at.prev} before it, the topic has {last[r.partition]} there")
        last[r.partition] = max(last[r.partition], r.at.sequence)
    return faults


def repeats(log: Sequence[Record]) -> int:
    """Records that say again what stands before them."""
    return len(log) - len({(r.partition, r.at.sequence) for r in log})


def rows(rig: Rig, service: str, table: str) -> list[str]:
    """A table's rows as text, in an order of their own."""
    return sorted(str(row[0]) for row in rig.ask(service, f"SELECT to_jsonb(t)::text FROM {table} AS t"))


def rebuilt_the_same(rig: Rig) -> list[str]:
    """L3: row by row. Switches to the rebuilt tables."""
    faults = []
    for projection in READERS["reporting"]:
        live = {table: rows(rig, "reporting", table) for table in projection.tables}
        took = stream.rebuild(rig.settings, "reporting", projection)
        rig.note(f"{projection.name} rebuilt of {took} events")
        for table, before in live.items():
            faults += _differences(table, Counter(before), Counter(rows(rig, "reporting", table)))
    return faults


def _differences(table: str, live: Counter[str], rebuilt: Counter[str]) -> list[str]:
    only_live = [f"only the live {table} has {row}" for row in (live - rebuilt).elements()]
    return only_live + [f"only the rebuilt {table} has {row}" for row in (rebuilt - live).elements()]


GIVEN = """
SELECT d #>> '{data,work_id}', m ->> 'pupil_id' FROM events,
    LATERAL (SELECT convert_from(document, 'UTF8')::jsonb) AS x(d),
    jsonb_array_elements(d #> '{data,marks}') AS m WHERE type LIKE 'diary.grades.marks-given.%'
"""
DELIVERED = """
SELECT n.object_id, n.pupil_id, d.person_id, d.channel, count(*)
FROM deliveries d JOIN notices n USING (notice_id) WHERE d.channel = 'portal' GROUP BY 1, 2, 3, 4
"""
TOLD = 60.0
"""Seconds within which notices become deliveries; generous, since the sender may be waiting to connect again."""


def expected(rig: Rig) -> Counter[tuple[UUID, UUID, UUID, str]]:
    """Each mark, told to the pupil and the parent in the portal; a correction replaces what was said."""
    parents = dict(pair for school in SCHOOLS for pair in zip(school.pupils, school.parents, strict=True))
    found: Counter[tuple[UUID, UUID, UUID, str]] = Counter()
    for work, pupil in ((UUID(w), UUID(p)) for w, p in rig.ask("grades", GIVEN)):
        for person in (pupil, parents[pupil]):
            found[work, pupil, person, "portal"] = 1
    return found


def delivered(rig: Rig) -> Counter[tuple[UUID, UUID, UUID, str]]:
    """How often each was told."""
    return Counter({tuple(row[:4]): row[4] for row in rig.ask("notify", DELIVERED)})


def told_once(rig: Rig, given_up: Collection[UUID] = ()) -> list[str]:
    """L4. Correct ids of notices are part of it: two notices for one mark would be two deliveries."""
    wanted, until = expected(rig), time.monotonic() + TOLD
    while odd := _odd(wanted, delivered(rig), given_up):
        if time.monotonic() > until:
            break
        time.sleep(0.1)
    return [f"{key} is owed {owed}, made are {made}" for key, owed, made in odd]


Told = tuple[UUID, UUID, UUID, str]


def _odd(wanted: Counter[Told], found: Counter[Told], given_up: Collection[UUID]) -> list[tuple[Told, int, int]]:
    keys = [key for key in wanted.keys() | found.keys() if key[0] not in given_up]
    return [(key, wanted[key], found[key]) for key in keys if wanted[key] != found[key]]


SIGNED = 15.0
"""Seconds within which the newest event is under a checkpoint."""
EVENTS = "SELECT count(DISTINCT event_id) FROM history_entries"


def counts_agree(rig: Rig, log: Sequence[Record], parked: int) -> list[str]:
    """L5: store, topic and audit journal count the same events, and the store is the one of every checkpoint."""
    stored, sent = rig.events(), len({r.at.sequence for r in log})
    told = int(rig.ask("reporting", EVENTS)[0][0])
    faults = list(signed(rig, stored))
    if not stored == sent == told:
        faults.append(f"{stored} events stored, {sent} on the topic, {told} in the audit journal ({parked} parked)")
    return faults


def signed(rig: Rig, stored: int) -> Iterator[str]:
    """What the audit trail's proof objects to, once every event is under a checkpoint."""
    keeper, until = audit.Keeper(rig.settings, "grades"), time.monotonic() + SIGNED
    with rig.admin("grades") as conn:
        while True:
            keeper.once()  # nothing while a relay's own keeper is at it
            verdict = audit.verify(conn, audit.Kept(rig.settings, "grades").all)
            if verdict.changed or verdict.covered == stored or time.monotonic() > until:
                break
            time.sleep(0.2)
    yield from verdict.changed
    if verdict.covered != stored:
        yield f"{verdict.covered} of {stored} events are under a checkpoint"


PROGRESS = "SELECT projection, topic, partition, next_offset FROM progress"
PARKED = "SELECT projection, why FROM parked"


def drained(rig: Rig, parked: int) -> list[str]:
    """L6: the relay has published all, every projection is at the end of its logs, and nothing is parked unseen."""
    try:
        rig.until(rig.published, DRAINED, "the relay publishes everything")
        rig.until(lambda: not lag(rig), DRAINED, "the projections reach the end")
    except AssertionError as late:
        return [str(late), *lag(rig)]
    aside = [row for service in READERS for row in rig.ask(service, PARKED)]
    return [] if len(aside) == parked else [f"{len(aside)} events are parked, not {parked}: {aside[:3]}"]


def lag(rig: Rig) -> list[str]:
    """Projections of grades' events that are not at the end."""
    goal = {place: end for place, end in run(ends(rig, [TOPIC])).items() if end}
    return [
        f"{projection} is at {at} of {goal[topic, partition]} in {topic}/{partition}"
        for service in READERS
        for projection, topic, partition, at in rig.ask(service, PROGRESS)
        if at < goal.get((topic, partition), 0)
    ] or [f"{service} has no position" for service in READERS if not rig.ask(service, PROGRESS)]
