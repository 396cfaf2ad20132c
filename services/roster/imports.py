"""An import: staged and judged whole, then applied in decisions that can be resumed, under one import id.

The import's row says how far it came. Up to `applying` all is one transaction, so that a crash leaves nothing; from
there the file is needed no more: every chunk is a command whose key follows from the import's id and its number. When
all are decided and `import-applied` is stored, the chunks are shown, each in the transaction that forgets it.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, LiteralString
from uuid import UUID, uuid5

from psycopg.errors import LockNotAvailable
from psycopg.types.json import Jsonb

from services.roster import staging, views
from services.roster.domain import ImportState, ImportUnderWay, KeyOfAnotherBundle, describe, restored
from services.roster.staging import Faults
from services.roster.wanted import compare, want
from shared.contracts import Event
from shared.contracts.roster import ImportApplied
from shared.errors import NotAllowed
from shared.eventstore import Checking, InProgress, Intent, Ledger, OutcomeUnknown
from shared.eventstore.ledger import Change
from shared.postgres import Conn, Pool, scoped
from shared.sealed import NoAnswer

log = logging.getLogger(__name__)

CHUNK = 200
"""Streams decided in one transaction."""
SHOWN_CHUNKS = 10
SHOWING = 4.0
"""Chunks shown at once, and seconds after which a transaction shows no more: a district is shown in one, a city in
several that end long before the role's `transaction_timeout`."""

AWAY, PAUSE = 60.0, 2.0
"""Seconds for which the key ring or the store may be away while chunks are decided, and between two tries."""

KINDS = {
    "diary.roster.school-described.v1": "schools",
    "diary.roster.year-planned.v1": "years",
    "diary.roster.group-described.v1": "groups",
    "diary.roster.group-closed.v1": "groups",
    "diary.roster.enrolments-set.v1": "enrolments",
    "diary.roster.person-described.v1": "persons",
    "diary.roster.roles-set.v1": "roles",
    "diary.roster.family-set.v1": "families",
}


@dataclass(frozen=True)
class Asked:
    """What is asked of an import. `districts`: where the caller may import; None means everywhere (the operator)."""

    import_id: UUID
    actor: UUID
    dry_run: bool
    zone: str
    on: date
    districts: tuple[UUID, ...] | None


def import_id_of(intent: Intent) -> UUID:
    """The import of this command; the same command names the same import."""
    return uuid5(intent.actor, f"import/{intent.key}")


FIND = "SELECT fingerprint, state FROM imports WHERE import_id = %s"
BEGIN: LiteralString = """
INSERT INTO imports (import_id, actor, fingerprint, state, dry_run, time_zone, on_date)
VALUES (%s, %s, %s, 'refused', %s, %s, %s) ON CONFLICT DO NOTHING
"""


ALONE = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 8))"


def prepare(pool: Pool, asked: Asked, bundle: Path | BinaryIO) -> ImportState:
    """Stage, judge and compare a bundle in one transaction; returns the state it leaves the import in.

    A repeat of the same request changes nothing, and does not wait while the first one is still judged. Raises
    InProgress, KeyOfAnotherBundle, ImportUnderWay, NotAllowed.
    """
    fingerprint = _fingerprint(bundle)
    with pool.connection() as conn, scoped(conn, [asked.import_id]):
        if conn.execute(ALONE, [str(asked.import_id)]).fetchone() != (True,):
            raise InProgress()
        conn.execute("SET LOCAL transaction_timeout = 0")  # a city's bundle takes longer than a request may
        conn.execute(
            "SET LOCAL enable_nestloop = off"
        )  # rows staged a moment ago have no statistics: else nested loops, four times as slow
        row = [asked.import_id, asked.actor, fingerprint, asked.dry_run, asked.zone, asked.on]
        if not conn.execute(BEGIN, row).rowcount:
            known, state = conn.execute(FIND, [asked.import_id]).fetchone() or (b"", "refused")
            if bytes(known) != fingerprint:
                raise KeyOfAnotherBundle()
            return state  # type: ignore[no-any-return]
        return _prepare(conn, asked, bundle)


def _prepare(conn: Conn, asked: Asked, bundle: Path | BinaryIO) -> ImportState:
    found = staging.stage(conn, asked.import_id, bundle)
    district = staging.district_of(conn, asked.import_id, asked.zone, found)
    if district is not None and asked.districts is not None and district.district_id not in asked.districts:
        raise NotAllowed()
    if district is not None and not found.total:
        staging.cross_check(conn, asked.import_id, district, found)
    if district is None or found.total:
        return _end(conn, asked, "refused", found)
    _begin_compare(conn, asked, district.district_id)
    want(conn, asked.import_id, staging.events(conn, asked.import_id, district, asked.on))
    want(conn, asked.import_id, staging.endings(conn, asked.import_id, district, asked.on))
    conn.execute(views.EMPTY[0], {"id": asked.import_id})  # what was staged is not asked any more
    views.forget_wanted(conn)
    changed = _differences(conn, asked.import_id)
    if changed and not asked.dry_run:
        return _end(conn, asked, "applying", found)
    return _end(conn, asked, "checked" if changed else "unchanged", found)


