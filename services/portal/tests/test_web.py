"""The web application's own checks: its types, and its logic without a browser."""

import subprocess
import sys
from pathlib import Path

import pytest

WEB = Path(__file__).parents[1] / "web"


@pytest.mark.parametrize("script", ["check", "test"])
def test_the_web_application_passes(script: str) -> None:
    command = [sys.executable, "-m", "deploy.embedded.node", str(WEB), "run", script]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[3])
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
