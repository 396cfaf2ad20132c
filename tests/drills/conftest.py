"""Every drill gets servers of its own: what one breaks is no excuse for another."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.drills import broken, disks
from tests.drills.disks import Disk
from tests.drills.rig import Rig

HERE = Path(__file__).parent
ALWAYS = ("fd_01", "fd_02", "fd_04", "fd_05", "fd_08", "fd_09", "fd_16", "fd_20", "limits")
"""What `make test` runs of the drills; the others run when they are asked for, by `make drill` and `make drills`."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out what was not asked for by its marker."""
    asked = config.option.markexpr or ""

    def runs(item: pytest.Item) -> bool:
        if HERE not in item.path.parents:
            return True
        if item.get_closest_marker("soak"):
            return "soak" in asked
        return "drill" in asked or any(name in item.nodeid for name in ALWAYS)

    left = [item for item in items if not runs(item)]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if runs(item)]


@pytest.fixture
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    with started(request) as made, made:
        yield made


@contextmanager
def started(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """A rig of this drill in a folder of its own, not entered yet.

    DRILL_SEED repeats a run's choices; DRILL_BREAK breaks the product, to see that the drill finds it.
    """
    seed = int(os.environ.get("DRILL_SEED") or secrets.randbelow(1_000_000))
    breaking = os.environ.get("DRILL_BREAK", "")
    if breaking:
        broken.PATCHES[breaking]  # a misspelt one breaks nothing and would look like a drill passed
    print(f"\n{request.node.name}", flush=True)
    with tempfile.TemporaryDirectory(prefix="diary-drill-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as nobody when we are root
        yield Rig(folder, seed, breaking)


@pytest.fixture
def cramped(request: pytest.FixtureRequest) -> Iterator[tuple[Rig, Disk]]:
    """A rig one of whose servers stands on a small disk: its name and the disk's megabytes are the parameter."""
    server, megabytes = request.param
    with started(request) as made, disks.small(made.folder / server, megabytes) as disk, made:
        yield made, disk
