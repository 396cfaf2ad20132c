"""One way to tell the person in front of the screen what is going on."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


def say(text: str) -> None:
    """Print one plain line at once."""
    print(text, flush=True)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Announce a long step, then say how long it took; a failure is said too, and raised on."""
    began = time.monotonic()
    if sys.stdout.isatty():
        print(f"{name} …", end="\r", flush=True)
    else:
        say(f"{name} …")
    try:
        yield
    except BaseException:
        say(f"{name}: FAILED after {time.monotonic() - began:.1f} s")
        raise
    say(f"{name}: done in {time.monotonic() - began:.1f} s")