SCOPE = "SELECT set_config('diary.scope', %s, true)"
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))"
UNDER_WAY = "SELECT 1 FROM imports WHERE district_id = %s AND state = 'applying'"
OF_DISTRICT = "UPDATE imports SET district_id = %s WHERE import_id = %s"


def _begin_compare(conn: Conn, asked: Asked, district: UUID) -> None:
    """From here on the district's tables are seen, and nobody else's import of it can begin to apply."""
    conn.execute(SCOPE, ["{" + f"{asked.import_id},{district}" + "}"])
    conn.execute(LOCK, [str(district)])
    if conn.execute(UNDER_WAY, [district]).fetchone():
        raise ImportUnderWay()
    conn.execute(OF_DISTRICT, [district, asked.import_id])


DIFFERENCES = """
UPDATE imports SET counts = %s, differences = %s, changed = %s,
    last_chunk = coalesce((SELECT max(chunk) FROM wanted w WHERE w.import_id = imports.import_id), -1)
WHERE import_id = %s
"""


def _differences(conn: Conn, import_id: UUID) -> int:
    """Write down what the import changes, by kind. Returns how many events it will make."""
    counts, changes = compare(conn, import_id, CHUNK)
    kinds = {kind: {"added": 0, "changed": 0, "removed": 0} for kind in dict.fromkeys(KINDS.values())}
    for type_, known, count in changes:
        how = "removed" if type_.endswith("group-closed.v1") else "changed" if known else "added"
        kinds[KINDS[type_]][how] += count
    totals = {KINDS[type_]: count for type_, count in counts.items() if not type_.endswith("group-closed.v1")}
    changed = sum(count for _, _, count in changes)
    conn.execute(DIFFERENCES, [Jsonb(totals), Jsonb(kinds), changed, import_id])
    return changed


END = "UPDATE imports SET state = %s, faults = %s WHERE import_id = %s"
KEEP_FAULTS = """
INSERT INTO import_faults (import_id, place, file, line, field, code, en, ru)
SELECT %s, r.place, r.file, r.line, r.field, r.code, r.en, r.ru FROM jsonb_to_recordset(%s)
    AS r(place int, file text, line int, field text, code text, en text, ru text)
"""


def _end(conn: Conn, asked: Asked, state: ImportState, found: Faults) -> ImportState:
    """The import's state after it was judged; only one that goes on keeps its rows."""
    faults = [
        {
            "place": place, "file": f.file, "line": f.line, "field": f.field, "code": f.refusal.code,
            "en": f.refusal.sentence("en"), "ru": f.refusal.sentence("ru"),
        }
        for place, f in enumerate(found.kept)
    ]  # fmt: skip
    conn.execute(KEEP_FAULTS, [asked.import_id, Jsonb(faults)])
    conn.execute(END, [state, found.total, asked.import_id])
    if state != "applying":
        for statement in views.EMPTY:
            conn.execute(statement, {"id": asked.import_id})
    return state


def _fingerprint(bundle: Path | BinaryIO) -> bytes:
    """Of a file's bytes; of a folder's, each file's name and bytes."""
    if isinstance(bundle, Path) and bundle.is_dir():
        whole = hashlib.sha256()
        for file in sorted(bundle.glob("*.csv")):
            whole.update(file.name.encode() + hashlib.sha256(file.read_bytes()).digest())
        return whole.digest()
    if isinstance(bundle, Path):
        with bundle.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").digest()
    bundle.seek(0)
    found = hashlib.file_digest(bundle, "sha256").digest()  # type: ignore[arg-type]  # a file opened for reading
    bundle.seek(0)
    return found


APPLYING = "SELECT import_id FROM imports WHERE state = 'applying' ORDER BY at"
# of the one row: a city has millions in `wanted`, and whoever repeats the command asks this
HOW_FAR = """
SELECT actor, district_id, decided + 1, last_chunk, changed FROM imports WHERE import_id = %s AND state = 'applying'
"""


