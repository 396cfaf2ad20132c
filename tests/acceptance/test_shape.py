"""The shape asked for: services write events to Kafka, others build projections of them and can build them again."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any, LiteralString
from uuid import uuid4

import psycopg
import pytest
from aiokafka import AIOKafkaConsumer
from psycopg.conninfo import make_conninfo

from shared.contracts import Event
from shared.contracts.envelope import read
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.places import PETER, TODAY
from tests.acceptance.test_messages_and_notices import opening
from tests.acceptance.town import Town

ROOT = Path(__file__).parents[2]


def published(diary: Diary, topic: str) -> dict[str, bytes]:
    """All records of a topic by their event's id, read as any consumer may."""
    return asyncio.run(_published(diary.stack.environment["DIARY_KAFKA"], topic))


async def _published(bootstrap: str, topic: str) -> dict[str, bytes]:
    consumer: Any = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        await consumer.seek_to_beginning()
        ends = await consumer.end_offsets(consumer.assignment())
        found: dict[str, bytes] = {}
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found |= {json.loads(record.value)["id"]: record.value for record in records}
        return found
    finally:
        await consumer.stop()


def decisions(town: Town, anna: Person, olga: Person) -> dict[str, list[str]]:
    """The ids of the events that a mark, a roll and a letter make, by topic."""
    petya, on = town.person("petya"), date(2022, 4, 27)
    work = town.open_work(anna, on)
    marks = {"marks": [{"pupil_id": str(petya), "value": "5", "comment": "отлично решено"}]}
    mark = anna.did("POST", "grades", f"/works/{work}/marks", marks)
    roll = anna.did("PUT", "attendance", town.roll(on), {"entries": [{"pupil_id": str(petya), "state": "late"}]})
    letter = olga.did("POST", "messaging", "/conversations", opening(town, anna.person_id))
    return {f"diary.{name}": one["events"] for name, one in zip(SERVICES, (mark, roll, letter), strict=True)}


SERVICES = ("grades", "attendance", "messaging")


def test_v_01_marks_rolls_and_letters_are_events_on_kafka_within_seconds(
    diary: Diary, town: Town, anna: Person, olga: Person
) -> None:
    types = {
        "diary.grades": ["marks-given"],
        "diary.attendance": ["roll-taken"],
        "diary.messaging": ["conversation-opened", "message-sent"],
    }
    for topic, ids in decisions(town, anna, olga).items():
        found = until(lambda topic=topic, ids=ids: _all(published(diary, topic), ids))  # type: ignore[misc]
        documents = [json.loads(document) for document in found]
        assert [document["type"].split(".")[2] for document in documents] == types[topic]
        assert all(document["specversion"] == "1.0" for document in documents)
        for document in found:
            assert isinstance(read(document, None).event, Event), "the contract reads what was published"
            assert "отлично" not in document.decode() and "болел" not in document.decode(), "free text is sealed"


def _all(records: dict[str, bytes], ids: list[str]) -> list[bytes]:
    return [records[id_] for id_ in ids] if set(ids) <= records.keys() else []


def test_v_03_the_published_event_says_who_decided_what_when_and_by_which_command(
    diary: Diary, town: Town, anna: Person
) -> None:
    petya, key = town.person("petya"), uuid4()
    work = town.open_work(anna, date(2022, 4, 28))
    body = {"marks": [{"pupil_id": str(petya), "value": "4"}]}
    (event,) = anna.send("POST", "grades", f"/works/{work}/marks", body, key).json()["events"]
    (document,) = until(lambda: _all(published(diary, "diary.grades"), [event]))
    said = json.loads(document)
    assert (said["actor"], said["commandid"], said["subject"]) == (str(anna.person_id), str(key), str(work))
    assert said["data"]["marks"] == [{"pupil_id": str(petya), "values": ["4"]}]
    stored = _one(diary, "grades", "SELECT document FROM events WHERE stream = %s AND version = 2", work)
    assert bytes(stored) == document, "store and bus have the same bytes"


