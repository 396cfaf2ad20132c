"""`make pictures`: takes the pictures of the documents anew, from the browser tests and from the demo."""

import shutil
import subprocess
import sys
from pathlib import Path

from docs import demo_pictures

ROOT = Path(__file__).parents[1]
CHOSEN = ("diary-live", "roll")


def main() -> int:
    """Run the browser tests, copy the chosen pictures, then take those of the demo. Returns pytest's exit status."""
    tests = [str(ROOT / "tests/acceptance" / f"test_browser_{name}.py") for name in ("chain",)]
    status = subprocess.run([sys.executable, "-m", "pytest", "-q", *tests], cwd=ROOT).returncode
    for name in CHOSEN:
        shutil.copyfile(ROOT / f"build/pictures/{name}.png", ROOT / f"docs/pictures/{name}.png")
    demo_pictures.take(ROOT / "docs/pictures")
    return status


if __name__ == "__main__":
    sys.exit(main())
