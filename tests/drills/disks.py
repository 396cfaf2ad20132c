"""A disk that is small, and that a drill can fill: a file system in memory, mounted where a server keeps its data."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


class Disk:
    """`folder` is on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> int:
        """Leave nothing. Returns the megabytes that had been free."""
        with self._ballast.open("ab", buffering=0) as file:
            for size in (1 << 20, 4096):  # others write meanwhile
                with suppress(OSError):
                    while file.write(bytes(size)):
                        pass
        return self._ballast.stat().st_size >> 20

    def free(self) -> None:
        self._ballast.unlink()


@contextmanager
def small(folder: Path, megabytes: int) -> Iterator[Disk]:
    """Skips the drill where nobody may mount anything."""
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "diary-drill", str(folder)]
    mounted = subprocess.run(["mount", *options], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no small disk may be mounted here: {mounted.stderr.strip()}")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
