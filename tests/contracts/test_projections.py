"""Every projection knows each type of event that its topics can bring: one it does not know would be parked."""

from importlib import import_module
from pathlib import Path

import pytest

from shared.contracts import CONTRACTS
from shared.process import Service
from shared.stream import Projection

SERVICES = sorted(main.parent.name for main in (Path(__file__).parents[2] / "services").glob("*/main.py"))


def projections() -> list[Projection]:
    services: list[Service] = [import_module(f"services.{name}.main").SERVICE for name in SERVICES]
    return [projection for service in services for projection in service.projections]


@pytest.mark.parametrize("projection", projections(), ids=lambda one: one.name)
def test_what_its_topics_bring_is_handled_or_left_aside(projection: Projection) -> None:
    brought = {event for type_, event in CONTRACTS.items() if ".".join(type_.split(".")[:2]) in projection.topics}
    assert brought - projection.handles - projection.leaves == set()
    assert not projection.handles & projection.leaves
