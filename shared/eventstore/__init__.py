"""The event store of a writing service: `Ledger.change` loads, decides and appends, once for ever. See README.md."""

from pathlib import Path

from shared.eventstore.answers import (
    Answer,
    Checking,
    ConcurrentChange,
    InProgress,
    Intent,
    KeyReused,
    OutcomeUnknown,
    forget,
)
from shared.eventstore.gate import open_gate
from shared.eventstore.ledger import Apply, Change, Ledger
from shared.eventstore.rebuild import rebuild_view

MIGRATIONS = Path(__file__).parent / "migrations"

__all__ = [
    "MIGRATIONS", "Answer", "Apply", "Change", "Checking", "ConcurrentChange", "InProgress", "Intent", "KeyReused",
    "Ledger", "OutcomeUnknown", "forget", "open_gate", "rebuild_view",
]  # fmt: skip
