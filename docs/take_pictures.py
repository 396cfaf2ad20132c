"""`make pictures`: takes the pictures of the documents anew, from the browser tests, and keeps the chosen ones."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
CHOSEN = ("journal", "diary-live", "marks", "roll", "today", "notices")


def main() -> int:
    """Run the browser tests, then copy the chosen pictures. Returns pytest's exit status."""
    tests = [str(ROOT / "tests/acceptance" / f"test_browser_{name}.py") for name in ("chain", "pages")]
    status = subprocess.run([sys.executable, "-m", "pytest", "-q", *tests], cwd=ROOT).returncode
    for name in CHOSEN:
        shutil.copyfile(ROOT / f"build/pictures/{name}.png", ROOT / f"docs/pictures/{name}.png")
    return status


if __name__ == "__main__":
    sys.exit(main())
