"""SC39: what goes to Kafka and PostgreSQL is encrypted, and only to those whom our own authority has signed."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError
from psycopg import OperationalError, connect
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import ValidationError

from deploy.demo.keys import keys
from deploy.embedded.kafka import SUPER_USER, Kafka
from deploy.embedded.postgres import Postgres
from deploy.embedded.supervisor import Child, free_port
from shared import process
from shared.process import Service
from shared.settings import Settings
from shared.stream import acls, topics
from shared.stream.brokers import brokers
from tests.security.tls import Authority, before
from tests.security.world import SERVICES

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.founded(tmp_path_factory.mktemp("tls") / "ours")


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.founded(tmp_path_factory.mktemp("tls") / "theirs")


@pytest.fixture(scope="module")
def broker(ours: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """Whose topics are written to by whoever may."""
    with _granting(ours, tmp_path_factory.mktemp("kafka")) as kafka:
        yield kafka


@contextmanager
def _granting(ours: Authority, folder: Path) -> Iterator[Kafka]:
    """A broker with all topics, that knows the rights of all services."""
    ours.issue("broker")
    with Kafka(folder, tls=ours.folder) as kafka:
        operator = _settings(kafka, ours, ours.issue(SUPER_USER))
        topics.ensure(operator)
        for service in SERVICES.values():
            process.grant(service, operator)
        yield kafka


def _settings(broker: Kafka, ca: Authority | None, own: Path | None) -> Settings:
    return Settings(
        environment="test",
        kafka=broker.bootstrap,
        kafka_ca=str(ca.root) if ca else "",
        kafka_certificate=str(own or ""),
    )


def test_sc_39_a_service_with_its_certificate_is_served(broker: Kafka, ours: Authority) -> None:
    settings = _settings(broker, ours, ours.issue("grades"))
    assert asyncio.run(topics.counted(settings, ["diary.grades"])) == {"diary.grades": topics.read().partitions}
    assert asyncio.run(_sent(settings)) >= 0


@pytest.mark.parametrize("case", ["no TLS", "a broker of another authority", "no certificate", "another's certificate"])
def test_sc_39_nobody_else_is(broker: Kafka, ours: Authority, theirs: Authority, case: str) -> None:
    settings = {
        "no TLS": lambda: _settings(broker, None, None),
        "a broker of another authority": lambda: _settings(broker, theirs, ours.issue("notify")),
        "no certificate": lambda: _settings(broker, ours, None),
        "another's certificate": lambda: _settings(broker, ours, theirs.issue("grades")),
    }[case]()
    with pytest.raises((KafkaError, OSError, TimeoutError)):
        asyncio.run(_sent(settings))


async def _sent(settings: Settings, topic: str = "diary.grades") -> int:
    """The offset of a message that was taken."""
    async with asyncio.timeout(20):
        async with AIOKafkaProducer(**brokers(settings), request_timeout_ms=3000) as producer:
            return int((await producer.send_and_wait(topic, b"sealed")).offset)


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_sc_39_a_service_writes_the_topics_of_its_store_and_reads_those_of_its_projections(
    broker: Kafka, ours: Authority, service: Service
) -> None:
    settings = _settings(broker, ours, ours.issue(service.name))
    written, read = asyncio.run(_tried(settings, service.name))
    stored = {*service.topics, acls.AUDIT} if service.topics else set()
    assert written == stored
    assert read == stored | {topic for each in service.projections for topic in each.topics}


async def _tried(settings: Settings, service: str) -> tuple[set[str], set[str]]:
    """The topics of all that it could write a message to, and those that it could read."""
    names = topics.read().names
    written, read = set(), set()
    async with asyncio.timeout(60):
        for topic in names:
            with suppress(TopicAuthorizationFailedError):
                await _sent(settings, topic)
                written.add(topic)
            with suppress(TopicAuthorizationFailedError, GroupAuthorizationFailedError):
                async with AIOKafkaConsumer(topic, group_id=f"{service}.some.1", **brokers(settings)) as consumer:
                    await consumer.end_offsets([TopicPartition(topic, 0)])
                    await consumer.getmany(timeout_ms=500)
                    read.add(topic)
    return written, read


def test_sc_39_a_service_takes_no_place_in_the_consumer_group_of_another(broker: Kafka, ours: Authority) -> None:
    settings = _settings(broker, ours, ours.issue("notify"))

    async def joined() -> None:
        async with asyncio.timeout(20):
            async with AIOKafkaConsumer("diary.grades", group_id="reporting.diary.1", **brokers(settings)) as consumer:
                await consumer.getmany(timeout_ms=500)

    with pytest.raises(GroupAuthorizationFailedError):
        asyncio.run(joined())


def test_sc_39_whoever_has_a_certificate_but_no_service_does_nothing(broker: Kafka, ours: Authority) -> None:
    settings = _settings(broker, ours, ours.issue("visitor"))
    assert asyncio.run(_tried(settings, "visitor")) == (set(), set())


@pytest.fixture
def database(ours: Authority, postgres: Postgres) -> Iterator[int]:
    """The port of PostgreSQL with TLS."""
    with before(postgres.port, ours.issue("postgres")) as port:
        yield port


def _to(port: int, postgres: Postgres, **tls: str) -> str:
    return make_conninfo(postgres.admin_conninfo, port=str(port), connect_timeout="5", **tls)


def test_sc_39_postgresql_is_asked_for_its_certificate(
    database: int, postgres: Postgres, ours: Authority, theirs: Authority
) -> None:
    with connect(_to(database, postgres, **_verified(ours))) as conn:
        assert conn.pgconn.ssl_in_use
    with pytest.raises(OperationalError, match="SSL error"):
        connect(_to(database, postgres, **_verified(theirs)))
    with pytest.raises(OperationalError, match="does not match host name"):
        connect(_to(database, postgres, host="localhost", **_verified(ours)))
    with pytest.raises(OperationalError):
        connect(_to(database, postgres, sslmode="disable"))


def test_sc_39_a_whole_service_works_in_production_with_tls_and_what_it_was_granted(
    ours: Authority, postgres: Postgres, database: int, tmp_path: Path
) -> None:
    """Attendance, which stores events of its own and reads those of two others."""
    with _granting(ours, tmp_path / "kafka") as kafka:
        said = _served(kafka, ours, _to(database, postgres, **_verified(ours)), tmp_path)
    assert "Authorization" not in said


def _verified(ours: Authority) -> dict[str, str]:
    return {"sslmode": "verify-full", "sslrootcert": str(ours.root)}


def _served(broker: Kafka, ours: Authority, admin: str, folder: Path) -> str:
    """The log of a service that was made ready, started, and did its work."""
    address = f"postgresql://127.0.0.1:{conninfo_to_dict(admin)['port']}?{urlencode(_verified(ours))}"
    environment = {
        **os.environ,
        **keys(folder),
        "DIARY_ENVIRONMENT": "production",
        "DIARY_POSTGRES": address,
        "DIARY_POSTGRES_ADMIN": admin,
        "DIARY_KAFKA": broker.bootstrap,
        "DIARY_KAFKA_CA": str(ours.root),
        "DIARY_KAFKA_CERTIFICATE": str(ours.issue("attendance")),
        "DIARY_PORT": str(port := free_port()),
    }
    with connect(admin, autocommit=True) as conn:  # other tests of the session had a store of this name
        conn.execute("DROP DATABASE IF EXISTS diary_attendance WITH (FORCE)")
    command, log = [sys.executable, "-m", "services", "attendance"], folder / "log"
    operator = {**environment, "DIARY_KAFKA_CERTIFICATE": str(ours.issue(SUPER_USER))}
    migrated = subprocess.run([*command, "migrate", "--create"], cwd=ROOT, timeout=120, env=operator, check=False)
    assert migrated.returncode == 0
    child = Child("attendance", command, log, folder / "pid")
    child.start(environment, cwd=ROOT)
    try:
        child.wait_until(lambda: _leads(port), seconds=60)
    finally:
        child.stop()
    return log.read_text()


def _leads(port: int) -> bool:
    """Whether the service is ready and its relay has compared the store with the topic."""
    with suppress(httpx.HTTPError):
        ready, metrics = (httpx.get(f"http://127.0.0.1:{port}/{path}", timeout=2) for path in ("readyz", "metrics"))
        return ready.status_code == 200 and 'diary_relay_leads{service="attendance"} 1.0' in metrics.text
    return False


LACKS: dict[str, dict[str, Any]] = {
    "PostgreSQL": {"kafka_ca": "/etc/diary/ca.pem"},
    "Kafka": {"postgres": "postgresql://db:5432?sslmode=verify-full&sslrootcert=/etc/diary/ca.pem"},
}


@pytest.mark.parametrize("server", LACKS)
def test_sc_39_production_does_not_start_in_clear_text(server: str) -> None:
    with pytest.raises(ValidationError, match="in clear text"):
        Settings(environment="production", **LACKS[server])
    Settings(environment="production", **LACKS["PostgreSQL"] | LACKS["Kafka"])


def test_sc_39_and_says_so_in_a_line() -> None:
    command = [sys.executable, "-m", "services", "grades", "api"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIARY_")}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and "DIARY_POSTGRES lacks sslmode=verify-full" in done.stderr
