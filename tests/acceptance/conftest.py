"""The whole product with the published district in it, once for the session; its people over HTTP."""

import os
from collections.abc import Generator, Iterator
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
from tests.acceptance.people import Person, sign_in, until
from tests.acceptance.town import Town, founded

TODAY = date(2022, 5, 25)
HALF_PAST_NINE = "09:30"
"""At every school when the product starts."""
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


LOG = pytest.StashKey[Path]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With a test that failed stands what the services complained about lately: it is often the reason."""
    report = yield
    log = item.config.stash.get(LOG, None)
    if report.failed and log and log.exists():
        lines = log.read_text(errors="replace").splitlines()
        said = [line for line in lines if '"level": "info"' not in line]
        report.sections.append(("services", "\n".join(said[-40:])))
    return report


@pytest.fixture(scope="session")
def diary(servers_folder: Path, pytestconfig: pytest.Config) -> Iterator[Diary]:
    """As `make demo` starts it, with the absences of the last three days only.

    DIARY_ACCEPTANCE_FOLDER names a folder that is kept: the next run finds the district in it and is ready sooner.
    """
    folder = Path(os.environ.get("DIARY_ACCEPTANCE_FOLDER", servers_folder / "diary"))
    folder.mkdir(parents=True, exist_ok=True)
    pytestconfig.stash[LOG] = folder / "services.log"
    smtp = free_port()
    box = letter_box(folder / "letters", smtp)
    box.start()
    settings = {
        "DIARY_SCHOOL_TODAY": TODAY.isoformat(),
        "DIARY_SCHOOL_TIME": HALF_PAST_NINE,
        "DIARY_SMTP": f"127.0.0.1:{smtp}",
        "DIARY_SMTP_SENDER": "diary@grandbend.example",
    }
    try:
        with Stack(folder, settings) as stack:
            operator = Client(stack.ports, stack.environment["DIARY_OPERATOR_CLIENT_SECRET"])
            loaded = folder / "district-loaded"
            if not loaded.exists():
                assert not load(operator, TODAY, ABSENCES_SINCE)
                loaded.touch()
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


@pytest.fixture(scope="session")
def town(diary: Diary) -> Town:
    """A district of two classes and eight people, with a timetable. Whoever changes its roster makes one of his own."""
    return founded(diary)


@pytest.fixture(scope="session")
def anna(town: Town) -> Iterator[Person]:
    """The town's teacher of 7A."""
    with town.signed_in("anna") as person:
        yield person


@pytest.fixture(scope="session")
def oleg(town: Town) -> Iterator[Person]:
    """The town's teacher of 7B, and of Russian in both classes."""
    with town.signed_in("oleg") as person:
        yield person


@pytest.fixture(scope="session")
def olga(town: Town) -> Iterator[Person]:
    """Mother of Petya, who learns in 7A."""
    with town.signed_in("olga") as person:
        yield person


@pytest.fixture(scope="session")
def nina(town: Town) -> Iterator[Person]:
    """Mother of Vera, who learns in 7B."""
    with town.signed_in("nina") as person:
        yield person


@pytest.fixture(scope="session")
def inna(town: Town) -> Iterator[Person]:
    """The town's headmistress."""
    with town.signed_in("inna") as person:
        yield person


@pytest.fixture(scope="session")
def lev(town: Town) -> Iterator[Person]:
    """The officer of the town's district, who may import its bundle."""
    with town.signed_in("lev") as person:
        until(lambda: person.read("roster", "/me")["roles"])
        yield person
