"""SC39: what goes to Kafka and PostgreSQL is encrypted, and only to those whom our own authority has signed."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pydantic import ValidationError

from deploy.embedded.kafka import Kafka
from shared.settings import Settings
from shared.stream import topics
from shared.stream.brokers import brokers

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Authority:
    """Who signs certificates, in a folder."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @staticmethod
    def founded(folder: Path) -> "Authority":
        folder.mkdir()
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("diary authority")
        made = _certificate(name, name, key).add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        authority = Authority(folder, key, made.sign(key, hashes.SHA256()))
        (folder / "ca.pem").write_bytes(authority.certificate.public_bytes(Encoding.PEM))
        return authority

    def issue(self, name: str) -> Path:
        """Key and certificate of this name on this machine, in one file."""
        key = ec.generate_private_key(ec.SECP256R1())
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
        here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        made = _certificate(_name(name), self.certificate.subject, key).add_extension(usage, False)
        signed = made.add_extension(here, False).sign(self.key, hashes.SHA256())
        file = self.folder / f"{name}.pem"
        file.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + signed.public_bytes(Encoding.PEM)
        )
        return file


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    return made.not_valid_before(now - timedelta(minutes=1)).not_valid_after(now + timedelta(days=1))


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.founded(tmp_path_factory.mktemp("tls") / "ours")


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.founded(tmp_path_factory.mktemp("tls") / "theirs")


@pytest.fixture(scope="module")
def broker(ours: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    ours.issue("broker")
    with Kafka(tmp_path_factory.mktemp("kafka"), tls=ours.folder) as kafka:
        topics.ensure(_settings(kafka, ours, ours.issue("operator")), topics.Topics(("diary.grades",), 1))
        yield kafka


def _settings(broker: Kafka, ca: Authority | None, own: Path | None) -> Settings:
    return Settings(
        environment="test",
        kafka=broker.bootstrap,
        kafka_ca=str(ca.folder / "ca.pem") if ca else "",
        kafka_certificate=str(own or ""),
    )


def test_sc_39_a_service_with_its_certificate_is_served(broker: Kafka, ours: Authority) -> None:
    settings = _settings(broker, ours, ours.issue("grades"))
    assert asyncio.run(topics.counted(settings, ["diary.grades"])) == {"diary.grades": 1}
    assert asyncio.run(_sent(settings)) == 0


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


async def _sent(settings: Settings) -> int:
    """The offset of a message that was taken."""
    async with asyncio.timeout(20):
        async with AIOKafkaProducer(**brokers(settings), request_timeout_ms=3000) as producer:
            return int((await producer.send_and_wait("diary.grades", b"sealed")).offset)


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
