"""The task beside a relay that signs checkpoints, the file outside the database that keeps them, and the operator's
`python -m services <service> audit verify`."""

import asyncio
import json
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import psycopg
from aiokafka.errors import KafkaError
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from prometheus_client import Gauge

from shared.audit import grow
from shared.audit.checkpoint import Checkpoint, NotSigned, private_key, public_key, read
from shared.audit.grow import Diverged, Log
from shared.audit.published import publish, published
from shared.audit.verify import verify
from shared.postgres import Conn, conninfo
from shared.settings import Settings

EVERY = 10.0
"""Seconds between two checkpoints: a change of younger events is not found."""
LONGEST = 4096
"""Bytes of a line, at most."""
UNCHANGED, CHANGED, UNKNOWN = 0, 1, 3

log = logging.getLogger(__name__)
SIZE = Gauge("diary_audit_size", "events under the newest checkpoint", ["service"])
REFUSES = Gauge("diary_audit_refuses", "1 while nothing is signed: the store is not the one signed before", ["service"])


class Kept:
    """The notes of a service in DIARY_AUDIT_FOLDER, oldest first, one JSON text a line; only ever appended to."""

    def __init__(self, settings: Settings, service: str) -> None:
        self.file = Path(settings.audit_folder) / f"{service}.checkpoints"
        self._service, self._keys = service, keys(settings)

    def add(self, note: str) -> None:
        """On the disk when this returns. What a crash left of a line is taken away first."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a+b") as file:
            file.truncate(_whole(file))
            file.write(json.dumps(note, ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def all(self) -> Iterator[Checkpoint]:
        """Raises NotSigned for a line that is none, or that nobody of ours signed, OSError."""
        with self.file.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    yield self._read(line)

    def newest(self) -> Checkpoint | None:
        """The last one, None before the first. Raises NotSigned, OSError."""
        if not self.file.exists():
            return None
        with self.file.open("rb") as file:
            file.seek(max(0, _whole(file) - LONGEST))
            lines = [line for line in file if line.endswith(b"\n")]
        return self._read(lines[-1]) if lines else None

    def _read(self, line: bytes) -> Checkpoint:
        try:
            note = json.loads(line)
        except ValueError:
            raise NotSigned(f"{self.file} has a line that is no note") from None
        return read(str(note), self._service, self._keys)


def _whole(file: BinaryIO) -> int:
    """Where the last whole line of the file ends."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - LONGEST))
    return end - len(file.read().rpartition(b"\n")[2])


def keys(settings: Settings) -> list[Ed25519PublicKey]:
    """Those that may have signed. Raises ValueError."""
    found = [public_key(pem) for pem in [settings.audit_public_key] if pem]
    own = settings.audit_key.get_secret_value()
    return [*found, private_key(own).public_key()] if own else found


TRY_LOCK = "SELECT pg_try_advisory_lock(hashtext('diary'), hashtext('audit'))"


class Keeper:
    """Signs what a service's store has come to, every ten seconds. Run as many as you like: one works at a time."""

    def __init__(self, settings: Settings, service: str) -> None:
        self._settings, self._service = settings, service
        self._key = private_key(settings.audit_key.get_secret_value())
        self._kept = Kept(settings, service)

    async def run(self) -> None:
        """Until cancelled; whatever fails is tried again."""
        unpublished: list[str] = []
        while True:
            try:
                unpublished += await asyncio.to_thread(self.once)
                REFUSES.labels(self._service).set(0)
                if unpublished:
                    await publish(self._settings, self._service, unpublished)
                    unpublished.clear()
            except (Diverged, NotSigned) as why:
                REFUSES.labels(self._service).set(1)
                log.error("the audit trail of %s is not signed: %s", self._service, why)
            except (psycopg.Error, KafkaError, OSError) as error:
                log.warning("the audit trail of %s is signed or published later: %r", self._service, error)
                unpublished = unpublished[-1:]  # a checkpoint speaks of all that is under an earlier one
            await asyncio.sleep(EVERY)

    def once(self) -> list[str]:
        """Sign what has settled since; the notes. Raises Diverged, NotSigned, psycopg.Error, OSError."""
        notes: list[str] = []
        with psycopg.connect(conninfo(self._settings, self._service, "relay"), autocommit=True) as conn:
            if conn.execute(TRY_LOCK).fetchone() == (True,):
                for checkpoint in grow.grow(conn, self._log(notes.append)):
                    SIZE.labels(self._service).set(checkpoint.size)
        return notes

    def begin_epoch(self, conn: Conn) -> None:
        """Say outside that an operator began one. Raises NotSigned, KafkaError, psycopg.Error, OSError."""
        notes: list[str] = []
        grow.begin_epoch(conn, Log(self._service, self._key, self._kept.newest(), notes.append))
        asyncio.run(publish(self._settings, self._service, notes))
        for note in notes:  # last: what is here is not said again
            self._kept.add(note)

    def _log(self, signed: Callable[[str], None]) -> Log:
        def keep(note: str) -> None:
            self._kept.add(note)
            signed(note)

        return Log(self._service, self._key, self._kept.newest(), keep)


def verified(settings: Settings, service: str, from_topic: bool = False) -> int:
    """Say whether the store is what was signed, by the folder outside or the topic; the exit status."""
    try:
        if not (known := keys(settings)):
            return _unknown(service, "neither DIARY_AUDIT_PUBLIC_KEY nor DIARY_AUDIT_KEY is given")
        kept = _published(settings, service, known) if from_topic else Kept(settings, service).all
        if not any(True for _ in kept()):
            return _unknown(service, "there is no checkpoint")
        with psycopg.connect(conninfo(settings, service, "relay"), autocommit=True) as conn:
            verdict = verify(conn, kept)
    except FileNotFoundError:
        return _unknown(service, f"there is no checkpoint in DIARY_AUDIT_FOLDER ({settings.audit_folder})")
    except (psycopg.Error, KafkaError, OSError, ValueError) as error:
        return _unknown(service, str(error))
    except NotSigned as why:
        print(f"{service}: changed: {why}")
        return CHANGED
    for sentence in (*verdict.given_up, *verdict.changed):
        print(f"{service}: {sentence}")
    print(
        f"{service}: {verdict.covered} events under {verdict.checkpoints} checkpoints are "
        f"{'CHANGED' if verdict.changed else 'unchanged'}; {verdict.newer} newer ones are under none yet"
    )
    return CHANGED if verdict.changed else UNCHANGED


def _published(settings: Settings, service: str, keys: Sequence[Ed25519PublicKey]) -> Callable[[], list[Checkpoint]]:
    found = asyncio.run(published(settings, service, keys))
    return lambda: found


def _unknown(service: str, why: str) -> int:
    print(f"{service}: nobody can say: {why}")
    return UNKNOWN
