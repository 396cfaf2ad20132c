"""Events between services: published once in order, taken in exactly once, rebuilt beside, shown live."""

from pathlib import Path

from shared.stream import acls, topics
from shared.stream.live import Listener
from shared.stream.nudge import Nudge
from shared.stream.projection import Apply, Projection, replay
from shared.stream.rebuild import compare, rebuild
from shared.stream.relay import Relay, Store, publish_again
from shared.stream.worker import Worker

MIGRATIONS = Path(__file__).parent / "migrations"

__all__ = [
    "MIGRATIONS", "Apply", "Listener", "Nudge", "Projection", "Relay", "Store", "Worker", "acls", "compare",
    "publish_again", "rebuild", "replay", "topics",
]  # fmt: skip
