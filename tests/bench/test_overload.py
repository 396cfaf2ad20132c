"""Five times as many as it can serve: what is answered, what is refused, and how soon."""

import asyncio
from pathlib import Path

import pytest

from tests.bench.city import city
from tests.bench.overload import ROUNDS, SCHOOLS, SECONDS, TIMES, played
from tests.bench.overload import figures as overload_figures
from tests.bench.report import Figure

pytestmark = pytest.mark.bench


@pytest.mark.timeout(600)
def test_overload(servers_folder: Path, figures: list[Figure]) -> None:
    with city(servers_folder / "bench-overload", SCHOOLS) as one:
        figures += overload_figures(asyncio.run(played(one, SCHOOLS, SECONDS, TIMES, ROUNDS)), TIMES)
