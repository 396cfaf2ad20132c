"""The service as it is really run: its own process, real PostgreSQL and Kafka, SIGTERM."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from aiokafka import AIOKafkaConsumer
from psycopg.conninfo import conninfo_to_dict

from deploy.embedded.kafka import Kafka
from deploy.embedded.postgres import Postgres
from deploy.embedded.supervisor import free_port
from services.identity.domain import account_of
from services.identity.tests.conftest import PASSWORD, pem

ROOT = Path(__file__).parents[3]


@pytest.fixture
def environment(servers_folder: Path, kafka: Kafka) -> dict[str, str]:
    """A PostgreSQL of its own: the other tests drop and make the service's database as they like."""
    port = free_port()
    return os.environ | {
        "DIARY_ENVIRONMENT": "test", "DIARY_PORT": str(port), "DIARY_KAFKA": kafka.bootstrap,
        "DIARY_POSTGRES_PASSWORD": "test", "DIARY_KEYRING_MASTER": "A" * 43 + "=", "DIARY_IDENTITY_KEY": pem(),
        "DIARY_IDENTITY_URL": f"http://127.0.0.1:{port}", "DIARY_PUBLIC_URL": "http://127.0.0.1:1",
        "DIARY_TOKEN_KEYS": f"http://127.0.0.1:{port}/jwks", "DIARY_OPERATOR_CLIENT_SECRET": "op-secret",
    }  # fmt: skip


@pytest.mark.slow
def test_api_worker_and_relay_in_one_process_until_sigterm(
    servers_folder: Path, environment: dict[str, str], kafka: Kafka
) -> None:
    with Postgres(servers_folder / "identity-process") as server:
        parts = conninfo_to_dict(server.admin_conninfo)
        environment["DIARY_POSTGRES"] = f"postgresql://{parts['host']}:{parts['port']}"
        environment["DIARY_POSTGRES_ADMIN"] = server.admin_conninfo
        run = [sys.executable, "-m", "services", "identity"]
        for _ in range(2):  # safe to repeat
            subprocess.run([*run, "migrate", "--create"], env=environment, cwd=ROOT, check=True, timeout=120)
        process = subprocess.Popen(run, env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        try:
            person = open_account(environment["DIARY_IDENTITY_URL"], process)
            document = asyncio.run(published(kafka, str(account_of(person))))
        finally:
            process.send_signal(signal.SIGTERM)
            _, logs = process.communicate(timeout=30)
    assert document["type"] == "diary.identity.account-opened.v1"
    assert process.returncode == 0, logs[-3000:]
    lines = [json.loads(line) for line in logs.splitlines() if line.startswith("{")]
    assert lines[-1]["message"] == "stopped"
    assert document["traceparent"].split("-")[1] in {line.get("trace") for line in lines}
    assert PASSWORD not in logs and "op-secret" not in logs


def open_account(url: str, process: "subprocess.Popen[str]") -> UUID:
    until = time.monotonic() + 90
    while True:
        assert process.poll() is None and time.monotonic() < until
        try:
            if httpx.get(f"{url}/readyz", timeout=5).status_code == 200:
                break
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    form = {"grant_type": "client_credentials", "client_id": "operator", "client_secret": "op-secret"}
    token = httpx.post(f"{url}/token", data=form, timeout=30).json()["access_token"]
    person = uuid4()
    body = {"person_id": str(person), "login": f"login-{person}", "password": PASSWORD}
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
    answer = httpx.post(f"{url}/accounts", json=body, headers=headers, timeout=30)
    while answer.status_code == 503 and time.monotonic() < until:  # the relay looks the store over first
        time.sleep(0.5)
        answer = httpx.post(f"{url}/accounts", json=body, headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    return person


async def published(kafka: Kafka, subject: str) -> dict[str, str]:
    """The account's event, as it comes out of the topic within 30 s."""
    consumer = AIOKafkaConsumer(
        "diary.identity", bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        async with asyncio.timeout(30):
            async for record in consumer:
                found: dict[str, str] = json.loads(record.value)
                if found["subject"] == subject:
                    return found
    finally:
        await consumer.stop()
    raise AssertionError("not published")
