"""A new data directory as the server was at a moment."""

import shutil
import tarfile
import time
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from deploy.backup.archive import Archive, Base, Unusable
from deploy.embedded import unprivileged
from deploy.embedded.postgres import Postgres
from deploy.embedded.supervisor import NotReady

PATIENCE = 3600.0
"""Seconds for the replay."""
NOT_REACHED = "recovery ended before configured recovery target was reached"


def restore(archive: Archive, base: Base, into: Path, at: datetime | None, admin: str) -> Postgres:
    """Unpack, replay up to the moment (None: all there is), and give the server, running, in the folder `into`.

    What was not finished before is begun anew. Raises Unusable; a folder that has a server's data is never touched.
    """
    if (into / "data").exists():
        raise Unusable(f"{into} has a server's data. Move it away first; it is not overwritten")
    needed = archive.segments(base.first)
    shutil.rmtree(into / "data.new", ignore_errors=True)
    shutil.rmtree(into / "wal", ignore_errors=True)
    into.mkdir(parents=True, exist_ok=True)
    _unpack(base, into / "data.new")
    _lay_out(archive, needed, into / "wal")
    _say_where(into, at)
    if admin and not (into / "password").exists():
        file = into / "password"
        file.touch(mode=0o600)
        file.write_text(str(conninfo_to_dict(admin).get("password") or ""))
    for path in (into / "data.new", into / "wal", *(into / "data.new").rglob("*"), *(into / "wal").iterdir()):
        unprivileged.give(path)
    (into / "data.new").rename(into / "data")
    return _replayed(into)


def _unpack(base: Base, data: Path) -> None:
    data.mkdir(mode=0o700)
    for name, where in (("base.tar.gz", data), ("pg_wal.tar.gz", data / "pg_wal")):
        where.mkdir(mode=0o700, exist_ok=True)
        with tarfile.open(base.folder / name) as tar:
            tar.extractall(where, filter="data")
    for folder in data.rglob("*"):
        if folder.is_dir():
            folder.chmod(0o700)  # the filter adds what the server does not want


def _lay_out(archive: Archive, segments: list[Path], folder: Path) -> None:
    folder.mkdir(mode=0o700)
    for one in [*segments, *archive.histories()]:
        shutil.copy2(one, folder / one.name.removesuffix(".partial"))


def _say_where(into: Path, at: datetime | None) -> None:
    wal = str((into / "wal").absolute()).replace("'", "''")
    lines = [f'restore_command = \'cp "{wal}/%f" "%p"\'', "recovery_target_action = 'promote'"]
    lines += [f"recovery_target_time = '{at.isoformat()}'"] if at else []
    with (into / "data.new" / "postgresql.auto.conf").open("a") as file:
        file.write("\n".join(["", *lines, ""]))
    (into / "data.new" / "recovery.signal").touch()


def _replayed(into: Path) -> Postgres:
    server = Postgres(into)
    try:
        server.start()
    except NotReady:
        if not _ended_before(into):
            raise Unusable(f"the server does not start: see {into / 'postgres.log'}") from None
        # nothing was committed between the last record and the moment: all there is, is what was asked for
        _drop(into / "data" / "postgresql.auto.conf", "recovery_target_time")
        server.start()
    until = time.monotonic() + PATIENCE
    while _recovering(server):
        if time.monotonic() > until:
            server.stop()
            raise Unusable("the replay does not end")
        time.sleep(0.2)
    shutil.rmtree(into / "wal", ignore_errors=True)  # the server never looks for these again
    _drop(into / "data" / "postgresql.auto.conf", "restore_command", "recovery_target")
    return server


def _ended_before(into: Path) -> bool:
    log = into / "postgres.log"
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 20_000))
        return NOT_REACHED.encode() in file.read()


def _drop(file: Path, *settings: str) -> None:
    """Take these settings out of the file; each is the beginning of its name."""
    kept = [line for line in file.read_text().splitlines() if not line.startswith(settings)]
    file.write_text("\n".join([*kept, ""]))


def _recovering(server: Postgres) -> bool:
    try:
        with psycopg.connect(server.admin_conninfo, connect_timeout=5) as conn:
            return conn.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
    except psycopg.OperationalError:
        return True
