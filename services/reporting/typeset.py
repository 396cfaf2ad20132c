"""PDFs by Typst, from data and a template in `paper/`.

In a process of its own: a class's list takes 72 MB for a moment, thirty pages hundreds, which are given back with it.
What people wrote comes in as data (JSON) and is never read as markup.
"""

import json
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from shared.errors import Refused

PAPER = Path(__file__).parent / "paper"
ROOT = Path(__file__).parents[2]
AT_ONCE = 2
PATIENCE = 10.0  # seconds that one waits for his turn
LONGEST = 60.0  # seconds that setting may take

_turns = BoundedSemaphore(AT_ONCE)


class PressBusy(Refused):
    """Too many papers are being made at the moment. Try again in a little while."""

    code = "reporting.press-busy"
    kind = "unavailable"
    ru = "Сейчас готовится слишком много документов. Повторите чуть позже."


def pdf(template: str, data: dict[str, Any]) -> bytes:
    """Set `data` by `paper/<template>.typ`. Raises PressBusy; RuntimeError with what Typst said of a bad template."""
    if not _turns.acquire(timeout=PATIENCE):
        raise PressBusy()
    try:
        command = [sys.executable, "-m", __name__, template]
        text = json.dumps(data, ensure_ascii=False).encode()
        done = subprocess.run(command, input=text, capture_output=True, timeout=LONGEST, cwd=ROOT)
    except subprocess.TimeoutExpired:
        raise PressBusy() from None
    finally:
        _turns.release()
    if done.returncode:
        raise RuntimeError(f"{template}: {done.stderr.decode(errors='replace')[-500:]}")
    return done.stdout


def main() -> None:
    """The process: data on standard input, the PDF on standard output. A warning (a missing font) is an error."""
    import typst  # the service itself never needs it

    inputs = {"data": sys.stdin.buffer.read().decode()}
    made, warnings = typst.compile_with_warnings(
        PAPER / f"{sys.argv[1]}.typ", root=PAPER, font_paths=[PAPER], ignore_system_fonts=True, sys_inputs=inputs
    )
    if warnings:
        raise SystemExit("\n".join(str(warning) for warning in warnings))
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
