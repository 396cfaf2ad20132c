"""Measurements run only when asked for by their marker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.report import Figure, write

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take them out of every run that does not name the marker: `make test` measures nothing."""
    if "bench" in (config.option.markexpr or ""):
        return
    ours = [item for item in items if HERE in item.path.parents]
    if ours:
        config.hook.pytest_deselected(items=ours)
        items[:] = [item for item in items if item not in ours]


@pytest.fixture(scope="session")
def figures() -> Iterator[list[Figure]]:
    """A test adds what it measured; written at the end."""
    found: list[Figure] = []
    yield found
    if found:
        print()
        write(found)
