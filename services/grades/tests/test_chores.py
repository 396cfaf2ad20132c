"""What the worker's process does by the hour, seen from outside."""

import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from deploy.embedded.kafka import Kafka
from deploy.embedded.supervisor import free_port
from services.grades.tests.test_api import new_work
from shared.stream import topics
from shared.testing.school import OLGA, Running
from shared.testing.web import environment

ROOT = Path(__file__).parents[3]
AGE = "UPDATE answers SET at = now() - make_interval(days => %s) WHERE command = %s"


@pytest.mark.slow
def test_the_worker_forgets_answers_of_30_days_and_a_repeat_gets_the_same_bytes(grades: Running, kafka: Kafka) -> None:
    old, young = uuid4(), uuid4()
    works = {key: new_work() for key in (old, young)}
    first = {key: send(grades, works[key], key) for key in works}
    admin = grades.settings.postgres_admin.get_secret_value()
    with psycopg.connect(admin, dbname="diary_grades", autocommit=True) as conn:
        conn.execute(AGE, [31, old])
        conn.execute(AGE, [29, young])

        def kept() -> set[object]:
            return {row[0] for row in conn.execute("SELECT command FROM answers")} & {old, young}

        settings = grades.settings.model_copy(update={"kafka": kafka.bootstrap, "port": free_port()})
        topics.ensure(settings)
        run = [sys.executable, "-m", "services", "grades", "worker"]
        process = subprocess.Popen(run, env=environment(settings), cwd=ROOT, stderr=subprocess.PIPE, text=True)
        try:
            until = time.monotonic() + 60
            while old in kept() and process.poll() is None and time.monotonic() < until:
                time.sleep(0.2)
        finally:
            process.terminate()
            _, logs = process.communicate(timeout=30)
        assert kept() == {young}, logs[-3000:]
        assert process.returncode == 0, logs[-3000:]
    assert {key: send(grades, works[key], key) for key in works} == first


def send(grades: Running, work: dict[str, object], key: object) -> bytes:
    answer = grades.http.post("/works", json=work, headers=grades.headers(OLGA) | {"Idempotency-Key": str(key)})
    assert answer.status_code == 200, answer.text
    return answer.content
