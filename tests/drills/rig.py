"""What a drill runs on: its own PostgreSQL and Kafka, services as processes, proxies before both, a time line."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import psycopg

from deploy.demo.keys import new_audit_key
from deploy.embedded.kafka import Kafka
from deploy.embedded.postgres import Postgres
from deploy.embedded.supervisor import Child, free_port
from services.grades.main import SERVICE as GRADES
from services.notify.main import SERVICE as NOTIFY
from services.reporting import history
from services.reporting.main import SERVICE as REPORTING
from shared import process, stream
from shared.postgres import Conn
from shared.sealed import KeyRing
from shared.testing.school import learn
from shared.testing.web import Issuer, connect, settings_for
from tests.drills.ledger import Ledger
from tests.drills.proxy import KafkaWire, PostgresWire, Proxy
from tests.drills.school import SCHOOLS, TODAY, Teachers

ROOT = Path(__file__).parents[2]
SERVICES = (GRADES, REPORTING, NOTIFY)
NO_TLS = "sslmode=disable&gssencmode=disable"  # the proxy reads what is said
TOPIC = "diary.grades"


class Process:
    """One process of the product: `python -m services <service> <role>`."""

    def __init__(self, name: str, command: Sequence[str], folder: Path, env: dict[str, str]) -> None:
        self.name, self.port = name, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._env = {**os.environ, **env, "DIARY_PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        file = name.replace(" ", "-")
        self._program = command[:-1]  # without the role
        self.child = Child(name, [sys.executable, *command], folder / f"{file}.log", folder / f"{file}.pid")

    def run(self, *arguments: str) -> None:
        """The same program and service with other arguments, until it ends. Raises CalledProcessError."""
        status, said = self.tried(*arguments)
        if status:
            raise subprocess.CalledProcessError(status, arguments, said)

    def tried(self, *arguments: str, typed: str = "", **settings: str) -> tuple[int, str]:
        """The same, whatever becomes of it: its exit status and what it printed. `settings` are other ones for it."""
        command = [sys.executable, *self._program, *arguments]
        done = subprocess.run(
            command, env=self._env | settings, cwd=ROOT, input=typed, capture_output=True, text=True, timeout=60
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def start(self) -> None:
        """Without waiting: several start at once."""
        self.child.start(self._env, ROOT)

    def wait(self) -> None:
        """Until it is ready. Raises NotReady."""
        self.child.wait_until(lambda: self._ready(), seconds=60)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def metric(self, name: str) -> float:
        """The sum of a metric's samples; 0 when there are none. Raises OSError when the process does not answer."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith((name + "{", name + " ")))

    @property
    def pid(self) -> int:
        return self.child.pid

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill_now(self) -> None:
        """SIGKILL without waiting: callable from a proxy's thread, in the middle of a message."""
        os.kill(self.pid, signal.SIGKILL)


