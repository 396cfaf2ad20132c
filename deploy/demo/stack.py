"""PostgreSQL, Kafka and all services, started in order and stopped in reverse; the demo and the tests run the same."""

import json
import os
import random
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.demo.keys import keys
from deploy.embedded.kafka import Kafka
from deploy.embedded.postgres import Postgres
from deploy.embedded.progress import step
from deploy.embedded.supervisor import Child, answers

SERVICES = ("roster", "lessons", "grades", "attendance", "messaging", "notify", "reporting", "identity", "portal")
ROOT = Path(__file__).parents[2]


class Stack:
    """A whole diary in one folder, on free ports. `url` is the one address that browsers need.

    `settings` are further DIARY_… variables. Servers that are given are used and not stopped. `apart`: each role of a
    service is a process of its own, as on Kubernetes, not each service one.
    """

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str],
        servers: tuple[Postgres, Kafka] | None = None,
        port: int | None = None,
        apart: bool = False,
    ) -> None:
        self.folder = folder
        self._settings = dict(settings)
        self._given = servers
        self._port = port
        self._apart = apart
        self._stack = ExitStack()
        self.ports: dict[str, int] = {}
        self.environment: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['portal']}"

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def start(self) -> None:
        """Raises NotReady with the end of the log of what did not start."""
        self.folder.mkdir(parents=True, exist_ok=True)
        postgres, kafka = self._servers()
        self.ports = self._choose_ports()
        self.environment = self._environment(postgres, kafka)
        with step(f"{len(SERVICES)} services"):
            self._start_services()

    def _servers(self) -> tuple[Postgres, Kafka]:
        """Those given, else our own, which start at once: Java takes its time."""
        if self._given:
            return self._given
        with step("PostgreSQL and Kafka"), ThreadPoolExecutor(2) as both:
            postgres = both.submit(self._stack.enter_context, Postgres(self.folder / "postgres"))
            kafka = both.submit(self._stack.enter_context, Kafka(self.folder / "kafka"))
        return postgres.result(), kafka.result()

    def _start_services(self) -> None:
        arguments = [*(["--apart"] if self._apart else []), *(f"{name}={port}" for name, port in self.ports.items())]
        command = [sys.executable, "-m", "deploy.demo.serve", *arguments]
        child = Child("services", command, self.folder / "services.log", self.folder / "services.pid")
        child.start(env={**os.environ, **self.environment, "PYTHONUNBUFFERED": "1"}, cwd=ROOT)
        self._stack.callback(child.stop)
        child.wait_until(lambda: all(_ready(port) for port in self.ports.values()), seconds=300)

    def _choose_ports(self) -> dict[str, int]:
        """The ports of the last start where they are still free, so that bookmarks keep working."""
        file = self.folder / "ports.json"
        last = json.loads(file.read_text()) if file.exists() else {}
        if self._port:
            last["portal"] = self._port
        ports: dict[str, int] = {}
        for name in SERVICES:
            kept = last.get(name)
            ports[name] = kept if kept and kept not in ports.values() and not answers(kept) else _quiet_port()
        file.write_text(json.dumps(ports))
        return ports

    def _environment(self, postgres: Postgres, kafka: Kafka) -> dict[str, str]:
        addresses = ",".join(f"{name}=http://127.0.0.1:{port}" for name, port in self.ports.items())
        portal, identity = (f"http://127.0.0.1:{self.ports[name]}" for name in ("portal", "identity"))
        return {
            **keys(self.folder),
            "DIARY_ENVIRONMENT": "demo",
            "DIARY_POSTGRES": f"postgresql://{postgres.host}:{postgres.port}",
            "DIARY_POSTGRES_ADMIN": postgres.admin_conninfo,
            "DIARY_KAFKA": kafka.bootstrap,
            "DIARY_AUDIT_FOLDER": str(self.folder.resolve() / "audit"),
            "DIARY_PUBLIC_URL": portal,
            "DIARY_IDENTITY_URL": f"{portal}/identity",
            "DIARY_TOKEN_KEYS": f"{portal}/auth/jwks,{identity}/jwks",
            "DIARY_SERVICES": addresses,
            **self._settings,
        }


def _quiet_port() -> int:
    """A free port that nobody is given by chance while the services start: below the kernel's range for connections."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
