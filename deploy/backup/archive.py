"""What stands in an archive folder, and the programs that fill it.

bases/2026-11-29T114501Z/   base.tar.gz pg_wal.tar.gz backup_manifest: all databases, as one moment
wal/                        what was written since, streamed as it is written; the last file ends in `.partial`
"""

import re
import shutil
import subprocess
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from deploy.embedded.postgres import binaries

SLOT = "diary_backup"
"""The server keeps what the stream has not taken yet, for as long as nobody drops this slot."""
STAMP = "%Y-%m-%dT%H%M%SZ"
SEGMENT = re.compile(r"[0-9A-F]{24}")
START = re.compile(r"START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)")
MARGIN = 1024**3
"""Bytes that have to stay free beside a base."""


class Unusable(Exception):
    """The archive cannot do what was asked; the text says why, for the operator."""


@dataclass(frozen=True)
class Base:
    """One base backup. `first` is the segment from which the stream has to follow."""

    folder: Path
    taken: datetime
    first: str
    size: int


class Archive:
    """A folder with bases and the stream of what was written since."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._bases, self.wal = folder, folder / "bases", folder / "wal"

    def take(self, admin: str) -> Base:
        """Copy the running server. What was interrupted is not in the archive. Raises Unusable."""
        self._bases.mkdir(parents=True, exist_ok=True)
        self._room(admin)
        draft = self._bases / "unfinished"
        shutil.rmtree(draft, ignore_errors=True)
        _run(["pg_basebackup", "-D", draft, "-Ft", "-z", "-X", "stream", "-c", "fast", "-P"], admin)
        taken = datetime.now(UTC) + timedelta(
            seconds=1
        )  # any moment from here on is reached; the name has no fractions
        _run(["pg_verifybackup", "-n", "-F", "t", draft])
        folder = self._bases / taken.strftime(STAMP)
        draft.rename(folder)
        return _base(folder)

    def _room(self, admin: str) -> None:
        with psycopg.connect(admin) as conn:
            row = conn.execute("SELECT sum(pg_database_size(oid))::bigint FROM pg_database").fetchone()
        size, free = (row or (0,))[0], shutil.disk_usage(self._bases).free
        if free < size + MARGIN:
            raise Unusable(f"{self._bases} has {_shown(free)} free, the databases are {_shown(size)}")

    def stream(self, admin: str) -> subprocess.Popen[bytes]:
        """Begin to take what is written from now on; ends with the process. Raises Unusable."""
        self.wal.mkdir(parents=True, exist_ok=True)
        _run(["pg_receivewal", "--create-slot", "--if-not-exists", "--slot", SLOT], admin)
        words, environment = _command(["pg_receivewal", "-D", self.wal, "--slot", SLOT, "--synchronous"], admin)
        return subprocess.Popen(words, env=environment, stdin=subprocess.DEVNULL)

    def bases(self) -> list[Base]:
        """The whole ones, the oldest first."""
        if not self._bases.exists():
            return []
        return [
            _base(one)
            for one in sorted(self._bases.iterdir())
            if (one / "backup_manifest").exists() and one.name != "unfinished"
        ]

    def base_for(self, at: datetime | None) -> Base:
        """The newest from which the moment can be reached; None: the newest of all. Raises Unusable."""
        bases = self.bases()
        if not bases:
            raise Unusable(f"{self.folder} holds no backup")
        able = [base for base in bases if at is None or base.taken <= at]
        if not able:
            raise Unusable(
                f"the oldest backup is of {bases[0].taken:%Y-%m-%d %H:%M:%S} UTC, after the moment asked for"
            )
        return able[-1]

    def segments(self, first: str) -> list[Path]:
        """The stream from this segment on, in order, without a gap. Raises Unusable."""
        found = {one.name[:24]: one for one in self._files() if one.name[:24] >= first}
        names = sorted(found)
        for before, after in pairwise(names):
            if before[:8] == after[:8] and _number(after) != _number(before) + 1:
                raise Unusable(f"the stream has a gap between {before} and {after}")
        if names and names[0] != first:
            raise Unusable(f"the stream begins at {names[0]}, the backup needs it from {first}")
        return [found[name] for name in names]

    def reaches(self) -> datetime | None:
        """Until when something was streamed; None: nothing was."""
        files = self._files()
        return datetime.fromtimestamp(max(one.stat().st_mtime for one in files), UTC) if files else None

    def histories(self) -> list[Path]:
        """Those of timelines."""
        return sorted(self.wal.glob("*.history")) if self.wal.exists() else []

    def prune(self, before: datetime) -> tuple[int, int]:
        """Drop bases taken before, but for the newest of them, from which moments after it are reached; and the stream
        that no base needs. Returns how many bases and segments."""
        bases = self.bases()
        old = [base for base in bases if base.taken < before][:-1]
        kept = [base for base in bases if base not in old]
        for base in old:
            shutil.rmtree(base.folder)
        needless = [one for one in self._files() if kept and one.name[:24] < kept[0].first]
        for segment in needless:
            segment.unlink()
        return len(old), len(needless)

    def verify(self) -> list[str]:
        """What is wrong, in sentences; empty: each base is whole and the stream follows the oldest without a gap."""
        wrong, bases = [], self.bases()
        for base in bases:
            try:
                _run(["pg_verifybackup", "-n", "-F", "t", base.folder])
            except Unusable as why:
                wrong.append(f"{base.folder.name}: {why}")
        if not bases:
            wrong.append(f"{self.folder} holds no backup")
        try:
            for base in bases if self._files() else ():
                self.segments(base.first)
        except Unusable as why:
            wrong.append(str(why))
        return wrong

    def _files(self) -> list[Path]:
        if not self.wal.exists():
            return []
        names = {one.name: one for one in self.wal.iterdir() if SEGMENT.fullmatch(one.name.removesuffix(".partial"))}
        return [one for name, one in names.items() if name.removesuffix(".partial") == name or name[:24] not in names]


def _base(folder: Path) -> Base:
    found = None
    with tarfile.open(folder / "base.tar.gz", "r|gz") as tar:  # read up to the label, which comes first, and no further
        for member in tar:
            if member.name == "backup_label" and (label := tar.extractfile(member)):
                found = START.search(label.read().decode())
                break
    if found is None:
        raise Unusable(f"{folder} is no base backup")
    taken = datetime.strptime(folder.name, STAMP).replace(tzinfo=UTC)
    return Base(folder, taken, found[1], sum(one.stat().st_size for one in folder.iterdir()))


def _number(segment: str) -> int:
    """Segments of 16 MiB: 256 in each four-gigabyte log."""
    return int(segment[8:16], 16) * 256 + int(segment[16:24], 16)


def _command(words: Sequence[str | Path], admin: str = "") -> tuple[list[str], dict[str, str]]:
    """The password goes by the environment: everybody may read a command line."""
    known = conninfo_to_dict(admin)
    password = str(known.pop("password", "") or "")
    known.pop("dbname", None)
    target = ["-d", make_conninfo("", **known)] if admin else []
    return [str(binaries() / words[0]), *map(str, words[1:]), *target], {"PGPASSWORD": password, "LC_ALL": "C.UTF-8"}


def _run(words: Sequence[str | Path], admin: str = "") -> None:
    command, environment = _command(words, admin)
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise Unusable(f"{words[0]}: {(done.stderr or done.stdout).strip()}")


def _shown(size: int) -> str:
    return f"{size / 1024**3:.1f} GiB"
