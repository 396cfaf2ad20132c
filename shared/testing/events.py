"""Events put into a store past the product, for tests of what looks at stores."""

from uuid import uuid4

from shared import clock
from shared.contracts.envelope import Envelope, write
from shared.contracts.grades import WorkRemoved
from shared.postgres import Conn

STORE = """
INSERT INTO events (stream, version, type, key, actor, command, command_index, time, document)
VALUES (%s, %s, %s, %s, %s, %s, 0, %s, %s)
"""


def store(owner: Conn, service: str, count: int) -> None:
    """Append so many events, each the first of a stream of its own. `owner` may insert past row-level security."""
    with owner.transaction(), owner.cursor() as cursor:
        cursor.executemany(STORE, [_row(service) for _ in range(count)])


def _row(service: str) -> tuple[object, ...]:
    work, school, actor, command = (uuid4() for _ in range(4))
    event = WorkRemoved(work_id=work, school_id=school)
    envelope = Envelope(
        id=f"{work}:1", source=f"/diary/{service}/1", type=event.TYPE, subject=work, time=clock.now(), actor=actor,
        command_id=command, correlation_id="test", key=school, salt="0" * 32,
    )  # fmt: skip
    return work, 1, event.TYPE, school, actor, command, envelope.time, write(envelope, event)
