"""From a teacher's POST of a whole column to the message on a parent's open page, through real processes."""

import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from queue import Queue
from statistics import quantiles
from uuid import UUID

import httpx
import pytest

from tests.bench.report import Figure, plain
from tests.drills.rig import Rig
from tests.drills.school import NORTH, give_marks, open_work

pytestmark = pytest.mark.bench

SAVES = 200
A_SECOND = 4.0
"""Saves a second: a school in the middle of a lesson, far from what the machine could take."""
ROUNDS = 5
"""The figures are medians of this many equal parts of the run."""


@pytest.fixture
def rig(servers_folder: Path) -> Iterator[Rig]:
    with Rig(servers_folder / "bench-live", seed=1, direct=True) as made:
        yield made


class Page(threading.Thread):
    """A parent's open page: notes when each column arrives."""

    def __init__(self, url: str, headers: dict[str, str], pupil: UUID) -> None:
        super().__init__(daemon=True)
        self.opened = threading.Event()
        self.arrived: Queue[tuple[str, float]] = Queue()
        self._url, self._headers, self._pupil = url, headers, pupil

    def run(self) -> None:
        with suppress(httpx.HTTPError):  # the services end before the page
            self._read()

    def _read(self) -> None:
        asked = {"pupil_id": str(self._pupil)}
        with httpx.stream("GET", f"{self._url}/live", params=asked, headers=self._headers, timeout=60) as answer:
            for line in answer.iter_lines():
                if line.startswith("event: snapshot"):
                    self.opened.set()
                if line.startswith("data: "):
                    now = time.monotonic()
                    for mark in json.loads(line[6:]).get("marks", ()):
                        self.arrived.put((mark["work_id"], now))


def test_post_to_page(rig: Rig, figures: list[Figure]) -> None:
    api, reporting = rig.process("grades", "api"), rig.process("reporting", "api")
    rig.start(api, rig.process("grades", "relay"), reporting, *rig.readers())
    rig.opened()
    chance = random.Random(1)
    page = Page(reporting.url, rig.headers(NORTH.parents[0]), NORTH.pupils[0])
    page.start()
    assert page.opened.wait(20)
    sent, answered = _save_columns(rig, api.url, chance)
    arrived = dict(page.arrived.get(timeout=20) for _ in sent)
    assert arrived.keys() == sent.keys()
    figures += _figures("POST of 27 marks to the parent's page", [arrived[work] - sent[work] for work in sent])
    figures += _figures("POST of 27 marks, answer", [answered[work] - sent[work] for work in sent])


def _save_columns(rig: Rig, url: str, chance: random.Random) -> tuple[dict[str, float], dict[str, float]]:
    """At an even rate; columns are opened beforehand."""
    sent, answered = dict[str, float](), dict[str, float]()
    works = []
    for _ in range(SAVES):
        work, opening = open_work(rig.ledger, NORTH, chance)
        assert rig.ledger.send(opening, url).outcome == "ok"
        works.append(work)
    began = time.monotonic()
    for number, work in enumerate(works):
        time.sleep(max(0.0, began + number / A_SECOND - time.monotonic()))
        intent = give_marks(rig.ledger, NORTH, work, NORTH.pupils, chance)
        sent[str(work)] = time.monotonic()
        assert rig.ledger.send(intent, url).outcome == "ok"
        answered[str(work)] = time.monotonic()
    return sent, answered


def _figures(name: str, seconds: list[float]) -> list[Figure]:
    part = len(seconds) // ROUNDS
    cut = [quantiles(seconds[n * part : (n + 1) * part], n=100, method="inclusive") for n in range(ROUNDS)]
    return [plain(f"{name}, p{p}", "ms", [each[p - 1] * 1000 for each in cut]) for p in (50, 99)]
