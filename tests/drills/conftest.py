"""Every drill gets servers of its own: what one breaks is no excuse for another."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drills import broken
from tests.drills.rig import Rig


@pytest.fixture
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """DRILL_SEED repeats a run's choices; DRILL_BREAK breaks the product, to see that the drill finds it."""
    seed = int(os.environ.get("DRILL_SEED") or secrets.randbelow(1_000_000))
    breaking = os.environ.get("DRILL_BREAK", "")
    if breaking:
        broken.PATCHES[breaking]  # a misspelt one breaks nothing and would look like a drill passed
    print(f"\n{request.node.name}", flush=True)
    with tempfile.TemporaryDirectory(prefix="diary-drill-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as nobody when we are root
        with Rig(folder, seed, breaking) as made:
            yield made
