"""Golden events: documents as they were written once, to be read for ever.

`python -m tests.contracts.golden` adds those that `samples.py` has and the folder has not. It changes nothing that is
there: boxes are sealed with random nonces, so a golden cannot be made a second time.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from shared.contracts import Event, Json, history
from shared.contracts.envelope import Envelope, Received, read, write
from shared.sealed.boxes import Keys, open_with, owners, seal_with
from tests.contracts.samples import SAMPLES, TEACHER, some

GOLDEN = Path(__file__).parent / "golden"


def files() -> list[Path]:
    return sorted(GOLDEN.rglob("*.json"))


def name_of(file: Path) -> str:
    """Type and name, for test ids."""
    return f"{file.parent.name}/{file.stem}"


def opened(received: Received) -> Event:
    """The event with its texts, by the keys all goldens are sealed with."""
    return open_with(keys_for(owners(received.event)), received.event, received.id)


def keys_for(persons: Iterable[UUID]) -> Keys:
    return {person: hashlib.sha256(person.bytes).digest() for person in persons}


def add_missing() -> list[Path]:
    """Write goldens of samples that have none. Returns what was added."""
    wanted = {GOLDEN / event.TYPE / f"{name}.json": event for name, event in SAMPLES}
    missing = {file: event for file, event in wanted.items() if not file.exists()}
    for file, event in missing.items():
        envelope = _envelope(event, file.stem)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(write(envelope, seal_with(keys_for(owners(event)), event, envelope.id)))
    history.enlist(GOLDEN)
    return list(missing)


def _envelope(event: Event, name: str) -> Envelope:
    # every second one has all attributes, the others only the necessary ones
    full = len(name) % 2 == 0
    stream = some(f"{event.TYPE}/{name}")
    return Envelope(
        id=f"{stream}:7",
        source=f"/diary/{event.TYPE.split('.')[1]}/1",
        type=event.TYPE,
        subject=stream,
        time=datetime(2026, 9, 14, 8, 30, 0, 1 if full else 0, tzinfo=UTC),
        actor=TEACHER,
        command_id=some(f"{name}/command"),
        correlation_id=str(some(f"{name}/correlation")),
        key=event.key,
        salt=hashlib.sha256(name.encode()).hexdigest()[:32],
        causation_id=f"{some('cause')}:3" if full else None,
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" if full else None,
        import_id=some("import") if full else None,
    )


def document(file: Path) -> Json:
    loaded: Json = json.loads(file.read_bytes())
    return loaded


if __name__ == "__main__":
    for added in add_missing():
        read(added.read_bytes())
        print(added.relative_to(GOLDEN))