def _admin(diary: Diary, service: str) -> psycopg.Connection[Any]:
    """As the operator's database administrator."""
    conninfo = make_conninfo(diary.stack.environment["DIARY_POSTGRES_ADMIN"], dbname=f"diary_{service}")
    return psycopg.connect(conninfo, autocommit=True)


def _one(diary: Diary, service: str, query: LiteralString, *facts: object) -> Any:
    with _admin(diary, service) as conn:
        row = conn.execute(query, facts).fetchone()
        return row[0] if row else None


def test_v_03_the_services_own_role_can_neither_change_nor_delete_an_event(diary: Diary) -> None:
    rights = "SELECT string_agg(p, ',') FROM unnest(%s::text[]) p WHERE has_table_privilege(%s, 'events', p)"
    for service in (*SERVICES, "roster", "lessons"):
        for role in ("api", "worker", "relay"):
            forbidden = ["UPDATE", "DELETE", "TRUNCATE"]
            assert _one(diary, service, rights, forbidden, f"{service}_{role}") is None, (service, role)


def pages(parent: Person) -> list[Any]:
    """All that reporting shows of Peter's year."""
    terms = ((date(2021, 8, 23), date(2021, 12, 31)), (date(2022, 1, 1), TODAY))
    return [
        parent.read("reporting", path, pupil_id=PETER, first=first, last=last)
        for path in ("/diary", "/marks", "/attendance")
        for first, last in terms
    ]


def rebuilt(diary: Diary, projection: str) -> None:
    """The operator's command."""
    done = subprocess.run(
        [sys.executable, "-m", "services", "reporting", "rebuild", projection],
        env={**os.environ, **diary.stack.environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-2000:]


LOSE = "DELETE FROM diary_marks WHERE pupil_id = %s"
SPOIL = "UPDATE diary_presences SET state = 'late' WHERE pupil_id = %s"


def test_v_02_a_projection_rebuilt_from_the_stream_equals_the_live_one_and_sends_no_letters(
    diary: Diary, parent: Person
) -> None:
    before, feed = pages(parent), parent.read("notify", "/feed")
    letters = set(diary.letters.glob("*.eml"))
    with _admin(diary, "reporting") as conn:
        conn.execute(LOSE, [PETER])
        conn.execute(SPOIL, [PETER])
    assert pages(parent) != before
    rebuilt(diary, "reporting.diary.1")
    assert pages(parent) == before
    assert parent.read("notify", "/feed") == feed
    assert set(diary.letters.glob("*.eml")) == letters


def test_v_02_the_stream_goes_on_into_the_rebuilt_projection(
    diary: Diary, town: Town, anna: Person, olga: Person
) -> None:
    rebuilt(diary, "reporting.history.1")
    work = town.give(anna, date(2022, 4, 29), "5")
    until(lambda: olga.get("reporting", f"/history/{work}").is_success)


@pytest.mark.parametrize(
    "package", ["faststream", "aiokafka", "fastapi", "eventsourcing", "psycopg", "pydantic", "opentelemetry-sdk"]
)
def test_v_05_the_packages_asked_for_are_what_the_product_is_made_of(package: str) -> None:
    module = package.removesuffix("-sdk").replace("-", ".") + (".sdk" if package.endswith("-sdk") else "")
    sources = [file for folder in ("services", "shared") for file in (ROOT / folder).rglob("*.py")]
    users = [file for file in sources if "tests" not in file.parts and _imports(file, module)]
    assert version(package)
    assert users, f"{package} is installed and used by nothing"
    assert f"\n{package}" in "\n" + (ROOT / "requirements.lock").read_text().replace("[", "==")


def _imports(file: Path, module: str) -> bool:
    lines = file.read_text("utf-8").splitlines()
    return any(line.strip().startswith((f"import {module}", f"from {module}")) for line in lines)


@pytest.mark.parametrize(
    "name",
    [*(f"services/{one}" for one in (*SERVICES, "notify", "reporting")), "shared", "deploy", "tests", "Makefile"],
)
def test_v_06_the_top_level_asked_for_is_there(name: str) -> None:
    place = ROOT / name
    assert place.is_file() if name == "Makefile" else place.is_dir()
    if name.startswith("services/"):
        assert (place / "main.py").is_file()
