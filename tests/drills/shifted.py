"""A service on a machine whose clock is DRILL_CLOCK seconds ahead: `python -m tests.drills.shifted grades api`."""

import os
import sys
import time
from datetime import timedelta
from importlib import import_module

from shared import clock
from shared.process import main
from shared.web import tokens


def shift(seconds: float) -> None:
    """What this process takes for the time: of events, of the school's calendar, of tokens."""
    true, by = clock.now, timedelta(seconds=seconds)
    clock.now = lambda: true() + by
    tokens.time = lambda: time.time() + seconds  # type: ignore[attr-defined]


if __name__ == "__main__":
    shift(float(os.environ["DRILL_CLOCK"]))
    sys.exit(main(import_module(f"services.{sys.argv[1]}.main").SERVICE, sys.argv[2:]))
