"""The whole product with the published district in it, once for the session; its people over HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from deploy.demo.client import Client
from deploy.demo.grandbend import load
from deploy.demo.letters import letter_box
from deploy.demo.people import ADMINISTRATOR, PARENT, PUPIL, TEACHER
from deploy.demo.stack import Stack
from deploy.embedded.supervisor import free_port
from tests.acceptance.people import Person, sign_in

TODAY = date(2022, 5, 25)
ABSENCES_SINCE = date(2022, 5, 23)


@dataclass(frozen=True)
class Diary:
    """The running product."""

    stack: Stack
    operator: Client
    letters: Path

    @property
    def url(self) -> str:
        return self.stack.url


@pytest.fixture(scope="session")
def diary(servers_folder: Path) -> Iterator[Diary]:
    """As `make demo` starts it, with the absences of the last three days only."""
    folder = servers_folder / "diary"
    folder.mkdir()
    smtp = free_port()
    box = letter_box(folder / "letters", smtp)
    box.start()
    settings = {
        "DIARY_SCHOOL_TODAY": TODAY.isoformat(),
        "DIARY_SMTP": f"127.0.0.1:{smtp}",
        "DIARY_SMTP_SENDER": "diary@grandbend.example",
    }
    try:
        with Stack(folder, settings) as stack:
            operator = Client(stack.ports, stack.environment["DIARY_OPERATOR_CLIENT_SECRET"])
            refused = load(operator, TODAY, ABSENCES_SINCE)
            assert not refused
            yield Diary(stack, operator, folder / "letters")
    finally:
        box.stop()


@pytest.fixture(scope="session")
def teacher(diary: Diary) -> Iterator[Person]:
    """Kelley Christian, who teaches Algebra I."""
    with sign_in(diary.url, TEACHER) as person:
        yield person


@pytest.fixture(scope="session")
def parent(diary: Diary) -> Iterator[Person]:
    """Tameka Nash, mother of Peter."""
    with sign_in(diary.url, PARENT) as person:
        yield person


@pytest.fixture(scope="session")
def pupil(diary: Diary) -> Iterator[Person]:
    """Peter Nash, of Algebra I 02."""
    with sign_in(diary.url, PUPIL) as person:
        yield person


@pytest.fixture(scope="session")
def administrator(diary: Diary) -> Iterator[Person]:
    """One of the administrators."""
    with sign_in(diary.url, ADMINISTRATOR) as person:
        yield person
