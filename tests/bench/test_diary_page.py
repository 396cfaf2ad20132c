"""The diary page of one week: what it costs the database. The city of 600,000 pupils is measured by the command."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.diary_page import PAGES, PUPILS, City, city, measure
from tests.bench.report import Figure

pytestmark = pytest.mark.bench


@pytest.fixture
def filled(servers_folder: Path) -> Iterator[City]:
    folder = servers_folder / "bench-diary-page"
    folder.mkdir()
    with city(folder, PUPILS) as made:
        yield made


@pytest.mark.timeout(1800)
def test_diary_page(filled: City, figures: list[Figure]) -> None:
    figures += measure(filled, PAGES, PUPILS)
