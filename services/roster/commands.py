"""Use cases: who may import and search, in which scope."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID
from zoneinfo import available_timezones

from psycopg.rows import dict_row

from services.roster import domain, imports, questions
from services.roster.domain import NobodyToErase, NoSuchZone, NothingToResume, StillHere
from services.roster.questions import Asker, Found
from shared.clock import Calendar
from shared.contracts import Event
from shared.contracts.roster import PersonErased
from shared.errors import NotFound
from shared.eventstore import Answer, Intent, Ledger
from shared.postgres import Conn, Pool, scoped
from shared.sealed import Destroyed, KeyRing
from shared.web.auth import Caller


@dataclass(frozen=True)
class Roster:
    """What the use cases work with."""

    pool: Pool
    calendar: Calendar

    @contextmanager
    def asked_by(self, by: Caller) -> Iterator[tuple[Conn, Asker]]:
        """A transaction in the caller's scope, and the caller as the questions know him."""
        with self.pool.connection() as conn, scoped(conn, by.scope):
            yield conn, self._asker(conn, by)

    def _asker(self, conn: Conn, by: Caller) -> Asker:
        districts = by.schools_as("officer")
        runs = set(by.schools_as("office", "administrator"))
        schools = conn.execute(SCHOOLS, [list(by.scope)]).fetchall()
        runs |= {school for school, district, _ in schools if district in districts}
        zone = next((zone for _, _, zone in schools), "UTC")
        near = tuple(school for school, _, _ in schools)
        return Asker(by.person_id, tuple(runs), districts, by.schools_as("teacher"), near, self.calendar.today(zone))


SCHOOLS = (
    "SELECT school_id, district_id, time_zone FROM schools WHERE school_id = ANY (%s) ORDER BY kind DESC, school_id"
)


def import_bundle(
    roster: Roster, ledger: Ledger, bundle: Path | BinaryIO, dry_run: bool, zone: str, by: Caller, intent: Intent
) -> Found:
    """Judge a bundle and, unless it is a dry run or has faults, apply it; returns its report.

    A repeat of the same command goes on with what it began. Raises NoSuchZone, NotAllowed, ImportUnderWay,
    KeyOfAnotherBundle, and what the ledger raises: repeat the command then.
    """
    if zone not in available_timezones():
        raise NoSuchZone(at="time_zone", zone=zone[:60])
    districts = None if by.operator else by.schools_as("officer", "administrator")
    import_id = imports.import_id_of(intent)
    asked = imports.Asked(import_id, by.person_id, dry_run, zone, roster.calendar.today(zone), districts)
    imports.prepare(roster.pool, asked, bundle)
    imports.apply(roster.pool, ledger, import_id)
    return _report(roster, import_id)


def resume(roster: Roster, ledger: Ledger, import_id: UUID, by: Caller) -> Found:
    """Go on with an import that a crash interrupted. Raises NotFound, NothingToResume."""
    state = import_seen(roster, import_id, by)["state"]
    if state != "applying":
        raise NothingToResume(state=state)
    imports.apply(roster.pool, ledger, import_id)
    return _report(roster, import_id)


def import_seen(roster: Roster, import_id: UUID, by: Caller) -> Found:
    """The report of an import, for who made it and those who may import into its district. Raises NotFound."""
    report = _report(roster, import_id)
    may = by.operator or report["actor"] == by.person_id
    if not may and report["district_id"] not in by.schools_as("officer", "administrator"):
        raise NotFound()
    return report


def _report(roster: Roster, import_id: UUID) -> Found:
    with roster.pool.connection() as conn, scoped(conn, [import_id]):
        report = questions.import_report(conn, import_id)
    if report is None:
        raise NotFound()
    return report


# of one who was erased too: the same command again gets its first answer
DISTRICT_OF = """
SELECT district_id FROM persons WHERE person_id = %(person)s
UNION ALL SELECT district_id FROM erasures WHERE person_id = %(person)s LIMIT 1
"""
ROLE_OF = "SELECT role FROM roles WHERE person_id = %s AND %s BETWEEN starts AND ends LIMIT 1"


def erase(roster: Roster, ledger: Ledger, person: UUID, act: str, by: Caller, intent: Intent) -> Answer:
    """Destroy a person's data for good. For an officer of the district. Raises NobodyToErase, StillHere."""
    with roster.asked_by(by) as (conn, asker):
        row = conn.execute(DISTRICT_OF, {"person": person}).fetchone()
        if row is None or not (by.operator or row[0] in asker.districts):
            raise NobodyToErase()
    district: UUID = row[0]

    def decide(erased: bool, conn: Conn) -> list[Event]:
        role = conn.execute(ROLE_OF, [person, asker.on]).fetchone()
        if role and not erased:
            raise StillHere(role=role[0])
        return domain.erase(erased, person, district, act)

    wider = replace(intent, scope=(*intent.scope, district, person))
    return ledger.change(person, False, lambda erased, event: erased or isinstance(event, PersonErased), decide, wider)


ERASURES = """
SELECT person_id, district_id, act, by_id AS by, at FROM erasures WHERE district_id = ANY (%s) ORDER BY at DESC
"""


def erasures(roster: Roster, ring: KeyRing, by: Caller) -> list[dict[str, Any]]:
    """The acts of the caller's districts, newest first, and when each key was destroyed (None: not yet).

    Raises NoAnswer.
    """
    with roster.asked_by(by) as (conn, _), conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(ERASURES, [list(by.scope)]).fetchall()
    for row in rows:
        ring.forget(row["person_id"])
    keys = ring.keys([row["person_id"] for row in rows], create=False) if rows else {}
    return [{**row, "key_destroyed_at": _destroyed_at(keys.get(row["person_id"]))} for row in rows]


def _destroyed_at(key: bytes | Destroyed | None) -> datetime | None:
    return key.when if isinstance(key, Destroyed) else None
