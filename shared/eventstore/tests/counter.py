"""A tiny domain for the store's own tests: counters of a school, a view of them, and how a test asks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID, uuid4

from pydantic import Field

from shared.contracts import CONTRACTS, Event, Sealed, contract
from shared.contracts.envelope import Received
from shared.errors import Refused
from shared.eventstore import Answer, Intent, Ledger
from shared.postgres import Conn


@contract("diary.counter.counted.v1")
class Counted(Event):
    """Something was counted."""

    school_id: UUID = Field(description="whose")
    by: int = Field(description="how many")
    note: Sealed | None = Field(None, description="why")


del CONTRACTS["diary.counter.counted.v1"]  # other tests look at all contracts; the fixture `counters` puts it back


class TooMany(Refused):
    """It cannot be more than {limit}."""

    code = "counter.too-many"
    kind = "conflict"


LIMIT = 1000
SCHEMA = """
CREATE TABLE counters (counter uuid PRIMARY KEY, school_id uuid NOT NULL, total int NOT NULL);
GRANT SELECT, INSERT, UPDATE ON counters TO {api};
GRANT SELECT ON counters TO {worker};
"""
ADD = """
INSERT INTO counters (counter, school_id, total) VALUES (%s, %s, %s)
ON CONFLICT (counter) DO UPDATE SET total = counters.total + EXCLUDED.total
"""


def view(conn: Conn, received: Sequence[Received]) -> None:
    for each in received:
        if isinstance(each.event, Counted):
            conn.execute(ADD, [each.envelope.subject, each.event.school_id, each.event.by])


def evolve(total: int, event: Event) -> int:
    return total + event.by if isinstance(event, Counted) else total


def count(school: UUID, by: int = 1) -> Callable[[int, Conn], list[Event]]:
    def decide(total: int, _: Conn) -> list[Event]:
        if total + by > LIMIT:
            raise TooMany(limit=LIMIT)
        return [Counted(school_id=school, by=by)] if by else []

    return decide


@dataclass(frozen=True)
class Asker:
    """A person who counts at one school."""

    ledger: Ledger
    school: UUID
    actor: UUID = field(default_factory=uuid4)

    def intent(self, key: UUID | None = None, body: bytes = b"{}", if_match: int | None = None) -> Intent:
        return Intent(
            self.actor, key or uuid4(), sha256(body).digest(), (self.school,), correlation="test", if_match=if_match
        )

    def count(self, counter: UUID, by: int = 1, intent: Intent | None = None) -> Answer:
        return self.ledger.change(counter, 0, evolve, count(self.school, by), intent or self.intent())