def apply(pool: Pool, ledger: Ledger, import_id: UUID) -> None:
    """Go on with an import that is being applied until it is applied; one that is not is left alone.

    May be called again after a crash at any instant, and by two processes at once: each chunk is decided once and
    shown once. Raises what the ledger raises; then call again.
    """
    with pool.connection() as conn, scoped(conn, [import_id]):
        row = conn.execute(HOW_FAR, [import_id]).fetchone()
    if row is None:
        return
    actor, district, first, last, changed = row
    for chunk in range(first, last + 1):
        rows = _chunk(pool, import_id, chunk)
        keys = (row[2] for row in rows)
        intent = _intent(actor, import_id, f"chunk/{chunk}", (import_id, district, *keys))
        if rows:
            changes = list(_changes(rows, import_id, chunk))
            _patiently(partial(ledger.change_many, changes, intent))
    _finish(ledger, import_id, actor, district, changed)
    _show(pool, import_id, district)


def _patiently(decide: Callable[[], object]) -> None:
    """Again and again while the key ring or the store is away for a moment: that ends no import of an hour.

    Raises NoAnswer, Checking or OutcomeUnknown when it stays away longer than `AWAY`.
    """
    until = time.monotonic() + AWAY
    while True:
        try:
            decide()
        except (NoAnswer, Checking, OutcomeUnknown):
            if time.monotonic() > until:
                raise
            time.sleep(PAUSE)
        else:
            return


def _finish(ledger: Ledger, import_id: UUID, actor: UUID, district: UUID, changed: int) -> None:
    applied = ImportApplied(import_id=import_id, district_id=district, changed=changed)

    def decide(done: bool, conn: Conn) -> list[Event]:
        views.decided(conn, import_id)
        return [] if done else [applied]

    intent = _intent(actor, import_id, "applied", (import_id, district))
    ledger.change(import_id, False, lambda done, event: True, decide, intent)
    log.info("import applied", extra={"import_id": str(import_id), "changed": changed})


FINISHING = "SELECT 1 FROM imports WHERE import_id = %s AND state = 'applying' FOR UPDATE NOWAIT"
LEFT = "SELECT min(chunk), max(chunk) FROM wanted WHERE import_id = %s"


def _show(pool: Pool, import_id: UUID, district: UUID) -> None:
    """In as few transactions as the bounds allow. Raises InProgress when somebody else is at it."""
    more = True
    while more:
        with pool.connection() as conn, scoped(conn, [import_id, district]):
            until = time.monotonic() + SHOWING
            try:
                if conn.execute(FINISHING, [import_id]).fetchone() is None:
                    return
            except LockNotAvailable:
                raise InProgress() from None
            first, last = conn.execute(LEFT, [import_id]).fetchone() or (None, None)
            more = first is not None
            while more:
                views.show_chunks(conn, import_id, first, first + SHOWN_CHUNKS - 1)
                first += SHOWN_CHUNKS
                more = first <= last
                if time.monotonic() > until:
                    break
            if not more:
                views.done(conn, import_id)


ROWS = """
SELECT stream, type, key, digest, data::text FROM wanted WHERE import_id = %s AND chunk = %s ORDER BY rank, stream, type
"""


def _chunk(pool: Pool, import_id: UUID, chunk: int) -> list[tuple[Any, ...]]:
    with pool.connection() as conn, scoped(conn, [import_id]):
        return conn.execute(ROWS, [import_id, chunk]).fetchall()


DECIDED = "UPDATE imports SET decided = %s WHERE import_id = %s"


def _changes(rows: list[tuple[Any, ...]], import_id: UUID, chunk: int) -> Iterator[Change[None]]:
    """One change a stream. The first decision asks what all of them said last, in its transaction."""
    wanted: dict[UUID, list[tuple[Event, bytes]]] = {}
    for stream, type_, _, digest, said in rows:
        wanted.setdefault(stream, []).append((restored(type_, said), bytes(digest)))
    known: dict[UUID, dict[str, bytes]] = {}

    def decision(stream: UUID, first: bool) -> Callable[[None, Conn], list[Event]]:
        def decide(state: None, conn: Conn) -> list[Event]:
            if first:
                views.decided(conn, import_id)
                conn.execute(DECIDED, [chunk, import_id])
                known.clear()
                known.update(views.digests(conn, wanted))
            return describe(known.get(stream, {}), wanted[stream])

        return decide

    for number, stream in enumerate(wanted):
        yield Change(stream, None, lambda state, event: None, decision(stream, first=number == 0))


def _intent(actor: UUID, import_id: UUID, name: str, scope: tuple[UUID, ...]) -> Intent:
    return Intent(
        actor=actor,
        key=uuid5(import_id, name),
        fingerprint=import_id.bytes,
        scope=tuple(dict.fromkeys(scope)),
        correlation=str(import_id),
        import_id=import_id,
    )


def resume_all(pool: Pool, ledger: Ledger) -> None:
    """At start-up: go on with every import that a crash interrupted."""
    with pool.connection() as conn:
        waiting = [row[0] for row in conn.execute(APPLYING)]
    for import_id in waiting:
        apply(pool, ledger, import_id)