class Rig:
    """Servers, databases with the school's facts, and whatever processes a drill starts. Everything ends with it."""

    def __init__(self, folder: Path, seed: int, broken: str = "", direct: bool = False) -> None:
        """`direct`: no proxy stands before Kafka, for measurements."""
        self.folder, self.seed, self.broken, self._direct = folder, seed, broken, direct
        self.chance = random.Random(seed)
        self.began = time.monotonic()
        self.issuer = Issuer()
        self.processes: dict[str, Process] = {}
        self.claims: dict[str, Any] = {}
        """What tokens say otherwise than usual."""
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is not None:
            self.tell_logs()
        self._stack.close()

    def _start(self) -> None:
        self.note(f"seed {self.seed}" + (f", broken on purpose: {self.broken}" if self.broken else ""))
        self.postgres_proxy = self._stack.enter_context(Proxy(lambda: self.postgres.port, PostgresWire))
        self.kafka_proxy = self._stack.enter_context(Proxy(lambda: self.kafka.port, KafkaWire))
        self.kafka = Kafka(self.folder / "kafka", advertised_port=None if self._direct else self.kafka_proxy.port)
        starting = threading.Thread(target=self.kafka.start)
        starting.start()  # Java takes its time: meanwhile PostgreSQL
        self.postgres = self._stack.enter_context(Postgres(self.folder / "postgres"))
        starting.join()
        self._stack.callback(self.kafka.stop, seconds=1)
        keys = self._stack.enter_context(_Keys(self.issuer))
        self.settings = settings_for(
            self.postgres, kafka=self.kafka.bootstrap, token_keys=keys.url, school_today=TODAY,
            audit_folder=str(self.folder / "audit"), audit_key=new_audit_key(),
        )  # fmt: skip
        self._make_databases()
        self.ledger = Ledger(self.headers)
        self._stack.callback(self.ledger.close)

    def _make_databases(self) -> None:
        for service in SERVICES:
            process.migrate(service, self.settings, create=True)
            facts = [event for school in SCHOOLS for event in school.roster()]
            learn(self.settings, service, facts)
            learn(self.settings, service, [e for school in SCHOOLS for e in school.lessons()], "lessons")
        for table in history.TABLES:  # those facts are on no topic: no rebuild would find them
            self.tell("reporting", f"DELETE FROM {table}")
        stream.topics.ensure(self.settings)

    def headers(self, person: UUID) -> dict[str, str]:
        token = self.issuer.token(person, **self.claims)
        return {"Authorization": f"Bearer {token}", "Accept-Language": "en"}

    def note(self, what: str) -> None:
        """One line of the time line."""
        print(f"  {time.monotonic() - self.began:6.2f} s  {what}", flush=True)

    # processes

    def process(
        self,
        service: str,
        role: str,
        name: str = "",
        proxied: bool = False,
        module: str = "",
        settings: Mapping[str, str] | None = None,
    ) -> Process:
        """A process that is not started yet; `proxied`: it reaches PostgreSQL through the proxy (Kafka all do).

        `settings` are further variables of its environment.
        """
        port = self.postgres_proxy.port if proxied else self.postgres.port
        env = {
            "DIARY_ENVIRONMENT": "test",
            "DIARY_POSTGRES": f"postgresql://127.0.0.1:{port}?{NO_TLS}",
            "DIARY_POSTGRES_PASSWORD": self.settings.postgres_password.get_secret_value(),
            "DIARY_KEYRING_MASTER": self.settings.keyring_master.get_secret_value(),
            "DIARY_AUDIT_FOLDER": self.settings.audit_folder,
            "DIARY_AUDIT_KEY": self.settings.audit_key.get_secret_value(),
            "DIARY_KAFKA": self.settings.kafka,
            "DIARY_PUBLIC_URL": self.settings.public_url,
            "DIARY_IDENTITY_URL": self.settings.identity_url,
            "DIARY_TOKEN_KEYS": self.settings.token_keys,
            "DIARY_SCHOOL_TODAY": TODAY.isoformat(),
            "DRILL_BREAK": self.broken,
            **(settings or {}),
        }
        program = module or ("tests.drills.broken" if self.broken else "services")
        made = Process(name or f"{service} {role}", ["-m", program, service, role], self.folder, env)
        self.processes[made.name] = made
        self._stack.callback(made.child.kill)
        return made

    def start(self, *processes: Process) -> None:
        """Start them at once and wait until all are ready."""
        for each in processes:
            each.start()
        for each in processes:
            each.wait()
        self.note(f"ready: {', '.join(each.name for each in processes)}")

    def readers(self) -> list[Process]:
        """The workers of reporting and notify."""
        return [self.process("reporting", "worker"), self.process("notify", "worker")]

    def opened(self) -> None:
        """Wait until a relay has looked the store over and let writers in."""
        asked = "SELECT count(*) FROM opened WHERE server_start = pg_postmaster_start_time()"
        self.until(lambda: self.ask("grades", asked) == [(1,)], 30, "the relay opens the store")

    def keys_for_all(self) -> None:
        """The ring stands on a server of its own in production: without a key nothing could be healed."""
        ring = KeyRing.connect(self.settings)
        for school in SCHOOLS:
            ring.keys([*school.pupils, *school.parents, school.teacher, school.office], create=True)
        ring.close()

    # the standby

    def standby(self) -> Postgres:
        """A streaming standby that has all the primary has. Stop it to let it fall behind."""
        folder = self.folder / "standby"
        self.postgres.copy_to(folder, follows=True)
        made = self._stack.enter_context(Postgres(folder))
        behind = "SELECT count(*) FROM pg_stat_replication WHERE replay_lsn = sent_lsn"
        self.until(lambda: self.ask("grades", behind) == [(1,)], 30, "the standby follows")
        return made

    def fail_over(self) -> None:
        """Kill the primary; the standby, which was stopped, takes its place and its address."""
        port = self.postgres.port
        self.postgres.kill()
        self.postgres = self._stack.enter_context(Postgres(self.folder / "standby", port))
        with psycopg.connect(self.postgres.admin_conninfo, autocommit=True) as conn:
            conn.execute("SELECT pg_promote()")

    def take_over(self, server: Postgres) -> Postgres:
        """Start a server in the place of one that is gone; it ends with the rig."""
        return self._stack.enter_context(server)

    # looking

    def admin(self, service: str) -> Conn:
        """A superuser's connection to a service's database, past the proxy. Close it."""
        return psycopg.connect(self.postgres.conninfo(f"diary_{service}"), autocommit=True)

    def ask(self, service: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows, as a superuser sees them. Raises psycopg.Error while the server is away."""
        with self.admin(service) as conn:
            return conn.execute(query.encode(), values or None).fetchall()

    def tell(self, service: str, statement: str) -> None:
        """A statement without rows, as a superuser."""
        with self.admin(service) as conn:
            conn.execute(statement.encode())

    def as_role(self, service: str, role: str) -> Conn:
        return connect(self.settings, service, role)

    def until(self, true: Callable[[], bool], seconds: float, what: str) -> float:
        """Wait until it is so; how long that took in seconds. Raises AssertionError after the bound."""
        began = time.monotonic()
        while not true():
            if time.monotonic() - began > seconds:
                raise AssertionError(f"not within {seconds:.0f} s: {what}")
            time.sleep(0.02)
        return time.monotonic() - began

    def events(self) -> int:
        """How many the grades store holds."""
        return int(self.ask("grades", "SELECT count(*) FROM events")[0][0])

    def published(self) -> bool:
        """Whether the relay's saved position has reached the end of the store."""
        row = self.ask("grades", "SELECT sequence >= (SELECT coalesce(max(id), 0) FROM events) FROM relayed_upto")
        return bool(row and row[0][0])

    def written(self, api: Process | Sequence[Process], count: int = 40, published: bool = True) -> None:
        """So many events more at least, by teachers; then quiet, and unless told otherwise all of them published."""
        goal, urls = self.events() + count, [each.url for each in ([api] if isinstance(api, Process) else api)]
        with Teachers(self.ledger, lambda: urls, self.chance.randrange(10**6)):
            self.until(lambda: self.events() > goal, 60, "teachers write")
        if published:
            self.until(self.published, 30, "all is published")

    def tell_logs(self) -> None:
        """What each process said last: print it beside a fault."""
        for each in self.processes.values():
            if each.child.log.exists():
                print(f"--- the end of {each.name}'s log\n{each.child.tail(15)}", flush=True)


class _Keys:
    """The issuer's public keys on loopback, as the portal publishes its own."""

    def __init__(self, issuer: Issuer) -> None:
        body = json.dumps({"keys": [issuer.key.as_dict(private=False)]}).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/jwks"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def run(work: Any) -> Any:
    """A coroutine's result, from a drill's own thread."""
    return asyncio.run(work)
