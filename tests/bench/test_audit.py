"""The audit trail grown and verified; five repeats. The goal is that of a million events on one core in a minute."""

from pathlib import Path

import pytest

from tests.bench.audit import EVENTS, filled, measure
from tests.bench.report import Figure, plain

pytestmark = pytest.mark.bench

GOAL = 60.0
"""Microseconds an event."""


def test_audit(servers_folder: Path, figures: list[Figure]) -> None:
    with filled(servers_folder / "bench-audit", EVENTS) as settings:
        took = measure(settings)
    figures.append(plain("audit verify, an event", "µs", [seconds / EVENTS * 1e6 for seconds in took.verified], GOAL))
    figures.append(plain("audit verify, our processor an event", "µs", [s / EVENTS * 1e6 for s in took.ours]))
    figures.append(plain("audit trail grown and signed, an event", "µs", [took.grown / EVENTS * 1e6]))
