"""Child processes that leave nothing behind, not even after a kill -9 of ourselves."""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO


class NotReady(RuntimeError):
    """A server did not answer in time or ended; the text holds the end of its log."""


def free_port() -> int:
    """A port nobody listens on now. Another process may still take it first."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Whether something accepts connections on that port of this machine."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


class InUse(RuntimeError):
    """Another living program runs a server in this folder."""


class Child:
    """A server in a session of its own: its log, its pid file, and its end.

    `pid_file` holds the pid and the kernel's start time, and is locked as long as we live and the server is ours.
    Whoever starts the same server after we were killed ends what the file names, but only if the start time still
    agrees: a pid that has gone to somebody else is left alone.
    """

    def __init__(self, name: str, command: Sequence[str | Path], log: Path, pid_file: Path) -> None:
        self.name = name
        self.command = [str(part) for part in command]
        self.log = log
        self.pid_file = pid_file
        self.process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None

    @property
    def pid(self) -> int:
        """Raises RuntimeError if it was never started or was stopped."""
        if self.process is None:
            raise RuntimeError(f"{self.name} is not running")
        return self.process.pid

    def claim(self) -> None:
        """Lock the pid file and end what an earlier run left. Raises InUse. `start` does it if it is not done yet."""
        if self._lock:
            return
        self.pid_file.parent.mkdir(parents=True, exist_ok=True)
        lock = self.pid_file.open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise InUse(f"{self.name} already runs in {self.pid_file.parent}") from None
        lock.seek(0)
        _end_orphan(lock.read())
        self._lock = lock

    def start(self, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> None:
        """Start it. Raises InUse."""
        self.claim()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=env,
                cwd=cwd,
                start_new_session=True,
            )
        self._note(f"{self.pid} {_started(self.pid)}\n")

    def _note(self, text: str) -> None:
        if self._lock:
            self._lock.truncate(0)  # opened for appending: the next write goes to the new end
            self._lock.write(text)
            self._lock.flush()

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until `ready()`; it may be asked every 20 ms. Raises NotReady, and ends the child, if it is not."""
        deadline = time.monotonic() + seconds
        while not ready():
            ended = self.process is None or self.process.poll() is not None
            if ended or time.monotonic() > deadline:
                self.kill()
                why = "ended" if ended else f"was not ready in {seconds:.0f} s"
                raise NotReady(f"{self.name} {why}; the end of {self.log}:\n{self.tail()}")
            time.sleep(0.02)

    def tail(self, lines: int = 20) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def stop(self, number: signal.Signals = signal.SIGTERM, seconds: float = 20) -> None:
        """Ask the child to end, wait, then kill what is left of its family. Nothing happens if it is not running."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """SIGKILL the child and all that descend from it or share its session, and wait until they are gone."""
        if self.process is not None:
            _kill_family(self.process.pid)
            self.process.wait()
            self.process = None
            self._note("")
        if self._lock:
            self._lock.close()
            self._lock = None


def _end_orphan(noted: str) -> None:
    """End the process that a pid file notes, with its family, if it is still the one that was started."""
    pid, _, started = noted.strip().partition(" ")
    if pid.isdigit() and started and _started(int(pid)) == started:
        _kill_family(int(pid))


def _stat(pid: int | str) -> list[str]:
    """Fields of /proc/PID/stat from the third on (state, parent, group, session, …). Raises OSError if it is gone."""
    # the second field is the program's name in brackets and may hold spaces and brackets itself
    return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()


def _started(pid: int) -> str:
    """The kernel's start time in ticks since boot, which with the pid names one process; empty if it is gone."""
    with contextlib.suppress(OSError):
        return _stat(pid)[19]
    return ""


def _family(first: int) -> set[int]:
    """Living processes that are in the session of `first` or descend from it.

    Both are needed: PostgreSQL gives each backend a session of its own, and a child whose parent died has a new one.
    """
    parents: dict[int, int] = {}
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                state, parent, _, session = _stat(entry.name)[:4]
                if state not in "ZX":
                    parents[int(entry.name)] = int(parent)
                    found |= {int(entry.name)} if first in (int(session), int(entry.name)) else set()
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _kill_family(first: int) -> None:
    """SIGKILL the eldest before its children, so that it cannot replace them, and wait until none is left."""
    family = {pid: _started(pid) for pid in sorted(_family(first), key=lambda pid: pid != first)}
    while family:
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.005)
        family = {pid: started for pid, started in family.items() if started and _alive(pid, started)}


def _alive(pid: int, started: str) -> bool:
    with contextlib.suppress(OSError):
        fields = _stat(pid)
        return fields[0] not in "ZX" and fields[19] == started
    return False
