"""The one folder outside the checkout that we write to."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.embedded.progress import step


def folder() -> Path:
    """$DIARY_CACHE, or `diary` in the user's own cache folder; made if need be."""
    chosen = os.environ.get("DIARY_CACHE")
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    path = (Path(chosen) if chosen else Path(home) / "diary").absolute()
    path.mkdir(parents=True, exist_ok=True)
    return path


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold a lock of the cache against other processes; the kernel lets go of it when the holder dies."""
    with (folder() / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def prepared(name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name` of the cache; if it is not there yet, `make` fills an empty one which is then renamed.

    So a folder that exists is whole, however often the making was killed. `name` has to change with its content.
    """
    place = folder()
    target = place / name
    if target.exists():
        return target
    with locked(name):
        if target.exists():
            return target
        draft = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=place))
        try:
            with step(f"preparing {name}"):
                make(draft)
            draft.chmod(0o755)
            draft.rename(target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return target


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
