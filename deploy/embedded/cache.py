"""The one folder outside the checkout that we write to."""

import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.embedded.progress import step

NOBODY = 65534  # PostgreSQL refuses to run as root, so as root it runs under this user and group


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


def prepared(name: str, make: Callable[[Path], None], place: Path | None = None) -> Path:
    """The folder `name` of the cache; if it is not there yet, `make` fills an empty one which is then renamed.

    So a folder that exists is whole, however often the making was killed. `name` has to change with its content.
    `place` is another folder than the cache to hold it.
    """
    place = place or folder()
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


def open_to_all(path: Path) -> bool:
    """Whether every existing folder from the root down to `path` lets any user pass."""
    return all(
        not part.exists() or bool(part.stat().st_mode & stat.S_IXOTH)
        for part in (path.absolute(), *path.absolute().parents)
    )


def place_open_to_all() -> Path:
    """The cache folder, or where it is in root's closed home, /var/tmp/diary-root."""
    place = folder()
    if open_to_all(place):
        return place
    place = Path("/var/tmp/diary-root")
    place.mkdir(mode=0o755, exist_ok=True)
    if place.is_symlink() or place.stat().st_uid != os.geteuid():
        raise PermissionError(f"{place} belongs to somebody else; set DIARY_CACHE to a folder open to all users")
    return place


def reachable(path: Path) -> Path:
    """`path`; or if we are root and nobody could not get there (a checkout in root's home), a folder where it can."""
    if os.geteuid() != 0 or open_to_all(path):
        return path
    mark = hashlib.sha256(str(path.absolute()).encode()).hexdigest()[:12]
    return place_open_to_all() / f"{path.name}-{mark}"
