"""Collections of garbage that do not stop a process with thousands of open pages.

The interpreter looks at everything that lives whenever a quarter of it is new: 0.4 ms for each open page, in which
nothing else happens, and finds nothing. So what has outlived such a look is taken out of the sight of the next ones,
and only once in a while is all of it looked at again: an ended stream's cycles wait for that.
"""

import asyncio
import gc
from typing import Any

THAW = 1800.0
"""Seconds between two looks at everything."""
YOUNG = 10_000
"""New things that live before the first look at them; the interpreter's own 700 are fewer than one batch of events has,
so that each was looked at several times, in vain."""
YOUNG_OF_A_REBUILD = 300_000
"""The same where the batches of several sessions live at once: half of a rebuild's own processor went into looking."""


def seldom(young: int = YOUNG) -> None:
    """Look at new things only when so many live. What lives now, the imports of a process, is not looked at again."""
    gc.set_threshold(young, 20, 10)
    gc.freeze()


async def run() -> None:
    """Until cancelled. One for each process; a second changes nothing."""
    if _freeze not in gc.callbacks:
        gc.callbacks.append(_freeze)
    try:
        while True:
            await asyncio.sleep(THAW)
            gc.unfreeze()
            gc.collect()
    finally:
        if _freeze in gc.callbacks:
            gc.callbacks.remove(_freeze)
        gc.unfreeze()


def _freeze(phase: str, facts: dict[str, Any]) -> None:
    if phase == "stop" and facts["generation"] == 2:
        gc.freeze()
