"""As root: run a program as user 65534, though the folders above its files may be closed to that user.

PostgreSQL refuses to run as root, and a checkout in root's home (mode 0700) is closed to everybody else. A program of
its own, `python unprivileged.py CAPABILITY COMMAND…`, becomes the command: between fork and exec of a process that has
threads, which the demo and the tests are, nothing of this would be safe.
"""

import ctypes
import logging
import os
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

log = logging.getLogger("diary.embedded")

NOBODY = 65534
"""User and group."""
CAPABILITIES = {"CAP_DAC_READ_SEARCH": 2, "CAP_DAC_OVERRIDE": 1}
"""Those by which a process passes closed folders, with the kernel's numbers; the first cannot write, so it is tried
first. Containers often have the second only. (A user namespace that calls root otherwise was tried: the kernel wants
CAP_SETFCAP for it, so it helps no one who lacks both.)"""


class NoWay(PermissionError):
    """We are root, and no other user can be let into the folder."""


def words(*paths: Path) -> tuple[str, ...]:
    """What to put before a command so that it may enter these folders and run these programs as user 65534.

    Nothing unless we are root. Raises NoWay.
    """
    if os.geteuid() != 0:
        return ()
    if all(_open(path) for path in paths):
        return _words("none")
    for capability in CAPABILITIES:
        looked = subprocess.run(
            [*_words(capability), "/bin/sh", "-c", 'for p; do test -r "$p" -a -x "$p" || exit 1; done', "sh", *paths],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
        )  # fmt: skip
        if looked.returncode == 0:
            log.info("%s is closed to others: running as user %d with %s", paths[0], NOBODY, capability)
            return _words(capability)
    raise NoWay(
        f"PostgreSQL refuses to run as root, and we may not let user {NOBODY} into {paths[0]}: this machine grants "
        f"neither {' nor '.join(CAPABILITIES)}. Run as an ordinary user, or from a folder that all may enter"
    )


def give(path: Path) -> None:
    """Make the path the program's own, if we are root."""
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY)


def _open(path: Path) -> bool:
    """Whether any user may enter, or run, the path, and enter every folder above it."""
    return all(part.stat().st_mode & stat.S_IXOTH for part in (path.absolute(), *path.absolute().parents))


def _words(capability: str) -> tuple[str, ...]:
    # isolated and without site-packages: nothing of the user's runs as root, and it starts in some 20 ms
    return (sys.executable, "-I", "-S", __file__, capability)


def become(command: Sequence[str], capability: int | None) -> None:
    """Change this process into the command, run by user 65534. Raises OSError where the kernel refuses."""
    if capability is not None:
        # SECBIT_NO_SETUID_FIXUP: capabilities outlive setuid, and count in access(), by which PostgreSQL looks at its
        # own program (KEEPCAPS is not enough for that)
        _call("prctl", 28, 4, 0, 0, 0)
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    if capability is not None:
        only = 1 << capability
        # version 3 of the structure, this process; effective, permitted, inheritable, lower and upper 32 each
        header = (ctypes.c_uint32 * 2)(0x20080522, 0)
        _call("capset", header, (ctypes.c_uint32 * 6)(only, only, only, 0, 0, 0))
        _call("prctl", 47, 2, capability, 0, 0)  # PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE: it outlives exec
    os.execv(command[0], tuple(command))


def _call(name: str, *arguments: object) -> None:
    values = [ctypes.c_ulong(each) if isinstance(each, int) else each for each in arguments]
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*values) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


if __name__ == "__main__":
    become(sys.argv[2:], CAPABILITIES.get(sys.argv[1]))
