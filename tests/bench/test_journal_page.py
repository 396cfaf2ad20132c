"""A full page of the journal: how long its answer takes. The city of 600,000 pupils is measured by the command."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.testing.school import Running
from tests.bench.journal_page import PAGES, PUPILS, city, measure
from tests.bench.report import Figure

pytestmark = pytest.mark.bench


@pytest.fixture
def filled(servers_folder: Path) -> Iterator[Running]:
    folder = servers_folder / "bench-journal-page"
    folder.mkdir()
    with city(folder, PUPILS) as made:
        yield made


@pytest.mark.timeout(1800)
def test_journal_page(filled: Running, figures: list[Figure]) -> None:
    figures += measure(filled, PAGES, PUPILS)
